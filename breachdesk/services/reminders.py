"""The tick: what is due of the ledger of reminders becomes deliveries, once.

One transaction under row locks, and no lease: see docs/adr/0011. It costs what is due,
whatever is planned: a fixed number of statements for up to `BATCH` cases.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import FIRST_PRIORITY, DeliveryState
from breachdesk.domain.emission import Emission, Step, Surroundings, kind_for, step_of
from breachdesk.domain.journal import Entry
from breachdesk.domain.reminder_plans import plan_in_force
from breachdesk.domain.reminders import ReminderCause, ReminderChannel
from breachdesk.models import Incident, Reminder
from breachdesk.services.reminder_planning import IS_OPEN, row_of
from breachdesk.services.reminder_rows import Batch, ReadClock, read_clocks, write_batch
from breachdesk.services.standing_in import watches_over

log = logging.getLogger(__name__)

# How many cases one transaction takes in hand.
BATCH = 100
# How many reminders are looked at to find that many cases that nobody else has in hand.
LOOKED_AT = 20 * BATCH


def emit_due_reminders(session: Session, *, now: datetime) -> int:
    """Turn every reminder that is due into deliveries; return how many mails were queued.

    One transaction per batch: the mails, the marks, what is planned next and the journal's
    lines stand or fall together.
    """
    queued = 0
    while held := _hold_cases_due(session, now):
        queued += _emit(session, held, now=now)
        session.commit()
    session.commit()
    return queued


def _hold_cases_due(session: Session, now: datetime) -> Sequence[int]:
    """The cases of which something is due, oldest first, held as by every other service.

    Those that somebody holds are passed over: the next tick finds them. With a case in hand
    nobody else emits its reminders, and no clock stops under our feet.
    """
    oldest = (
        select(Reminder.incident_id, Reminder.remind_at)
        .where(*IS_OPEN, Reminder.remind_at <= now)
        .order_by(Reminder.remind_at)
        .limit(LOOKED_AT)
        .subquery()
    )
    # As a CTE it is evaluated first, by the index of what is due, however many cases there are.
    due = (
        select(oldest.c.incident_id, func.min(oldest.c.remind_at).label("since"))
        .group_by(oldest.c.incident_id)
        .cte("due")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    return session.scalars(
        select(Incident.id)
        .join(due, due.c.incident_id == Incident.id)
        .order_by(due.c.since, Incident.id)
        .limit(BATCH)
        .with_for_update(of=Incident, skip_locked=True)
    ).all()


def _emit(session: Session, incident_ids: Sequence[int], *, now: datetime) -> int:
    clocks, kept_plans = read_clocks(session, incident_ids, now=now)
    cases = {clock.case.incident_id: clock.case for clock in clocks}
    watches = watches_over(session, cases.values(), now=now)
    plans = {key: plan_in_force(record) for key, record in kept_plans.items()}
    batch = Batch()
    for clock in clocks:
        if clock.is_stopped:
            # Stopping a clock calls its reminders off; one that escaped that is never sent.
            batch.called_off += [each.id for each in clock.running.reminders]
            continue
        watch = watches[clock.case.incident_id]
        plan = plans[clock.case.organisation_id]
        around = Surroundings(plan, clock.case.timezone, watch.holders, watch.duty)
        _gather(batch, clock, step_of(clock.running, around, now=now), now)
    write_batch(session, batch, now=now)
    log.info("%s reminders emitted, %s mails queued", len(batch.emitted), len(batch.deliveries))
    return len(batch.deliveries)


def _gather(batch: Batch, clock: ReadClock, step: Step, now: datetime) -> None:
    batch.held |= step.held
    batch.called_off += step.called_off
    if step.raised is not None:
        reminder_id, roles = step.raised
        batch.raised.setdefault(roles, []).append(reminder_id)
    if step.emission is None:
        return
    emission = step.emission
    batch.emitted.append(emission.reminder.id)
    batch.covered += emission.covers
    batch.deliveries += [
        _delivery(clock, emission, user_id, roles, now) for user_id, roles in emission.told.items()
    ]
    batch.planned += [
        row_of(
            clock.id,
            clock.case.incident_id,
            planned,
            escalates_id=(
                emission.reminder.id if planned.cause is ReminderCause.ESCALATION else None
            ),
        )
        for planned in step.following
    ]
    if emission.reminder.planned.channel is ReminderChannel.MAIL:
        said = {"roles": [role.value for role in emission.roles], "people": len(emission.told)}
        batch.lines.append((clock.case.incident_id, Entry.REMINDER_SENT, said))


def _delivery(
    clock: ReadClock, emission: Emission, user_id: int, roles: tuple[Role, ...], now: datetime
) -> dict[str, Any]:
    due_at = clock.running.due_at
    return {
        "organisation_id": clock.case.organisation_id,
        "incident_id": clock.case.incident_id,
        "kind": kind_for(clock.running, roles, now=now),
        "dedup_key": f"reminder:{emission.reminder.id}:{user_id}",
        "priority": FIRST_PRIORITY,
        "user_id": user_id,
        "reminder_id": emission.reminder.id,
        "parameters": {
            "clock_id": clock.id,
            "roles": [role.value for role in roles],
            "regime": clock.running.regime,
            "due_at": due_at.isoformat() if due_at else None,
            "missed": [moment.isoformat() for moment in emission.missed],
            "cause": emission.reminder.planned.cause.value,
        },
        "state": DeliveryState.QUEUED,
        "attempts": 0,
        "claimed_by": "",
        "answer": "",
        "queued_at": now,
        "next_attempt_at": now,
    }
