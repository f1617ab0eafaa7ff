"""The second step of a sign-in, after the password; and signing in by a passkey alone."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.second_factor import Ceremony
from breachdesk.domain.sign_in import SignInMethod
from breachdesk.domain.throttling import Attempt, network_of
from breachdesk.models import UserSession
from breachdesk.services.passkeys import (
    give_passkey,
    proof_options,
    sign_in_by_passkey,
    sign_in_options,
    takes_passkeys,
)
from breachdesk.services.throttling import count_attempt, demand_room
from breachdesk.web.language import say
from breachdesk.web.passkey_requests import (
    credential_in,
    for_script,
    new_challenge,
    sent_json,
    taken_challenge,
)
from breachdesk.web.request import desk, now, session
from breachdesk.web.second_factor_ways import (
    CodeForm,
    RecoveryForm,
    Ways,
    take_code,
    take_recovery_code,
    ways_of,
)
from breachdesk.web.signing_in import (
    finish_half,
    half_signed_in,
    sign_in_with,
    target_after_sign_in,
)

pages = Blueprint("second_step", __name__, url_prefix="/sign-in")

Answer = str | Response | tuple[str, int]


# --- After the password ----------------------------------------------------------------------


@pages.get("/second-step")
def form() -> Answer:
    """Ask whoever gave their password for a second factor of theirs."""
    kept = half_signed_in()
    if kept is None:
        return _begin_again()
    return _page(_ways(kept))


@pages.post("/second-step")
def submit() -> Answer:
    """Take a code by the minute."""
    kept = half_signed_in()
    if kept is None:
        return _begin_again()
    ways = _ways(kept)
    status = take_code(ways.code or CodeForm(), kept.user)
    return finish_half(kept) if status is HTTPStatus.OK else (_page(ways), status)


@pages.post("/second-step/recovery-code")
def recover() -> Answer:
    """Take a recovery code instead."""
    kept = half_signed_in()
    if kept is None:
        return _begin_again()
    ways = _ways(kept)
    status = take_recovery_code(ways.recovery or RecoveryForm(), kept.user)
    if status is not HTTPStatus.OK:
        return _page(ways), status
    answer = finish_half(kept)
    flash(
        say(
            "Ce code de secours a servi : il ne vaut plus rien. Si votre téléphone est perdu, "
            "changez vos seconds facteurs dans « Mon compte »."
        )
    )
    return answer


@pages.post("/second-step/passkey/options")
@for_script
def options() -> Any:
    """What the browser needs to ask for one of the person's passkeys."""
    kept = half_signed_in()
    if kept is None:
        return _begin_again()
    challenge = new_challenge(Ceremony.PROVE, kept.user)
    return proof_options(session(), desk(), kept.user, challenge)


@pages.post("/second-step/passkey")
@for_script
def verify() -> Any:
    """Take a passkey."""
    kept = half_signed_in()
    if kept is None:
        return _begin_again()
    challenge = taken_challenge(Ceremony.PROVE, kept.user)
    credential = credential_in(sent_json())
    give_passkey(session(), desk(), kept.user, credential, challenge, now=now())
    return finish_half(kept)


# --- In place of the password ----------------------------------------------------------------


@pages.post("/passkey/options")
@for_script
def passkey_options() -> Any:
    """What the browser needs to ask for any passkey of ours."""
    return sign_in_options(desk(), new_challenge(Ceremony.SIGN_IN))


@pages.post("/passkey")
@for_script
def passkey() -> Any:
    """Sign in by a passkey whose owner the authenticator has verified: both factors at once."""
    address = network_of(request.remote_addr or "")
    demand_room(session(), desk().vault, Attempt.SIGN_IN_ADDRESS, address, now=now())
    try:
        challenge = taken_challenge(Ceremony.SIGN_IN)
        credential = credential_in(sent_json())
        user = sign_in_by_passkey(session(), desk(), credential, challenge, now=now())
    except InvalidInput:
        session().rollback()
        count_attempt(session(), desk().vault, Attempt.SIGN_IN_ADDRESS, address, now=now())
        raise
    return sign_in_with(user, method=SignInMethod.PASSKEY, has_second_factor=True)


def _begin_again() -> Response:
    if current_user.is_authenticated:
        return redirect(target_after_sign_in())
    flash(say("La connexion a pris trop de temps. Recommencez par votre mot de passe."))
    return redirect(url_for("sign_in.form"))


def _ways(kept: UserSession) -> Ways:
    return ways_of(
        kept.user,
        code_url=url_for("second_step.submit"),
        recovery_url=url_for("second_step.recover"),
        options_url=url_for("second_step.options"),
        verify_url=url_for("second_step.verify"),
    )


def _page(ways: Ways) -> str:
    return render_template("second_step/form.html", ways=ways)


@pages.app_template_global()
def offers_passkeys() -> bool:
    """For the sign-in page: whether browsers take a passkey at this address at all."""
    return takes_passkeys(desk())
