"""What stands in a field of an authority's form, as it was filed or as it stands, in words.

The forms' own words are data (`domain.authority_forms`), in French and in English.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from breachdesk.domain.form_layout import FieldStatus, LocalText, ValueKind
from breachdesk.domain.phase_document import FieldAsFiled
from breachdesk.wording import N_, Wording
from breachdesk.wording.labels import NO, YES, instant_text
from breachdesk.wording.times import local_day, number
from breachdesk.wording.typography import french_spaces

STATUSES: Mapping[FieldStatus, str] = {
    FieldStatus.GIVEN: N_("Renseigné"),
    FieldStatus.UNKNOWN: N_("Pas encore connu"),
    FieldStatus.MISSING: N_("Manquant : à renseigner"),
    FieldStatus.NOT_APPLICABLE: N_("Sans objet"),
    FieldStatus.AT_FILING: N_("À indiquer lors du dépôt"),
}
# In what was filed, it can no longer be given.
NOT_GIVEN = N_("Sans réponse")
# An optional field that nobody answered may stay empty.
LEFT_OUT = N_("Facultatif : rien d’indiqué")


def form_words(said: LocalText, wording: Wording) -> str:
    """A text of a form in a language; empty where it has none."""
    text = said.get(wording.locale, "")
    return french_spaces(text) if wording.locale == "fr" else text


def status_text(status: FieldStatus, wording: Wording, *, is_mandatory: bool) -> str:
    """Whether a field can be filled in, in words."""
    if status is FieldStatus.MISSING and not is_mandatory:
        return wording.text(LEFT_OUT)
    return wording.text(STATUSES[status])


def value_text(
    kind: ValueKind,
    value: object,
    words: Sequence[LocalText],
    wording: Wording,
    timezone: str,
) -> str:
    """A value in words, in the form's words where it was chosen; empty where there is none."""
    if value is None:
        return ""
    if kind in (ValueKind.CHOICE, ValueKind.CHOICES):
        return " · ".join(form_words(each, wording) for each in words)
    if kind is ValueKind.YES_NO:
        return wording.text(YES if value else NO)
    if kind is ValueKind.NUMBER and isinstance(value, int | float):
        return number(value, wording)
    if kind is ValueKind.INSTANT:
        return instant_text(str(value), wording, timezone)
    if kind is ValueKind.DATE:
        return local_day(date.fromisoformat(str(value)), wording)
    return str(value)


def filed_text(field: FieldAsFiled, wording: Wording, timezone: str) -> str:
    """A field's value in words, or why there is none; of what is partly known, both."""
    said = value_text(field.kind, field.value, field.words, wording, timezone)
    if field.status is FieldStatus.GIVEN and said:
        return said
    status = status_text(field.status, wording, is_mandatory=field.is_mandatory)
    if field.status is FieldStatus.MISSING and field.is_filed:
        status = wording.text(NOT_GIVEN)
    return f"{said} ({status.lower()})" if said else status
