"""The ledger of a case: each reminder with who was told, the server's answer, and who read it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import DeliveryState, MailKind
from breachdesk.domain.reminder_ledger import Standing
from breachdesk.domain.reminders import AcknowledgedVia, ReminderCause, ReminderChannel
from breachdesk.models import Acknowledgement, Clock, Delivery, NamedPerson, Reminder
from breachdesk.services.clocks import main_clock
from breachdesk.services.deliveries import queue_to_user
from breachdesk.services.reminder_ledger import quiet_reminders, read_ledger
from tests import cases
from tests.cases import MONDAY_NINE, Work

HOUR = timedelta(hours=1)


@pytest.fixture
def reference(work: Work) -> str:
    """A case whose clock has no reminder yet: each test writes its own."""
    cases.make_organisation(work, now=MONDAY_NINE)
    reference = cases.open_case(work, now=MONDAY_NINE)
    work.session.query(Delivery).delete()
    work.session.query(Reminder).delete()
    return reference


def clock_of(work: Work, reference: str) -> Clock:
    clock = main_clock(work.session, cases.incident(work, reference))
    assert clock is not None
    return clock


def remind(work: Work, reference: str, after: int, **columns: object) -> Reminder:
    """A reminder planned so many hours after Monday nine."""
    clock = clock_of(work, reference)
    at = MONDAY_NINE + after * HOUR
    usual = {
        "clock_id": clock.id,
        "incident_id": clock.incident_id,
        "cause": ReminderCause.PLANNED,
        "channel": ReminderChannel.MAIL,
        "planned_for": at,
        "remind_at": at,
        "roles": ["handler"],
    }
    reminder = Reminder(**usual | columns)
    work.session.add(reminder)
    work.session.commit()
    return reminder


def tell(work: Work, reminder: Reminder, role: Role, state: DeliveryState, **answer: object):
    """A mail of that reminder to the holder of a role, in a state."""
    delivery = queue_to_user(
        work.session,
        reminder.incident,
        cases.seat(work, role).user.id,
        MailKind.REMINDER,
        key=f"reminder:{reminder.id}:{role.value}",
        now=reminder.remind_at,
        reminder_id=reminder.id,
        roles=[role.value],
    )
    delivery.state = state
    for name, value in answer.items():
        setattr(delivery, name, value)
    work.session.commit()


def acknowledge(work: Work, reminder: Reminder, role: Role, after: int) -> None:
    at = MONDAY_NINE + after * HOUR
    reminder.acknowledged_at = at
    work.session.add(
        Acknowledgement(
            incident_id=reminder.incident_id,
            clock_id=reminder.clock_id,
            reminder_id=reminder.id,
            user_id=cases.seat(work, role).user.id,
            via=AcknowledgedVia.PAGE,
            at=at,
        )
    )
    work.session.commit()


def ledger_of(work: Work, reference: str):
    return read_ledger(work.session, cases.incident(work, reference))


# --- The ledger ------------------------------------------------------------------------------


def test_a_line_says_who_was_told_and_what_the_server_answered(work, reference):
    sent_at = MONDAY_NINE + HOUR
    reminder = remind(work, reference, 1, emitted_at=sent_at, roles=["handler", "dpo"])
    answered = {"finished_at": sent_at, "answer_code": 250, "answer": "2.0.0 Ok: queued"}
    tell(work, reminder, Role.HANDLER, DeliveryState.SENT, **answered)
    tell(work, reminder, Role.DPO, DeliveryState.QUEUED)

    (line,) = ledger_of(work, reference).lines

    handler, dpo = line.told
    assert (handler.name, handler.roles, handler.state) == ("Handler GIR", ("handler",), "sent")
    assert (handler.answered_at, handler.answer) == (sent_at, "250 2.0.0 Ok: queued")
    assert (dpo.name, dpo.state, dpo.answered_at, dpo.answer) == ("Dpo GIR", "queued", None, "")
    assert (line.clock, line.regime, line.cause) == (1, "provisional", "planned")
    assert line.standing is Standing.UNREAD


def test_every_standing_has_its_line_in_order_of_time(work, reference):
    then = MONDAY_NINE
    late = remind(work, reference, 9, emitted_at=then + 9 * HOUR)
    remind(work, reference, 5, cancelled_at=then + 9 * HOUR, covered_by_id=late.id)
    remind(work, reference, 3, cancelled_at=then + 4 * HOUR)
    remind(work, reference, 30)
    remind(work, reference, 15, remind_at=then + 22 * HOUR)
    read = remind(work, reference, 1, emitted_at=then + HOUR)
    acknowledge(work, read, Role.DPO, 2)

    ledger = ledger_of(work, reference)

    assert [line.standing.value for line in ledger.lines] == [
        "read",
        "cancelled",
        "missed",
        "unread",
        "held",
        "planned",
    ]
    assert [line.standing.value for line in ledger.ahead] == ["held", "planned"]
    assert [line.standing.value for line in ledger.unread] == ["unread"]
    assert [line.standing.value for line in ledger.past] == ["read", "missed", "unread"]
    assert [line.standing.value for line in ledger.cancelled] == ["cancelled"]
    first, missed = ledger.lines[0], ledger.lines[2]
    assert (first.read.by, first.read.via, first.read.at) == ("Dpo GIR", "page", then + 2 * HOUR)
    assert missed.told_at == then + 9 * HOUR


def test_an_escalation_says_which_reminder_nobody_answered(work, reference):
    first = remind(work, reference, 1, emitted_at=MONDAY_NINE + HOUR)
    remind(work, reference, 5, cause=ReminderCause.ESCALATION, escalates_id=first.id)

    escalation = ledger_of(work, reference).lines[1]

    assert escalation.cause == "escalation"
    assert escalation.answers_to == MONDAY_NINE + HOUR


def test_a_reminder_of_a_clock_that_has_stopped_waits_for_nobody(work, reference):
    remind(work, reference, 1, emitted_at=MONDAY_NINE + HOUR)
    clock_of(work, reference).stopped_at = MONDAY_NINE + 2 * HOUR
    work.session.commit()

    ledger = ledger_of(work, reference)

    assert [line.standing for line in ledger.lines] == [Standing.UNREAD]
    assert ledger.unread == ()


def test_lines_name_their_clock_by_its_place_in_the_case(work, reference):
    remind(work, reference, 40)
    cases.qualify(work, reference, now=MONDAY_NINE + HOUR)

    lines = ledger_of(work, reference).lines

    assert {(line.clock, line.regime) for line in lines} == {
        (1, "provisional"),
        (2, "gdpr_art_33"),
    }


def test_a_case_without_reminders_has_an_empty_ledger(work, reference):
    assert ledger_of(work, reference).lines == ()


@contextmanager
def counted(session) -> Iterator[list[str]]:
    """The statements of the session inside the `with`."""
    statements: list[str] = []

    def note(_connection, _cursor, statement, _parameters, _context, _many) -> None:
        if statement.startswith("SELECT"):
            statements.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("many", [1, 25])
def test_it_takes_three_queries_however_many_there_are(work, reference, many):
    for number in range(many):
        reminder = remind(work, reference, number, emitted_at=MONDAY_NINE + number * HOUR)
        tell(work, reminder, Role.HANDLER, DeliveryState.SENT)
    incident = cases.incident(work, reference)
    assert incident.id

    with counted(work.session) as statements:
        ledger = read_ledger(work.session, incident)

    assert len(ledger.lines) == many
    assert len(statements) == 3


# --- What is told on the desk alone ----------------------------------------------------------


def quiet(work: Work, reference: str, after: int = 1, **columns: object) -> Reminder:
    given = {"channel": ReminderChannel.DESK, "emitted_at": MONDAY_NINE + after * HOUR}
    return remind(work, reference, after, **given | columns)


def seen_by(work: Work, role: Role, code: str = "GIR") -> list[str]:
    found = quiet_reminders(work.session, cases.seat(work, role, code))
    return [each.incident.reference for each in found]


def test_a_quiet_reminder_shows_to_who_may_say_that_they_read_it(work, reference):
    quiet(work, reference)

    (shown,) = quiet_reminders(work.session, cases.seat(work, Role.HANDLER))

    assert (shown.incident.reference, shown.regime) == (reference, "provisional")
    assert (shown.roles, shown.emitted_at) == (("handler",), MONDAY_NINE + HOUR)
    assert seen_by(work, Role.MANAGER) == [reference]
    assert seen_by(work, Role.AUDITOR) == []
    assert seen_by(work, Role.REPORTER) == []


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"channel": ReminderChannel.MAIL}, id="it went by mail"),
        pytest.param({"emitted_at": None}, id="not due yet"),
        pytest.param({"acknowledged_at": MONDAY_NINE}, id="read"),
    ],
)
def test_other_reminders_do_not_show_on_the_desk(work, reference, columns):
    quiet(work, reference, **columns)

    assert seen_by(work, Role.HANDLER) == []


def test_nothing_shows_once_the_clock_has_stopped(work, reference):
    quiet(work, reference)
    clock_of(work, reference).stopped_at = MONDAY_NINE + 2 * HOUR
    work.session.commit()

    assert seen_by(work, Role.HANDLER) == []


def test_a_clock_shows_once_with_its_latest_reminder(work, reference):
    quiet(work, reference, 1)
    quiet(work, reference, 7)

    (shown,) = quiet_reminders(work.session, cases.seat(work, Role.HANDLER))

    assert shown.emitted_at == MONDAY_NINE + 7 * HOUR


def test_a_restricted_case_shows_to_those_named_alone(work, reference):
    quiet(work, reference)
    incident = cases.incident(work, reference)
    incident.is_restricted = True
    named = cases.seat(work, Role.DPO).user
    work.session.add(
        NamedPerson(
            incident_id=incident.id,
            user_id=named.id,
            named_by_id=named.id,
            named_at=MONDAY_NINE,
        )
    )
    work.session.commit()

    assert seen_by(work, Role.HANDLER) == []
    assert seen_by(work, Role.DPO) == [reference]


def test_another_organisation_sees_nothing_of_it(work, reference):
    quiet(work, reference)
    cases.make_organisation(work, "VID", now=MONDAY_NINE)

    assert seen_by(work, Role.HANDLER, "VID") == []


def test_it_is_one_query(work, reference):
    quiet(work, reference)
    seat = cases.seat(work, Role.HANDLER)

    with counted(work.session) as statements:
        (shown,) = quiet_reminders(work.session, seat)
        assert shown.incident.title is not None

    assert len(statements) == 1
