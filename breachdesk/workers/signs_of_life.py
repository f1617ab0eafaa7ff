"""What a worker of any runner says of itself: to the database, and to the monitor outside."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from flask import Flask
from sqlalchemy.orm import Session

from breachdesk.domain.work import SILENCE_IS_SAID_AFTER, Runner
from breachdesk.services.acting import Desk
from breachdesk.services.monitor import Monitor, tell_monitor
from breachdesk.services.stuck_work import is_work_stuck
from breachdesk.services.workers import beat, say_stopped
from breachdesk.workers.faults import log_fault

log = logging.getLogger(__name__)

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
        # By what was to be done: when it first failed, and when last, with no success between.
        self._failing: dict[str, tuple[float, float]] = {}

    def went_well(self, what: str) -> None:
        """Note that something was done."""
        self._failing.pop(what, None)

    def failed(self, what: str, fault: Exception) -> None:
        """Log that something was not done, and note it; see `log_fault`."""
        log_fault(what, fault)
        last = monotonic()
        first, _ = self._failing.get(what, (last, last))
        self._failing[what] = first, last

    @property
    def does_nothing_but_fail(self) -> bool:
        """Whether something has failed, again and again, for as long as silence is borne.

        What failed once and was then done by another process says nothing of us.
        """
        long = SILENCE_IS_SAID_AFTER.total_seconds()
        now = monotonic()
        # A copy: other threads note things meanwhile.
        return any(
            last - first >= long and now - last < long for first, last in [*self._failing.values()]
        )

    def beat(self) -> None:
        """Write down that we live, unless we do nothing but fail: then every page must say so."""
        if self.does_nothing_but_fail:
            return
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

    def tell_monitor(self, desk: Desk) -> None:
        """Tell the monitor that work goes well, if it does and it is time; may take seconds."""
        monitor = self._monitor
        if monitor is None or not self.may_tell_monitor:
            return
        self._asked_at = monotonic()

        def tell(session: Session) -> None:
            if is_work_stuck(session, desk, now=self._clock()):
                log.warning("The monitor outside is not told that all is well: work is stuck")
                return
            tell_monitor(session, monitor, clock=self._clock)

        self._try("the call of the monitor", tell)

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
