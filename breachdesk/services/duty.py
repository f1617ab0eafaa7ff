"""Absences with deputies, and shifts on duty: recorded, cancelled, listed.

Nothing is planned anew: who is told is decided when something is to be told. What quiet hours
hold is looked at again with each change, in its transaction.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from breachdesk.domain.access import Action, Role
from breachdesk.domain.errors import InvalidInput, NotFound
from breachdesk.domain.journal import Entry
from breachdesk.domain.standing_in import CAN_STAND_IN
from breachdesk.models import Absence, DutyShift, Membership, Organisation, User
from breachdesk.services.acting import Acting
from breachdesk.services.held_reminders import hold_running_cases, look_again_everywhere
from breachdesk.services.journal import write_journal

LONGEST_ABSENCE = timedelta(days=366)
# Longer, it is no shift but a role.
LONGEST_SHIFT = timedelta(days=31)


def record_absence(
    session: Session,
    *,
    user_id: int,
    deputy_id: int | None,
    starts_on: date,
    ends_on: date,
    by: Acting,
    now: datetime,
) -> Absence:
    """Record that somebody is away, both days included, and who stands in; commit.

    Raises:
        NotAllowed: it is somebody else's, and their roles do not permit it.
        NotFound: nobody of the organisation.
        InvalidInput: ``absence_ends_before_start``, ``absence_is_over``, ``absence_too_long``,
            ``deputy_is_absent_person`` or ``cannot_stand_in``.
    """
    by.demand(_action_on(user_id, by))
    today = now.astimezone(ZoneInfo(by.organisation.timezone)).date()
    if ends_on < starts_on:
        raise InvalidInput("absence_ends_before_start", field="ends_on")
    if ends_on < today:
        raise InvalidInput("absence_is_over", field="ends_on")
    if ends_on - starts_on > LONGEST_ABSENCE:
        raise InvalidInput("absence_too_long", field="ends_on", most=LONGEST_ABSENCE.days)
    if deputy_id == user_id:
        raise InvalidInput("deputy_is_absent_person", field="deputy_id")
    if not _is_member(session, by.organisation, user_id):
        raise NotFound
    if deputy_id is not None:
        _demand_stand_in(session, by.organisation, deputy_id, field="deputy_id")
    absence = Absence(
        organisation_id=by.organisation.id,
        user_id=user_id,
        deputy_id=deputy_id,
        starts_on=starts_on,
        ends_on=ends_on,
        recorded_by_id=by.user.id,
        recorded_at=now,
    )
    hold_running_cases(session, by.organisation.id)
    _journal_absence(session, Entry.ABSENCE_RECORDED, absence, by, now)
    session.add(absence)
    look_again_everywhere(session, by.organisation.id, now=now)
    session.commit()
    return absence


def cancel_absence(session: Session, absence_id: int, *, by: Acting, now: datetime) -> None:
    """Say that an absence does not take place, or is over sooner; commit.

    Nothing happens where it was cancelled before.

    Raises:
        NotFound: none of the organisation.
        NotAllowed: it is somebody else's, and their roles do not permit it.
    """
    by.demand(Action.RECORD_OWN_ABSENCE)
    hold_running_cases(session, by.organisation.id)
    absence = session.scalars(
        select(Absence)
        .where(Absence.id == absence_id, Absence.organisation_id == by.organisation.id)
        .with_for_update()
    ).first()
    if absence is None:
        raise NotFound
    by.demand(_action_on(absence.user_id, by))
    if absence.cancelled_at is None:
        _journal_absence(session, Entry.ABSENCE_CANCELLED, absence, by, now)
        absence.cancelled_at = now
        look_again_everywhere(session, by.organisation.id, now=now)
    session.commit()


def absences_ahead(
    session: Session, organisation: Organisation, *, now: datetime
) -> Sequence[Absence]:
    """The absences of an organisation that last or are to come, in order, with their people."""
    today = now.astimezone(ZoneInfo(organisation.timezone)).date()
    return session.scalars(
        select(Absence)
        .where(
            Absence.organisation_id == organisation.id,
            Absence.ends_on >= today,
            Absence.cancelled_at.is_(None),
        )
        .order_by(Absence.starts_on, Absence.id)
        .options(joinedload(Absence.user), joinedload(Absence.deputy))
    ).all()


def add_shift(
    session: Session,
    *,
    user_id: int,
    starts_at: datetime,
    ends_at: datetime,
    by: Acting,
    now: datetime,
) -> DutyShift:
    """Put somebody on duty from one instant to another; commit.

    Raises:
        NotAllowed: their roles do not permit it.
        InvalidInput: ``shift_ends_before_start``, ``shift_is_over``, ``shift_too_long`` or
            ``cannot_stand_in``.
    """
    by.demand(Action.MANAGE_DUTY)
    if ends_at <= starts_at:
        raise InvalidInput("shift_ends_before_start", field="ends_at")
    if ends_at <= now:
        raise InvalidInput("shift_is_over", field="ends_at")
    if ends_at - starts_at > LONGEST_SHIFT:
        raise InvalidInput("shift_too_long", field="ends_at", most=LONGEST_SHIFT.days)
    _demand_stand_in(session, by.organisation, user_id, field="user_id")
    shift = DutyShift(
        organisation_id=by.organisation.id,
        user_id=user_id,
        starts_at=starts_at,
        ends_at=ends_at,
        recorded_by_id=by.user.id,
        recorded_at=now,
    )
    hold_running_cases(session, by.organisation.id)
    _journal_shift(session, Entry.DUTY_SHIFT_ADDED, shift, by, now)
    session.add(shift)
    look_again_everywhere(session, by.organisation.id, now=now)
    session.commit()
    return shift


def cancel_shift(session: Session, shift_id: int, *, by: Acting, now: datetime) -> None:
    """Take somebody off duty; commit. Nothing happens where it was cancelled before.

    Raises:
        NotFound: none of the organisation.
        NotAllowed: their roles do not permit it.
    """
    by.demand(Action.MANAGE_DUTY)
    hold_running_cases(session, by.organisation.id)
    shift = session.scalars(
        select(DutyShift)
        .where(DutyShift.id == shift_id, DutyShift.organisation_id == by.organisation.id)
        .with_for_update()
    ).first()
    if shift is None:
        raise NotFound
    if shift.cancelled_at is None:
        _journal_shift(session, Entry.DUTY_SHIFT_CANCELLED, shift, by, now)
        shift.cancelled_at = now
        look_again_everywhere(session, by.organisation.id, now=now)
    session.commit()


def shifts_ahead(
    session: Session, organisation: Organisation, *, now: datetime
) -> Sequence[DutyShift]:
    """The shifts of an organisation that last or are to come, in order, with their people."""
    return session.scalars(
        select(DutyShift)
        .where(
            DutyShift.organisation_id == organisation.id,
            DutyShift.ends_at > now,
            DutyShift.cancelled_at.is_(None),
        )
        .order_by(DutyShift.starts_at, DutyShift.id)
        .options(joinedload(DutyShift.user))
    ).all()


def people_who_can_stand_in(session: Session, organisation: Organisation) -> Sequence[User]:
    """Who can be a deputy or on duty: whoever can confirm a reminder there, by name."""
    return session.scalars(
        select(User)
        .where(User.is_active, _holds_a_role(organisation, roles=CAN_STAND_IN))
        .order_by(User.name, User.id)
    ).all()


def _action_on(user_id: int, by: Acting) -> Action:
    return Action.RECORD_OWN_ABSENCE if user_id == by.user.id else Action.MANAGE_DUTY


def _holds_a_role(organisation: Organisation, roles: Collection[Role] = ()) -> ColumnElement[bool]:
    held = select(Membership.id).where(
        Membership.user_id == User.id,
        Membership.organisation_id == organisation.id,
        Membership.ended_at.is_(None),
    )
    return (held.where(Membership.role.in_(roles)) if roles else held).exists()


def _is_member(session: Session, organisation: Organisation, user_id: int) -> bool:
    there = select(User.id).where(User.id == user_id, User.is_active, _holds_a_role(organisation))
    return session.scalar(there) is not None


def _demand_stand_in(
    session: Session, organisation: Organisation, user_id: int, *, field: str
) -> None:
    can = select(User.id).where(
        User.id == user_id, User.is_active, _holds_a_role(organisation, roles=CAN_STAND_IN)
    )
    if session.scalar(can) is None:
        raise InvalidInput("cannot_stand_in", field=field)


def _journal_absence(
    session: Session, entry: Entry, absence: Absence, by: Acting, now: datetime
) -> None:
    write_journal(
        session,
        by.organisation,
        entry,
        by=by.user,
        at=now,
        user=absence.user_id,
        deputy=absence.deputy_id,
        starts_on=absence.starts_on.isoformat(),
        ends_on=absence.ends_on.isoformat(),
    )


def _journal_shift(
    session: Session, entry: Entry, shift: DutyShift, by: Acting, now: datetime
) -> None:
    write_journal(
        session,
        by.organisation,
        entry,
        by=by.user,
        at=now,
        user=shift.user_id,
        starts_at=shift.starts_at.isoformat(),
        ends_at=shift.ends_at.isoformat(),
    )
