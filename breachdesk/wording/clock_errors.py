"""What is said when something about the clocks of a case, or its deadlines, is refused."""

from collections.abc import Mapping

from breachdesk.wording import N_

CLOCK_ERRORS: Mapping[str, str] = {
    "unknown_clock": N_("Ce dossier n’a pas ce délai."),
    "unknown_regime": N_("Aucun délai « %(shown)s » ne peut être démarré ici."),
    "clock_already_running": N_("Ce délai court déjà dans le dossier %(reference)s."),
    "clock_ends_otherwise": N_(
        "Ce délai ne court plus, ou s’arrête autrement : par la qualification, la décision ou le "
        "dépôt."
    ),
    "start_in_future": N_("Cette heure est à venir. Indiquez quand cela s’est produit."),
    "no_rule_then": N_(
        "À cette date, la règle n’était pas encore en vigueur. Vérifiez l’année que vous avez "
        "saisie."
    ),
    "done_at_missing": N_("Indiquez quand cela a été fait, comme 02/03/2026 14:30."),
    "done_in_future": N_("Cette heure est à venir. Indiquez quand cela a été fait."),
    "done_before_start": N_(
        "Cela ne peut pas avoir été fait avant que le délai commence. Corrigez cette heure, ou "
        "celle du départ."
    ),
    "late_remark_missing": N_(
        "C’est fait après l’échéance : dites pourquoi en une phrase, de %(fewest)s mots au moins."
    ),
    "other_delay_reasons_missing": N_(
        "Le dépôt est postérieur à une autre échéance de ce dossier : indiquez les motifs du "
        "retard en une phrase."
    ),
    "refusal_reason_missing": N_(
        "Dites en une phrase, de %(fewest)s mots au moins, pourquoi ce n’est pas dû : c’est gardé "
        "au dossier."
    ),
    "correction_reason_missing": N_(
        "Dites en une phrase, de %(fewest)s mots au moins, pourquoi le départ change : c’est gardé "
        "au dossier."
    ),
    "target_hours_wrong": N_("Indiquez un nombre d’heures, de 1 à %(most)s."),
    "unknown_trait": N_("Aucun délai ne dépend de « %(shown)s »."),
}
