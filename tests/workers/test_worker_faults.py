"""A worker survives every fault, says where, and nothing of what; failing alone, it is silent."""

import logging
import time
from datetime import timedelta

import psycopg
from sqlalchemy import select

from breachdesk.domain.work import SILENCE_IS_SAID_AFTER, Runner
from breachdesk.models import Worker
from breachdesk.workers import heartbeat, signs_of_life
from breachdesk.workers.signs_of_life import SignsOfLife
from tests.cases import at_desk, open_case
from tests.workers.beating import NOW, ON_POSTGRESQL, run, waiting, workers


def test_a_fault_is_logged_by_its_code_and_a_later_beat_does_the_work(
    example, tmp_path, mailer, caplog
):
    with workers(example, tmp_path) as (worker,):
        run(example, "ALTER TABLE delivery RENAME TO gone")
        with caplog.at_level(logging.WARNING):
            worker.beat()
        assert "Nothing was done" in caplog.text
        assert "SELECT" not in caplog.text
        assert mailer.letters == []
        assert 0 < worker._rest_until - time.monotonic() <= 1

        run(example, "ALTER TABLE gone RENAME TO delivery")
        worker._rest_until = 0
        worker.beat()

        assert mailer.letters


def test_a_fault_of_ours_says_where_and_nothing_of_what(example, tmp_path, caplog, monkeypatch):
    person = "@".join(("jeanne", "clients.example"))

    def fail(*_, **__):
        raise ValueError(person)

    monkeypatch.setattr(heartbeat, "do_round", fail)
    with workers(example, tmp_path) as (worker,):
        with caplog.at_level(logging.WARNING):
            for _ in range(12):
                worker._rest_until = 0
                worker.beat()

        assert "ValueError" in caplog.text
        assert "test_worker_faults.py" in caplog.text
        assert person not in caplog.text
        pause = worker._rest_until - time.monotonic()
        assert 0 < pause <= heartbeat.LONGEST_FAULT_PAUSE.total_seconds()


@ON_POSTGRESQL
def test_a_database_that_was_restarted_is_met_again(example, done, database_url, mailer, caplog):
    sent = len(mailer.letters)
    with at_desk(example) as work:
        open_case(work, now=NOW)
    with psycopg.connect(database_url.replace("+psycopg", "", 1)) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    for _ in range(3):
        done._rest_until = 0
        done.beat()

    assert "Nothing was done" in caplog.text
    assert len(mailer.letters) > sent
    assert waiting(example) == 0


def test_a_worker_that_does_nothing_but_fail_is_silent_until_it_succeeds(
    example, tmp_path, clock, monkeypatch
):
    passed = [1000.0]
    monkeypatch.setattr(signs_of_life, "monotonic", lambda: passed[0])
    long = SILENCE_IS_SAID_AFTER.total_seconds()

    def fail(*_, **__):
        raise ValueError

    def heard_of(worker):
        worker._say_alive()
        with at_desk(example) as work:
            return work.session.scalar(select(Worker.seen_at)) == clock.now

    with workers(example, tmp_path) as (worker,):
        with monkeypatch.context() as broken:
            broken.setattr(heartbeat, "do_round", fail)
            for step in (0, long / 2, long / 2 - 1, 1):
                clock.now += timedelta(seconds=step)
                passed[0] += step
                worker._rest_until = 0
                worker.beat()
                assert heard_of(worker) is (passed[0] < 1000 + long)
        worker._rest_until = 0
        worker.beat()
        assert heard_of(worker)


def test_what_failed_once_and_was_then_done_by_others_silences_nobody(example, monkeypatch):
    passed = [1000.0]
    monkeypatch.setattr(signs_of_life, "monotonic", lambda: passed[0])
    signs = SignsOfLife(example, "a", Runner.PROCRASTINATE)
    signs.failed("a tick", ValueError())
    passed[0] += 2 * SILENCE_IS_SAID_AFTER.total_seconds()

    assert not signs.does_nothing_but_fail
