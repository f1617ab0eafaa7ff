"""Every fault as a page that says what happened and what to do; never a stack trace.

The log says no word of a fault that nobody foresaw: see `services.faults`.
"""

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from http import HTTPStatus
from math import ceil

from flask import Flask, g, render_template, request
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from breachdesk.domain.errors import (
    ChangedMeanwhile,
    DeskError,
    NotAllowed,
    NotFound,
    TooManyAttempts,
    WrongStep,
)
from breachdesk.models import db
from breachdesk.services.faults import kind_of, trace_of
from breachdesk.web.kept_forms import answer_to_stale_form
from breachdesk.web.language import wording
from breachdesk.web.request import now
from breachdesk.wording.errors import error_sentence

log = logging.getLogger(__name__)

Answer = tuple[str, int] | tuple[str, int, dict[str, str]]

STATUS_OF: tuple[tuple[type[DeskError], HTTPStatus], ...] = (
    (NotFound, HTTPStatus.NOT_FOUND),
    (NotAllowed, HTTPStatus.FORBIDDEN),
    (TooManyAttempts, HTTPStatus.TOO_MANY_REQUESTS),
    (ChangedMeanwhile, HTTPStatus.CONFLICT),
    (WrongStep, HTTPStatus.CONFLICT),
    (DeskError, HTTPStatus.BAD_REQUEST),
)
PAGES = frozenset({400, 403, 404, 409, 413, 429, 500, 503})
# How long to ask a reader to wait when the database does not answer, in seconds.
RETRY_AFTER = 5


def register(app: Flask) -> None:
    """Answer every fault with a page."""
    app.register_error_handler(DeskError, _desk_error)
    app.register_error_handler(TooManyAttempts, too_many_attempts)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http_error)
    for fault in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(fault, _no_database)
    app.register_error_handler(DBAPIError, _database_error)
    app.register_error_handler(Exception, _unexpected)


def _page(status: int, sentence: str = "", headers: dict[str, str] | None = None) -> Answer:
    name = status if status in PAGES else (500 if status >= 500 else 400)
    html = render_template(f"errors/{name}.html", sentence=sentence, retry_after=RETRY_AFTER)
    return html, status, headers or {}


def _desk_error(error: DeskError) -> Answer:
    db.session.rollback()
    status = next(status for kind, status in STATUS_OF if isinstance(error, kind))
    return _page(status, error_sentence(error, wording()))


def too_many_attempts(error: TooManyAttempts, page: str = "errors/429.html") -> Answer:
    """The page of a throttled request, which says until when."""
    db.session.rollback()
    until = error.parameters["until"]
    assert isinstance(until, datetime)
    # A whole minute more: nobody is told "in 0 min".
    wait = max(until - now(), timedelta(minutes=1))
    headers = {"Retry-After": str(ceil(wait.total_seconds()))}
    return render_template(page, until=until, wait=wait), HTTPStatus.TOO_MANY_REQUESTS, headers


def _stale_form(error: CSRFError) -> Answer | Response:
    """A form of a session that is over is kept for its author; any other forgery is refused."""
    return answer_to_stale_form() or _http_error(error)


def _http_error(error: HTTPException) -> Answer:
    return _page(error.code or 500)


def _no_database(error: Exception) -> Answer:
    log.error("The database does not answer: %s", type(error).__name__)
    _do_without_database()
    return _page(503, headers={"Retry-After": str(RETRY_AFTER)})


def _database_error(error: DBAPIError) -> Answer:
    if error.connection_invalidated:
        return _no_database(error)
    return _unexpected(error)


def _unexpected(error: Exception) -> Answer:
    # The page by its name: an address may hold the token of a link.
    place = f"{request.method} {request.endpoint}"
    log.error("%s failed with %s at:\n%s", place, kind_of(error), trace_of(error))
    _do_without_database()
    return _page(500)


def _do_without_database() -> None:
    """Render the page without asking the database again, not even who the reader is."""
    with suppress(SQLAlchemyError):
        db.session.rollback()
    g.without_database = True
    # Flask-Login hands `current_user` to every template, and would look the person up for it.
    g._login_user = AnonymousUserMixin()
