"""Reminders that quiet hours hold, looked at again once who can be told may have changed.

A reminder is held until a moment that was worked out from who was on duty and away when it fell
due. Whoever is put on duty since, is back sooner, or is given a role or a case, is to be told
when that is so and not at the moment held to: so what is held is due again at once, and the next
tick tells it or holds it anew.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from breachdesk.models import Clock, Incident, Reminder
from breachdesk.services.reminder_planning import IS_OPEN


def hold_running_cases(session: Session, organisation_id: int) -> None:
    """Hold every case of an organisation with a clock that runs; one statement.

    Before anything of the organisation is held or written: a tick holds cases first. What it
    has in hand it ends with the people it has read; what it takes in hand after us, with ours.
    """
    running = select(Clock.incident_id).where(Clock.stopped_at.is_(None))
    session.execute(
        select(Incident.id)
        .where(Incident.organisation_id == organisation_id, Incident.id.in_(running))
        .order_by(Incident.id)
        .with_for_update()
    )


def look_again_everywhere(session: Session, organisation_id: int, *, now: datetime) -> None:
    """Make due what is held in an organisation; one statement, does not commit.

    The caller has called `hold_running_cases`.
    """
    theirs = select(Clock.incident_id).join(Clock.incident)
    running = theirs.where(Clock.stopped_at.is_(None), Incident.organisation_id == organisation_id)
    _make_due(session, Reminder.incident_id.in_(running), now)


def look_again(session: Session, incident: Incident, *, now: datetime) -> None:
    """Make due what is held of a case, which the caller holds; does not commit."""
    _make_due(session, Reminder.incident_id == incident.id, now)


def _make_due(session: Session, which: ColumnElement[bool], now: datetime) -> None:
    # Held is what has fallen due, and is due later all the same.
    session.execute(
        update(Reminder)
        .where(which, *IS_OPEN, Reminder.planned_for <= now, Reminder.remind_at > now)
        .values(remind_at=now),
        execution_options={"synchronize_session": False},
    )
