"""The heartbeats of workers: one row each, one statement a beat, swept when long gone."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from breachdesk.domain.work import KEPT_AFTER_SILENCE, WORKER_GONE_AFTER, Runner
from breachdesk.models import Worker
from breachdesk.services.sweeping import sweep
from breachdesk.services.workers import beat, say_stopped
from tests.cases import MONDAY_NINE as NOW
from tests.services.desks import alive_workers, counting_statements

SOON = NOW + timedelta(seconds=10)


def names(session, now):
    found = alive_workers(session, now)
    session.rollback()
    return found


def only(session):
    return session.scalars(select(Worker)).one()


def test_a_beat_is_one_statement_and_keeps_when_it_began(session, engine):
    beat(session, "a", Runner.EMBEDDED, NOW)

    with counting_statements(engine) as asked:
        beat(session, "a", Runner.EMBEDDED, SOON)

    assert len(asked) == 1
    assert (only(session).started_at, only(session).seen_at) == (NOW, SOON)


def test_workers_live_side_by_side_until_they_stop_or_fall_silent(session):
    beat(session, "a", Runner.EMBEDDED, NOW)
    beat(session, "b", Runner.PROCRASTINATE, SOON)
    assert names(session, SOON) == ["a", "b"]

    say_stopped(session, "b", SOON)
    assert names(session, SOON) == ["a"]

    assert names(session, NOW + WORKER_GONE_AFTER) == []


@pytest.mark.parametrize("ended", ["stopped", "silent"])
def test_a_name_that_comes_back_is_another_worker(session, ended):
    beat(session, "a", Runner.EMBEDDED, NOW)
    if ended == "stopped":
        say_stopped(session, "a", NOW)
    back = SOON if ended == "stopped" else NOW + WORKER_GONE_AFTER + timedelta(seconds=1)

    beat(session, "a", Runner.PROCRASTINATE, back)

    again = only(session)
    assert (again.started_at, again.stopped_at) == (back, None)
    assert again.runner is Runner.PROCRASTINATE


def test_workers_that_are_long_gone_are_swept(session):
    beat(session, "gone", Runner.EMBEDDED, NOW)
    beat(session, "here", Runner.EMBEDDED, NOW + timedelta(hours=1))

    sweep(session, now=NOW + KEPT_AFTER_SILENCE - timedelta(seconds=1))
    assert session.scalar(select(func.count(Worker.id))) == 2

    sweep(session, now=NOW + KEPT_AFTER_SILENCE)
    assert only(session).name == "here"
