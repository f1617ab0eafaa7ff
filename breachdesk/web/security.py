"""What protects every page: sign-in by default, forgery checks, strict headers."""

from contextlib import suppress
from http import HTTPStatus

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from flask_login import LoginManager, current_user
from flask_wtf import CSRFProtect
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Response as AnyResponse

from breachdesk.domain.single_sign_on import AccountOfSeveral
from breachdesk.models import User, begin_as_reader
from breachdesk.services.sessions import find_signed_in, must_note_use, note_use
from breachdesk.web.kept_forms import had_session, keep_for_author, tell_of_end
from breachdesk.web.request import keep_choice, now, session

STRICT_TRANSPORT = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")

# Everything else demands sign-in.
PUBLIC_ENDPOINTS = frozenset(
    {
        "static",
        "language.choose",
        "sign_in.form",
        "sign_in.submit",
        "second_step.form",
        "second_step.submit",
        "second_step.recover",
        "second_step.options",
        "second_step.verify",
        "second_step.passkey_options",
        "second_step.passkey",
        "password.forgotten",
        "password.ask",
        "password.choose",
        "password.reset",
        "setup.form",
        "setup.create",
        "setup.example",
        "single_sign_on.form",
        "single_sign_on.submit",
        "single_sign_on.start",
        "single_sign_on.callback",
        "public_report.form",
        "public_report.back",
        "public_report.own",
        "public_report.leave",
        "processor_report.form",
        "joining.form",
        "joining.accept",
        "joining.identify",
        "joining.leave",
        "acknowledging.show",
        "acknowledging.confirm",
        "calendar_feeds.feed",
        "health.process",
        "health.ready",
    }
)
# What somebody may open who must still get a second factor.
WITHOUT_SECOND_FACTOR = frozenset({"second_factor", "sign_in", "language", "proof", "kept_form"})
# Nobody is signed in there whom another site could speak for: a signed ticket stands in for
# the token, which would end with its cookie and take with it what was typed.
WITHOUT_TOKEN = (
    "breachdesk.web.public_report.form",
    "breachdesk.web.processor_report.form",
    # The signed link itself: it acts for whom it was sent to, whoever is signed in.
    "breachdesk.web.acknowledging.confirm",
)
# What changes an account, or is the operator's: not for a sign-in that an organisation's
# provider vouches for, where the account opens more than that organisation.
OF_THE_ACCOUNT = frozenset({"installation", "second_factor", "account", "calendar_feeds"})
# Of these: what gives a second factor, and what ends a session.
OF_THE_SESSION = frozenset(
    {
        "account.alive",
        "account.end_one",
        "account.end_others",
        "second_factor.prove",
        "second_factor.prove_by_code",
        "second_factor.proof_options",
        "second_factor.prove_by_passkey",
    }
)
# Pages of the account that only show it.
SHOWN = frozenset({"account.show", "second_factor.listing", "calendar_feeds.listing"})
# What a page asks for by itself: no sign that anybody sits before it. And where one may want
# to be nobody: the time of an anonymous report must not stand beside somebody's session.
PASSIVE_ENDPOINTS = frozenset(
    {
        "static",
        "health.process",
        "health.ready",
        "notices.counts",
        "calendar_feeds.feed",
        "public_report.form",
        "public_report.back",
        "public_report.own",
        "public_report.leave",
    }
)
# Of a 32-bit column.
LARGEST_ID = 2**31 - 1
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # For what does not know frame-ancestors.
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def register(app: Flask) -> None:
    """Protect every page of the application."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(_load_user)
    protection = CSRFProtect(app)
    for view in WITHOUT_TOKEN:
        protection.exempt(view)
    # First of all: it decides how the transaction that loads the person begins.
    app.before_request_funcs.setdefault(None, []).insert(0, _choose_transaction)
    app.before_request(_refuse_impossible)
    app.before_request(_demand_sign_in)
    app.after_request(_set_headers)
    app.after_request(_note_use)
    app.after_request(_keep_choice)


def _choose_transaction() -> None:
    begin_as_reader(request.method in SAFE_METHODS)


def _load_user(token: str) -> User | None:
    """The person of a session cookie, unless that session has ended since."""
    found = find_signed_in(session(), token, now=now())
    if found is None:
        return None
    g.signed_in, g.seats, g.person = found, found.seats, found.user
    found.user.session_token = token
    return found.user


def _refuse_impossible() -> None:
    """Answer 404 to what no address of ours holds and no database takes in a question."""
    numbers = [value for value in (request.view_args or {}).values() if isinstance(value, int)]
    has_nul = "\x00" in request.path or "%00" in request.full_path
    if has_nul or any(number > LARGEST_ID for number in numbers):
        abort(HTTPStatus.NOT_FOUND)


def _demand_sign_in() -> AnyResponse | None:
    if request.endpoint in PUBLIC_ENDPOINTS or request.endpoint is None:
        return None
    if current_user.is_authenticated:
        _demand_own_account()
        return _demand_second_factor()
    is_kept = keep_for_author()
    if had_session() and request.endpoint not in (*PASSIVE_ENDPOINTS, "account.alive"):
        tell_of_end(is_kept)
    back = request.full_path.rstrip("?") if request.method in SAFE_METHODS else ""
    return redirect(url_for("sign_in.form", back=back or None))


def _demand_own_account() -> None:
    """Refuse to change an account by a sign-in that speaks for one organisation alone."""
    if g.signed_in.owns_account or request.blueprint not in OF_THE_ACCOUNT:
        return
    is_shown = request.endpoint in SHOWN and request.method in SAFE_METHODS
    if not is_shown and request.endpoint not in OF_THE_SESSION:
        raise AccountOfSeveral


def _demand_second_factor() -> AnyResponse | None:
    """Lead whoever must have a second factor and has none to where they get one."""
    is_administration = request.blueprint == "installation"
    lacks_one = g.signed_in.lacks_second_factor or (
        is_administration and g.signed_in.lacks_operators_factor
    )
    if not lacks_one or request.blueprint in WITHOUT_SECOND_FACTOR:
        return None
    back = request.full_path.rstrip("?") if request.method in SAFE_METHODS else None
    return redirect(url_for("second_factor.listing", back=back))


def _note_use(response: Response) -> Response:
    """Keep the session alive. In a transaction of its own: a page only reads."""
    signed_in = g.get("signed_in")
    if signed_in is None or g.get("without_database") or request.endpoint in PASSIVE_ENDPOINTS:
        return response
    if must_note_use(signed_in.session, now=now()):
        used = signed_in.session.id
        session().rollback()
        begin_as_reader(False)
        # The page is there: it need not be lost because its time could not be noted.
        with suppress(DBAPIError):
            note_use(session(), used, now=now())
    return response


def _keep_choice(response: Response) -> Response:
    """Come back to the organisation worked in last; what a page asks by itself is no choice."""
    if request.endpoint not in PASSIVE_ENDPOINTS:
        keep_choice()
    return response


def _set_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        # What a case says must not stay in a shared computer's cache.
        response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure or current_app.config["LIVES_UNDER_HTTPS"]:
        response.headers.setdefault(*STRICT_TRANSPORT)
    return response
