"""Choosing the people who alone shall know of a case."""

from collections.abc import Iterable

from wtforms import SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from breachdesk.domain.access import Role
from breachdesk.services.case_access import Reader
from breachdesk.web.forms import choices
from breachdesk.web.language import labels, wording


def people_field(label: object) -> SelectMultipleField:
    """A box for each person; the service refuses whoever is not among those it offers."""
    return SelectMultipleField(
        label,
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )


def people_choices(people: Iterable[Reader]) -> list[SelectChoice]:
    """Each person with the roles for which they would be named."""
    return choices(
        *((person.user.id, f"{person.user.name} – {roles_said(person.roles)}") for person in people)
    )


def roles_said(held: Iterable[Role]) -> str:
    """Roles in words, in the order of the roles."""
    kept = set(held)
    return ", ".join(labels.role_label(role, wording()) for role in Role if role in kept)
