"""Saying that one has read: it stops what goes up, and nothing else."""

from datetime import timedelta

from sqlalchemy import select

from breachdesk.domain.reminders import AcknowledgedVia, ReminderCause
from breachdesk.models import Acknowledgement, Clock, Reminder
from breachdesk.services.acknowledgements import acknowledge, acknowledge_case, unread_of
from breachdesk.services.clocks import main_clock, start_clock
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.reminders import emit_due_reminders
from tests.cases import (
    MONDAY_NINE,
    Role,
    Work,
    file,
    incident,
    make_organisation,
    open_case,
    qualify,
    seat,
)

NOW = MONDAY_NINE
DUE = NOW + timedelta(hours=72)
DAY_ONE = DUE - timedelta(hours=48)
LINK, PAGE = AcknowledgedVia.LINK, AcknowledgedVia.PAGE


def _reminded(work: Work) -> tuple[str, Clock]:
    """A breach whose first reminder has gone out."""
    make_organisation(work, now=NOW)
    reference = open_case(work, now=NOW)
    qualify(work, reference, now=NOW)
    emit_due_reminders(work.session, now=DAY_ONE)
    clock = main_clock(work.session, incident(work, reference))
    assert clock is not None
    return reference, clock


def _open(work: Work, cause: ReminderCause) -> list[Reminder]:
    return list(
        work.session.scalars(
            select(Reminder).where(
                Reminder.cause == cause,
                Reminder.emitted_at.is_(None),
                Reminder.cancelled_at.is_(None),
            )
        )
    )


def test_reading_stops_what_would_go_up_and_the_plan_goes_on(work):
    reference, clock = _reminded(work)
    ahead = len(_open(work, ReminderCause.PLANNED))
    assert len(_open(work, ReminderCause.ESCALATION)) == 1

    made = acknowledge(work.session, clock, by=seat(work, Role.HANDLER).user, via=LINK, now=DAY_ONE)

    sent = work.session.scalars(
        select(Reminder).where(
            Reminder.emitted_at.is_not(None), Reminder.acknowledged_at == DAY_ONE
        )
    ).one()
    assert (made.reminder_id, made.clock_id, made.via) == (sent.id, clock.id, LINK)
    assert sent.acknowledged_at == DAY_ONE
    assert _open(work, ReminderCause.ESCALATION) == []
    assert len(_open(work, ReminderCause.PLANNED)) == ahead
    line = journal_of(work.session, incident(work, reference))[-1]
    assert (line.code, line.parameters) == ("reminder_acknowledged", {"regime": clock.regime})
    assert line.actor_id == seat(work, Role.HANDLER).user.id
    assert emit_due_reminders(work.session, now=DAY_ONE + timedelta(hours=23)) == 0


def test_what_is_sent_next_is_unread_again(work):
    reference, clock = _reminded(work)
    who = seat(work, Role.HANDLER).user
    acknowledge(work.session, clock, by=who, via=PAGE, now=DAY_ONE)
    assert unread_of(work.session, incident(work, reference)) == []

    emit_due_reminders(work.session, now=DUE - timedelta(hours=24))

    assert len(unread_of(work.session, incident(work, reference))) == 1
    assert len(_open(work, ReminderCause.ESCALATION)) == 1


def test_only_the_first_answer_counts(work):
    _, clock = _reminded(work)
    acknowledge(work.session, clock.id, by=seat(work, Role.HANDLER).user, via=LINK, now=DAY_ONE)

    again = acknowledge(work.session, clock.id, by=seat(work, Role.DPO).user, via=PAGE, now=DAY_ONE)

    assert again is None
    assert len(work.session.scalars(select(Acknowledgement)).all()) == 1


def test_two_who_answer_at_once_leave_one_answer(work, at_once):
    _, clock = _reminded(work)
    clock_id = clock.id
    work.session.commit()

    results = at_once(
        *[
            lambda own, role=role: (
                acknowledge(own.session, clock_id, by=seat(own, role).user, via=LINK, now=DAY_ONE)
                is None
            )
            for role in (Role.HANDLER, Role.DPO)
        ]
    )

    assert sorted(results) == [False, True]


def test_an_answer_and_a_tick_at_once_leave_either_nothing_going_up_or_something_unread(
    work, at_once
):
    reference, clock = _reminded(work)
    clock_id, later = clock.id, DAY_ONE + timedelta(hours=4)
    work.session.commit()

    results = at_once(
        lambda own: acknowledge(
            own.session, clock_id, by=seat(own, Role.HANDLER).user, via=LINK, now=later
        ),
        lambda own: emit_due_reminders(own.session, now=later),
    )

    assert not [result for result in results if isinstance(result, Exception)]
    work.session.expire_all()
    is_unread = bool(unread_of(work.session, incident(work, reference)))
    assert bool(_open(work, ReminderCause.ESCALATION)) == is_unread


def test_before_anything_was_sent_and_after_the_clock_stopped_there_is_nothing_to_read(work):
    make_organisation(work, now=NOW)
    reference = open_case(work, now=NOW)
    qualify(work, reference, now=NOW)
    clock, who = main_clock(work.session, incident(work, reference)), seat(work, Role.DPO).user
    assert acknowledge(work.session, clock, by=who, via=LINK, now=NOW) is None

    emit_due_reminders(work.session, now=DAY_ONE)
    file(work, reference, now=DAY_ONE)

    assert acknowledge(work.session, clock, by=who, via=LINK, now=DAY_ONE) is None
    assert unread_of(work.session, incident(work, reference)) == []


def test_one_word_answers_for_every_clock_of_a_case(work):
    reference, clock = _reminded(work)
    case = incident(work, reference)
    who = seat(work, Role.HANDLER).user
    other = start_clock(
        work.session, case, "nis2_early_warning", started_at=DAY_ONE, by=None, now=DAY_ONE
    )
    work.session.commit()
    emit_due_reminders(work.session, now=DAY_ONE)

    made = acknowledge_case(work.session, case, by=who, via=PAGE, now=DAY_ONE)

    assert {each.clock_id for each in made} == {clock.id, other.id}
    assert acknowledge_case(work.session, case, by=who, via=PAGE, now=DAY_ONE) == []
    assert first_broken_entry(journal_of(work.session, case)) is None
