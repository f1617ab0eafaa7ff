"""Giving a second factor while signed in: to go on where it is demanded, or as a proof."""

from http import HTTPStatus
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from breachdesk.domain.second_factor import Ceremony
from breachdesk.services.passkeys import give_passkey
from breachdesk.services.passkeys import proof_options as options_of
from breachdesk.services.second_factor import has_second_factor
from breachdesk.services.sessions import SignedIn
from breachdesk.web.language import safe_target, say
from breachdesk.web.passkey_requests import (
    credential_in,
    for_script,
    new_challenge,
    sent_json,
    taken_challenge,
)
from breachdesk.web.proof import PROOF_WAYS, ProofWay, finish_proof
from breachdesk.web.request import desk, now, session
from breachdesk.web.second_factor_ways import (
    CodeForm,
    RecoveryForm,
    Ways,
    take_code,
    take_recovery_code,
    ways_of,
)
from breachdesk.wording import N_

Answer = str | Response | tuple[str, int]


def offer() -> None:
    """Let whoever must prove who they are do it by their second factor."""
    way = ProofWay(N_("Donner mon second facteur"), _proof_url)
    if way not in PROOF_WAYS:
        PROOF_WAYS.append(way)


def prove() -> Answer:
    """Ask for a second factor; take a code by the minute."""
    ways = _ways()
    if not (ways.code or ways.has_passkeys or ways.recovery):
        return redirect(url_for("second_factor.listing"))
    if request.method == "GET":
        return _page(ways)
    asked = ways.code or CodeForm()
    return _finish(ways, take_code(asked, g.person))


def prove_by_code() -> Answer:
    """Take a recovery code instead."""
    ways = _ways()
    asked = ways.recovery or RecoveryForm()
    return _finish(ways, take_recovery_code(asked, g.person))


@for_script
def proof_options() -> Any:
    """What the browser needs to ask for one of the person's passkeys."""
    challenge = new_challenge(Ceremony.PROVE, g.person)
    return options_of(session(), desk(), g.person, challenge)


@for_script
def prove_by_passkey() -> Any:
    """Take a passkey."""
    challenge = taken_challenge(Ceremony.PROVE, g.person)
    credential = credential_in(sent_json())
    give_passkey(session(), desk(), g.person, credential, challenge, now=now())
    return finish_proof(_back(), has_second_factor=True)


def _finish(ways: Ways, status: HTTPStatus) -> Answer:
    if status is not HTTPStatus.OK:
        return _page(ways), status
    if ways.recovery and ways.recovery.recovery_code.data:
        flash(say("Ce code de secours a servi : il ne vaut plus rien. Rayez-le."))
    return finish_proof(_back(), has_second_factor=True)


def _back() -> str:
    return safe_target(request.args.get("back", ""))


def _proof_url(signed_in: SignedIn, back: str) -> str | None:
    if not has_second_factor(session(), signed_in.user):
        return None
    return url_for("second_factor.prove", back=back or None)


def _ways() -> Ways:
    back = _back() or None
    return ways_of(
        g.person,
        code_url=url_for("second_factor.prove", back=back),
        recovery_url=url_for("second_factor.prove_by_code", back=back),
        options_url=url_for("second_factor.proof_options"),
        verify_url=url_for("second_factor.prove_by_passkey", back=back),
    )


def _page(ways: Ways) -> str:
    return render_template("second_factor/prove.html", ways=ways)
