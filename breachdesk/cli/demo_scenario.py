"""The demonstration's case: a backup folder of the example shop, open for nine days.

All of it is invented. The times are fixed, so that two runs tell the same story.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from breachdesk.domain.facts import Answer, FactState

PARIS = ZoneInfo("Europe/Paris")
CUSTOMERS = 3412

# Friday 20 November 2026, in the evening: the host's alert comes in.
NOTICED_AT = datetime(2026, 11, 20, 18, 32, tzinfo=PARIS).astimezone(UTC)
OPENED_AT = NOTICED_AT + timedelta(minutes=9)
ACCESS_CLOSED_AT = NOTICED_AT + timedelta(minutes=18)
AWARE_AT = NOTICED_AT + timedelta(minutes=28)
QUALIFIED_AT = NOTICED_AT + timedelta(minutes=41)
ASSESSED_AT = NOTICED_AT + timedelta(minutes=70)
DECIDED_AT = NOTICED_AT + timedelta(minutes=95)
# The weekend goes by; the reminders come all the same.
REMINDED_AT = (
    AWARE_AT + timedelta(hours=24, minutes=1),
    AWARE_AT + timedelta(hours=48, minutes=1),
    AWARE_AT + timedelta(hours=60, minutes=1),
)
FILED_AT = datetime(2026, 11, 23, 10, 20, tzinfo=PARIS).astimezone(UTC)
DRAFTED_AT = FILED_AT + timedelta(minutes=40)
SENT_AT = FILED_AT + timedelta(hours=2)
AFTER_DEADLINE = AWARE_AT + timedelta(hours=73)
COMPLETED_AT = datetime(2026, 12, 1, 11, 0, tzinfo=PARIS).astimezone(UTC)
CLOSED_AT = datetime(2026, 12, 4, 15, 0, tzinfo=PARIS).astimezone(UTC)

STORY = """\
Alerte de notre espace de stockage : le dossier « Sauvegardes site » est partagé avec \
« toute personne disposant du lien ».

D'après l'historique, le partage date du mercredi 11 novembre (Karim voulait donner une \
sauvegarde au prestataire du site). Il y a dedans l'export des clients : noms, courriels, \
adresses, téléphones, commandes. Pas de mots de passe ni de cartes.

Le lien a circulé dans un ticket de support 😕. Je ne sais pas qui l'a ouvert."""

REPORTED = {
    "system": "Espace de stockage en ligne des sauvegardes",
    "data": ["civil_status", "contact", "purchase_history"],
}

ESTABLISHED = {
    "role": "controller",
    "breach_types": ["confidentiality"],
    "cause": "internal_accidental",
    "vector": "accidental_publication",
    "malicious_intent": False,
    "occurred_from": datetime(2026, 11, 11, 18, 5, tzinfo=PARIS).astimezone(UTC).isoformat(),
    "occurred_until": ACCESS_CLOSED_AT.isoformat(),
    "access": "ended",
    "undetected_days": 9,
    "discovery": "Alerte automatique de l'hébergeur de l'espace de stockage, vendredi à 18 h 32.",
    "data_insight": "ordinary",
    "credentials_protection": None,
    "data_details": "nom, adresse électronique, adresse postale, téléphone, liste des commandes",
    "data_subjects": ["customers"],
    "n_subjects": CUSTOMERS,
    "n_records": CUSTOMERS,
    "vulnerable_subjects": False,
    "identifiability": "direct",
    "context_reveals_sensitive": False,
    "data_unintelligible": "no",
    "key_compromised": None,
    "exfiltration": "possible",
    "recipients": "unidentified",
    "recipient_trust": "none",
    "deletion_confirmed": "no",
    "backup": None,
    "unavailable_hours": 0,
    "permanent_loss": False,
    "integrity_outcome": None,
    "effect_on_persons": "none",
    "misuse_observed": False,
    "confidentiality_consequences": ["spread_beyond_need", "linkable_to_other_data"],
    "harms": ["loss_of_control", "fraud"],
    "gravity": "limited",
    "security_before": "Accès par compte nominatif ; mots de passe robustes ; sauvegardes non "
    "chiffrées ; aucun contrôle périodique des partages.",
    "measures_taken": "Le partage a été supprimé dès l'alerte et les liens existants ont été "
    "invalidés. Le journal d'accès a été demandé à l'hébergeur.",
    "measures_planned": "Les sauvegardes seront chiffrées avant d'être déposées et tout partage "
    "par lien sera interdit d'ici au 15 décembre.",
    "processors_involved": "Hébergeur de l'espace de stockage (sous-traitant).",
    "cross_border": False,
}

# What the CNIL's form asks besides, known by the first of December.
TOLD_MEANWHILE = {
    "eu_authorities": None,
    "other_authorities": "Gendarmerie nationale : signalement en ligne, le 24 novembre 2026.",
}

LATE_AWARENESS = "Il a fallu vérifier que le dossier partagé contenait bien l'export des clients."
ADVICE_REASON = "Les personnes sont prévenues par prudence : le lien a pu circuler."
RECEIPT = b"%PDF-1.4\n% Recepisse de la notification (demonstration)\n"
NOTIFICATION_NUMBER = "DEMO-2026-112301"

_FIRST_NAMES = (
    "Aïcha",
    "Benoît",
    "Chloé",
    "Damien",
    "Élodie",
    "François",
    "Gaëlle",
    "Hélène",
    "Inès",
    "Jérôme",
)
_LAST_NAMES = (
    "Martin",
    "Lefèvre",
    "N'Diaye",
    "Müller",
    "D'Angelo",
    "Petit",
    "Roux-Garcia",
    "Ozanne",
    "Ünal",
    "Zola",
)


def answers(values: Mapping[str, object]) -> dict[str, Answer]:
    """Facts as they were established; None says that the question does not arise."""
    return {
        key: Answer(FactState.NOT_APPLICABLE) if value is None else Answer(FactState.KNOWN, value)
        for key, value in values.items()
    }


def customer_list() -> bytes:
    """The customers as a shop exports them: a few lines are bad, a few come twice."""
    lines = ["Prénom;Nom;Courriel;Ville"]
    for number in range(CUSTOMERS):
        first = _FIRST_NAMES[number % 10]
        last = _LAST_NAMES[number // 10 % 10]
        lines.append(f"{first};{last};client{number:04d}@clients.example;Bordeaux")
    lines[100:100] = ["Anonyme;;;Pessac", "Luc;Faute;luc.faute@@clients.example;Talence"]
    lines += [f"Doublon;Client;CLIENT{number:04d}@CLIENTS.EXAMPLE;Bordeaux" for number in range(5)]
    return "\r\n".join(lines).encode("cp1252")
