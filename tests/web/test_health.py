"""For who watches the machine: yes or no, to anybody, cheaply, also while the database is away."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from breachdesk import create_app
from breachdesk.config import load_settings
from breachdesk.domain.work import WORKER_GONE_AFTER, Runner
from breachdesk.services.workers import beat, say_stopped
from tests.cases import MONDAY_NINE, at_desk
from tests.queries import counted_queries

ALL_WELL = {"database": True, "schema": True, "worker": True}


@pytest.fixture
def alive(app):
    with at_desk(app) as work:
        beat(work.session, "a", Runner.EMBEDDED, MONDAY_NINE)


def run(app, statement):
    with at_desk(app) as work:
        work.session.execute(text(statement))
        work.session.commit()


def test_a_process_that_answers_asks_no_database(app, client):
    with counted_queries(app) as asked:
        answer = client.get("/healthz")

    assert (answer.status_code, answer.json, asked) == (200, {"process": True}, [])


def test_a_desk_that_can_work_is_ready_and_says_so_in_one_statement(app, client, alive):
    client.get("/readyz")
    with counted_queries(app) as asked:
        answer = client.get("/readyz")

    assert (answer.status_code, answer.json) == (200, ALL_WELL)
    assert len(asked) == 1


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_it_needs_nobody_and_leaves_nothing(app, client, alive, path):
    answer = client.get(path)

    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.mimetype == "application/json"
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("why", ["none", "stopped", "silent", "from the future"])
def test_without_a_living_worker_it_is_not_ready(app, client, clock, why):
    with at_desk(app) as work:
        if why != "none":
            beat(work.session, "a", Runner.EMBEDDED, MONDAY_NINE)
        if why == "stopped":
            say_stopped(work.session, "a", MONDAY_NINE)
    jumps = {"silent": WORKER_GONE_AFTER, "from the future": -timedelta(hours=8)}
    clock.now += jumps.get(why, timedelta(0))

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json) == (503, ALL_WELL | {"worker": False})


@pytest.mark.parametrize(
    "statement",
    ["UPDATE alembic_version SET version_num = '0001'", "DROP TABLE worker"],
)
def test_with_another_schema_it_is_not_ready(app, client, alive, statement):
    run(app, statement)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json["database"] is True
    assert answer.json["schema"] is False


def test_while_the_database_is_away_it_says_so_and_nothing_of_it(tmp_path: Path):
    # The desk has its keys from before: without, it would not start.
    create_app(load_settings({"BREACHDESK_INSTANCE": str(tmp_path)}))
    settings = load_settings(
        {
            "BREACHDESK_INSTANCE": str(tmp_path),
            # Nobody listens on this port.
            "BREACHDESK_DATABASE_URL": "postgresql://desk:hush@127.0.0.1:1/desk",
        }
    )
    visitor = create_app(settings).test_client()

    assert visitor.get("/healthz").status_code == 200
    answer = visitor.get("/readyz")

    assert answer.status_code == 503
    assert answer.json == {"database": False, "schema": False, "worker": False}
