"""The trail behind the dossier: moments, mails, files, journal, and how to check them."""

from collections.abc import Iterator
from datetime import datetime

from breachdesk.documents.content import (
    Block,
    Column,
    ColumnStyle,
    Entries,
    Entry,
    Event,
    Paragraph,
    Section,
    Table,
    Timeline,
    Tone,
)
from breachdesk.documents.voice import DASH, Voice
from breachdesk.domain.case_record import CASE_RECORD_FORMAT, CaseRecord, JournalRecord
from breachdesk.domain.deadlines import KEPT_BY, StopReason
from breachdesk.domain.dossier_files import CASE_NAME
from breachdesk.domain.facts import FactState
from breachdesk.domain.regimes import GDPR_ART_33, PROVISIONAL
from breachdesk.domain.reminders import ReminderKind
from breachdesk.wording import labels
from breachdesk.wording.journal import journal_line

_KIB = 1024
# 10,000 rows take 26 s and 1.2 GB to typeset; a case must print on a small machine too.
PRINTED_JOURNAL_LINES = 2000

# Told by the ledger of reminders: see `reminder_section`.
OF_THE_LEDGER = frozenset({kind.value for kind in ReminderKind})

Moment = tuple[datetime, Event]


def timeline(record: CaseRecord, voice: Voice) -> Section:
    """The moments that carry the case, in order of time."""
    moments = [
        *_incident_moments(record, voice),
        *_judged_moments(record, voice),
        *_told_moments(record, voice),
    ]
    # Sorted by instant alone: moments of the same minute stay in the order of the case.
    ordered = sorted(moments, key=lambda moment: moment[0])
    events = tuple(event for _, event in ordered)
    return Section(voice.text("Chronologie"), (Timeline(events),))


def _moment(
    instant: datetime,
    text: str,
    voice: Voice,
    who: str = "",
    *,
    marked: bool = False,
    tone: Tone = Tone.PLAIN,
) -> Moment:
    return instant, Event(voice.short(instant), text, who, tone, marked)


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
            yield _moment(datetime.fromisoformat(str(fact.value)), text, voice)
    opened_by = voice.author(record.opened_by)
    yield _moment(record.opened_at, voice.text("Incident ouvert"), voice, opened_by)
    # A clock started again at the same awareness has the same moments: each is told once.
    spans = {
        (clock.started_at, clock.due_at): None
        for clock in record.clocks
        if clock.regime == GDPR_ART_33 and clock.stop_reason != StopReason.CORRECTED
    }
    for started_at, due_at in spans:
        aware = voice.text("Prise de connaissance : les 72 heures commencent")
        yield _moment(started_at, aware, voice, marked=True)
        if due_at is not None:
            yield _moment(due_at, voice.text("Échéance des 72 heures"), voice, marked=True)
    yield from _other_clock_moments(record, voice)


def _other_clock_moments(record: CaseRecord, voice: Voice) -> Iterator[Moment]:
    """Of the clocks beside the 72 hours: until when they ran, and when they were answered."""
    for clock in record.clocks:
        if clock.regime in (GDPR_ART_33, PROVISIONAL) or clock.stop_reason == StopReason.CORRECTED:
            continue
        name = labels.regime_label(clock.regime, voice.wording)
        if clock.due_at is not None:
            yield _moment(clock.due_at, voice.text("Échéance : %(name)s", name=name), voice)
        if clock.stopped_at is not None and clock.stop_reason in KEPT_BY:
            is_late = clock.due_at is not None and clock.stopped_at > clock.due_at
            done = (
                voice.text("Fait en retard : %(name)s", name=name)
                if is_late
                else voice.text("Fait : %(name)s", name=name)
            )
            tone = Tone.LATE if is_late else Tone.PLAIN
            yield _moment(clock.stopped_at, done, voice, clock.stopped_by, tone=tone)


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
        yield _moment(qualified.at, verdict, voice, qualified.by)
    for assessed in record.assessments:
        text = voice.text(
            "Évaluation n° %(version)s : %(risk)s",
            version=assessed.version,
            risk=labels.risk_label(str(assessed.result.get("risk")), voice.wording).lower(),
        )
        yield _moment(assessed.made_at, text, voice, assessed.made_by)
    for signed in record.decisions:
        yield _moment(signed.advised_at, voice.text("Avis rendu"), voice, signed.advised_by)
        decided = (
            voice.text("Décision signée : notifier")
            if signed.decided_notify
            else voice.text("Décision signée : ne pas notifier")
        )
        yield _moment(signed.decided_at, decided, voice, signed.decided_by, marked=True)
    for again in record.reopenings:
        taken_up = voice.text("Décision de ne pas notifier reprise : l’horloge repart")
        yield _moment(again.at, taken_up, voice, again.by, marked=True)


def _told_moments(record: CaseRecord, voice: Voice) -> Iterator[Moment]:
    for phase in record.phases:
        kind = labels.notification_kind_label(phase.kind, voice.wording)
        filed = voice.text("%(kind)s déposée (%(where)s)", kind=kind, where=phase.authority)
        if phase.was_late:
            filed = voice.text("%(filed)s, en retard", filed=filed)
        tone = Tone.LATE if phase.was_late else Tone.PLAIN
        yield _moment(phase.filed_at, filed, voice, phase.recorded_by, marked=True, tone=tone)
    for notice in record.notices:
        if notice.first_sent_at:
            sent = voice.text("Premiers messages aux personnes concernées")
            yield _moment(notice.first_sent_at, sent, voice, marked=True)
    yield _moment(record.made_at, voice.text("Ce dossier établi"), voice, record.made_by)


def mails(record: CaseRecord, voice: Voice) -> Section:
    """Every mail to one of our own people: receipts, alerts, reminders, escalations.

    Where the ledger tells of the reminders with who has read them, they are left out here.
    """
    title = voice.text("Alertes, rappels et escalades")
    mails = record.reminders
    if record.ledger.lines:
        title = voice.text("Accusés, alertes et autres messages")
        mails = tuple(mail for mail in mails if mail.kind not in OF_THE_LEDGER)
    if not mails:
        return Section(title, (Paragraph(voice.text("Aucun message."), Tone.MUTED),))
    columns = (
        Column(voice.text("Prévu"), 2.1),
        Column(voice.text("Message"), 2.6),
        Column(voice.text("À"), 3),
        Column(voice.text("Envoyé"), 2.1),
        Column(voice.text("État et réponse du serveur"), 3.6),
    )
    rows = tuple(
        (
            voice.short(mail.planned_at),
            labels.mail_kind_label(mail.kind, voice.wording),
            _addressee(mail.to, mail.roles, voice),
            voice.short(mail.sent_at),
            ". ".join(
                part
                for part in (labels.delivery_state_label(mail.state, voice.wording), mail.answer)
                if part
            ),
        )
        for mail in mails
    )
    return Section(title, (Table(columns, rows),))


def _addressee(name: str, roles: tuple[str, ...], voice: Voice) -> str:
    said = ", ".join(labels.role_label(role, voice.wording) for role in roles)
    return f"{name} ({said})" if said else name


def attachments(record: CaseRecord, voice: Voice) -> Section:
    """The files of the case, each with the hash that identifies it."""
    title = voice.text("Pièces jointes")
    if not record.attachments:
        return Section(title, (Paragraph(voice.text("Aucune pièce jointe."), Tone.MUTED),))
    columns = (
        Column(voice.text("Fichier"), 3.2),
        Column(voice.text("Taille"), 1.3, ColumnStyle.NUMBER),
        Column(voice.text("Ajouté"), 2.4),
        Column("SHA-256", 5, ColumnStyle.CODE),
    )
    rows = tuple(
        (
            f"{file.name}\n{file.media_type}",
            voice.text("%(size)s Ko", size=voice.count(max(1, round(file.size / _KIB)))),
            f"{voice.author(file.added_by)}, {voice.short(file.added_at)}",
            file.sha256,
        )
        for file in record.attachments
    )
    return Section(title, (Table(columns, rows),))


def journal(record: CaseRecord, voice: Voice) -> Section:
    """Who did what, when, why: every line, each bound to the one before."""
    columns = (
        Column(voice.text("N°"), 0.8, ColumnStyle.NUMBER),
        Column(voice.text("Quand"), 2.2),
        Column(voice.text("Qui"), 2),
        Column(voice.text("Quoi, et pourquoi"), 6),
        Column(voice.text("Empreinte"), 1.8, ColumnStyle.CODE),
    )
    rows = tuple(
        (
            str(line.sequence),
            voice.short(line.at),
            _actor(line, voice),
            _what(line.code, dict(line.parameters), line.reason, voice),
            line.hash[:12],
        )
        for line in _printed_lines(record.journal)
    )
    blocks: list[Block] = [Paragraph(_intro(len(record.journal), voice), Tone.MUTED)]
    if rows:
        blocks.append(Table(columns, rows))
    return Section(voice.text("Journal"), tuple(blocks))


def _actor(line: JournalRecord, voice: Voice) -> str:
    """Who acted: a line that names a channel is by somebody without an account."""
    return voice.by(line.actor or (voice.outsider if "channel" in line.parameters else ""))


def _printed_lines(lines: tuple[JournalRecord, ...]) -> tuple[JournalRecord, ...]:
    """All of them, or of a very long journal its beginning and its end."""
    if len(lines) <= PRINTED_JOURNAL_LINES:
        return lines
    half = PRINTED_JOURNAL_LINES // 2
    return lines[:half] + lines[-half:]


def _intro(lines: int, voice: Voice) -> str:
    chained = voice.text(
        "Chaque ligne porte une empreinte calculée sur son contenu et sur l’empreinte de la ligne "
        "précédente. Les empreintes entières sont dans les données jointes."
    )
    if lines <= PRINTED_JOURNAL_LINES:
        return chained
    shortened = voice.text(
        "Ce journal compte %(lines)s lignes : les %(half)s premières et les %(half)s dernières "
        "sont imprimées, toutes sont dans les données jointes.",
        lines=voice.count(lines),
        half=voice.count(PRINTED_JOURNAL_LINES // 2),
    )
    return f"{shortened} {chained}"


def _what(code: str, parameters: dict[str, object], reason: str, voice: Voice) -> str:
    said = journal_line(code, parameters, voice.wording, voice.timezone)
    if not reason:
        return said
    return f"{said}\n{voice.text('Motif : %(reason)s', reason=reason)}"


def checking(record: CaseRecord, voice: Voice) -> Section:
    """How to check that this dossier is what was kept, and that nothing changed since."""
    last = record.journal[-1].hash if record.journal else DASH
    entries = (
        Entry(
            voice.text("Ce fichier"),
            voice.text(
                "Le journal de l’affaire garde l’empreinte SHA-256 de ce PDF, à la ligne qui suit "
                "la dernière imprimée ici. Calculez l’empreinte du fichier que vous avez "
                "(sha256sum, ou Get-FileHash sous Windows) et comparez."
            ),
        ),
        Entry(
            voice.text("Les données jointes"),
            voice.text(
                "Le fichier %(name)s, joint à ce PDF, contient toute l’affaire au format "
                "%(format)s, avec les textes tels qu’ils ont été saisis. Un caractère qui ne peut "
                "être imprimé figure ici par son code, comme ⟨U+0007⟩.",
                name=CASE_NAME,
                format=CASE_RECORD_FORMAT,
            ),
        ),
        Entry(voice.text("Dernière empreinte du journal imprimé"), last),
        Entry(
            voice.text("Pièces jointes"),
            voice.text(
                "Elles ne sont pas dans ce PDF : demandez-les, puis comparez l’empreinte SHA-256 "
                "de chacune à celle qui figure plus haut."
            ),
        ),
        Entry(
            voice.text("Format"),
            voice.text("PDF/A-3a (ISO 19005-3) et PDF/UA-1 (ISO 14289-1)."),
        ),
    )
    return Section(voice.text("Vérifier ce dossier"), (Entries(entries),))
