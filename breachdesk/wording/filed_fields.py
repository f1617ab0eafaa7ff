"""What stands in a field of an authority's form, as it was filed or as it stands, in words.

The forms' own words are data (`domain.authority_forms`), in French and in English.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from breachdesk.domain.authority_form_model import AuthorityForm
from breachdesk.domain.facts import FACTS
from breachdesk.domain.form_layout import FieldStatus, LocalText, ValueKind
from breachdesk.domain.phase_document import FieldAsFiled, OlderField
from breachdesk.wording import N_, Wording, labels
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


def field_label(field: FieldAsFiled, wording: Wording) -> str:
    """What a field asks, with its number in the form where it has one."""
    return ". ".join(filter(None, (field.number, form_words(field.label, wording))))


def field_names(
    fields: Iterable[FieldAsFiled], headings: Mapping[str, str], wording: Wording
) -> dict[str, str]:
    """What to call the fields of a form apart from their sections, by code.

    Where two are called the same, as the names of two people are, each is said with its section.

    Args:
        fields: all of the form; one may come twice, as it was and as it is.
        headings: of each section, by its code.
    """
    found = {field.code: field for field in fields}
    labels_of = {code: field_label(field, wording) for code, field in found.items()}
    times = Counter(labels_of.values())
    return {
        code: f"{label} ({headings[found[code].section]})" if times[label] > 1 else label
        for code, label in labels_of.items()
    }


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


# --- Kept before forms were frozen whole -----------------------------------------------------

# What the first version asked of the organisation under names that the form has no more.
_OLDER_LABELS: Mapping[str, str] = {"address": N_("Adresse"), "attachments": N_("Pièces jointes")}


def older_heading(section: str, form: AuthorityForm, wording: Wording) -> str:
    """A section's heading in the form as it is now; its code where it has none of that name."""
    found = next((each for each in form.sections if each.code == section), None)
    return form_words(found.label, wording) if found else section


def older_label(field: OlderField, form: AuthorityForm, wording: Wording) -> str:
    """What the field asks, in today's words: the fact's, else the form's; else its code."""
    if field.code in _OLDER_LABELS:
        return wording.text(_OLDER_LABELS[field.code])
    if field.code in FACTS:
        return labels.fact_label(field.code, wording)
    found = next((each for each in form.fields() if each.code == field.code), None)
    return form_words(found.label, wording) if found else field.code


def older_text(field: OlderField, form: AuthorityForm, wording: Wording, timezone: str) -> str:
    """What the field held, codes in today's words where there are any; or why nothing."""
    if field.status is not FieldStatus.GIVEN or field.value in (None, ""):
        is_missing = field.status in (FieldStatus.GIVEN, FieldStatus.MISSING)
        return wording.text(NOT_GIVEN if is_missing else STATUSES[field.status])
    if field.code in FACTS:
        return labels.value_text(field.code, field.value, wording, timezone)
    found = next((each for each in form.fields() if each.code == field.code), None)
    if found is None or not found.options:
        kind = found.kind if found else ValueKind.TEXT
        return value_text(kind, field.value, (), wording, timezone)
    words = {each.code: form_words(each.label, wording) for each in found.options}
    held = field.value if isinstance(field.value, list) else [field.value]
    return " · ".join(words.get(str(code), str(code)) for code in held)
