"""What falls due next: found in one statement, by indexes, in whatever there is."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from breachdesk.domain.deliveries import FIRST_PRIORITY, NOTICE_PRIORITY
from breachdesk.domain.work import JobKind, JobState, Runner
from breachdesk.models import Delivery, Job, Organisation, Reminder, User
from breachdesk.services import due_work
from breachdesk.services.due_work import next_due, work_stopped_since
from breachdesk.services.mail_routes import mail_standing
from breachdesk.services.workers import beat
from tests.cases import MONDAY_NINE, Role, make_organisation, open_case, seat
from tests.services.desks import alive_workers, counting_statements

NOW = MONDAY_NINE
HOUR = timedelta(hours=1)


@pytest.fixture
def case(work):
    """A case whose mails have left, and whose reminders lie ahead; its id."""
    make_organisation(work, now=NOW)
    open_case(work, now=NOW)
    work.session.execute(update(Delivery).values(state="sent"))
    work.session.commit()
    return work.session.scalar(text("SELECT id FROM incident"))


def deliveries_are(session, **values):
    session.execute(update(Delivery).values(**values))
    session.commit()


def test_nothing_waits_on_an_empty_desk(session):
    assert next_due(session).first is None


def test_the_next_reminder_is_what_comes_first(session, case):
    planned = select(Reminder.remind_at).where(
        Reminder.emitted_at.is_(None), Reminder.cancelled_at.is_(None)
    )
    first = min(session.scalars(planned))

    assert next_due(session).reminders == next_due(session).first == first > NOW

    session.execute(update(Reminder).values(cancelled_at=NOW))
    assert next_due(session).first is None


@pytest.mark.parametrize("priority", [FIRST_PRIORITY, NOTICE_PRIORITY])
def test_mail_that_waits_is_due_when_it_is_to_be_tried(session, case, priority):
    deliveries_are(
        session,
        state="queued",
        priority=priority,
        next_attempt_at=NOW - HOUR,
        lease_until=None,
    )

    assert next_due(session).first == NOW - HOUR


def test_mail_in_hands_is_due_when_the_lease_runs_out(session, case):
    deliveries_are(session, state="sending", next_attempt_at=NOW - HOUR, lease_until=NOW + HOUR)

    assert next_due(session).deliveries == NOW + HOUR


@pytest.mark.parametrize("state", ["queued", "running", "done", "failed"])
def test_a_job_is_due_when_it_is_to_be_tried_or_taken_over(session, case, state):
    session.execute(update(Reminder).values(cancelled_at=NOW))
    session.add(
        Job(
            kind=JobKind.DOSSIER,
            organisation_id=session.scalar(select(Organisation.id)),
            incident_id=case,
            asked_by_id=session.scalar(select(User.id).limit(1)),
            state=JobState(state),
            queued_at=NOW,
            next_attempt_at=NOW - HOUR,
        )
    )
    session.commit()

    assert next_due(session).first == (NOW - HOUR if state in ("queued", "running") else None)


def test_a_look_is_one_statement(session, engine, case):
    with counting_statements(engine) as asked:
        next_due(session)

    assert len(asked) == 1


EXISTING = 20_000


def _much_waits(session):
    """Many reminders planned and done, much mail waiting and sent; statistics up to date."""
    is_postgres = session.get_bind().dialect.name == "postgresql"
    many = (
        f"(SELECT generate_series(1, {EXISTING}) AS n)"
        if is_postgres
        else f"(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c"
        f" WHERE n < {EXISTING}) SELECT n FROM c)"
    )
    for table, unique in (("reminder", "planned_for"), ("delivery", "dedup_key")):
        columns = [
            column.name
            for column in (Reminder if table == "reminder" else Delivery).__table__.columns
            if column.name not in ("id", unique)
        ]
        listed = ", ".join(columns)
        later = (
            "planned_for + n * interval '1 minute'"
            if is_postgres
            else "datetime(planned_for, n || ' minutes') || '.000000'"
        )
        made = later if unique == "planned_for" else "dedup_key || n"
        session.execute(
            text(
                f"INSERT INTO {table} ({listed}, {unique}) "
                f"SELECT {listed}, {made} FROM {table}, {many} AS many "
                f"WHERE {table}.id = (SELECT max(id) FROM {table})"
            )
        )
    session.commit()
    session.execute(text("ANALYZE"))
    session.commit()


@pytest.mark.parametrize("asked", [due_work._next_due, due_work._stopped])
def test_what_exists_is_not_looked_through(session, engine, case, asked):
    deliveries_are(session, state="queued")
    _much_waits(session)
    is_postgres = engine.dialect.name == "postgresql"
    explain = "EXPLAIN (ANALYZE, TIMING OFF) " if is_postgres else "EXPLAIN QUERY PLAN "

    moments = due_work.stopped_parameters(NOW)
    statement = asked().params(moments).compile(engine, compile_kwargs={"literal_binds": True})

    plan = [str(row) for row in session.execute(text(f"{explain}{statement}"))]

    if is_postgres:
        read = [float(rows) for line in plan for rows in re.findall(r"actual rows=([0-9.]+)", line)]
        assert len(read) >= 6
        assert max(read) <= 2, plan
    for line in plan:
        if any(table in line for table in ("reminder", "delivery")):
            assert "index" in line.lower(), plan


# --- What every page says --------------------------------------------------------------------


def test_without_a_worker_what_is_due_is_said_with_since_when(work, session, engine, case):
    late = next_due(session).first + HOUR
    session.commit()
    handler = seat(work, Role.HANDLER)

    with counting_statements(engine) as asked:
        said = mail_standing(session, work.desk, handler, now=late).stopped_since

    assert said == late - HOUR
    assert len(asked) == 1
    assert work_stopped_since(session, now=late) == said


def test_a_heartbeat_from_the_future_neither_stands_for_a_worker_nor_hides_one(work, session, case):
    late = next_due(session).first + HOUR
    session.commit()
    handler = seat(work, Role.HANDLER)
    beat(session, "its clock was wrong", Runner.EMBEDDED, late + 8 * HOUR)

    assert work_stopped_since(session, now=late) == late - HOUR
    assert mail_standing(session, work.desk, handler, now=late).stopped_since == late - HOUR
    assert alive_workers(session, late) == []

    beat(session, "a", Runner.EMBEDDED, late)
    assert work_stopped_since(session, now=late) is None
    assert mail_standing(session, work.desk, handler, now=late).stopped_since is None


def test_with_a_worker_alive_nothing_is_said(work, session, case):
    late = next_due(session).first + HOUR
    session.commit()
    beat(session, "a", Runner.EMBEDDED, late - timedelta(minutes=4))

    handler = seat(work, Role.HANDLER)
    assert mail_standing(session, work.desk, handler, now=late).stopped_since is None
    assert work_stopped_since(session, now=late) is None
