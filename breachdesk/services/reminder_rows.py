"""Reading and writing the ledger for many clocks at once, for the tick.

A fixed number of statements, however many reminders: columns and not objects, because a tick
must cost what is due.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    String,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session, aliased

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import queued_first
from breachdesk.domain.emission import OpenReminder, RunningClock
from breachdesk.domain.journal import Entry
from breachdesk.domain.reminder_planning import PlannedReminder
from breachdesk.domain.reminder_plans import ReminderPlan, plan_in_force
from breachdesk.domain.reminders import ReminderCause, ReminderChannel
from breachdesk.models import Clock, Delivery, Incident, Organisation, Reminder
from breachdesk.services.journal import look_up_heads, write_journal_lines
from breachdesk.services.many_rows import among, as_json, insert_rows, sent_together
from breachdesk.services.posting import Piece, post
from breachdesk.services.reminder_planning import IS_OPEN, insert_reminders
from breachdesk.services.standing_in import WatchedCase
from breachdesk.services.strangers import IS_OUR_REMINDER

_reminders: Any = Reminder.__table__
_CAUSES = {cause.value: cause for cause in ReminderCause}
_CHANNELS = {channel.value: channel for channel in ReminderChannel}

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
) -> tuple[list[ReadClock], dict[int, ReminderPlan]]:
    """The clocks of these cases of which something is due; the plan of each organisation."""
    asked = {"incidents": as_json(incident_ids), "now": now}
    clocks: dict[int, list[Any]] = {}
    reminders: dict[int, list[OpenReminder]] = {}
    plans: dict[int, ReminderPlan] = {}
    for row in session.connection().execute(_due_and_going_up(), asked).all():
        clock_id, reminder_id, planned_for, remind_at, roles, cause, channel, *of_clock = row
        planned = PlannedReminder(planned_for, _roles(roles), _CAUSES[cause], _CHANNELS[channel])
        reminders.setdefault(clock_id, []).append(OpenReminder(reminder_id, planned, remind_at))
        clocks[clock_id] = of_clock
        organisation_id, reminder_plan = of_clock[-2:]
        if organisation_id not in plans:
            plans[organisation_id] = _plan(reminder_plan)
    read = [_clock_of(key, of_clock, reminders[key]) for key, of_clock in clocks.items()]
    return read, plans


def _written(cause: ReminderCause) -> Any:
    return literal_column(f"'{cause.value}'")


@cache
def _due_and_going_up() -> Any:
    """What is due, and what is planned to go up; whether more lies ahead; whether any was read.

    Codes and JSON come as texts: there are few of each, and a tick looks them up.
    """
    # The instant asked for, the codes written out: PostgreSQL then plans this once and for all,
    # and not for each tick anew.
    now: Any = select(bindparam("now", type_=Reminder.remind_at.type)).scalar_subquery()
    ahead = aliased(Reminder)
    more = (
        select(ahead.id)
        .where(
            ahead.clock_id == Reminder.clock_id,
            ahead.emitted_at.is_(None),
            ahead.cancelled_at.is_(None),
            ahead.cause != _written(ReminderCause.ESCALATION),
            ahead.remind_at > now,
        )
        .exists()
    )
    read = aliased(Reminder)
    was_read = select(read.id).where(
        read.clock_id == Reminder.clock_id,
        type_coerce(read.cause, String).in_([_written(cause) for cause in OF_THE_PLAN]),
        # Nothing that was told is: the index of the plan will do.
        read.cancelled_at.is_(None),
        read.acknowledged_at.is_not(None),
    )
    return (
        select(
            Reminder.clock_id,
            Reminder.id,
            Reminder.planned_for,
            Reminder.remind_at,
            cast(Reminder.roles, Text),
            type_coerce(Reminder.cause, String),
            type_coerce(Reminder.channel, String),
            # The rest is of the clock.
            Reminder.incident_id,
            Incident.is_restricted,
            Organisation.timezone,
            Clock.stopped_at.is_not(None),
            Clock.regime,
            Clock.started_at,
            Clock.due_at,
            more,
            was_read.exists(),
            Incident.organisation_id,
            cast(Organisation.reminder_plan, Text),
        )
        .join(Clock, Clock.id == Reminder.clock_id)
        .join(Incident, Incident.id == Reminder.incident_id)
        .join(Organisation, Organisation.id == Incident.organisation_id)
        .where(
            among(Reminder.incident_id, "incidents"),
            *IS_OPEN,
            IS_OUR_REMINDER,
            or_(Reminder.remind_at <= now, Reminder.cause == _written(ReminderCause.ESCALATION)),
        )
        .order_by(Reminder.remind_at, Reminder.id)
    )


def _clock_of(
    clock_id: int, of_clock: Sequence[Any], reminders: Sequence[OpenReminder]
) -> ReadClock:
    incident_id, is_restricted, timezone, is_stopped, *runs, organisation_id, _plan = of_clock
    regime, started_at, due_at, has_more, is_read = runs
    return ReadClock(
        clock_id,
        WatchedCase(incident_id, organisation_id, timezone, is_restricted),
        is_stopped,
        RunningClock(regime, started_at, due_at, tuple(reminders), has_more, is_read),
    )


@lru_cache(maxsize=256)
def _roles(kept: str) -> tuple[Role, ...]:
    """The same few lists of roles, again and again."""
    return tuple(Role(code) for code in json.loads(kept))


@lru_cache(maxsize=256)
def _plan(kept: str) -> ReminderPlan:
    return plan_in_force(json.loads(kept))


def write_batch(session: Session, batch: Batch, *, now: datetime) -> None:
    """Write down what a tick has decided; does not commit."""
    look_up_heads(session, {incident_id for incident_id, _, _ in batch.lines})
    with sent_together(session):
        _write(session, batch, now)
    if batch.deliveries:
        post(session, Piece.DELIVERIES)


def _write(session: Session, batch: Batch, now: datetime) -> None:
    # What takes the database longest goes first: it is at work while we prepare the rest.
    if batch.deliveries:
        insert_rows(
            session,
            Delivery,
            list(batch.deliveries[0]),
            [list(row.values()) for row in batch.deliveries],
            same=queued_first(now=now, due_at=now),
        )
    write_journal_lines(session, batch.lines, at=now)
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
