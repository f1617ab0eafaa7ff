"""A new password by a link mailed to the account's owner.

The answer to the question for a link is the same whether or not anybody has the address.
"""

from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.widgets import EmailInput

from breachdesk.domain.errors import NotFound
from breachdesk.domain.passwords import RESET_LASTS
from breachdesk.services.password_changes import (
    ask_for_reset,
    find_reset,
    set_password_by_link,
)
from breachdesk.web.browsers import know_browser
from breachdesk.web.forms import AtMost, DeskForm, Needed, faults_on
from breachdesk.web.language import say, say_later
from breachdesk.web.password_fields import SameTwice, new_password_field
from breachdesk.web.request import desk, now, session
from breachdesk.wording import N_

pages = Blueprint("password", __name__, url_prefix="/password")


class ForgottenForm(DeskForm):
    """The address of an account, or of none."""

    email = StringField(
        say_later("Adresse électronique"),
        [Needed(N_("Indiquez votre adresse électronique.")), AtMost(254)],
        widget=EmailInput(),
        render_kw={"autocomplete": "username"},
    )


class NewPasswordForm(DeskForm):
    """A password, typed twice."""

    password = new_password_field(
        say_later("Nouveau mot de passe"), [Needed(N_("Choisissez un mot de passe."))]
    )
    again = new_password_field(
        say_later("Le même mot de passe, une seconde fois"), [SameTwice("password")]
    )


@pages.get("/forgotten")
def forgotten() -> str:
    """Ask for the address that a link may be mailed to."""
    return render_template("password/forgotten.html", form=ForgottenForm(), is_sent=False)


@pages.post("/forgotten")
def ask() -> str | tuple[str, int]:
    """Mail a link, if anybody has the address."""
    asked = ForgottenForm()
    if not asked.validate():
        return render_template("password/forgotten.html", form=asked, is_sent=False), 422
    address = request.remote_addr or ""
    ask_for_reset(session(), desk(), asked.email.data, address=address, now=now())
    return render_template(
        "password/forgotten.html", form=asked, is_sent=True, hours=RESET_LASTS // timedelta(hours=1)
    )


@pages.get("/<token>")
def choose(token: str) -> str | tuple[str, int]:
    """Ask for the new password; programs that look at links in mails use none up."""
    try:
        find_reset(session(), token, now=now())
    except NotFound:
        return _link_is_over()
    return render_template("password/choose.html", form=NewPasswordForm())


@pages.post("/<token>")
def reset(token: str) -> str | Response | tuple[str, int]:
    """Set the new password, and end every session of the account."""
    asked = NewPasswordForm()
    try:
        find_reset(session(), token, now=now())
        if asked.validate():
            with faults_on(asked) as attempt:
                user = set_password_by_link(
                    session(), desk(), token, asked.password.data, now=now()
                )
            if attempt.succeeded:
                return _changed(user.email)
    except NotFound:
        return _link_is_over()
    return render_template("password/choose.html", form=asked), 422


def _changed(email: str) -> Response:
    flash(say("Votre mot de passe est changé. Connectez-vous avec le nouveau."))
    answer = redirect(url_for("sign_in.form"))
    # Whoever opens the owner's mail is not to be locked out by somebody who guesses.
    know_browser(answer, email)
    return answer


def _link_is_over() -> tuple[str, int]:
    return render_template("password/link_is_over.html"), HTTPStatus.NOT_FOUND
