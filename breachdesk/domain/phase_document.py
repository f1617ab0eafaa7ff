"""A filing as it was made, as a JSON value: what is frozen, exported, and read again years on.

It holds both forms whole, labels and the words of each choice with them, so that it can be
read without this program. `static/schemas/notification-1.json` is its published schema; a
new shape gets a new number, and what was filed keeps its own.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.form_layout import (
    FieldStatus,
    FormLayout,
    LaidField,
    LocalText,
    ValueKind,
)

PHASE_FORMAT = "breachdesk-notification/1"
OPEN = frozenset({FieldStatus.UNKNOWN, FieldStatus.MISSING})


@dataclass(frozen=True)
class FiledPhase:
    """What a person said of a filing, beside the forms.

    Args:
        authority: a code of `domain.law`.
        sequence: counts the filings of the case with this authority, from 1.
        kind: a code of `NotificationKind`.
        is_complete: whether nothing that the authority asks was left open.
        number: the authority's, empty where it gave none yet.
        receipt_name, receipt_sha256: of the authority's receipt; empty where there is none.
    """

    reference: str
    organisation: str
    authority: str
    sequence: int
    kind: NotificationKind
    is_complete: bool
    filed_at: datetime
    was_late: bool
    recorded_by: str
    recorded_at: datetime
    number: str = ""
    reasons_for_delay: str = ""
    withdrawal_reason: str = ""
    receipt_name: str = ""
    receipt_sha256: str = ""


def phase_as_json(phase: FiledPhase, layouts: Iterable[FormLayout]) -> dict[str, Any]:
    """A filing as a JSON value; instants as ISO 8601 in UTC."""
    receipt = {"name": phase.receipt_name, "sha256": phase.receipt_sha256}
    return {
        "format": PHASE_FORMAT,
        "reference": phase.reference,
        "organisation": phase.organisation,
        "authority": phase.authority,
        "sequence": phase.sequence,
        "kind": phase.kind.value,
        "is_complete": phase.is_complete,
        "filed_at": phase.filed_at.isoformat(),
        "was_late": phase.was_late,
        "number": phase.number,
        "reasons_for_delay": phase.reasons_for_delay,
        "withdrawal_reason": phase.withdrawal_reason,
        "receipt": receipt if phase.receipt_name else None,
        "recorded_by": phase.recorded_by,
        "recorded_at": phase.recorded_at.isoformat(),
        "forms": {layout.form: _form_as_json(layout) for layout in layouts},
    }


def _form_as_json(layout: FormLayout) -> dict[str, Any]:
    return {
        "name": dict(layout.name),
        "languages": list(layout.languages),
        "sections": [
            {
                "code": section.code,
                "number": section.number,
                "label": dict(section.label),
                "fields": [_field_as_json(field) for field in section.fields],
            }
            for section in layout.sections
        ],
    }


def _field_as_json(field: LaidField) -> dict[str, Any]:
    source = field.source
    return {
        "code": field.code,
        "number": field.number,
        "label": dict(field.label),
        "kind": field.kind.value,
        "status": field.status.value,
        "value": field.value,
        # Of a choice: the form's own words for what was chosen, and for nothing else.
        "words": [dict(label) for label in chosen_words(field)],
        "is_mandatory": field.is_mandatory,
        "law": field.law,
        "source": {
            "kind": source.kind.value,
            "key": source.key,
            "author": source.author,
            "at": source.at.isoformat() if source.at else None,
        },
    }


def chosen_words(field: LaidField) -> list[LocalText]:
    """The form's words for what a choice holds, in the form's order; none for other kinds."""
    if field.kind not in (ValueKind.CHOICE, ValueKind.CHOICES) or field.value is None:
        return []
    held = field.value if isinstance(field.value, list) else [field.value]
    return [label for code, label in field.options.items() if code in held]


def content_hash(content: Mapping[str, Any]) -> str:
    """What the journal says of a filing's content: SHA-256 of its JSON with sorted keys."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


# --- What changed since ----------------------------------------------------------------------


@dataclass(frozen=True)
class FieldAsFiled:
    """One field of a form, as a filing froze it or as it stands; see `LaidField`.

    Args:
        is_filed: frozen: what is missing can no longer be given.
    """

    section: str
    code: str
    number: str
    label: LocalText
    kind: ValueKind
    status: FieldStatus
    value: object
    words: Sequence[LocalText]
    is_mandatory: bool = False
    is_filed: bool = True


@dataclass(frozen=True)
class Change:
    """A field that is not what it was. `before` None: it was not visible; `after` likewise."""

    before: FieldAsFiled | None
    after: FieldAsFiled | None

    @property
    def field(self) -> FieldAsFiled:
        """The field, as it is now or else was."""
        found = self.after or self.before
        assert found is not None
        return found


# What every filing says anew: no change of what is known.
_OF_THE_FILING = frozenset(
    {"notification_kind", "type", "subtype", "previous_number", "withdrawal_reason"}
)


def changes_between(
    before: Sequence[FieldAsFiled], after: Sequence[FieldAsFiled]
) -> tuple[Change, ...]:
    """What changed from one state of a form to another, in the order of the later one.

    What was open and is open still is no change, nor is what only the filing itself says.
    """
    was = {field.code: field for field in before}
    now = {field.code: field for field in after}
    order = [*(field.code for field in after), *(code for code in was if code not in now)]
    return tuple(
        Change(was.get(code), now.get(code))
        for code in order
        if code not in _OF_THE_FILING and _differs(was.get(code), now.get(code))
    )


def _differs(before: FieldAsFiled | None, after: FieldAsFiled | None) -> bool:
    if _says_nothing(before) and _says_nothing(after):
        return False
    if before is None or after is None:
        return True
    return (before.status, before.value) != (after.status, after.value)


def _says_nothing(field: FieldAsFiled | None) -> bool:
    if field is None:
        return True
    is_open = field.status in OPEN or field.status is FieldStatus.AT_FILING
    return is_open and field.value in (None, [], "")


def fields_as_filed(content: Mapping[str, Any], form: str) -> tuple[FieldAsFiled, ...]:
    """The fields of a form as a filing froze them; none where it was kept in another shape."""
    if content.get("format") != PHASE_FORMAT or form not in content["forms"]:
        return ()
    return tuple(
        FieldAsFiled(
            section=section["code"],
            code=field["code"],
            number=field["number"],
            label=field["label"],
            kind=ValueKind(field["kind"]),
            status=FieldStatus(field["status"]),
            value=field["value"],
            words=field["words"],
            is_mandatory=field["is_mandatory"],
        )
        for section in content["forms"][form]["sections"]
        for field in section["fields"]
    )


def fields_as_they_stand(layout: FormLayout) -> tuple[FieldAsFiled, ...]:
    """The fields of a form as it is laid out now."""
    return tuple(
        FieldAsFiled(
            section=section.code,
            code=field.code,
            number=field.number,
            label=field.label,
            kind=field.kind,
            status=field.status,
            value=field.value,
            words=chosen_words(field),
            is_mandatory=field.is_mandatory,
            is_filed=False,
        )
        for section in layout.sections
        for field in section.fields
    )


@dataclass(frozen=True)
class OlderField:
    """A field as a version before `PHASE_FORMAT` kept it: no label, no words of its own."""

    section: str
    code: str
    status: FieldStatus
    value: object


def fields_of_older(content: Mapping[str, Any]) -> tuple[OlderField, ...]:
    """The CNIL's form by section and code, as the first version kept it; none of another shape."""
    if "format" in content:
        return ()
    return tuple(
        OlderField(section, code, FieldStatus(field["status"]), field["value"])
        for section, fields in content.items()
        for code, field in fields.items()
    )


def left_open(content: Mapping[str, Any], form: str) -> tuple[FieldAsFiled, ...]:
    """What the follow-up owes: what a filing did not know yet, and what it left unanswered."""
    return tuple(
        field
        for field in fields_as_filed(content, form)
        if field.status is FieldStatus.UNKNOWN
        or (field.status is FieldStatus.MISSING and field.is_mandatory)
    )
