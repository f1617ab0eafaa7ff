"""`python -m breachdesk worker` as it runs: several at once, told to end, and killed."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from breachdesk import create_app
from breachdesk.config import load_settings
from breachdesk.domain.access import Role
from breachdesk.mail.catcher import MailCatcher
from breachdesk.models import Delivery, Worker
from tests.cases import at_desk, make_organisation, open_case
from tests.services.desks import alive_workers

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60


def now():
    return datetime.now(UTC)


@pytest.fixture
def server(tmp_path):
    with MailCatcher(tmp_path / "mail") as started:
        yield started


@pytest.fixture
def environment(database_url, server, tmp_path):
    return {
        "BREACHDESK_INSTANCE": str(tmp_path / "instance"),
        "BREACHDESK_DATABASE_URL": database_url,
        "BREACHDESK_SMTP_HOST": server.host,
        "BREACHDESK_SMTP_PORT": str(server.port),
        "BREACHDESK_SMTP_SECURITY": "none",
        "BREACHDESK_SMTP_SENDER": "desk@desk.example",
    }


@pytest.fixture
def app(environment):
    made = create_app(load_settings(environment))
    with at_desk(made) as work:
        make_organisation(work, now=now(), roles=(Role.HANDLER, Role.DECIDER))
    yield made
    with made.app_context():
        made.extensions["sqlalchemy"].engine.dispose()


@contextmanager
def workers(environment, count=1):
    """So many processes; whatever is left of them at the end is killed."""
    program = [sys.executable, "-m", "breachdesk", "worker"]
    clean = {name: value for name, value in os.environ.items() if "BREACHDESK" not in name}
    started = [
        subprocess.Popen(program, cwd=ROOT, env=clean | environment, stdout=subprocess.DEVNULL)
        for _ in range(count)
    ]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait(PATIENCE_SECONDS)


def until(condition):
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up, "It never came."
        time.sleep(0.05)


def alive(app):
    with at_desk(app) as work:
        return len(alive_workers(work.session, now()))


def open_cases(app, count):
    with at_desk(app) as work:
        for _ in range(count):
            open_case(work, now=now())


def all_sent(app):
    with at_desk(app) as work:
        left = select(func.count(Delivery.id)).where(Delivery.state != "sent")
        return work.session.scalar(left) == 0


def ids_of(folder):
    """The Message-ID of every mail that arrived, and how often."""
    heads = (path.read_bytes().split(b"\r\n\r\n")[0] for path in folder.rglob("*.eml"))
    return Counter(
        line.split(b": ", 1)[1].strip()
        for head in heads
        for line in head.replace(b"\r\n ", b" ").split(b"\r\n")
        if line.lower().startswith(b"message-id: ")
    )


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_processes_share_the_work_and_when_one_is_killed_the_other_goes_on(
    app, environment, server
):
    with workers(environment, 2) as (first, second):
        until(lambda: alive(app) == 2)
        open_cases(app, 12)
        until(lambda: all_sent(app))

        first.send_signal(signal.SIGKILL)
        first.wait(PATIENCE_SECONDS)
        assert alive(app) == 2
        with at_desk(app) as work:
            # A minute and more passes.
            past = Worker.seen_at < now()
            gone = Worker.name.contains(f":{first.pid}:")
            work.session.execute(
                update(Worker).where(past, gone).values(seen_at=now() - timedelta(minutes=2))
            )
            work.session.commit()
        assert alive(app) == 1
        open_cases(app, 3)
        until(lambda: all_sent(app))

        second.send_signal(signal.SIGTERM)
        assert second.wait(PATIENCE_SECONDS) == 0

    assert alive(app) == 0
    with at_desk(app) as work:
        ended = {
            each.name.split(":")[-2]: each.stopped_at
            for each in work.session.scalars(select(Worker))
        }
        sent = work.session.scalar(select(func.count(Delivery.id)))
    assert ended[str(first.pid)] is None
    assert ended[str(second.pid)] is not None
    arrived = ids_of(server.folder)
    assert len(arrived) == sent > 30
    assert set(arrived.values()) == {1}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_on_sqlite_a_second_process_waits_for_the_end_of_the_first(app, environment, server):
    with workers(environment, 2) as started:
        until(lambda: alive(app) == 1)
        with at_desk(app) as work:
            name = work.session.scalars(select(Worker.name)).one()
        first, second = sorted(started, key=lambda each: f":{each.pid}:" not in name)
        open_cases(app, 2)
        until(lambda: all_sent(app))

        first.send_signal(signal.SIGTERM)
        assert first.wait(PATIENCE_SECONDS) == 0
        open_cases(app, 1)
        until(lambda: all_sent(app))

        second.send_signal(signal.SIGTERM)
        assert second.wait(PATIENCE_SECONDS) == 0
    assert set(ids_of(server.folder).values()) == {1}
