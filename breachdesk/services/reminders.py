"""The ledger of reminders: what is due becomes deliveries, once."""

import logging
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.journal import Entry
from breachdesk.domain.reminders import (
    ReminderCause,
    kind_of_reminder,
    next_late_reminder,
    people_to_remind,
)
from breachdesk.models import Clock, Incident, Reminder
from breachdesk.services.acting import holders_of_roles
from breachdesk.services.deliveries import queue_to_user
from breachdesk.services.journal import write_journal
from breachdesk.services.reminder_planning import add_reminder
from breachdesk.services.visibility import who_may_know

log = logging.getLogger(__name__)

BATCH = 100


def emit_due_reminders(session: Session, *, now: datetime) -> int:
    """Turn every reminder that is due into deliveries; return how many mails were queued.

    One transaction per batch: the mails, the mark that they were emitted, the next late
    reminder and the journal's line stand or fall together.
    """
    queued = 0
    while due := _due(session, now):
        for reminders in _by_clock(due).values():
            # After an outage one mail says what is due, not one for each that was missed.
            for missed in reminders[:-1]:
                missed.cancelled_at = now
            queued += _emit(session, reminders[-1], now=now)
        session.commit()
    session.commit()
    return queued


def _due(session: Session, now: datetime) -> list[Reminder]:
    """Every reminder due in some incidents, which are held as by every other service.

    Incidents that somebody holds are passed over: the next beat finds them. With an
    incident in hand nobody else emits its reminders, and no clock stops under our feet.
    """
    is_due = (
        Reminder.emitted_at.is_(None),
        Reminder.cancelled_at.is_(None),
        Reminder.remind_at <= now,
        Clock.stopped_at.is_(None),
    )
    incidents = select(Clock.incident_id).join(Reminder, Reminder.clock_id == Clock.id)
    held = session.scalars(
        select(Incident.id)
        .where(Incident.id.in_(incidents.where(*is_due)))
        .order_by(Incident.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    return list(
        session.scalars(
            select(Reminder)
            .join(Reminder.clock)
            .where(*is_due, Clock.incident_id.in_(held))
            .order_by(Clock.incident_id, Reminder.remind_at)
            .options(
                joinedload(Reminder.clock)
                .joinedload(Clock.incident)
                .joinedload(Incident.organisation)
            )
            .execution_options(populate_existing=True)
        )
    )


def _by_clock(reminders: list[Reminder]) -> dict[int, list[Reminder]]:
    groups: dict[int, list[Reminder]] = {}
    for reminder in reminders:
        groups.setdefault(reminder.clock_id, []).append(reminder)
    return groups


def _emit(session: Session, reminder: Reminder, *, now: datetime) -> int:
    clock = reminder.clock
    assert clock.due_at is not None
    incident = clock.incident
    holders = who_may_know(session, incident, holders_of_roles(session, incident.organisation_id))
    told = people_to_remind([Role(role) for role in reminder.roles], holders)
    for user_id, roles in told.items():
        kind = kind_of_reminder(clock.regime, roles, due_at=clock.due_at, at=now)
        queue_to_user(
            session,
            incident,
            user_id,
            MailKind(kind.value),
            key=f"reminder:{reminder.id}:{user_id}",
            now=now,
            reminder_id=reminder.id,
            roles=[role.value for role in roles],
            regime=clock.regime,
            due_at=clock.due_at.isoformat(),
        )
    reminder.emitted_at = now
    _plan_next(session, clock, now=now)
    write_journal(
        session,
        incident,
        Entry.REMINDER_SENT,
        by=None,
        at=now,
        roles=reminder.roles,
        people=len(told),
    )
    log.info("Reminder %s of incident %s queued", reminder.id, incident.reference)
    return len(told)


def _plan_next(session: Session, clock: Clock, *, now: datetime) -> None:
    """Keep a missed clock ringing: the next reminder is planned when this one is emitted."""
    assert clock.due_at is not None
    planned = next_late_reminder(clock.due_at, regime=clock.regime, after=now)
    if planned is not None:
        add_reminder(session, clock, planned, ReminderCause.LATE)
