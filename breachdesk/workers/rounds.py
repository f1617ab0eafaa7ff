"""One round of work: whatever is due now."""

from dataclasses import dataclass, field
from datetime import datetime

from flask import Flask

from breachdesk.services.acting import Desk
from breachdesk.services.case_access import keep_restricted_cases_led
from breachdesk.services.deliveries import Round
from breachdesk.services.installation import note_worker
from breachdesk.services.reminders import emit_due_reminders
from breachdesk.services.sending import deliver_due
from breachdesk.services.sweeping import SWEEP_EVERY, sweep


@dataclass
class Work:
    """What one round did: reminder mails queued, deliveries by outcome."""

    reminders: int = 0
    deliveries: Round = field(default_factory=Round)


def do_round(app: Flask, desk: Desk, *, worker: str) -> Work:
    """Queue the reminders that are due and send all mail that is due.

    Between two batches of a long run the reminders that have fallen due meanwhile go first.
    """
    clock = app.extensions["clock"]
    with app.app_context():
        session = app.extensions["sqlalchemy"].session()
        work = Work()

        keep_restricted_cases_led(session, now=clock())
        _sweep_in_turn(app, now=clock())

        def remind() -> None:
            note_worker(session, now=clock())
            work.reminders += emit_due_reminders(session, now=clock())

        work.deliveries = deliver_due(
            session, desk, worker=worker, clock=clock, before_each_batch=remind
        )
        return work


def _sweep_in_turn(app: Flask, *, now: datetime) -> None:
    """At the first round of a process, and then every few minutes: nothing waits for it."""
    swept_at = app.extensions.get("swept_at")
    if swept_at is None or now - swept_at >= SWEEP_EVERY:
        app.extensions["swept_at"] = now
        sweep(app.extensions["sqlalchemy"].session(), now=now)
