"""A worker shows that it lives, and tells the monitor outside only while its work goes well."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from breachdesk.domain.work import Runner
from breachdesk.models import Worker
from breachdesk.workers import heartbeat, signs_of_life
from breachdesk.workers.heartbeat import EmbeddedWorker
from breachdesk.workers.rounds import Work
from breachdesk.workers.signs_of_life import SignsOfLife
from tests.cases import at_desk
from tests.mail.memory import MemoryMailer
from tests.workers.beating import NOW, run, until, waiting


class Stalled(MemoryMailer):
    """Takes a letter only once it is let go."""

    def __init__(self):
        super().__init__()
        self.is_asked = self.may_go = False

    def send(self, *arguments, **options):
        self.is_asked = True
        until(lambda: self.may_go)
        super().send(*arguments, **options)


def test_a_long_round_beats_all_the_same_and_a_stop_waits_for_its_end(
    example, tmp_path, clock, monkeypatch
):
    monkeypatch.setattr(heartbeat, "HEARTBEAT_EVERY", timedelta(seconds=0.1))
    mailer = Stalled()
    example.extensions["desk"] = replace(example.extensions["desk"], mailer=mailer)
    worker = EmbeddedWorker(example, tmp_path)
    worker.start()
    seen = select(Worker.seen_at)
    try:
        until(lambda: mailer.is_asked)
        clock.now += timedelta(seconds=30)

        def beats_on():
            with at_desk(example) as work:
                return work.session.scalar(seen) == NOW + timedelta(seconds=30)

        until(beats_on)
    finally:
        mailer.may_go = True
        worker.stop()

    assert waiting(example) == 0
    with at_desk(example) as work:
        ended = work.session.scalars(select(Worker)).one()
        assert ended.stopped_at == NOW + timedelta(seconds=30)


def test_the_monitor_outside_is_told_after_a_round_that_went_well(example, outside, tmp_path):
    worker = EmbeddedWorker(example, tmp_path)
    worker.start()
    try:
        until(lambda: outside.heard)
    finally:
        worker.stop()

    assert len(outside.heard) == 1


def test_the_monitor_outside_hears_nothing_while_rounds_fail(
    example, outside, tmp_path, monkeypatch
):
    tried = []

    def fail(*_, as_it_goes, **__):
        tried.append(1)
        as_it_goes()
        raise ValueError

    monkeypatch.setattr(heartbeat, "do_round", fail)
    monkeypatch.setattr(heartbeat, "FAULT_PAUSE", timedelta(0))
    monkeypatch.setattr(heartbeat, "LOOK_EVERY", timedelta(seconds=0.1))
    worker = EmbeddedWorker(example, tmp_path)
    worker.start()
    try:
        until(lambda: len(tried) >= 3)
    finally:
        worker.stop()

    assert outside.heard == []


def test_a_long_round_tells_the_monitor_as_it_goes(example, outside, tmp_path, monkeypatch):
    def long(*_, as_it_goes, **__):
        as_it_goes()
        until(lambda: outside.heard)
        return Work()

    monkeypatch.setattr(heartbeat, "LONG_ROUND", -timedelta(seconds=1))
    monkeypatch.setattr(heartbeat, "do_round", long)
    worker = EmbeddedWorker(example, tmp_path)
    worker.start()
    try:
        # The round waits for it, and would not end else.
        until(lambda: outside.heard)
    finally:
        worker.stop()


def test_the_monitor_outside_hears_nothing_while_work_is_stuck(example, outside, monkeypatch):
    signs, desk = SignsOfLife(example, "a", Runner.EMBEDDED), example.extensions["desk"]
    monkeypatch.setattr(signs_of_life, "ASK_EVERY", 0.0)
    run(example, "UPDATE delivery SET state = 'sent'")
    run(example, "UPDATE reminder SET remind_at = '2020-01-01 00:00:00.000000'")
    signs.tell_monitor(desk)
    assert outside.heard == []

    run(example, "UPDATE reminder SET cancelled_at = remind_at")
    signs.tell_monitor(desk)
    assert len(outside.heard) == 1
