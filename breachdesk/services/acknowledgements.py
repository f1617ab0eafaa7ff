"""Saying that one has read: it stops what would go up, not what the plan still holds."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from breachdesk.domain.journal import Entry
from breachdesk.domain.reminders import AcknowledgedVia, ReminderCause
from breachdesk.models import Acknowledgement, Clock, Incident, Reminder, User
from breachdesk.services.cases import lock_case
from breachdesk.services.journal import write_journal


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

    Raises:
        NoResultFound: there is no such clock.
    """
    clock_id = clock if isinstance(clock, int) else clock.id
    made = _acknowledge(session, clock_id, by, via, now)
    session.commit()
    return made


def acknowledge_case(
    session: Session, incident: Incident, *, by: User, via: AcknowledgedVia, now: datetime
) -> list[Acknowledgement]:
    """Record that a person has read every reminder of a case sent so far, and commit.

    One acknowledgement for each running clock that something unread was sent of; see
    `acknowledge`.
    """
    clocks = dict.fromkeys(reminder.clock_id for reminder in unread_of(session, incident))
    made = [_acknowledge(session, clock_id, by, via, now) for clock_id in clocks]
    session.commit()
    return [each for each in made if each is not None]


def _acknowledge(
    session: Session, clock_id: int, by: User, via: AcknowledgedVia, now: datetime
) -> Acknowledgement | None:
    incident = session.scalars(
        select(Incident).join(Clock, Clock.incident_id == Incident.id).where(Clock.id == clock_id)
    ).one()
    lock_case(session, incident)
    held = session.scalars(
        select(Clock).where(Clock.id == clock_id).execution_options(populate_existing=True)
    ).one()
    unread = _unread(session, clock_id) if held.stopped_at is None else []
    if not unread:
        return None
    write_journal(session, incident, Entry.REMINDER_ACKNOWLEDGED, by=by, at=now, regime=held.regime)
    made = Acknowledgement(
        incident_id=incident.id,
        clock_id=clock_id,
        reminder_id=unread[-1],
        user_id=by.id,
        via=via,
        at=now,
    )
    session.add(made)
    session.execute(update(Reminder).where(Reminder.id.in_(unread)).values(acknowledged_at=now))
    session.execute(
        update(Reminder)
        .where(
            Reminder.clock_id == clock_id,
            Reminder.cause == ReminderCause.ESCALATION,
            Reminder.emitted_at.is_(None),
            Reminder.cancelled_at.is_(None),
        )
        .values(cancelled_at=now)
    )
    return made


def _unread(session: Session, clock_id: int) -> list[int]:
    """The ids of what was sent of a clock and not read, the latest last."""
    return list(
        session.scalars(
            select(Reminder.id)
            .where(
                Reminder.clock_id == clock_id,
                Reminder.emitted_at.is_not(None),
                Reminder.acknowledged_at.is_(None),
            )
            .order_by(Reminder.emitted_at, Reminder.id)
        )
    )


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
