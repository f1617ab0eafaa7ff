"""The tick: what is due of the ledger of reminders becomes deliveries, once.

One transaction under row locks, and no lease: see docs/adr/0011. It costs what is due,
whatever is planned: a fixed number of statements for up to `BATCH` cases.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, not_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from breachdesk.domain.emission import Emission, Step, Surroundings, kind_for, step_of
from breachdesk.domain.journal import Entry
from breachdesk.domain.reminder_plans import ReminderPlan
from breachdesk.domain.reminders import ReminderCause, ReminderChannel
from breachdesk.models import Incident, Reminder
from breachdesk.services.many_rows import among, as_json
from breachdesk.services.outage_mails import Whom, one_mail_each, tell_together
from breachdesk.services.reminder_planning import IS_OPEN, row_of
from breachdesk.services.reminder_rows import Batch, ReadClock, read_clocks, write_batch
from breachdesk.services.standing_in import Watch, WatchedCase, watches_over
from breachdesk.services.strangers import IS_OUR_REMINDER

log = logging.getLogger(__name__)

# How many cases one transaction takes in hand.
BATCH = 200
# How many reminders are looked at to find that many cases that nobody else has in hand.
LOOKED_AT = 20 * BATCH


def emit_due_reminders(session: Session, *, now: datetime) -> int:
    """Turn every reminder that is due into deliveries; return how many, each about one case.

    One transaction per batch: the mails, the marks, what is planned next and the journal's
    lines stand or fall together. A case that cannot be worked out is passed over and logged, and
    stays due: the others do not wait for it. What an outage made miss leaves as one mail to a
    person for all cases of an organisation, over all batches: see `outage_mails`.
    """
    queued = 0
    passed_over: set[int] = set()
    begun: set[Whom] = set()
    more = True
    while more:
        held = _hold_cases_due(session, now, passed_over)
        more = held.may_leave_some
        try:
            if held.cases:
                queued += _emit(session, held.cases, begun, is_last=not more, now=now)
        except DBAPIError:
            raise
        except Exception:
            session.rollback()
            queued += _emit_one_by_one(session, held.cases, passed_over, begun, now=now)
        session.commit()
    return queued


def _emit_one_by_one(
    session: Session,
    incident_ids: Sequence[int],
    passed_over: set[int],
    begun: set[Whom],
    *,
    now: datetime,
) -> int:
    """Those of a batch in which something is wrong, a transaction for each case.

    Args:
        passed_over: the cases that cannot be worked out are added.
    """
    queued = 0
    for incident_id in incident_ids:
        one = select(Incident.id).where(Incident.id == incident_id)
        if session.scalar(one.with_for_update(skip_locked=True)) is None:
            continue
        try:
            queued += _emit(session, [incident_id], begun, is_last=False, now=now)
        except DBAPIError:
            raise
        except Exception as fault:
            session.rollback()
            passed_over.add(incident_id)
            reference = session.scalar(select(Incident.reference).where(Incident.id == incident_id))
            # The type alone: a message could quote what is in the case.
            log.error("reminders of %s passed over: %s", reference, type(fault).__name__)
        session.commit()
    return queued


@dataclass(frozen=True)
class _Held:
    """Cases in our hands; and whether others may be due that nobody has looked at."""

    cases: Sequence[int]
    may_leave_some: bool


def _hold_cases_due(session: Session, now: datetime, passed_over: Collection[int] = ()) -> _Held:
    """The cases of which something is due, oldest first, held as by every other service.

    Those that somebody holds are passed over: the next tick finds them. With a case in hand
    nobody else emits its reminders, and no clock stops under our feet.
    """
    looked_for: dict[str, Any] = {"now": now, "cases": BATCH, "looked_at": LOOKED_AT}
    if passed_over:
        looked_for["passed_over"] = as_json(list(passed_over))
    statement = _cases_due(leaving_out=bool(passed_over))
    rows = session.connection().execute(statement, looked_for).all()
    # Fewer than we could take, of all that is due: looking again would find nothing.
    return _Held(
        [incident_id for incident_id, _ in rows],
        bool(rows) and (len(rows) == BATCH or rows[0].reminders == LOOKED_AT),
    )


@cache
def _cases_due(*, leaving_out: bool) -> Any:
    others = [not_(among(Reminder.incident_id, "passed_over"))] if leaving_out else []
    oldest = (
        select(Reminder.incident_id, Reminder.remind_at)
        .where(*IS_OPEN, IS_OUR_REMINDER, Reminder.remind_at <= bindparam("now"), *others)
        .order_by(Reminder.remind_at)
        .limit(bindparam("looked_at"))
        .subquery()
    )
    # As a CTE it is evaluated first, by the index of what is due, however many cases there are.
    due = (
        select(
            oldest.c.incident_id,
            func.min(oldest.c.remind_at).label("since"),
            func.sum(func.count()).over().label("reminders"),
        )
        .group_by(oldest.c.incident_id)
        .cte("due")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    return (
        select(Incident.id, due.c.reminders)
        .join(due, due.c.incident_id == Incident.id)
        .order_by(due.c.since, Incident.id)
        .limit(bindparam("cases"))
        .with_for_update(of=Incident, skip_locked=True)
    )


def _emit(
    session: Session,
    incident_ids: Sequence[int],
    begun: set[Whom],
    *,
    is_last: bool,
    now: datetime,
) -> int:
    clocks, plans = read_clocks(session, incident_ids, now=now)
    cases = {clock.case.incident_id: clock.case for clock in clocks}
    watches = watches_over(session, cases.values(), now=now)
    arounds = _surroundings(cases, watches, plans)
    batch = Batch()
    for clock in clocks:
        if clock.is_stopped:
            # Stopping a clock calls its reminders off; one that escaped that is never sent.
            batch.called_off += [each.id for each in clock.running.reminders]
            continue
        around = arounds[clock.case.incident_id]
        _gather(batch, clock, around, step_of(clock.running, around, now=now), now)
    batch.deliveries = one_mail_each(batch.deliveries)
    write_batch(session, batch, now=now)
    tell_together(session, batch.deliveries, begun, is_last=is_last, now=now)
    log.info("%s reminders emitted, %s mails queued", len(batch.emitted), len(batch.deliveries))
    return len(batch.deliveries)


def _surroundings(
    cases: Mapping[int, WatchedCase],
    watches: Mapping[int, Watch],
    plans: Mapping[int, ReminderPlan],
) -> dict[int, Surroundings]:
    """Those of each case; cases that the same may know of share theirs, and what it works out."""
    shared: dict[int, Surroundings] = {}
    return {
        key: shared.setdefault(
            id(watches[key]),
            Surroundings(
                plans[case.organisation_id],
                case.timezone,
                watches[key].holders,
                watches[key].duty,
            ),
        )
        for key, case in cases.items()
    }


def _gather(
    batch: Batch, clock: ReadClock, around: Surroundings, step: Step, now: datetime
) -> None:
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
    batch.deliveries += _deliveries(clock, around, emission, now)
    for planned in step.following:
        goes_up = planned.cause is ReminderCause.ESCALATION
        unread = emission.reminder.id if goes_up else None
        batch.planned.append(row_of(clock.id, clock.case.incident_id, planned, escalates_id=unread))
    if emission.reminder.planned.channel is ReminderChannel.MAIL:
        said = {
            "regime": clock.running.regime,
            "roles": list(emission.roles),
            "people": len(emission.told),
        }
        batch.lines.append((clock.case.incident_id, Entry.REMINDER_SENT, said))


def _deliveries(
    clock: ReadClock, around: Surroundings, emission: Emission, now: datetime
) -> list[dict[str, Any]]:
    """A mail to each person told; what all mails of a tick have in common is added later."""
    if not emission.told:
        return []
    case, reminder = clock.case, emission.reminder
    due_at = clock.running.due_at
    said = {
        "clock_id": clock.id,
        "regime": clock.running.regime,
        "due_at": due_at.isoformat() if due_at else None,
        "missed": [moment.isoformat() for moment in emission.missed],
        "cause": reminder.planned.cause,
    }
    # Kept as it was: who held a role then cannot be asked of whoever holds it later.
    capacities = around.capacities(emission.told, now)
    return [
        {
            "organisation_id": case.organisation_id,
            "incident_id": case.incident_id,
            "kind": kind_for(clock.running, roles, now=now),
            "dedup_key": f"reminder:{reminder.id}:{user_id}",
            "user_id": user_id,
            "reminder_id": reminder.id,
            "parameters": {
                **said,
                "roles": roles,
                "capacity": capacities[user_id].as_record(),
            },
        }
        for user_id, roles in emission.told.items()
    ]
