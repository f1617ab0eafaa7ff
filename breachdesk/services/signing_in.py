"""Signing in with a password: whether attempts are still taken, and whose it is."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.domain.throttling import LIMITS, Attempt, network_of
from breachdesk.models import User
from breachdesk.services.account_notices import tell_nobody, tell_owner
from breachdesk.services.acting import Desk
from breachdesk.services.passwords import authenticate
from breachdesk.services.throttling import count_attempt, demand_room, forget_attempts

Buckets = Sequence[tuple[Attempt, str]]


def sign_in_with_password(
    session: Session,
    desk: Desk,
    email: str,
    password: str,
    *,
    address: str,
    browser: str,
    now: datetime,
) -> User | None:
    """The person with this address and password, or None; commits.

    Only failures count. From a browser that the account was used with before they count for
    that browser alone: whoever guesses from elsewhere does not lock the owner out. Attempts
    made at the same instant are all taken, so a few more than the limit may be.

    Args:
        address: where the attempt comes from.
        browser: what names a browser known to the account; empty for any other.

    Raises:
        TooManyAttempts: nothing was checked. `until` says when the next one is.
    """
    buckets = _buckets(email.strip().lower(), address, browser)
    for attempt, whom in buckets:
        demand_room(session, desk.vault, attempt, whom, now=now)
    user = authenticate(session, email, password)
    if user is None:
        _count_failure(session, desk, email, buckets, now=now)
        return None
    # The first is the account's own; what others did from the same address stays counted.
    forget_attempts(session, desk.vault, *buckets[0])
    session.commit()
    return user


def _buckets(email: str, address: str, browser: str) -> Buckets:
    if browser:
        return [(Attempt.SIGN_IN_DEVICE, f"{email} {browser}")]
    return [(Attempt.SIGN_IN_ACCOUNT, email), (Attempt.SIGN_IN_ADDRESS, network_of(address))]


def _count_failure(
    session: Session, desk: Desk, email: str, buckets: Buckets, *, now: datetime
) -> None:
    counts = [
        count_attempt(session, desk.vault, attempt, whom, now=now) for attempt, whom in buckets
    ]
    # Once in a window: by the attempt that fills the account's bucket.
    if counts[0] == LIMITS[buckets[0][0]].most:
        _tell_of_attempts(session, desk, email, buckets[0], now=now)


def _tell_of_attempts(
    session: Session, desk: Desk, email: str, counted: tuple[Attempt, str], *, now: datetime
) -> None:
    user = user_of_address(session, email)
    if user is None:
        tell_nobody(session, desk, *counted, now=now)
    else:
        tell_owner(session, desk, user, "sign_in_throttled", now=now)
    session.commit()


def user_of_address(session: Session, email: str) -> User | None:
    """The person who signs in with this address, if they still may."""
    return session.scalars(
        select(User).where(User.email == email.strip().lower(), User.is_active)
    ).first()
