"""Signing in and out. The answer to a wrong address and to a wrong password is the same."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.widgets import EmailInput

from breachdesk.domain.errors import TooManyAttempts
from breachdesk.domain.sign_in import SignInMethod
from breachdesk.models import User
from breachdesk.services.organisations import has_anybody
from breachdesk.services.second_factor import has_second_factor
from breachdesk.services.sessions import end_session
from breachdesk.services.signing_in import sign_in_with_password
from breachdesk.web.browsers import known_browser
from breachdesk.web.errors import too_many_attempts
from breachdesk.web.forms import DeskForm, Needed
from breachdesk.web.language import say, say_later
from breachdesk.web.password_fields import password_field
from breachdesk.web.request import desk, now, session
from breachdesk.web.signing_in import (
    ask_second_step,
    empty_cookie,
    sign_in_with,
    target_after_sign_in,
)
from breachdesk.wording import N_

pages = Blueprint("sign_in", __name__)


class SignInForm(DeskForm):
    """An address and a password."""

    email = StringField(
        say_later("Adresse électronique"),
        [Needed(N_("Indiquez votre adresse électronique."))],
        widget=EmailInput(),
        render_kw={"autocomplete": "username"},
    )
    password = password_field(
        say_later("Mot de passe"), [Needed(N_("Indiquez votre mot de passe."))]
    )


@pages.get("/sign-in")
def form() -> str | Response:
    """Ask who it is; somebody signed in goes on to where they were going."""
    if current_user.is_authenticated:
        return redirect(target_after_sign_in())
    return _page(SignInForm())


@pages.post("/sign-in")
def submit() -> str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Sign somebody in, in a session that knows nothing of the one before."""
    asked = SignInForm()
    if not asked.validate():
        return _page(asked), 422
    try:
        user = _user_of(asked.email.data or "", asked.password.data or "")
    except TooManyAttempts as refused:
        return too_many_attempts(refused, "sign_in/throttled.html")
    if user is None:
        asked.form_errors = [
            say("L’adresse ou le mot de passe ne convient pas. Vérifiez-les et réessayez.")
        ]
        return _page(asked), 422
    if has_second_factor(session(), user):
        return ask_second_step(user)
    return sign_in_with(user, method=SignInMethod.PASSWORD)


@pages.post("/sign-out")
def out() -> Response:
    """Sign out, and leave nothing in the cookie."""
    if current_user.is_authenticated:
        end_session(session(), current_user, g.signed_in.session.id, now=now())
    logout_user()
    empty_cookie()
    flash(say("Vous êtes déconnecté."))
    return redirect(url_for("sign_in.form"))


def _user_of(email: str, password: str) -> User | None:
    return sign_in_with_password(
        session(),
        desk(),
        email,
        password,
        address=request.remote_addr or "",
        browser=known_browser(email),
        now=now(),
    )


def _page(asked: SignInForm) -> str:
    return render_template("sign_in/form.html", form=asked, is_set_up=has_anybody(session()))
