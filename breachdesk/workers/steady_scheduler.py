"""APScheduler, made to survive a clock that is set back."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

# It never sleeps longer than this, in seconds.
LONGEST_SLEEP = 2.0


class SteadyScheduler(BackgroundScheduler):  # type: ignore[misc]
    """Plans by the wall clock, as APScheduler does, and is not led astray by it.

    Set back by an hour, APScheduler would sleep for that hour. Whatever lies further ahead
    than anything is ever planned is due at once.

    Args:
        furthest: how far ahead anything is planned at most.
    """

    def __init__(self, *, furthest: timedelta) -> None:
        super().__init__(timezone="UTC")
        self._furthest = furthest

    def _process_jobs(self) -> float:
        now = datetime.now(UTC)
        for job in self.get_jobs():
            if job.next_run_time is not None and job.next_run_time - now > self._furthest:
                # Told to end meanwhile, the scheduler has thrown its jobs away.
                with suppress(JobLookupError):
                    job.modify(next_run_time=now)
        wait: float | None = super()._process_jobs()
        return LONGEST_SLEEP if wait is None else min(wait, LONGEST_SLEEP)
