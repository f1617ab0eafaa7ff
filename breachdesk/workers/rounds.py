"""One round of work: whatever is due now."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy.orm import Session

from breachdesk.services.acting import Desk
from breachdesk.services.case_access import keep_restricted_cases_led
from breachdesk.services.deliveries import Round
from breachdesk.services.dossier_retention import erase_old_dossiers
from breachdesk.services.due_work import is_job_due
from breachdesk.services.jobs import do_next_job
from breachdesk.services.reminders import emit_due_reminders
from breachdesk.services.sending import deliver_due
from breachdesk.services.sweeping import SWEEP_EVERY, sweep


@dataclass
class Work:
    """What one round did: reminder mails queued, deliveries by outcome, large pieces."""

    reminders: int = 0
    deliveries: Round = field(default_factory=Round)
    jobs: int = 0

    @property
    def is_any(self) -> bool:
        """Whether anything was there to do that could be done."""
        return bool(self.reminders or self.deliveries.handled or self.jobs)


def do_round(
    app: Flask,
    desk: Desk,
    *,
    worker: str,
    as_it_goes: Callable[[], object] = lambda: None,
    may_go_on: Callable[[], bool] = lambda: True,
    with_jobs: bool = True,
) -> Work:
    """Queue the reminders that are due, send all mail that is due, do the jobs that wait.

    Between two batches of a long run, and before each job, the reminders that have fallen
    due meanwhile go first.

    Args:
        as_it_goes: called again and again while it goes well.
        may_go_on: asked before each batch; once it says no, what is in hand was the last.
        with_jobs: whether to do the jobs in between. A worker that lives does them in a
            thread of their own (`do_jobs`): no reminder waits for the end of a dossier.
    """
    clock = app.extensions["clock"]
    with app.app_context():
        session = app.extensions["sqlalchemy"].session()
        work = Work()

        mend(app, session)

        def remind() -> None:
            work.reminders += emit_due_reminders(session, now=clock())
            as_it_goes()

        def send() -> None:
            work.deliveries.add(
                deliver_due(
                    session,
                    desk,
                    worker=worker,
                    clock=clock,
                    before_each_batch=remind,
                    may_go_on=may_go_on,
                )
            )

        send()
        while with_jobs and do_next_job(session, desk, worker=worker, clock=clock):
            work.jobs += 1
            send()
        return work


def do_jobs(app: Flask, desk: Desk, *, worker: str, may_go_on: Callable[[], bool]) -> int:
    """Do the jobs that are due, one after the other; how many were tried.

    Args:
        may_go_on: asked before each; once it says no, what is in hand was the last.
    """
    clock, tried = app.extensions["clock"], 0
    with app.app_context():
        session = app.extensions["sqlalchemy"].session()
        # A look costs nothing; to claim is to write, and on SQLite one writes at a time.
        while may_go_on() and is_job_due(session, now=clock()):
            if not do_next_job(session, desk, worker=worker, clock=clock):
                break
            tried += 1
    return tried


def mend(app: Flask, session: Session) -> None:
    """Put right what has no moment of its own: cases nobody leads, things that are over."""
    now = app.extensions["clock"]()
    keep_restricted_cases_led(session, now=now)
    _sweep_in_turn(app, now=now)


def _sweep_in_turn(app: Flask, *, now: datetime) -> None:
    """At the first round of a process, and then every few minutes: nothing waits for it."""
    swept_at = app.extensions.get("swept_at")
    if swept_at is None or not timedelta(0) <= now - swept_at < SWEEP_EVERY:
        app.extensions["swept_at"] = now
        session = app.extensions["sqlalchemy"].session()
        sweep(session, now=now)
        erase_old_dossiers(session, app.extensions["desk"].files, now=now)
