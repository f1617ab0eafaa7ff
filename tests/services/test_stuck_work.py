"""Whether what our own people wait for is stuck: asked before a monitor is told all is well."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from breachdesk.domain.deliveries import NOTICE_PRIORITY
from breachdesk.domain.work import LATE_AFTER, PUT_OFF_IS_LONG, UNREACHABLE_IS_LONG
from breachdesk.mail.mailer import MailServer
from breachdesk.models import Delivery, Reminder
from breachdesk.services.stuck_work import is_work_stuck
from tests.cases import MONDAY_NINE as NOW
from tests.cases import make_organisation, open_case
from tests.services.desks import counting_statements

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
AGO = UNREACHABLE_IS_LONG
SERVER = MailServer("mail.example", 25)


@pytest.fixture
def case(work):
    """A case whose mails have left, and whose reminders lie ahead."""
    make_organisation(work, now=NOW)
    open_case(work, now=NOW)
    work.session.execute(update(Delivery).values(state="sent"))
    work.session.commit()


def is_stuck(work, now=NOW, *, server=SERVER):
    found = is_work_stuck(work.session, replace(work.desk, mail_server=server), now=now)
    work.session.rollback()
    return found


@pytest.mark.parametrize(("waits", "stuck"), [(LATE_AFTER - SECOND, False), (LATE_AFTER, True)])
def test_a_reminder_is_once_it_has_been_due_for_long(work, case, waits, stuck):
    planned = select(Reminder.remind_at).where(Reminder.emitted_at.is_(None))
    first = min(work.session.scalars(planned))

    assert is_stuck(work, first + waits) is stuck

    work.session.execute(update(Reminder).values(cancelled_at=NOW))
    work.session.commit()
    assert not is_stuck(work, first + waits)


@pytest.mark.parametrize(
    ("values", "stuck"),
    [
        pytest.param({}, False, id="it was tried a while ago and will be again"),
        pytest.param({"next_attempt_at": NOW - LATE_AFTER}, True, id="nobody tries it"),
        pytest.param(
            {"state": "sending", "lease_until": NOW - LATE_AFTER}, True, id="nobody took it over"
        ),
        pytest.param({"queued_at": NOW - AGO, "attempts": 4}, True, id="no server is reached"),
        pytest.param({"queued_at": NOW - AGO}, True, id="we fail each time and put it back"),
        pytest.param(
            {"queued_at": NOW - AGO, "state": "sending", "lease_until": NOW + HOUR},
            True,
            id="it hangs, or we die at it each time",
        ),
        pytest.param({"queued_at": NOW - AGO, "answer_code": 535}, True, id="we are refused"),
        pytest.param({"queued_at": NOW - AGO, "answer_code": 421}, True, id="out of service"),
        pytest.param({"queued_at": NOW - HOUR, "answer_code": 451}, True, id="later, it says"),
        pytest.param(
            {"queued_at": NOW - PUT_OFF_IS_LONG + SECOND, "answer_code": 451},
            False,
            id="it greylists",
        ),
        pytest.param({"queued_at": NOW - HOUR, "state": "failed"}, False, id="it is over"),
        pytest.param(
            {"queued_at": NOW - HOUR, "priority": NOTICE_PRIORITY}, False, id="a long run of others"
        ),
    ],
)
def test_a_mail_to_our_own_people_is_once_it_is_overdue(work, case, values, stuck):
    lies_ahead = {"state": "queued", "queued_at": NOW - AGO + SECOND, "next_attempt_at": NOW + HOUR}
    work.session.execute(update(Delivery).values(lies_ahead | values))
    work.session.commit()

    assert is_stuck(work) is stuck
    # What goes nowhere until somebody names a server would silence the monitor for ever.
    assert not is_stuck(work, server=None)


def test_one_mailbox_that_is_full_for_days_is_not_while_others_mail_is_taken(work, case):
    _full, *others = work.session.scalars(select(Delivery.id).order_by(Delivery.id)).all()
    waits = {"queued_at": NOW - HOUR, "state": "queued", "next_attempt_at": NOW + HOUR}
    work.session.execute(update(Delivery).values(waits | {"answer_code": 452}))
    work.session.commit()
    assert is_stuck(work)

    taken = update(Delivery).where(Delivery.id.in_(others))
    work.session.execute(taken.values(state="sent", finished_at=NOW, answer_code=250))
    work.session.commit()
    assert not is_stuck(work)


def test_it_is_asked_in_two_statements(work, engine, case):
    with counting_statements(engine) as asked:
        is_stuck(work)

    assert len(asked) == 2
