"""What every page that asks for a passkey shares: challenges, and answers to its script.

The script (static/js/passkeys.js) asks for options, hands them to the browser, sends back
what the authenticator said, and goes where it is led; a fault it shows in our words.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import Any

from flask import jsonify, make_response, request
from flask import session as cookie
from werkzeug.wrappers import Response

from breachdesk.domain.errors import DeskError, InvalidInput, TooManyAttempts
from breachdesk.domain.second_factor import PASSKEY_CHALLENGE_LASTS, Ceremony
from breachdesk.models import User
from breachdesk.web.language import wording
from breachdesk.web.request import now, session
from breachdesk.wording.errors import error_sentence

# In the cookie: what was asked, for what, of whom, and when.
CHALLENGE = "passkey_challenge"
CHALLENGE_BYTES = 32
# Attestations with all their certificates take a few thousand bytes.
LARGEST_ANSWER = 64_000


def new_challenge(ceremony: Ceremony, user: User | None = None) -> bytes:
    """A challenge for one authenticator to answer once; takes the place of any before it."""
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    cookie[CHALLENGE] = [
        challenge.hex(),
        ceremony.value,
        user.id if user else None,
        now().isoformat(),
    ]
    return challenge


def taken_challenge(ceremony: Ceremony, user: User | None = None) -> bytes:
    """The challenge that this browser was given for this, of this person, a moment ago.

    Raises:
        InvalidInput: there is none, it is too old, or it was given for something else.
    """
    challenge, meant, owner, made_at = cookie.pop(CHALLENGE, None) or ("", "", None, "")
    is_it = meant == ceremony.value and owner == (user.id if user else None)
    if not is_it or now() - datetime.fromisoformat(made_at) > PASSKEY_CHALLENGE_LASTS:
        raise InvalidInput("passkey_refused")
    return bytes.fromhex(challenge)


def sent_json() -> Mapping[str, Any]:
    """The JSON object that the script sent; an empty one where it is none."""
    if (request.content_length or 0) > LARGEST_ANSWER:
        return {}
    try:
        sent = request.get_json(silent=True)
    except RecursionError:
        return {}
    return sent if isinstance(sent, dict) else {}


def credential_in(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the authenticator answered; an empty object where nothing of that shape was sent."""
    credential = sent.get("credential")
    return credential if isinstance(credential, dict) else {}


def for_script(view: Callable[..., Any]) -> Callable[..., Response]:
    """Let a view answer the script: what it gives as JSON, a redirect as where to go next.

    What a service refuses becomes `{"fault": sentence}` instead of a page.
    """

    @wraps(view)
    def answering(*arguments: Any, **named: Any) -> Response:
        try:
            answer = view(*arguments, **named)
        except DeskError as fault:
            session().rollback()
            return _fault(fault)
        return _next(answer) if isinstance(answer, Response) else make_response(jsonify(answer))

    return answering


def _fault(fault: DeskError) -> Response:
    answer = make_response(jsonify(fault=error_sentence(fault, wording())))
    too_many = isinstance(fault, TooManyAttempts)
    answer.status_code = (
        HTTPStatus.TOO_MANY_REQUESTS if too_many else HTTPStatus.UNPROCESSABLE_ENTITY
    )
    return answer


def _next(redirect: Response) -> Response:
    """A redirect as the script reads it; the cookies set with it stay on it."""
    target = redirect.headers.pop("Location")
    redirect.status_code = HTTPStatus.OK
    redirect.content_type = "application/json"
    redirect.set_data(jsonify(next=target).get_data())
    return redirect
