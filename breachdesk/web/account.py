"""One's own account: name, language, second address, password, sessions."""

from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, current_app, flash, g, redirect, render_template, url_for
from flask import session as cookie
from werkzeug.wrappers import Response
from wtforms import RadioField, StringField
from wtforms.widgets import EmailInput

from breachdesk.domain.sign_in import ABSOLUTE_LIMIT, IDLE_LIMIT
from breachdesk.services.own_account import LONGEST_NAME, change_own_details
from breachdesk.services.password_changes import change_password
from breachdesk.services.passwords import NO_PASSWORD
from breachdesk.services.sessions import end_other_sessions, end_session, sessions_of
from breachdesk.web.forms import AtMost, DeskForm, Needed, choices, faults_on
from breachdesk.web.language import say, say_later, wording
from breachdesk.web.password_fields import SameTwice, new_password_field, password_field
from breachdesk.web.proof import demand_recent_proof
from breachdesk.web.request import desk, now, session
from breachdesk.wording import N_
from breachdesk.wording.sign_in import method_label

pages = Blueprint("account", __name__, url_prefix="/account")


class DetailsForm(DeskForm):
    """What somebody may change of how the desk knows them."""

    name = StringField(
        say_later("Nom"),
        [Needed(N_("Indiquez votre nom.")), AtMost(LONGEST_NAME)],
        render_kw={"autocomplete": "name"},
    )
    locale = RadioField(
        say_later("Langue des messages"), choices=choices(("fr", "Français"), ("en", "English"))
    )
    second_email = StringField(
        say_later("Seconde adresse électronique"),
        [AtMost(254)],
        widget=EmailInput(),
        render_kw={"autocomplete": "off"},
    )


class PasswordForm(DeskForm):
    """The password somebody has, and the one they choose."""

    current = password_field(
        say_later("Mot de passe actuel"), [Needed(N_("Indiquez votre mot de passe actuel."))]
    )
    new = new_password_field(
        say_later("Nouveau mot de passe"), [Needed(N_("Choisissez un mot de passe."))]
    )
    again = new_password_field(say_later("Le nouveau, une seconde fois"), [SameTwice("new")])


@pages.get("")
def show() -> str:
    """Who one is here, and where one is signed in."""
    return _page(DetailsForm(obj=g.person))


@pages.post("")
def save() -> str | Response | tuple[str, int]:
    """Change name, language or second address."""
    asked = DetailsForm(obj=g.person)
    if (asked.second_email.data or "").strip() != g.person.second_email:
        demand_recent_proof()
    if asked.validate():
        with faults_on(asked) as attempt:
            change_own_details(
                session(),
                desk(),
                g.person,
                name=asked.name.data,
                locale=asked.locale.data,
                second_email=asked.second_email.data or "",
                now=now(),
            )
        if attempt.succeeded:
            cookie["locale"] = asked.locale.data
            flash(say("Votre compte est enregistré."))
            return redirect(url_for("account.show"))
    return _page(asked), 422


@pages.get("/password")
def password() -> str:
    """Ask for a new password."""
    return _password_page(PasswordForm())


@pages.post("/password")
def set_password() -> str | Response | tuple[str, int]:
    """Change the password; every other session ends."""
    asked = PasswordForm()
    if asked.validate():
        with faults_on(asked) as attempt:
            change_password(
                session(),
                desk(),
                g.person,
                current=asked.current.data,
                new=asked.new.data,
                session_id=g.signed_in.session.id,
                now=now(),
            )
        if attempt.succeeded:
            flash(say("Votre mot de passe est changé. Vos autres sessions ont pris fin."))
            return redirect(url_for("account.show"))
    return _password_page(asked), 422


@pages.post("/sessions/<int:session_id>/end")
def end_one(session_id: int) -> Response:
    """End a session of one's own, at whatever browser it is."""
    end_session(session(), g.person, session_id, now=now())
    flash(say("Cette session a pris fin."))
    return redirect(url_for("account.show", _anchor="sessions"))


@pages.post("/sessions/end-others")
def end_others() -> Response:
    """End every session but the one in hand."""
    end_other_sessions(session(), g.person, g.signed_in.session.id, now=now())
    flash(say("Toutes vos autres sessions ont pris fin."))
    return redirect(url_for("account.show", _anchor="sessions"))


@pages.post("/alive")
def alive() -> tuple[str, int]:
    """Somebody types: what every answer notes of a session is all there is to do."""
    return "", HTTPStatus.NO_CONTENT


def _page(asked: DetailsForm) -> str:
    held = sessions_of(session(), g.person, now=now())
    return render_template(
        "account/show.html",
        form=asked,
        person=g.person,
        sessions=[
            (kept, method_label(kept.method, wording()), kept.id == g.signed_in.session.id)
            for kept in held
        ],
        has_password=g.person.password_hash != NO_PASSWORD,
        second_factor_url=_second_factor_url(),
        idle=IDLE_LIMIT,
        hours=ABSOLUTE_LIMIT // timedelta(hours=1),
    )


def _second_factor_url() -> str | None:
    is_there = "second_factor.listing" in current_app.view_functions
    return url_for("second_factor.listing") if is_there else None


def _password_page(asked: PasswordForm) -> str:
    return render_template(
        "account/password.html",
        form=asked,
        has_password=g.person.password_hash != NO_PASSWORD,
    )
