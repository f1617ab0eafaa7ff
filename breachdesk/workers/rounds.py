"""One round of work: whatever is due now."""

from dataclasses import dataclass, field

from flask import Flask

from breachdesk.services.acting import Desk
from breachdesk.services.deliveries import Round, deliver_due
from breachdesk.services.reminders import emit_due_reminders


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

        def remind() -> None:
            work.reminders += emit_due_reminders(session, now=clock())

        work.deliveries = deliver_due(
            session, desk, worker=worker, clock=clock, before_each_batch=remind
        )
        return work
