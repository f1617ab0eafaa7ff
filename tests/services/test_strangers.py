"""Rows of a kind that another version of the desk has written: left to it, in nobody's way."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from breachdesk.domain.deliveries import DeliveryState, MailKind
from breachdesk.domain.reminders import ReminderCause
from breachdesk.domain.work import JobKind, JobState, Runner, Trouble, WorkKind
from breachdesk.models import Delivery, Job, Organisation, Reminder, User
from breachdesk.services.jobs import do_next_job
from breachdesk.services.reminder_ledger import read_ledger
from breachdesk.services.sweeping import sweep
from breachdesk.services.work_state import work_state
from breachdesk.services.workers import beat
from breachdesk.wording import FRENCH
from breachdesk.wording.labels import mail_kind_label, reminder_cause_label
from tests.cases import MONDAY_NINE, incident, make_organisation, open_case, qualify
from tests.services.desks import let_work

NOW = MONDAY_NINE
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = "of_a_later_version"


@pytest.fixture
def reference(work):
    make_organisation(work, now=NOW)
    reference = open_case(work, now=NOW)
    qualify(work, reference, now=NOW)
    return reference


def make_strange(work, table, column, id_):
    """What a worker of this version finds beside a newer web process."""
    work.session.execute(
        text(f"UPDATE {table} SET {column} = '{LATER}' WHERE id = :id"), {"id": id_}
    )
    work.session.commit()
    work.session.expire_all()


def test_a_code_of_another_version_is_read_as_it_is_and_is_none_of_ours():
    stranger = MailKind.kept(LATER)

    assert (stranger.value, str(stranger), stranger == LATER) == (LATER, LATER, True)
    assert not stranger.is_known
    assert all(kind.is_known and kind is MailKind.kept(kind.value) for kind in MailKind)
    assert stranger not in set(MailKind)
    with pytest.raises(ValueError, match=LATER):
        MailKind(LATER)


def test_a_mail_of_another_version_stays_due_and_all_others_leave(work, reference, mailer):
    queued = select(Delivery.id).where(Delivery.state == DeliveryState.QUEUED)
    ids = work.session.scalars(queued.order_by(Delivery.id)).all()
    make_strange(work, "delivery", "kind", ids[0])

    done = let_work(work, NOW)

    strange = work.session.get_one(Delivery, ids[0])
    assert (done.sent, len(mailer.letters)) == (len(ids) - 1, len(ids) - 1)
    assert (strange.state, strange.attempts, strange.next_attempt_at) == (
        DeliveryState.QUEUED,
        0,
        NOW,
    )
    assert strange.answer == ""


def test_what_another_version_had_in_hand_when_it_was_killed_is_not_taken_over(
    work, reference, mailer
):
    first = work.session.scalars(select(Delivery).order_by(Delivery.id).limit(1)).one()
    first.state, first.lease_until, first.claimed_by = DeliveryState.SENDING, NOW, "newer"
    make_strange(work, "delivery", "kind", first.id)

    let_work(work, NOW + HOUR)

    work.session.refresh(first)
    assert (first.state, first.claimed_by) == (DeliveryState.SENDING, "newer")


@pytest.mark.parametrize("column", ["cause", "channel"])
def test_a_reminder_of_another_version_stays_due_and_the_others_of_its_case_are_told(
    work, reference, column
):
    let_work(work, NOW)
    is_open = Reminder.emitted_at.is_(None), Reminder.cancelled_at.is_(None)
    planned = select(Reminder).where(*is_open).order_by(Reminder.remind_at)
    first, second, *_ = work.session.scalars(planned).all()
    make_strange(work, "reminder", column, first.id)

    let_work(work, second.remind_at + HOUR)

    work.session.expire_all()
    assert (first.emitted_at, first.cancelled_at) == (None, None)
    assert second.emitted_at is not None or second.covered_by_id is not None


def test_a_job_of_another_version_stays_due_and_the_others_are_done(work, reference):
    def job(**values):
        return Job(
            kind=JobKind.RECIPIENTS,
            organisation_id=work.session.scalar(select(Organisation.id)),
            incident_id=incident(work, reference).id,
            asked_by_id=work.session.scalar(select(User.id).limit(1)),
            parameters={"import_id": 0, "mapping": None},
            queued_at=NOW,
            next_attempt_at=NOW,
            **values,
        )

    strange, ours = job(), job()
    work.session.add_all([strange, ours])
    work.session.commit()
    make_strange(work, "job", "kind", strange.id)

    assert do_next_job(work.session, work.desk, worker="w", clock=lambda: NOW)
    assert not do_next_job(work.session, work.desk, worker="w", clock=lambda: NOW)

    work.session.expire_all()
    assert (strange.state, strange.attempts) == (JobState.QUEUED, 0)
    # There is no such list: it was tried.
    assert ours.state is JobState.FAILED


def test_the_operator_is_told_and_it_is_no_late_work(work, reference, caplog):
    work.session.execute(text("UPDATE delivery SET state = 'sent'"))
    reminder = work.session.scalars(select(Reminder.id).order_by(Reminder.remind_at)).first()
    delivery = work.session.scalars(select(Delivery.id).order_by(Delivery.id)).first()
    work.session.execute(text("UPDATE reminder SET emitted_at = remind_at"))
    work.session.execute(
        text("UPDATE reminder SET emitted_at = NULL WHERE id = :id"), {"id": reminder}
    )
    work.session.execute(
        text("UPDATE delivery SET state = 'queued' WHERE id = :id"), {"id": delivery}
    )
    make_strange(work, "reminder", "cause", reminder)
    make_strange(work, "delivery", "kind", delivery)
    now = NOW + 30 * DAY
    beat(work.session, "w", Runner.EMBEDDED, now)

    with caplog.at_level(logging.WARNING):
        sweep(work.session, now=now)
    state = work_state(work.session, work.desk, None, now=now).state

    assert state.troubles == [Trouble.OF_ANOTHER_VERSION]
    assert state.strangers == 2
    mail = next(each for each in state.backlog if each.kind is WorkKind.DELIVERIES)
    assert (mail.due, mail.waiting) == (0, 1)
    assert f"Delivery {delivery} of incident {reference} is of a kind" in caplog.text
    assert f"Reminder {reminder} of incident {reference} is of a kind" in caplog.text


def test_pages_and_the_ledger_read_what_another_version_has_written(work, reference):
    let_work(work, NOW + DAY)
    told = work.session.scalars(
        select(Delivery).where(Delivery.reminder_id.is_not(None)).limit(1)
    ).one()
    make_strange(work, "delivery", "kind", told.id)
    make_strange(work, "reminder", "cause", told.reminder_id)

    ledger = read_ledger(work.session, incident(work, reference))

    assert LATER in {line.cause for line in ledger.lines}
    assert reminder_cause_label(LATER, FRENCH) == "Type inconnu de cette version"
    assert mail_kind_label(LATER, FRENCH) == "Type inconnu de cette version"
    assert reminder_cause_label(ReminderCause.LATE, FRENCH) == "Rappel de retard"
