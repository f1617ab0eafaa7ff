"""What a worker of any runner says of itself: to the database, and to the monitor outside."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from flask import Flask
from sqlalchemy.orm import Session

from breachdesk.domain.work import Runner
from breachdesk.services.monitor import Monitor, tell_monitor
from breachdesk.services.workers import beat, say_stopped
from breachdesk.workers.faults import log_fault

# The database is asked whether it is time no more often than this, in seconds.
ASK_EVERY = 10.0


class SignsOfLife:
    """Each may fail, is logged then, and ends nothing."""

    def __init__(self, app: Flask, name: str, runner: Runner) -> None:
        self.name = name
        self._app, self._runner = app, runner
        self._clock = app.extensions["clock"]
        self._monitor: Monitor | None = app.extensions.get("monitor")
        self._asked_at = -ASK_EVERY

    def beat(self) -> None:
        """Write down that we live."""
        self._try(
            "the heartbeat",
            lambda session: beat(session, self.name, self._runner, self._clock()),
        )

    def stop(self) -> None:
        """Write down that we end."""
        self._try(
            "the last heartbeat", lambda session: say_stopped(session, self.name, self._clock())
        )

    @property
    def may_tell_monitor(self) -> bool:
        """Whether there is a monitor, and it may be time."""
        return self._monitor is not None and monotonic() - self._asked_at >= ASK_EVERY

    def tell_monitor(self) -> None:
        """Tell the monitor that work goes well, if it is time; may take seconds."""
        monitor = self._monitor
        if monitor is not None:
            self._asked_at = monotonic()
            self._try(
                "the call of the monitor",
                lambda session: tell_monitor(session, monitor, clock=self._clock),
            )

    def _try(self, what: str, task: Callable[[Session], object]) -> None:
        try:
            with session_of(self._app) as session:
                task(session)
        except Exception as fault:
            log_fault(what, fault)


@contextmanager
def session_of(app: Flask) -> Iterator[Session]:
    """A session of the application's own, closed at the end."""
    with app.app_context():
        session: Session = app.extensions["sqlalchemy"].session()
        yield session
