"""One round of work: whatever is due now."""

from dataclasses import dataclass

from flask import Flask

from breachdesk.services.acting import Desk
from breachdesk.services.deliveries import Round, deliver_due
from breachdesk.services.reminders import emit_due_reminders


@dataclass(frozen=True)
class Work:
    """What one round did: reminder mails queued, deliveries by outcome."""

    reminders: int
    deliveries: Round


def do_round(app: Flask, desk: Desk, *, worker: str) -> Work:
    """Queue the reminders that are due, then send all mail that is due."""
    clock = app.extensions["clock"]
    with app.app_context():
        session = app.extensions["sqlalchemy"].session()
        reminders = emit_due_reminders(session, now=clock())
        deliveries = deliver_due(session, desk, worker=worker, clock=clock)
        return Work(reminders, deliveries)
