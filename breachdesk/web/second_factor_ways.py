"""The ways to give a second factor, on the page after the password and wherever one is asked.

A code by the minute, a passkey, a recovery code: whichever the person has.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from wtforms import StringField

from breachdesk.domain.errors import TooManyAttempts
from breachdesk.models import User
from breachdesk.services.passkeys import takes_passkeys
from breachdesk.services.recovery_codes import give_recovery_code
from breachdesk.services.second_factor import factors_of
from breachdesk.services.totp import give_totp
from breachdesk.web.forms import DeskForm, Needed, faults_on
from breachdesk.web.language import say, say_later, timezone, wording
from breachdesk.web.request import desk, now, session
from breachdesk.wording import N_
from breachdesk.wording.times import local_time


class CodeForm(DeskForm):
    """The code that an application shows this minute."""

    code = StringField(
        say_later("Code à six chiffres"),
        [Needed(N_("Recopiez le code à six chiffres que montre l’application."))],
        render_kw={
            "autocomplete": "one-time-code",
            "inputmode": "numeric",
            "class": "short",
            "autofocus": True,
        },
    )


class RecoveryForm(DeskForm):
    """One of the codes on paper."""

    recovery_code = StringField(
        say_later("Code de secours"),
        [Needed(N_("Recopiez un de vos codes de secours."))],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )


@dataclass(frozen=True)
class Ways:
    """What the page offers, and where each is sent; see templates/second_step/_ways.html."""

    code: CodeForm | None
    recovery: RecoveryForm | None
    has_passkeys: bool
    code_url: str
    recovery_url: str
    options_url: str
    verify_url: str


def ways_of(
    user: User, *, code_url: str, recovery_url: str, options_url: str, verify_url: str
) -> Ways:
    """The ways that a person has."""
    factors = factors_of(session(), user)
    return Ways(
        CodeForm() if factors.totp_since else None,
        RecoveryForm() if factors.codes_left else None,
        bool(factors.passkeys) and takes_passkeys(desk()),
        code_url,
        recovery_url,
        options_url,
        verify_url,
    )


def take_code(asked: CodeForm, user: User) -> HTTPStatus:
    """Take a code by the minute; what the answer's status is."""
    return _take(
        asked, lambda: give_totp(session(), desk(), user, asked.code.data or "", now=now())
    )


def take_recovery_code(asked: RecoveryForm, user: User) -> HTTPStatus:
    """Take a recovery code; what the answer's status is."""
    return _take(
        asked,
        lambda: give_recovery_code(
            session(), desk(), user, asked.recovery_code.data or "", now=now()
        ),
    )


def _take(asked: DeskForm, give: Callable[[], object]) -> HTTPStatus:
    """Give what was typed; what is refused is said on the form, with the other ways beside."""
    if not asked.validate():
        return HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        with faults_on(asked) as attempt:
            give()
    except TooManyAttempts as fault:
        session().rollback()
        asked.form_errors = [_pause(fault)]
        return HTTPStatus.TOO_MANY_REQUESTS
    return HTTPStatus.OK if attempt.succeeded else HTTPStatus.UNPROCESSABLE_ENTITY


def _pause(fault: TooManyAttempts) -> str:
    until = fault.parameters["until"]
    assert isinstance(until, datetime)
    return say(
        "Trop de codes faux à la suite. Recommencez à partir du %(when)s, ou prenez un autre moyen "
        "ci-dessous.",
        when=local_time(until, timezone(), wording(), zone=True),
    )
