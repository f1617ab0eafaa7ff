"""Whose a delivery is while it is sent: leases made longer, run out, lost and taken over."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from time import monotonic

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from breachdesk.domain.deliveries import LEASE, DeliveryState
from breachdesk.mail.smtp import SmtpMailer
from breachdesk.models import Delivery
from breachdesk.services import lanes, sending
from breachdesk.services.deliveries import claim_due, record_answers, release, renew_leases
from breachdesk.services.mail_routes import read_routes
from breachdesk.services.sending import deliver_due
from tests.cases import Work, make_organisation, open_case
from tests.mail.memory import TAKEN, MemoryMailer
from tests.mail.servers import Sink, hang_up, serving
from tests.services.test_deliveries import AWAY, NOW, _one_mail


def _claim(session, desk, *, worker, now) -> list[int]:
    can_leave = read_routes(session, desk).can_leave(())
    return claim_due(session, can_leave, worker=worker, now=now)


def test_a_claim_outlives_its_worker_by_the_lease_and_then_passes_to_another(work, mailer):
    mail = _one_mail(work)
    assert _claim(work.session, work.desk, worker="dead", now=NOW) == [mail.id]

    assert deliver_due(work.session, work.desk, worker="b", clock=lambda: NOW + LEASE).handled == 0
    later = NOW + LEASE + timedelta(seconds=1)
    assert deliver_due(work.session, work.desk, worker="b", clock=lambda: later).sent == 1

    assert (mail.state, mail.attempts) == (DeliveryState.SENT, 2)


class SlowMailer(MemoryMailer):
    """Takes twenty seconds for each letter, and lets somebody look in between."""

    def __init__(self, meanwhile: Callable[[datetime], None]) -> None:
        super().__init__()
        self.now = NOW
        self._meanwhile = meanwhile

    async def deliver(self, server, letters, on_answer, **options) -> None:
        for letter in letters:
            self.now += timedelta(seconds=20)
            # Long enough for the loop to have its turn.
            await asyncio.sleep(0.02)
            self._meanwhile(self.now)
            self.send(server, [letter], on_answer)


def _many_mails(work: Work) -> int:
    make_organisation(work, now=NOW)
    for _ in range(2):
        open_case(work, now=NOW)
    count = work.session.scalar(select(func.count(Delivery.id)))
    work.session.commit()
    assert count > 2 * LEASE / timedelta(seconds=20)
    return count


def test_while_a_slow_server_takes_the_mail_no_other_worker_takes_it_over(
    work, engine, monkeypatch
):
    monkeypatch.setattr(sending, "RECORD_WITHIN_SECONDS", 0.005)
    count = _many_mails(work)
    taken: list[int] = []

    def other_worker(now: datetime) -> None:
        with Session(engine) as session:
            taken.extend(_claim(session, work.desk, worker="other", now=now))

    slow = SlowMailer(other_worker)
    desk = replace(work.desk, mailer=slow)
    done = deliver_due(work.session, desk, worker="slow", clock=lambda: slow.now)

    assert slow.now - NOW > 2 * LEASE
    assert (done.sent, taken) == (count, [])


def test_a_server_that_stalls_for_longer_than_the_lease_keeps_its_mail_from_other_workers(
    work, engine, monkeypatch
):
    """The whole time one letter has no answer at all."""
    monkeypatch.setattr(sending, "RECORD_WITHIN_SECONDS", 0.005)
    mail = _one_mail(work)

    class StallingMailer(SlowMailer):
        async def deliver(self, server, letters, on_answer, **options) -> None:
            for letter in letters:
                for _ in range(10):
                    self.now += LEASE / 4
                    await asyncio.sleep(0.02)
                    self._meanwhile(self.now)
                on_answer(letter, AWAY)

    taken: list[int] = []

    def other_worker(now: datetime) -> None:
        with Session(engine) as session:
            taken.extend(_claim(session, work.desk, worker="other", now=now))

    stalling = StallingMailer(other_worker)
    desk = replace(work.desk, mailer=stalling)
    done = deliver_due(work.session, desk, worker="slow", clock=lambda: stalling.now)

    work.session.expire_all()
    assert (done.postponed, taken, mail.state) == (1, [], DeliveryState.QUEUED)


def test_a_worker_held_up_for_longer_than_its_lease_sends_no_more_of_what_it_held(
    work, engine, caplog
):
    """Such as in a machine that was suspended: others have taken over meanwhile."""
    count = _many_mails(work)
    taken: list[int] = []

    def other_worker(now: datetime) -> None:
        if not taken:
            with Session(engine) as session:
                later = now + 2 * LEASE
                taken.extend(_claim(session, work.desk, worker="other", now=later))
                slow.now = later

    slow = SlowMailer(other_worker)
    desk = replace(work.desk, mailer=slow)
    deliver_due(work.session, desk, worker="slow", clock=lambda: slow.now)

    assert len(taken) == count
    assert "held up for" in caplog.text
    # The one that was with the server when the machine stood still.
    assert len(slow.letters) == 1
    held = work.session.scalars(select(Delivery.claimed_by).where(Delivery.claimed_by != ""))
    assert set(held) == {"other"}


class HesitatingMailer(MemoryMailer):
    """Stops between taking a letter in hand and its text, and lets something happen."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        super().__init__()
        self._meanwhile = meanwhile

    async def deliver(self, server, letters, on_answer, **options) -> None:
        for letter in letters:
            self._meanwhile()
            self.send(server, [letter], on_answer, still_wanted=options["still_wanted"])


def test_a_worker_stopped_right_before_a_text_does_not_send_it_after_its_lease(work, engine):
    """SIGSTOP, a suspended machine: another has sent it meanwhile."""
    mail = _one_mail(work)
    now = NOW

    def be_overtaken() -> None:
        nonlocal now
        now += LEASE + timedelta(seconds=1)
        with Session(engine) as session:
            (taken,) = _claim(session, work.desk, worker="other", now=now)
            record_answers(session, [(taken, TAKEN)], worker="other", now=now)

    paused = HesitatingMailer(be_overtaken)
    deliver_due(work.session, replace(work.desk, mailer=paused), worker="p", clock=lambda: now)

    assert paused.letters == []
    work.session.expire_all()
    assert (mail.state, mail.attempts) == (DeliveryState.SENT, 2)


def test_what_was_withdrawn_and_nobody_took_over_is_put_back_untried(work):
    mail = _one_mail(work)
    now = NOW

    def stand_still() -> None:
        nonlocal now
        now += LEASE

    paused = HesitatingMailer(stand_still)
    desk = replace(work.desk, mailer=paused)
    deliver_due(work.session, desk, worker="p", clock=lambda: now, may_go_on=lambda: now == NOW)

    work.session.expire_all()
    assert paused.letters == []
    assert (mail.state, mail.attempts, mail.next_attempt_at) == (DeliveryState.QUEUED, 0, now)


def test_a_clock_set_back_does_not_make_a_lease_longer(work, engine, monkeypatch):
    """Of two machines one is set back by an hour: the other takes over after the lease."""
    count = _many_mails(work)
    passed, is_back = [monotonic()], False
    monkeypatch.setattr(lanes, "monotonic", lambda: passed[0])

    def set_back() -> None:
        nonlocal is_back
        if len(slow.offered) == 1 and not is_back:
            is_back = True
            passed[0] += 2 * LEASE.total_seconds()

    slow = HesitatingMailer(set_back)
    desk = replace(work.desk, mailer=slow)
    deliver_due(
        work.session,
        desk,
        worker="back",
        clock=lambda: NOW - timedelta(hours=1) if is_back else NOW,
        may_go_on=lambda: not is_back,
    )

    assert count > 1
    assert len(slow.letters) == 1


def test_an_answer_to_who_has_lost_a_delivery_takes_it_from_nobody(work):
    mail = _one_mail(work)
    _claim(work.session, work.desk, worker="lost", now=NOW)
    later = NOW + LEASE + timedelta(seconds=1)
    _claim(work.session, work.desk, worker="other", now=later)

    record_answers(work.session, [(mail.id, AWAY)], worker="lost", now=later)
    release(work.session, [mail.id], worker="lost", now=later)
    ours = renew_leases(work.session, [mail.id], worker="lost", now=later)

    work.session.expire_all()
    assert (mail.state, mail.claimed_by, list(ours)) == (DeliveryState.SENDING, "other", [])
    assert mail.lease_until == later + LEASE


def test_what_is_called_off_while_a_slow_server_takes_the_rest_is_not_sent(
    work, engine, monkeypatch
):
    monkeypatch.setattr(sending, "RECORD_WITHIN_SECONDS", 0.005)
    _many_mails(work)

    def call_off(now: datetime) -> None:
        with Session(engine) as session:
            session.execute(
                update(Delivery)
                .where(Delivery.state == DeliveryState.SENDING)
                .values(state=DeliveryState.CANCELLED, finished_at=now)
            )
            session.commit()

    slow = SlowMailer(call_off)
    desk = replace(work.desk, mailer=slow)
    deliver_due(work.session, desk, worker="slow", clock=lambda: slow.now)

    # Those that left before the next renewal.
    assert 1 <= len(slow.letters) < 6


@contextmanager
def asked_before_each_statement(engine, whether_it_goes_through):
    """A database that this is asked of each statement first."""
    event.listen(engine, "before_cursor_execute", whether_it_goes_through)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", whether_it_goes_through)


def test_answers_outlive_a_database_that_goes_away_for_a_while(work, engine, monkeypatch):
    """A restart of the database costs no second mail: what was said is written down after it."""
    monkeypatch.setattr(sending, "RECORD_WITHIN_SECONDS", 0.005)
    count = _many_mails(work)
    refusals = 0

    def refuse_a_few(_connection, _cursor, statement, parameters, context, _many) -> None:
        nonlocal refusals
        if slow.letters and refusals < 5:
            refusals += 1
            fault = sqlite3.OperationalError("away")
            raise OperationalError(statement, parameters, fault)

    slow = SlowMailer(lambda _: None)
    desk = replace(work.desk, mailer=slow)
    with asked_before_each_statement(engine, refuse_a_few):
        deliver_due(work.session, desk, worker="w", clock=lambda: slow.now)

    assert refusals == 5
    assert len(slow.offered) == count
    assert set(work.session.scalars(select(Delivery.state))) == {DeliveryState.SENT}


def test_a_database_that_stays_away_ends_the_run(work, engine, monkeypatch):
    monkeypatch.setattr(sending, "RECORD_WITHIN_SECONDS", 0.005)
    count = _many_mails(work)

    def refuse(_connection, _cursor, statement, parameters, context, _many) -> None:
        if slow.letters:
            slow.now += timedelta(seconds=30)
            raise OperationalError(statement, parameters, sqlite3.OperationalError("away"))

    slow = SlowMailer(lambda _: None)
    desk = replace(work.desk, mailer=slow)
    with asked_before_each_statement(engine, refuse):
        with pytest.raises(OperationalError):
            deliver_due(work.session, desk, worker="w", clock=lambda: slow.now)

    assert 1 <= len(slow.letters) < count


def test_a_database_that_is_away_for_long_costs_no_second_mail_of_what_was_answered(
    work, engine, monkeypatch
):
    """Such as SQLite while another writes for minutes, a disk that is full, a failover."""
    monkeypatch.setattr(sending, "RECORD_WITHIN_SECONDS", 0.005)
    count = _many_mails(work)
    refusals = 0

    def refuse_for_ten_minutes(_connection, _cursor, statement, parameters, _context, _m) -> None:
        nonlocal refusals
        if slow.letters and refusals < 20:
            refusals += 1
            slow.now += timedelta(seconds=30)
            raise OperationalError(statement, parameters, sqlite3.OperationalError("locked"))

    slow = SlowMailer(lambda _: None)
    desk = replace(work.desk, mailer=slow)
    with asked_before_each_statement(engine, refuse_for_ten_minutes):
        deliver_due(work.session, desk, worker="w", clock=lambda: slow.now)

    assert len(slow.offered) == len({one.message_id for one in slow.offered}) == count
    assert set(work.session.scalars(select(Delivery.state))) == {DeliveryState.SENT}


def test_what_a_server_may_have_taken_is_sent_again_under_the_same_message_id(work):
    mail = _one_mail(work)

    class Dropping(Sink):
        async def handle_DATA(self, server, session, envelope):  # noqa: N802
            reply = await super().handle_DATA(server, session, envelope)
            return await hang_up(server) if len(self.taken) == 1 else reply

    with serving(sink := Dropping()) as server:
        desk = replace(work.desk, mailer=SmtpMailer(), mail_server=server)
        first = deliver_due(work.session, desk, worker="w", clock=lambda: NOW)
        later = NOW + 2 * LEASE
        second = deliver_due(work.session, desk, worker="w", clock=lambda: later)

    assert (first.postponed, second.sent) == (1, 1)
    ids = [message_from_bytes(content)["Message-ID"] for _, content in sink.taken]
    assert len(ids) == 2
    assert len(set(ids)) == 1
    work.session.expire_all()
    assert (mail.state, mail.attempts) == (DeliveryState.SENT, 2)
