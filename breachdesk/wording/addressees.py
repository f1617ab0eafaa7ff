"""How somebody told is named: by the titles they hold, and for whom else they are told.

The one place where this is said: pages, the ledger and the dossier ask here.
"""

from collections.abc import Iterable, Mapping

from breachdesk.domain.access import Role
from breachdesk.domain.standing_in import Addressee
from breachdesk.wording import N_, Wording
from breachdesk.wording.labels import role_label

# Within a sentence; a role without one here is said as it is labelled.
_IN_A_SENTENCE: Mapping[str, str] = {
    Role.HANDLER: N_("gestionnaire"),
    Role.DPO: N_("délégué à la protection des données"),
    Role.DECIDER: N_("décideur"),
    Role.MANAGER: N_("direction"),
    Role.ADMIN: N_("administrateur"),
}
# After "en l’absence".
_NOBODY: Mapping[str, str] = {
    Role.HANDLER: N_("de gestionnaire"),
    Role.DPO: N_("de délégué"),
    Role.DECIDER: N_("de décideur"),
    Role.MANAGER: N_("de direction"),
}


def addressee_label(told: Addressee, wording: Wording) -> str:
    """Who is told, like "Anne Delmas (direction), en l’absence de délégué"."""
    name = _with_roles(told.name, told.held, wording)
    return ", ".join((name, *_standing_in(told, wording)))


def addressee_standing(told: Addressee, wording: Wording) -> str:
    """The same without the name, to be set after it: " (direction), en l’absence de délégué"."""
    return addressee_label(told, wording).removeprefix(told.name)


def _standing_in(told: Addressee, wording: Wording) -> Iterable[str]:
    for name, roles in told.instead_of:
        yield wording.text("remplace %(who)s", who=_with_roles(name, roles, wording))
    if told.is_on_duty:
        yield wording.text("d’astreinte")
    if told.vacant:
        vacant = [_said(role, _NOBODY, wording) for role in told.vacant]
        yield wording.text("en l’absence %(of_roles)s", of_roles=", ".join(vacant))


def _with_roles(name: str, roles: Iterable[str], wording: Wording) -> str:
    said = ", ".join(_said(role, _IN_A_SENTENCE, wording) for role in roles)
    return f"{name} ({said})" if said else name


def _said(role: str, words: Mapping[str, str], wording: Wording) -> str:
    return wording.text(words[role]) if role in words else role_label(role, wording)
