"""Saying that one has read: it stops what would go up, not what the plan still holds."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from breachdesk.domain.journal import Entry
from breachdesk.domain.reminders import AcknowledgedVia, ReminderCause
from breachdesk.models import Acknowledgement, Clock, Incident, Reminder, User
from breachdesk.services.journal import look_up_heads, write_journal


def acknowledge(
    session: Session, clock: Clock | int, *, by: User, via: AcknowledgedVia, now: datetime
) -> Acknowledgement | None:
    """Record that a person has read every reminder sent so far of a clock, and commit.

    What would have gone up for want of this is called off. What the plan still holds, and
    what says that a deadline is missed, goes on.

    The caller has made sure that the person may know of the case.

    Args:
        clock: the clock, or its id.

    Returns:
        None where nothing is there to acknowledge: nothing was sent, somebody already has, or
        the clock has stopped.
    """
    clock_id = clock if isinstance(clock, int) else clock.id
    made = acknowledge_clocks(session, [clock_id], by=by, via=via, now=now)
    return made[0] if made else None


def acknowledge_case(
    session: Session, incident: Incident, *, by: User, via: AcknowledgedVia, now: datetime
) -> list[Acknowledgement]:
    """Record that a person has read every reminder of a case sent so far, and commit.

    One acknowledgement for each running clock that something unread was sent of; see
    `acknowledge`.
    """
    clocks = dict.fromkeys(reminder.clock_id for reminder in unread_of(session, incident))
    return acknowledge_clocks(session, list(clocks), by=by, via=via, now=now)


def hold_cases(session: Session, incident_ids: Collection[int]) -> Sequence[Incident]:
    """These cases, held until the transaction ends; whoever holds many takes them in one order."""
    return session.scalars(
        select(Incident)
        .where(Incident.id.in_(incident_ids))
        .order_by(Incident.id)
        .with_for_update(of=Incident)
        .execution_options(populate_existing=True)
    ).all()


def acknowledge_clocks(
    session: Session,
    clock_ids: Collection[int],
    *,
    by: User,
    via: AcknowledgedVia,
    now: datetime,
) -> list[Acknowledgement]:
    """As `acknowledge`, of clocks of whatever cases; as many statements for one as for hundreds.

    Returns:
        One for each clock of which there was something to acknowledge.
    """
    of_clocks = select(Clock.incident_id).where(Clock.id.in_(clock_ids))
    cases = {
        case.id: case for case in hold_cases(session, session.scalars(of_clocks.distinct()).all())
    }
    unread = _unread(session, clock_ids)
    made = []
    look_up_heads(session, cases.keys() & {clock.incident_id for clock in unread})
    for clock, reminder_ids in unread.items():
        write_journal(
            session,
            cases[clock.incident_id],
            Entry.REMINDER_ACKNOWLEDGED,
            by=by,
            at=now,
            regime=clock.regime,
        )
        made.append(
            Acknowledgement(
                incident_id=clock.incident_id,
                clock_id=clock.id,
                reminder_id=reminder_ids[-1],
                user_id=by.id,
                via=via,
                at=now,
            )
        )
    session.add_all(made)
    if made:
        read = [each for ids in unread.values() for each in ids]
        session.execute(update(Reminder).where(Reminder.id.in_(read)).values(acknowledged_at=now))
        _call_off_what_goes_up(session, [each.clock_id for each in made], now)
    session.commit()
    return made


def _call_off_what_goes_up(session: Session, clock_ids: Collection[int], now: datetime) -> None:
    session.execute(
        update(Reminder)
        .where(
            Reminder.clock_id.in_(clock_ids),
            Reminder.cause == ReminderCause.ESCALATION,
            Reminder.emitted_at.is_(None),
            Reminder.cancelled_at.is_(None),
        )
        .values(cancelled_at=now)
    )


def _unread(session: Session, clock_ids: Collection[int]) -> dict[Clock, list[int]]:
    """What was sent of each of these that runs and was not read, by id, the latest last."""
    found: dict[Clock, list[int]] = {}
    for clock, reminder_id in session.execute(
        select(Clock, Reminder.id)
        .join(Reminder, Reminder.clock_id == Clock.id)
        .where(
            Clock.id.in_(clock_ids),
            Clock.stopped_at.is_(None),
            Reminder.emitted_at.is_not(None),
            Reminder.acknowledged_at.is_(None),
        )
        .order_by(Clock.id, Reminder.emitted_at, Reminder.id)
        .execution_options(populate_existing=True)
    ):
        found.setdefault(clock, []).append(reminder_id)
    return found


def unread_of(session: Session, incident: Incident) -> Sequence[Reminder]:
    """What was sent of the running clocks of a case and nobody has read, the latest last."""
    return session.scalars(
        select(Reminder)
        .join(Reminder.clock)
        .where(
            Clock.incident_id == incident.id,
            Clock.stopped_at.is_(None),
            Reminder.emitted_at.is_not(None),
            Reminder.acknowledged_at.is_(None),
        )
        .order_by(Reminder.emitted_at, Reminder.id)
    ).all()
