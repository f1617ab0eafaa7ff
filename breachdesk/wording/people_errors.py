"""What the desk says when it refuses a change of people and roles; see `wording.errors`."""

from collections.abc import Mapping

from breachdesk.wording import N_

PEOPLE_ERRORS: Mapping[str, str] = {
    "role_missing": N_("Cochez au moins un rôle."),
    "person_name_missing": N_("Indiquez le nom de cette personne."),
    "already_member": N_("%(shown)s fait déjà partie de l’organisation."),
    "former_member": N_(
        "%(shown)s a déjà fait partie de l’organisation. Rétablissez plutôt son accès, depuis la "
        "liste des anciennes personnes."
    ),
    "already_invited": N_(
        "%(shown)s a déjà une invitation en attente. Envoyez-lui un nouveau lien depuis la liste."
    ),
    "last_decider": N_(
        "Cette personne est la seule à pouvoir décider, et l’organisation doit toujours pouvoir "
        "le faire. Donnez d’abord le rôle de décideur à quelqu’un d’autre."
    ),
    "last_admin": N_(
        "Cette personne est la seule à administrer l’organisation. Donnez d’abord le rôle "
        "d’administrateur à quelqu’un d’autre."
    ),
    "own_admin_role": N_(
        "Vous ne pouvez pas vous retirer vous-même le rôle d’administrateur : un autre "
        "administrateur peut le faire."
    ),
    "break_glass_stays": N_(
        "La connexion par mot de passe est fermée, et cette personne est la seule à pouvoir "
        "entrer si l’authentification unique tombe en panne. Désignez d’abord quelqu’un d’autre "
        "dans les règles de connexion."
    ),
    "nobody_administers": N_(
        "Au moins une personne doit pouvoir faire entrer les autres. Donnez à l’une d’elles le "
        "rôle d’administrateur."
    ),
    "unknown_colleague": N_("Cette personne n’est pas ici."),
    "unknown_invitation": N_("Cette invitation n’est plus en attente."),
    "invitation_over": N_("Ce lien d’invitation n’ouvre plus rien."),
    "invitation_of_another": N_("Cette invitation est adressée à quelqu’un d’autre."),
    "organisation_is_run": N_(
        "%(shown)s a déjà quelqu’un : c’est cette personne qui invite les autres."
    ),
}
