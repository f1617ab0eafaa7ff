"""The authorities' forms in words: what stands in a field, and where it comes from.

The forms' own words are data (`domain.authority_forms`), in French and in English; here is how
they are told, and what the desk says of them.
"""

from collections.abc import Mapping
from datetime import date

from babel.dates import format_date

from breachdesk.domain.form_layout import (
    FieldSource,
    FieldStatus,
    LaidField,
    LocalText,
    SourceKind,
    ValueKind,
)
from breachdesk.domain.time_zones import zone_or_utc
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

SOURCES: Mapping[SourceKind, str] = {
    SourceKind.FACT: N_("d’après les faits"),
    SourceKind.ORGANISATION: N_("d’après la fiche de l’organisation"),
    SourceKind.QUALIFICATION: N_("d’après la qualification"),
    SourceKind.ASSESSMENT: N_("d’après l’évaluation"),
    SourceKind.DECISION: N_("d’après la décision"),
    SourceKind.NOTICE: N_("d’après la communication aux personnes"),
    SourceKind.ATTACHMENTS: N_("d’après les pièces du dossier"),
    SourceKind.PHASE: N_("d’après l’état du dossier"),
    SourceKind.AT_FILING: N_("sur le site de l’autorité seulement"),
}
# A notification filed before, and whoever recorded it.
EARLIER_FILING = N_("d’après le dépôt précédent")
# Who is the DPO: a role, not a detail of the organisation.
ROLES = N_("d’après les rôles dans l’organisation")
# An optional field that nobody answered may stay empty.
LEFT_OUT = N_("Facultatif : rien d’indiqué")


def form_words(said: LocalText, wording: Wording) -> str:
    """A text of a form in a language; empty where it has none."""
    text = said.get(wording.locale, "")
    return french_spaces(text) if wording.locale == "fr" else text


def field_status_label(field: LaidField, wording: Wording) -> str:
    """Whether a field can be filled in, in words."""
    if field.status is FieldStatus.MISSING and not field.is_mandatory:
        return wording.text(LEFT_OUT)
    return wording.text(STATUSES[field.status])


def field_value_text(field: LaidField, wording: Wording, timezone: str) -> str:
    """What is to be entered in a field, in the form's words of that language; may be empty."""
    value = field.value
    if value is None:
        return ""
    if field.kind in (ValueKind.CHOICE, ValueKind.CHOICES):
        codes = value if isinstance(value, list | tuple) else [value]
        return " · ".join(_option(field, str(code), wording) for code in codes)
    if field.kind is ValueKind.YES_NO:
        return wording.text(YES if value else NO)
    if field.kind is ValueKind.NUMBER and isinstance(value, int | float):
        return number(value, wording)
    if field.kind is ValueKind.INSTANT:
        return instant_text(str(value), wording, timezone)
    if field.kind is ValueKind.DATE:
        return local_day(date.fromisoformat(str(value)), wording)
    return str(value)


def _option(field: LaidField, code: str, wording: Wording) -> str:
    return form_words(field.options[code], wording) if code in field.options else code


def field_text(field: LaidField, wording: Wording, timezone: str) -> str:
    """What stands in a field: its value in words, or why there is none."""
    said = field_value_text(field, wording, timezone)
    return said or field_status_label(field, wording)


def source_text(source: FieldSource, wording: Wording, timezone: str) -> str:
    """Where a value comes from, like "d’après les faits, Karim Benali, 23 nov. 2026"."""
    said = [wording.text(_source_words(source))]
    if source.author:
        said.append(source.author)
    if source.at:
        local = source.at.astimezone(zone_or_utc(timezone))
        said.append(format_date(local, "d MMM y", locale=wording.locale))
    return ", ".join(said)


def _source_words(source: FieldSource) -> str:
    if source.kind is SourceKind.PHASE and source.author:
        return EARLIER_FILING
    if source.kind is SourceKind.ORGANISATION and source.key == "dpo":
        return ROLES
    return SOURCES[source.kind]
