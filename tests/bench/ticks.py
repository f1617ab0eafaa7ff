"""What one tick costs, by how many reminders are planned: it must be what is due that counts.

The same hundred due each time, in a hundred cases of fifty organisations, among a thousand,
two hundred thousand and a million planned; on a PostgreSQL that waits for its disk as a real
one does, and on SQLite. Organisations, cases and clocks are copies of one made by the
services, written by the database itself.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from breachdesk.mail.memory import MemoryMailer
from breachdesk.models import (
    Clock,
    Delivery,
    Incident,
    JournalEntry,
    Membership,
    Organisation,
    Reminder,
)
from breachdesk.models.base import open_engine
from breachdesk.models.schema import upgrade_database
from breachdesk.services.reminders import emit_due_reminders
from tests.cases import MONDAY_NINE, Work, incident, make_organisation, open_case, qualify
from tests.postgres_server import start_cluster
from tests.services.desks import desk_in

DUE = 100
ROUNDS = 60
WARM_UP = 3
REMINDERS_PER_CASE = 8
ORGANISATIONS = 50
# The copies are numbered from here on.
FIRST = 1_000
NOW = MONDAY_NINE + timedelta(hours=2)
DURABLE = "-c listen_addresses='' -c timezone=UTC -c shared_buffers=256MB"
# Whom each of the due tells: the handler alone, as 48 hours before, or the DPO as well.
TOLD = {1: ["handler"], 2: ["handler", "dpo"]}
ON_POSTGRESQL = (1_000, 200_000, 1_000_000)
ON_SQLITE = (1_000, 200_000)


def bench_ticks(folder: Path, show: Callable[[str, str], None]) -> None:
    """Print median and 99th percentile of a tick, by the number of planned reminders."""
    print(f"One tick, {DUE} reminders due in {DUE} cases ({ROUNDS} ticks each)")
    for planned in ON_POSTGRESQL:
        with _postgresql() as url:
            show(f"PostgreSQL, {planned:,} planned", _measured(url, folder, planned))
    for planned in ON_SQLITE:
        url = f"sqlite:///{folder / f'ticks-{planned}.db'}"
        show(f"SQLite, {planned:,} planned", _measured(url, folder, planned))


@contextmanager
def _postgresql() -> Iterator[str]:
    cluster = start_cluster(DURABLE)
    try:
        yield cluster.url
    finally:
        cluster.stop()


def _measured(url: str, folder: Path, planned: int) -> str:
    upgrade_database(url)
    engine = open_engine(url)
    cases = planned // REMINDERS_PER_CASE
    try:
        with Session(engine) as session:
            fill(Work(session, desk_in(folder, bytes(32), mailer=MemoryMailer())), cases)
            return "   ".join(_said(session, cases, roles) for roles in TOLD.values())
    finally:
        engine.dispose()


def _said(session: Session, cases: int, roles: list[str]) -> str:
    session.execute(update(Reminder).where(Reminder.id >= FIRST).values(roles=roles))
    session.commit()
    session.execute(text("ANALYZE"))
    session.commit()
    ticks = [_tick(session, number, cases) for number in range(ROUNDS + WARM_UP)]
    times = sorted(seconds * 1000 for seconds, _ in ticks[WARM_UP:])
    mails = ticks[-1][1]
    return (
        f"{mails} mails: median {statistics.median(times):6.1f} ms, "
        f"p99 {times[int(len(times) * 0.99)]:6.1f} ms"
    )


def _tick(session: Session, number: int, cases: int) -> tuple[float, int]:
    """The seconds of one tick and its mails; everything is then as it was, but the journal."""
    chosen = [FIRST + (number * DUE + each) % cases for each in range(DUE)]
    session.execute(
        update(Reminder)
        .where(
            Reminder.id.in_(
                select(func.min(Reminder.id))
                .where(Reminder.incident_id.in_(chosen), Reminder.emitted_at.is_(None))
                .group_by(Reminder.incident_id)
            )
        )
        .values(remind_at=NOW)
    )
    session.commit()
    started = time.perf_counter()
    mails = emit_due_reminders(session, now=NOW)
    seconds = time.perf_counter() - started
    session.execute(delete(Delivery).where(Delivery.reminder_id.is_not(None)))
    of_the_chosen = update(Reminder).where(Reminder.incident_id.in_(chosen))
    session.execute(
        of_the_chosen.where(Reminder.escalates_id.is_not(None)).values(cancelled_at=NOW)
    )
    session.execute(of_the_chosen.values(emitted_at=None, remind_at=Reminder.planned_for))
    session.commit()
    return seconds, mails


def fill(work: Work, cases: int) -> None:
    """One case by the services, and that many copies of it, each with its clock and its plan."""
    make_organisation(work, now=MONDAY_NINE)
    reference = open_case(work, now=MONDAY_NINE)
    qualify(work, reference, now=MONDAY_NINE)
    case = incident(work, reference)
    session = work.session
    clock = session.scalars(select(Clock).where(Clock.incident_id == case.id, Clock.is_main)).one()
    copy = f"{FIRST} + n"
    _copy(session, Organisation, case.organisation_id, ORGANISATIONS, id=copy, code="'O' || n")
    for person in session.scalars(select(Membership.id)).all():
        _copy(
            session,
            Membership,
            person,
            ORGANISATIONS,
            id=f"{FIRST * 1_000} + {person} * {FIRST} + n",
            organisation_id=copy,
        )
    _copy(
        session,
        Incident,
        case.id,
        cases,
        id=copy,
        reference="'BENCH-' || n",
        organisation_id=f"{FIRST} + n % {ORGANISATIONS}",
    )
    _copy(session, Clock, clock.id, cases, id=copy, incident_id=copy)
    line = session.scalars(select(func.min(JournalEntry.id)).where(JournalEntry.chain.like("i%")))
    _copy(session, JournalEntry, line.one(), cases, id=copy, chain=f"'incident:' || ({copy})")
    planned = session.scalars(
        select(func.min(Reminder.id)).where(
            Reminder.clock_id == clock.id, Reminder.emitted_at.is_(None)
        )
    ).one()
    session.execute(update(Reminder).where(Reminder.id == planned).values(roles=TOLD[2]))
    for number in range(REMINDERS_PER_CASE):
        at = _moment(session, number)
        _copy(
            session,
            Reminder,
            planned,
            cases,
            id=f"{FIRST} + n * {REMINDERS_PER_CASE} + {number}",
            clock_id=copy,
            incident_id=copy,
            planned_for=at,
            remind_at=at,
        )
    if session.get_bind().dialect.name == "postgresql":
        for table in ("journal_entry", "reminder"):
            session.execute(text(f"SELECT setval('{table}_id_seq', 100000000)"))
    session.commit()
    # As the database does by itself, sooner or later.
    session.execute(text("ANALYZE"))
    session.commit()


def _moment(session: Session, number: int) -> str:
    """A moment of its own for each planned reminder, in the days after `NOW`."""
    first = NOW + timedelta(hours=2 + 8 * number)
    if session.get_bind().dialect.name == "postgresql":
        return f"timestamptz '{first.isoformat()}' + n * interval '100 milliseconds'"
    return f"strftime('%Y-%m-%d %H:%M:%f', '{first:%Y-%m-%d %H:%M:%S}', (n / 10.0) || ' seconds')"


def _copy(session: Session, table: Any, row_id: int, times: int, **changed: str) -> None:
    """Copy a row that many times; `changed` gives columns as SQL of the copy's number `n`."""
    columns: Mapping[str, str] = {
        column.name: changed.get(column.name, f"template.{column.name}")
        for column in table.__table__.columns
    }
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    numbers = (
        f"SELECT generate_series(0, {times - 1}) AS n"
        if is_postgresql
        else "WITH RECURSIVE counted(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted "
        f"WHERE n < {times - 1}) SELECT n FROM counted"
    )
    session.execute(
        text(
            f"INSERT INTO {table.__tablename__} ({', '.join(columns)}) "
            f"SELECT {', '.join(columns.values())} "
            f"FROM {table.__tablename__} AS template, ({numbers}) AS numbers "
            f"WHERE template.id = :row"
        ),
        {"row": row_id},
    )
