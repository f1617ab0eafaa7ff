"""Giving an account a new password: by its owner, or by a link mailed to them."""

from datetime import datetime
from urllib.parse import quote

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.errors import InvalidInput, NotFound
from breachdesk.domain.passwords import RESET_LASTS, known_words
from breachdesk.domain.sign_in import SignInMethod, opens
from breachdesk.domain.throttling import LIMITS, Attempt, network_of
from breachdesk.models import PasswordReset, User
from breachdesk.services.account_mails import queue_account_mail
from breachdesk.services.account_notices import (
    organisation_that_writes_to,
    tell_nobody,
    tell_owner,
)
from breachdesk.services.acting import Acting, Desk, seats_of
from breachdesk.services.passwords import hash_password, is_password_of
from breachdesk.services.sessions import end_sessions, rule_of
from breachdesk.services.signing_in import user_of_address
from breachdesk.services.throttling import count_attempt, demand_room, forget_attempts
from breachdesk.services.tokens import new_token, token_hash


def change_password(
    session: Session,
    desk: Desk,
    user: User,
    *,
    current: str,
    new: str,
    session_id: int,
    now: datetime,
) -> None:
    """Change somebody's password; every session of theirs ends but the one in hand.

    Raises:
        InvalidInput: `current` is not their password, or `new` would be guessed.
        TooManyAttempts: too many wrong ones were given.
    """
    prove_password(session, desk, user, current, field="current", now=now)
    hashed = hash_password(new, known_words=words_of(session, user), field="new")
    _set_password(session, desk, user, hashed, now=now)
    end_sessions(session, user.id, now=now, but=session_id)
    session.commit()


def prove_password(
    session: Session, desk: Desk, user: User, password: str, *, field: str, now: datetime
) -> None:
    """Demand the password of somebody who is signed in; commits.

    Raises:
        InvalidInput: it is not theirs.
        TooManyAttempts: too many wrong ones were given.
    """
    whom = f"user {user.id}"
    demand_room(session, desk.vault, Attempt.PROOF, whom, now=now)
    if not is_password_of(session, user, password):
        count_attempt(session, desk.vault, Attempt.PROOF, whom, now=now)
        raise InvalidInput("password_wrong", field=field)
    forget_attempts(session, desk.vault, Attempt.PROOF, whom)
    session.commit()


def words_of(session: Session, user: User) -> frozenset[str]:
    """What a guesser who knows somebody tries first."""
    organisations = (seat.organisation.name for seat in seats_of(session, user.id))
    return known_words(user.name, user.email, *organisations)


# --- By a link -------------------------------------------------------------------------------


def ask_for_reset(session: Session, desk: Desk, email: str, *, address: str, now: datetime) -> None:
    """Mail a link to choose a new password to whoever has an address; commits.

    The database is asked and told as much where nobody has it, so that neither the answer
    nor its time says which. Past a few links in an hour no further one is mailed: those
    still open.

    Args:
        address: where the question comes from.

    Raises:
        TooManyAttempts: too many were asked for from there.
    """
    network = network_of(address)
    demand_room(session, desk.vault, Attempt.RESET_ADDRESS, network, now=now)
    count_attempt(session, desk.vault, Attempt.RESET_ADDRESS, network, now=now)
    account = email.strip().lower()
    count = count_attempt(session, desk.vault, Attempt.RESET_ACCOUNT, account, now=now)
    if count <= LIMITS[Attempt.RESET_ACCOUNT].most:
        _mail_reset(session, desk, email, now=now)


def _mail_reset(session: Session, desk: Desk, email: str, *, now: datetime) -> None:
    user = user_of_address(session, email)
    seats = seats_of(session, user.id if user is not None else 0)
    # Each writes twice.
    if user is None:
        account = email.strip().lower()
        tell_nobody(session, desk, Attempt.RESET_ACCOUNT, account, now=now, writes=2)
    elif not _may_use_password(user, seats):
        _use_up_links(session, user, now=now)
        tell_owner(session, desk, user, "already_has_account", now=now)
    else:
        _queue_link(session, desk, user, now=now)
    session.commit()


def _may_use_password(user: User, seats: list[Acting]) -> bool:
    """Whether a password opens anything to them: not where single sign-on alone does."""
    return (
        user.is_operator
        or not seats
        or any(
            opens(
                rule_of(seat.organisation),
                user_id=user.id,
                method=SignInMethod.PASSWORD,
                through_organisation_id=None,
            )
            for seat in seats
        )
    )


def _queue_link(session: Session, desk: Desk, user: User, *, now: datetime) -> None:
    token, until = new_token(), now + RESET_LASTS
    session.add(
        PasswordReset(token_hash=token_hash(token), user_id=user.id, asked_at=now, expires_at=until)
    )
    queue_account_mail(
        session,
        desk,
        MailKind.PASSWORD_RESET,
        key=f"password_reset:{token_hash(token)}",
        now=now,
        organisation=organisation_that_writes_to(session, desk, user.id),
        to=user,
        link=f"{desk.public_url}/password/{quote(token)}",
        until=until.isoformat(),
    )


def find_reset(session: Session, token: str, *, now: datetime) -> PasswordReset:
    """The reset that a link opens; looking does not use it up.

    Raises:
        NotFound: there is none, or it was used, or its time is up.
    """
    reset = session.scalars(
        select(PasswordReset).where(PasswordReset.token_hash == token_hash(token))
    ).first()
    is_good = reset is not None and reset.used_at is None and now < reset.expires_at
    if reset is None or not is_good or not reset.user.is_active:
        raise NotFound("unknown_reset")
    return reset


def set_password_by_link(
    session: Session, desk: Desk, token: str, password: str, *, now: datetime
) -> User:
    """Set a password by a link, which is used up with all others; every session ends.

    Raises:
        InvalidInput: the password would be guessed; the link stays good.
        NotFound: the link is not good, or was used at the same time.
    """
    reset = find_reset(session, token, now=now)
    user, reset_id = reset.user, reset.id
    words = words_of(session, user)
    # Let go of the database while the password is judged and hashed.
    session.commit()
    hashed = hash_password(password, known_words=words)
    if not _use_up(session, reset_id, now=now):
        session.rollback()
        raise NotFound("unknown_reset")
    _set_password(session, desk, user, hashed, now=now)
    end_sessions(session, user.id, now=now)
    session.commit()
    return user


def _use_up(session: Session, reset_id: int, *, now: datetime) -> bool:
    """Whether the link was still to be used: of two at once, one finds it so."""
    used = session.execute(
        update(PasswordReset)
        .where(PasswordReset.id == reset_id, PasswordReset.used_at.is_(None))
        .values(used_at=now)
        .returning(PasswordReset.id)
    )
    return used.first() is not None


def _set_password(session: Session, desk: Desk, user: User, hashed: str, *, now: datetime) -> None:
    user.password_hash = hashed
    user.password_changed_at = now
    _use_up_links(session, user, now=now)
    tell_owner(session, desk, user, "password_changed", now=now)


def _use_up_links(session: Session, user: User, *, now: datetime) -> None:
    session.execute(
        update(PasswordReset)
        .where(PasswordReset.user_id == user.id, PasswordReset.used_at.is_(None))
        .values(used_at=now)
    )
