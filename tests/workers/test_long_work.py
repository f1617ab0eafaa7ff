"""A long run or a large piece of work holds up no reminder, and a stop waits for its end."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import DeliveryState
from breachdesk.domain.work import JobState
from breachdesk.mail.mailer import MailServer
from breachdesk.models import Delivery, Incident, Job, Reminder
from breachdesk.services import deliveries, dossiers, job_requests
from breachdesk.workers import heartbeat
from breachdesk.workers.heartbeat import EmbeddedWorker
from breachdesk.workers.rounds import do_round
from tests.cases import at_desk, seat, start_sending
from tests.mail.memory import MemoryMailer
from tests.queries import counted_queries
from tests.services.letters_to_many import approved_notice
from tests.small_pdf import small_pdf
from tests.workers.beating import NOW, PATIENCE_SECONDS, counted, until, waiting
from tests.workers.test_signs_of_life import Stalled

# --- A long run ------------------------------------------------------------------------------


class Slow(MemoryMailer):
    """An hour passes with every letter to somebody affected."""

    clock = None

    def send(self, server, letters, on_answer, **options) -> None:
        def answer(letter, answered) -> None:
            if not letter.recipient_address.endswith("gir.example"):
                self.clock.now += timedelta(hours=1)
            on_answer(letter, answered)

        super().send(server, letters, answer, **options)


def test_a_reminder_that_falls_due_during_a_long_run_does_not_wait_for_its_end(
    app, clock, monkeypatch
):
    monkeypatch.setattr(deliveries, "CLAIM_SIZE", 5)
    slow = Slow()
    slow.clock = clock
    with at_desk(app) as work:
        reference = approved_notice(work, 40)
        work.session.execute(text("UPDATE delivery SET state = 'sent'"))
        work.session.commit()
        start_sending(work, reference, now=NOW)
        server = MailServer("mail.example", 25)
        desk = replace(app.extensions["desk"], mailer=slow, mail_server=server)

    work_done = do_round(app, desk, worker="w")

    assert work_done.reminders >= 1
    places = [
        place
        for place, letter in enumerate(slow.letters)
        if letter.recipient_address.endswith("gir.example")
    ]
    # The first reminder of a clock falls due eight hours after awareness.
    assert 8 <= places[0] <= 14
    with at_desk(app) as work:
        assert set(work.session.scalars(select(Delivery.state))) == {DeliveryState.SENT}


# --- Beside a large piece of work ------------------------------------------------------------


class SlowWork:
    """Printing that goes on until it is let go."""

    def __init__(self):
        self.has_begun = self.may_go = self.is_done = False

    def __call__(self, *_arguments):
        self.has_begun = True
        until(lambda: self.may_go)
        self.is_done = True
        return small_pdf()


@pytest.fixture
def slow_work(monkeypatch):
    """Every dossier takes its time."""
    work = SlowWork()
    monkeypatch.setattr(dossiers, "print_dossier", work)
    return work


def ask_for_dossier(app, now):
    with at_desk(app) as work:
        case = work.session.scalars(select(Incident)).one()
        by = seat(work, Role.HANDLER)
        job_requests.ask_for_dossier(work.session, case, "fr", by=by, now=now)


def test_while_a_job_runs_reminders_and_mail_go_out_and_a_stop_waits_for_it(
    example, tmp_path, clock, mailer, slow_work
):
    worker = EmbeddedWorker(example, tmp_path)
    worker.start()
    try:
        until(lambda: waiting(example) == 0)
        ask_for_dossier(example, NOW)
        until(lambda: slow_work.has_begun)
        with at_desk(example) as work:
            first = work.session.scalar(
                select(func.min(Reminder.remind_at)).where(Reminder.emitted_at.is_(None))
            )
        sent = len(mailer.letters)
        clock.now = first

        until(lambda: len(mailer.letters) > sent)
        until(lambda: waiting(example) == 0)
        assert counted(example, Reminder.id, Reminder.emitted_at == first) > 0
        assert not slow_work.is_done

        stopping = threading.Thread(target=worker.stop)
        stopping.start()
        stopping.join(0.2)
        assert stopping.is_alive()
    finally:
        slow_work.may_go = True
        worker.stop()
    stopping.join(PATIENCE_SECONDS)
    assert counted(example, Job.id, Job.state == JobState.DONE) == 1


def test_a_job_asked_for_in_this_process_is_begun_at_once(
    example, tmp_path, slow_work, monkeypatch
):
    slow_work.may_go = True
    monkeypatch.setattr(heartbeat, "LOOK_EVERY", timedelta(minutes=5))
    worker = EmbeddedWorker(example, tmp_path)
    worker.start()
    try:
        until(lambda: waiting(example) == 0 and not worker._is_beating)
        ask_for_dossier(example, NOW)

        until(lambda: slow_work.is_done)
    finally:
        worker.stop()


def test_a_look_for_jobs_that_finds_none_is_one_statement_and_no_write(example, done):
    with counted_queries(example) as asked:
        done.do_jobs()

    assert len(asked) == 1
    assert asked[0].startswith("SELECT"), asked


def test_a_worker_told_to_stop_in_a_long_run_sends_what_is_in_hand_and_claims_no_more(
    example, tmp_path, monkeypatch
):
    monkeypatch.setattr(deliveries, "CLAIM_SIZE", 2)
    mailer = Stalled()
    example.extensions["desk"] = replace(example.extensions["desk"], mailer=mailer)
    before = waiting(example)
    worker = EmbeddedWorker(example, tmp_path)
    worker.start()
    until(lambda: mailer.is_asked)
    stopping = threading.Thread(target=worker.stop)
    stopping.start()
    until(lambda: worker._is_stopping)
    mailer.may_go = True
    stopping.join(PATIENCE_SECONDS)

    assert not stopping.is_alive()
    assert 0 < len(mailer.letters) == before - waiting(example) < before
    assert counted(example, Delivery.id, Delivery.state == "sending") == 0
