"""The authority's form in words: its sections, its fields, what stands in them.

Field codes and statuses are those of `domain.authority_notification`; a field made from
a fact has that fact's label, save where the form has a name of its own.
"""

from collections.abc import Mapping
from enum import StrEnum

from breachdesk.domain.authority_notification import FieldStatus, FormField, FormSection
from breachdesk.wording import N_, Wording, labels

SECTIONS: Mapping[FormSection, str] = {
    FormSection.KIND: N_("Type de notification"),
    FormSection.ORGANISATION: N_("Organisme"),
    FormSection.LEGAL_REPRESENTATIVE: N_("Responsable légal"),
    FormSection.CONTACT: N_("Personne à contacter"),
    FormSection.OTHER_BODIES: N_("Autres organismes impliqués"),
    FormSection.DATES: N_("Dates"),
    FormSection.BREACH: N_("À propos de la violation"),
    FormSection.DATA: N_("Données concernées"),
    FormSection.SECURITY_BEFORE: N_("Mesures de sécurité préalables"),
    FormSection.CONSEQUENCES: N_("Conséquences potentielles"),
    FormSection.HARMS: N_("Préjudices potentiels"),
    FormSection.MEASURES: N_("Mesures techniques et organisationnelles après la violation"),
    FormSection.COMMUNICATION: N_("Communication aux personnes"),
    FormSection.CROSS_BORDER: N_("Notifications transfrontalières et autres"),
    FormSection.ATTACHMENTS: N_("Pièces jointes"),
}

FIELDS: Mapping[str, str] = {
    "notification_kind": N_("Type de notification"),
    "organisation_name": N_("Dénomination"),
    "siren": N_("SIREN"),
    "vat_number": N_("N° de TVA intracommunautaire"),
    "sector": N_("Secteur d’activité"),
    "headcount": N_("Effectif"),
    "address": N_("Adresse postale"),
    "country": N_("Pays"),
    "legal_representative": N_("Civilité, nom et prénom"),
    "contact_name": N_("Civilité, nom et prénom"),
    "contact_function": N_("Fonction"),
    "contact_email": N_("Adresse électronique"),
    "contact_phone": N_("Téléphone"),
    "aware_at": N_("Prise de connaissance"),
    "reasons_for_delay": N_("Motifs du retard"),
    "description": N_("Descriptif détaillé"),
    "data_natures": N_("Nature des données"),
    "sensitive_natures": N_("Données sensibles"),
    "n_records": N_("Nombre approximatif d’enregistrements"),
    "n_subjects": N_("Nombre approximatif de personnes"),
    "communication_state": N_("Les personnes ont-elles été informées ?"),
    "communication_date": N_("Date de l’information"),
    "communication_means": N_("Moyen"),
    "communication_count": N_("Nombre de personnes informées"),
    "communication_content": N_("Contenu"),
    "communication_reason": N_("Motif"),
    "attachments": N_("Nombre de pièces jointes"),
}

STATUSES: Mapping[FieldStatus, str] = {
    FieldStatus.GIVEN: N_("Renseigné"),
    FieldStatus.UNKNOWN: N_("Pas encore connu"),
    FieldStatus.MISSING: N_("Manquant : à renseigner"),
    FieldStatus.NOT_APPLICABLE: N_("Sans objet"),
    FieldStatus.AT_FILING: N_("À indiquer lors du dépôt"),
}

# Codes that stand in a field without being a fact's option or an enum's member.
MEANS: Mapping[str, str] = {"email": N_("Courrier électronique")}


def form_section_label(section: FormSection, wording: Wording) -> str:
    """The heading of a section of the form."""
    return wording.text(SECTIONS[section])


def form_field_label(field: FormField, wording: Wording) -> str:
    """What the form calls a field."""
    if field.code in FIELDS:
        return wording.text(FIELDS[field.code])
    return labels.fact_label(field.fact or field.code, wording)


def field_status_label(status: FieldStatus, wording: Wording) -> str:
    """Whether a field can be filled in, in words."""
    return wording.text(STATUSES[status])


def form_field_text(field: FormField, wording: Wording, timezone: str) -> str:
    """What stands in a field: its value in words, or why there is none."""
    if field.status is not FieldStatus.GIVEN:
        return field_status_label(field.status, wording)
    if field.vocabulary is not None:
        return _codes_text(field.value, field.vocabulary, wording)
    if field.is_instant:
        return labels.instant_text(str(field.value), wording, timezone)
    if field.code == "communication_means" and field.value in MEANS:
        return wording.text(MEANS[str(field.value)])
    return labels.value_text(field.fact, field.value, wording, timezone)


def _codes_text(value: object, vocabulary: type[StrEnum], wording: Wording) -> str:
    codes = value if isinstance(value, list | tuple) else [value]
    return " · ".join(labels.code_label(vocabulary, str(code), wording) for code in codes)
