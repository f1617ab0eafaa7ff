"""A line that breaks right after COMMIT, a full disk: nothing is done by halves or twice."""

from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from breachdesk.domain.deliveries import DeliveryState
from breachdesk.models import Delivery, JournalEntry, Reminder
from breachdesk.services import sending
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.reminders import emit_due_reminders
from breachdesk.services.sending import deliver_due
from tests.cases import MONDAY_NINE, incident, make_organisation, open_case
from tests.services.desks import let_work
from tests.workers.beating import ON_POSTGRESQL, ON_SQLITE

NOW = MONDAY_NINE
ANY_ROOM = 1_000_000_000
# Their mails fill more than what is left of any page.
MANY_CASES = 20


@pytest.fixture
def reference(work):
    make_organisation(work, now=NOW)
    reference = open_case(work, now=NOW)
    work.session.commit()
    return reference


def count(work, column, *conditions):
    found = work.session.scalar(select(func.count(column)).where(*conditions))
    work.session.rollback()
    return found


def first_due(work):
    planned = select(func.min(Reminder.remind_at)).where(Reminder.emitted_at.is_(None))
    found = work.session.scalar(planned)
    work.session.rollback()
    return found


# --- The yes to a COMMIT that never came ------------------------------------------------------


@contextmanager
def lost_after_commit(engine, *, when):
    """Commit, then lose the line before the server's yes; once."""
    lost = []

    def commit_and_lose(connection):
        if not lost and when():
            connection.connection.driver_connection.commit()
            lost.append(True)
            raise OperationalError("COMMIT", None, psycopg.OperationalError("the line is lost"))

    event.listen(engine, "commit", commit_and_lose)
    try:
        yield lost
    finally:
        event.remove(engine, "commit", commit_and_lose)


@ON_POSTGRESQL
def test_answers_that_may_have_been_written_down_are_written_once_more_and_no_mail_leaves_twice(
    work, engine, reference, mailer
):
    mails = count(work, Delivery.id)

    with lost_after_commit(engine, when=lambda: mailer.letters) as lost:
        deliver_due(work.session, work.desk, worker="w", clock=lambda: NOW)

    assert lost
    assert len(mailer.offered) == mails
    assert count(work, Delivery.id, Delivery.state == DeliveryState.SENT) == mails


@ON_POSTGRESQL
def test_a_tick_that_may_have_been_committed_is_not_done_again(work, engine, reference):
    due_at, mails, lines = first_due(work), count(work, Delivery.id), count(work, JournalEntry.id)

    with (
        lost_after_commit(engine, when=lambda: True),
        Session(engine) as session,
        pytest.raises(OperationalError),
    ):
        emit_due_reminders(session, now=due_at)
    after = count(work, Delivery.id), count(work, JournalEntry.id)

    assert after > (mails, lines)
    assert emit_due_reminders(work.session, now=due_at) == 0
    assert (count(work, Delivery.id), count(work, JournalEntry.id)) == after


@ON_POSTGRESQL
def test_mail_whose_claim_may_have_been_committed_leaves_after_the_lease(
    work, engine, reference, mailer
):
    mails = count(work, Delivery.id)
    with (
        lost_after_commit(engine, when=lambda: True),
        Session(engine) as session,
        pytest.raises(DBAPIError),
    ):
        deliver_due(session, work.desk, worker="w", clock=lambda: NOW)
    assert mailer.letters == []

    let_work(work, NOW + 2 * sending.LEASE)

    assert len(mailer.letters) == mails


# --- No room on the disk ----------------------------------------------------------------------


@contextmanager
def disk_full(engine):
    """No page more than the file has now, for every connection."""

    def forbid(connection):
        connection.exec_driver_sql("PRAGMA max_page_count = 1")

    event.listen(engine, "begin", forbid)
    try:
        yield
    finally:
        event.remove(engine, "begin", forbid)
        with engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {ANY_ROOM}")


@ON_SQLITE
def test_with_the_disk_full_a_tick_does_nothing_by_halves_and_everything_once_there_is_room(
    work, engine, reference, mailer
):
    for _ in range(MANY_CASES):
        open_case(work, now=NOW)
    due_at = first_due(work)
    before = count(work, Delivery.id), count(work, JournalEntry.id)

    with disk_full(engine):
        with pytest.raises(OperationalError):
            emit_due_reminders(work.session, now=due_at)
        work.session.rollback()
        assert (count(work, Delivery.id), count(work, JournalEntry.id)) == before
        assert first_due(work) == due_at

    let_work(work, due_at)
    mails = count(work, Delivery.id)
    assert mails > before[0]
    assert len(mailer.letters) == mails
    ids = [letter.message_id for letter in mailer.letters]
    assert len(set(ids)) == len(ids)
    assert first_broken_entry(journal_of(work.session, incident(work, reference))) is None
