"""What second factors a person has, what demands one, and what becomes of them all."""

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from breachdesk.domain.errors import NotFound, TooManyAttempts, WrongStep
from breachdesk.domain.journal import Entry
from breachdesk.domain.second_factor import step_begins_at, steps_accepted
from breachdesk.domain.throttling import LIMITS, Attempt
from breachdesk.models import Membership, Organisation, Passkey, RecoveryCode, User
from breachdesk.services.account_notices import tell_owner
from breachdesk.services.acting import Desk
from breachdesk.services.journal import write_journal
from breachdesk.services.sessions import end_sessions
from breachdesk.services.throttling import count_attempt, demand_room

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Factors:
    """What a person has set up; `codes_left` of the recovery codes still good."""

    totp_since: datetime | None
    # Since it was set up, to half a minute.
    totp_used_at: datetime | None
    passkeys: list[Passkey]
    codes_left: int
    # The organisations of theirs that demand a second factor, by name.
    demanded_by: list[str]

    @property
    def count(self) -> int:
        """How many factors there are; recovery codes stand in for one and are none."""
        return len(self.passkeys) + (self.totp_since is not None)

    @property
    def may_remove_one(self) -> bool:
        """Whether one can go without leaving them short of what is demanded."""
        return self.count > 1 or not self.demanded_by


def has_second_factor(session: Session, user: User) -> bool:
    """Whether a password alone does not sign this person in; one query at most."""
    if user.totp_confirmed_at is not None:
        return True
    return session.scalar(select(Passkey.id).where(Passkey.user_id == user.id).limit(1)) is not None


def factors_of(session: Session, user: User) -> Factors:
    """What a person has set up, and who demands it; three queries."""
    return Factors(
        totp_since=user.totp_confirmed_at,
        totp_used_at=_last_use(user),
        passkeys=list(
            session.scalars(select(Passkey).where(Passkey.user_id == user.id).order_by(Passkey.id))
        ),
        codes_left=session.scalar(
            select(func.count()).where(
                RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None)
            )
        )
        or 0,
        demanded_by=list(
            session.scalars(
                select(Organisation.name)
                .where(_has_member(user.id), Organisation.demands_second_factor)
                .order_by(Organisation.name)
            )
        ),
    )


def hold_person(session: Session, user: User) -> None:
    """Hold a person until the transaction ends: whoever changes their factors goes one by one.

    Others may still point to the person meanwhile, as a new membership does.
    """
    session.refresh(user, with_for_update={"key_share": True})


def let_one_go(session: Session, user: User) -> None:
    """Make ready to remove a factor; with the last one the codes that stand in for it go too.

    Does not commit.

    Raises:
        WrongStep: an organisation demands a second factor, and this is the last one.
    """
    hold_person(session, user)
    factors = factors_of(session, user)
    if not factors.may_remove_one:
        raise WrongStep("second_factor_demanded", organisation=factors.demanded_by[0])
    if factors.count == 1:
        drop_recovery_codes(session, user.id)


def drop_recovery_codes(session: Session, user_id: int) -> None:
    """Make every recovery code of a person worthless; does not commit."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def count_guess(session: Session, desk: Desk, user: User, whom: str, *, now: datetime) -> None:
    """Count one guess at a code before it is looked at, and commit.

    Counted first: guesses made at the same moment are all counted. With the last one taken
    in a window the owner is told; whoever guesses here knows the password already.

    Raises:
        TooManyAttempts: with `until`, when the next guess is taken.
    """
    count = count_attempt(session, desk.vault, Attempt.SECOND_FACTOR, whom, now=now)
    most = LIMITS[Attempt.SECOND_FACTOR].most
    if count == most:
        tell_owner(session, desk, user, "sign_in_throttled", now=now)
        session.commit()
    if count > most:
        demand_room(session, desk.vault, Attempt.SECOND_FACTOR, whom, now=now)
        # The window ended between the two questions.
        raise TooManyAttempts(until=now)


def reset_second_factor(session: Session, desk: Desk, email: str, *, now: datetime) -> User:
    """Take every second factor from a person who lost them all; the operator's command.

    An administrator of one organisation has no such power: the same account may open
    another organisation. Ends the person's sessions, tells them, and leaves a line in the
    journal of each of their organisations.

    Raises:
        NotFound: nobody has this address.
    """
    user = session.scalars(select(User).where(User.email == email.strip().lower())).first()
    if user is None:
        raise NotFound("unknown_person", shown=email)
    for organisation in session.scalars(
        select(Organisation).where(_has_member(user.id)).order_by(Organisation.id)
    ):
        write_journal(
            session,
            organisation,
            Entry.SIGN_IN_RULE_CHANGED,
            by=None,
            at=now,
            user=user.id,
            rules=["second_factor_reset"],
        )
    # After the journals are held, as whoever adds a person to an organisation does.
    hold_person(session, user)
    user.totp_secret = user.totp_confirmed_at = user.totp_last_step = None
    session.execute(delete(Passkey).where(Passkey.user_id == user.id))
    drop_recovery_codes(session, user.id)
    end_sessions(session, user.id, now=now)
    tell_owner(session, desk, user, "second_factor_reset", now=now)
    session.commit()
    log.info("The second factors of person %s were reset by the operator", user.id)
    return user


def _last_use(user: User) -> datetime | None:
    """When the last code was given; None where it is the one that confirmed the secret."""
    if user.totp_confirmed_at is None or user.totp_last_step is None:
        return None
    if user.totp_last_step <= steps_accepted(user.totp_confirmed_at)[-1]:
        return None
    return step_begins_at(user.totp_last_step)


def _has_member(user_id: int) -> ColumnElement[bool]:
    """That an organisation is one of a person's."""
    theirs = select(Membership.organisation_id).where(
        Membership.user_id == user_id, Membership.ended_at.is_(None)
    )
    return Organisation.id.in_(theirs)
