"""After an outage: one mail to a person for all that was missed, and each case its own ledger."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import LEASE, DeliveryState, MailKind
from breachdesk.domain.reminders import ReminderCause
from breachdesk.mail.answers import Answer, Outcome
from breachdesk.models import (
    Acknowledgement,
    Clock,
    Delivery,
    Incident,
    Organisation,
    Reminder,
)
from breachdesk.services import letters as letters_module
from breachdesk.services import sending
from breachdesk.services.acknowledging import LinkState, acknowledge_by_link, look_at_link
from breachdesk.services.case_access import restrict_case
from breachdesk.services.case_records import read_case_record
from breachdesk.services.caught_up_mails import UNWRITABLE, free_what_waits_for_nothing
from breachdesk.services.clocks import start_clock
from breachdesk.services.deliveries import claim_due, mails_to_users
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.letters import LetterFault
from breachdesk.services.mail_routes import read_routes
from breachdesk.services.outage_mails import FOR_OTHER_BATCHES
from breachdesk.services.reminder_ledger import read_ledger
from breachdesk.services.reminders import emit_due_reminders
from breachdesk.services.sending import deliver_due
from breachdesk.services.waiting_mail import waiting_mail
from breachdesk.services.work_state import work_state
from tests.bench import ticks
from tests.cases import (
    FACTS_OF_THE_SHOP,
    MONDAY_NINE,
    Work,
    address_of,
    file,
    incident,
    know,
    make_organisation,
    open_case,
    qualify,
    seat,
)
from tests.mail.memory import MemoryMailer
from tests.services.desks import counting_statements, let_work

NOW = MONDAY_NINE
BACK = NOW + timedelta(hours=50)
LATER = BACK + timedelta(minutes=20)
TEAM = (Role.HANDLER, Role.DPO, Role.DECIDER, Role.MANAGER)
CAUGHT_UP = Delivery.kind == MailKind.CAUGHT_UP
TOLD_AT_ONCE = Delivery.reminder_id.is_not(None) & (Delivery.queued_at == BACK)
SOON = Answer(Outcome.TEMPORARY, 452, "Mailbox full")


@pytest.fixture
def three(work) -> list[str]:
    """Three breaches of GIR, an hour between them, the second with two clocks; mail has left."""
    make_organisation(work, now=NOW - timedelta(hours=2), roles=TEAM)
    made = []
    for number in range(3):
        known_at = NOW - timedelta(hours=2 - number)
        made.append(open_case(work, now=known_at))
        know(work, made[-1], now=known_at, **FACTS_OF_THE_SHOP)
        qualify(work, made[-1], now=known_at)
    start_clock(
        work.session,
        incident(work, made[1]),
        "quebec_cai",
        started_at=NOW,
        by=seat(work, Role.DPO).user,
        now=NOW,
    )
    work.session.commit()
    let_work(work, NOW)
    work.desk.mailer.letters.clear()
    work.desk.mailer.offered.clear()
    return made


def letters_to(work, role: Role) -> list:
    return [each for each in work.desk.mailer.letters if each.recipient_address == address_of(role)]


def the_letter_to(work, role: Role):
    (letter,) = letters_to(work, role)
    return letter


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def token_of(letter) -> str:
    return re.search(r"https://desk\.example/acknowledge/(\S+)", letter.text)[1]


def confirm(work, token, now=LATER) -> None:
    acknowledge_by_link(work.session, work.desk, token, address="192.0.2.1", now=now)


def states(work, *where) -> set[DeliveryState]:
    work.session.rollback()
    return set(work.session.scalars(select(Delivery.state).where(TOLD_AT_ONCE, *where)))


# --- The mail --------------------------------------------------------------------------------


def test_one_mail_tells_a_person_of_every_case_the_most_urgent_first(work, three):
    let_work(work, BACK)

    letter = the_letter_to(work, Role.HANDLER)
    assert plain(letter.subject).endswith("4 délais dans 3 dossiers, le premier dans 20 h 00")
    said = plain(letter.text)
    places = [said.index(f"* {reference}") for reference in three]
    assert places == sorted(places)
    for reference in three:
        assert f"https://desk.example/incidents/{reference}\n" in said
    assert "n’ont pas pu partir : notre service était interrompu" in said
    assert said.count("rappels manqués : ") + said.count("Rappel manqué : ") == 4
    assert said.count("Ce que l’on ne sait pas encore : ") == 3
    of_second = said[places[1] : places[2]]
    assert of_second.index("Notification à la CNIL") < of_second.index("(Québec)")
    assert said.count("/acknowledge/") == 1


def test_each_case_keeps_its_own_ledger_dossier_and_list_of_mails(work, three):
    let_work(work, BACK)

    for reference in three:
        case = incident(work, reference)
        told = [line for line in read_ledger(work.session, case).past if line.emitted_at == BACK]
        assert len(told) == (2 if reference == three[1] else 1)
        for line in told:
            assert seat(work, Role.HANDLER).user.name in {each.name for each in line.told}
            assert {each.state for each in line.told} == {"sent"}
        record = read_case_record(work.session, case, by=seat(work, Role.DPO).user, now=BACK)
        assert {mail.sent_at for mail in record.reminders if mail.planned_at > NOW} == {BACK}
        sent = [
            (each.incident_id, each.finished_at) for each, _ in mails_to_users(work.session, case)
        ]
        assert {owner for owner, _ in sent} == {case.id}
        assert first_broken_entry(journal_of(work.session, case)) is None
    assert states(work) == {DeliveryState.SENT}


def test_what_was_missed_of_one_case_alone_is_the_mail_of_that_case(work, three):
    for reference in three[1:]:
        file(work, reference, now=NOW)
    beside = work.session.scalars(select(Clock).where(Clock.regime == "quebec_cai")).one()
    beside.stopped_at = NOW
    work.session.commit()

    let_work(work, BACK)

    letter = next(each for each in letters_to(work, Role.HANDLER) if "acknowledge" in each.text)
    assert letter.subject.startswith(three[0])
    assert work.session.scalars(select(Delivery).where(CAUGHT_UP)).all() == []


def test_in_time_each_case_has_its_own_mail(work, three):
    ahead = (Reminder.emitted_at.is_(None), Reminder.cancelled_at.is_(None))
    for _ in range(6):
        due_at = work.session.scalars(select(func.min(Reminder.remind_at)).where(*ahead)).one()
        emit_due_reminders(work.session, now=due_at)

    assert work.session.scalars(select(Delivery).where(CAUGHT_UP)).all() == []


def test_the_heads_of_all_journals_are_in_it(work, three):
    let_work(work, BACK)

    text = the_letter_to(work, Role.HANDLER).text
    for reference in three:
        last = journal_of(work.session, incident(work, reference))[-1]
        groups = " ".join(last.hash[start : start + 8] for start in range(0, 64, 8))
        assert f"\n{reference}, {last.sequence} lignes" in plain(text)
        assert groups in text


# --- What changes before it leaves -----------------------------------------------------------


def test_what_stops_before_it_leaves_is_not_told_and_the_rest_is(work, three):
    emit_due_reminders(work.session, now=BACK)
    file(work, three[0], now=BACK)
    deliver_due(work.session, work.desk, worker="w", clock=lambda: BACK)

    letter = next(each for each in letters_to(work, Role.HANDLER) if "acknowledge" in each.text)
    assert three[0] not in letter.text
    assert three[1] in letter.text
    assert three[2] in letter.text
    of_first = Delivery.incident_id == incident(work, three[0]).id
    assert states(work, of_first) == {DeliveryState.CANCELLED}
    assert states(work, ~of_first) == {DeliveryState.SENT}


def test_where_all_has_stopped_nothing_leaves(work, three):
    emit_due_reminders(work.session, now=BACK)
    for reference in three:
        file(work, reference, now=BACK)
    work.session.execute(update(Clock).values(stopped_at=BACK))
    work.session.execute(
        update(Delivery)
        .where(Delivery.state == DeliveryState.QUEUED, TOLD_AT_ONCE)
        .values(state=DeliveryState.CANCELLED)
    )
    work.session.commit()
    deliver_due(work.session, work.desk, worker="w", clock=lambda: BACK)

    assert [each for each in work.desk.mailer.letters if "acknowledge" in each.text] == []
    assert set(work.session.scalars(select(Delivery.state).where(CAUGHT_UP))) == {
        DeliveryState.CANCELLED
    }


def test_a_case_restricted_to_others_meanwhile_is_told_and_confirmed_to_those_alone(work, three):
    emit_due_reminders(work.session, now=BACK)
    dpo = seat(work, Role.DPO)
    hidden = incident(work, three[1])
    restrict_case(work.session, hidden, [dpo.user.id], seen=[], by=dpo, now=BACK)
    deliver_due(work.session, work.desk, worker="w", clock=lambda: BACK)

    assert three[1] not in the_letter_to(work, Role.HANDLER).text
    mine = token_of(the_letter_to(work, Role.HANDLER))
    seen = look_at_link(work.session, work.desk, mine, now=LATER)
    assert {case.reference for case in seen.cases} == {three[0], three[2]}


def test_a_case_restricted_while_a_slow_server_keeps_the_mail_waiting_is_not_told_to_others(
    work, engine, three, monkeypatch
):
    """Written already, it waits for its turn: the next renewal of its lease finds out."""
    monkeypatch.setattr(sending, "RECORD_WITHIN_SECONDS", 0.005)
    emit_due_reminders(work.session, now=BACK)
    hidden = three[1]

    def restrict(now) -> None:
        with Session(engine) as session:
            own = Work(session, work.desk)
            case, dpo = incident(own, hidden), seat(own, Role.DPO)
            if not case.is_restricted:
                restrict_case(session, case, [dpo.user.id], seen=[], by=dpo, now=now)

    slow = HesitatingOnce(restrict)
    desk = replace(work.desk, mailer=slow)
    deliver_due(work.session, desk, worker="w", clock=lambda: slow.now)
    first = len(slow.letters)
    later = slow.now + 2 * LEASE
    deliver_due(work.session, work.desk, worker="w", clock=lambda: later)

    told = [*slow.letters, *work.desk.mailer.letters]
    to_others = [each for each in told if each.recipient_address != address_of(Role.DPO)]
    assert first < len(told)
    assert to_others
    assert not any(hidden in each.text for each in to_others)
    assert all(three[0] in each.text and three[2] in each.text for each in to_others)
    assert len({(each.recipient_address, each.message_id) for each in told}) == len(told)
    assert states(work) == {DeliveryState.SENT, DeliveryState.CANCELLED}


class HesitatingOnce(MemoryMailer):
    """Lets something happen and a quarter of a lease pass before it takes its first letter."""

    def __init__(self, meanwhile) -> None:
        super().__init__()
        self.now, self._meanwhile = BACK, meanwhile

    async def deliver(self, server, letters, on_answer, **options) -> None:
        self._meanwhile(self.now)
        self.now += LEASE / 4
        # Long enough for the loop to have its turn.
        await asyncio.sleep(0.1)
        self.send(server, letters, on_answer, still_wanted=options["still_wanted"])


def test_the_count_of_waiting_mail_tells_nobody_of_a_case_that_is_hidden(work, three):
    dpo, admin = seat(work, Role.DPO), seat(work, Role.MANAGER)
    for reference in three:
        case = incident(work, reference)
        restrict_case(work.session, case, [dpo.user.id], seen=[], by=dpo, now=NOW)
    assert waiting_mail(work.session, admin).count == 0

    emit_due_reminders(work.session, now=BACK)

    assert waiting_mail(work.session, admin).count == 0
    assert waiting_mail(work.session, dpo).count == 3


def test_whoever_has_left_gets_nothing(work, three):
    emit_due_reminders(work.session, now=BACK)
    handler = seat(work, Role.HANDLER).user
    handler.is_active = False
    work.session.commit()

    deliver_due(work.session, work.desk, worker="w", clock=lambda: BACK)

    assert letters_to(work, Role.HANDLER) == []
    theirs = Delivery.user_id == handler.id
    assert states(work, theirs) == {DeliveryState.CANCELLED}


# --- Refused, repeated, killed ---------------------------------------------------------------


def test_a_refusal_is_that_of_all_it_told(work, three):
    emit_due_reminders(work.session, now=BACK)
    work.desk.mailer.answer_with(
        address_of(Role.HANDLER), Answer(Outcome.PERMANENT, 550, "No such user")
    )
    deliver_due(work.session, work.desk, worker="w", clock=lambda: BACK)

    of_handler = Delivery.user_id == seat(work, Role.HANDLER).user.id
    assert states(work, of_handler) == {DeliveryState.REFUSED}
    assert states(work, ~of_handler) <= {DeliveryState.SENT}
    line = read_ledger(work.session, incident(work, three[0])).past[-1]
    assert "550 No such user" in {each.answer for each in line.told}


def test_refused_for_now_it_is_the_same_mail_when_it_is_tried_again(work, three):
    emit_due_reminders(work.session, now=BACK)
    work.desk.mailer.answer_with(address_of(Role.HANDLER), SOON)
    deliver_due(work.session, work.desk, worker="w", clock=lambda: BACK)
    assert states(work, Delivery.user_id == seat(work, Role.HANDLER).user.id) == {
        DeliveryState.QUEUED
    }

    deliver_due(work.session, work.desk, worker="w", clock=lambda: LATER)

    offered = [
        m for m in work.desk.mailer.offered if m.recipient_address == address_of(Role.HANDLER)
    ]
    assert len(offered) == 2
    assert len({each.message_id for each in offered}) == 1
    assert states(work) == {DeliveryState.SENT}


def test_a_worker_killed_with_it_in_hand_loses_nothing_and_it_stays_the_same_mail(work, three):
    emit_due_reminders(work.session, now=BACK)
    routes = read_routes(work.session, work.desk)
    claim_due(work.session, routes.can_leave(()), worker="killed", now=BACK)

    after = BACK + LEASE + timedelta(seconds=1)
    deliver_due(work.session, work.desk, worker="other", clock=lambda: after)

    assert all(ref in the_letter_to(work, Role.HANDLER).text for ref in three)
    assert states(work) == {DeliveryState.SENT}


def test_what_cannot_be_told_together_is_told_case_by_case(work, three, monkeypatch):
    assert LetterFault.OTHER == UNWRITABLE

    def fail(*_arguments):
        raise ValueError("cannot be written")

    monkeypatch.setattr(letters_module, "with_heads", fail)
    emit_due_reminders(work.session, now=BACK)
    deliver_due(work.session, work.desk, worker="w", clock=lambda: BACK)

    deliver_due(work.session, work.desk, worker="w", clock=lambda: LATER)

    assert {each.subject[:13] for each in letters_to(work, Role.HANDLER)} == set(three)
    assert states(work) == {DeliveryState.SENT}


@pytest.mark.parametrize("was_tried", [False, True])
def test_what_waits_for_a_mail_that_is_gone_leaves_by_itself(work, three, was_tried):
    emit_due_reminders(work.session, now=BACK)
    if was_tried:
        work.desk.mailer.down = SOON
        deliver_due(work.session, work.desk, worker="w", clock=lambda: BACK)
        work.desk.mailer.down = None
    assert free_what_waits_for_nothing(work.session, now=BACK) == 0
    work.session.execute(update(Delivery).where(CAUGHT_UP).values(state=DeliveryState.FAILED))
    work.session.commit()
    aside = len(work.session.scalars(select(Delivery.id).where(TOLD_AT_ONCE)).all())

    assert free_what_waits_for_nothing(work.session, now=LATER) == aside

    deliver_due(work.session, work.desk, worker="w", clock=lambda: LATER)
    assert states(work) == {DeliveryState.SENT}
    assert len(letters_to(work, Role.HANDLER)) == 3


def test_a_mail_whose_row_cannot_be_read_keeps_nobody_s_mail_and_its_cases_are_told(
    work, engine, three
):
    emit_due_reminders(work.session, now=BACK)
    broken = work.session.scalar(select(func.min(Delivery.id)).where(CAUGHT_UP))
    written = "null" if engine.dialect.name == "postgresql" else "{"
    row = {"written": written, "id": broken}
    cast = "CAST(:written AS jsonb)" if engine.dialect.name == "postgresql" else ":written"
    work.session.execute(text(f"UPDATE delivery SET parameters = {cast} WHERE id = :id"), row)
    work.session.commit()

    deliver_due(work.session, work.desk, worker="w", clock=lambda: BACK)

    assert len([each for each in work.desk.mailer.letters if "acknowledge" in each.text]) == 1
    free_what_waits_for_nothing(work.session, now=LATER)
    deliver_due(work.session, work.desk, worker="w", clock=lambda: LATER)
    assert states(work) == {DeliveryState.SENT}


@pytest.mark.parametrize("is_tried", [False, True])
def test_the_operator_is_told_of_what_waits_once(work, three, is_tried):
    emit_due_reminders(work.session, now=BACK)
    if is_tried:
        work.desk.mailer.down = SOON
        deliver_due(work.session, work.desk, worker="w", clock=lambda: BACK)
    waits = len(work.session.scalars(select(Delivery.id).where(TOLD_AT_ONCE)).all())

    state = work_state(work.session, work.desk, None, now=BACK).state

    assert sum(way.mail.count for way in state.ways) == waits
    assert sum(way.mail.tried for way in state.ways) == (waits if is_tried else 0)


# --- Confirming ------------------------------------------------------------------------------


def going_up(work) -> list[Reminder]:
    return list(
        work.session.scalars(
            select(Reminder).where(
                Reminder.cause == ReminderCause.ESCALATION,
                Reminder.emitted_at.is_(None),
                Reminder.cancelled_at.is_(None),
            )
        )
    )


def test_its_link_shows_every_case_and_one_press_confirms_each_clock(work, three):
    let_work(work, BACK)
    token = token_of(the_letter_to(work, Role.HANDLER))

    seen = look_at_link(work.session, work.desk, token, now=LATER)

    assert (seen.state, [case.reference for case in seen.cases]) == (LinkState.OPEN, three)
    assert seen.to_confirm == 4
    assert len(going_up(work)) == 4
    confirm(work, token)
    confirm(work, token, LATER + timedelta(minutes=1))
    made = work.session.scalars(select(Acknowledgement)).all()
    assert len({each.clock_id for each in made}) == len(made) == 4
    assert {each.at for each in made} == {LATER}
    assert going_up(work) == []
    for reference in three:
        assert first_broken_entry(journal_of(work.session, incident(work, reference))) is None


def test_of_a_case_restricted_since_the_link_shows_and_confirms_nothing(work, three):
    let_work(work, BACK)
    token = token_of(the_letter_to(work, Role.HANDLER))
    dpo = seat(work, Role.DPO)
    hidden = incident(work, three[1])
    restrict_case(work.session, hidden, [dpo.user.id], seen=[], by=dpo, now=BACK)

    seen = look_at_link(work.session, work.desk, token, now=LATER)

    assert [case.reference for case in seen.cases] == [three[0], three[2]]
    confirm(work, token)
    read = {each.incident_id for each in work.session.scalars(select(Acknowledgement))}
    assert read == {incident(work, three[0]).id, incident(work, three[2]).id}


def test_a_link_to_cases_all_restricted_since_is_nobody_s(work, three):
    let_work(work, BACK)
    token = token_of(the_letter_to(work, Role.HANDLER))
    dpo = seat(work, Role.DPO)
    for reference in three:
        case = incident(work, reference)
        restrict_case(work.session, case, [dpo.user.id], seen=[], by=dpo, now=BACK)

    seen = look_at_link(work.session, work.desk, token, now=LATER)
    assert (seen.state, seen.cases) == (LinkState.HIDDEN, ())


# --- Many ------------------------------------------------------------------------------------

MANY = 500


@pytest.fixture
def many(work) -> None:
    """Five hundred cases of one organisation, each with a reminder missed, for two people."""
    ticks.fill(work, MANY)
    work.session.execute(
        update(Incident).where(Incident.id >= ticks.FIRST).values(organisation_id=ticks.FIRST)
    )
    work.session.execute(update(Organisation).values(timezone="Europe/Paris"))
    first = select(func.min(Reminder.id)).where(Reminder.emitted_at.is_(None))
    of_each = first.where(Reminder.incident_id >= ticks.FIRST).group_by(Reminder.incident_id)
    work.session.execute(
        update(Reminder)
        .where(Reminder.id.in_(of_each))
        .values(remind_at=ticks.NOW - timedelta(hours=1))
    )
    work.session.commit()


def of_the_tick(work, *columns):
    return work.session.execute(
        select(*columns).where(Delivery.reminder_id.is_not(None), Delivery.queued_at == ticks.NOW)
    ).all()


def test_five_hundred_cases_are_one_mail_a_person_and_nothing_is_lost(work, many):
    assert emit_due_reminders(work.session, now=ticks.NOW) == 2 * MANY
    later = ticks.NOW + FOR_OTHER_BATCHES
    deliver_due(work.session, work.desk, worker="w", clock=lambda: later)
    deliver_due(work.session, work.desk, worker="w", clock=lambda: later + timedelta(hours=1))

    sent = [each for each in work.desk.mailer.letters if "acknowledge" in each.text]
    assert sorted(each.recipient_address for each in sent) == [
        address_of(Role.DPO),
        address_of(Role.HANDLER),
    ]
    references = set(
        work.session.scalars(select(Incident.reference).where(Incident.id >= ticks.FIRST))
    )
    for letter in sent:
        assert set(re.findall(r"^\* (\S+)$", letter.text, re.M)) == references
    rows = of_the_tick(work, Delivery.incident_id, Delivery.user_id, Delivery.state)
    assert len({(row.incident_id, row.user_id) for row in rows}) == len(rows) == 2 * MANY
    assert {row.state for row in rows} == {DeliveryState.SENT}
    waits = select(func.count(Delivery.id)).where(Delivery.state == DeliveryState.QUEUED)
    assert work.session.scalar(waits) == 0


def test_a_tick_after_an_outage_costs_a_fixed_number_of_statements_for_each_batch(
    work, engine, many, monkeypatch
):
    monkeypatch.setattr("breachdesk.services.reminders.BATCH", 100)
    seen = []
    for batches in (1, 2):
        kept = select(Reminder.id).where(
            Reminder.remind_at <= ticks.NOW, Reminder.emitted_at.is_(None)
        )
        due = work.session.scalars(kept.order_by(Reminder.id)).all()
        late = due[100 * batches - 1 :]
        moved = update(Reminder).where(Reminder.id.in_(late))
        work.session.execute(moved.values(remind_at=ticks.NOW + timedelta(days=9)))
        work.session.commit()
        with counting_statements(engine) as statements:
            assert emit_due_reminders(work.session, now=ticks.NOW) == 2 * (100 * batches - 1)
        seen.append(len(statements))
        work.session.execute(moved.values(remind_at=ticks.NOW - timedelta(hours=1)))
        work.session.commit()

    assert seen[0] < 20
    assert seen[1] <= 2 * seen[0]


def test_confirming_five_hundred_costs_what_confirming_one_does(work, engine, many):
    emit_due_reminders(work.session, now=ticks.NOW)
    later = ticks.NOW + FOR_OTHER_BATCHES
    deliver_due(work.session, work.desk, worker="w", clock=lambda: later)
    letter = next(
        each
        for each in letters_to(work, Role.HANDLER)
        if "acknowledge" in each.text and "BENCH" in each.text
    )
    token = token_of(letter)

    with counting_statements(engine) as looked:
        assert look_at_link(work.session, work.desk, token, now=later).to_confirm == MANY
    work.session.rollback()
    with counting_statements(engine) as confirmed:
        confirm(work, token, later)

    assert len(looked) < 6
    # SQLite writes new rows one by one: no way lies between.
    asked = [each for each in confirmed if not each.startswith("INSERT")]
    assert len(asked if engine.dialect.name == "sqlite" else confirmed) < 35
    made = select(func.count(Acknowledgement.id))
    assert work.session.scalar(made) == MANY


def test_several_workers_send_a_person_no_more_mails_than_they_are(
    work, at_once, many, monkeypatch
):
    monkeypatch.setattr("breachdesk.services.reminders.BATCH", 50)
    later = ticks.NOW + FOR_OTHER_BATCHES

    def one(own) -> None:
        emit_due_reminders(own.session, now=ticks.NOW)
        deliver_due(own.session, own.desk, worker="w", clock=lambda: ticks.NOW)

    results = at_once(one, one, one)
    assert results == [None] * 3
    one(work)
    deliver_due(work.session, work.desk, worker="w", clock=lambda: later)

    told = [each for each in letters_to(work, Role.HANDLER) if "BENCH" in each.text]
    assert 1 <= len(told) <= 4
    assert len({each.message_id for each in told}) == len(told)
    every = [ref for each in told for ref in re.findall(r"^\* (\S+)$", each.text, re.M)]
    assert len(every) == len(set(every)) == MANY
    assert {row.state for row in of_the_tick(work, Delivery.state)} == {DeliveryState.SENT}
