"""When a clock rings: before its deadline, at it, and after it until it stops."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.access import Role
from breachdesk.domain.regimes import GDPR_ART_33, PROVISIONAL
from breachdesk.domain.reminder_planning import next_reminder, plan_reminders, reminders_ahead
from breachdesk.domain.reminder_plans import DEFAULT_PLAN, PlannedNotice
from breachdesk.domain.reminders import LINE, ReminderCause, ReminderChannel
from tests.domain.any_plan import any_plan

DUE_AT = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
HANDLER, DPO = Role.HANDLER, Role.DPO
HOUR = timedelta(hours=1)


def planned(regime=GDPR_ART_33, *, lasts=72, left=None, plan=DEFAULT_PLAN):
    """The plan of a clock of that many hours, made when so many of them are left."""
    return plan_reminders(
        plan,
        regime=regime,
        started_at=DUE_AT - lasts * HOUR,
        due_at=DUE_AT,
        planned_at=DUE_AT - (lasts if left is None else left) * HOUR,
    )


def hours_before(reminders) -> list[float]:
    return [(DUE_AT - reminder.planned_for) / HOUR for reminder in reminders]


@pytest.mark.parametrize(
    ("lasts", "left", "hours"),
    [
        pytest.param(72, 72, [64, 48, 24, 12, 6, 3, 1, 0], id="started at once"),
        pytest.param(72, 10, [10, 6, 3, 1, 0], id="what should have gone out is one, at once"),
        pytest.param(72, -5, [-5], id="started after its deadline"),
        pytest.param(24, 24, [24, 12, 6, 3, 1, 0], id="a short clock: longer offsets are dropped"),
        pytest.param(24, 23, [23, 12, 6, 3, 1, 0], id="and not made up for"),
        pytest.param(4, 4, [3, 1, 0], id="four hours"),
        pytest.param(720, 720, [168, 64, 48, 24, 12, 6, 3, 1, 0], id="a month: a week before"),
    ],
)
def test_the_proposed_plan_by_how_long_a_clock_runs(lasts, left, hours):
    assert hours_before(planned(lasts=lasts, left=left)) == hours


def test_an_incident_nobody_has_qualified_is_chased_sooner():
    assert hours_before(planned(PROVISIONAL)) == [68, 60, 48, 36, 24, 12, 6, 3, 1, 0]


@pytest.mark.parametrize(
    ("regime", "hours", "roles"),
    [
        pytest.param(GDPR_ART_33, 48, (HANDLER,), id="the handler first"),
        pytest.param(GDPR_ART_33, 24, (HANDLER, DPO), id="the DPO from a day before"),
        pytest.param(GDPR_ART_33, 12, (HANDLER, DPO), id="still"),
        pytest.param(GDPR_ART_33, 6, LINE, id="management from six hours before"),
        pytest.param(PROVISIONAL, 68, (HANDLER, DPO), id="unqualified: the DPO from the first"),
        pytest.param(PROVISIONAL, 24, LINE, id="and everybody from a day before"),
    ],
)
def test_more_people_are_told_as_the_deadline_nears(regime, hours, roles):
    plan = {(DUE_AT - each.planned_for) / HOUR: each.roles for each in planned(regime)}

    assert plan[hours] == roles


def test_one_reminder_for_what_should_have_gone_out_tells_everybody_it_was_for():
    plan = replace(
        DEFAULT_PLAN,
        notices=(
            PlannedNotice(48 * HOUR, (DPO,), ReminderChannel.DESK),
            PlannedNotice(40 * HOUR, (Role.MANAGER,)),
            PlannedNotice(6 * HOUR, (HANDLER,)),
        ),
    )

    first = planned(plan=plan, left=10)[0]

    assert (first.roles, first.channel) == ((DPO, Role.MANAGER), ReminderChannel.MAIL)


def test_what_was_all_quiet_stays_quiet():
    quiet = PlannedNotice(48 * HOUR, (DPO,), ReminderChannel.DESK)
    plan = replace(DEFAULT_PLAN, notices=(quiet, PlannedNotice(6 * HOUR, (HANDLER,))))

    assert planned(plan=plan, left=10)[0].channel is ReminderChannel.DESK


def test_the_deadline_itself_rings_even_where_the_plan_forgets_it():
    plan = replace(DEFAULT_PLAN, notices=(PlannedNotice(6 * HOUR, (HANDLER,)),))

    last = planned(plan=plan)[-1]

    assert (last.planned_for, last.roles) == (DUE_AT, LINE)


@given(any_plan(), st.integers(1, 1500), st.integers(-200, 1500))
def test_no_plan_is_empty_in_the_past_or_silent_at_the_end(plan, lasts, left):
    left = min(left, lasts)
    for regime in (GDPR_ART_33, PROVISIONAL):
        reminders = planned(regime, lasts=lasts, left=left, plan=plan)
        moments = [each.planned_for for each in reminders]

        assert reminders == planned(regime, lasts=lasts, left=left, plan=plan)
        assert moments == sorted(set(moments))
        assert moments[0] >= DUE_AT - left * HOUR
        assert all(each.roles for each in reminders)
        # By mail, at the deadline, or at once if that is past.
        assert reminders[-1].channel is ReminderChannel.MAIL
        assert moments[-1] == max(DUE_AT, DUE_AT - left * HOUR)


def _late(after_hours: float):
    started_at = DUE_AT - 72 * HOUR
    after = DUE_AT + after_hours * HOUR
    return next_reminder(DEFAULT_PLAN, started_at=started_at, due_at=DUE_AT, after=after)


@pytest.mark.parametrize(
    ("after", "next_one"),
    [
        pytest.param(0, 12, id="twelve hours after the deadline"),
        pytest.param(12, 24, id="and every twelve hours"),
        pytest.param(31, 36, id="an outage: one reminder, not each that it slept through"),
    ],
)
def test_a_missed_clock_goes_on_ringing(after, next_one):
    late = _late(after)

    assert (late.planned_for, late.roles) == (DUE_AT + next_one * HOUR, LINE)
    assert late.cause is ReminderCause.LATE


def test_nothing_late_is_planned_before_the_deadline():
    assert _late(-0.001) is None


@pytest.mark.parametrize(
    ("planned_at", "rings_at"),
    [
        pytest.param(0, 24, id="a day after the start"),
        pytest.param(23, 24, id="not before"),
        pytest.param(30, 30, id="started late: at once"),
    ],
)
def test_a_clock_without_a_figure_rings_every_day(planned_at, rings_at):
    first = plan_reminders(
        DEFAULT_PLAN,
        regime="quebec_cai",
        started_at=DUE_AT,
        due_at=None,
        planned_at=DUE_AT + planned_at * HOUR,
    )

    assert [each.planned_for for each in first] == [DUE_AT + rings_at * HOUR]
    following = next_reminder(
        DEFAULT_PLAN, started_at=DUE_AT, due_at=None, after=first[0].planned_for
    )
    assert following.planned_for == DUE_AT + 48 * HOUR
    assert following.roles == (HANDLER, DPO)


@given(any_plan(), st.integers(1, 1500), st.integers(-1500, 1500), st.booleans())
def test_planned_anew_a_clock_is_never_left_without_a_reminder(plan, lasts, left, has_figure):
    after = DUE_AT - left * HOUR

    ahead = reminders_ahead(
        plan,
        regime=GDPR_ART_33,
        started_at=DUE_AT - lasts * HOUR,
        due_at=DUE_AT if has_figure else None,
        after=after,
    )

    assert ahead
    assert all(each.planned_for > after for each in ahead)


@pytest.mark.parametrize(
    ("notices", "near", "runs", "first"),
    [
        pytest.param([0], 24, 72, 24, id="only at the deadline: a day before it"),
        pytest.param([144], 168, 72, 36, id="all longer than the clock: when half is left"),
        pytest.param([24], 24, 24, 12, id="only at the start of a clock of a day"),
        pytest.param([30, 0], 48, 72, 30, id="the plan's own is enough"),
    ],
)
def test_no_plan_lets_a_deadline_come_without_a_word_before_it(notices, near, runs, first):
    told = tuple(PlannedNotice(timedelta(hours=before), (Role.DPO,)) for before in notices)
    plan = replace(DEFAULT_PLAN, notices=told, near=timedelta(hours=near))
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    due_at = start + timedelta(hours=runs)

    planned = plan_reminders(
        plan, regime=GDPR_ART_33, started_at=start, due_at=due_at, planned_at=start
    )

    ahead = [each for each in planned if start < each.planned_for < due_at]
    assert ahead[0].planned_for == due_at - timedelta(hours=first)
    assert planned[-1].planned_for == due_at
