"""How the people of an organisation sign in: second factor, identity provider, passwords."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, PasswordField, RadioField, StringField
from wtforms.widgets import PasswordInput, URLInput

from breachdesk.domain.access import Action
from breachdesk.domain.errors import WrongStep
from breachdesk.domain.single_sign_on import LONGEST_ISSUER, ProviderFault
from breachdesk.models import UserSession
from breachdesk.services.acting import Acting
from breachdesk.services.identity_providers import (
    LONGEST_CLIENT_ID,
    LONGEST_SECRET,
    Found,
    ProviderSettings,
    discover,
    found_of,
    keep_found,
    list_linked,
    provider_of,
    save_provider,
    unlink,
)
from breachdesk.services.organisation_sign_in import (
    allow_local_sign_in,
    demand_second_factor,
    refuse_local_sign_in,
    rules_of,
)
from breachdesk.services.provider_client import SCOPE, redirect_uri
from breachdesk.web.forms import AtMost, DeskForm, Needed, choices, faults_on
from breachdesk.web.language import say, say_later, wording
from breachdesk.web.proof import demand_recent_proof
from breachdesk.web.request import desk, now, seat_or_404, session
from breachdesk.wording import N_
from breachdesk.wording.errors import error_sentence

pages = Blueprint("organisation_sign_in", __name__, url_prefix="/organisations/<code>/sign-in")


class ProviderForm(DeskForm):
    """An OpenID Connect provider, as its own pages name things."""

    issuer = StringField(
        say_later("Émetteur (issuer)"),
        [
            Needed(N_("Indiquez l’émetteur, tel que le fournisseur l’écrit.")),
            AtMost(LONGEST_ISSUER),
        ],
        description=say_later(
            "L’adresse https du fournisseur, sans « /.well-known/… », comme "
            "https://connexion.exemple.fr/realms/maison."
        ),
        widget=URLInput(),
        render_kw={"autocomplete": "off", "class": "code"},
    )
    client_id = StringField(
        say_later("Identifiant client (client ID)"),
        [Needed(N_("Indiquez l’identifiant client.")), AtMost(LONGEST_CLIENT_ID)],
        render_kw={"autocomplete": "off", "class": "code"},
    )
    client_secret = PasswordField(
        say_later("Secret du client (client secret)"),
        [AtMost(LONGEST_SECRET)],
        widget=PasswordInput(hide_value=True),
        render_kw={"autocomplete": "off"},
    )
    drops_secret = BooleanField(say_later("Oublier le secret enregistré"))
    is_enabled = BooleanField(say_later("Activer : nos personnes peuvent se connecter ainsi"))


class BreakGlassForm(DeskForm):
    """Who a password lets in where everybody else comes through the provider."""

    break_glass = RadioField(
        say_later("Qui peut entrer en secours, avec un mot de passe et un second facteur ?"),
        [Needed(N_("Choisissez la personne qui pourra entrer en secours."))],
        # Whoever is not fit is refused by the service, in our words.
        validate_choice=False,
    )


@pages.get("")
def rules(code: str) -> str:
    """How people sign in today, and the next step to make it safer."""
    seat = seat_or_404(code, Action.MANAGE_SIGN_IN)
    return render_template(
        "organisation_sign_in/rules.html",
        seat=seat,
        rules=rules_of(session(), seat, _in_hand()),
        start_url=url_for("single_sign_on.start", code=seat.organisation.code, back=_url(seat)),
    )


# --- Second factor ---------------------------------------------------------------------------


@pages.route("/second-factor", methods=["GET", "POST"])
def second_factor(code: str) -> str | Response:
    """Say what demanding a second factor will do, and do it; or undo it."""
    seat = _changing(code)
    asked = DeskForm()
    demands = not seat.organisation.demands_second_factor
    if asked.validate_on_submit():
        demand_second_factor(session(), demands=demands, by=seat, now=now())
        flash(
            say("Un second facteur est exigé, dès maintenant.")
            if demands
            else say("Le second facteur n’est plus exigé.")
        )
        return redirect(_url(seat))
    found = rules_of(session(), seat, _in_hand())
    return render_template(
        "organisation_sign_in/second_factor.html",
        seat=seat,
        form=asked,
        rules=found,
        lacks_own=any(user.id == seat.user.id for user in found.without_factor)
        and not _in_hand().has_second_factor,
    )


# --- Identity provider -----------------------------------------------------------------------


@pages.route("/provider", methods=["GET", "POST"])
def provider(code: str) -> str | Response | tuple[str, int]:
    """The provider's settings; enabling it asks it first whether it can be used."""
    seat = _changing(code)
    kept = provider_of(session(), seat.organisation)
    asked = ProviderForm(obj=kept, data=None if kept else {"is_enabled": True})
    if not asked.is_submitted():
        return _provider_page(seat, asked)
    if asked.validate():
        with faults_on(asked) as attempt:
            changed = _save(seat, asked)
        if attempt.succeeded:
            return _saved(seat, changed)
    return _provider_page(seat, asked), 422


def _save(seat: Acting, asked: ProviderForm) -> list[str]:
    settings = ProviderSettings(
        issuer=asked.issuer.data or "",
        client_id=(asked.client_id.data or "").strip(),
        client_secret=(asked.client_secret.data or "").strip(),
        drops_secret=bool(asked.drops_secret.data),
        is_enabled=bool(asked.is_enabled.data),
    )
    found = _ask_outside(settings.issuer) if settings.is_enabled else None
    return save_provider(
        session(), desk(), settings, found=found, by=seat, in_hand=_in_hand(), now=now()
    )


def _ask_outside(issuer: str) -> Found:
    """What the provider publishes; nobody waits for us while it is asked."""
    session().rollback()
    try:
        return discover(desk(), issuer, now=now())
    except ProviderFault as fault:
        fault.field = fault.field or "issuer"
        raise


def _saved(seat: Acting, changed: list[str]) -> Response:
    flash(
        say("Le fournisseur d’identité est enregistré.")
        if changed
        else say("Rien n’a changé dans les réglages du fournisseur.")
    )
    return redirect(_url(seat))


@pages.post("/provider/try")
def try_provider(code: str) -> str | Response | tuple[str, int]:
    """Ask the provider as it is kept, and say what failed in words."""
    seat = seat_or_404(code, Action.MANAGE_SIGN_IN)
    kept = provider_of(session(), seat.organisation)
    if kept is None:
        return redirect(url_for(".provider", code=seat.organisation.code))
    provider_id, issuer = kept.id, kept.issuer
    try:
        found = _ask_outside(issuer)
    except ProviderFault as fault:
        problem = error_sentence(fault, wording())
        return _provider_page(seat, _form_of(seat), problem=problem), 422
    keep_found(session(), provider_id, found)
    return _provider_page(seat, _form_of(seat), answer=found)


def _form_of(seat: Acting) -> ProviderForm:
    """The form as the settings are kept, whatever was posted."""
    return ProviderForm(formdata=None, obj=provider_of(session(), seat.organisation))


def _provider_page(
    seat: Acting, asked: ProviderForm, *, problem: str = "", answer: Found | None = None
) -> str:
    kept = provider_of(session(), seat.organisation)
    return render_template(
        "organisation_sign_in/provider.html",
        seat=seat,
        form=asked,
        provider=kept,
        linked=len(list_linked(session(), seat)),
        found=found_of(kept) if kept else None,
        problem=problem,
        answer=answer,
        redirect_uri=redirect_uri(desk(), seat.organisation.code),
        scope=SCOPE,
    )


@pages.get("/linked")
def linked(code: str) -> str:
    """Whom the provider knows here, and since when."""
    seat = seat_or_404(code, Action.MANAGE_SIGN_IN)
    return render_template(
        "organisation_sign_in/linked.html",
        seat=seat,
        form=DeskForm(),
        identities=list_linked(session(), seat),
    )


@pages.post("/linked/<int:identity_id>/undo")
def undo(code: str, identity_id: int) -> Response:
    """Forget who somebody is to the provider."""
    seat = _changing(code)
    unlink(session(), identity_id, by=seat, now=now())
    flash(say("Le lien est défait. À sa prochaine connexion, la personne est reconnue à nouveau."))
    return redirect(url_for(".linked", code=seat.organisation.code))


# --- Passwords -------------------------------------------------------------------------------


@pages.route("/passwords", methods=["GET", "POST"])
def passwords(code: str) -> str | Response | tuple[str, int]:
    """Refuse passwords, but for one person; say before what exactly will happen."""
    seat = _changing(code)
    asked = _break_glass_form(seat)
    if not asked.is_submitted():
        return _passwords_page(seat, asked)
    if asked.validate():
        chosen = asked.break_glass.data or ""
        with faults_on(asked) as attempt:
            _refuse(seat, asked, int(chosen) if chosen.isdigit() and len(chosen) < 10 else 0)
        if attempt.succeeded and not asked.form_errors:
            flash(say("C’est fait : on n’entre plus que par le fournisseur d’identité."))
            return redirect(_url(seat))
    return _passwords_page(seat, asked), 422


def _refuse(seat: Acting, asked: BreakGlassForm, chosen: int) -> None:
    try:
        refuse_local_sign_in(
            session(), break_glass_id=chosen, by=seat, in_hand=_in_hand(), now=now()
        )
    except WrongStep as fault:
        session().rollback()
        asked.form_errors = [error_sentence(fault, wording())]


@pages.post("/passwords/allow")
def allow(code: str) -> Response:
    """Take passwords again."""
    seat = _changing(code)
    allow_local_sign_in(session(), by=seat, now=now())
    flash(say("Les mots de passe sont acceptés de nouveau."))
    return redirect(_url(seat))


def _break_glass_form(seat: Acting) -> BreakGlassForm:
    chosen = seat.organisation.break_glass_id
    return BreakGlassForm(data={"break_glass": str(chosen) if chosen else None})


def _passwords_page(seat: Acting, asked: Any) -> str:
    found = rules_of(session(), seat, _in_hand())
    asked.break_glass.choices = choices(*((str(user.id), user.name) for user in found.candidates))
    return render_template(
        "organisation_sign_in/passwords.html",
        seat=seat,
        form=asked,
        rules=found,
        start_url=url_for(
            "single_sign_on.start",
            code=seat.organisation.code,
            back=url_for(".passwords", code=seat.organisation.code),
        ),
    )


# --- For all of them -------------------------------------------------------------------------


def _changing(code: str) -> Acting:
    """The seat of who is about to change a rule, and has just proven who they are."""
    seat = seat_or_404(code, Action.MANAGE_SIGN_IN)
    demand_recent_proof()
    return seat


def _in_hand() -> UserSession:
    kept: UserSession = g.signed_in.session
    return kept


def _url(seat: Acting) -> str:
    return url_for("organisation_sign_in.rules", code=seat.organisation.code)
