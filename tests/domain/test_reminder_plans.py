"""A plan of reminders as a value: kept whole, and never one that lets a deadline pass unheard."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from hypothesis import given

from breachdesk.domain.access import Role
from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.quiet_hours import QuietHours
from breachdesk.domain.reminder_plans import (
    DEFAULT_PLAN,
    PlannedNotice,
    ReminderPlan,
    plan_in_force,
)
from breachdesk.domain.reminders import LINE, ReminderChannel
from tests.domain.any_plan import any_plan

HOUR = timedelta(hours=1)
DESK = ReminderChannel.DESK


def told(hours: float, roles: tuple[Role, ...] = LINE, channel=ReminderChannel.MAIL):
    return PlannedNotice(timedelta(hours=hours), roles, channel)


@given(any_plan())
def test_a_plan_is_read_back_as_it_was_kept(plan):
    assert ReminderPlan.from_record(plan.as_record()) == plan


def test_an_organisation_that_says_nothing_has_the_plan_we_propose():
    assert ReminderPlan.from_record({}) is DEFAULT_PLAN


@pytest.mark.parametrize(
    "record",
    [
        pytest.param({"notices": []}, id="half of it"),
        pytest.param(DEFAULT_PLAN.as_record() | {"near": "soon"}, id="a word for a number"),
        pytest.param(DEFAULT_PLAN.as_record() | {"quiet": {"starts": "25:00"}}, id="no hour"),
        pytest.param(
            DEFAULT_PLAN.as_record() | {"notices": [{"before": 1, "roles": ["king"]}]}, id="no role"
        ),
        pytest.param(DEFAULT_PLAN.as_record() | {"near": 10**30}, id="beyond all time"),
    ],
)
def test_what_is_no_plan_is_refused_and_the_proposed_one_rings_instead(record):
    with pytest.raises(InvalidInput, match="plan_unreadable"):
        ReminderPlan.from_record(record)
    assert plan_in_force(record) is DEFAULT_PLAN


def test_a_kept_plan_that_is_no_longer_sound_gives_way_to_the_proposed_one():
    assert plan_in_force(DEFAULT_PLAN.as_record() | {"chase": []}) is DEFAULT_PLAN


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"notices": ()}, "plan_empty", "notices"),
        ({"chase": ()}, "plan_empty", "chase"),
        ({"notices": tuple(told(n) for n in range(21))}, "plan_too_many_notices", "notices"),
        ({"notices": (told(-1), told(1))}, "plan_offset_out_of_range", "notices"),
        ({"notices": (told(24 * 61), told(1))}, "plan_offset_out_of_range", "notices"),
        ({"notices": (told(6), told(6))}, "plan_offset_twice", "notices"),
        ({"notices": (told(6, ()),)}, "plan_role_missing", "notices"),
        ({"notices": (told(6, (Role.AUDITOR,)),)}, "plan_role_unknown", "notices"),
        ({"notices": (told(48, channel=DESK),)}, "plan_without_near_notice", "notices"),
        ({"notices": (told(6, channel=DESK),)}, "plan_quiet_channel_near", "notices"),
        ({"chase": (told(25),)}, "plan_without_near_notice", "chase"),
        ({"open_ended_every": timedelta(days=8)}, "plan_pace_out_of_range", "open_ended_every"),
        ({"late_every": timedelta(minutes=59)}, "plan_pace_out_of_range", "late_every"),
        ({"escalate_after": timedelta(days=3)}, "plan_pace_out_of_range", "escalate_after"),
        ({"near": 5 * HOUR}, "plan_pace_out_of_range", "near"),
        ({"quiet_yields": HOUR}, "plan_pace_out_of_range", "quiet_yields"),
        ({"escalate_after_when_near": 5 * HOUR}, "plan_slower_when_near", None),
        ({"quiet": QuietHours(time(21), time(7), True, "XX")}, "plan_holidays_unknown", None),
    ],
)
def test_a_plan_that_keeps_no_deadline_cannot_be_made(change, code, field):
    with pytest.raises(InvalidInput, match=code) as refused:
        replace(DEFAULT_PLAN, **change)

    assert refused.value.field == (field or refused.value.field)


def test_far_from_the_deadline_the_quiet_channel_will_do():
    plan = replace(DEFAULT_PLAN, notices=(told(48, channel=DESK), told(6)))

    assert plan.notices[0].channel is DESK
