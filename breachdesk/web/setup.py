"""Setting the desk up, once: the first organisation and its people, or the example.

The page is opened by the token that `run` prints on the console (services.set_up).
"""

import secrets
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.widgets import EmailInput

from breachdesk.domain.access import Role
from breachdesk.domain.errors import NotFound
from breachdesk.domain.organisation_details import DETAILS
from breachdesk.models import Membership, Organisation, User
from breachdesk.services.organisations import NewPerson, has_any_organisation
from breachdesk.services.set_up import (
    discard_setup_token,
    is_setup_token,
    set_up,
    set_up_example,
)
from breachdesk.web.forms import AtMost, faults_on
from breachdesk.web.language import labels, say, say_later, wording
from breachdesk.web.organisation_form import OrganisationForm
from breachdesk.web.password_fields import new_password_field, password_faults
from breachdesk.web.request import now, session
from breachdesk.web.role_choices import roles_field
from breachdesk.wording import N_

pages = Blueprint("setup", __name__, url_prefix="/setup/<token>")

PEOPLE = 4
# In a small house one person holds most roles; who only reports is added later.
FIRST_ROLES = (Role.DECIDER, Role.HANDLER, Role.MANAGER, Role.ADMIN)
# Letters and figures that nobody takes for one another.
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


class SetupForm(OrganisationForm):
    """The organisation; its people are the fields that `_person_fields` adds."""

    def fields_of_person(self, number: int) -> dict[str, Any]:
        """The fields of one person by name, for the template."""
        return {
            name: self[f"{name}_{number}"]
            for name in ("name", "email", "password", "again", "roles")
            if f"{name}_{number}" in self
        }

    def is_given(self, number: int) -> bool:
        """Whether anything was said of a person. The first always is."""
        fields = self.fields_of_person(number)
        return number == 1 or any(fields[name].data for name in ("name", "email", "password"))

    def validate(self, extra_validators: object = None) -> bool:
        """Check everything at once, people who are left empty excepted."""
        is_valid: bool = super().validate(extra_validators)
        for number in range(1, PEOPLE + 1):
            if self.is_given(number):
                is_valid = self._check_person(number) and is_valid
        return is_valid

    def _check_person(self, number: int) -> bool:
        fields = self.fields_of_person(number)
        password = fields["password"].data or ""
        fields["password"].errors = [*fields["password"].errors, *self._password_faults(number)]
        faults = {
            "name": not fields["name"].data.strip() and N_("Indiquez le nom de cette personne."),
            "email": not fields["email"].data.strip()
            and N_("Indiquez l’adresse électronique de cette personne."),
            "again": "again" in fields
            and fields["again"].data != password
            and N_("Les deux mots de passe ne sont pas les mêmes. Saisissez-les de nouveau."),
            "roles": not fields["roles"].data and N_("Cochez au moins un rôle."),
        }
        for name, fault in faults.items():
            if fault:
                fields[name].errors = [*fields[name].errors, say(fault)]
        return not any(faults.values()) and not fields["password"].errors

    def _password_faults(self, number: int) -> list[str]:
        fields = self.fields_of_person(number)
        told = (fields["name"].data, fields["email"].data, self.name.data)
        return password_faults(fields["password"].data, *told)


class _Marked:
    """Marks a field as needed; `SetupForm.validate` sees to it."""

    field_flags = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        pass


def _person_fields(number: int) -> dict[str, Any]:
    is_first = number == 1
    marks = [_Marked()] if is_first else []
    fields = {
        "name": StringField(
            say_later("Nom"),
            [*marks, AtMost(200)],
            default="",
            render_kw={"autocomplete": "name" if is_first else "off"},
        ),
        "email": StringField(
            say_later("Adresse électronique"),
            [*marks, AtMost(254)],
            default="",
            widget=EmailInput(),
            render_kw={"autocomplete": "username" if is_first else "off"},
        ),
        "password": new_password_field(say_later("Mot de passe"), marks),
        "roles": roles_field(FIRST_ROLES if is_first else ()),
    }
    if is_first:
        again = say_later("Le même mot de passe, une seconde fois")
        fields["again"] = new_password_field(again, marks)
    return {f"{name}_{number}": field for name, field in fields.items()}


for _number in range(1, PEOPLE + 1):
    for _name, _field in _person_fields(_number).items():
        setattr(SetupForm, _name, _field)


@pages.get("")
def form(token: str) -> str:
    """Ask who works here, or offer the example."""
    _demand_token(token)
    return _page(token, SetupForm())


@pages.post("")
def create(token: str) -> str | Response | tuple[str, int]:
    """Create the organisation with its people; the token ends."""
    _demand_token(token)
    asked = SetupForm()
    if asked.validate():
        with faults_on(asked) as attempt:
            set_up(session(), _details(asked), _people(asked), now=now())
        if attempt.succeeded:
            discard_setup_token(_instance())
            flash(say("Le service est prêt. Connectez-vous."))
            return redirect(url_for("sign_in.form"))
    return _page(token, asked), 422


@pages.post("/example")
def example(token: str) -> str:
    """Load the example organisation, and say once how to sign in to it."""
    _demand_token(token)
    password = readable_password()
    organisation = set_up_example(session(), password=password, now=now())
    discard_setup_token(_instance())
    return render_template(
        "setup/example.html",
        organisation=organisation,
        people=_roles_by_person(organisation),
        password=password,
    )


def readable_password() -> str:
    """Four groups of four, to read aloud and to type: about 79 bits."""
    groups = ("".join(secrets.choice(READABLE) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def _demand_token(token: str) -> None:
    """Raise NotFound unless the token is the one printed and nobody has set the desk up."""
    if not is_setup_token(_instance(), token) or has_any_organisation(session()):
        raise NotFound


def _instance() -> Path:
    return Path(current_app.instance_path)


def _details(asked: SetupForm) -> dict[str, str]:
    names = ("code", *DETAILS)
    return {name: (asked[name].data or "").strip() for name in names}


def _people(asked: SetupForm) -> list[NewPerson]:
    return [
        NewPerson(
            fields["name"].data,
            fields["email"].data,
            frozenset(Role(role) for role in fields["roles"].data),
            fields["password"].data,
        )
        for number in range(1, PEOPLE + 1)
        if asked.is_given(number)
        for fields in [asked.fields_of_person(number)]
    ]


def _roles_by_person(organisation: Organisation) -> list[tuple[User, str]]:
    """Everybody with their roles in words, in the order in which they were added."""
    held: dict[User, list[str]] = {}
    for membership in session().scalars(
        select(Membership)
        .where(Membership.organisation_id == organisation.id)
        .order_by(Membership.id)
        .options(joinedload(Membership.user))
    ):
        role = labels.role_label(membership.role, wording())
        held.setdefault(membership.user, []).append(role)
    return [(user, " · ".join(roles)) for user, roles in held.items()]


def _page(token: str, asked: SetupForm) -> str:
    return render_template(
        "setup/form.html",
        form=asked,
        token=token,
        # The name stands above them.
        details=DETAILS[1:],
        people=range(1, PEOPLE + 1),
    )
