"""What one tick costs, by how many reminders are planned: it must be what is due that counts.

The same hundred due each time, in a hundred cases of fifty organisations, among a thousand,
two hundred thousand and a million planned; on a PostgreSQL that waits for its disk as a real
one does, and on SQLite. A round is some of them; the quietest round says what a tick takes where
nothing else runs, and the rows of a tick inserted by plain psycopg, in between, what any
program would pay for them. Organisations, cases and clocks are copies of one made by the
services, written by the database itself.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

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
from tests.mail.memory import MemoryMailer
from tests.postgres_server import start_cluster
from tests.services.desks import desk_in

DUE = 100
TICKS = 20
ROUNDS = 5
WARM_UP = 3
REMINDERS_PER_CASE = 8
ORGANISATIONS = 50
# The copies are numbered from here on.
FIRST = 1_000
# And the rows of ticks from here on.
NEW = 100_000_000
NOW = MONDAY_NINE + timedelta(hours=2)
DURABLE = "-c listen_addresses='' -c timezone=UTC -c shared_buffers=256MB"
# Whom each of the due tells: the handler alone, as 48 hours before, or the DPO as well.
TOLD = {1: ["handler"], 2: ["handler", "dpo"]}
ON_POSTGRESQL = (1_000, 200_000, 1_000_000)
ON_SQLITE = (1_000, 200_000)


def bench_ticks(folder: Path, show: Callable[[str, str], None]) -> None:
    """Print the median of a tick, by the number of planned reminders; see above."""
    print(f"One tick, {DUE} reminders due in {DUE} cases ({ROUNDS} rounds of {TICKS} ticks)")
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
    _settle(session)
    ticks = [_tick(session, number, cases) for number in range(ROUNDS * TICKS + WARM_UP)][WARM_UP:]
    rounds = [ticks[first : first + TICKS] for first in range(0, len(ticks), TICKS)]
    quietest = min(rounds, key=lambda some: _median(some, "seconds"))
    bare = min(_median(some, "bare") for some in rounds)
    return (
        f"{ticks[-1].mails} mails: median {_median(ticks, 'seconds'):5.1f} ms, "
        f"in the quietest round {_median(quietest, 'seconds'):5.1f} ms, "
        f"{_median(quietest, 'python'):.1f} of it our own processor time"
        + (f" (the same rows by plain psycopg, without commit: {bare:.1f} ms)" if bare else "")
    )


@dataclass(frozen=True)
class Tick:
    """Seconds of one tick, those of our own processor time, and those of the bare inserts."""

    seconds: float
    python: float
    bare: float
    mails: int


def _median(ticks: Sequence[Tick], what: str) -> float:
    """In milliseconds."""
    return statistics.median(getattr(tick, what) for tick in ticks) * 1000


def _settle(session: Session) -> None:
    """What a database does by itself, sooner or later: not while we measure."""
    if session.get_bind().dialect.name == "postgresql":
        driver: Any = session.connection().connection.driver_connection
        session.commit()
        driver.autocommit = True
        for upkeep in ("VACUUM ANALYZE", "CHECKPOINT"):
            driver.execute(upkeep)
        driver.autocommit = False


def _tick(session: Session, number: int, cases: int) -> Tick:
    """One tick, measured; everything is then as it was, but the journal."""
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
    started, worked = time.perf_counter(), time.process_time()
    mails = emit_due_reminders(session, now=NOW)
    seconds, python = time.perf_counter() - started, time.process_time() - worked
    bare = _bare(session, chosen) if session.get_bind().dialect.name == "postgresql" else 0.0
    session.execute(delete(Delivery).where(Delivery.reminder_id.is_not(None)))
    of_the_chosen = update(Reminder).where(Reminder.incident_id.in_(chosen))
    session.execute(
        of_the_chosen.where(Reminder.escalates_id.is_not(None)).values(cancelled_at=NOW)
    )
    session.execute(of_the_chosen.values(emitted_at=None, remind_at=Reminder.planned_for))
    session.commit()
    return Tick(seconds, python, bare, mails)


def _bare(session: Session, chosen: Sequence[int]) -> float:
    """Seconds that plain psycopg takes to write what a tick has just written, but its commit.

    The same rows once more under other keys, and the same marks; then rolled back.
    """
    driver: Any = session.connection().connection.driver_connection
    chains = [f"incident:{each}" for each in chosen]
    copies = (
        (
            "delivery",
            "dedup_key || ':bare'",
            "incident_id",
            list(chosen),
            "reminder_id IS NOT NULL",
        ),
        ("journal_entry", "sequence + 1000000", "chain", chains, f"id > {NEW}"),
        ("reminder", "planned_for + interval '1 s'", "incident_id", list(chosen), f"id > {NEW}"),
    )
    inserts = []
    for table, other_key, column, of, which in copies:
        key = other_key.split()[0]
        found = driver.execute(
            f"SELECT *, {other_key} AS other FROM {table} WHERE {column} = ANY(%s) AND {which}",
            [of],
        )
        names = [column.name for column in found.description][:-1]
        rows = [
            [
                Jsonb(value) if isinstance(value, dict | list) else value
                for name, value in zip(names, (*row[:-1],), strict=True)
                if name not in ("id", key)
            ]
            + [row[-1]]
            for row in found
        ]
        names = [name for name in names if name not in ("id", key)] + [key]
        places = ", ".join(["%s"] * len(names))
        inserts.append((f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", rows))
    marked = driver.execute(
        "SELECT id FROM reminder WHERE incident_id = ANY(%s) AND emitted_at IS NOT NULL",
        [list(chosen)],
    ).fetchall()
    started = time.perf_counter()
    with driver.cursor() as cursor:
        for statement, rows in inserts:
            cursor.executemany(statement, rows)
        cursor.executemany(
            "UPDATE reminder SET emitted_at = %s WHERE id = %s", [(NOW, *row) for row in marked]
        )
    seconds = time.perf_counter() - started
    session.rollback()
    return seconds


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
            session.execute(text(f"SELECT setval('{table}_id_seq', {NEW})"))
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
