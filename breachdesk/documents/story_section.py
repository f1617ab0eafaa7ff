"""The story of a case: its moments in order of time, as a picture and as a list."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from breachdesk.documents.clock_state import art_33_clock
from breachdesk.documents.content import Event, Section, Timeline, Tone
from breachdesk.documents.drawing import Sign
from breachdesk.documents.timeline_drawing import Band, DrawnMoment, draw_timeline
from breachdesk.documents.voice import Voice
from breachdesk.domain.case_record import CaseRecord
from breachdesk.domain.deadlines import KEPT_BY, StopReason
from breachdesk.domain.facts import FactState
from breachdesk.domain.regimes import GDPR_ART_33, PROVISIONAL
from breachdesk.wording import labels

# A silence longer than this is said between two moments.
LONG_SILENCE = timedelta(hours=24)


@dataclass(frozen=True)
class Moment:
    """One moment, and how it is named in the picture where it `is_key`."""

    at: datetime
    text: str
    who: str = ""
    tone: Tone = Tone.PLAIN
    is_key: bool = False
    short: str = ""
    sign: Sign = Sign.RING


def timeline(record: CaseRecord, voice: Voice) -> Section:
    """The moments that carry the case, in order of time."""
    told = [
        *_incident_moments(record, voice),
        *_judged_moments(record, voice),
        *_told_moments(record, voice),
    ]
    # Sorted by instant alone: moments of the same minute stay in the order of the case.
    moments = sorted(told, key=lambda moment: moment.at)
    drawn = [DrawnMoment(moment.at, moment.short, moment.is_key, moment.sign) for moment in moments]
    picture = draw_timeline(drawn, _band(record), voice)
    return Section(voice.text("Chronologie"), (picture, Timeline(_events(moments, voice))))


def _band(record: CaseRecord) -> Band | None:
    """The 72 hours, where they were counted."""
    clock = art_33_clock(record)
    if clock is None or clock.due_at is None:
        return None
    return Band(clock.started_at, clock.due_at, clock.stopped_at, record.made_at)


def _events(moments: list[Moment], voice: Voice) -> tuple[Event, ...]:
    before = [None, *(moment.at for moment in moments)]
    return tuple(
        Event(
            number=str(number),
            when=voice.short(moment.at),
            text=moment.text,
            who=moment.who,
            tone=moment.tone,
            marked=moment.is_key,
            gap=_silence(moment.at - earlier, voice) if earlier else "",
        )
        for number, (moment, earlier) in enumerate(zip(moments, before, strict=False), 1)
    )


def _silence(length: timedelta, voice: Voice) -> str:
    if length < LONG_SILENCE:
        return ""
    return voice.text("%(span)s plus tard", span=voice.span(length))


def _incident_moments(record: CaseRecord, voice: Voice) -> Iterator[Moment]:
    said = {
        "occurred_from": voice.text("Début de la violation"),
        "occurred_until": voice.text("Fin de la violation"),
        "noticed_at": voice.text("Premier constat"),
    }
    for fact in record.facts:
        if fact.key in said and fact.value:
            text = said[fact.key]
            if fact.state == FactState.ESTIMATED:
                text = f"{text} ({labels.state_label(fact.state, voice.wording).lower()})"
            at = datetime.fromisoformat(str(fact.value))
            yield Moment(at, text, is_key=fact.key != "noticed_at", short=said[fact.key])
    opened_by = voice.author(record.opened_by)
    opened = voice.text("Incident ouvert")
    yield Moment(record.opened_at, opened, opened_by, short=opened)
    # A clock started again at the same awareness has the same moments: each is told once.
    spans = {
        (clock.started_at, clock.due_at): None
        for clock in record.clocks
        if clock.regime == GDPR_ART_33 and clock.stop_reason != StopReason.CORRECTED
    }
    for started_at, due_at in spans:
        aware = voice.text("Prise de connaissance : les 72 heures commencent")
        known = voice.text("Prise de connaissance")
        yield Moment(started_at, aware, is_key=True, short=known, sign=Sign.DOT)
        if due_at is not None:
            due = voice.text("Échéance des 72 heures")
            ends = voice.text("Échéance")
            yield Moment(due_at, due, is_key=True, short=ends, sign=Sign.DOT)
    yield from _other_clock_moments(record, voice)


def _other_clock_moments(record: CaseRecord, voice: Voice) -> Iterator[Moment]:
    """Of the clocks beside the 72 hours: until when they ran, and when they were answered."""
    for clock in record.clocks:
        if clock.regime in (GDPR_ART_33, PROVISIONAL) or clock.stop_reason == StopReason.CORRECTED:
            continue
        name = labels.regime_label(clock.regime, voice.wording)
        if clock.due_at is not None:
            yield Moment(clock.due_at, voice.text("Échéance : %(name)s", name=name))
        if clock.stopped_at is not None and clock.stop_reason in KEPT_BY:
            is_late = clock.due_at is not None and clock.stopped_at > clock.due_at
            done = (
                voice.text("Fait en retard : %(name)s", name=name)
                if is_late
                else voice.text("Fait : %(name)s", name=name)
            )
            tone = Tone.LATE if is_late else Tone.PLAIN
            yield Moment(clock.stopped_at, done, clock.stopped_by, tone)


def _judged_moments(record: CaseRecord, voice: Voice) -> Iterator[Moment]:
    is_breach_already = False
    for qualified in record.qualifications:
        verdict = (
            voice.text("Prise de connaissance corrigée")
            if qualified.is_breach and is_breach_already
            else voice.text("Qualifié de violation")
            if qualified.is_breach
            else voice.text("Écarté : pas une violation")
        )
        is_breach_already = is_breach_already or qualified.is_breach
        yield Moment(qualified.at, verdict, qualified.by)
    for assessed in record.assessments:
        text = voice.text(
            "Évaluation n° %(version)s : %(risk)s",
            version=assessed.version,
            risk=labels.risk_label(str(assessed.result.get("risk")), voice.wording).lower(),
        )
        yield Moment(assessed.made_at, text, assessed.made_by)
    for signed in record.decisions:
        yield Moment(signed.advised_at, voice.text("Avis rendu"), signed.advised_by)
        decided = (
            voice.text("Décision signée : notifier")
            if signed.decided_notify
            else voice.text("Décision signée : ne pas notifier")
        )
        short = voice.text("Décision signée")
        yield Moment(
            signed.decided_at,
            decided,
            signed.decided_by,
            is_key=True,
            short=short,
            sign=Sign.DOT,
        )
    for again in record.reopenings:
        taken_up = voice.text("Décision de ne pas notifier reprise : le délai repart")
        short = voice.text("Décision reprise")
        yield Moment(again.at, taken_up, again.by, is_key=True, short=short, sign=Sign.DOT)


def _told_moments(record: CaseRecord, voice: Voice) -> Iterator[Moment]:
    for phase in record.phases:
        kind = labels.notification_kind_label(phase.kind, voice.wording)
        filed = voice.text("%(kind)s déposée (%(where)s)", kind=kind, where=phase.authority)
        if phase.was_late:
            filed = voice.text("%(filed)s, en retard", filed=filed)
        yield Moment(
            phase.filed_at,
            filed,
            phase.recorded_by,
            Tone.LATE if phase.was_late else Tone.PLAIN,
            is_key=True,
            short=kind,
            sign=Sign.DIAMOND,
        )
    for notice in record.notices:
        if notice.first_sent_at:
            sent = voice.text("Premiers messages aux personnes concernées")
            short = voice.text("Messages aux personnes")
            if notice.stayed_here:
                sent = voice.text("Premiers messages aux personnes, retenus ici (exemple)")
                short = voice.text("Messages retenus ici")
            yield Moment(notice.first_sent_at, sent, is_key=True, short=short, sign=Sign.DOT)
    made = voice.text("Ce dossier établi")
    yield Moment(record.made_at, made, record.made_by, short=made)
