"""A plan rehearsed: what it rings from a Friday evening on, and whom it would reach right now."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.access import Role
from breachdesk.domain.emission import Surroundings
from breachdesk.domain.plan_preview import friday_evening, late_firsts, preview, right_now
from breachdesk.domain.quiet_hours import QuietHours
from breachdesk.domain.reminder_plans import DEFAULT_PLAN, PlannedNotice
from breachdesk.domain.reminders import LINE, ReminderChannel
from breachdesk.domain.standing_in import Duty
from tests.domain.any_plan import NO_QUIET

PARIS = "Europe/Paris"
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
HANDLER, DPO, DECIDER, MANAGER = 1, 2, 3, 4
HOLDERS = {
    Role.HANDLER: [HANDLER],
    Role.DPO: [DPO],
    Role.DECIDER: [DECIDER],
    Role.MANAGER: [MANAGER],
}
AROUND = Surroundings(DEFAULT_PLAN, PARIS, HOLDERS, Duty())


def local(rings) -> list[str]:
    """When each rings, like "Sun 18:00"."""
    return [f"{ring.at.astimezone(ZoneInfo(PARIS)):%a %H:%M}" for ring in rings]


# --- The Friday ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "friday"),
    [
        pytest.param("2026-11-23T09:00+00:00", "2026-11-27T17:00+00:00", id="a Monday"),
        pytest.param("2026-11-27T16:59+00:00", "2026-11-27T17:00+00:00", id="a minute before"),
        pytest.param("2026-11-27T17:00+00:00", "2026-12-04T17:00+00:00", id="that minute"),
        pytest.param("2026-11-28T09:00+00:00", "2026-12-04T17:00+00:00", id="a Saturday"),
        pytest.param("2026-03-23T09:00+00:00", "2026-03-27T17:00+00:00", id="before summer time"),
        pytest.param("2026-03-30T09:00+00:00", "2026-04-03T16:00+00:00", id="in summer time"),
    ],
)
def test_it_is_the_next_friday_at_six_by_the_wall_clock(now, friday):
    assert friday_evening(datetime.fromisoformat(now), PARIS) == datetime.fromisoformat(friday)


def test_answered_each_time_it_rings_by_the_plan_and_the_first_is_heard_on_the_saturday():
    rings = preview(AROUND, now=MONDAY).answered

    assert local(rings) == [
        "Sat 09:00",
        "Sun 18:00",
        "Mon 06:00",
        "Mon 12:00",
        "Mon 15:00",
        "Mon 17:00",
        "Mon 18:00",
    ]
    # Wanted at two in the night, which holds it until the morning and no longer.
    assert rings[0].held == (datetime(2026, 11, 28, 1, tzinfo=UTC),)
    assert rings[0].told == {HANDLER: (Role.HANDLER,)}
    # Read of by then: the weekend holds the second, until a day is left.
    assert rings[1].held == (datetime(2026, 11, 28, 17, tzinfo=UTC),)
    assert rings[1].told == {HANDLER: (Role.HANDLER,), DPO: (Role.DPO,)}
    assert set(rings[-1].told) == {HANDLER, DPO, DECIDER, MANAGER}


def test_unanswered_it_goes_up_to_the_top_of_the_line_on_the_saturday():
    rings = preview(AROUND, now=MONDAY).unanswered

    # What was planned for six in the evening rings as well, and does not put off what goes up.
    assert local(rings) == ["Sat 09:00", "Sat 13:00", "Sat 17:00", "Sat 18:00", "Sun 09:00"]
    assert [len(ring.roles) for ring in rings] == [1, 2, 3, 1, 4]
    assert rings[-1].roles == LINE


def test_without_quiet_hours_nothing_is_held():
    around = replace(AROUND, plan=replace(DEFAULT_PLAN, quiet=NO_QUIET))

    rings = preview(around, now=MONDAY).answered

    assert local(rings)[:3] == ["Sat 02:00", "Sat 18:00", "Sun 18:00"]
    assert all(ring.held == () for ring in rings)


def test_what_is_told_on_the_desk_alone_waits_for_nothing_and_reaches_nobody_by_mail():
    quiet = PlannedNotice(timedelta(hours=48), (Role.HANDLER,), ReminderChannel.DESK)
    around = replace(AROUND, plan=replace(DEFAULT_PLAN, notices=(quiet, *DEFAULT_PLAN.notices[3:])))

    first = preview(around, now=MONDAY).answered[0]

    assert local([first]) == ["Sat 18:00"]
    assert (first.channel, first.told) == (ReminderChannel.DESK, {})


def test_who_is_away_today_is_of_no_account_on_friday():
    away = replace(AROUND, duty=Duty(away={HANDLER: None}))

    assert preview(away, now=MONDAY) == preview(AROUND, now=MONDAY)


@given(
    hours=st.lists(st.integers(0, 100), min_size=1, max_size=8, unique=True),
    night=st.tuples(st.integers(0, 23), st.integers(0, 23)),
    weekends=st.booleans(),
    minutes=st.integers(0, 60 * 24 * 21),
)
def test_whatever_the_plan_it_ends_and_rings_at_the_deadline(hours, night, weekends, minutes):
    notices = tuple(PlannedNotice(timedelta(hours=each), (Role.DPO,)) for each in {*hours, 0})
    quiet = QuietHours(time(night[0]), time(night[1]), weekends=weekends)
    around = replace(AROUND, plan=replace(DEFAULT_PLAN, notices=notices, quiet=quiet))

    found = preview(around, now=MONDAY + timedelta(minutes=minutes))

    times = [ring.at for ring in found.answered]
    assert times == sorted(set(times))
    assert times[-1] == found.due_at
    assert found.unanswered


# --- How soon it is first heard --------------------------------------------------------------


def notices(*hours: int, channel=ReminderChannel.MAIL) -> tuple[PlannedNotice, ...]:
    return tuple(PlannedNotice(timedelta(hours=each), (Role.DPO,), channel) for each in hours)


def late_of(**changes: object):
    return late_firsts(replace(AROUND, plan=replace(DEFAULT_PLAN, **changes)), now=MONDAY)


def test_of_the_plan_we_propose_there_is_nothing_to_warn():
    assert late_of() == []


@pytest.mark.parametrize("name", ["notices", "chase"])
def test_a_plan_first_heard_after_more_than_a_day_is_told_with_what_mends_it(name):
    (late,) = late_of(**{name: notices(48, 24, 0)})

    assert (late.name, late.mend) == (name, timedelta(hours=64))
    assert late.rings_at - late.known_at > timedelta(hours=24)
    mended = notices(64, 48, 24, 0)
    assert late_of(**{name: mended}) == []


def test_what_is_told_on_the_desk_alone_is_not_heard():
    quiet = notices(64, channel=ReminderChannel.DESK)

    (late,) = late_of(notices=(*quiet, *notices(40, 0)))

    assert late.rings_at - late.known_at > timedelta(hours=24)
    # It would take its place.
    assert late.mend == timedelta(hours=64)


def test_a_night_that_never_ends_asks_for_a_reminder_at_the_start():
    always = QuietHours(time(9, 1), time(9), weekends=True)

    found = late_of(quiet=always)

    assert {late.name for late in found} == {"notices", "chase"}
    assert {late.mend for late in found} == {timedelta(hours=72)}


# --- Right now -------------------------------------------------------------------------------

TUESDAY_NOON = datetime(2026, 11, 24, 11, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 28, 11, tzinfo=UTC)


def test_on_a_working_day_it_is_the_handler_and_then_the_line():
    found = right_now(AROUND, now=TUESDAY_NOON)

    assert found.urgent == {HANDLER: (Role.HANDLER,)}
    assert [list(step) for step in found.then] == [[DPO], [DECIDER], [MANAGER]]
    assert found.quiet_until is None


def test_in_quiet_hours_what_is_not_urgent_would_wait_and_what_is_would_not():
    found = right_now(AROUND, now=SATURDAY)

    assert found.urgent == {HANDLER: (Role.HANDLER,)}
    assert found.quiet_until == datetime(2026, 11, 30, 6, tzinfo=UTC)
    # By day, what nobody has read of waits for nothing.
    assert found.unread_until is None


def test_who_is_on_duty_is_told_in_quiet_hours_and_nothing_waits():
    found = right_now(replace(AROUND, duty=Duty(on_duty=(MANAGER,))), now=SATURDAY)

    assert set(found.urgent) == {MANAGER, HANDLER}
    assert found.quiet_until is None


def test_a_deputy_is_told_in_the_place_of_the_absent():
    found = right_now(replace(AROUND, duty=Duty(away={HANDLER: DECIDER})), now=TUESDAY_NOON)

    assert found.urgent == {DECIDER: (Role.HANDLER,)}
    # Whoever has been told already is no step further up.
    assert [list(step) for step in found.then] == [[DPO], [MANAGER]]


def test_where_nobody_can_be_told_nobody_is_named():
    found = right_now(replace(AROUND, holders={}), now=TUESDAY_NOON)

    assert (found.urgent, found.then) == ({}, ())
