"""What the desk says when it refuses an advice, a decision, or to take one up again."""

from collections.abc import Mapping

from breachdesk.wording import N_

DECISION_ERRORS: Mapping[str, str] = {
    "agrees_and_departs": N_(
        "Vous suivez l’avis, mais vous avez choisi autre chose plus bas. Choisissez « Je décide "
        "autrement », ou remettez « Comme l’avis »."
    ),
    "departs_in_nothing": N_(
        "Vous décidez autrement, mais rien ne diffère de l’avis. Dites ce que vous décidez, ou "
        "choisissez « Je suis l’avis »."
    ),
    "override_reason_missing": N_(
        "Ce choix s’écarte de ce qui est proposé : dites pourquoi en une phrase, de %(fewest)s "
        "mots au moins."
    ),
    "not_assessed": N_("La violation %(reference)s n’est pas encore évaluée. Évaluez-la d’abord."),
    "not_advised": N_("Il n’y a pas encore d’avis sur la dernière évaluation de %(reference)s."),
    "already_decided": N_("La décision sur %(reference)s est déjà signée."),
    "newer_assessment": N_(
        "Une évaluation plus récente existe (numéro %(version)s). Relisez-la avant de conclure."
    ),
    "newer_advice": N_("Un avis plus récent existe. Relisez-le avant de décider."),
    "newer_decision": N_(
        "Une autre décision a été signée entre-temps. Relisez-la avant de la reprendre."
    ),
    "already_reopened": N_(
        "La décision sur %(reference)s est déjà reprise : le délai court de nouveau."
    ),
    "nothing_to_reopen": N_(
        "Aucune décision de ne pas notifier n’arrête le délai de %(reference)s : il n’y a rien à "
        "reprendre."
    ),
    "processor_owes_no_filing": N_(
        "Vous êtes sous-traitant dans %(reference)s : notifier revient aux responsables du "
        "traitement. Si ce n’est pas votre rôle, corrigez-le d’abord parmi les faits."
    ),
    "reopening_reason_missing": N_(
        "Dites en une phrase, de %(fewest)s mots au moins, ce qui a changé et comment vous l’avez "
        "appris : c’est gardé avec la décision."
    ),
    "reopened_before_aware": N_(
        "Cette heure précède la prise de connaissance de la violation elle-même. Indiquez quand "
        "l’organisation a appris ce qui change."
    ),
}
