"""What would flip the decision, one conditional clause per answer (`domain.flips`).

Each clause follows the duty in one sentence: "Il faudrait notifier l’autorité si …".
"""

from collections.abc import Mapping

from breachdesk.wording import N_

# By duty, and by what it becomes.
OUTCOMES: Mapping[tuple[str, str], str] = {
    ("notify_authority", "yes"): N_("Il faudrait notifier l’autorité %(changes)s."),
    ("notify_authority", "no"): N_(
        "Il ne serait plus nécessaire de notifier l’autorité %(changes)s."
    ),
    ("notify_authority", "depends"): N_(
        "La notification à l’autorité dépendrait des questions encore ouvertes %(changes)s."
    ),
    ("communicate_to_data_subjects", "yes"): N_(
        "Il faudrait informer les personnes concernées %(changes)s."
    ),
    ("communicate_to_data_subjects", "no"): N_(
        "Il ne serait plus obligatoire d’informer les personnes concernées %(changes)s."
    ),
    ("communicate_to_data_subjects", "depends"): N_(
        "L’information des personnes dépendrait des questions encore ouvertes %(changes)s."
    ),
}
TWO_CHANGES = N_("%(one)s et %(two)s")

# By fact and by the answer it would have to be.
CHANGES: Mapping[tuple[str, str], str] = {
    ("access", "ended"): N_("si l’accès aux données avait pris fin"),
    ("access", "ongoing"): N_("si les données restaient accessibles"),
    ("cause", "external_malicious"): N_(
        "si la cause était un acte malveillant venu de l’extérieur"
    ),
    ("cause", "internal_malicious"): N_("si la cause était un acte malveillant en interne"),
    ("cause", "external_accidental"): N_("si la cause était un accident venu de l’extérieur"),
    ("cause", "internal_accidental"): N_("si la cause était une erreur ou un accident en interne"),
    ("malicious_intent", "yes"): N_("si quelqu’un avait agi avec l’intention de nuire"),
    ("malicious_intent", "no"): N_("si personne n’avait eu l’intention de nuire"),
    ("data_insight", "trivial"): N_("si les données ne disaient presque rien des personnes"),
    ("data_insight", "limited"): N_("si les données disaient peu des personnes"),
    ("data_insight", "ordinary"): N_(
        "si les données ne disaient que ce qu’elles disent d’habitude"
    ),
    ("data_insight", "detailed"): N_("si les données dressaient un portrait détaillé"),
    ("credentials_protection", "strong_hash"): N_(
        "si les mots de passe étaient solidement hachés et salés"
    ),
    ("credentials_protection", "weak_hash"): N_(
        "si les mots de passe n’étaient que faiblement hachés"
    ),
    ("credentials_protection", "none"): N_("si les mots de passe étaient lisibles en clair"),
    ("vulnerable_subjects", "yes"): N_("si des personnes vulnérables étaient concernées"),
    ("vulnerable_subjects", "no"): N_("si aucune personne vulnérable n’était concernée"),
    ("identifiability", "negligible"): N_("s’il était presque impossible d’identifier quelqu’un"),
    ("identifiability", "limited"): N_("si les personnes étaient difficiles à identifier"),
    ("identifiability", "indirect"): N_("si les personnes étaient identifiables par recoupement"),
    ("identifiability", "direct"): N_("si les personnes étaient directement identifiables"),
    ("context_reveals_sensitive", "yes"): N_(
        "si figurer dans le fichier révélait quelque chose d’intime"
    ),
    ("context_reveals_sensitive", "no"): N_("si figurer dans le fichier ne révélait rien d’intime"),
    ("data_unintelligible", "yes"): N_("si les données étaient illisibles pour qui les détient"),
    ("data_unintelligible", "partly"): N_("si une partie des données était lisible"),
    ("data_unintelligible", "no"): N_("si les données étaient lisibles"),
    ("key_compromised", "yes"): N_("si la clé de chiffrement était compromise"),
    ("key_compromised", "no"): N_("si la clé de chiffrement n’était pas compromise"),
    ("exfiltration", "excluded"): N_("s’il était exclu que des données soient sorties"),
    ("exfiltration", "possible"): N_("s’il était possible que des données soient sorties"),
    ("exfiltration", "likely"): N_("s’il était probable que des données sont sorties"),
    ("exfiltration", "confirmed"): N_("s’il était confirmé que des données sont sorties"),
    ("exfiltration", "published"): N_("si l’intrus publiait les données"),
    ("recipients", "none"): N_("si personne n’avait eu les données"),
    ("recipients", "one_known"): N_("si une seule personne connue avait eu les données"),
    ("recipients", "few_known"): N_("si quelques personnes connues avaient eu les données"),
    ("recipients", "many_known"): N_("si de nombreuses personnes connues avaient eu les données"),
    ("recipients", "unidentified"): N_("si des personnes inconnues avaient eu les données"),
    ("recipients", "public"): N_("si les données étaient devenues publiques"),
    ("recipient_trust", "trusted"): N_("si les destinataires étaient de confiance"),
    ("recipient_trust", "neutral"): N_(
        "si les destinataires n’étaient ni de confiance ni hostiles"
    ),
    ("recipient_trust", "none"): N_("si l’on ne pouvait se fier aux destinataires"),
    ("deletion_confirmed", "yes"): N_("si les destinataires confirmaient avoir tout supprimé"),
    ("deletion_confirmed", "no"): N_("si les destinataires n’avaient pas tout supprimé"),
    ("backup", "available"): N_("s’il existait une copie complète des données"),
    ("backup", "partial"): N_("s’il n’existait qu’une copie partielle des données"),
    ("backup", "none"): N_("s’il n’existait aucune copie des données"),
    ("permanent_loss", "yes"): N_("si des données étaient perdues définitivement"),
    ("permanent_loss", "no"): N_("si aucune donnée n’était perdue définitivement"),
    ("integrity_outcome", "no_misuse"): N_("si les données modifiées n’avaient pas été utilisées"),
    ("integrity_outcome", "misused_recoverable"): N_(
        "si des données modifiées avaient été utilisées, même de façon réparable"
    ),
    ("integrity_outcome", "misused_unrecoverable"): N_(
        "si des données modifiées avaient été utilisées de façon irréparable"
    ),
    ("effect_on_persons", "none"): N_("si personne n’avait subi d’effet"),
    ("effect_on_persons", "minor"): N_("si les personnes n’avaient subi que des effets mineurs"),
    ("effect_on_persons", "significant"): N_("si des personnes subissaient des effets importants"),
    ("effect_on_persons", "critical"): N_("si des personnes subissaient des effets critiques"),
    ("misuse_observed", "yes"): N_("si un détournement des données était constaté"),
    ("misuse_observed", "no"): N_("si aucun détournement des données n’était constaté"),
    ("later_measures_remove_high_risk", "yes"): N_(
        "si des mesures prises depuis écartaient le risque élevé, ce que vous devez démontrer"
    ),
    ("later_measures_remove_high_risk", "no"): N_(
        "si les mesures prises depuis n’écartaient plus le risque élevé"
    ),
}

# A figure, by fact. Worded so that one and many read alike.
FIGURES: Mapping[str, str] = {
    "n_subjects": N_("si le nombre de personnes était de %(figure)s"),
    "undetected_days": N_("si le nombre de jours avant la découverte était de %(figure)s"),
    "unavailable_hours": N_("si la durée d’indisponibilité, en heures, était de %(figure)s"),
}

# A category that comes or goes, by fact.
ADDED: Mapping[str, str] = {
    "breach_types": N_("si la nature de la violation comprenait aussi « %(category)s »"),
    "data": N_("si les données comprenaient aussi la catégorie « %(category)s »"),
    "data_subjects": N_("si les personnes comprenaient aussi la catégorie « %(category)s »"),
}
REMOVED: Mapping[str, str] = {
    "breach_types": N_("si la nature de la violation ne comprenait pas « %(category)s »"),
    "data": N_("si les données ne comprenaient pas la catégorie « %(category)s »"),
    "data_subjects": N_("si les personnes ne comprenaient pas la catégorie « %(category)s »"),
}
