"""What protects every page: sign-in by default, forgery checks, strict headers."""

from http import HTTPStatus

from flask import Flask, Response, abort, g, redirect, request, url_for
from flask_login import LoginManager, current_user
from flask_wtf import CSRFProtect
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from breachdesk.models import User, begin_as_reader
from breachdesk.services.acting import seats_of
from breachdesk.web.request import session

# Everything else demands sign-in.
PUBLIC_ENDPOINTS = frozenset(
    {
        "static",
        "language.choose",
        "sign_in.form",
        "sign_in.submit",
        "setup.form",
        "setup.create",
        "setup.example",
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
    CSRFProtect(app)
    # First of all: it decides how the transaction that loads the person begins.
    app.before_request_funcs.setdefault(None, []).insert(0, _choose_transaction)
    app.before_request(_refuse_impossible)
    app.before_request(_demand_sign_in)
    app.after_request(_set_headers)


def _choose_transaction() -> None:
    begin_as_reader(request.method in SAFE_METHODS)


def _load_user(identity: str) -> User | None:
    """The person of a session cookie, unless that session was ended since."""
    user_id, _, session_key = identity.partition(".")
    if not user_id.isdigit():
        return None
    seats = seats_of(session(), int(user_id))
    user = (
        seats[0].user
        if seats
        else session().scalars(select(User).where(User.id == int(user_id))).first()
    )
    if user is None or not user.is_active or user.session_key != session_key:
        return None
    g.seats, g.person = seats, user
    return user


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
        return None
    back = request.full_path.rstrip("?") if request.method in SAFE_METHODS else ""
    return redirect(url_for("sign_in.form", back=back or None))


def _set_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        # What a case says must not stay in a shared computer's cache.
        response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
