"""The plan of a clock as rows: made, called off and made again with what moves the clock."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from breachdesk.domain.deliveries import UNDER_WAY, DeliveryState
from breachdesk.domain.reminders import PlannedReminder, ReminderCause, plan_reminders
from breachdesk.models import Clock, Delivery, Reminder


def plan_clock(session: Session, clock: Clock, *, now: datetime) -> None:
    """Plan every reminder of a clock that has just started; does not commit."""
    if clock.due_at is None:
        return
    plan = plan_reminders(clock.due_at, regime=clock.regime, planned_at=now)
    _insert(session, clock, plan, ReminderCause.PLANNED)


def add_reminder(
    session: Session, clock: Clock, reminder: PlannedReminder, cause: ReminderCause
) -> None:
    """Plan one more reminder of a clock; does not commit."""
    _insert(session, clock, [reminder], cause)


def cancel_plan(session: Session, clock: Clock, *, now: datetime) -> None:
    """Call off what is still to be reminded of a clock, and what is still to be sent.

    Does not commit. A reminder already in a worker's hands may still arrive; it is then
    recorded as sent, but refused for now it is not tried again.
    """
    session.execute(
        update(Reminder)
        .where(Reminder.clock_id == clock.id, Reminder.emitted_at.is_(None))
        .where(Reminder.cancelled_at.is_(None))
        .values(cancelled_at=now)
    )
    planned = select(Reminder.id).where(Reminder.clock_id == clock.id)
    session.execute(
        update(Delivery)
        .where(Delivery.reminder_id.in_(planned), Delivery.state.in_(UNDER_WAY))
        .values(state=DeliveryState.CANCELLED, finished_at=now)
    )


def _insert(
    session: Session, clock: Clock, plan: Iterable[PlannedReminder], cause: ReminderCause
) -> None:
    rows = [
        {
            "clock_id": clock.id,
            "incident_id": clock.incident_id,
            "cause": cause,
            "planned_for": reminder.remind_at,
            "remind_at": reminder.remind_at,
            "roles": [role.value for role in reminder.roles],
        }
        for reminder in plan
    ]
    if rows:
        session.execute(insert(Reminder), rows)
