"""How long a sign-in lasts, what it opens, and when it must be proven again.

Source of the limits: OWASP ASVS 4.0.3, V3.3.2 (level 2: 12 hours, 30 minutes of
inactivity) and V2.2; NIST SP 800-63B, 4.2.3.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

IDLE_LIMIT = timedelta(minutes=30)
ABSOLUTE_LIMIT = timedelta(hours=12)
# A sensitive act asks again who it is when the last proof is older than this.
PROOF_LASTS = timedelta(hours=1)
# Between the password and the second factor.
SECOND_STEP_WITHIN = timedelta(minutes=10)
# The last use of a session is written down no more often than this.
SEEN_EVERY = timedelta(minutes=1)


class SignInMethod(StrEnum):
    """How somebody proved who they are."""

    PASSWORD = "password"  # noqa: S105 - a code
    PASSKEY = "passkey"
    SINGLE_SIGN_ON = "single_sign_on"


@dataclass(frozen=True)
class SignInRule:
    """What an organisation asks of a sign-in.

    Args:
        takes_local: a password or a passkey of the desk opens it; else its own single
            sign-on alone does.
        break_glass_id: the one person whom a local sign-in lets in all the same.
    """

    organisation_id: int
    takes_local: bool = True
    break_glass_id: int | None = None


def opens(
    rule: SignInRule, *, user_id: int, method: SignInMethod, through_organisation_id: int | None
) -> bool:
    """Whether a sign-in opens an organisation.

    One organisation's identity provider vouches for that organisation alone: whoever runs
    it could otherwise walk into every other organisation of a person they name.

    Args:
        through_organisation_id: whose single sign-on it was; None for a local sign-in.
    """
    if method is SignInMethod.SINGLE_SIGN_ON:
        return through_organisation_id == rule.organisation_id
    return rule.takes_local or user_id == rule.break_glass_id


def ends_at(started_at: datetime, last_seen_at: datetime) -> datetime:
    """When a session ends unless it is used again."""
    return min(started_at + ABSOLUTE_LIMIT, last_seen_at + IDLE_LIMIT)


def is_alive(started_at: datetime, last_seen_at: datetime, *, now: datetime) -> bool:
    """Whether a session still holds."""
    return now < ends_at(started_at, last_seen_at)


def must_prove_again(proven_at: datetime, *, now: datetime) -> bool:
    """Whether a sensitive act asks again who it is."""
    return now - proven_at > PROOF_LASTS
