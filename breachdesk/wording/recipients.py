"""Why a line of a recipients file cannot be taken, and how to mend it."""

from collections.abc import Mapping

from breachdesk.domain.mail_address import AddressFault
from breachdesk.domain.recipient_list import LineFault
from breachdesk.wording import N_, Wording

REASONS: Mapping[str, str] = {
    LineFault.NO_ADDRESS.value: N_("Aucune adresse dans la colonne choisie."),
    LineFault.CONTROL_CHARACTER.value: N_("Un caractère illisible : fichier abîmé ou mal exporté."),
    LineFault.NAME_TOO_LONG.value: N_("Le nom est trop long pour en être un."),
    LineFault.QUOTE_NOT_CLOSED.value: N_("Un guillemet ouvert n’est jamais fermé."),
    AddressFault.NOT_AN_ADDRESS.value: N_("Ce n’est pas une adresse électronique."),
    AddressFault.TOO_LONG.value: N_("L’adresse est trop longue."),
    AddressFault.NON_ASCII_LOCAL_PART.value: N_(
        "Une lettre accentuée avant l’arobase : aucun serveur courant ne la prend."
    ),
    AddressFault.BAD_DOMAIN.value: N_("Ce qui suit l’arobase n’est pas un nom de domaine."),
}


def line_reason(code: str, wording: Wording) -> str:
    """Why a line cannot be taken; the code itself where it is not one of ours."""
    return wording.text(REASONS[code]) if code in REASONS else code
