"""A PostgreSQL that takes the connection and then says nothing: nobody waits for it for long."""

import socket
import time
from contextlib import contextmanager

import pytest

from breachdesk import create_app
from breachdesk.config import load_settings
from breachdesk.key_files import instance_keys
from breachdesk.workers.heartbeat import EmbeddedWorker
from breachdesk.workers.procrastinate_runner import ProcrastinateWorker

# The least that PostgreSQL's library takes.
CONNECT_WITHIN_SECONDS = 2
# Beside it a busy machine does what it has to do.
PATIENCE_SECONDS = 15


@pytest.fixture
def silent_url():
    """Somebody listens there; a connection is taken, and no byte ever comes."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        port = listening.getsockname()[1]
        yield f"postgresql://desk@127.0.0.1:{port}/desk?connect_timeout={CONNECT_WITHIN_SECONDS}"


@pytest.fixture
def app(silent_url, tmp_path):
    settings = load_settings(
        {"BREACHDESK_INSTANCE": str(tmp_path), "BREACHDESK_DATABASE_URL": silent_url}
    )
    # The desk has its keys from before: without, it would not start.
    instance_keys(settings)
    return create_app(settings)


@contextmanager
def within(seconds):
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


def test_pages_and_readiness_say_so_in_time_and_the_process_answers_at_once(app):
    visitor = app.test_client()

    with within(CONNECT_WITHIN_SECONDS):
        assert visitor.get("/healthz").status_code == 200
    with within(PATIENCE_SECONDS):
        ready = visitor.get("/readyz")
    with within(PATIENCE_SECONDS):
        page = visitor.get("/sign-in")

    assert (ready.status_code, ready.json["database"]) == (503, False)
    assert page.status_code == 503
    assert int(page.headers["Retry-After"]) > 0


def test_a_worker_is_held_up_for_that_long_and_ends_when_told(app, tmp_path, caplog):
    worker = EmbeddedWorker(app, tmp_path)
    with within(2 * PATIENCE_SECONDS):
        worker.start()
        time.sleep(CONNECT_WITHIN_SECONDS + 1)
        worker.stop()

    assert "Nothing was done" in caplog.text


def test_a_worker_of_procrastinate_s_ends_when_told(app, silent_url, tmp_path):
    url = silent_url.replace("postgresql:", "postgresql+psycopg:")
    with within(2 * PATIENCE_SECONDS):
        worker = ProcrastinateWorker(app, url, tmp_path)
        worker.start()
        time.sleep(CONNECT_WITHIN_SECONDS + 1)
        worker.stop()
