"""Signing in through one's organisation's identity provider: leaving for it, coming back.

A form of ours never redirects to the provider: browsers hold what follows a form to the
page's `form-action`, and ours is the desk alone. A link does, and so does the page that
follows the form.
"""

import logging
import re
from http import HTTPStatus

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask import session as cookie
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import StringField

from breachdesk.domain.errors import DeskError
from breachdesk.domain.sign_in import SignInMethod
from breachdesk.domain.single_sign_on import (
    AccountOfSeveral,
    ProviderFault,
    Purpose,
    SignOnRefused,
    Vouched,
)
from breachdesk.domain.throttling import Attempt
from breachdesk.models import begin_as_reader
from breachdesk.services.identity_providers import keep_found
from breachdesk.services.provider_client import Departure, Way, depart, find_way, redeem
from breachdesk.services.second_factor import has_second_factor
from breachdesk.services.sessions import SignedIn, end_session
from breachdesk.services.single_sign_on import demand_same_person, proven_at, recognise
from breachdesk.services.throttling import count_attempt, demand_room
from breachdesk.web.forms import DeskForm, Needed
from breachdesk.web.language import safe_target, say_later, wording
from breachdesk.web.proof import PROOF_WAYS, ProofWay, finish_proof
from breachdesk.web.request import desk, now, session
from breachdesk.web.signing_in import ask_second_step, keep_target, sign_in_with
from breachdesk.wording import N_
from breachdesk.wording.errors import error_sentence

pages = Blueprint("single_sign_on", __name__, url_prefix="/sign-in/organisation")

log = logging.getLogger(__name__)

# In the cookie: what was asked of the provider, and where to go once it has answered.
LEFT, BACK = "single_sign_on", "single_sign_on_back"
LONGEST_CODE = 4096
# What a provider may call its refusal (RFC 6749, 4.1.2.1), shown as it is.
_ERROR = re.compile(r"[a-z_]{1,60}")
_DENIED = frozenset(
    {
        "access_denied",
        "login_required",
        "interaction_required",
        "consent_required",
        "account_selection_required",
    }
)


class OrganisationForm(DeskForm):
    """Asks which organisation."""

    code = StringField(
        say_later("Sigle de votre organisation"),
        [Needed(N_("Indiquez le sigle de votre organisation."))],
        description=say_later(
            "Les lettres qui ouvrent chaque référence, comme GIR dans GIR-2026-0007."
        ),
        render_kw={"class": "code short", "autocomplete": "organization"},
    )


@pages.get("")
def form() -> str:
    """Ask which organisation."""
    keep_target()
    return _page(OrganisationForm())


@pages.post("")
def submit() -> str | tuple[str, int]:
    """Lead to the provider of the organisation, by a page of our own."""
    asked = OrganisationForm()
    if not asked.validate():
        return _page(asked), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        way = _way(asked.code.data or "")
    except SignOnRefused as fault:
        asked.code.errors = [error_sentence(fault, wording())]
        return _page(asked), HTTPStatus.UNPROCESSABLE_ENTITY
    url = _leave(way, Purpose.SIGN_IN)
    return render_template("single_sign_on/leaving.html", way=way, url=url)


@pages.get("/<code>")
def start(code: str) -> Response | tuple[str, int]:
    """Lead straight to the provider; `again` in the address: to prove again who one is."""
    try:
        way = _way(code)
    except SignOnRefused as fault:
        return _refused(code, fault)
    is_again = "again" in request.args and current_user.is_authenticated
    purpose = Purpose.PROOF if is_again else Purpose.SIGN_IN
    if purpose is Purpose.SIGN_IN:
        keep_target()
    return redirect(_leave(way, purpose))


@pages.get("/<code>/callback")
def callback(code: str) -> Response | tuple[str, int]:
    """Come back from the provider: somebody is signed in, or reads why not."""
    demand_room(session(), desk().vault, Attempt.SIGN_IN_ADDRESS, _address(), now=now())
    left = Departure.read(cookie.pop(LEFT, None))
    try:
        return _come_back(code, left)
    except (SignOnRefused, ProviderFault) as fault:
        log.warning("Single sign-on for %s refused: %s", code.upper()[:8], fault)
        _count()
        return _refused(code, fault, left)


@pages.app_errorhandler(AccountOfSeveral)
def other_account(_error: AccountOfSeveral) -> tuple[str, int]:
    """Say how one changes an account that opens more than this organisation."""
    session().rollback()
    return render_template("single_sign_on/other_account.html"), HTTPStatus.FORBIDDEN


# --- Leaving ---------------------------------------------------------------------------------


def _way(code: str) -> Way:
    """The way in; guesses at codes are counted."""
    demand_room(session(), desk().vault, Attempt.SIGN_IN_ADDRESS, _address(), now=now())
    try:
        return find_way(session(), desk(), code)
    except SignOnRefused:
        _count()
        raise


def _leave(way: Way, purpose: Purpose) -> str:
    departure, url = depart(way, purpose, now=now())
    cookie[LEFT] = departure.kept()
    if purpose is Purpose.PROOF:
        cookie[BACK] = safe_target(request.args.get("back", ""))
    return url


# --- Coming back -----------------------------------------------------------------------------


def _come_back(code: str, left: Departure | None) -> Response:
    if left is None or not left.is_answered_by(
        code.upper(), request.args.get("state", ""), now=now()
    ):
        raise SignOnRefused("sign_on_lost")
    way = find_way(session(), desk(), code)
    answered = _code_answered(way)
    # Nobody waits for us while the provider is asked.
    session().rollback()
    vouched, asked = redeem(desk(), way, left, answered, now=now())
    _begin_writing()
    if asked.found != way.found:
        keep_found(session(), way.provider_id, asked.found)
    if left.purpose is Purpose.PROOF:
        return _proven(way, vouched)
    return _signed_in(way, vouched)


def _code_answered(way: Way) -> str:
    """The code that the provider gave. Raises SignOnRefused when it gave none."""
    said = request.args.get("error", "")
    if said in _DENIED:
        raise SignOnRefused("sign_on_denied")
    if said:
        shown = said if _ERROR.fullmatch(said) else "error"
        raise SignOnRefused("sign_on_provider_refused", shown=shown)
    # RFC 9207: an answer that names another issuer was given for another desk's question.
    if request.args.get("iss", way.issuer) != way.issuer:
        raise SignOnRefused("sign_on_not_trusted", why="iss")
    code = request.args.get("code", "")
    if not code or len(code) > LONGEST_CODE or not (code.isascii() and code.isprintable()):
        raise SignOnRefused("sign_on_lost")
    return code


def _signed_in(way: Way, vouched: Vouched) -> Response:
    user = recognise(session(), desk(), way, vouched, now=now())
    if current_user.is_authenticated:
        # Whoever was at this browser before is signed out, not just forgotten.
        end_session(session(), current_user, g.signed_in.session.id, now=now())
    method, through = SignInMethod.SINGLE_SIGN_ON, way.organisation_id
    lacks_one = way.demands_second_factor and not vouched.has_second_factor
    if lacks_one and has_second_factor(session(), user):
        return ask_second_step(user, method=method, organisation_id=through)
    return sign_in_with(
        user,
        method=method,
        organisation_id=through,
        has_second_factor=vouched.has_second_factor,
        proven_at=proven_at(vouched, now=now()),
    )


def _proven(way: Way, vouched: Vouched) -> Response:
    if not current_user.is_authenticated:
        raise SignOnRefused("sign_on_lost")
    demand_same_person(session(), way, vouched, g.signed_in.session)
    back = str(cookie.pop(BACK, ""))
    return finish_proof(back, has_second_factor=vouched.has_second_factor)


def _way_to_prove(signed_in: SignedIn, back: str) -> str | None:
    """Where whoever came through their organisation proves again who they are."""
    through = signed_in.session.organisation_id
    code = next((s.organisation.code for s in signed_in.seats if s.organisation.id == through), "")
    return url_for("single_sign_on.start", code=code, again=1, back=back) if code else None


PROOF_WAYS.append(ProofWay(N_("Passer par votre organisation"), _way_to_prove))


def _refused(code: str, fault: DeskError, left: Departure | None = None) -> tuple[str, int]:
    """What went wrong and what to do; the same for an unknown organisation as for any."""
    is_again = left is not None and left.purpose is Purpose.PROOF
    is_provider = isinstance(fault, ProviderFault)
    html = render_template(
        "single_sign_on/refused.html",
        sentence=error_sentence(fault, wording()),
        is_provider=is_provider,
        code=None if fault.code == "sign_on_no_way" else code.upper(),
        again=1 if is_again else None,
        back=cookie.get(BACK) if is_again else None,
    )
    if fault.code == "sign_on_no_way":
        return html, HTTPStatus.NOT_FOUND
    return html, HTTPStatus.BAD_GATEWAY if is_provider else HTTPStatus.FORBIDDEN


def _count() -> None:
    """Count an attempt of this address, which may be made by a page that only reads."""
    _begin_writing()
    count_attempt(session(), desk().vault, Attempt.SIGN_IN_ADDRESS, _address(), now=now())


def _begin_writing() -> None:
    session().rollback()
    begin_as_reader(False)


def _address() -> str:
    return request.remote_addr or ""


def _page(asked: OrganisationForm) -> str:
    return render_template("single_sign_on/form.html", form=asked)
