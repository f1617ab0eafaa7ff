"""An organisation's account on a mail server: what may be typed, which way mail goes, its test."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import Any

from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.mail_address import address_fault
from breachdesk.domain.outside_addresses import is_this_machine

SECURITIES = ("starttls", "tls", "none")
# RFC 8314 (465, 587) and RFC 5321 (25).
USUAL_PORTS = {"starttls": 587, "tls": 465, "none": 25}
LARGEST_PORT = 65_535
LONGEST_NAME = 254
LONGEST_HOST = 253  # RFC 1035, 2.3.4
LONGEST_PASSWORD = 500
# How long a test may take from its first step to its last.
TEST_WITHIN = timedelta(seconds=10)

_LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)", re.A)


# --- What may be typed -----------------------------------------------------------------------


@dataclass(frozen=True)
class AccountDetails:
    """An account as it is kept, its password apart."""

    host: str
    port: int
    security: str
    username: str
    sender: str
    reply_to: str


DETAILS = ("host", "port", "security", "username", "sender", "reply_to")


def checked_account(typed: Mapping[str, str], *, has_password: bool) -> AccountDetails:
    """The details as they are kept.

    Args:
        typed: any of `DETAILS` as text.
        has_password: whether a password goes with them, typed or kept.

    Raises:
        InvalidInput: one cannot be kept; its `field` says which.
    """
    text = {name: typed.get(name, "").strip() for name in DETAILS}
    if text["security"] not in SECURITIES:
        raise InvalidInput("choice_missing", field="security")
    details = AccountDetails(
        host=_checked_host(text["host"]),
        port=_checked_port(text["port"], text["security"]),
        security=text["security"],
        username=_checked_name(text["username"]),
        sender=_checked_address(text["sender"], "sender"),
        reply_to=_checked_address(text["reply_to"], "reply_to") if text["reply_to"] else "",
    )
    _check_sign_in(details, has_password=has_password)
    return details


def _check_sign_in(details: AccountDetails, *, has_password: bool) -> None:
    if details.username and not has_password:
        raise InvalidInput("mail_password_missing", field="password")
    in_clear = bool(details.username) and details.security == "none"
    if in_clear and not is_this_machine(details.host):
        raise InvalidInput("mail_password_in_clear", field="security")


def _checked_host(text: str) -> str:
    host = text.lower().removesuffix(".")
    if not host:
        raise InvalidInput("mail_host_missing", field="host")
    try:
        return str(ip_address(host.strip("[]")))
    except ValueError:
        pass
    labels = host.split(".")
    is_name = len(host) <= LONGEST_HOST and all(_LABEL.fullmatch(label) for label in labels)
    if not is_name or labels[-1].isdigit() or (len(labels) == 1 and host != "localhost"):
        raise InvalidInput("mail_host_invalid", field="host", shown=text)
    return host


def _checked_port(text: str, security: str) -> int:
    if not text:
        return USUAL_PORTS[security]
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= LARGEST_PORT:
        raise InvalidInput("mail_port_invalid", field="port", shown=text)
    return int(text)


def _checked_name(text: str) -> str:
    # Servers split what is sent to sign in at control characters.
    if len(text) > LONGEST_NAME or not text.isprintable():
        raise InvalidInput("mail_username_invalid", field="username")
    return text


def checked_password(text: str) -> str:
    """A password as it is kept: as typed, blanks and all.

    Raises:
        InvalidInput: no server could be given it.
    """
    if len(text) > LONGEST_PASSWORD or not text.isprintable():
        raise InvalidInput("mail_password_invalid", field="password")
    return text


def _checked_address(text: str, field: str) -> str:
    if not text:
        raise InvalidInput("mail_sender_missing", field=field)
    if address_fault(text):
        raise InvalidInput("not_an_address", field=field, shown=text)
    return text


# --- Which way -------------------------------------------------------------------------------


class Way(StrEnum):
    """Which way an organisation's mail goes."""

    FIRST = "first"
    SECOND = "second"
    INSTALLATION = "installation"
    CATCHER = "catcher"
    NONE = "none"


def way_of(
    *,
    has_first: bool,
    has_second: bool,
    is_compromised: bool,
    has_installation: bool,
    is_caught: bool,
) -> Way:
    """The way to take. While our own mail is not to be trusted, never the first account.

    Args:
        has_installation: whether the installation has a mail server.
        is_caught: whether mail that goes no other way is kept here to be read.
    """
    if is_compromised and has_second:
        return Way.SECOND
    if has_first and not is_compromised:
        return Way.FIRST
    if has_installation:
        return Way.INSTALLATION
    return Way.CATCHER if is_caught else Way.NONE


# --- The test of an account ------------------------------------------------------------------


class Step(StrEnum):
    """What a test tries, in this order."""

    NAME = "name"
    CONNECTION = "connection"
    CERTIFICATE = "certificate"
    SIGN_IN = "sign_in"
    SENDER = "sender"
    MAIL = "mail"


class StepState(StrEnum):
    """What came of a step."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_REACHED = "not_reached"
    # The account has no such step: no protection, no password, no mail asked for.
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True)
class StepResult:
    """What came of a step.

    Args:
        code: why, where we know it ourselves; else empty.
        words: what the server or the system said, without addresses or password.
    """

    step: Step
    state: StepState
    code: str = ""
    words: str = ""


@dataclass(frozen=True)
class AccountTest:
    """What a test found, step by step."""

    results: Sequence[StepResult] = field(default_factory=tuple)

    @property
    def failure(self) -> StepResult | None:
        """The step that failed, if one did."""
        return next((each for each in self.results if each.state is StepState.FAILED), None)

    @property
    def has_passed(self) -> bool:
        """Whether it was made and nothing failed."""
        return bool(self.results) and self.failure is None

    def as_record(self) -> list[dict[str, Any]]:
        """As it is kept."""
        return [
            {
                "step": each.step.value,
                "state": each.state.value,
                "code": each.code,
                "words": each.words,
            }
            for each in self.results
        ]

    @classmethod
    def from_record(cls, kept: Sequence[Mapping[str, Any]]) -> "AccountTest":
        """As it was kept."""
        return cls(
            tuple(
                StepResult(
                    Step(each["step"]), StepState(each["state"]), each["code"], each["words"]
                )
                for each in kept
            )
        )
