"""How the codes of reminders are said: why one is there, by which way, where it stands."""

from collections.abc import Mapping
from enum import StrEnum

from breachdesk.domain.reminder_ledger import Standing
from breachdesk.domain.reminders import AcknowledgedVia, ReminderCause, ReminderChannel
from breachdesk.wording import N_

_CAUSES: Mapping[StrEnum, str] = {
    ReminderCause.START: N_("Message de départ"),
    ReminderCause.PLANNED: N_("Rappel prévu"),
    ReminderCause.ESCALATION: N_("Escalade, faute de réponse"),
    ReminderCause.LATE: N_("Rappel de retard"),
}

_CHANNELS: Mapping[StrEnum, str] = {
    ReminderChannel.MAIL: N_("Par message"),
    ReminderChannel.DESK: N_("Sur ce service seulement"),
}

_VIA: Mapping[StrEnum, str] = {
    AcknowledgedVia.LINK: N_("par le lien du message"),
    AcknowledgedVia.PAGE: N_("sur ce service"),
    AcknowledgedVia.START: N_("en faisant courir le délai"),
}

_STANDINGS: Mapping[StrEnum, str] = {
    Standing.PLANNED: N_("À venir"),
    Standing.HELD: N_("Retenu"),
    Standing.UNREAD: N_("Sans réponse"),
    Standing.READ: N_("Lu"),
    Standing.JOINED: N_("Regroupé"),
    Standing.MISSED: N_("Manqué"),
    Standing.CANCELLED: N_("Annulé"),
}

# Of a mail that stayed on the desk, in the place of the state of its delivery.
KEPT_HERE = N_("Retenu ici (organisation d’exemple), non envoyé")
# The same where several are counted.
KEPT_COUNTED = N_("Retenu ici (organisation d’exemple)")

REMINDER_LABELS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    ReminderCause: _CAUSES,
    ReminderChannel: _CHANNELS,
    AcknowledgedVia: _VIA,
    Standing: _STANDINGS,
}
