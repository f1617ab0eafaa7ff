"""An authority's form on paper: its sections and fields as they were filed, or as they stand."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from breachdesk.documents.content import (
    Block,
    Column,
    Entries,
    Entry,
    Paragraph,
    Subheading,
    Table,
    Tone,
)
from breachdesk.documents.voice import DASH, Voice
from breachdesk.domain.form_layout import FieldStatus, LocalText
from breachdesk.domain.phase_document import Change, FieldAsFiled
from breachdesk.wording.filed_fields import filed_text, form_words

_TONES = {
    FieldStatus.GIVEN: Tone.PLAIN,
    FieldStatus.UNKNOWN: Tone.WARNING,
    FieldStatus.MISSING: Tone.WARNING,
    FieldStatus.NOT_APPLICABLE: Tone.MUTED,
    FieldStatus.AT_FILING: Tone.MUTED,
}


def headings_of(sections: Iterable[tuple[str, str, LocalText]], voice: Voice) -> dict[str, str]:
    """The heading of each section by its code; of each its code, number and label."""
    return {
        code: ". ".join(filter(None, (number, form_words(label, voice.wording))))
        for code, number, label in sections
    }


def form_blocks(
    fields: Iterable[FieldAsFiled], headings: dict[str, str], voice: Voice
) -> tuple[Block, ...]:
    """The form, section by section.

    Args:
        headings: of each section, by its code.
    """
    blocks: list[Block] = []
    for section, held in groupby(fields, key=lambda field: field.section):
        blocks.append(Subheading(headings[section]))
        blocks.append(Entries(tuple(_entry(field, voice) for field in held)))
    return tuple(blocks)


def _entry(field: FieldAsFiled, voice: Voice) -> Entry:
    is_optional = field.status is FieldStatus.MISSING and not field.is_mandatory
    return Entry(
        _label(field, voice),
        filed_text(field, voice.wording, voice.timezone) or DASH,
        Tone.MUTED if is_optional else _TONES[field.status],
    )


def _label(field: FieldAsFiled, voice: Voice) -> str:
    label = form_words(field.label, voice.wording)
    return f"{field.number}. {label}" if field.number else label


def change_blocks(changes: Sequence[Change], voice: Voice) -> tuple[Block, ...]:
    """What changed since the filing before, as a table of before and after."""
    if not changes:
        return (Paragraph(voice.text("Rien n’a changé depuis."), Tone.MUTED),)
    columns = (
        Column(voice.text("Champ"), 3),
        Column(voice.text("Avant"), 4),
        Column(voice.text("Maintenant"), 4),
    )
    rows = tuple(
        (_label(each.field, voice), _side(each.before, voice), _side(each.after, voice))
        for each in changes
    )
    return (Table(columns, rows),)


def _side(field: FieldAsFiled | None, voice: Voice) -> str:
    if field is None:
        return voice.text("Pas demandé")
    return filed_text(field, voice.wording, voice.timezone)
