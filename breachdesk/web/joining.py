"""Accepting an invitation: with a new account, or signed in to the one of that address.

Whatever is wrong with a link, the answer is the same page: it says what to do, and nothing
of the invitation.
"""

from http import HTTPStatus

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask import session as cookie
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response
from wtforms import StringField, ValidationError

from breachdesk.domain.errors import NotFound
from breachdesk.domain.sign_in import SignInMethod
from breachdesk.models import Invitation
from breachdesk.services.joining import (
    OpenInvitation,
    find_open,
    join_as,
    join_as_new,
    wake_account,
)
from breachdesk.services.sessions import end_session
from breachdesk.web.forms import AtMost, DeskForm, Needed, faults_on
from breachdesk.web.language import say, say_later, wording
from breachdesk.web.password_fields import new_password_field
from breachdesk.web.request import desk, now, session
from breachdesk.web.role_choices import roles_in_words
from breachdesk.web.signing_in import BACK, empty_cookie, sign_in_with
from breachdesk.wording import N_

pages = Blueprint("joining", __name__, url_prefix="/invitations/<token>")

Answer = str | Response | tuple[str, int]


class NewAccountForm(DeskForm):
    """What somebody new chooses: how they are called here, and their password."""

    name = StringField(
        say_later("Votre nom"),
        [Needed(N_("Indiquez votre nom.")), AtMost(200)],
        description=say_later("Vos collègues et les journaux vous nomment ainsi."),
        render_kw={"autocomplete": "name"},
    )
    password = new_password_field(
        say_later("Mot de passe"), [Needed(N_("Choisissez un mot de passe."))]
    )
    again = new_password_field(
        say_later("Le même mot de passe, une seconde fois"),
        [Needed(N_("Saisissez le mot de passe une seconde fois."))],
    )

    def validate_again(self, field: StringField) -> None:
        """Refuse a second one that is not the first: nobody sees what they type."""
        if field.data and field.data != self.password.data:
            raise ValidationError(
                say("Les deux mots de passe ne sont pas les mêmes. Saisissez-les de nouveau.")
            )


def _form_for(invitation: Invitation) -> NewAccountForm:
    """The form; without passwords where the organisation takes no local sign-in."""
    form = NewAccountForm(data={"name": invitation.name})
    if not invitation.organisation.takes_local_sign_in:
        del form.password, form.again
    return form


@pages.get("")
def form(token: str) -> Answer:
    """Show what the invitation is for, and the one way to accept it."""
    try:
        found = find_open(session(), token, now=now())
    except NotFound:
        return _over()
    return _page(token, found, _form_for(found.invitation))


@pages.post("")
def accept(token: str) -> Answer:
    """Join, as whoever is signed in or with a new account."""
    try:
        found = find_open(session(), token, now=now())
        if _signed_in_as_invited(found):
            return _join(token, found)
        if current_user.is_authenticated or found.account is not None:
            return _page(token, found, _form_for(found.invitation))
        return _join_as_new(token, found)
    except NotFound:
        return _over()


@pages.post("/account")
def identify(token: str) -> Answer:
    """Lead somebody whose address has an account to the sign-in, and back here."""
    try:
        wake_account(session(), token, now=now())
    except NotFound:
        return _over()
    _sign_out()
    return redirect(url_for("sign_in.form", back=url_for("joining.form", token=token)))


@pages.post("/other")
def leave(token: str) -> Response:
    """Sign out whoever this invitation is not for, and show it again."""
    _sign_out()
    return redirect(url_for("joining.form", token=token))


def _signed_in_as_invited(found: OpenInvitation) -> bool:
    account = found.account
    return account is not None and current_user.is_authenticated and g.person.id == account.id


def _join(token: str, found: OpenInvitation) -> Response:
    own = found.invitation.organisation
    name, code = own.name, own.code
    join_as(session(), desk(), token, g.person, now=now())
    flash(say("Vous faites maintenant partie de %(name)s.", name=name))
    return redirect(url_for("desk.due", code=code))


def _join_as_new(token: str, found: OpenInvitation) -> Answer:
    own = found.invitation.organisation
    name, code, takes_local = own.name, own.code, own.takes_local_sign_in
    asked = _form_for(found.invitation)
    if asked.validate():
        with faults_on(asked) as attempt:
            user = join_as_new(
                session(),
                desk(),
                token,
                name=asked.name.data or "",
                password=(asked.password.data or "") if takes_local else "",
                locale=wording().locale,
                now=now(),
            )
        if attempt.succeeded:
            # Kept for after the sign-in, which empties the cookie of what was said before.
            cookie[BACK] = url_for("desk.due", code=code)
            answer = (
                sign_in_with(user, method=SignInMethod.PASSWORD)
                if takes_local
                else redirect(url_for("single_sign_on.start", code=code))
            )
            flash(say("Vous faites maintenant partie de %(name)s.", name=name))
            return answer
    found = find_open(session(), token, now=now())
    return _page(token, found, asked), HTTPStatus.UNPROCESSABLE_ENTITY


def _sign_out() -> None:
    if current_user.is_authenticated:
        end_session(session(), current_user, g.signed_in.session.id, now=now())
    logout_user()
    empty_cookie()


def _page(token: str, found: OpenInvitation, asked: NewAccountForm) -> str:
    """The page of an open invitation, as fits whoever is at this browser."""
    invitation = found.invitation
    if _signed_in_as_invited(found):
        template = "joining/accept.html"
    elif current_user.is_authenticated:
        template = "joining/other.html"
    elif found.account is not None:
        template = "joining/known.html"
    else:
        template = "joining/new.html"
    return render_template(
        template,
        invitation=invitation,
        organisation=invitation.organisation,
        roles=roles_in_words(invitation.roles),
        form=asked,
        token=token,
    )


def _over() -> tuple[str, int]:
    return render_template("joining/over.html"), HTTPStatus.NOT_FOUND
