"""The worker: one of many does the work, and a fault is tried again at the next beat."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from breachdesk.domain.access import Role
from breachdesk.mail.memory import MemoryMailer
from breachdesk.models import Delivery
from breachdesk.services import deliveries
from breachdesk.workers.heartbeat import EmbeddedWorker
from breachdesk.workers.rounds import do_round
from tests.cases import MONDAY_NINE, at_desk, make_organisation, open_case, start_sending
from tests.services.letters_to_many import approved_notice

NOW = MONDAY_NINE


@pytest.fixture
def example(app):
    """An example organisation with a report, and no mail server but the catcher."""
    with at_desk(app) as work:
        make_organisation(work, now=NOW, roles=(Role.HANDLER, Role.DECIDER), is_example=True)
        open_case(work, now=NOW)
    return app


def _beat_twice_side_by_side(app, tmp_path):
    return [EmbeddedWorker(app, tmp_path) for _ in range(2)]


def test_one_of_two_workers_works_and_the_other_takes_over_when_it_ends(example, tmp_path, mailer):
    first, second = _beat_twice_side_by_side(example, tmp_path)
    for worker in (first, second):
        worker._scheduler.start(paused=True)
    try:
        first.beat()
        second.beat()
        assert len(mailer.letters) == 3
        with at_desk(example) as work:
            open_case(work, now=NOW)
        second.beat()
        assert len(mailer.letters) == 3

        first.stop()
        second.beat()

        assert len(mailer.letters) == 6
    finally:
        second.stop()


def test_a_fault_is_logged_and_the_next_beat_does_the_work(example, tmp_path, mailer, caplog):
    worker = EmbeddedWorker(example, tmp_path)
    worker._scheduler.start(paused=True)
    try:
        _run(example, "ALTER TABLE delivery RENAME TO gone")
        with caplog.at_level(logging.WARNING):
            worker.beat()
        assert "Nothing was done" in caplog.text
        assert mailer.letters == []

        _run(example, "ALTER TABLE gone RENAME TO delivery")
        worker.beat()

        assert len(mailer.letters) == 3
    finally:
        worker.stop()


def _run(app, statement: str) -> None:
    with at_desk(app) as work:
        work.session.execute(text(statement))
        work.session.commit()


class Slow(MemoryMailer):
    """An hour passes with every letter."""

    clock = None

    def send(self, server, letters, on_answer, **options) -> None:
        def answer(letter, answered) -> None:
            self.clock.now += timedelta(hours=1)
            on_answer(letter, answered)

        super().send(server, letters, answer, **options)


def test_a_reminder_that_falls_due_during_a_long_run_does_not_wait_for_its_end(
    app, clock, monkeypatch
):
    from dataclasses import replace

    from breachdesk.mail.mailer import MailServer

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

    assert work_done.reminders == 1
    places = [
        place
        for place, letter in enumerate(slow.letters)
        if letter.recipient_address.endswith("gir.example")
    ]
    # The first reminder of a clock falls due 24 hours after awareness.
    assert 24 <= places[0] <= 30
    with at_desk(app) as work:
        assert set(work.session.scalars(select(Delivery.state))) == {"sent"}
