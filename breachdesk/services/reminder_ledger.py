"""Reading the ledger of a case's reminders: what was sent to whom, and who has read it.

`read_ledger` asks three queries, however long the case runs, and one more where somebody stood
in for somebody; `quiet_reminders` one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload

from breachdesk.domain.access import Action
from breachdesk.domain.reminder_ledger import (
    LedgerRecord,
    ReadRecord,
    ReminderLedger,
    ToldRecord,
)
from breachdesk.domain.reminders import AcknowledgedVia, ReminderCause, ReminderChannel
from breachdesk.domain.standing_in import Capacity
from breachdesk.models import Acknowledgement, Clock, Delivery, Incident, Reminder, User
from breachdesk.services.acting import Acting
from breachdesk.services.visibility import is_visible_to

# Of the reminders on the desk's page: with more unread, the oldest say enough.
MOST_QUIET = 20


@dataclass(frozen=True)
class QuietReminder:
    """A case with a reminder that is told on the desk's pages alone, and that nobody has read.

    `due_at` is None where the clock has no figure.
    """

    incident: Incident
    regime: str
    due_at: datetime | None
    roles: tuple[str, ...]
    emitted_at: datetime


def read_ledger(session: Session, incident: Incident) -> ReminderLedger:
    """Every reminder of a case, planned, sent or called off, in order of time."""
    clocks = _clocks(session, incident)
    told, read = _told(session, incident), _read(session, incident)
    emitted = {each.id: each.emitted_at for _, theirs in clocks for each in theirs}
    lines = [
        LedgerRecord(
            clock=number,
            regime=clock.regime,
            cause=each.cause.value,
            channel=each.channel.value,
            roles=tuple(each.roles),
            planned_for=each.planned_for,
            remind_at=each.remind_at,
            emitted_at=each.emitted_at,
            cancelled_at=each.cancelled_at,
            answers_to=emitted.get(each.escalates_id or 0),
            told_at=emitted.get(each.covered_by_id or 0),
            told=tuple(told.get(each.id, ())),
            read=_read_of(clock, each, read),
            is_over=clock.stopped_at is not None,
        )
        for number, (clock, theirs) in enumerate(clocks, start=1)
        for each in theirs
    ]
    return ReminderLedger(tuple(sorted(lines, key=lambda line: line.at)))


def _clocks(session: Session, incident: Incident) -> list[tuple[Clock, list[Reminder]]]:
    """The clocks of a case, the oldest first, each with its reminders."""
    found: dict[Clock, list[Reminder]] = {}
    for clock, reminder in session.execute(
        select(Clock, Reminder)
        .outerjoin(Reminder, Reminder.clock_id == Clock.id)
        .where(Clock.incident_id == incident.id)
        .order_by(Clock.id, Reminder.id)
        .options(joinedload(Clock.started_by))
        .execution_options(populate_existing=True)
    ):
        theirs = found.setdefault(clock, [])
        if reminder is not None:
            theirs.append(reminder)
    return list(found.items())


def _told(session: Session, incident: Incident) -> dict[int, list[ToldRecord]]:
    rows = session.execute(
        select(
            Delivery.reminder_id,
            User.name,
            Delivery.parameters,
            Delivery.state,
            Delivery.finished_at,
            Delivery.answer_code,
            Delivery.answer,
        )
        .join(User, User.id == Delivery.user_id)
        .where(Delivery.incident_id == incident.id, Delivery.reminder_id.is_not(None))
        .order_by(Delivery.id)
    )
    # Once for each reminder that a mail tells.
    found = [
        (reminder_id, row.name, parameters, *row[3:], _capacity(parameters))
        for row in rows
        for reminder_id, parameters in _each_told(row.reminder_id, row.parameters)
    ]
    names = _names_of_absent(session, [row[-1] for row in found])
    told: dict[int, list[ToldRecord]] = {}
    for reminder_id, name, parameters, state, finished_at, code, answer, capacity in found:
        record = ToldRecord(
            name=name,
            roles=tuple(parameters.get("roles", ())),
            state=state.value,
            answered_at=finished_at,
            answer=f"{code or ''} {answer}".strip(),
            capacity=None if capacity.is_their_own else capacity.named(name, names),
        )
        told.setdefault(reminder_id, []).append(record)
    return told


def _each_told(
    reminder_id: int, parameters: Mapping[str, Any]
) -> Iterable[tuple[int, Mapping[str, Any]]]:
    """The reminders that one mail tells, with for whom it tells them: see `outage_mails`."""
    yield reminder_id, parameters
    for other in parameters.get("also", ()):
        yield other["reminder_id"], other


def _capacity(parameters: Mapping[str, Any]) -> Capacity:
    return Capacity.from_record(parameters.get("capacity", {}), parameters.get("roles", ()))


def _names_of_absent(session: Session, capacities: Iterable[Capacity]) -> dict[int, str]:
    """Whom people stood in for, by name; asked only where somebody did."""
    absent = {person for each in capacities for person, _ in each.instead_of}
    if not absent:
        return {}
    rows = session.execute(select(User.id, User.name).where(User.id.in_(absent)))
    return {user_id: name for user_id, name in rows}


def _read(session: Session, incident: Incident) -> dict[tuple[int, datetime], ReadRecord]:
    """Who said that they had read, by clock and instant: the mark on the reminders they read."""
    rows = session.execute(
        select(Acknowledgement.clock_id, Acknowledgement.at, Acknowledgement.via, User.name)
        .join(Acknowledgement.user)
        .where(Acknowledgement.incident_id == incident.id)
    )
    return {(clock_id, at): ReadRecord(name, via.value, at) for clock_id, at, via, name in rows}


def _read_of(
    clock: Clock, reminder: Reminder, read: dict[tuple[int, datetime], ReadRecord]
) -> ReadRecord | None:
    at = reminder.acknowledged_at
    if at is None:
        return None
    if reminder.cause is ReminderCause.START and at == reminder.emitted_at and clock.started_by:
        return ReadRecord(clock.started_by.name, AcknowledgedVia.START.value, at)
    return read.get((reminder.clock_id, at)) or ReadRecord("", "", at)


def quiet_reminders(session: Session, seat: Acting) -> list[QuietReminder]:
    """What is told in an organisation without a mail, and waits for somebody to read it.

    The latest of each clock, the most urgent first, to whoever may say that they have read
    it and may know of the case: one person who looks is enough. To others nothing.
    """
    if not seat.may(Action.ACKNOWLEDGE_REMINDER):
        return []
    newest: dict[int, Reminder] = {}
    for reminder in session.scalars(
        select(Reminder)
        .join(Reminder.clock)
        .join(Clock.incident)
        .where(
            Reminder.channel == ReminderChannel.DESK,
            Reminder.emitted_at.is_not(None),
            Reminder.acknowledged_at.is_(None),
            Clock.stopped_at.is_(None),
            Incident.organisation_id == seat.organisation.id,
            is_visible_to(seat.user.id),
        )
        .order_by(Clock.due_at.is_(None), Clock.due_at, Clock.id, Reminder.emitted_at.desc())
        .options(contains_eager(Reminder.clock).contains_eager(Clock.incident))
    ):
        newest.setdefault(reminder.clock_id, reminder)
    return [_quiet(each) for each in list(newest.values())[:MOST_QUIET]]


def _quiet(reminder: Reminder) -> QuietReminder:
    assert reminder.emitted_at is not None
    clock = reminder.clock
    return QuietReminder(
        clock.incident, clock.regime, clock.due_at, tuple(reminder.roles), reminder.emitted_at
    )
