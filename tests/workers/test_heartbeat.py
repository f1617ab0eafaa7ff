"""The worker: it looks before it works, is woken, survives every fault, and ends cleanly."""

import logging
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import func, select, text

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import DeliveryState
from breachdesk.domain.work import SILENCE_IS_SAID_AFTER, JobState, Runner
from breachdesk.mail.memory import MemoryMailer
from breachdesk.models import Delivery, Incident, Job, Reminder, Worker
from breachdesk.services import deliveries, dossiers, job_requests
from breachdesk.services.due_work import NextDue
from breachdesk.services.monitor import Monitor
from breachdesk.workers import heartbeat, signs_of_life
from breachdesk.workers.heartbeat import LOOK_EVERY, ROUND_EVERY, STUCK_PAUSE, EmbeddedWorker
from breachdesk.workers.rounds import Work, do_round
from breachdesk.workers.signs_of_life import SignsOfLife
from tests.cases import MONDAY_NINE, at_desk, make_organisation, open_case, seat, start_sending
from tests.queries import counted_queries
from tests.services.letters_to_many import approved_notice
from tests.services.test_monitor import listening

NOW = MONDAY_NINE
PATIENCE_SECONDS = 20
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def example(app):
    """An example organisation with a report, and no mail server but the catcher."""
    with at_desk(app) as work:
        make_organisation(work, now=NOW, roles=(Role.HANDLER, Role.DECIDER), is_example=True)
        open_case(work, now=NOW)
    return app


@contextmanager
def workers(app, folder, count=1):
    """Workers whose timers stand still: the test beats."""
    made = [EmbeddedWorker(app, folder) for _ in range(count)]
    for worker in made:
        worker._scheduler.start(paused=True)
    try:
        yield made
    finally:
        for worker in made:
            worker.stop()


def counted(app, column, *conditions):
    with at_desk(app) as work:
        return work.session.scalar(select(func.count(column)).where(*conditions))


def waiting(app):
    return counted(app, Delivery.id, Delivery.state.in_(("queued", "sending")))


def until(condition):
    """Wait for what another thread does."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up, "It never came."
        time.sleep(0.01)


def run(app, statement):
    with at_desk(app) as work:
        work.session.execute(text(statement))
        work.session.commit()


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


@pytest.fixture
def done(example, tmp_path):
    """A worker that has done all there is to do."""
    with workers(example, tmp_path) as (worker,):
        worker.beat()
        assert waiting(example) == 0
        yield worker


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


# --- Faults ----------------------------------------------------------------------------------


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
        assert "test_heartbeat.py" in caplog.text
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


# --- Signs of life ---------------------------------------------------------------------------


class Stalled(MemoryMailer):
    """Takes a letter only once it is let go."""

    def __init__(self):
        super().__init__()
        self.is_asked = self.may_go = False

    def send(self, *arguments, **options):
        self.is_asked = True
        until(lambda: self.may_go)
        super().send(*arguments, **options)


def test_a_long_round_beats_all_the_same_and_a_stop_waits_for_its_end(
    example, tmp_path, clock, monkeypatch
):
    from dataclasses import replace

    monkeypatch.setattr(heartbeat, "HEARTBEAT_EVERY", timedelta(seconds=0.1))
    mailer = Stalled()
    example.extensions["desk"] = replace(example.extensions["desk"], mailer=mailer)
    worker = EmbeddedWorker(example, tmp_path)
    worker.start()
    seen = select(Worker.seen_at)
    try:
        until(lambda: mailer.is_asked)
        clock.now += timedelta(seconds=30)

        def beats_on():
            with at_desk(example) as work:
                return work.session.scalar(seen) == NOW + timedelta(seconds=30)

        until(beats_on)
    finally:
        mailer.may_go = True
        worker.stop()

    assert waiting(example) == 0
    with at_desk(example) as work:
        ended = work.session.scalars(select(Worker)).one()
        assert ended.stopped_at == NOW + timedelta(seconds=30)


@pytest.fixture
def outside(example):
    """A monitor that this worker is to tell every five minutes."""
    with listening() as found:
        example.extensions["monitor"] = Monitor(found.url, timedelta(minutes=5))
        yield found


def test_the_monitor_outside_is_told_after_a_round_that_went_well(example, outside, tmp_path):
    worker = EmbeddedWorker(example, tmp_path)
    worker.start()
    try:
        until(lambda: outside.heard)
    finally:
        worker.stop()

    assert len(outside.heard) == 1


def test_the_monitor_outside_hears_nothing_while_rounds_fail(
    example, outside, tmp_path, monkeypatch
):
    tried = []

    def fail(*_, as_it_goes, **__):
        tried.append(1)
        as_it_goes()
        raise ValueError

    monkeypatch.setattr(heartbeat, "do_round", fail)
    monkeypatch.setattr(heartbeat, "FAULT_PAUSE", timedelta(0))
    monkeypatch.setattr(heartbeat, "LOOK_EVERY", timedelta(seconds=0.1))
    worker = EmbeddedWorker(example, tmp_path)
    worker.start()
    try:
        until(lambda: len(tried) >= 3)
    finally:
        worker.stop()

    assert outside.heard == []


def test_a_long_round_tells_the_monitor_as_it_goes(example, outside, tmp_path, monkeypatch):
    def long(*_, as_it_goes, **__):
        as_it_goes()
        until(lambda: outside.heard)
        return Work()

    monkeypatch.setattr(heartbeat, "LONG_ROUND", -timedelta(seconds=1))
    monkeypatch.setattr(heartbeat, "do_round", long)
    worker = EmbeddedWorker(example, tmp_path)
    worker.start()
    try:
        # The round waits for it, and would not end else.
        until(lambda: outside.heard)
    finally:
        worker.stop()


# --- A long run ------------------------------------------------------------------------------


class Slow(MemoryMailer):
    """An hour passes with every letter to somebody affected."""

    clock = None

    def send(self, server, letters, on_answer, **options) -> None:
        def answer(letter, answered) -> None:
            if not letter.recipient_address.endswith("gir.example"):
                self.clock.now += timedelta(hours=1)
            on_answer(letter, answered)

        super().send(server, letters, answer, **options)


def test_a_reminder_that_falls_due_during_a_long_run_does_not_wait_for_its_end(
    app, clock, monkeypatch
):
    from dataclasses import replace

    from breachdesk.mail.mailer import MailServer

    monkeypatch.setattr(deliveries, "CLAIM_SIZE", 5)
    slow = Slow()
    slow.clock = clock
    with at_desk(app) as work:
        reference = approved_notice(work, 40)
        work.session.execute(text("UPDATE delivery SET state = 'sent'"))
        work.session.commit()
        start_sending(work, reference, now=NOW)
        server = MailServer("mail.example", 25)
        desk = replace(app.extensions["desk"], mailer=slow, mail_server=server)

    work_done = do_round(app, desk, worker="w")

    assert work_done.reminders >= 1
    places = [
        place
        for place, letter in enumerate(slow.letters)
        if letter.recipient_address.endswith("gir.example")
    ]
    # The first reminder of a clock falls due 24 hours after awareness.
    assert 24 <= places[0] <= 30
    with at_desk(app) as work:
        assert set(work.session.scalars(select(Delivery.state))) == {DeliveryState.SENT}


# --- Beside a large piece of work ------------------------------------------------------------


class SlowWork:
    """Printing that goes on until it is let go."""

    def __init__(self):
        self.has_begun = self.may_go = self.is_done = False

    def __call__(self, *_arguments):
        self.has_begun = True
        until(lambda: self.may_go)
        self.is_done = True
        return b"%PDF- printed"


@pytest.fixture
def slow_work(monkeypatch):
    """Every dossier takes its time."""
    work = SlowWork()
    monkeypatch.setattr(dossiers, "print_dossier", work)
    return work


def ask_for_dossier(app, now):
    with at_desk(app) as work:
        case = work.session.scalars(select(Incident)).one()
        by = seat(work, Role.HANDLER)
        job_requests.ask_for_dossier(work.session, case, "fr", by=by, now=now)


def test_while_a_job_runs_reminders_and_mail_go_out_and_a_stop_waits_for_it(
    example, tmp_path, clock, mailer, slow_work
):
    worker = EmbeddedWorker(example, tmp_path)
    worker.start()
    try:
        until(lambda: waiting(example) == 0)
        ask_for_dossier(example, NOW)
        until(lambda: slow_work.has_begun)
        with at_desk(example) as work:
            first = work.session.scalar(
                select(func.min(Reminder.remind_at)).where(Reminder.emitted_at.is_(None))
            )
        sent = len(mailer.letters)
        clock.now = first

        until(lambda: len(mailer.letters) > sent)
        until(lambda: waiting(example) == 0)
        assert counted(example, Reminder.id, Reminder.emitted_at == first) > 0
        assert not slow_work.is_done

        stopping = threading.Thread(target=worker.stop)
        stopping.start()
        stopping.join(0.2)
        assert stopping.is_alive()
    finally:
        slow_work.may_go = True
        worker.stop()
    stopping.join(PATIENCE_SECONDS)
    assert counted(example, Job.id, Job.state == JobState.DONE) == 1


def test_a_job_asked_for_in_this_process_is_begun_at_once(
    example, tmp_path, slow_work, monkeypatch
):
    slow_work.may_go = True
    monkeypatch.setattr(heartbeat, "LOOK_EVERY", timedelta(minutes=5))
    worker = EmbeddedWorker(example, tmp_path)
    worker.start()
    try:
        until(lambda: waiting(example) == 0 and not worker._is_beating)
        ask_for_dossier(example, NOW)

        until(lambda: slow_work.is_done)
    finally:
        worker.stop()


def test_a_look_for_jobs_that_finds_none_is_one_statement_and_no_write(example, done):
    with counted_queries(example) as asked:
        done.do_jobs()

    assert len(asked) == 1
    assert asked[0].startswith("SELECT"), asked


# --- Work that is stuck ----------------------------------------------------------------------


def test_the_monitor_outside_hears_nothing_while_work_is_stuck(example, outside, monkeypatch):
    signs, desk = SignsOfLife(example, "a", Runner.EMBEDDED), example.extensions["desk"]
    monkeypatch.setattr(signs_of_life, "ASK_EVERY", 0.0)
    run(example, "UPDATE delivery SET state = 'sent'")
    run(example, "UPDATE reminder SET remind_at = '2020-01-01 00:00:00.000000'")
    signs.tell_monitor(desk)
    assert outside.heard == []

    run(example, "UPDATE reminder SET cancelled_at = remind_at")
    signs.tell_monitor(desk)
    assert len(outside.heard) == 1


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
