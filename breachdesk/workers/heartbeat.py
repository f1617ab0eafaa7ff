"""The embedded worker: it asks the database what is due, and sleeps until then.

APScheduler only beats; what is due lies in rows, and their claims make it safe that any
number of processes work at once on PostgreSQL. SQLite takes one writer at a time: there a
lock on the instance folder lets one process work, and when that one dies the next beat of
another takes over.

Large pieces of work have a thread of their own: while a dossier is made, or a list of a
million lines is taken in, reminders are emitted and mail leaves.
"""

import logging
import os
import secrets
import socket
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

from apscheduler.jobstores.base import JobLookupError
from flask import Flask

from breachdesk.domain.work import HEARTBEAT_EVERY, Runner
from breachdesk.services.acting import Desk
from breachdesk.services.due_work import next_due
from breachdesk.workers.one_alone import InstanceLock
from breachdesk.workers.rounds import do_jobs, do_round
from breachdesk.workers.signs_of_life import SignsOfLife, session_of
from breachdesk.workers.steady_scheduler import SteadyScheduler

log = logging.getLogger(__name__)

# How often we ask whether something is due: one cheap statement. What this process queues
# wakes its worker at once; this is for what other processes queue.
LOOK_EVERY = timedelta(seconds=2)
# A whole round, due or not: it also mends what has no moment of its own.
ROUND_EVERY = timedelta(seconds=30)
# What is due and could not be done, such as mail without a server, is tried again so often.
STUCK_PAUSE = timedelta(seconds=5)
# After the first fault; doubled at each, up to the longest.
FAULT_PAUSE, LONGEST_FAULT_PAUSE = timedelta(seconds=1), timedelta(seconds=30)
# A round of which we need not wait for the end to say that it goes well.
LONG_ROUND = timedelta(minutes=1)
# APScheduler lets no beat begin before the one before has left.
SOONEST = timedelta(milliseconds=100)
BEAT, JOBS, HEARTBEAT, PING = "beat", "jobs", "heartbeat", "ping"
ROUND, JOB = "a round", "a job"
ONE_AT_A_TIME = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}


def worker_name() -> str:
    """Names this worker among all, in 40 characters; each life of a process has its own."""
    return f"{socket.gethostname()[:24]}:{os.getpid()}:{secrets.token_hex(3)}"


class EmbeddedWorker:
    """A worker inside a web process, or alone in `python -m breachdesk worker`."""

    def __init__(self, app: Flask, instance: Path) -> None:
        self.name = worker_name()
        self._app = app
        self._desk: Desk = app.extensions["desk"]
        self._clock = app.extensions["clock"]
        self._catcher = app.extensions["catcher"]
        self._lock = InstanceLock(instance)
        self._signs = SignsOfLife(app, self.name, Runner.EMBEDDED)
        self._scheduler = SteadyScheduler(furthest=2 * max(LOOK_EVERY, HEARTBEAT_EVERY))
        with app.app_context():
            self._works_alone = app.extensions["sqlalchemy"].engine.dialect.name == "sqlite"
        # Guards the two after it: a wake-up is lost neither before a beat nor during one.
        self._gate = threading.Lock()
        self._is_beating = self._is_woken = False
        self._is_at_work = self._is_stopping = self._is_at_a_job = False
        # By the desk's clock: when the last whole round began.
        self._round_at: datetime | None = None
        # By the process's own, which knows no jumps: until when we hold back.
        self._rest_until = 0.0
        self._faults = 0

    # --- From outside ------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to beat, in the background."""
        self._every(LOOK_EVERY, self.beat, BEAT)
        self._every(LOOK_EVERY, self.do_jobs, JOBS)
        self._every(HEARTBEAT_EVERY, self._say_alive, HEARTBEAT)
        self._app.extensions["wake"] = self.wake
        self._scheduler.start()

    def stop(self) -> None:
        """Let the round and the job under way finish, then stop and say so."""
        self._is_stopping = True
        self._app.extensions["wake"] = lambda: None
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        if self._is_at_work:
            self._signs.stop()
        self._catcher.stop()
        self._lock.let_go()

    def wake(self) -> None:
        """Look at once, for something was queued; from any thread, waits for nothing."""
        with self._gate:
            self._is_woken = True
            is_beating = self._is_beating
        if not is_beating:
            self._beat_in(timedelta(0))
        if not self._is_at_a_job:
            self._bring_forward(JOBS, datetime.now(UTC))

    # --- Beating -----------------------------------------------------------------------------

    def beat(self) -> None:
        """Look, and do what is due. A fault is logged; a later beat tries again."""
        with self._gate:
            self._is_beating = True
        while True:
            with self._gate:
                is_woken, self._is_woken = self._is_woken, False
            self._beat_once(is_woken=is_woken)
            with self._gate:
                if self._is_stopping or not self._is_woken:
                    self._is_beating = False
                    return

    def _beat_once(self, *, is_woken: bool) -> None:
        is_resting = monotonic() < self._rest_until
        # What cannot be done for now waits; what is new need not. A fault waits in any case.
        if is_resting and (self._faults or not is_woken):
            return
        try:
            if self._may_work():
                self._look_and_work()
                self._faults = 0
                self._signs.went_well(ROUND)
        except Exception as fault:
            self._signs.failed(ROUND, fault)
            self._faults += 1
            pause = FAULT_PAUSE * 2 ** min(self._faults - 1, 10)
            self._rest(min(pause, LONGEST_FAULT_PAUSE))

    def _look_and_work(self) -> None:
        while not self._is_stopping:
            now = self._clock()
            with session_of(self._app) as session:
                due_at = next_due(session).first_but_jobs
            is_due = due_at is not None and due_at <= now
            if due_at is not None and not is_due:
                self._beat_in(due_at - now)
            if not is_due and not self._is_time_for_a_round(now):
                return
            if not self._do_round(now):
                if is_due:
                    self._rest(STUCK_PAUSE)
                return

    def _do_round(self, now: datetime) -> bool:
        """Do a whole round; whether there was anything that could be done."""
        self._round_at, began = now, monotonic()

        def is_going_on() -> None:
            if monotonic() - began > LONG_ROUND.total_seconds() and not self._faults:
                self._tell_monitor()

        work = do_round(
            self._app,
            self._desk,
            worker=self.name,
            as_it_goes=is_going_on,
            may_go_on=lambda: not self._is_stopping,
            with_jobs=False,
        )
        self._tell_monitor()
        return work.is_any

    def do_jobs(self) -> None:
        """Do the jobs that are due, beside the rounds. A fault is logged; a later look goes on."""
        if not self._is_at_work:
            return
        self._is_at_a_job = True
        try:
            do_jobs(
                self._app,
                self._desk,
                worker=self.name,
                may_go_on=lambda: not self._is_stopping,
            )
            self._signs.went_well(JOB)
        except Exception as fault:
            self._signs.failed(JOB, fault)
        finally:
            self._is_at_a_job = False

    def _is_time_for_a_round(self, now: datetime) -> bool:
        last = self._round_at
        # A clock that was set back is no reason to wait until it has caught up.
        return last is None or not timedelta(0) <= now - last < ROUND_EVERY

    def _may_work(self) -> bool:
        """Whether this process works; on SQLite one does. One also runs the mail catcher."""
        needs_catcher = self._desk.mail_server is None and self._desk.catcher is None
        is_first = (self._works_alone or needs_catcher) and self._lock.take()
        if is_first and needs_catcher:
            self._catcher.start()
            self._desk = self._desk.with_catcher(self._catcher.host, self._catcher.port)
        if not self._is_at_work and (is_first or not self._works_alone):
            self._is_at_work = True
            log.info("This process does the desk's work: %s", self.name)
            self._signs.beat()
        return self._is_at_work

    # --- Timers ------------------------------------------------------------------------------

    def _every(self, period: timedelta, task: object, name: str) -> None:
        now = datetime.now(UTC)
        self._scheduler.add_job(
            task,
            "interval",
            seconds=period.total_seconds(),
            id=name,
            next_run_time=now,
            **ONE_AT_A_TIME,
        )

    def _beat_in(self, delay: timedelta) -> None:
        """Bring the next beat forward, if it would be later than that."""
        if delay >= LOOK_EVERY or not self._scheduler.running:
            return
        self._bring_forward(
            BEAT, datetime.now(UTC) + (max(delay, SOONEST) if self._is_beating else delay)
        )

    def _bring_forward(self, name: str, at: datetime) -> None:
        if not self._scheduler.running:
            return
        try:
            planned = self._scheduler.get_job(name)
            if planned is not None and planned.next_run_time > at:
                planned.modify(next_run_time=at)
        except JobLookupError:
            log.debug("The worker stops: no further %s", name)

    def _rest(self, pause: timedelta) -> None:
        self._rest_until = monotonic() + pause.total_seconds()

    def _say_alive(self) -> None:
        """From the scheduler's own thread: a long round does not make us look dead."""
        if self._is_at_work:
            self._signs.beat()

    def _tell_monitor(self) -> None:
        """In a thread of its own: a monitor that does not answer holds up nothing."""
        if self._signs.may_tell_monitor and self._scheduler.running and not self._is_stopping:
            self._scheduler.add_job(
                self._signs.tell_monitor,
                args=[self._desk],
                id=PING,
                replace_existing=True,
                **ONE_AT_A_TIME,
            )
