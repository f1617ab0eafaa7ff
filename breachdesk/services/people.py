"""The people of an organisation: who they are, what they may do, taking access away."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, contains_eager

from breachdesk.domain.access import Action, Role, demand
from breachdesk.domain.errors import InvalidInput, NotFound
from breachdesk.domain.journal import Entry
from breachdesk.domain.people import checked_roles, demand_change_is_safe
from breachdesk.models import Membership, Organisation, Passkey, User, UserSession
from breachdesk.services.acting import Acting, Desk, holders_of_roles
from breachdesk.services.held_reminders import hold_running_cases, look_again_everywhere
from breachdesk.services.journal import write_journal
from breachdesk.services.role_notices import Holders, RoleChange, tell_leads, tell_person
from breachdesk.services.sessions import end_sessions


@dataclass(frozen=True)
class Colleague:
    """A person of an organisation, as those who manage its people see them.

    `roles` are empty once they have left, `left_at` is then when. `last_sign_in_at` leaves
    out sign-ins that open other organisations only.
    """

    user: User
    roles: frozenset[Role]
    left_at: datetime | None = None
    last_sign_in_at: datetime | None = None
    has_second_factor: bool = False


def list_people(session: Session, *, by: Acting) -> list[Colleague]:
    """Everybody who belongs to the organisation or did, by name; three queries.

    Raises:
        NotAllowed: their roles do not permit it.
    """
    by.demand(Action.MANAGE_PEOPLE)
    return _colleagues(session, by.organisation, _memberships(session, by.organisation))


def find_colleague(session: Session, user_id: int, *, by: Acting) -> Colleague:
    """One person who belongs to the organisation or did.

    Raises:
        NotAllowed: their roles do not permit it.
        NotFound: the organisation never had such a person.
    """
    by.demand(Action.MANAGE_PEOPLE)
    held = _memberships(session, by.organisation, user_id)
    if not held:
        raise NotFound("unknown_colleague")
    return _colleagues(session, by.organisation, held)[0]


def _memberships(
    session: Session, organisation: Organisation, user_id: int | None = None
) -> Sequence[Membership]:
    """The memberships of an organisation as they are now, perhaps of one person alone."""
    query = (
        select(Membership)
        .join(Membership.user)
        .where(Membership.organisation_id == organisation.id)
        .order_by(func.lower(User.name), User.id, Membership.id)
        .options(contains_eager(Membership.user))
        .execution_options(populate_existing=True)
    )
    if user_id is not None:
        query = query.where(Membership.user_id == user_id)
    return session.scalars(query).all()


def _colleagues(
    session: Session, organisation: Organisation, memberships: Sequence[Membership]
) -> list[Colleague]:
    held: dict[User, list[Membership]] = {}
    for membership in memberships:
        held.setdefault(membership.user, []).append(membership)
    ids = [user.id for user in held]
    signed_in, with_passkey = _last_sign_ins(session, organisation, ids), _passkeys(session, ids)
    people = []
    for user, theirs in held.items():
        roles = frozenset(each.role for each in theirs if each.ended_at is None)
        ends = [each.ended_at for each in theirs if each.ended_at is not None]
        if not roles:
            people.append(Colleague(user, roles, max(ends)))
            continue
        has_second = user.totp_confirmed_at is not None or user.id in with_passkey
        people.append(Colleague(user, roles, None, signed_in.get(user.id), has_second))
    return people


def _last_sign_ins(
    session: Session, organisation: Organisation, user_ids: list[int]
) -> dict[int, datetime]:
    rows = session.execute(
        select(UserSession.user_id, func.max(UserSession.started_at))
        .where(
            UserSession.user_id.in_(user_ids),
            UserSession.completed_at.is_not(None),
            # Another organisation's single sign-on is no business of this one.
            or_(
                UserSession.organisation_id.is_(None),
                UserSession.organisation_id == organisation.id,
            ),
        )
        .group_by(UserSession.user_id)
    )
    return {user_id: last for user_id, last in rows}


def _passkeys(session: Session, user_ids: list[int]) -> set[int]:
    found = session.scalars(select(Passkey.user_id).where(Passkey.user_id.in_(user_ids)).distinct())
    return set(found)


# --- Changing what somebody may do -----------------------------------------------------------


def change_roles(
    session: Session,
    desk: Desk,
    user_id: int,
    roles: Iterable[str],
    *,
    by: Acting,
    now: datetime,
) -> bool:
    """Give a person these roles and no others; whether anything changed.

    The person is told by mail, and so are the DPO and the decider when a role that reads
    cases was given: an admin, who reads none, could give it to themselves.

    Raises:
        NotAllowed: their roles do not permit it.
        NotFound: nobody of this id is in the organisation.
        InvalidInput: no role is chosen, or the change would lock somebody out.
    """
    by.demand(Action.MANAGE_PEOPLE)
    chosen = checked_roles(roles)
    hold_running_cases(session, by.organisation.id)
    holders = hold_people(session, by)
    before = _roles_held(holders, user_id)
    if not before:
        raise NotFound("unknown_colleague")
    if chosen != before:
        _demand_safe(holders, user_id, chosen, by)
        user = hold_user(session, user_id)
        change = _change(session, user, before, chosen, by=by, now=now)
        tell_person(session, desk, change, now=now)
        tell_leads(session, desk, change, holders, now=now)
    session.commit()
    return chosen != before


def remove_person(
    session: Session,
    desk: Desk,
    user_id: int,
    *,
    by: Acting,
    now: datetime,
    reason: str = "",
) -> None:
    """Take away all access to this organisation; what they did keeps their name.

    Somebody who has no seat left anywhere is signed out and can sign in no more.

    Raises:
        NotAllowed: their roles do not permit it.
        NotFound: nobody of this id is in the organisation.
        InvalidInput: it would lock somebody out.
    """
    holders = hold_people(session, by)
    before = _roles_held(holders, user_id)
    if not before:
        raise NotFound("unknown_colleague")
    _demand_safe(holders, user_id, frozenset(), by)
    user = hold_user(session, user_id)
    change = _change(session, user, before, frozenset(), by=by, now=now, reason=reason)
    if not _has_seat(session, user) and not user.is_operator:
        user.is_active = False
        end_sessions(session, user.id, now=now)
    tell_person(session, desk, change, now=now)
    session.commit()


def readmit_person(
    session: Session,
    desk: Desk,
    user_id: int,
    roles: Iterable[str],
    *,
    by: Acting,
    now: datetime,
) -> None:
    """Let somebody back in who had left, with these roles.

    Raises:
        NotAllowed: their roles do not permit it.
        NotFound: nobody of this id was ever in the organisation.
        InvalidInput: no role is chosen, or they are in the organisation.
    """
    by.demand(Action.MANAGE_PEOPLE)
    chosen = checked_roles(roles)
    hold_running_cases(session, by.organisation.id)
    holders = hold_people(session, by)
    if not _memberships(session, by.organisation, user_id):
        raise NotFound("unknown_colleague")
    if _roles_held(holders, user_id):
        raise InvalidInput("already_member", field="roles")
    user = hold_user(session, user_id)
    user.is_active = True
    change = _change(session, user, frozenset(), chosen, by=by, now=now)
    tell_person(session, desk, change, now=now)
    tell_leads(session, desk, change, holders, now=now)
    session.commit()


def _demand_safe(holders: Holders, user_id: int, roles: frozenset[Role], by: Acting) -> None:
    own = by.organisation
    demand_change_is_safe(
        holders,
        user_id,
        roles,
        by_id=by.user.id,
        break_glass_id=None if own.takes_local_sign_in else own.break_glass_id,
    )


def _change(
    session: Session,
    user: User,
    before: frozenset[Role],
    after: frozenset[Role],
    *,
    by: Acting,
    now: datetime,
    reason: str = "",
) -> RoleChange:
    """Set somebody's roles, with the journal's line; does not commit."""
    set_roles(session, by.organisation, user, after, now=now)
    if not after <= before:
        # Whoever is on duty may be told now of what they could not be told of.
        look_again_everywhere(session, by.organisation.id, now=now)
    line = write_journal(
        session,
        by.organisation,
        Entry.ROLES_CHANGED if after else Entry.USER_LEFT,
        by=by.user,
        at=now,
        reason=reason.strip(),
        user=user.id,
        **({"roles": sorted(role.value for role in after)} if after else {}),
    )
    return RoleChange(by.organisation, user, before, after, line, by.user)


def _has_seat(session: Session, user: User) -> bool:
    session.flush()
    seat = select(Membership.id).where(Membership.user_id == user.id, Membership.ended_at.is_(None))
    return session.scalar(seat.limit(1)) is not None


def _roles_held(holders: Holders, user_id: int) -> frozenset[Role]:
    return frozenset(role for role, people in holders.items() if user_id in people)


# --- What joining shares with this -----------------------------------------------------------


def hold_people(session: Session, by: Acting) -> Holders:
    """Who holds each role, once nobody else can change it before we commit.

    Two admins who take each other's access at the same instant: the second is refused.

    Raises:
        NotAllowed: the person who acts no longer manages people.
    """
    by.demand(Action.MANAGE_PEOPLE)
    hold_organisation(session, by.organisation)
    holders = holders_of_roles(session, by.organisation.id)
    demand(_roles_held(holders, by.user.id), Action.MANAGE_PEOPLE)
    return holders


def hold_organisation(session: Session, organisation: Organisation) -> None:
    """Let those who change an organisation's people go one by one; the journal holds it too."""
    with session.no_autoflush:
        session.refresh(organisation, with_for_update=True)


def hold_user(session: Session, user_id: int) -> User:
    """A person, once nobody else can change them before we commit."""
    return session.scalars(
        select(User)
        .where(User.id == user_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def set_roles(
    session: Session,
    organisation: Organisation,
    user: User,
    roles: Collection[Role],
    *,
    now: datetime,
) -> None:
    """Let a person hold these roles and no others; does not commit.

    A role they held before is taken up again: there is one row for each.
    """
    held = {each.role: each for each in _memberships(session, organisation, user.id)}
    for role, membership in held.items():
        if role in roles:
            membership.ended_at = None
        elif membership.ended_at is None:
            membership.ended_at = now
    for role in sorted(set(roles) - held.keys()):
        session.add(Membership(organisation_id=organisation.id, user_id=user.id, role=role))
