"""Reading and writing the ledger for many clocks at once, for the tick.

A fixed number of statements, however many reminders: columns and not objects, because a tick
must cost what is due.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import FIRST_PRIORITY, DeliveryState
from breachdesk.domain.emission import OpenReminder, RunningClock
from breachdesk.domain.journal import Entry
from breachdesk.domain.reminder_planning import PlannedReminder
from breachdesk.domain.reminders import ReminderCause
from breachdesk.models import Clock, Delivery, Incident, Organisation, Reminder
from breachdesk.services.journal import write_journal_lines
from breachdesk.services.many_rows import among, as_json, insert_rows
from breachdesk.services.posting import Piece, post
from breachdesk.services.reminder_planning import IS_OPEN, insert_reminders
from breachdesk.services.standing_in import WatchedCase

_reminders: Any = Reminder.__table__

# What makes a clock known to have been read of: neither how it began nor what went up.
OF_THE_PLAN = (ReminderCause.PLANNED, ReminderCause.LATE)


@dataclass(frozen=True, slots=True)
class ReadClock:
    """A clock of a held case, with what is due of it."""

    id: int
    case: WatchedCase
    is_stopped: bool
    running: RunningClock


@dataclass
class Batch:
    """What a tick writes for the clocks of a batch."""

    emitted: list[int] = field(default_factory=list)
    covered: list[int] = field(default_factory=list)
    called_off: list[int] = field(default_factory=list)
    held: dict[int, datetime] = field(default_factory=dict)
    raised: dict[tuple[Role, ...], list[int]] = field(default_factory=dict)
    planned: list[dict[str, Any]] = field(default_factory=list)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    lines: list[tuple[int, Entry, Mapping[str, object]]] = field(default_factory=list)


def read_clocks(
    session: Session, incident_ids: Sequence[int], *, now: datetime
) -> tuple[list[ReadClock], dict[int, Mapping[str, Any]]]:
    """The clocks of these cases of which something is due; the plan of each organisation."""
    ask = session.connection().execute
    rows = ask(_due_and_going_up(), {"incidents": as_json(list(incident_ids)), "now": now}).all()
    organisations = {
        row.id: row
        for row in ask(
            _organisations(),
            {"organisations": as_json(list({row.organisation_id for row in rows}))},
        )
    }
    by_clock: dict[int, list[Any]] = {}
    for row in rows:
        by_clock.setdefault(row.clock_id, []).append(row)
    clocks = [
        _clock_of(of_clock, organisations[of_clock[0].organisation_id].timezone)
        for of_clock in by_clock.values()
    ]
    return clocks, {key: row.reminder_plan for key, row in organisations.items()}


@cache
def _organisations() -> Any:
    return select(Organisation.id, Organisation.timezone, Organisation.reminder_plan).where(
        among(Organisation.id, "organisations")
    )


@cache
def _due_and_going_up() -> Any:
    """What is due, and what is planned to go up; whether more lies ahead; whether any was read."""
    now: Any = bindparam("now")
    ahead = aliased(Reminder)
    more = (
        select(ahead.id)
        .where(
            ahead.clock_id == Reminder.clock_id,
            ahead.emitted_at.is_(None),
            ahead.cancelled_at.is_(None),
            ahead.cause != ReminderCause.ESCALATION,
            ahead.remind_at > now,
        )
        .exists()
    )
    read = aliased(Reminder)
    was_read = select(read.id).where(
        read.clock_id == Reminder.clock_id,
        read.cause.in_(OF_THE_PLAN),
        # Nothing that was told is: the index of the plan will do.
        read.cancelled_at.is_(None),
        read.acknowledged_at.is_not(None),
    )
    return (
        select(
            Reminder.id,
            Reminder.clock_id,
            Reminder.incident_id,
            Reminder.cause,
            Reminder.channel,
            Reminder.planned_for,
            Reminder.remind_at,
            Reminder.roles,
            Clock.regime,
            Clock.started_at,
            Clock.due_at,
            Clock.stopped_at,
            Incident.organisation_id,
            Incident.is_restricted,
            more.label("has_more"),
            was_read.exists().label("is_read"),
        )
        .join(Clock, Clock.id == Reminder.clock_id)
        .join(Incident, Incident.id == Reminder.incident_id)
        .where(
            among(Reminder.incident_id, "incidents"),
            *IS_OPEN,
            or_(Reminder.remind_at <= now, Reminder.cause == ReminderCause.ESCALATION),
        )
        .order_by(Reminder.remind_at, Reminder.id)
    )


def _clock_of(rows: list[Any], timezone: str) -> ReadClock:
    first = rows[0]
    return ReadClock(
        first.clock_id,
        WatchedCase(first.incident_id, first.organisation_id, timezone, first.is_restricted),
        first.stopped_at is not None,
        RunningClock(
            first.regime,
            first.started_at,
            first.due_at,
            tuple(_open_reminder(row) for row in rows),
            has_more=first.has_more,
            is_read=first.is_read,
        ),
    )


def _open_reminder(row: Any) -> OpenReminder:
    planned = PlannedReminder(row.planned_for, _roles(*row.roles), row.cause, row.channel)
    return OpenReminder(row.id, planned, row.remind_at)


@lru_cache(maxsize=256)
def _roles(*codes: str) -> tuple[Role, ...]:
    """The same few lists of roles, again and again."""
    return tuple(Role(code) for code in codes)


def write_batch(session: Session, batch: Batch, *, now: datetime) -> None:
    """Write down what a tick has decided; does not commit."""
    write_journal_lines(session, batch.lines, at=now)
    if batch.deliveries:
        insert_rows(
            session,
            Delivery,
            list(batch.deliveries[0]),
            [list(row.values()) for row in batch.deliveries],
            same={
                "priority": FIRST_PRIORITY,
                "state": DeliveryState.QUEUED,
                "attempts": 0,
                "claimed_by": "",
                "answer": "",
                "queued_at": now,
                "next_attempt_at": now,
            },
        )
        post(session, Piece.DELIVERIES)
    insert_reminders(session, batch.planned)
    # Last: what points to a row changed by the same transaction costs four times as much.
    _mark(session, batch, now)


def _mark(session: Session, batch: Batch, now: datetime) -> None:
    _change(session, batch.emitted, emitted_at=now)
    _change(session, batch.called_off, cancelled_at=now)
    for roles, ids in batch.raised.items():
        _change(session, ids, roles=[role.value for role in roles])
    if batch.covered:
        session.connection().execute(
            _cover(),
            {"ids": as_json(batch.covered), "emitted": as_json(batch.emitted), "cancelled_at": now},
        )
    if batch.held:
        session.connection().execute(
            _hold(), [{"held": key, "until": until} for key, until in batch.held.items()]
        )


def _change(session: Session, ids: Sequence[int], **values: Any) -> None:
    if ids:
        session.connection().execute(_setting(tuple(values)), {"ids": as_json(list(ids)), **values})


@cache
def _setting(columns: tuple[str, ...]) -> Any:
    return (
        update(_reminders)
        .where(among(_reminders.c.id, "ids"))
        .values({name: bindparam(name, type_=_reminders.c[name].type) for name in columns})
    )


@cache
def _cover() -> Any:
    """Called off, because of the one of the same clock that was emitted in its place."""
    told = _reminders.alias()
    covering = select(func.max(told.c.id)).where(
        told.c.clock_id == _reminders.c.clock_id,
        among(told.c.id, "emitted"),
    )
    return _setting(("cancelled_at",)).values(covered_by_id=covering.scalar_subquery())


@cache
def _hold() -> Any:
    return (
        update(_reminders)
        .where(_reminders.c.id == bindparam("held"))
        .values(remind_at=bindparam("until", type_=_reminders.c.remind_at.type))
    )
