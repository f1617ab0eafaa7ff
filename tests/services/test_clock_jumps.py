"""A machine's clock that ran ahead and was set right: nothing waits for what it meant."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from breachdesk.domain.deliveries import LEASE, LONGEST_PAUSE, DeliveryState
from breachdesk.domain.jobs import JOB_LEASE, PAUSES
from breachdesk.domain.work import JobKind, JobState
from breachdesk.models import Delivery, Job, Organisation, User
from breachdesk.services.clock_jumps import SLACK, bring_back
from breachdesk.services.deliveries import claim_due
from breachdesk.services.mail_routes import read_routes
from breachdesk.services.outage_mails import ASIDE
from tests.cases import MONDAY_NINE, incident, make_organisation, open_case
from tests.services.desks import let_work

NOW = MONDAY_NINE
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.fixture
def reference(work):
    make_organisation(work, now=NOW)
    return open_case(work, now=NOW)


def set_right(work, now=NOW):
    bring_back(work.session, now=now)
    work.session.commit()
    work.session.expire_all()


def mails(work, **values):
    work.session.execute(update(Delivery).values(**values))
    work.session.commit()


def test_mail_queued_by_a_clock_a_day_ahead_leaves_once_it_is_set_right(
    work, reference, mailer, caplog
):
    mails(work, queued_at=NOW + DAY, next_attempt_at=NOW + DAY)
    assert let_work(work, NOW).sent == 0

    with caplog.at_level(logging.WARNING):
        set_right(work)

    assert let_work(work, NOW).sent > 0
    assert "clock was ahead" in caplog.text


def test_what_such_a_clock_s_worker_held_when_it_was_killed_is_taken_over_after_a_lease(
    work, reference
):
    routes = read_routes(work.session, work.desk)
    claimed = claim_due(work.session, routes.can_leave(()), worker="ahead", now=NOW + DAY)
    assert claimed

    set_right(work)

    assert let_work(work, NOW + LEASE).sent == 0
    assert let_work(work, NOW + LEASE + SECOND).sent == len(claimed)


@pytest.mark.parametrize(
    "values",
    [
        {"next_attempt_at": NOW + LONGEST_PAUSE + SLACK},
        {"state": DeliveryState.SENDING, "claimed_by": "w", "lease_until": NOW + LEASE + SLACK},
        # It waits for another mail, and not for that moment.
        {"claimed_by": ASIDE, "next_attempt_at": NOW + 1000 * DAY},
        {"state": DeliveryState.SENT, "next_attempt_at": NOW + DAY},
    ],
)
def test_what_may_lie_so_far_ahead_stays_as_it_is(work, reference, values, caplog):
    mails(work, **values)
    before = [(each.next_attempt_at, each.lease_until) for each in all_mails(work)]

    set_right(work)

    assert [(each.next_attempt_at, each.lease_until) for each in all_mails(work)] == before
    assert "clock" not in caplog.text


def all_mails(work):
    return work.session.scalars(select(Delivery).order_by(Delivery.id)).all()


@pytest.mark.parametrize(
    ("state", "ahead", "due_in"),
    [
        (JobState.QUEUED, max(PAUSES) + SLACK, max(PAUSES) + SLACK),
        (JobState.QUEUED, DAY, timedelta(0)),
        (JobState.RUNNING, JOB_LEASE + SLACK, JOB_LEASE + SLACK),
        (JobState.RUNNING, DAY, JOB_LEASE),
        (JobState.DONE, DAY, DAY),
    ],
)
def test_a_job_is_due_when_it_should_have_been(work, reference, state, ahead, due_in):
    job = Job(
        kind=JobKind.DOSSIER,
        organisation_id=work.session.scalar(select(Organisation.id)),
        incident_id=incident(work, reference).id,
        asked_by_id=work.session.scalar(select(User.id).limit(1)),
        state=state,
        queued_at=NOW,
        next_attempt_at=NOW + ahead,
    )
    work.session.add(job)
    work.session.commit()

    set_right(work)

    assert job.next_attempt_at == NOW + due_in
