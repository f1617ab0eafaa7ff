"""What the desk says when it refuses a plan of reminders, an absence or a shift."""

from collections.abc import Mapping

from breachdesk.wording import N_

REMINDER_ERRORS: Mapping[str, str] = {
    "not_hours": N_("« %(shown)s » n’est pas une durée en heures. Écrivez-la comme 48 ou 1,5."),
    "not_a_time_of_day": N_("« %(shown)s » n’est pas une heure de la journée, comme 21:00."),
    "not_a_date": N_("« %(shown)s » n’est pas une date, comme 02/03/2026."),
    "plan_unreadable": N_("Ce plan ne se lit pas. Rien n’a été changé."),
    "plan_empty": N_("Gardez au moins un rappel : sans lui, une échéance passerait en silence."),
    "plan_too_many_notices": N_("Un plan compte %(most)s rappels au plus. Retirez-en."),
    "plan_offset_out_of_range": N_(
        "Un rappel part au plus tôt %(most)s jours avant l’échéance, et au plus tard à l’échéance."
    ),
    "plan_offset_twice": N_("Deux rappels ont la même heure. Retirez-en un."),
    "plan_role_missing": N_("Cochez au moins un rôle pour chaque rappel."),
    "plan_role_unknown": N_("Un rappel ne va qu’à ceux qui suivent les dossiers."),
    "plan_quiet_channel_near": N_(
        "Près de l’échéance, un rappel part toujours par message : sur ce service seulement, "
        "personne ne le verrait la nuit."
    ),
    "plan_without_near_notice": N_(
        "Gardez au moins un rappel près de l’échéance : les autres sont trop loin d’elle."
    ),
    "plan_pace_out_of_range": N_("Indiquez une durée de %(least)s à %(most)s."),
    "plan_slower_when_near": N_(
        "Près de l’échéance, la patience ne peut pas être plus longue qu’ailleurs."
    ),
    "plan_holidays_unknown": N_("Choisissez des jours fériés dans la liste."),
    "absence_ends_before_start": N_("Le dernier jour ne peut pas précéder le premier."),
    "absence_is_over": N_("Cette absence est déjà passée. Indiquez un jour à venir."),
    "absence_too_long": N_("Une absence dure %(most)s jours au plus."),
    "deputy_is_absent_person": N_(
        "Personne ne se remplace soi-même. Choisissez quelqu’un d’autre."
    ),
    "cannot_stand_in": N_(
        "Cette personne ne peut pas lire les dossiers. Choisissez parmi celles qui sont proposées."
    ),
    "person_not_chosen": N_("Choisissez une personne."),
    "shift_ends_before_start": N_("La fin doit venir après le début."),
    "shift_is_over": N_("Cette astreinte est déjà passée. Indiquez une fin à venir."),
    "shift_too_long": N_("Une astreinte dure %(most)s jours au plus."),
}
