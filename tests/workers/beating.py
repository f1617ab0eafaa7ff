"""Workers whose beats a test gives, and what they leave in the database."""

import time
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select, text

from breachdesk.models import Delivery
from breachdesk.workers.heartbeat import EmbeddedWorker
from tests.cases import MONDAY_NINE, at_desk

NOW = MONDAY_NINE
PATIENCE_SECONDS = 20
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@contextmanager
def workers(app, folder, count=1):
    """Workers whose timers stand still: the test beats."""
    made = [EmbeddedWorker(app, folder) for _ in range(count)]
    for worker in made:
        worker._scheduler.start(paused=True)
    try:
        yield made
    finally:
        for worker in made:
            worker.stop()


def counted(app, column, *conditions):
    with at_desk(app) as work:
        return work.session.scalar(select(func.count(column)).where(*conditions))


def waiting(app):
    return counted(app, Delivery.id, Delivery.state.in_(("queued", "sending")))


def until(condition):
    """Wait for what another thread does."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up, "It never came."
        time.sleep(0.01)


def run(app, statement):
    with at_desk(app) as work:
        work.session.execute(text(statement))
        work.session.commit()
