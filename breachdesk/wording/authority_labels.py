"""The CNIL form's own words, kept letter for letter so that people find the box to tick.

Source: the CNIL's trame of July 2023 and its published open data (which write "Etat"
and "Equipement" without the accent). The codes are in `domain.authority_form`.
"""

from collections.abc import Mapping
from enum import StrEnum

from breachdesk.domain import authority_form as form
from breachdesk.wording import N_

_KINDS: Mapping[StrEnum, str] = {
    form.NotificationKind.COMPLETE: N_("Notification complète"),
    form.NotificationKind.INITIAL: N_("Notification initiale"),
    form.NotificationKind.FOLLOW_UP: N_("Notification complémentaire"),
    form.NotificationKind.WITHDRAWAL: N_("Retrait de la notification"),
}

_ORIGINS: Mapping[StrEnum, str] = {
    form.Origin.LOST_OR_STOLEN_EQUIPMENT: N_("Equipement perdu ou volé"),
    form.Origin.PAPER_LOST_OR_UNSECURED: N_(
        "Papier perdu, volé ou laissé accessible dans un endroit non sécurisé"
    ),
    form.Origin.MAIL_LOST_OR_OPENED: N_(
        "Courrier perdu ou ouvert avant d’être retourné à l’envoyeur"
    ),
    form.Origin.HACKING: N_(
        "Piratage, logiciel malveillant (par exemple rançongiciel) et/ou hameçonnage"
    ),
    form.Origin.PAPER_DISPOSAL: N_(
        "Mise au rebut de documents papier contenant des données personnelles "
        "sans destruction physique"
    ),
    form.Origin.DEVICE_DISPOSAL: N_(
        "Mise au rebut d’appareils numériques contenant des données personnelles "
        "sans effacement sécurisé"
    ),
    form.Origin.UNINTENDED_PUBLICATION: N_("Publication non volontaire d’informations"),
    form.Origin.WRONG_PERSON_ON_PORTAL: N_(
        "Données de la mauvaise personne affichées sur le portail du client"
    ),
    form.Origin.WRONG_RECIPIENT: N_("Données personnelles envoyées à un mauvais destinataire"),
    form.Origin.VERBAL_DISCLOSURE: N_("Informations personnelles divulguées de façon verbale"),
    form.Origin.OTHER: N_("Autre"),
}

_CONFIDENTIALITY: Mapping[StrEnum, str] = {
    form.ConfidentialityConsequence.SPREAD_BEYOND_NEED: N_(
        "Données diffusées plus que nécessaire et hors de la maîtrise des personnes"
    ),
    form.ConfidentialityConsequence.LINKABLE_TO_OTHER_DATA: N_(
        "Données pouvant être rapprochées d’autres informations sur les personnes"
    ),
    form.ConfidentialityConsequence.USED_FOR_OTHER_PURPOSES: N_(
        "Données pouvant servir à d’autres fins que prévu ou de façon non loyale"
    ),
    form.ConfidentialityConsequence.OTHER: N_("Autre"),
}

_INTEGRITY: Mapping[StrEnum, str] = {
    form.IntegrityConsequence.ALTERED_AND_USED: N_(
        "Données modifiées et utilisées bien que non valides"
    ),
    form.IntegrityConsequence.ALTERED_INTO_VALID: N_(
        "Données modifiées en données valides et utilisées à d’autres fins"
    ),
    form.IntegrityConsequence.OTHER: N_("Autre"),
}

_AVAILABILITY: Mapping[StrEnum, str] = {
    form.AvailabilityConsequence.SERVICE_DISRUPTED: N_(
        "Dysfonctionnement et difficultés à fournir un service critique"
    ),
    form.AvailabilityConsequence.SERVICE_LOST: N_(
        "Perte de la capacité à fournir un service critique"
    ),
    form.AvailabilityConsequence.OTHER: N_("Autre"),
}

_HARMS: Mapping[StrEnum, str] = {
    form.Harm.LOSS_OF_CONTROL: N_("Perte de contrôle sur leurs données personnelles"),
    form.Harm.LIMITATION_OF_RIGHTS: N_("Limitation de leurs droits"),
    form.Harm.DISCRIMINATION: N_("Discrimination"),
    form.Harm.IDENTITY_THEFT: N_("Vol d’identité"),
    form.Harm.FRAUD: N_("Fraude"),
    form.Harm.UNAUTHORISED_REVERSAL_OF_PSEUDONYMISATION: N_(
        "Levée non autorisée de pseudonymisation"
    ),
    form.Harm.FINANCIAL_LOSS: N_("Pertes financières"),
    form.Harm.DAMAGE_TO_REPUTATION: N_("Atteinte à la réputation"),
    form.Harm.LOSS_OF_PROFESSIONAL_SECRECY: N_(
        "Perte de la confidentialité de données protégées par un secret professionnel"
    ),
    form.Harm.DISCLOSURE_TO_THIRD_PARTIES: N_("Divulgation à des tiers non autorisés"),
    form.Harm.SOCIAL_DISADVANTAGE: N_("Préjudice économique ou social important"),
    form.Harm.PHYSICAL_OR_MENTAL_HARM: N_("Atteinte physique ou psychique"),
    form.Harm.DAMAGE_TO_PROPERTY: N_("Atteinte aux biens, matérielle ou non"),
    form.Harm.OTHER: N_("Autre"),
}

_GRAVITY: Mapping[StrEnum, str] = {
    form.Gravity.NEGLIGIBLE: N_("Négligeable"),
    form.Gravity.LIMITED: N_("Limité"),
    form.Gravity.IMPORTANT: N_("Important"),
    form.Gravity.MAXIMAL: N_("Maximal"),
}

_DISCOVERY: Mapping[StrEnum, str] = {
    form.Discovery.OWN_DETECTION: N_("Vous-même"),
    form.Discovery.PROCESSOR: N_("Un sous-traitant, qui vous a prévenus"),
    form.Discovery.DATA_SUBJECT: N_("Une personne concernée"),
    form.Discovery.EXTERNAL_PARTY: N_("Quelqu’un d’extérieur"),
    form.Discovery.PRESS: N_("La presse"),
    form.Discovery.OTHER: N_("Autrement"),
}

_UNDETERMINABLE: Mapping[StrEnum, str] = {
    form.Undeterminable.DATES: N_("Les dates de la violation"),
    form.Undeterminable.SUBJECTS: N_("Le nombre de personnes"),
    form.Undeterminable.RECORDS: N_("Le nombre d’enregistrements"),
    form.Undeterminable.DISCLOSURE: N_("Si des données sont sorties"),
    form.Undeterminable.UNINTELLIGIBILITY: N_("Si les données étaient lisibles"),
    form.Undeterminable.CAUSE: N_("La cause"),
}

_MEASURES: Mapping[StrEnum, str] = {
    form.SecurityMeasure.ANONYMISATION: N_("Anonymisation"),
    form.SecurityMeasure.BACKUP: N_("Sauvegarde ou plan de reprise"),
    form.SecurityMeasure.CHANGE_OF_PROCESSES: N_("Changement des façons de faire"),
    form.SecurityMeasure.ENCRYPTION: N_("Chiffrement des données"),
    form.SecurityMeasure.POLICIES: N_("Règles internes de protection des données et de sécurité"),
    form.SecurityMeasure.TRAINING: N_("Formation à la protection des données et à la sécurité"),
    form.SecurityMeasure.ERASURE: N_("Effacement des données"),
    form.SecurityMeasure.INCIDENT_LOG: N_("Journal des incidents"),
    form.SecurityMeasure.ACCESS_LEVELS: N_("Niveaux d’accès aux données"),
    form.SecurityMeasure.LOGICAL_ACCESS_CONTROL: N_(
        "Contrôle des accès informatiques (par exemple à deux facteurs)"
    ),
    form.SecurityMeasure.AUDITS: N_("Audits réguliers"),
    form.SecurityMeasure.PHYSICAL_ACCESS_CONTROL: N_("Contrôle des accès aux locaux"),
    form.SecurityMeasure.PSEUDONYMISATION: N_("Pseudonymisation"),
    form.SecurityMeasure.UP_TO_DATE_SYSTEMS: N_("Systèmes tenus à jour"),
    form.SecurityMeasure.OTHER: N_("Autre mesure"),
}

_MEANS: Mapping[StrEnum, str] = {
    form.CommunicationMeans.INDIVIDUAL: N_("Message individuel (lettre, e-mail, appel)"),
    form.CommunicationMeans.PUBLIC: N_("Annonce publique (site, presse, réseaux sociaux)"),
    form.CommunicationMeans.OTHER: N_("Autre moyen"),
}

AUTHORITY_LABELS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    form.NotificationKind: _KINDS,
    form.Origin: _ORIGINS,
    form.ConfidentialityConsequence: _CONFIDENTIALITY,
    form.IntegrityConsequence: _INTEGRITY,
    form.AvailabilityConsequence: _AVAILABILITY,
    form.Harm: _HARMS,
    form.Gravity: _GRAVITY,
    form.Discovery: _DISCOVERY,
    form.Undeterminable: _UNDETERMINABLE,
    form.SecurityMeasure: _MEASURES,
    form.CommunicationMeans: _MEANS,
}
