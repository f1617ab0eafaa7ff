"""What is counted of an address is gone once its time is up: the public form promises it."""

from datetime import timedelta

from sqlalchemy import select

from breachdesk.domain.throttling import LIMITS, Attempt
from breachdesk.models import Throttle
from breachdesk.services.sweeping import SWEEP_EVERY
from breachdesk.services.throttling import count_attempt
from breachdesk.workers.rounds import do_round
from tests.cases import MONDAY_NINE, at_desk

HOUR = LIMITS[Attempt.PUBLIC_REPORT_ADDRESS].window


def kinds(app) -> set[str]:
    with at_desk(app) as work:
        return set(work.session.scalars(select(Throttle.kind)))


def test_a_round_of_the_worker_throws_away_windows_that_are_over(app, clock):
    with at_desk(app) as work:
        for attempt in (Attempt.PUBLIC_REPORT_ADDRESS, Attempt.ROBOT_CHALLENGE):
            count_attempt(work.session, work.desk.vault, attempt, "192.0.2.7", now=MONDAY_NINE)

    clock.now = MONDAY_NINE + HOUR - timedelta(seconds=1)
    do_round(app, app.extensions["desk"], worker="w")
    assert kinds(app) == {"public_report_address", "robot_challenge"}
    clock.now += SWEEP_EVERY
    do_round(app, app.extensions["desk"], worker="w")

    # A challenge lasts longer than an hour: one answered wrongly stays known as that.
    assert kinds(app) == {"robot_challenge"}
