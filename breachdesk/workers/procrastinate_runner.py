"""The runner for many machines: our services as tasks of Procrastinate, on PostgreSQL.

Procrastinate decides who runs what and when; the claim on a row keeps it neither lost nor
doubled, as everywhere. What it does not give is here: a job of a killed worker is retried
(it would stay "doing" for ever), and a worker whose connection broke begins again (it
would end).
"""

import asyncio
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from procrastinate import App
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job, Status
from sqlalchemy.orm import Session

from breachdesk.domain.work import HEARTBEAT_EVERY, Runner
from breachdesk.services.acting import Desk
from breachdesk.services.due_work import next_due
from breachdesk.services.jobs import do_next_job
from breachdesk.services.reminders import emit_due_reminders
from breachdesk.services.sending import batches_due, deliver_due
from breachdesk.workers.faults import log_fault
from breachdesk.workers.heartbeat import worker_name
from breachdesk.workers.one_alone import InstanceLock
from breachdesk.workers.procrastinate_app import DELIVER, DO_JOB, connector_to, prepare_tables
from breachdesk.workers.rounds import mend
from breachdesk.workers.signs_of_life import SignsOfLife, session_of

log = logging.getLogger(__name__)

TICK, RETRY_STALLED = "tick", "retry_stalled"
# A machine's clock that differs so much from one look to the next was set, or slept. In seconds.
JUMP, LOOK_AT_CLOCK_EVERY = 30.0, 1.0
# One tick posts no more batches than this; the next one follows in a few seconds.
MOST_POSTED = 16


@dataclass(frozen=True)
class Pace:
    """How often each thing happens, in seconds."""

    # Reminders and second attempts may be late by this; what is queued is posted at once.
    tick_every: int = 5
    retry_every: int = 15
    heartbeat: float = 10.0
    # Silent for longer, a worker is held to be dead and its jobs are retried.
    gone_after: float = 30.0
    poll: float = 5.0
    pause_after_fault: float = 2.0


AT_EASE = Pace()


class ProcrastinateWorker:
    """A worker in a thread with a loop of its own, inside a web process or alone.

    One piece of each kind at a time: a dossier holds up no mail, mail no tick. Mail to
    several servers goes side by side within one piece.
    """

    def __init__(self, app: Flask, url: str, instance: Path, pace: Pace = AT_EASE) -> None:
        self.name = worker_name()
        self._app, self._url, self._pace = app, url, pace
        self._desk: Desk = app.extensions["desk"]
        self._clock = app.extensions["clock"]
        self._catcher = app.extensions["catcher"]
        self._lock = InstanceLock(instance)
        self._signs = SignsOfLife(app, self.name, Runner.PROCRASTINATE)
        self._connector = connector_to(url)
        # Only the first is told of the periodic tasks: once is enough in a process.
        self._ticks, self._pieces = App(connector=self._connector), App(connector=self._connector)
        self._define_tasks()
        self._thread = threading.Thread(target=self._run_loop, name="procrastinate")
        self._has_begun = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_over = asyncio.Event()

    # --- From outside ------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to work, in the background."""
        self._thread.start()
        self._has_begun.wait()

    def stop(self) -> None:
        """Let the pieces under way finish, then stop and say so."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._is_over.set)
            self._thread.join()
            self._signs.stop()
        self._catcher.stop()
        self._lock.let_go()

    # --- The loop ----------------------------------------------------------------------------

    def _run_loop(self) -> None:
        asyncio.run(self._live())

    async def _live(self) -> None:
        """Work until told to stop; begin again after whatever ended it."""
        self._loop = asyncio.get_running_loop()
        self._has_begun.set()
        end = asyncio.create_task(self._is_over.wait())
        while not end.done():
            working = asyncio.create_task(self._work())
            await asyncio.wait({working, end}, return_when=asyncio.FIRST_COMPLETED)
            working.cancel()
            (outcome,) = await asyncio.gather(working, return_exceptions=True)
            if isinstance(outcome, Exception):
                log_fault("a stretch of work", outcome)
            await asyncio.wait({end}, timeout=self._pace.pause_after_fault)

    async def _work(self) -> None:
        await asyncio.to_thread(prepare_tables, self._url)
        self._catch_mail()
        async with self._ticks.open_async():
            tasks = [
                asyncio.create_task(self._beat()),
                asyncio.create_task(_until_clock_jumps()),
                asyncio.create_task(self._serve(self._ticks, TICK)),
                asyncio.create_task(self._serve(self._pieces, DELIVER)),
                asyncio.create_task(self._serve(self._pieces, DO_JOB)),
            ]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            for outcome in outcomes:
                if isinstance(outcome, Exception):
                    raise outcome

    async def _serve(self, jobs: App, queue: str) -> None:
        """Do what waits in a queue; ends by itself when the database went away."""
        await jobs.run_worker_async(
            name=f"{self.name}:{queue}",
            queues=[queue],
            concurrency=1,
            fetch_job_polling_interval=self._pace.poll,
            update_heartbeat_interval=self._pace.heartbeat,
            stalled_worker_timeout=self._pace.gone_after,
            # What became of it stands in our own rows.
            delete_jobs="always",
            install_signal_handlers=False,
        )

    async def _beat(self) -> None:
        """Each process says for itself that it lives: a tick is done by one of them."""
        while True:
            await asyncio.to_thread(self._signs.beat)
            await asyncio.sleep(HEARTBEAT_EVERY.total_seconds())

    def _catch_mail(self) -> None:
        """One process of a machine without a mail server keeps the mail of examples."""
        if self._desk.mail_server is None and self._desk.catcher is None and self._lock.take():
            self._catcher.start()
            self._desk = self._desk.with_catcher(self._catcher.host, self._catcher.port)

    # --- The tasks ---------------------------------------------------------------------------

    def _define_tasks(self) -> None:
        """No task fails in Procrastinate's eyes: what is left undone lies in its rows."""
        tick = self._ticks.task(name=TICK, queue=TICK, queueing_lock=TICK)(self._tick)
        self._ticks.periodic(cron=every(self._pace.tick_every))(tick)
        retry = self._ticks.task(
            name=RETRY_STALLED, queue=TICK, queueing_lock=RETRY_STALLED, priority=1
        )(self._retry_stalled)
        self._ticks.periodic(cron=every(self._pace.retry_every))(retry)
        self._pieces.task(name=DELIVER, queue=DELIVER)(self._deliver)
        self._pieces.task(name=DO_JOB, queue=DO_JOB)(self._do_job)

    def _tick(self, timestamp: int) -> None:
        with self._in_session("a tick") as session:
            self._emit_and_post(session)
            self._signs.tell_monitor(self._desk)

    def _emit_and_post(self, session: Session) -> None:
        """Queue the reminders that are due; post again whatever is due and waits for nobody."""
        mend(self._app, session)
        emit_due_reminders(session, now=self._clock())
        now = self._clock()
        batches = batches_due(session, self._desk, now=now, at_most=MOST_POSTED)
        next_job_at = next_due(session).jobs
        session.commit()
        for number in range(batches):
            self._post(DELIVER, f"{DELIVER}:{number}")
        if next_job_at is not None and next_job_at <= now:
            self._post(DO_JOB, DO_JOB)

    def _deliver(self) -> None:
        """Batch after batch of what is due; other processes take other batches meanwhile."""
        with self._in_session("a delivery") as session:
            deliver_due(
                session,
                self._desk,
                worker=self.name,
                clock=self._clock,
                may_go_on=lambda: not self._is_over.is_set(),
            )

    def _do_job(self) -> None:
        """One job; whether there are more, the next piece will see."""
        with self._in_session("a job") as session:
            if do_next_job(session, self._desk, worker=self.name, clock=self._clock):
                self._post(DO_JOB, DO_JOB)

    @contextmanager
    def _in_session(self, what: str) -> Iterator[Session]:
        try:
            with session_of(self._app) as session:
                yield session
            self._signs.went_well(what)
        except Exception as fault:
            self._signs.failed(what, fault)

    def _post(self, task: str, lock: str) -> None:
        """Post a piece, unless one like it waits already."""
        assert self._loop is not None
        piece = self._pieces.configure_task(task, queue=task, queueing_lock=lock)
        with suppress(AlreadyEnqueued):
            asyncio.run_coroutine_threadsafe(piece.defer_async(), self._loop).result()

    async def _retry_stalled(self, timestamp: int) -> None:
        """Procrastinate leaves the pieces of a killed worker as they are: give them to others."""
        manager, gone_after = self._ticks.job_manager, self._pace.gone_after
        try:
            for piece in await manager.get_stalled_jobs(seconds_since_heartbeat=gone_after):
                log.warning("A worker is gone: another gets its piece %s", piece.task_name)
                await self._retry(piece)
            await manager.prune_stalled_workers(gone_after)
        except ConnectorException as fault:
            log_fault("to retry what is stalled", fault)

    async def _retry(self, piece: Job) -> None:
        manager = self._ticks.job_manager
        assert piece.id is not None
        try:
            await manager.retry_job(piece)
        except ConnectorException:
            # One with its queueing lock waits already: that one will do.
            await manager.finish_job_by_id_async(piece.id, Status.FAILED, delete_job=True)


async def _until_clock_jumps() -> None:
    """Return once the machine's clock was set back or forward: then all begins anew.

    What posts the ticks keeps in mind when it last did. Set back by an hour, it would post none
    for that hour; after a sleep of a day, all of that day's, one after the other.
    """
    difference = time.time() - time.monotonic()
    while abs(time.time() - time.monotonic() - difference) < JUMP:
        await asyncio.sleep(LOOK_AT_CLOCK_EVERY)
    log.warning("The machine's clock has jumped: this worker begins anew")


def every(seconds: int) -> str:
    """A cron line of six fields: the last one is the seconds (croniter)."""
    return f"* * * * * */{seconds}"
