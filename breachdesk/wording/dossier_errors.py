"""What is wrong with a filing or with a wish for a dossier, and how to mend it."""

from collections.abc import Mapping

from breachdesk.wording import N_

DOSSIER_ERRORS: Mapping[str, str] = {
    "for_whom_missing": N_("Dites à qui cette copie est destinée, comme « Maître Pons, avocate »."),
    "nothing_to_remove": N_(
        "Choisissez ce qui est à retirer. Pour tout donner, établissez un dossier entier."
    ),
    "withdrawal_reason_missing": N_(
        "Dites pourquoi la notification est retirée, dans les mêmes termes que sur le téléservice."
    ),
    "already_notified": N_(
        "Une notification est déjà déposée pour %(reference)s. Enregistrez une notification "
        "complémentaire, ou complète."
    ),
    "unknown_phase": N_("Ce dossier n’a pas de dépôt n° %(number)s."),
    "months_wrong": N_("Indiquez un nombre entier de mois, de %(fewest)s à %(most)s, comme 60."),
}
