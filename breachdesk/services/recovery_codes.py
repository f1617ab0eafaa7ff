"""Codes on paper that stand in for a lost second factor: ten at a time, each good once."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from breachdesk.domain.errors import InvalidInput, WrongStep
from breachdesk.domain.second_factor import (
    RECOVERY_CODES,
    is_recovery_code_of,
    new_recovery_code,
    recovery_code_hash,
)
from breachdesk.domain.throttling import Attempt
from breachdesk.models import RecoveryCode, User
from breachdesk.services.account_notices import tell_owner
from breachdesk.services.acting import Desk
from breachdesk.services.second_factor import (
    count_guess,
    drop_recovery_codes,
    has_second_factor,
    hold_person,
)
from breachdesk.services.throttling import forget_attempts


def make_recovery_codes(session: Session, desk: Desk, user: User, *, now: datetime) -> list[str]:
    """Ten new codes in place of those there are; only their hashes are kept.

    Returns:
        The codes, to be shown once and never again.

    Raises:
        WrongStep: there is no second factor that they could stand in for.
    """
    hold_person(session, user)
    if not has_second_factor(session, user):
        raise WrongStep("no_second_factor")
    drop_recovery_codes(session, user.id)
    codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
    session.add_all(
        RecoveryCode(user_id=user.id, code_hash=recovery_code_hash(code), made_at=now)
        for code in codes
    )
    tell_owner(session, desk, user, "recovery_codes_made", now=now)
    session.commit()
    return codes


def give_recovery_code(
    session: Session, desk: Desk, user: User, code: str, *, now: datetime
) -> int:
    """Take a recovery code, tell the account's owner, and commit; how many are left.

    Guesses are counted apart from those at codes by the minute: somebody who exhausts these
    does not shut out the person who takes out their paper.

    Raises:
        InvalidInput: it is none of theirs, or it was used already.
        TooManyAttempts: with `until`; the code was not looked at.
    """
    whom = f"recovery code {user.id}"
    count_guess(session, desk, user, whom, now=now)
    if not _use(session, user, code, now=now):
        session.rollback()
        raise InvalidInput("wrong_recovery_code", field="recovery_code")
    forget_attempts(session, desk.vault, Attempt.SECOND_FACTOR, whom)
    tell_owner(session, desk, user, "recovery_code_used", now=now)
    session.commit()
    return _left(session, user)


def _use(session: Session, user: User, code: str, *, now: datetime) -> bool:
    """Whether the code was still good; of two who give it at once, one is told yes."""
    unused = RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None)
    kept = session.execute(select(RecoveryCode.id, RecoveryCode.code_hash).where(*unused)).all()
    found = [number for number, kept_hash in kept if is_recovery_code_of(kept_hash, code)]
    if not found:
        return False
    used = session.execute(
        update(RecoveryCode)
        .where(RecoveryCode.id == found[0], RecoveryCode.used_at.is_(None))
        .values(used_at=now)
        .returning(RecoveryCode.id),
        execution_options={"synchronize_session": False},
    )
    return used.first() is not None


def _left(session: Session, user: User) -> int:
    return (
        session.scalar(
            select(func.count()).where(
                RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None)
            )
        )
        or 0
    )
