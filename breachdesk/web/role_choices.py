"""The roles of an organisation as a form offers them, each with what it is for."""

from collections.abc import Iterable

from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from breachdesk.domain.access import Role
from breachdesk.web.forms import choices
from breachdesk.web.language import labels, say_later, wording

# Said to somebody who has never seen the desk.
ROLE_CHOICES = (
    (Role.DECIDER, say_later("Décide et signe au nom de l’organisation (décideur)")),
    (Role.DPO, say_later("Conseille : délégué à la protection des données (DPO)")),
    (Role.HANDLER, say_later("Réunit les faits, prépare les messages (gestionnaire)")),
    (Role.MANAGER, say_later("Est prévenu et suit l’avancement (direction)")),
    (Role.ADMIN, say_later("Gère les personnes et l’envoi des messages (administrateur)")),
    (Role.AUDITOR, say_later("Lit tout, ne change rien (auditeur)")),
    (Role.REPORTER, say_later("Signale des incidents (déclarant)")),
)


def roles_field(chosen: Iterable[Role] = ()) -> SelectMultipleField:
    """Asks which roles somebody holds, each with its box; `chosen` at first."""
    return SelectMultipleField(
        say_later("Rôles"),
        choices=choices(*((role.value, label) for role, label in ROLE_CHOICES)),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        default=[role.value for role in chosen],
    )


def roles_in_words(roles: Iterable[str]) -> str:
    """Roles in a list, in the order of the table of roles."""
    held = set(roles)
    return " · ".join(labels.role_label(role, wording()) for role in Role if role in held)
