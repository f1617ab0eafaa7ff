"""The dead man's switch, against a real server: told at its interval, silent when work fails."""

import threading
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import select

from breachdesk.models import Installation
from breachdesk.services.monitor import Monitor, tell_monitor
from tests.cases import MONDAY_NINE as NOW
from tests.services.desks import meeting_before

EVERY = timedelta(minutes=5)


class Listener:
    """A monitor: what it was asked for, and what it answers."""

    def __init__(self):
        self.heard: list[str] = []
        self.status = 200
        self.url = ""


@contextmanager
def listening():
    found = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            found.heard.append(self.path)
            self.send_response(found.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/ping/secret?ok=1"
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def outside():
    with listening() as found:
        yield found


def tell(session, url, now=NOW):
    return tell_monitor(session, Monitor(url, EVERY), clock=lambda: now)


def noted(session):
    row = session.scalars(select(Installation)).one()
    session.refresh(row)
    found = row.pinged_at, row.ping_problem
    session.rollback()
    return found


def test_it_is_told_at_its_interval_and_no_more_often(session, outside):
    for passed in (0, 60, 299, 300, 301, 599, 600):
        tell(session, outside.url, NOW + timedelta(seconds=passed))

    assert outside.heard == ["/ping/secret?ok=1"] * 3
    assert noted(session) == (NOW + 2 * EVERY, "")


def test_of_two_workers_one_calls(engine, at_once, outside):
    with meeting_before(engine, "UPDATE installation"):
        called = at_once(*[lambda own: tell(own.session, outside.url)] * 2)

    assert sorted(called) == [False, True]
    assert len(outside.heard) == 1


def test_a_clock_set_back_does_not_silence_it(session, outside):
    tell(session, outside.url, NOW)

    assert tell(session, outside.url, NOW - timedelta(days=1))


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (200, ""),
        (204, ""),
        (302, "monitor_refused"),
        (404, "monitor_refused"),
        (503, "monitor_refused"),
    ],
)
def test_what_it_answers_is_noted(session, outside, status, problem):
    outside.status = status

    assert tell(session, outside.url)

    assert noted(session) == (NOW, problem)


def test_one_that_does_not_answer_is_noted_and_told_again_later(session, outside, caplog):
    assert tell(session, "http://127.0.0.1:1/ping/secret")
    assert noted(session) == (NOW, "monitor_unreachable")
    assert "monitor_unreachable" in caplog.text
    assert "secret" not in caplog.text

    assert tell(session, outside.url, NOW + EVERY)
    assert noted(session) == (NOW + EVERY, "")


def test_after_a_call_that_failed_it_is_called_again_soon_and_then_at_its_interval(
    session, outside
):
    outside.status = 503
    for passed in (0, 29, 30, 59):
        tell(session, outside.url, NOW + timedelta(seconds=passed))
    assert len(outside.heard) == 2
    assert noted(session) == (NOW + timedelta(seconds=30), "monitor_refused")

    outside.status = 200
    for passed in (60, 90, 359):
        tell(session, outside.url, NOW + timedelta(seconds=passed))
    assert len(outside.heard) == 3
    assert noted(session) == (NOW + timedelta(seconds=60), "")


def test_the_address_is_in_no_picture_of_it():
    assert "secret" not in repr(Monitor("https://monitor.example/secret", EVERY))


def test_nothing_is_held_in_the_database_while_it_is_called(engine, session, outside, monkeypatch):
    from breachdesk.services import monitor

    def call(_monitor):
        assert not session.in_transaction()
        return ""

    monkeypatch.setattr(monitor, "call", call)

    assert tell(session, outside.url)
