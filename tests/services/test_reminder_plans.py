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
from breachdesk.services.calendar_feeds import clocks_for
from breachdesk.services.case_access import restrict_case
from breachdesk.services.clocks import main_clock, start_clock
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.reminder_planning import replan_clock
from breachdesk.services.reminder_plans import (
    change_plan,
    plan_of,
    replan_running,
    running_clocks,
)
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
from tests.domain.any_plan import NO_QUIET
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
        # SQLite writes the journal's lines one by one: no way lies between.
        seen.append(len([each for each in statements if "INTO journal_entry" not in each]))

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


# --- The clocks that run -----------------------------------------------------------------------


def _rows(work: Work, *where) -> list[Reminder]:
    work.session.rollback()
    return list(work.session.scalars(select(Reminder).where(*where).order_by(Reminder.id)))


def test_clocks_left_as_they_are_keep_what_is_planned_and_can_be_planned_anew_later(work, breach):
    other = open_case(work, now=NOW)
    qualify(work, other, now=NOW)
    dpo = seat(work, Role.DPO)

    change_plan(work.session, TWICE, by=dpo, now=NOW, replans=False)

    assert _ahead(work, breach) == [64, 48, 24, 12, 6, 3, 1, 0]
    seen = running_clocks(work.session, TWICE, seat=dpo, now=NOW)
    assert (seen.count, len(seen.changes)) == (2, 2)
    first = seen.changes[0]
    assert (len(first.gone), len(first.new)) == (7, 2)
    assert (first.next_before, first.next_after) == (DUE - 64 * HOUR, DUE - 20 * HOUR)

    replan_running(work.session, by=dpo, now=NOW + HOUR)

    assert _ahead(work, breach) == _ahead(work, other) == [20, 2, 0]
    assert running_clocks(work.session, TWICE, seat=dpo, now=NOW + HOUR).changes == ()


def test_what_both_plans_want_stays_and_what_is_cancelled_is_marked_so(work, breach):
    both = replace(
        DEFAULT_PLAN, notices=(*DEFAULT_PLAN.notices, PlannedNotice(30 * HOUR, (Role.DPO,)))
    )
    before = {row.id for row in _rows(work, Reminder.cancelled_at.is_(None))}

    change_plan(work.session, both, by=seat(work, Role.DPO), now=NOW + HOUR)

    after = {row.id: row for row in _rows(work, Reminder.cancelled_at.is_(None))}
    assert before <= after.keys()
    (new,) = after.keys() - before
    assert after[new].planned_for == DUE - 30 * HOUR
    change_plan(work.session, TWICE, by=seat(work, Role.DPO), now=NOW + 2 * HOUR)
    gone = _rows(work, Reminder.cancelled_at == NOW + 2 * HOUR)
    assert new in {row.id for row in gone}
    assert all(row.emitted_at is None for row in gone)


def test_planned_anew_nothing_past_is_made_up_for_and_what_was_sent_stays(work, breach):
    emit_due_reminders(work.session, now=DUE - 48 * HOUR)
    sent = {row.id for row in _rows(work, Reminder.emitted_at.is_not(None))}
    many = replace(
        DEFAULT_PLAN,
        notices=tuple(PlannedNotice(hours * HOUR, LINE) for hours in (60, 55, 50, 45, 40, 4)),
    )

    midway = DUE - 42 * HOUR
    change_plan(work.session, many, by=seat(work, Role.DPO), now=midway)

    assert _ahead(work, breach) == [40, 4, 0]
    assert sent == {row.id for row in _rows(work, Reminder.emitted_at.is_not(None))}
    mails = select(Delivery).where(OF_REMINDERS, Delivery.queued_at == midway)
    emit_due_reminders(work.session, now=midway)
    going_up = {row.cause for row in _rows(work, Reminder.emitted_at == midway)}
    assert going_up <= {ReminderCause.ESCALATION}
    assert len(work.session.scalars(mails).all()) <= len(LINE)


def test_the_journal_of_each_case_says_what_was_planned_anew(work, breach):
    stopped = open_case(work, now=NOW)
    qualify(work, stopped, now=NOW)
    file(work, stopped, now=NOW)

    change_plan(work.session, TWICE, by=seat(work, Role.DPO), now=NOW)

    lines = journal_of(work.session, incident(work, breach))
    assert (lines[-1].code, lines[-1].actor_id) == (
        "reminders_replanned",
        seat(work, Role.DPO).user.id,
    )
    assert lines[-1].parameters == {"regime": "gdpr_art_33", "cancelled": 7, "planned": 2}
    assert first_broken_entry(lines) is None
    of_stopped = [
        line.parameters["regime"]
        for line in journal_of(work.session, incident(work, stopped))
        if line.code == "reminders_replanned"
    ]
    assert "gdpr_art_33" not in of_stopped


def test_of_cases_that_one_may_not_know_of_not_even_the_number_is_told(work, breach):
    dpo = seat(work, Role.DPO)
    restrict_case(work.session, incident(work, breach), [dpo.user.id], seen=[], by=dpo, now=NOW)

    change_plan(work.session, TWICE, by=dpo, now=NOW, replans=False)

    assert len(running_clocks(work.session, TWICE, seat=dpo, now=NOW).changes) == 1
    handler = seat(work, Role.HANDLER)
    assert running_clocks(work.session, TWICE, seat=handler, now=NOW).count == 0
    # They follow like the others, whoever may know of them.
    replan_running(work.session, by=seat(work, Role.DPO), now=NOW)
    assert _ahead(work, breach) == [20, 2, 0]


def test_only_who_may_change_the_plan_lays_it_upon_clocks_that_run(work, breach):
    with pytest.raises(NotAllowed):
        replan_running(work.session, by=seat(work, Role.HANDLER), now=NOW)


def test_what_other_quiet_hours_hold_is_looked_at_again(work):
    make_organisation(work, now=NOW)
    known_at = NOW + 7 * HOUR
    qualify(work, open_case(work, now=known_at), now=known_at)
    night = known_at + 8 * HOUR
    assert emit_due_reminders(work.session, now=night) == 0

    calm = replace(DEFAULT_PLAN, quiet=NO_QUIET)
    change_plan(work.session, calm, by=seat(work, Role.DPO), now=night + HOUR, replans=False)

    assert emit_due_reminders(work.session, now=night + HOUR) == 1


def test_feeds_follow_and_no_calendar_is_mailed_again(work, breach):
    dpo = seat(work, Role.DPO)
    mailed = len(work.session.scalars(select(Delivery.id)).all())

    change_plan(work.session, TWICE, by=dpo, now=NOW)

    (shown,) = [
        clock
        for clock in clocks_for(work.session, work.desk, dpo.user)
        if clock.regime == "gdpr_art_33"
    ]
    assert [(DUE - each.at) / HOUR for each in shown.reminders] == [20, 2, 0]
    assert len(work.session.scalars(select(Delivery.id)).all()) == mailed


def test_looking_at_what_would_change_asks_two_questions(work, engine, breach):
    for more in (0, 4):
        for _ in range(more):
            qualify(work, open_case(work, now=NOW), now=NOW)
        dpo = seat(work, Role.DPO)
        with counting_statements(engine) as asked:
            running_clocks(work.session, TWICE, seat=dpo, now=NOW)
        assert len(asked) == 2


def test_two_change_the_plan_at_once_while_reminders_ring_and_a_case_opens(work, at_once, breach):
    """Whichever comes last is the plan; nobody waits for ever, and each clock goes on ringing."""
    once = replace(DEFAULT_PLAN, notices=(PlannedNotice(3 * HOUR, LINE),))
    later = NOW + 30 * HOUR

    def change(plan, *, replans):
        return lambda own: change_plan(
            own.session, plan, by=seat(own, Role.DPO), now=NOW, replans=replans
        )

    results = at_once(
        change(TWICE, replans=True),
        change(once, replans=False),
        lambda own: emit_due_reminders(own.session, now=later),
        lambda own: open_case(own, now=NOW),
    )

    assert [each for each in results if isinstance(each, Exception)] == []
    work.session.rollback()
    kept = plan_of(organisation(work))
    assert kept in (TWICE, once)
    replan_running(work.session, by=seat(work, Role.DPO), now=later)
    assert running_clocks(work.session, kept, seat=seat(work, Role.DPO), now=later).changes == ()
    ahead = select(Reminder.clock_id).where(
        Reminder.emitted_at.is_(None), Reminder.cancelled_at.is_(None)
    )
    running = select(Clock.id).where(Clock.stopped_at.is_(None))
    assert set(work.session.scalars(running)) <= set(work.session.scalars(ahead))
