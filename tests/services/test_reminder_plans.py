"""The plan of an organisation: kept, journaled, and every running clock planned by it at once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import DeliveryState, MailKind
from breachdesk.domain.errors import NotAllowed
from breachdesk.domain.reminder_plans import DEFAULT_PLAN, PlannedNotice
from breachdesk.domain.reminders import LINE, ReminderCause
from breachdesk.models import Clock, Delivery, Reminder, User
from breachdesk.services.clocks import main_clock, start_clock
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.reminder_planning import replan_clock
from breachdesk.services.reminder_plans import change_plan, plan_of
from breachdesk.services.reminders import emit_due_reminders
from tests.cases import (
    MONDAY_NINE,
    OF_REMINDERS,
    Work,
    file,
    incident,
    make_organisation,
    open_case,
    organisation,
    qualify,
    seat,
)
from tests.services.desks import counting_statements

NOW = MONDAY_NINE
DUE = NOW + timedelta(hours=72)
HOUR = timedelta(hours=1)
TWICE = replace(
    DEFAULT_PLAN, notices=(PlannedNotice(20 * HOUR, (Role.DPO,)), PlannedNotice(2 * HOUR, LINE))
)


@pytest.fixture
def breach(work: Work) -> str:
    make_organisation(work, now=NOW)
    reference = open_case(work, now=NOW)
    qualify(work, reference, now=NOW)
    return reference


def _ahead(work: Work, reference: str) -> list[float]:
    """How many hours before its deadline the main clock still rings."""
    clock = main_clock(work.session, incident(work, reference))
    rows = work.session.scalars(
        select(Reminder)
        .where(
            Reminder.clock_id == clock.id,
            Reminder.emitted_at.is_(None),
            Reminder.cancelled_at.is_(None),
            Reminder.cause != ReminderCause.ESCALATION,
        )
        .order_by(Reminder.remind_at)
    )
    return [(clock.due_at - row.planned_for) / HOUR for row in rows]


def test_a_changed_plan_is_kept_journaled_and_holds_for_every_running_clock(work, breach):
    other = open_case(work, now=NOW)
    qualify(work, other, now=NOW)

    change_plan(work.session, TWICE, by=seat(work, Role.DPO), now=NOW)

    assert plan_of(organisation(work)) == TWICE
    assert _ahead(work, breach) == _ahead(work, other) == [20, 2, 0]
    lines = journal_of(work.session, organisation(work))
    assert lines[-1].code == "reminder_plan_changed"
    assert first_broken_entry(lines) is None


def test_back_to_the_plan_we_propose_the_same_moments_can_be_wanted_again(work, breach):
    change_plan(work.session, TWICE, by=seat(work, Role.DPO), now=NOW)

    change_plan(work.session, DEFAULT_PLAN, by=seat(work, Role.DPO), now=NOW)

    assert organisation(work).reminder_plan == {}
    assert _ahead(work, breach) == [64, 48, 24, 12, 6, 3, 1, 0]


def test_a_plan_that_changes_nothing_leaves_no_trace(work, breach):
    before = len(journal_of(work.session, organisation(work)))

    change_plan(work.session, DEFAULT_PLAN, by=seat(work, Role.DPO), now=NOW)

    assert len(journal_of(work.session, organisation(work))) == before


def test_a_change_of_plan_rings_for_nobody_and_silences_nothing(work, breach):
    midway = DUE - 15 * HOUR
    emit_due_reminders(work.session, now=DUE - 48 * HOUR)
    # Due, and not yet emitted: it stays due. What goes up goes up.
    change_plan(work.session, TWICE, by=seat(work, Role.DPO), now=midway)

    assert _ahead(work, breach) == [24, 2, 0]
    going_up = work.session.scalars(
        select(Reminder).where(
            Reminder.cause == ReminderCause.ESCALATION, Reminder.cancelled_at.is_(None)
        )
    ).all()
    assert len(going_up) == 1


def test_a_late_clock_is_late_by_the_new_pace(work, breach):
    emit_due_reminders(work.session, now=DUE)
    every_hour = replace(DEFAULT_PLAN, late_every=2 * HOUR)

    change_plan(work.session, every_hour, by=seat(work, Role.DPO), now=DUE + HOUR)

    assert _ahead(work, breach) == [-2]


def test_a_stopped_clock_is_planned_no_more(work, breach):
    file(work, breach, now=NOW + HOUR)
    clock = main_clock(work.session, incident(work, breach))

    change_plan(work.session, TWICE, by=seat(work, Role.DPO), now=NOW + HOUR)
    replan_clock(work.session, clock, now=NOW + HOUR)

    assert _ahead(work, breach) == []


def test_only_who_may_change_the_plan_does(work, breach):
    with pytest.raises(NotAllowed):
        change_plan(work.session, TWICE, by=seat(work, Role.HANDLER), now=NOW)


def test_a_plan_changed_during_a_tick_doubles_nothing(work, at_once):
    make_organisation(work, now=NOW)
    references = [open_case(work, now=NOW) for _ in range(3)]
    for reference in references:
        qualify(work, reference, now=NOW)
    work.session.commit()

    results = at_once(
        lambda own: change_plan(own.session, TWICE, by=seat(own, Role.DPO), now=DUE - 48 * HOUR),
        lambda own: emit_due_reminders(own.session, now=DUE - 48 * HOUR),
    )

    assert not [result for result in results if isinstance(result, Exception)]
    emit_due_reminders(work.session, now=DUE - 48 * HOUR)
    sent = work.session.scalars(select(Delivery).where(OF_REMINDERS)).all()
    assert len(sent) == len(references)
    assert all(_ahead(work, reference) == [20, 2, 0] for reference in references)


def test_many_clocks_are_planned_anew_in_as_many_statements_as_one(work, engine):
    make_organisation(work, now=NOW)
    seen = []
    for plan, cases in ((TWICE, 1), (DEFAULT_PLAN, 4)):
        for _ in range(cases):
            qualify(work, open_case(work, now=NOW), now=NOW)
        by = seat(work, Role.DPO)
        with counting_statements(engine) as statements:
            change_plan(work.session, plan, by=by, now=NOW)
        seen.append(len(statements))

    assert seen[0] == seen[1]


# --- When a clock starts -----------------------------------------------------------------------


def _told_of_start(work: Work, clock: Clock) -> dict[str, DeliveryState]:
    rows = work.session.execute(
        select(User.email, Delivery.state)
        .join(User, User.id == Delivery.user_id)
        .where(
            Delivery.kind == MailKind.CLOCK_STARTED,
            Delivery.dedup_key.startswith(f"clock:{clock.id}:"),
        )
    )
    return {email.split("@")[0]: state for email, state in rows}


def test_everybody_whom_the_plan_may_tell_is_sent_the_whole_of_it_once(work, breach):
    clock = main_clock(work.session, incident(work, breach))

    assert set(_told_of_start(work, clock)) == {"handler", "dpo", "decider", "manager"}
    mail = work.session.scalars(
        select(Delivery).where(Delivery.dedup_key.startswith(f"clock:{clock.id}:"))
    ).first()
    assert mail.parameters == {
        "clock_id": clock.id,
        "regime": "gdpr_art_33",
        "due_at": DUE.isoformat(),
        "roles": ["handler"],
        "capacity": {},
    }


def test_what_was_not_yet_sent_of_a_clock_that_stops_is_not_sent(work):
    make_organisation(work, now=NOW)
    reference = open_case(work, now=NOW)
    chased = main_clock(work.session, incident(work, reference))
    assert set(_told_of_start(work, chased).values()) == {DeliveryState.QUEUED}

    qualify(work, reference, now=NOW)

    assert set(_told_of_start(work, chased).values()) == {DeliveryState.CANCELLED}
    started = main_clock(work.session, incident(work, reference))
    assert set(_told_of_start(work, started).values()) == {DeliveryState.QUEUED}


def test_a_clock_without_a_figure_is_reminded_of_every_day_until_it_stops(work, breach):
    case = incident(work, breach)
    clock = start_clock(
        work.session, case, "quebec_cai", started_at=NOW, by=seat(work, Role.DPO).user, now=NOW
    )
    work.session.commit()
    file(work, breach, now=NOW)
    emitted = select(Reminder).where(
        Reminder.clock_id == clock.id,
        Reminder.emitted_at.is_not(None),
        Reminder.cause == ReminderCause.PLANNED,
    )

    for day in range(1, 4):
        emit_due_reminders(work.session, now=NOW + timedelta(days=day))

    assert clock.due_at is None
    moments = [row.planned_for for row in work.session.scalars(emitted.order_by(Reminder.id))]
    assert moments == [NOW + timedelta(days=day) for day in range(1, 4)]
