"""An authority's form on paper: its sections and fields as they were filed, or as they stand."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

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
from breachdesk.domain.phase_document import FieldAsFiled, changes_between
from breachdesk.wording.filed_fields import field_label, field_names, filed_text, form_words

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


def headings_of_filed(content: Mapping[str, Any], form: str, voice: Voice) -> dict[str, str]:
    """The same of a form as a filing froze it; none where it was kept in another shape."""
    sections = content.get("forms", {}).get(form, {}).get("sections", ())
    return headings_of(((each["code"], each["number"], each["label"]) for each in sections), voice)


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
        field_label(field, voice.wording),
        filed_text(field, voice.wording, voice.timezone) or DASH,
        Tone.MUTED if is_optional else _TONES[field.status],
    )


def change_blocks(
    before: Sequence[FieldAsFiled],
    after: Sequence[FieldAsFiled],
    headings: dict[str, str],
    voice: Voice,
) -> tuple[Block, ...]:
    """What changed from one state of a form to another, as a table of before and after.

    Args:
        headings: of each section, by its code.
    """
    changes = changes_between(before, after)
    if not changes:
        return (Paragraph(voice.text("Rien n’a changé depuis."), Tone.MUTED),)
    columns = (
        Column(voice.text("Champ"), 3),
        Column(voice.text("Avant"), 4),
        Column(voice.text("Maintenant"), 4),
    )
    names = field_names((*before, *after), headings, voice.wording)
    rows = tuple(
        (names[each.field.code], _side(each.before, voice), _side(each.after, voice))
        for each in changes
    )
    return (Table(columns, rows),)


def _side(field: FieldAsFiled | None, voice: Voice) -> str:
    if field is None:
        return voice.text("Pas demandé")
    return filed_text(field, voice.wording, voice.timezone)
