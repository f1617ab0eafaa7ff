"""How many attempts of a kind are taken from one account or address, and in what time.

Source: OWASP ASVS 4.0.3, V2.2.1 (no more than 100 failed attempts an hour on one account);
NIST SP 800-63B, 5.2.2.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address

from breachdesk.domain.robot_check import CHALLENGE_LASTS
from breachdesk.domain.second_factor import PASSKEY_CHALLENGE_LASTS


class Attempt(StrEnum):
    """What is counted."""

    # Failed passwords: on one account, from one address, and from a browser known to us.
    SIGN_IN_ACCOUNT = "sign_in_account"
    SIGN_IN_ADDRESS = "sign_in_address"
    SIGN_IN_DEVICE = "sign_in_device"
    SECOND_FACTOR = "second_factor"
    PROOF = "proof"
    # Answers to one challenge of a passkey.
    PASSKEY_CHALLENGE = "passkey_challenge"
    RESET_ACCOUNT = "reset_account"
    RESET_ADDRESS = "reset_address"
    INVITATION = "invitation"
    PUBLIC_REPORT_ADDRESS = "public_report_address"
    PUBLIC_REPORT_ORGANISATION = "public_report_organisation"
    # What somebody without an account adds to one report.
    REPORT_ADDITION = "report_addition"
    # A question answered wrongly is asked no second time.
    ROBOT_CHALLENGE = "robot_challenge"
    # Tries of an organisation's mail accounts: each calls somebody else's servers.
    MAIL_TRIAL = "mail_trial"
    # Guesses at a reporter's secret, or at a link's token.
    SECRET = "secret"  # noqa: S105 - a code


@dataclass(frozen=True)
class Limit:
    """No more than `most` in any window of `window`, which begins with its first attempt."""

    most: int
    window: timedelta


LIMITS: dict[Attempt, Limit] = {
    Attempt.SIGN_IN_ACCOUNT: Limit(10, timedelta(minutes=15)),
    Attempt.SIGN_IN_ADDRESS: Limit(50, timedelta(minutes=15)),
    Attempt.SIGN_IN_DEVICE: Limit(10, timedelta(minutes=15)),
    Attempt.SECOND_FACTOR: Limit(5, timedelta(minutes=15)),
    Attempt.PROOF: Limit(10, timedelta(minutes=15)),
    Attempt.PASSKEY_CHALLENGE: Limit(1, PASSKEY_CHALLENGE_LASTS),
    Attempt.RESET_ACCOUNT: Limit(3, timedelta(hours=1)),
    Attempt.RESET_ADDRESS: Limit(10, timedelta(hours=1)),
    Attempt.INVITATION: Limit(50, timedelta(hours=1)),
    Attempt.PUBLIC_REPORT_ADDRESS: Limit(5, timedelta(hours=1)),
    Attempt.PUBLIC_REPORT_ORGANISATION: Limit(60, timedelta(hours=1)),
    Attempt.REPORT_ADDITION: Limit(20, timedelta(hours=1)),
    Attempt.ROBOT_CHALLENGE: Limit(1, CHALLENGE_LASTS),
    Attempt.MAIL_TRIAL: Limit(20, timedelta(minutes=15)),
    Attempt.SECRET: Limit(20, timedelta(hours=1)),
}


@dataclass(frozen=True)
class Window:
    """How many attempts were counted since a window began."""

    count: int
    started_at: datetime

    def is_full(self, limit: Limit, *, now: datetime) -> bool:
        """Whether no further attempt is taken now."""
        return self.count >= limit.most and now < self.started_at + limit.window

    def opens_at(self, limit: Limit) -> datetime:
        """When attempts are taken again, once it is full."""
        return self.started_at + limit.window


# What one subscriber is given at least (RIPE-690): its addresses count as one.
SUBSCRIBER_PREFIX_BITS = 64


def network_of(address: str) -> str:
    """Where attempts from an address are counted: the address, or its network in IPv6."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    host_bits = 128 - SUBSCRIBER_PREFIX_BITS
    return str(IPv6Address(int(found) >> host_bits << host_bits))
