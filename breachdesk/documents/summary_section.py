"""The first page: what an inspector must know before reading on, each line with its source."""

from datetime import datetime

from breachdesk.documents.case_sections import origin_of, removed_here
from breachdesk.documents.clock_state import deadline_entry, deadline_gauge
from breachdesk.documents.content import Entry, Summary, Tone
from breachdesk.documents.knowledge_section import fact_names
from breachdesk.documents.voice import Voice, entries_with_text
from breachdesk.domain.case_record import CaseRecord, FactRecord, PhaseRecord
from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.facts import FactState
from breachdesk.domain.lifecycle import Communicate, FilingProgress, filing_progress
from breachdesk.domain.regimes import GDPR_FOLLOW_UP
from breachdesk.wording import labels

# The lead of the summary is a reminder of the story, not the story.
LONGEST_LEAD = 420
# Of many filings, the first and the latest.
FILINGS_SHOWN = 3


def summary_of(record: CaseRecord, voice: Voice) -> Summary:
    """When, how many, which data, the risk, the decision, the deadline, who was told."""
    facts = {fact.key: fact for fact in record.facts}
    entries = [
        Entry(
            voice.text("Quand"),
            _when(record, facts, voice),
            origin=_origin(facts, "occurred_from", voice) or _origin(facts, "noticed_at", voice),
        ),
        Entry(
            voice.text("Combien de personnes"),
            _how_many(record, facts, voice),
            origin=_origin(facts, "n_subjects", voice),
        ),
        Entry(
            voice.text("Quelles données"),
            _value(record, facts, "data", voice),
            origin=_origin(facts, "data", voice),
        ),
        _verdict(record, voice),
        _decision(record, voice),
        deadline_entry(record, voice),
        _filed(record, voice),
        Entry(voice.text("Personnes informées"), _told(record, voice)),
        _still_unknown(record, voice),
    ]
    return Summary(
        lead=_lead(facts.get("description"), record.title),
        entries=entries_with_text(entries),
        gauge=deadline_gauge(record, voice),
    )


def _lead(description: FactRecord | None, title: str) -> str:
    """How the story begins; nothing where the title above says it already."""
    text = str(description.value or "") if description else ""
    first = text.strip().split("\n", 1)[0].strip()
    if first == title:
        return ""
    if len(first) <= LONGEST_LEAD:
        return first
    return first[:LONGEST_LEAD].rsplit(" ", 1)[0].rstrip(" ,;:") + " […]"


def _value(record: CaseRecord, facts: dict[str, FactRecord], key: str, voice: Voice) -> str:
    """A fact in words with its state, where that is not simply known."""
    fact = facts.get(key)
    if fact is None:
        if record.is_removed(f"facts/{key}"):
            return removed_here(voice)
        return labels.state_label(FactState.NOT_ASKED, voice.wording)
    state = labels.state_label(fact.state, voice.wording)
    if fact.state not in (FactState.KNOWN, FactState.ESTIMATED):
        return state
    said = labels.value_text(fact.key, fact.value, voice.wording, voice.timezone)
    return said if fact.state == FactState.KNOWN else f"{said} ({state.lower()})"


def _origin(facts: dict[str, FactRecord], key: str, voice: Voice) -> str:
    return origin_of(facts[key], voice) if key in facts else ""


def _when(record: CaseRecord, facts: dict[str, FactRecord], voice: Voice) -> str:
    begun, ended, noticed = (
        _value(record, facts, key, voice)
        for key in ("occurred_from", "occurred_until", "noticed_at")
    )
    parts = [
        voice.text("Début : %(value)s.", value=begun),
        voice.text("Fin : %(value)s.", value=ended),
        voice.text("Constatée : %(value)s.", value=noticed),
    ]
    return "\n".join(parts)


def _how_many(record: CaseRecord, facts: dict[str, FactRecord], voice: Voice) -> str:
    said = _value(record, facts, "n_subjects", voice)
    who = facts.get("data_subjects")
    if who is None or not who.value:
        return said
    return f"{said} · {_value(record, facts, 'data_subjects', voice)}"


def _verdict(record: CaseRecord, voice: Voice) -> Entry:
    label = voice.text("Risque pour les personnes")
    qualified = record.qualifications[-1] if record.qualifications else None
    if qualified is not None and not qualified.is_breach:
        said = voice.text("Incident écarté : ce n’est pas une violation.")
        origin = f"{qualified.by}, {voice.short(qualified.at)}"
        return Entry(label, said, Tone.GOOD, origin)
    if not record.assessments:
        return Entry(label, voice.text("Pas encore évalué."), Tone.WARNING)
    latest = record.assessments[-1]
    said = labels.risk_label(str(latest.result.get("risk", "undetermined")), voice.wording)
    origin = voice.text(
        "Évaluation n° %(version)s – %(who)s, %(moment)s",
        version=latest.version,
        who=latest.made_by,
        moment=voice.short(latest.made_at),
    )
    grave = latest.result.get("risk") in ("high_risk", "undetermined")
    return Entry(label, said, Tone.WARNING if grave else Tone.PLAIN, origin)


def _decision(record: CaseRecord, voice: Voice) -> Entry:
    label = voice.text("Décision")
    if not record.decisions:
        return Entry(label, voice.text("Aucune décision signée."), Tone.WARNING)
    signed = record.decisions[-1]
    notify = (
        voice.text("Notifier la CNIL.")
        if signed.decided_notify
        else voice.text("Ne pas notifier la CNIL.")
    )
    communicate = {
        Communicate.OWED: voice.text("Informer les personnes, comme la loi l’exige."),
        Communicate.VOLUNTARY: voice.text("Informer les personnes, volontairement."),
        Communicate.NONE: voice.text("Ne pas informer les personnes."),
    }[Communicate(signed.decided_communicate)]
    by = voice.text(
        "Signée par %(who)s le %(moment)s.",
        who=signed.decided_by,
        moment=voice.when(signed.decided_at),
    )
    if any(each.decision == len(record.decisions) for each in record.reopenings):
        by = voice.text("%(by)s Reprise depuis : la question se pose de nouveau.", by=by)
    return Entry(label, f"{notify} {communicate}", origin=by)


def _filed(record: CaseRecord, voice: Voice) -> Entry:
    """What the authority was told last, when it was told first, and what is owed to it still."""
    label = voice.text("Autorité")
    if not record.phases:
        return Entry(label, voice.text("Aucun dépôt enregistré."))
    owed, tone = _owed(record, voice)
    said = [_filing(phase, voice) for phase in record.phases]
    if len(said) > FILINGS_SHOWN:
        said = [said[0], "[…]", said[-1]]
    return Entry(label, "\n".join(filter(None, (*said, owed))), tone)


def _owed(record: CaseRecord, voice: Voice) -> tuple[str, Tone]:
    """What is still owed to the authority after the last filing; empty where nothing is."""
    last, signed = record.phases[-1], record.decisions[-1] if record.decisions else None
    progress = filing_progress(
        last.kind,
        is_complete=last.is_complete,
        recorded_at=last.recorded_at,
        settled_at=_follow_up_settled_at(record),
        notify_signed_at=signed.decided_at if signed and signed.decided_notify else None,
    )
    if progress is FilingProgress.TO_COMPLETE:
        return voice.text("Incomplète : un complément est dû (RGPD, art. 33(4))."), Tone.WARNING
    if progress is FilingProgress.TO_FILE_AGAIN:
        again = voice.text("La décision signée depuis demande de notifier de nouveau.")
        return again, Tone.WARNING
    if progress is not FilingProgress.WITHDRAWN:
        return "", Tone.PLAIN
    if signed is not None and not signed.decided_notify:
        said = voice.text("Il est décidé de ne pas notifier : plus rien n’est à déposer.")
        return said, Tone.PLAIN
    return voice.text("Plus rien n’est à déposer, sauf nouvelle décision de notifier."), Tone.PLAIN


def _follow_up_settled_at(record: CaseRecord) -> datetime | None:
    """When somebody last said that no follow-up is owed, of its clock or without one."""
    said = (StopReason.DONE, StopReason.NOT_OWED)
    stopped = [
        clock.stopped_at
        for clock in record.clocks
        if clock.regime == GDPR_FOLLOW_UP and clock.stop_reason in said and clock.stopped_at
    ]
    refused = [each.at for each in record.refusals if each.regime == GDPR_FOLLOW_UP]
    return max((*stopped, *refused), default=None)


def _filing(phase: PhaseRecord, voice: Voice) -> str:
    said = voice.text(
        "%(kind)s (%(where)s), le %(moment)s",
        kind=labels.notification_kind_label(phase.kind, voice.wording),
        where=phase.authority,
        moment=voice.short(phase.filed_at),
    )
    if not phase.number:
        return f"{said}."
    return voice.text("%(filing)s, n° %(number)s.", filing=said, number=phase.number)


def _told(record: CaseRecord, voice: Voice) -> str:
    total = sum(sum(notice.deliveries.values()) for notice in record.notices)
    sent = sum(notice.outcomes.get("sent", 0) for notice in record.notices)
    first = [notice.first_sent_at for notice in record.notices if notice.first_sent_at]
    if not total or not first:
        return ""
    kept = sum(notice.kept_here for notice in record.notices)
    if kept and not sent:
        return voice.text(
            "Aucune : %(kept)s messages sur %(total)s retenus ici (organisation d’exemple), "
            "à partir du %(moment)s.",
            kept=voice.count(kept),
            total=voice.count(total),
            moment=voice.when(min(first)),
        )
    return voice.text(
        "%(sent)s messages remis sur %(total)s, à partir du %(moment)s.",
        sent=voice.count(sent),
        total=voice.count(total),
        moment=voice.when(min(first)),
    )


def _still_unknown(record: CaseRecord, voice: Voice) -> Entry:
    unknown = [fact for fact in record.facts if fact.state == FactState.NOT_KNOWN_YET]
    names = fact_names([fact.key for fact in unknown], voice)
    return Entry(voice.text("Encore inconnu"), names, Tone.WARNING if names else Tone.PLAIN)
