"""Signing in and out. The answer to a wrong address and to a wrong password is the same."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.widgets import EmailInput, PasswordInput

from breachdesk.models import User
from breachdesk.services.organisations import authenticate, has_any_organisation
from breachdesk.web.forms import DeskForm, Needed
from breachdesk.web.language import safe_target, say, say_later
from breachdesk.web.request import session
from breachdesk.wording import N_

pages = Blueprint("sign_in", __name__)

# What outlives a change of person at the same browser.
KEPT = ("locale",)


class SignInForm(DeskForm):
    """An address and a password."""

    email = StringField(
        say_later("Adresse électronique"),
        [Needed(N_("Indiquez votre adresse électronique."))],
        widget=EmailInput(),
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        say_later("Mot de passe"),
        [Needed(N_("Indiquez votre mot de passe."))],
        # Kept in no page: the browser's own memory fills it in again.
        widget=PasswordInput(hide_value=True),
        render_kw={"autocomplete": "current-password"},
    )


@pages.get("/sign-in")
def form() -> str | Response:
    """Ask who it is; somebody signed in goes on to where they were going."""
    if current_user.is_authenticated:
        return redirect(_target())
    return _page(SignInForm())


@pages.post("/sign-in")
def submit() -> str | Response | tuple[str, int]:
    """Sign somebody in, in a session that knows nothing of the one before."""
    asked = SignInForm()
    if not asked.validate():
        return _page(asked), 422
    user = authenticate(session(), asked.email.data or "", asked.password.data or "")
    if user is None:
        asked.form_errors = [
            say("L’adresse ou le mot de passe ne convient pas. Vérifiez-les et réessayez.")
        ]
        return _page(asked), 422
    _begin_session(user)
    return redirect(_target())


@pages.post("/sign-out")
def out() -> Response:
    """Sign out, and leave nothing in the cookie."""
    logout_user()
    _empty_cookie()
    flash(say("Vous êtes déconnecté."))
    return redirect(url_for("sign_in.form"))


def _begin_session(user: User) -> None:
    _empty_cookie()
    login_user(user)


def _empty_cookie() -> None:
    kept = {name: cookie[name] for name in KEPT if name in cookie}
    cookie.clear()
    cookie.update(kept)


def _target() -> str:
    return safe_target(request.args.get("back", "")) or url_for("desk.home")


def _page(asked: SignInForm) -> str:
    return render_template(
        "sign_in/form.html", form=asked, is_set_up=has_any_organisation(session())
    )
