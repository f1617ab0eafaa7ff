"""What the desk says when it refuses a link of a mail or of a calendar; see `wording.errors`."""

from collections.abc import Mapping

from breachdesk.wording import N_

LINK_ERRORS: Mapping[str, str] = {
    "link_unknown": N_(
        "Ce lien n’ouvre rien. S’il est coupé sur deux lignes, copiez-le en entier."
    ),
    "link_is_over": N_("Ce lien a expiré."),
    "calendar_feeds_too_many": N_(
        "Vous avez déjà %(most)s adresses de calendrier. Révoquez celles dont vous ne vous servez "
        "plus, puis recommencez."
    ),
}
