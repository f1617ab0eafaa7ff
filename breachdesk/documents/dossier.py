"""The dossier of a case: what was known, decided, notified and said, laid out to be read.

A pure function of the `CaseRecord` and a language. The order is an inspector's: the
summary first, then what each line of it rests on, and the trail behind.
"""

from breachdesk.documents import (
    assessment_section,
    case_sections,
    decision_section,
    exchange_sections,
    filing_sections,
    reminder_section,
    trail_sections,
)
from breachdesk.documents.clock_state import deadline_entry, deadline_gauge
from breachdesk.documents.content import DossierContent, Entry, Frame, Section, Summary, Tone
from breachdesk.documents.voice import Voice, entries_with_text, voice_of
from breachdesk.domain.case_record import CaseRecord, FactRecord
from breachdesk.domain.facts import FactState
from breachdesk.domain.lifecycle import Communicate
from breachdesk.wording import Wording, labels

# The lead of the summary is a reminder of the story, not the story.
LONGEST_LEAD = 420


def lay_out_dossier(record: CaseRecord, wording: Wording) -> DossierContent:
    """Lay out the dossier of a case in a language; the same record gives the same content."""
    voice = voice_of(record, wording)
    return DossierContent(
        locale=wording.locale,
        title=voice.text(
            "Dossier %(reference)s – %(title)s", reference=record.reference, title=record.title
        ),
        heading=record.title or record.reference,
        frame=_frame(record, voice),
        summary=_summary(record, voice),
        sections=(
            trail_sections.timeline(record, voice),
            case_sections.facts(record, voice),
            case_sections.clocks(record, voice),
            assessment_section.assessments(record, voice),
            decision_section.decisions(record, voice),
            case_sections.measures(record, voice),
            filing_sections.notification(record, voice),
            filing_sections.filings(record, voice),
            filing_sections.communications(record, voice),
            *exchange_sections.exchange(record, voice),
            *_reminders(record, voice),
            trail_sections.mails(record, voice),
            trail_sections.attachments(record, voice),
            trail_sections.journal(record, voice),
            trail_sections.checking(record, voice),
        ),
    )


def _reminders(record: CaseRecord, voice: Voice) -> tuple[Section, ...]:
    return (reminder_section.reminders(record.ledger, voice),) if record.ledger.lines else ()


def _frame(record: CaseRecord, voice: Voice) -> Frame:
    return Frame(
        kicker=voice.text("Violation de données personnelles – dossier"),
        organisation=record.organisation.name,
        reference=record.reference,
        number=voice.text("Dossier n° %(number)s", number=record.dossier_number),
        made=voice.text(
            "Établi le %(moment)s par %(who)s",
            moment=voice.when(record.made_at, zone=True),
            who=record.made_by,
        ),
        confidential=voice.text("Confidentiel"),
        page=voice.text("Page {page} sur {pages}"),
        contents=voice.text("Sommaire"),
    )


def _summary(record: CaseRecord, voice: Voice) -> Summary:
    facts = {fact.key: fact for fact in record.facts}
    entries = [
        Entry(voice.text("Quand"), _when(facts, voice)),
        Entry(voice.text("Combien de personnes"), _how_many(facts, voice)),
        Entry(voice.text("Quelles données"), _value(facts.get("data"), voice)),
        _verdict(record, voice),
        Entry(voice.text("Décision"), _decision(record, voice)),
        deadline_entry(record, voice),
        Entry(voice.text("Personnes informées"), _told(record, voice)),
        _still_unknown(record, voice),
    ]
    return Summary(
        lead=_lead(facts.get("description")),
        entries=entries_with_text(entries),
        gauge=deadline_gauge(record, voice),
    )


def _lead(description: FactRecord | None) -> str:
    text = str(description.value or "") if description else ""
    first = text.strip().split("\n", 1)[0].strip()
    if len(first) <= LONGEST_LEAD:
        return first
    return first[:LONGEST_LEAD].rsplit(" ", 1)[0].rstrip(" ,;:") + " […]"


def _value(fact: FactRecord | None, voice: Voice) -> str:
    """A fact in words with its state, where that is not simply known."""
    if fact is None:
        return labels.state_label(FactState.NOT_ASKED, voice.wording)
    state = labels.state_label(fact.state, voice.wording)
    if fact.state not in (FactState.KNOWN, FactState.ESTIMATED):
        return state
    said = labels.value_text(fact.key, fact.value, voice.wording, voice.timezone)
    return said if fact.state == FactState.KNOWN else f"{said} ({state.lower()})"


def _when(facts: dict[str, FactRecord], voice: Voice) -> str:
    parts = [
        voice.text("Début : %(value)s.", value=_value(facts.get("occurred_from"), voice)),
        voice.text("Fin : %(value)s.", value=_value(facts.get("occurred_until"), voice)),
        voice.text("Constatée : %(value)s.", value=_value(facts.get("noticed_at"), voice)),
    ]
    return "\n".join(parts)


def _how_many(facts: dict[str, FactRecord], voice: Voice) -> str:
    said = _value(facts.get("n_subjects"), voice)
    who = facts.get("data_subjects")
    return f"{said} · {_value(who, voice)}" if who and who.value else said


def _verdict(record: CaseRecord, voice: Voice) -> Entry:
    label = voice.text("Risque pour les personnes")
    qualified = record.qualifications[-1] if record.qualifications else None
    if qualified is not None and not qualified.is_breach:
        return Entry(label, voice.text("Incident écarté : ce n’est pas une violation."), Tone.GOOD)
    if not record.assessments:
        return Entry(label, voice.text("Pas encore évalué."), Tone.WARNING)
    latest = record.assessments[-1]
    said = voice.text(
        "%(risk)s (évaluation n° %(version)s)",
        risk=labels.risk_label(str(latest.result.get("risk", "undetermined")), voice.wording),
        version=latest.version,
    )
    grave = latest.result.get("risk") in ("high_risk", "undetermined")
    return Entry(label, said, Tone.WARNING if grave else Tone.PLAIN)


def _decision(record: CaseRecord, voice: Voice) -> str:
    if not record.decisions:
        return voice.text("Aucune décision signée.")
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
    return f"{notify} {communicate}\n{by}"


def _told(record: CaseRecord, voice: Voice) -> str:
    total = sum(sum(notice.deliveries.values()) for notice in record.notices)
    sent = sum(notice.deliveries.get("sent", 0) for notice in record.notices)
    first = [notice.first_sent_at for notice in record.notices if notice.first_sent_at]
    if not total or not first:
        return ""
    return voice.text(
        "%(sent)s messages remis sur %(total)s, à partir du %(moment)s.",
        sent=voice.count(sent),
        total=voice.count(total),
        moment=voice.when(min(first)),
    )


def _still_unknown(record: CaseRecord, voice: Voice) -> Entry:
    unknown = [fact for fact in record.facts if fact.state == FactState.NOT_KNOWN_YET]
    names = " · ".join(labels.fact_label(fact.key, voice.wording) for fact in unknown)
    return Entry(voice.text("Encore inconnu"), names, Tone.WARNING if names else Tone.PLAIN)
