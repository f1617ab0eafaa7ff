"""The embedded worker: a heartbeat that asks the database what is due.

APScheduler only beats; what is due lies in rows, and their claims make it safe that
several processes beat at once. A lock on the instance folder spares them the work: one
process holds it, and when that one dies the next beat of another takes over.
"""

import fcntl
import logging
import os
import socket
from pathlib import Path
from typing import IO

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy.exc import DBAPIError

from breachdesk.services.acting import Desk
from breachdesk.workers.rounds import do_round

log = logging.getLogger(__name__)

BEAT_SECONDS = 2


def worker_name() -> str:
    """Names this process among all workers."""
    return f"{socket.gethostname()[:24]}:{os.getpid()}"


class EmbeddedWorker:
    """A worker inside a web process, or alone in `python -m breachdesk worker`."""

    def __init__(self, app: Flask, instance: Path) -> None:
        self._app = app
        self._desk: Desk = app.extensions["desk"]
        self._lock_path = instance / "worker.lock"
        self._lock: IO[str] | None = None
        self._catcher = app.extensions["catcher"]
        self._scheduler = BackgroundScheduler(timezone="UTC")

    def start(self) -> None:
        """Begin to beat, in the background."""
        self._scheduler.add_job(
            self.beat,
            "interval",
            seconds=BEAT_SECONDS,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        self._scheduler.start()

    def stop(self) -> None:
        """Let the round under way finish, then stop."""
        self._scheduler.shutdown(wait=True)
        if self._lock is not None:
            self._catcher.stop()
            self._lock.close()

    def beat(self) -> None:
        """Do what is due, if no other process does. A fault is logged; the next beat retries."""
        if not self._is_ours():
            return
        try:
            do_round(self._app, self._desk, worker=worker_name())
        except DBAPIError as fault:
            log.warning("Nothing was done: the database does not answer (%s)", fault.orig)
        except Exception:
            log.exception("A round of the worker failed; it will be tried again")

    def _is_ours(self) -> bool:
        """Take the lock if nobody has it; the one who does also runs the mail catcher."""
        if self._lock is not None:
            return True
        lock = self._lock_path.open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            return False
        self._lock = lock
        if self._desk.mail_server is None:
            self._catcher.start()
            self._desk = self._desk.with_catcher(self._catcher.host, self._catcher.port)
        log.info("This process does the desk's work: %s", worker_name())
        return True
