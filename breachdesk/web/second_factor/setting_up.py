"""What every change of second factors shares: who may make one, and where it leads."""

from flask import abort, g, redirect, request, url_for
from werkzeug.wrappers import Response

from breachdesk.domain.sign_in import must_prove_again
from breachdesk.services.second_factor import factors_of, has_second_factor
from breachdesk.web.proof import demand_recent_proof
from breachdesk.web.request import now, session


def must_prove_before_change() -> bool:
    """Whether the person in hand must first give a second factor, or prove who they are."""
    proven_at = g.signed_in.session.proven_at
    return _must_give_second_factor() or must_prove_again(proven_at, now=now())


def demand_change() -> None:
    """Let nobody change second factors by an old sign-in, or past the factors there are.

    Else whoever has a password and a browser that signed in before the factors were set up
    could take them away again.
    """
    if _must_give_second_factor():
        back = request.full_path.rstrip("?")
        abort(redirect(url_for("second_factor.prove", back=back)))
    demand_recent_proof()


def after_setting_up() -> Response:
    """To their recovery codes where they have none, else to the list of what they have."""
    has_codes = factors_of(session(), g.person).codes_left
    page = "listing" if has_codes else "recovery_codes"
    return redirect(url_for(f"second_factor.{page}"))


def _must_give_second_factor() -> bool:
    given = g.signed_in.session.has_second_factor
    return not given and has_second_factor(session(), g.person)
