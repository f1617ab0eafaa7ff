"""The parts of the dossier that say what is known, how long there was, and what is done."""

from collections.abc import Sequence
from datetime import datetime

from breachdesk.documents.clock_state import deadline_of, deadline_text
from breachdesk.documents.content import (
    Block,
    Column,
    Entries,
    Entry,
    Paragraph,
    Quotation,
    Section,
    Subheading,
    Table,
    Tone,
)
from breachdesk.documents.voice import DASH, Voice, entries_with_text
from breachdesk.domain.case_record import CaseRecord, ClockRecord, FactRecord, ReopeningRecord
from breachdesk.domain.facts import FACTS, FactKind, FactState
from breachdesk.domain.facts import Section as FactSection
from breachdesk.domain.regimes import GDPR_ART_33, PROVISIONAL, regime_of
from breachdesk.wording import clock_words, labels


def facts(record: CaseRecord, voice: Voice) -> Section:
    """Every fact with its state and its source, in the order of the case file."""
    blocks: list[Block] = []
    for section in FactSection:
        asked = [fact for fact in record.facts if _section_of(fact) is section]
        if asked:
            blocks.append(Subheading(labels.section_label(section, voice.wording)))
            blocks += _facts_of_section(asked, voice)
    blocks += _not_asked(record, voice)
    return Section(voice.text("Les faits"), tuple(blocks))


def _section_of(fact: FactRecord) -> FactSection:
    return FACTS[fact.key].section if fact.key in FACTS else FactSection.OTHERS


def _facts_of_section(asked: Sequence[FactRecord], voice: Voice) -> list[Block]:
    """Long texts across the page, the others as a table."""
    told = [fact for fact in asked if _is_told(fact)]
    listed = tuple(_row(fact, voice) for fact in asked if not _is_told(fact))
    blocks: list[Block] = []
    for fact in told:
        entry = Entry(labels.fact_label(fact.key, voice.wording), _origin(fact, voice), Tone.MUTED)
        blocks += [Entries((entry,)), Quotation(str(fact.value))]
    return [*blocks, Table(_fact_columns(voice), listed)] if listed else blocks


def _is_told(fact: FactRecord) -> bool:
    is_text = fact.key in FACTS and FACTS[fact.key].kind is FactKind.TEXT
    return is_text and bool(fact.value)


def _fact_columns(voice: Voice) -> tuple[Column, ...]:
    return (
        Column(voice.text("Rubrique"), 3),
        Column(voice.text("Ce que l’on sait"), 5),
        Column(voice.text("État"), 1.7),
        Column(voice.text("Source"), 3.3),
    )


def _row(fact: FactRecord, voice: Voice) -> tuple[str, ...]:
    said = labels.value_text(fact.key, fact.value, voice.wording, voice.timezone)
    return (
        labels.fact_label(fact.key, voice.wording),
        said or DASH,
        labels.state_label(fact.state, voice.wording),
        _origin(fact, voice),
    )


def _origin(fact: FactRecord, voice: Voice) -> str:
    recorded = f"{voice.author(fact.author)}, {voice.short(fact.recorded_at)}"
    return f"{fact.source} – {recorded}" if fact.source else recorded


def _not_asked(record: CaseRecord, voice: Voice) -> list[Block]:
    asked = {fact.key for fact in record.facts if fact.state != FactState.NOT_ASKED}
    names = [labels.fact_label(key, voice.wording) for key in FACTS if key not in asked]
    if not names:
        return []
    return [
        Subheading(voice.text("Questions pas encore posées")),
        Paragraph(" · ".join(names), Tone.MUTED),
    ]


def clocks(record: CaseRecord, voice: Voice) -> Section:
    """Each clock: from when, until when, stopped by what; and the other reading as a note."""
    blocks: list[Block] = []
    reopened = {each.clock: each for each in record.reopenings}
    for number, clock in enumerate(record.clocks, start=1):
        blocks.append(Subheading(labels.regime_label(clock.regime, voice.wording)))
        why = _why_again(reopened[number], voice) if number in reopened else []
        blocks.append(Entries((*why, *_clock_entries(clock, record, voice))))
    if not blocks:
        blocks.append(Paragraph(voice.text("Aucune horloge n’a été démarrée."), Tone.MUTED))
    blocks += _refusals(record, voice)
    return Section(voice.text("Le délai"), (*_qualifications(record, voice), *blocks))


def _refusals(record: CaseRecord, voice: Voice) -> list[Block]:
    """What was offered and set aside, by whom and why."""
    if not record.refusals:
        return []
    entries = [
        Entry(
            labels.regime_label(refusal.regime, voice.wording),
            f"{refusal.by}, {voice.short(refusal.at)}\n{refusal.reason}",
        )
        for refusal in record.refusals
    ]
    return [Subheading(voice.text("Délais proposés, écartés")), Entries(tuple(entries))]


def _qualifications(record: CaseRecord, voice: Voice) -> list[Block]:
    blocks: list[Block] = []
    for qualified in record.qualifications:
        verdict = (
            voice.text("Violation de données personnelles (RGPD, art. 4, 12)")
            if qualified.is_breach
            else voice.text("Pas une violation de données personnelles")
        )
        entries = [
            Entry(voice.text("Qualification"), verdict),
            Entry(voice.text("Par"), f"{qualified.by}, {voice.short(qualified.at)}"),
        ]
        if qualified.aware_at:
            aware = voice.when(qualified.aware_at, zone=True)
            entries.append(Entry(voice.text("Prise de connaissance"), aware))
        entries.append(Entry(voice.text("Motif"), qualified.reason))
        blocks.append(Entries(entries_with_text(entries)))
    return blocks


def _clock_entries(clock: ClockRecord, record: CaseRecord, voice: Voice) -> tuple[Entry, ...]:
    due = (
        voice.when(clock.due_at, zone=True)
        if clock.due_at
        else voice.text("Aucun chiffre dans la loi")
    )
    entries = [
        *_of_regime(clock, voice),
        Entry(voice.text("Départ"), _acted(clock.started_at, clock.started_by, voice, zone=True)),
        Entry(voice.text("Échéance"), due),
    ]
    if clock.replaces is not None:
        corrected = voice.text("de l’horloge n° %(number)s", number=clock.replaces)
        entries.append(Entry(voice.text("Départ corrigé"), corrected))
    if clock.stopped_at:
        reason = labels.stop_reason_label(clock.stop_reason, voice.wording)
        stopped = f"{_acted(clock.stopped_at, clock.stopped_by, voice)} – {reason}"
        entries.append(Entry(voice.text("Arrêt"), stopped))
    entries.append(Entry(voice.text("Remarque"), clock.stop_remark))
    if clock.regime != PROVISIONAL:
        entries.append(Entry(voice.text("Bilan"), deadline_text(deadline_of(clock, record), voice)))
    if clock.regime == GDPR_ART_33 and clock.rounded_due_at is not None:
        note = _other_reading(clock.rounded_due_at, voice)
        entries.append(Entry(voice.text("Note"), note, Tone.MUTED))
    return entries_with_text(entries)


def _of_regime(clock: ClockRecord, voice: Voice) -> list[Entry]:
    """What the file of its regime says, of clocks other than the 72 hours."""
    regime = regime_of(clock.regime)
    if regime is None or regime.offer.by_desk:
        return []
    rule = regime.rule(clock.rule_version)
    binding = clock_words.binding_label(
        regime.binding, voice.wording, has_figure=clock.due_at is not None
    )
    entries = [
        Entry(voice.text("Texte"), clock_words.said(regime.article, voice.wording)),
        Entry(voice.text("À qui"), clock_words.addressee(regime, voice.wording)),
        Entry(voice.text("Ce qu’il vaut"), binding),
    ]
    if rule is not None:
        source = clock_words.said(rule.source, voice.wording)
        certainty = clock_words.certainty_label(rule.certainty, voice.wording)
        entries.append(Entry(voice.text("Source"), f"{source} ({certainty})", Tone.MUTED))
    return entries


def _acted(instant: datetime, who: str, voice: Voice, *, zone: bool = False) -> str:
    """When, and by whom where a person did it."""
    when = voice.when(instant, zone=zone)
    return f"{when}, {who}" if who else when


def _why_again(reopening: ReopeningRecord, voice: Voice) -> list[Entry]:
    """Why a clock runs that a signed decision not to notify had stopped."""
    taken_up = voice.text(
        "Décision n° %(number)s reprise par %(who)s le %(moment)s",
        number=reopening.decision,
        who=reopening.by,
        moment=voice.when(reopening.at),
    )
    return [
        Entry(voice.text("Décision reprise"), taken_up),
        Entry(voice.text("Motif"), reopening.reason),
    ]


def _other_reading(rounded_due_at: datetime, voice: Voice) -> str:
    return voice.text(
        "Les 72 heures sont comptées à la minute, week-ends et jours fériés compris. Le "
        "règlement n° 1182/71 permettrait de compter par heures entières, jusqu’au %(due)s ; "
        "cette lecture n’est pas retenue comme objectif.",
        due=voice.when(rounded_due_at),
    )


def measures(record: CaseRecord, voice: Voice) -> Section:
    """What protected the data before, what was done, what is planned."""
    known = {fact.key: fact for fact in record.facts}
    blocks: list[Block] = []
    for key in ("security_before", "measures_taken", "measures_planned"):
        blocks.append(Subheading(labels.fact_label(key, voice.wording)))
        fact = known.get(key)
        if fact is not None and fact.value:
            blocks.append(Quotation(str(fact.value)))
        else:
            state = fact.state if fact else FactState.NOT_ASKED
            blocks.append(Paragraph(labels.state_label(state, voice.wording), Tone.MUTED))
    return Section(voice.text("Les mesures"), tuple(blocks))
