"""Every mail: tried until it has a final answer, by one worker at a time, never lost."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import (
    GIVE_UP_AFTER,
    NOTICE_PRIORITY,
    DeliveryState,
    MailKind,
)
from breachdesk.mail.answers import Answer, Outcome
from breachdesk.mail.mailer import MailServer
from breachdesk.mail.smtp import SmtpMailer
from breachdesk.models import Delivery, Notice
from breachdesk.models.vault import Vault
from breachdesk.services import deliveries as services
from breachdesk.services import sending
from breachdesk.services.cases import case_of
from breachdesk.services.deliveries import record_answers
from breachdesk.services.journal import journal_of
from breachdesk.services.sending import deliver_due
from breachdesk.services.waiting_mail import WaitingMail, waiting_mail
from tests.cases import (
    MONDAY_NINE,
    Work,
    incident,
    make_organisation,
    open_case,
    seat,
    start_sending,
)
from tests.services.desks import counting_statements, let_work
from tests.services.letters_to_many import approved_notice

NOW = MONDAY_NINE
MINUTE = timedelta(minutes=1)
HANDLER = "handler@gir.example"
GREYLISTED = Answer(Outcome.TEMPORARY, 451, "4.7.1 Try again later")
NOBODY = Answer(Outcome.PERMANENT, 550, "5.1.1 <…> unknown")
AWAY = Answer(Outcome.UNREACHABLE, None, "Connection refused")
NOT_US = Answer(Outcome.MISCONFIGURED, 535, "5.7.8 Authentication failed")


def _one_mail(work) -> Delivery:
    """A receipt that waits; the decider's own alert has left."""
    make_organisation(work, now=NOW, roles=(Role.HANDLER, Role.DECIDER))
    open_case(work, now=NOW)
    mails = work.session.scalars(select(Delivery).order_by(Delivery.id)).all()
    for mail in mails[1:]:
        mail.state = DeliveryState.CANCELLED
    work.session.commit()
    return mails[0]


def test_a_mail_accepted_keeps_the_server_s_answer(work):
    mail = _one_mail(work)

    done = let_work(work, NOW + MINUTE)

    assert (done.sent, done.handled) == (1, 1)
    assert (mail.state, mail.answer_code, mail.answer) == (DeliveryState.SENT, 250, "OK")
    assert (mail.finished_at, mail.attempts, mail.lease_until) == (NOW + MINUTE, 1, None)


def test_a_temporary_refusal_is_tried_again_after_growing_pauses(work, mailer):
    mail = _one_mail(work)
    mailer.answer_with(HANDLER, *[GREYLISTED] * 8)
    pauses, moment = [], NOW
    while mail.state is DeliveryState.QUEUED:
        let_work(work, moment)
        let_work(work, moment)
        pauses.append((mail.next_attempt_at - moment) // MINUTE)
        moment = mail.next_attempt_at

    assert pauses == [1, 2, 4, 5, 5, 5, 5, 5, 0]
    assert (mail.state, mail.attempts) == (DeliveryState.SENT, 9)
    assert len({letter.message_id for letter in mailer.offered}) == 1


def test_a_server_that_refuses_for_five_days_is_given_up(work, mailer):
    mail = _one_mail(work)
    mailer.down = GREYLISTED
    # The first days are like the last hours.
    mail.queued_at = NOW - GIVE_UP_AFTER + timedelta(hours=6)
    moment = NOW

    while mail.state is DeliveryState.QUEUED:
        let_work(work, moment)
        moment = max(mail.next_attempt_at, moment)

    assert mail.state is DeliveryState.FAILED
    assert GIVE_UP_AFTER - timedelta(hours=1) < mail.finished_at - mail.queued_at <= GIVE_UP_AFTER
    assert (mail.answer_code, mail.answer) == (451, GREYLISTED.text)


def test_a_permanent_refusal_is_recorded_once_without_the_address(work, mailer):
    mail = _one_mail(work)
    mailer.answer_with(HANDLER, NOBODY)

    let_work(work, NOW)
    let_work(work, NOW + timedelta(hours=1))

    assert (mail.state, mail.answer_code) == (DeliveryState.REFUSED, 550)
    assert mail.answer == "5.1.1 <…> unknown"
    assert len(mailer.offered) == 1


@pytest.mark.parametrize("fault", [AWAY, NOT_US], ids=["unreachable", "misconfigured"])
def test_a_fault_on_our_side_never_ends_a_mail_and_it_leaves_in_the_end(work, mailer, fault):
    mail = _one_mail(work)
    mailer.down = fault
    moment = NOW
    while moment < NOW + timedelta(days=12):
        let_work(work, moment)
        assert mail.state is DeliveryState.QUEUED
        moment = mail.next_attempt_at + timedelta(days=1)

    mailer.down = None
    let_work(work, moment)

    assert mail.state is DeliveryState.SENT


def test_after_a_long_outage_nothing_waits_more_than_five_minutes(work, mailer):
    mail = _one_mail(work)
    mailer.down = AWAY
    moment = NOW
    for _ in range(12):
        let_work(work, moment)
        moment = mail.next_attempt_at

    pause = mail.next_attempt_at - mail.queued_at
    let_work(work, moment)

    assert pause > timedelta(minutes=30)
    assert mail.next_attempt_at - moment == 5 * MINUTE


def test_a_mail_about_a_deadline_refused_for_now_is_tried_again_within_five_minutes(work, mailer):
    mail = _one_mail(work)
    told, notice = Delivery(priority=1), Delivery(priority=NOTICE_PRIORITY)
    for each in (told, notice):
        each.organisation_id, each.incident_id = mail.organisation_id, mail.incident_id
        each.kind, each.user_id, each.dedup_key = MailKind.REMINDER, mail.user_id, str(id(each))
        each.queued_at = each.next_attempt_at = NOW
        each.attempts, each.state, each.claimed_by = 9, DeliveryState.SENDING, "w"
        work.session.add(each)
    work.session.commit()
    moment = NOW + timedelta(hours=5)

    record_answers(
        work.session, [(told.id, GREYLISTED), (notice.id, GREYLISTED)], worker="w", now=moment
    )

    assert told.next_attempt_at - moment == 5 * MINUTE
    assert notice.next_attempt_at - moment == timedelta(hours=1)


def test_mail_that_waits_is_counted_with_since_when(work):
    make_organisation(work, now=NOW, roles=(Role.HANDLER, Role.DECIDER))
    open_case(work, now=NOW)
    open_case(work, now=NOW + MINUTE)
    closed = MailServer("127.0.0.1", 9, timeout=2.0)
    down = replace(work.desk, mailer=SmtpMailer(), mail_server=closed)

    done = let_work(Work(work.session, down), NOW + 2 * MINUTE)

    # A receipt, and to the handler and to whoever decides the mail of the start.
    assert (done.sent, done.refused, done.postponed) == (0, 0, 6)
    assert waiting_mail(work.session, seat(work, Role.DECIDER)) == WaitingMail(6, NOW)
    assert let_work(work, NOW + timedelta(hours=2)).sent == 6
    assert waiting_mail(work.session, seat(work, Role.DECIDER)) == WaitingMail(0, None)


def test_without_a_mail_server_nothing_leaves_but_an_example_s_mail_to_the_catcher(work, mailer):
    make_organisation(work, "GIR", now=NOW, roles=(Role.DECIDER,))
    make_organisation(work, "EXE", now=NOW, roles=(Role.DECIDER,), is_example=True)
    for code in ("GIR", "EXE"):
        open_case(work, now=NOW, code=code, by=Role.DECIDER)
    bare = replace(work.desk, mail_server=None)

    assert let_work(Work(work.session, bare), NOW).handled == 0
    let_work(Work(work.session, bare.with_catcher("127.0.0.1", 2525)), NOW)

    assert {letter.recipient_address for letter in mailer.offered} == {"decider@exe.example"}
    assert {server.port for server in mailer.servers} == {2525}
    assert waiting_mail(work.session, seat(work, Role.DECIDER)).count == 2


def test_two_workers_at_once_share_the_work_and_double_nothing(work, at_once):
    make_organisation(work, now=NOW)
    for _ in range(5):
        open_case(work, now=NOW)
    work.session.commit()

    def deliver(own):
        return deliver_due(own.session, own.desk, worker="w", clock=lambda: NOW).sent

    assert sum(at_once(deliver, deliver)) == 25
    ids = [letter.message_id for letter in work.desk.mailer.letters]
    assert len(ids) == len(set(ids)) == 25


@pytest.mark.parametrize(
    ("late", "state"),
    [
        pytest.param(GREYLISTED, DeliveryState.SENT, id="sent stays sent"),
        pytest.param(AWAY, DeliveryState.SENT, id="also when our line broke"),
        pytest.param(NOBODY, DeliveryState.SENT, id="also when refused the second time"),
    ],
)
def test_an_answer_that_comes_late_does_not_undo_a_final_state(work, late, state):
    mail = _one_mail(work)
    let_work(work, NOW)

    record_answers(work.session, [(mail.id, late)], worker="w", now=NOW + MINUTE)

    work.session.expire_all()
    assert (mail.state, mail.answer_code, mail.finished_at) == (state, 250, NOW)


def test_a_late_acceptance_is_a_fact_whatever_was_believed(work, mailer):
    mail = _one_mail(work)
    mailer.answer_with(HANDLER, NOBODY)
    let_work(work, NOW)

    taken = Answer(Outcome.ACCEPTED, 250, "OK")
    record_answers(work.session, [(mail.id, taken)], worker="late", now=NOW)

    work.session.expire_all()
    assert mail.state is DeliveryState.SENT


def test_a_recipient_our_key_does_not_open_keeps_nobody_else_waiting(work, mailer):
    reference = approved_notice(work, 3)
    start_sending(work, reference, now=NOW)
    first = work.session.scalars(
        select(Delivery).where(Delivery.recipient_id.is_not(None)).order_by(Delivery.id)
    ).first()
    first.recipient.sealed = Vault(b"x" * 32).seal_json({"address": "a", "name": "", "locale": ""})
    work.session.commit()

    let_work(work, NOW)

    assert len([letter for letter in mailer.letters if "clients" in letter.recipient_address]) == 2
    assert (first.state, first.next_attempt_at) == (DeliveryState.QUEUED, NOW + MINUTE)
    assert "another_key" in first.answer


# PostgreSQL keeps no JSON that is none.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_row_that_cannot_be_read_is_set_aside_and_the_others_leave(work, mailer, caplog):
    make_organisation(work, now=NOW, roles=(Role.HANDLER, Role.DECIDER))
    reference = open_case(work, now=NOW)
    ids = work.session.scalars(select(Delivery.id).order_by(Delivery.id)).all()
    spoilt = text("UPDATE delivery SET parameters = 'no JSON' WHERE id = :id")
    work.session.execute(spoilt, {"id": ids[0]})
    work.session.commit()

    done = let_work(work, NOW + MINUTE)

    kept = work.session.execute(
        select(Delivery.state, Delivery.answer, Delivery.finished_at, Delivery.claimed_by).where(
            Delivery.id == ids[0]
        )
    ).one()
    assert (done.sent, len(mailer.letters)) == (len(ids) - 1, len(ids) - 1)
    assert tuple(kept) == (DeliveryState.FAILED, "row_cannot_be_read", NOW + MINUTE, "")
    assert f"of incident {reference} cannot be read and was set aside" in caplog.text


def test_a_notice_is_finished_with_its_last_delivery_and_its_counts_are_journaled(work, mailer):
    reference = approved_notice(work, 4)
    start_sending(work, reference, now=NOW)
    mailer.answer_with("client1@clients.example", NOBODY)
    mailer.answer_with("client2@clients.example", GREYLISTED)

    let_work(work, NOW)
    notice = work.session.scalars(select(Notice)).one()
    assert notice.sending_finished_at is None
    assert services.delivery_counts(work.session, notice) == {"sent": 2, "refused": 1, "queued": 1}
    assert [
        (answer.code, answer.count) for answer in services.answers_to_notice(work.session, notice)
    ] == [(451, 1), (550, 1)]
    let_work(work, NOW + 2 * MINUTE)

    case = case_of(work.session, incident(work, reference))
    assert case.notice.sending_finished_at == NOW + 2 * MINUTE
    line = journal_of(work.session, case.incident)[-1]
    assert line.parameters == {"counts": {"sent": 3, "refused": 1}}
    assert case.progress.is_told


def test_our_own_people_are_told_before_a_long_run_of_notices(work, mailer):
    reference = approved_notice(work, 5)
    let_work(work, NOW)
    start_sending(work, reference, now=NOW)
    open_case(work, now=NOW + MINUTE)

    let_work(work, NOW + MINUTE)

    last = [letter.recipient_address for letter in mailer.letters[-8:]]
    assert {address.split("@")[1] for address in last[:3]} == {"gir.example"}
    assert {address.split("@")[1] for address in last[3:]} == {"clients.example"}


def test_a_batch_costs_the_same_number_of_queries_whatever_its_size(work, engine):
    make_organisation(work, now=NOW)
    costs = {}
    for cases in (1, 15):
        for _ in range(cases):
            open_case(work, now=NOW)
        with counting_statements(engine) as statements:
            sent = deliver_due(work.session, work.desk, worker="w", clock=lambda: NOW).sent
        costs[sent] = len(statements)

    assert list(costs) == [5, 75]
    assert costs[75] == costs[5] <= 20
    assert (
        work.session.scalar(
            select(func.count(Delivery.id)).where(Delivery.state != DeliveryState.SENT)
        )
        == 0
    )


def test_whoever_is_told_to_stop_sends_what_is_in_hand_and_claims_no_more(work, monkeypatch):
    monkeypatch.setattr(sending, "CLAIM_SIZE", 10)
    monkeypatch.setattr(services, "CLAIM_SIZE", 10)
    reference = approved_notice(work, 45)
    work.session.execute(update(Delivery).values(state=DeliveryState.SENT))
    start_sending(work, reference, now=NOW)
    answers = iter([True, True])

    def batches(at_most: int) -> int:
        return sending.batches_due(work.session, work.desk, now=NOW, at_most=at_most)

    assert (batches(3), batches(9)) == (3, 5)
    done = deliver_due(
        work.session,
        work.desk,
        worker="w",
        clock=lambda: NOW,
        may_go_on=lambda: next(answers, False),
    )

    assert done.sent == 20
    assert batches(9) == 3
