"""Sign-ins at browsers: begun, looked up on every request, listed, ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.orm import Session

from breachdesk.domain.access import Role
from breachdesk.domain.errors import NotFound
from breachdesk.domain.sign_in import (
    SECOND_STEP_WITHIN,
    SEEN_EVERY,
    SignInMethod,
    SignInRule,
    is_alive,
    opens,
)
from breachdesk.models import Membership, Organisation, User, UserSession
from breachdesk.services.acting import Acting
from breachdesk.services.tokens import new_token, token_hash


@dataclass(frozen=True)
class SignedIn:
    """Who a request comes from: the person, their session, the organisations it opens.

    `closed` are the organisations they belong to that this way of signing in does not open.
    """

    user: User
    session: UserSession
    seats: list[Acting]
    closed: list[Organisation]

    @property
    def lacks_second_factor(self) -> bool:
        """Whether an organisation of theirs demands a second factor that nobody gave."""
        return not self.session.has_second_factor and any(
            seat.organisation.demands_second_factor for seat in self.seats
        )

    @property
    def lacks_operators_factor(self) -> bool:
        """Whether they run the installation and gave no second factor, which that asks for.

        Source: OWASP ASVS 4.0.3, 4.3.1.
        """
        return self.user.is_operator and not self.session.has_second_factor

    @property
    def owns_account(self) -> bool:
        """Whether it speaks for the whole account, not for one organisation's part of it.

        Whoever runs an organisation's provider can come in as any of its people. Could they
        set a password or a passkey there, that would open the person's other organisations,
        or the installation. An account that opens nothing else has nothing to lose by it.
        """
        is_through_provider = self.session.organisation_id is not None
        return not (is_through_provider and (self.closed or self.user.is_operator))


def begin_session(
    session: Session,
    user: User,
    *,
    method: SignInMethod,
    now: datetime,
    is_complete: bool = True,
    has_second_factor: bool = False,
    organisation_id: int | None = None,
    proven_at: datetime | None = None,
    device: str = "",
    address: str = "",
) -> str:
    """Begin a session and commit; its token, which only the cookie holds.

    Args:
        is_complete: False after the password of somebody who has a second factor.
        organisation_id: whose single sign-on it was.
        proven_at: when they proved who they are, where that was not now.
    """
    token = new_token()
    session.add(
        UserSession(
            token_hash=token_hash(token),
            user_id=user.id,
            method=method,
            organisation_id=organisation_id,
            has_second_factor=has_second_factor,
            started_at=now,
            completed_at=now if is_complete else None,
            proven_at=proven_at or now,
            last_seen_at=now,
            device=device[:120],
            address=address[:45],
        )
    )
    session.commit()
    return token


def find_signed_in(session: Session, token: str, *, now: datetime) -> SignedIn | None:
    """Whoever a token signs in, with all that they may open, in one query; does not commit.

    None where the session has ended, ran out or awaits its second factor, or where its
    person has been deactivated.
    """
    rows = session.execute(_signed_in_query(), {"token_hash": token_hash(token)}).all()
    if not rows:
        return None
    kept, user = rows[0][0], rows[0][1]
    is_over = kept.ended_at is not None or kept.completed_at is None or not user.is_active
    if is_over or not is_alive(kept.started_at, kept.last_seen_at, now=now):
        return None
    seats, closed = _seats(rows)
    return SignedIn(user, kept, seats, closed)


def _seats(rows: Sequence[Any]) -> tuple[list[Acting], list[Organisation]]:
    roles: dict[int, set[Role]] = {}
    organisations: dict[int, Organisation] = {}
    kept, user = rows[0][0], rows[0][1]
    for _, _, membership, organisation in rows:
        if organisation is not None:
            roles.setdefault(organisation.id, set()).add(membership.role)
            organisations[organisation.id] = organisation
    seats, closed = [], []
    for key, organisation in organisations.items():
        if opens(
            rule_of(organisation),
            user_id=user.id,
            method=kept.method,
            through_organisation_id=kept.organisation_id,
        ):
            seats.append(Acting(user, organisation, frozenset(roles[key])))
        else:
            closed.append(organisation)
    return seats, closed


def rule_of(organisation: Organisation) -> SignInRule:
    """What an organisation asks of a sign-in, as the rules take it."""
    return SignInRule(
        organisation.id, organisation.takes_local_sign_in, organisation.break_glass_id
    )


@cache
def _signed_in_query() -> Any:
    """Built once: every page asks it."""
    return (
        select(UserSession, User, Membership, Organisation)
        .join(User, UserSession.user_id == User.id)
        .outerjoin(Membership, and_(Membership.user_id == User.id, Membership.ended_at.is_(None)))
        .outerjoin(Organisation, Membership.organisation_id == Organisation.id)
        .where(UserSession.token_hash == bindparam("token_hash"))
        .order_by(Organisation.name, Organisation.id)
    )


def find_half_signed_in(session: Session, token: str, *, now: datetime) -> UserSession | None:
    """The session of a token that awaits its second factor, if it still may come."""
    kept = session.scalars(
        select(UserSession).where(
            UserSession.token_hash == token_hash(token),
            UserSession.completed_at.is_(None),
            UserSession.ended_at.is_(None),
        )
    ).first()
    if kept is None or not kept.user.is_active or now - kept.started_at > SECOND_STEP_WITHIN:
        return None
    return kept


def complete_session(session: Session, kept: UserSession, *, now: datetime) -> str:
    """Complete a session with its second factor, and commit; its new token.

    The token of before opens nothing any more: whoever saw it gains nothing.
    """
    token = new_token()
    kept.token_hash = token_hash(token)
    kept.completed_at = kept.proven_at = kept.last_seen_at = now
    kept.has_second_factor = True
    session.commit()
    return token


def must_note_use(kept: UserSession, *, now: datetime) -> bool:
    """Whether the last use written down is old enough to be written anew."""
    return now - kept.last_seen_at >= SEEN_EVERY


def note_use(session: Session, session_id: int, *, now: datetime) -> None:
    """Write down that a session is in use, and commit."""
    session.execute(
        update(UserSession)
        .where(UserSession.id == session_id, UserSession.last_seen_at < now)
        .values(last_seen_at=now),
        execution_options={"synchronize_session": False},
    )
    session.commit()


def note_proof(kept: UserSession, *, now: datetime, has_second_factor: bool = False) -> None:
    """Write down that somebody proved again who they are; does not commit."""
    kept.proven_at = now
    kept.has_second_factor = kept.has_second_factor or has_second_factor


def sessions_of(session: Session, user: User, *, now: datetime) -> list[UserSession]:
    """The sessions of a person that still hold, the last used first."""
    found = session.scalars(
        select(UserSession)
        .where(
            UserSession.user_id == user.id,
            UserSession.ended_at.is_(None),
            UserSession.completed_at.is_not(None),
        )
        .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
    )
    return [kept for kept in found if is_alive(kept.started_at, kept.last_seen_at, now=now)]


def end_session(session: Session, user: User, session_id: int, *, now: datetime) -> None:
    """End one session of a person, and commit; ending it twice changes nothing.

    Raises:
        NotFound: they have no such session.
    """
    kept = session.get(UserSession, session_id)
    if kept is None or kept.user_id != user.id:
        raise NotFound("unknown_session")
    kept.ended_at = kept.ended_at or now
    session.commit()


def end_sessions(session: Session, user_id: int, *, now: datetime, but: int | None = None) -> None:
    """End every session of a person, but perhaps the one in hand; does not commit."""
    session.execute(
        update(UserSession)
        .where(
            UserSession.user_id == user_id,
            UserSession.ended_at.is_(None),
            UserSession.id != (but or 0),
        )
        .values(ended_at=now),
        execution_options={"synchronize_session": "fetch"},
    )


def end_other_sessions(session: Session, user: User, session_id: int, *, now: datetime) -> None:
    """End every session of a person but the one in hand, and commit."""
    end_sessions(session, user.id, now=now, but=session_id)
    session.commit()


def owner_of_session(session: Session, hashed_token: str) -> int | None:
    """Whose session it is or was; None where there is none. Opens nothing."""
    return session.scalar(select(UserSession.user_id).where(UserSession.token_hash == hashed_token))
