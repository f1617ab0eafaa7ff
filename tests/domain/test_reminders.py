"""Whom to remind and when."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.access import Role
from breachdesk.domain.regimes import GDPR_ART_33, PROVISIONAL
from breachdesk.domain.reminders import (
    ReminderKind,
    kind_of_reminder,
    next_late_reminder,
    people_to_remind,
    plan_reminders,
    roles_to_remind,
)

DUE_AT = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
HANDLER, DPO, DECIDER, MANAGER = Role.HANDLER, Role.DPO, Role.DECIDER, Role.MANAGER


def hours_before(reminders) -> list[float]:
    return [(DUE_AT - reminder.remind_at).total_seconds() / 3600 for reminder in reminders]


def test_a_clock_started_at_once_is_planned_whole():
    plan = plan_reminders(DUE_AT, regime=GDPR_ART_33, planned_at=DUE_AT - timedelta(hours=72))

    assert hours_before(plan) == [48, 24, 12, 6, 3, 1, 0]


def test_what_should_have_gone_out_already_is_one_reminder_at_once():
    plan = plan_reminders(DUE_AT, regime=GDPR_ART_33, planned_at=DUE_AT - timedelta(hours=10))

    assert hours_before(plan) == [10, 6, 3, 1, 0]


def test_a_clock_started_after_its_deadline_rings_at_once():
    plan = plan_reminders(DUE_AT, regime=GDPR_ART_33, planned_at=DUE_AT + timedelta(hours=5))

    assert hours_before(plan) == [-5]


@given(st.integers(min_value=-200, max_value=80))
def test_no_plan_is_empty_or_in_the_past(hours):
    planned_at = DUE_AT - timedelta(hours=hours)
    for regime in (GDPR_ART_33, PROVISIONAL):
        plan = plan_reminders(DUE_AT, regime=regime, planned_at=planned_at)

        assert plan
        assert all(reminder.remind_at >= planned_at for reminder in plan)
        assert len({reminder.remind_at for reminder in plan}) == len(plan)


@pytest.mark.parametrize(
    ("hours", "roles"),
    [
        pytest.param(48, (HANDLER,), id="the handler first"),
        pytest.param(24, (HANDLER, DPO), id="the DPO from a day before"),
        pytest.param(12, (HANDLER, DPO), id="still"),
        pytest.param(6, (HANDLER, DPO, DECIDER, MANAGER), id="management from six hours before"),
        pytest.param(-36, (HANDLER, DPO, DECIDER, MANAGER), id="and while late"),
    ],
)
def test_more_people_are_told_as_the_deadline_nears(hours, roles):
    assert roles_to_remind(GDPR_ART_33, timedelta(hours=hours)) == roles


def test_nobody_qualifying_an_incident_is_told_to_the_dpo_from_the_first():
    assert roles_to_remind(PROVISIONAL, timedelta(hours=68)) == (HANDLER, DPO)
    assert DECIDER in roles_to_remind(PROVISIONAL, timedelta(hours=24))


def test_a_missed_clock_rings_every_twelve_hours():
    first = next_late_reminder(DUE_AT, regime=GDPR_ART_33, after=DUE_AT)
    second = next_late_reminder(DUE_AT, regime=GDPR_ART_33, after=first.remind_at)

    assert hours_before([first, second]) == [-12, -24]


def test_an_outage_is_followed_by_one_reminder_and_not_by_each_it_slept_through():
    after_outage = DUE_AT + timedelta(hours=31)

    reminder = next_late_reminder(DUE_AT, regime=GDPR_ART_33, after=after_outage)

    assert hours_before([reminder]) == [-36]


def test_nothing_late_is_planned_before_the_deadline():
    before = DUE_AT - timedelta(seconds=1)

    assert next_late_reminder(DUE_AT, regime=GDPR_ART_33, after=before) is None


@pytest.mark.parametrize(
    ("regime", "roles", "late", "kind"),
    [
        (GDPR_ART_33, (HANDLER,), False, ReminderKind.REMINDER),
        (GDPR_ART_33, (HANDLER, DPO), False, ReminderKind.REMINDER),
        (GDPR_ART_33, (DPO,), False, ReminderKind.ESCALATION),
        (GDPR_ART_33, (MANAGER,), False, ReminderKind.ESCALATION),
        (PROVISIONAL, (DPO,), False, ReminderKind.CHASE),
        (GDPR_ART_33, (HANDLER,), True, ReminderKind.LATE),
        (PROVISIONAL, (HANDLER,), True, ReminderKind.LATE),
    ],
)
def test_the_mail_says_why_one_is_told(regime, roles, late, kind):
    at = DUE_AT + timedelta(minutes=1 if late else -1)

    assert kind_of_reminder(regime, roles, due_at=DUE_AT, at=at) is kind


def test_a_person_with_two_roles_is_told_once():
    told = people_to_remind((HANDLER, DPO), {HANDLER: [1], DPO: [1, 2]})

    assert told == {1: (HANDLER, DPO), 2: (DPO,)}


@pytest.mark.parametrize(
    ("holders", "told"),
    [
        pytest.param({DECIDER: [3]}, {3: (HANDLER, DPO)}, id="no handler, no DPO: who decides"),
        pytest.param({HANDLER: [1]}, {1: (HANDLER, DPO)}, id="nobody above: back to who is there"),
        pytest.param({Role.ADMIN: [9]}, {9: (HANDLER, DPO)}, id="the admin at last"),
        pytest.param({}, {}, id="nobody at all"),
    ],
)
def test_a_role_nobody_holds_passes_to_the_next_in_line(holders, told):
    assert people_to_remind((HANDLER, DPO), holders) == told


@given(
    st.dictionaries(
        st.sampled_from([HANDLER, DPO, DECIDER, MANAGER, Role.ADMIN]),
        st.lists(st.integers(1, 5), min_size=1),
        min_size=1,
    ),
    st.sampled_from((GDPR_ART_33, PROVISIONAL)),
    st.integers(-50, 72),
)
def test_as_long_as_anyone_is_there_someone_is_told(holders, regime, hours):
    assert people_to_remind(roles_to_remind(regime, timedelta(hours=hours)), holders)
