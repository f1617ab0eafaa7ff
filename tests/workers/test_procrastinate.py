"""Procrastinate as the runner: posted with the rows, done by any worker, lost by none."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, inspect, select

from breachdesk import create_app, utc_now
from breachdesk.config import load_settings
from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import DeliveryState
from breachdesk.domain.work import JobState, Runner
from breachdesk.key_files import instance_keys
from breachdesk.models import Delivery, Dossier, Job, Reminder, Worker, db
from breachdesk.services import job_requests
from breachdesk.workers.procrastinate_app import libpq_url, prepare_tables
from breachdesk.workers.procrastinate_runner import ProcrastinateWorker
from tests.cases import MONDAY_NINE, at_desk, incident, make_organisation, open_case, seat
from tests.mail.memory import MemoryMailer
from tests.workers.procrastinate_process import QUICK

ROOT = Path(__file__).resolve().parents[2]
NOW = MONDAY_NINE
PATIENCE_SECONDS = 60
# The lease of a job, of a minute, ends after two seconds.
SPEED = 30


@pytest.fixture
def url(databases, tmp_path) -> Iterator[str]:
    """A PostgreSQL database of our own, with Procrastinate's tables."""
    with databases.migrated("postgresql", tmp_path) as made:
        prepare_tables(made)
        yield made


@pytest.fixture
def environment(url: str, tmp_path: Path) -> dict[str, str]:
    """The settings, as variables."""
    return {
        "BREACHDESK_INSTANCE": str(tmp_path / "instance"),
        "BREACHDESK_DATABASE_URL": url,
        "BREACHDESK_RUNNER": "procrastinate",
        "BREACHDESK_SMTP_HOST": "mail.example",
        "BREACHDESK_SMTP_SECURITY": "none",
        "BREACHDESK_SMTP_SENDER": "desk@gir.example",
    }


@pytest.fixture
def app(environment: dict[str, str], clock, mailer: MemoryMailer) -> Iterator[Flask]:
    """A web process: it posts and does nothing itself."""
    settings = load_settings(environment)
    instance_keys(settings)
    made = create_app(settings, mailer=mailer, clock=clock)
    yield made
    with made.app_context():
        for engine in db.engines.values():
            engine.dispose()


@contextmanager
def among_its_tables(url: str) -> Iterator[psycopg.Connection]:
    """A connection that finds Procrastinate's tables; committed at the end."""
    with psycopg.connect(libpq_url(url)) as connection:
        connection.execute("SET search_path TO procrastinate")
        yield connection


@pytest.fixture
def posted(url: str) -> Callable[[], list[str]]:
    """The pieces that wait, by name."""

    def names() -> list[str]:
        with among_its_tables(url) as connection:
            rows = connection.execute(
                "SELECT task_name FROM procrastinate_jobs ORDER BY id"
            ).fetchall()
        return [name for (name,) in rows]

    return names


@contextmanager
def working(app: Flask, *, count: int = 1) -> Iterator[list[ProcrastinateWorker]]:
    """So many workers at work."""
    settings = app.config["SQLALCHEMY_DATABASE_URI"]
    workers = [
        ProcrastinateWorker(app, settings, Path(app.instance_path), QUICK) for _ in range(count)
    ]
    for worker in workers:
        worker.start()
    try:
        yield workers
    finally:
        for worker in workers:
            worker.stop()


def wait_until(is_so: Callable[[], object]) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < give_up, "It does not come about."
        time.sleep(0.02)


def count(app: Flask, what, *where) -> int:
    with at_desk(app) as work:
        return work.session.scalar(select(func.count(what)).where(*where))


def all_is_sent(app: Flask) -> bool:
    return count(app, Delivery.id, Delivery.state != DeliveryState.SENT) == 0


def ask_for_dossier(app: Flask, reference: str) -> int:
    with at_desk(app) as work:
        case, by = incident(work, reference), seat(work, Role.HANDLER)
        return job_requests.ask_for_dossier(work.session, case, "fr", by=by, now=NOW).id


@pytest.fixture
def reference(app: Flask) -> str:
    """A case, of which a few mails wait."""
    with at_desk(app) as work:
        make_organisation(work, now=NOW, roles=(Role.HANDLER, Role.DECIDER))
        return open_case(work, now=NOW)


# --- Posting ---------------------------------------------------------------------------------


def test_what_is_committed_posts_one_piece_and_what_is_rolled_back_none(app, reference, posted):
    assert posted().count("deliver") == 1
    with at_desk(app) as work:
        case, by = incident(work, reference), seat(work, Role.HANDLER)
        work.session.commit()
        monkey = work.session.commit
        work.session.commit = work.session.rollback
        try:
            job_requests.ask_for_dossier(work.session, case, "fr", by=by, now=NOW)
        finally:
            work.session.commit = monkey
    assert "do_job" not in posted()
    assert count(app, Job.id) == 0

    ask_for_dossier(app, reference)

    assert posted().count("do_job") == 1


def test_a_piece_is_seen_by_nobody_before_its_rows_are(app, reference, posted):
    before = posted()
    with at_desk(app) as work:
        case, by = incident(work, reference), seat(work, Role.HANDLER)
        seen = []
        raw = work.session.connection().connection.driver_connection
        original = raw.commit
        raw.commit = lambda: (seen.append(posted()), original())
        try:
            job_requests.ask_for_dossier(work.session, case, "fr", by=by, now=NOW)
        finally:
            raw.commit = original
    assert seen == [before]
    assert posted() == [*before, "do_job"]


def test_without_its_tables_nothing_that_a_person_does_is_lost(app, reference, url, caplog):
    drop_tables(url)

    ask_for_dossier(app, reference)

    assert count(app, Job.id) == 1
    assert "the next tick will" in caplog.text


def drop_tables(url: str) -> None:
    with psycopg.connect(libpq_url(url)) as connection:
        connection.execute("DROP SCHEMA procrastinate CASCADE")


def test_the_tables_are_made_once_and_anew_for_another_version(url, posted):
    with among_its_tables(url) as connection:
        connection.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('q', 't')"
        )
    prepare_tables(url)
    assert posted() == ["t"]

    with psycopg.connect(libpq_url(url)) as connection:
        connection.execute("COMMENT ON SCHEMA procrastinate IS 'procrastinate 2.0.0'")
    prepare_tables(url)
    assert posted() == []


def test_our_migrations_do_not_see_its_tables(url):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy import create_engine

    engine = create_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), db.metadata) == []
        # Nor does a restoration, which demands a database without tables of others.
        assert set(inspect(connection).get_table_names()) == {
            "alembic_version",
            *db.metadata.tables,
        }
    engine.dispose()


# --- Working ---------------------------------------------------------------------------------


def test_a_web_process_posts_and_a_worker_does_it_in_a_moment(app, reference, mailer, posted):
    with working(app):
        wait_until(lambda: all_is_sent(app))
        job_id = ask_for_dossier(app, reference)
        wait_until(lambda: count(app, Job.id, Job.state == JobState.DONE) == 1)
        # After each job one more piece looks whether there is another.
        wait_until(lambda: "do_job" not in posted())
        assert count(app, Worker.id, Worker.runner == Runner.PROCRASTINATE) == 1
    assert job_id
    assert count(app, Dossier.id) == 1
    assert count(app, Worker.id, Worker.stopped_at.is_not(None)) == 1
    # What became of it stands in our rows; nothing piles up in theirs.
    assert set(posted()) <= {"tick", "retry_stalled"}


def test_with_all_pieces_lost_the_tick_posts_again_what_is_due(app, reference, mailer, url):
    ask_for_dossier(app, reference)
    drop_tables(url)

    with working(app):
        wait_until(lambda: count(app, Job.id, Job.state == JobState.DONE) == 1)
        wait_until(lambda: all_is_sent(app))

    assert count(app, Dossier.id) == 1


def test_a_reminder_that_falls_due_is_emitted_by_the_tick_and_mailed(app, reference, mailer, clock):
    with working(app):
        wait_until(lambda: all_is_sent(app))
        with at_desk(app) as work:
            due = work.session.scalar(
                select(func.min(Reminder.remind_at)).where(Reminder.emitted_at.is_(None))
            )
        before = len(mailer.letters)
        clock.now = due + timedelta(seconds=1)
        wait_until(lambda: len(mailer.letters) > before)


def test_two_workers_send_each_mail_once(app, reference, mailer):
    with at_desk(app) as work:
        for _ in range(20):
            open_case(work, now=NOW)
    with working(app, count=2):
        wait_until(lambda: all_is_sent(app))
    ids = [letter.message_id for letter in mailer.letters]
    assert len(ids) == len(set(ids)) == count(app, Delivery.id)


def test_a_worker_whose_connections_break_begins_again(app, reference, mailer, url):
    with working(app):
        wait_until(lambda: all_is_sent(app))
        with psycopg.connect(libpq_url(url)) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        with app.app_context():
            db.engine.dispose()
        with at_desk(app) as work:
            open_case(work, now=NOW)
        wait_until(lambda: all_is_sent(app))


@pytest.mark.parametrize(
    "jump",
    [pytest.param(-3600.0, id="set back by an hour"), pytest.param(3 * 3600.0, id="asleep")],
)
def test_a_machine_whose_clock_jumps_goes_on_ticking(
    app, reference, mailer, clock, monkeypatch, jump
):
    wall, offset = time.time, [0.0]
    monkeypatch.setattr(time, "time", lambda: wall() + offset[0])
    with working(app):
        wait_until(lambda: all_is_sent(app))
        offset[0] = jump
        with at_desk(app) as work:
            is_open = Reminder.emitted_at.is_(None), Reminder.cancelled_at.is_(None)
            clock.now = work.session.scalar(select(func.min(Reminder.remind_at)).where(*is_open))
        sent = len(mailer.letters)

        wait_until(lambda: len(mailer.letters) > sent)


# --- Dying -----------------------------------------------------------------------------------


def start_process(environment: dict[str, str], *arguments: str) -> subprocess.Popen:
    clean = {name: value for name, value in os.environ.items() if "BREACHDESK" not in name}
    program = [sys.executable, "-m", "tests.workers.procrastinate_process", *arguments]
    return subprocess.Popen(program, cwd=ROOT, env=clean | environment)


def test_a_worker_killed_in_the_middle_of_a_job_loses_nothing(
    app, reference, environment, posted, tmp_path
):
    job_id = ask_for_dossier(app, reference)
    mark = tmp_path / "printing"
    clock = (str(SPEED), str(utc_now().timestamp()))
    victim = start_process(environment, *clock, str(mark))
    wait_until(mark.exists)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    assert count(app, Job.id, Job.state == JobState.RUNNING) == 1

    heir = start_process(environment, *clock)
    try:
        wait_until(lambda: count(app, Job.id, Job.state == JobState.DONE) == 1)
        # The piece of the dead one is no longer "doing".
        wait_until(lambda: set(posted()) <= {"tick", "retry_stalled"})
    finally:
        heir.terminate()
        assert heir.wait(PATIENCE_SECONDS) == 0

    assert count(app, Dossier.id) == 1
    with at_desk(app) as work:
        assert work.session.get_one(Job, job_id).attempts == 2


def test_pieces_of_a_dead_worker_are_given_to_another_even_where_one_like_it_waits(
    app, reference, url, posted
):
    """A tick killed half-way while the next one waits: two cannot wait under one lock."""
    with among_its_tables(url) as connection:
        connection.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args, status) "
            "VALUES ('tick', 'tick', 'tick', '{\"timestamp\": 1}', 'doing'), "
            "('deliver', 'deliver', 'deliver:0', '{}', 'doing'), "
            "('deliver', 'deliver', 'deliver:0', '{}', 'todo')"
        )
    with working(app):
        wait_until(lambda: "deliver" not in posted())
        wait_until(lambda: _doing(url) <= 1)


def _doing(url: str) -> int:
    with among_its_tables(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"
        ).fetchone()
    return row[0]
