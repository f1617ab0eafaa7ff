"""What stands in a field of an authority's form, as it was filed or as it stands, in words."""

from collections.abc import Mapping
from datetime import date, datetime

from breachdesk.domain.form_layout import FieldStatus, LocalText, ValueKind
from breachdesk.domain.phase_document import FieldAsFiled
from breachdesk.wording import N_, Wording
from breachdesk.wording.times import local_day, local_time, number

STATUS_WORDS: Mapping[FieldStatus, str] = {
    FieldStatus.GIVEN: N_("Renseigné"),
    FieldStatus.UNKNOWN: N_("Pas encore connu"),
    FieldStatus.MISSING: N_("Manquant : à renseigner"),
    FieldStatus.NOT_APPLICABLE: N_("Sans objet"),
    FieldStatus.AT_FILING: N_("À indiquer lors du dépôt"),
}


def in_language(words: LocalText, wording: Wording) -> str:
    """A form's own words in the reader's language; in French where there are no others."""
    return words.get(wording.locale) or words.get("fr") or next(iter(words.values()), "")


def status_words(field: FieldAsFiled, wording: Wording) -> str:
    """Why a field holds nothing, or that it holds something."""
    if field.status is FieldStatus.MISSING and not field.is_mandatory:
        return wording.text(N_("Non renseigné (facultatif)"))
    return wording.text(STATUS_WORDS[field.status])


def filed_text(field: FieldAsFiled, wording: Wording, timezone: str) -> str:
    """A field's value in words, or why there is none; of what is partly known, both."""
    value = _value_text(field, wording, timezone)
    if field.status is FieldStatus.GIVEN and value:
        return value
    status = status_words(field, wording)
    return f"{value} ({status.lower()})" if value else status


def _value_text(field: FieldAsFiled, wording: Wording, timezone: str) -> str:
    value = field.value
    if value is None:
        return ""
    if field.words:
        return " · ".join(in_language(words, wording) for words in field.words)
    if field.kind is ValueKind.INSTANT:
        return local_time(datetime.fromisoformat(str(value)), timezone, wording, zone=True)
    if field.kind is ValueKind.DATE:
        return local_day(date.fromisoformat(str(value)), wording)
    if isinstance(value, bool):
        return wording.text("Oui") if value else wording.text("Non")
    if isinstance(value, int | float):
        return number(value, wording)
    return " · ".join(map(str, value)) if isinstance(value, list) else str(value)
