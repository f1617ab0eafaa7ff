"""Codes by the minute: offered as a secret to scan, confirmed by a first code, each good once."""

import base64
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.second_factor import (
    TOTP_OFFER_LASTS,
    TOTP_SECRET_LETTERS,
    steps_accepted,
    typed_totp,
)
from breachdesk.domain.throttling import Attempt
from breachdesk.models import User, UserSession
from breachdesk.services.account_notices import tell_owner
from breachdesk.services.acting import Desk
from breachdesk.services.second_factor import (
    count_guess,
    hold_person,
    let_one_go,
)
from breachdesk.services.sessions import note_proof
from breachdesk.services.throttling import forget_attempts

if TYPE_CHECKING:
    from pyotp import TOTP

# The name under which an application on a phone lists the codes.
ISSUER = "breachdesk"


@dataclass(frozen=True)
class TotpOffer:
    """A secret on its way to somebody's phone: nothing of it is kept before a code confirms it.

    Args:
        secret: in base 32, as one types it.
        uri: the same for an application to scan.
        sealed: the same for the form to bring back; only its person can use it, for a while.
    """

    secret: str
    uri: str
    sealed: str


def offer_totp(desk: Desk, user: User, *, now: datetime) -> TotpOffer:
    """A new secret for a person; writes nothing."""
    from pyotp import random_base32

    secret = random_base32(length=TOTP_SECRET_LETTERS)
    content = {"secret": secret, "user": user.id, "offered_at": now.isoformat()}
    sealed = base64.urlsafe_b64encode(desk.vault.seal_json(content)).decode()
    return _offer(user, secret, sealed)


def offer_again(desk: Desk, user: User, sealed: str, *, now: datetime) -> TotpOffer:
    """The offer that a form brings back.

    Raises:
        InvalidInput: it is another's, too old, or none of ours.
    """
    try:
        content = desk.vault.open_json(base64.urlsafe_b64decode(sealed.encode()))
    except (InvalidTag, ValueError):
        raise InvalidInput("totp_offer_over") from None
    offered_at = datetime.fromisoformat(content["offered_at"])
    if content["user"] != user.id or not offered_at <= now <= offered_at + TOTP_OFFER_LASTS:
        raise InvalidInput("totp_offer_over")
    return _offer(user, content["secret"], sealed)


def confirm_totp(
    session: Session,
    desk: Desk,
    user: User,
    offer: TotpOffer,
    code: str,
    *,
    through: UserSession,
    now: datetime,
) -> None:
    """Take a secret into use, once its first code shows that it reached the phone.

    One that was in use before is replaced. The session in hand counts as proven by it.

    Raises:
        InvalidInput: the code is not the secret's; nothing has changed.
    """
    step = next(_steps_of(_totp(offer.secret), code, now=now), None)
    if step is None:
        raise InvalidInput("wrong_code", field="code")
    hold_person(session, user)
    user.totp_secret = desk.vault.seal(offer.secret.encode())
    user.totp_confirmed_at = now
    # The code that confirmed it signs nobody in.
    user.totp_last_step = step
    note_proof(through, now=now, has_second_factor=True)
    tell_owner(session, desk, user, "second_factor_added", now=now)
    session.commit()


def give_totp(session: Session, desk: Desk, user: User, code: str, *, now: datetime) -> None:
    """Take the code of the moment, or of the steps before and after it, and commit.

    A code is good once: of two processes that are given it at the same moment, one takes it.

    Raises:
        InvalidInput: it is not the code, or it was used already.
        TooManyAttempts: with `until`; the code was not looked at.
    """
    whom = f"totp {user.id}"
    count_guess(session, desk, user, whom, now=now)
    if not _use(session, desk, user, code, now=now):
        session.rollback()
        raise InvalidInput("wrong_code", field="code")
    forget_attempts(session, desk.vault, Attempt.SECOND_FACTOR, whom)
    session.commit()


def remove_totp(session: Session, desk: Desk, user: User, *, now: datetime) -> None:
    """Take the codes by the minute out of use; where there are none nothing happens.

    Raises:
        WrongStep: an organisation demands a second factor, and this is the last one.
    """
    if user.totp_confirmed_at is None:
        return
    let_one_go(session, user)
    user.totp_secret = user.totp_confirmed_at = user.totp_last_step = None
    tell_owner(session, desk, user, "second_factor_removed", now=now)
    session.commit()


def _use(session: Session, desk: Desk, user: User, code: str, *, now: datetime) -> bool:
    """Whether the code is good and nobody has used it, or a later one; one statement decides."""
    sealed = user.totp_secret
    if sealed is None or user.totp_confirmed_at is None:
        return False
    totp = _totp(desk.vault.open(sealed).decode())
    return any(_use_step(session, user, sealed, step) for step in _steps_of(totp, code, now=now))


def _use_step(session: Session, user: User, sealed: bytes, step: int) -> bool:
    used = session.execute(
        update(User)
        .where(
            User.id == user.id,
            # Not of a secret that was replaced a moment ago.
            User.totp_secret == sealed,
            or_(User.totp_last_step.is_(None), User.totp_last_step < step),
        )
        .values(totp_last_step=step)
        .returning(User.id),
        execution_options={"synchronize_session": False},
    )
    return used.first() is not None


def _steps_of(totp: "TOTP", code: str, *, now: datetime) -> Iterator[int]:
    """The steps taken now whose code this is: none, or one but for chance."""
    typed = typed_totp(code)
    for step in steps_accepted(now):
        if typed and hmac.compare_digest(totp.generate_otp(step), typed):
            yield step


def _offer(user: User, secret: str, sealed: str) -> TotpOffer:
    uri = _totp(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)
    return TotpOffer(secret, uri, sealed)


def _totp(secret: str) -> "TOTP":
    from pyotp import TOTP

    return TOTP(s=secret)
