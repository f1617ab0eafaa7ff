"""The authorities' forms in words: what stands in a field, and where it comes from.

The forms' own words are data (`domain.authority_forms`), in French and in English; here is how
they are told, and what the desk says of them.
"""

from collections.abc import Mapping

from babel.dates import format_date

from breachdesk.domain.form_layout import (
    FieldSource,
    LaidField,
    SourceKind,
)
from breachdesk.domain.phase_document import chosen_words
from breachdesk.domain.time_zones import zone_or_utc
from breachdesk.wording import N_, Wording
from breachdesk.wording.filed_fields import form_words as form_words
from breachdesk.wording.filed_fields import status_text, value_text

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


def field_status_label(field: LaidField, wording: Wording) -> str:
    """Whether a field can be filled in, in words."""
    return status_text(field.status, wording, is_mandatory=field.is_mandatory)


def field_value_text(field: LaidField, wording: Wording, timezone: str) -> str:
    """What is to be entered in a field, in the form's words of that language; may be empty."""
    return value_text(field.kind, field.value, chosen_words(field), wording, timezone)


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
