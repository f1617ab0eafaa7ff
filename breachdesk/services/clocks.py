"""Starting and stopping clocks, with the reminders that hang on them."""

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from breachdesk.domain.deadlines import (
    AUTHORITY_NOTIFICATION_LIMIT,
    Regime,
    StopReason,
    authority_notification_due_at,
)
from breachdesk.domain.deliveries import UNDER_WAY, DeliveryState
from breachdesk.domain.journal import Entry
from breachdesk.domain.reminders import PlannedReminder, plan_reminders
from breachdesk.domain.rule_sets import GDPR
from breachdesk.models import Clock, Delivery, Incident, Reminder, User
from breachdesk.services.journal import write_journal

# Art. 33(1) as in force since 25 May 2018, read as 72 elapsed hours.
RULE_VERSION = GDPR.version


def main_clock(session: Session, incident: Incident) -> Clock | None:
    """The clock every page of the case shows."""
    return session.scalars(
        select(Clock).where(Clock.incident_id == incident.id, Clock.is_main)
    ).first()


def start_clock(
    session: Session,
    incident: Incident,
    regime: Regime,
    *,
    started_at: datetime,
    by: User | None,
    now: datetime,
) -> Clock:
    """Start the main clock of a case and plan its reminders; does not commit.

    An incident not yet qualified counts the same 72 hours from the moment it was noticed:
    the earliest that awareness can turn out to be.
    """
    previous = main_clock(session, incident)
    if previous is not None:
        previous.is_main = False
        session.flush()
    clock = Clock(
        incident_id=incident.id,
        regime=regime,
        rule_version=RULE_VERSION,
        started_at=started_at,
        due_at=authority_notification_due_at(started_at),
        created_at=now,
    )
    session.add(clock)
    session.flush()
    plan = plan_reminders(clock.due_at, regime=regime, planned_at=now)
    session.execute(insert(Reminder), [_planned(clock, reminder) for reminder in plan])
    hours = AUTHORITY_NOTIFICATION_LIMIT.total_seconds() // 3600
    write_journal(
        session,
        incident,
        Entry.CLOCK_STARTED,
        by=by,
        at=now,
        regime=regime.value,
        started_at=started_at.isoformat(),
        due_at=clock.due_at.isoformat(),
        hours=int(hours),
    )
    return clock


def _planned(clock: Clock, reminder: PlannedReminder) -> dict[str, object]:
    """A planned reminder as a row."""
    roles = [role.value for role in reminder.roles]
    return {"clock_id": clock.id, "remind_at": reminder.remind_at, "roles": roles}


def add_reminder(session: Session, clock: Clock, reminder: PlannedReminder) -> None:
    """Plan one more reminder of a clock; does not commit."""
    session.add(Reminder(**_planned(clock, reminder)))


def stop_clock(
    session: Session,
    incident: Incident,
    reason: StopReason,
    *,
    stopped_at: datetime,
    by: User | None,
    now: datetime,
) -> None:
    """Stop the main clock, if it runs, and whatever was still to be sent for it.

    Does not commit. A reminder already in a worker's hands may still arrive; it is then
    recorded as sent, but refused for now it is not tried again.
    """
    clock = main_clock(session, incident)
    if clock is None or clock.stopped_at is not None:
        return
    clock.stopped_at, clock.stop_reason = stopped_at, reason
    planned = select(Reminder.id).where(Reminder.clock_id == clock.id)
    session.execute(
        update(Reminder)
        .where(Reminder.clock_id == clock.id, Reminder.emitted_at.is_(None))
        .where(Reminder.cancelled_at.is_(None))
        .values(cancelled_at=now)
    )
    session.execute(
        update(Delivery)
        .where(Delivery.reminder_id.in_(planned), Delivery.state.in_(UNDER_WAY))
        .values(state=DeliveryState.CANCELLED, finished_at=now)
    )
    write_journal(
        session,
        incident,
        Entry.CLOCK_STOPPED,
        by=by,
        at=now,
        regime=clock.regime.value,
        stop_reason=reason.value,
        stopped_at=stopped_at.isoformat(),
    )
