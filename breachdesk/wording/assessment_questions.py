"""Why a fact not known yet matters, one sentence per fact of `domain.open_questions`."""

from collections.abc import Mapping

from breachdesk.wording import N_

# By the key of the fact.
WHY_IT_MATTERS: Mapping[str, str] = {
    "role": N_(
        "Selon que vous êtes responsable de traitement ou sous-traitant, vous devez notifier "
        "l’autorité ou avertir les responsables de traitement."
    ),
    "breach_types": N_(
        "Une perte de disponibilité ou d’intégrité fait naître ses propres risques, même si "
        "rien n’a fuité."
    ),
    "cause": N_(
        "Un acte malveillant rend un mauvais usage des données bien plus probable qu’une erreur."
    ),
    "malicious_intent": N_("Qui veut nuire se servira des données ; qui s’est trompé, rarement."),
    "data": N_(
        "La nature des données décide de ce qu’elles permettent : simple démarchage, fraude, "
        "usurpation d’identité, discrimination."
    ),
    "data_insight": N_(
        "Une même catégorie peut ne presque rien dire d’une personne, ou en dresser le portrait."
    ),
    "credentials_protection": N_(
        "Des mots de passe solidement hachés ne servent guère ; en clair, ils ouvrent des comptes."
    ),
    "data_subjects": N_(
        "Des enfants, des patients ou des personnes vulnérables subiraient des conséquences "
        "plus graves."
    ),
    "n_subjects": N_(
        "Le nombre de personnes ne décide pas seul, mais il fait ici pencher la balance."
    ),
    "vulnerable_subjects": N_("Des personnes vulnérables subiraient des conséquences plus graves."),
    "identifiability": N_("On ne peut guère nuire à qui l’on ne peut reconnaître."),
    "context_reveals_sensitive": N_(
        "Si figurer sur la liste révèle une information intime, des données courantes "
        "deviennent sensibles."
    ),
    "data_unintelligible": N_(
        "Des données chiffrées dans les règles, dont la clé est sûre, n’exposent personne."
    ),
    "key_compromised": N_("Si la clé est compromise, le chiffrement ne protège plus."),
    "exfiltration": N_(
        "Savoir si des données sont sorties décide si quelqu’un peut s’en servir. Les "
        "journaux techniques peuvent y répondre."
    ),
    "recipients": N_("Qui a, ou peut avoir, les données décide de ce qui est à craindre."),
    "recipient_trust": N_(
        "Un destinataire tenu au secret et de bonne foi écarte l’essentiel du risque."
    ),
    "deletion_confirmed": N_(
        "Un effacement confirmé par un destinataire sûr peut écarter le risque. Demandez-le "
        "par écrit."
    ),
    "access": N_(
        "Tant que l’accès reste ouvert, d’autres personnes peuvent obtenir les données, ou "
        "d’autres encore être touchées."
    ),
    "undetected_days": N_(
        "Un intrus resté longtemps inaperçu a eu le temps de prendre les données."
    ),
    "backup": N_("Sans copie complète, l’absence des données pèse plus tôt sur les personnes."),
    "unavailable_hours": N_(
        "La durée pendant laquelle les données ont manqué décide de l’effet sur les personnes."
    ),
    "permanent_loss": N_("Des données perdues définitivement créent à elles seules un risque."),
    "integrity_outcome": N_("Des données modifiées puis utilisées peuvent nuire durablement."),
    "effect_on_persons": N_(
        "Des effets importants déjà subis par des personnes suffisent à établir un risque élevé."
    ),
    "misuse_observed": N_("Un détournement constaté prouve que quelqu’un se sert des données."),
}
