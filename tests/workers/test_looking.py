"""A worker looks before it works, sleeps until what is due next, and is woken."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from breachdesk.domain.access import Role
from breachdesk.models import Reminder, Worker
from breachdesk.services.due_work import NextDue
from breachdesk.workers import heartbeat
from breachdesk.workers.heartbeat import LOOK_EVERY, ROUND_EVERY, STUCK_PAUSE, EmbeddedWorker
from breachdesk.workers.rounds import do_round
from tests.cases import at_desk, make_organisation, open_case
from tests.queries import counted_queries
from tests.workers.beating import NOW, ON_POSTGRESQL, ON_SQLITE, counted, until, waiting, workers

# --- Who works -------------------------------------------------------------------------------


@ON_SQLITE
def test_on_sqlite_one_of_two_workers_works_and_the_other_takes_over(example, tmp_path, mailer):
    with workers(example, tmp_path, 2) as (first, second):
        first.beat()
        second.beat()
        sent = len(mailer.letters)
        with at_desk(example) as work:
            open_case(work, now=NOW)
        second.beat()
        assert len(mailer.letters) == sent > 0
        assert counted(example, Worker.id) == 1

        first.stop()
        second.wake()
        second.beat()

        assert len(mailer.letters) > sent
        assert counted(example, Worker.id, Worker.stopped_at.is_(None)) == 1


@ON_POSTGRESQL
def test_on_postgresql_every_worker_works(example, tmp_path):
    with workers(example, tmp_path, 3) as made:
        for worker in made:
            worker.beat()
        assert counted(example, Worker.id, Worker.stopped_at.is_(None)) == 3

    assert counted(example, Worker.id, Worker.stopped_at.is_not(None)) == 3


# --- Looking ---------------------------------------------------------------------------------


def test_a_look_that_finds_nothing_due_is_one_statement(example, done, clock):
    clock.now += ROUND_EVERY - timedelta(seconds=1)
    done._faults, done._rest_until = 0, 0.0

    with counted_queries(example) as asked:
        done.beat()

    assert len(asked) == 1, asked


def test_a_whole_round_comes_now_and_then_though_nothing_is_due(example, done, clock, monkeypatch):
    rounds = []
    monkeypatch.setattr(
        heartbeat, "do_round", lambda *_, **how: rounds.append(1) or do_round(*_, **how)
    )
    done.beat()
    assert not rounds

    clock.now += ROUND_EVERY
    done.beat()

    assert len(rounds) == 1


def test_a_reminder_planned_for_later_is_emitted_at_its_time_and_once(example, done, clock):
    with at_desk(example) as work:
        first = work.session.scalar(
            select(func.min(Reminder.remind_at)).where(Reminder.emitted_at.is_(None))
        )
    of_it = (Reminder.remind_at == first, Reminder.emitted_at.is_not(None))
    clock.now = first - timedelta(seconds=1)
    done.beat()
    assert counted(example, Reminder.id, *of_it) == 0

    clock.now = first
    done.beat()

    assert counted(example, Reminder.id, *of_it) > 0
    assert waiting(example) == 0


def test_it_sleeps_no_longer_than_until_what_is_due_next(example, tmp_path, clock):
    worker = EmbeddedWorker(example, tmp_path)
    worker._every(LOOK_EVERY, worker.beat, heartbeat.BEAT)
    worker._scheduler.start(paused=True)
    try:
        worker.beat()
        with at_desk(example) as work:
            first = work.session.scalar(
                select(func.min(Reminder.remind_at)).where(Reminder.emitted_at.is_(None))
            )
        clock.now = first - timedelta(milliseconds=700)
        began = datetime.now(UTC)
        worker._scheduler.get_job(heartbeat.BEAT).modify(next_run_time=began + LOOK_EVERY)

        worker.beat()

        planned = worker._scheduler.get_job(heartbeat.BEAT).next_run_time - began
        assert timedelta(milliseconds=700) <= planned < LOOK_EVERY
    finally:
        worker.stop()


@pytest.mark.parametrize(
    "jump",
    [
        pytest.param(timedelta(days=3), id="asleep for three days"),
        pytest.param(-timedelta(hours=1), id="set back by an hour"),
    ],
)
def test_a_clock_that_jumps_loses_nothing_and_doubles_nothing(example, done, clock, mailer, jump):
    sent = len(mailer.letters)
    clock.now += jump
    done.beat()
    caught_up = len(mailer.letters)
    assert (caught_up > sent) == (jump > timedelta(0))
    done.beat()
    assert len(mailer.letters) == caught_up

    with at_desk(example) as work:
        open_case(work, now=clock.now)
    done.beat()

    assert len(mailer.letters) > caught_up
    ids = [letter.message_id for letter in mailer.letters]
    assert len(set(ids)) == len(ids)


def test_a_timer_set_back_by_an_hour_does_not_sleep_for_that_hour(example, tmp_path, monkeypatch):
    beats = []
    monkeypatch.setattr(EmbeddedWorker, "beat", lambda _self: beats.append(1))
    worker = EmbeddedWorker(example, tmp_path)
    worker.start()
    try:
        until(lambda: beats)
        # What a clock set back looks like from inside: the next beat is an hour away.
        job = worker._scheduler.get_job(heartbeat.BEAT)
        job.modify(next_run_time=datetime.now(UTC) + timedelta(hours=1))
        before = len(beats)

        until(lambda: len(beats) > before)
    finally:
        worker.stop()


def test_a_machine_that_slept_for_three_hours_catches_up_with_one_beat(
    example, tmp_path, monkeypatch
):
    beats = []
    monkeypatch.setattr(EmbeddedWorker, "beat", lambda _self: beats.append(1))
    monkeypatch.setattr(heartbeat, "LOOK_EVERY", timedelta(seconds=15))
    worker = EmbeddedWorker(example, tmp_path)
    worker.start()
    try:
        until(lambda: beats)
        # What a sleep looks like from inside: the next beat was three hours ago.
        job = worker._scheduler.get_job(heartbeat.BEAT)
        job.modify(next_run_time=datetime.now(UTC) - timedelta(hours=3))

        until(lambda: len(beats) > 1)
        time.sleep(0.3)
    finally:
        worker.stop()

    assert len(beats) == 2


# --- Being woken -----------------------------------------------------------------------------


def test_what_this_process_queues_wakes_its_worker_at_once(app, example, tmp_path, monkeypatch):
    monkeypatch.setattr(heartbeat, "LOOK_EVERY", timedelta(minutes=5))
    worker = EmbeddedWorker(example, tmp_path)
    worker.start()
    try:
        until(lambda: waiting(example) == 0 and not worker._is_beating)
        with at_desk(example) as work:
            open_case(work, now=NOW)

        until(lambda: waiting(example) == 0)
    finally:
        worker.stop()


def test_a_wake_up_during_a_beat_is_not_lost(example, done, monkeypatch):
    looks = []

    def look(session):
        looks.append(1)
        if len(looks) == 1:
            done.wake()
        return NextDue(None, None, None)

    monkeypatch.setattr(heartbeat, "next_due", look)

    done.beat()

    assert len(looks) == 2


def test_mail_that_cannot_leave_is_not_tried_at_every_look_but_does_not_hold_up_the_rest(
    app, tmp_path, mailer, monkeypatch
):
    with at_desk(app) as work:
        make_organisation(work, now=NOW, roles=(Role.HANDLER, Role.DECIDER))
        open_case(work, now=NOW)
    rounds = []
    monkeypatch.setattr(
        heartbeat, "do_round", lambda *_, **how: rounds.append(1) or do_round(*_, **how)
    )
    with workers(app, tmp_path) as (worker,):
        worker.beat()
        tried = len(rounds)
        for _ in range(5):
            worker.beat()
        assert len(rounds) == tried
        assert 0 < worker._rest_until - time.monotonic() <= STUCK_PAUSE.total_seconds()
        with at_desk(app) as work:
            make_organisation(work, "VID", now=NOW, roles=(Role.DECIDER,), is_example=True)
            open_case(work, now=NOW, code="VID", by=Role.DECIDER)
        worker.wake()

        worker.beat()

        assert mailer.letters
        assert waiting(app) > 0
