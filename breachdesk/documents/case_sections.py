"""The parts of the dossier that say what happened, and what is done about it."""

from collections.abc import Sequence

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
from breachdesk.documents.voice import DASH, Voice
from breachdesk.domain.case_record import CaseRecord, FactRecord
from breachdesk.domain.facts import FACTS, FactKind, FactState
from breachdesk.domain.facts import Section as FactSection
from breachdesk.wording import labels

# Told where the dossier says what was done so that it does not happen again.
_MEASURES = tuple(
    key
    for key, fact in FACTS.items()
    if key == "security_before"
    or (fact.section is FactSection.MEASURES and fact.kind is FactKind.TEXT)
)


def facts(record: CaseRecord, voice: Voice) -> Section:
    """Every fact with its state and its source, in the order of the case file.

    The measures have a chapter of their own.
    """
    blocks: list[Block] = []
    for section in FactSection:
        asked = [
            fact
            for fact in record.facts
            if _section_of(fact) is section and fact.key not in _MEASURES
        ]
        if asked:
            blocks.append(Subheading(labels.section_label(section, voice.wording)))
            blocks += _facts_of_section(asked, voice)
    blocks += _removed_facts(record, voice)
    if not blocks:
        blocks.append(Paragraph(voice.text("Aucun fait enregistré."), Tone.MUTED))
    return Section(voice.text("Les faits"), tuple(blocks))


def _removed_facts(record: CaseRecord, voice: Voice) -> list[Block]:
    """Of a redacted copy: the facts that were left out, by name."""
    keys = [key for key in FACTS if record.is_removed(f"facts/{key}")]
    if not keys:
        return []
    names = " · ".join(labels.fact_label(key, voice.wording) for key in keys)
    return [Subheading(removed_here(voice)), Paragraph(names, Tone.MUTED)]


def _section_of(fact: FactRecord) -> FactSection:
    return FACTS[fact.key].section if fact.key in FACTS else FactSection.OTHERS


def _facts_of_section(asked: Sequence[FactRecord], voice: Voice) -> list[Block]:
    """Long texts across the page, the others as a table."""
    told = [fact for fact in asked if _is_told(fact)]
    listed = tuple(_row(fact, voice) for fact in asked if not _is_told(fact))
    blocks: list[Block] = []
    for fact in told:
        label = labels.fact_label(fact.key, voice.wording)
        entry = Entry(label, origin_of(fact, voice), Tone.MUTED)
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
        origin_of(fact, voice),
    )


def origin_of(fact: FactRecord, voice: Voice) -> str:
    """After which source, by whom and when a fact was recorded."""
    recorded = f"{voice.author(fact.author)}, {voice.short(fact.recorded_at)}"
    return f"{fact.source} – {recorded}" if fact.source else recorded


def measures(record: CaseRecord, voice: Voice) -> Section:
    """What protected the data before, what was done, what is planned; who says so, and when."""
    known = {fact.key: fact for fact in record.facts}
    blocks: list[Block] = []
    for key in _MEASURES:
        fact = known.get(key)
        blocks.append(Subheading(labels.fact_label(key, voice.wording)))
        if fact is not None and fact.value:
            origin = Entry(voice.text("Source"), origin_of(fact, voice), Tone.MUTED)
            said = labels.value_text(key, fact.value, voice.wording, voice.timezone)
            blocks += [Quotation(said), Entries((origin,))]
        elif record.is_removed(f"facts/{key}"):
            blocks.append(Paragraph(removed_here(voice), Tone.MUTED))
        else:
            state = fact.state if fact else FactState.NOT_ASKED
            blocks.append(Paragraph(labels.state_label(state, voice.wording), Tone.MUTED))
    return Section("", tuple(blocks))


def removed_here(voice: Voice) -> str:
    """What stands in the place of a part that this copy was made without."""
    return voice.text("Retiré de cette copie")
