"""What an investigation asks of the log: who signed in, what was refused, to whom, where.

People by their number and pages by their name: no address, no name, no token, nothing that
was typed. Source of what is logged: OWASP ASVS 4.0.3, V7.1.3, V7.2.
"""

import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, request
from flask_login import user_logged_in, user_logged_out
from sqlalchemy import inspect

log = logging.getLogger("breachdesk.security")

REFUSALS = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
# A form refused here is a proof of identity that failed.
PROOFS = frozenset({"sign_in", "second_step", "single_sign_on", "proof", "joining", "password"})
REFUSED_PROOF = frozenset({HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.UNAUTHORIZED})


def register(app: Flask) -> None:
    """Log what concerns security, whatever page it happens on."""
    user_logged_in.connect(_signed_in, app)
    user_logged_out.connect(_signed_out, app)
    app.after_request(_note_refusal)


def _signed_in(_app: Flask, user: Any, **_more: object) -> None:
    log.info("Person %s signed in through %s", _number(user), request.endpoint)


def _signed_out(_app: Flask, user: Any, **_more: object) -> None:
    log.info("Person %s signed out", _number(user))


def _note_refusal(response: Response) -> Response:
    status = response.status_code
    is_failed_proof = (
        request.method == "POST" and request.blueprint in PROOFS and status in REFUSED_PROOF
    )
    if status in REFUSALS or is_failed_proof:
        who = g.get("person")
        log.warning(
            "Refused with %s: %s %s by person %s",
            status,
            # A method may be anything that was sent; a page's name is ours.
            request.method if request.method.isalpha() else "?",
            request.endpoint or "(no such page)",
            _number(who) if who is not None else "(not signed in)",
        )
    return response


def _number(user: Any) -> object:
    """A person's id without asking the database, also where their row has expired."""
    identity = inspect(user).identity if hasattr(user, "_sa_instance_state") else None
    return identity[0] if identity else "(unknown)"
