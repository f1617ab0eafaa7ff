"""Nights, weekends and public holidays: what they hold, until when, and what they never hold."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.public_holidays import CALENDARS, FRANCE
from breachdesk.domain.quiet_hours import QuietHours, held_until
from tests.domain.any_plan import NO_QUIET

PARIS = "Europe/Paris"
ZONES = st.sampled_from([PARIS, "America/Montreal", "Indian/Reunion", "Pacific/Noumea", "UTC"])
DEFAULT = QuietHours(time(21), time(7), weekends=True, holidays=FRANCE)
DAY = timedelta(days=1)
instants = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))
times = st.times().map(lambda at: at.replace(second=0, microsecond=0, tzinfo=None))
any_quiet = st.builds(QuietHours, times, times, st.booleans(), st.sampled_from(CALENDARS))
pauses = st.timedeltas(timedelta(hours=6), timedelta(days=30))


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(PARIS))


@pytest.mark.parametrize(
    ("at", "until"),
    [
        pytest.param("2026-03-03 10:00", "2026-03-03 10:00", id="a working day holds nothing"),
        pytest.param("2026-03-03 20:59", "2026-03-03 20:59", id="a minute before the night"),
        pytest.param("2026-03-03 21:00", "2026-03-04 07:00", id="the night begins"),
        pytest.param("2026-03-04 03:00", "2026-03-04 07:00", id="after midnight"),
        pytest.param("2026-03-04 07:00", "2026-03-04 07:00", id="the night is over"),
        pytest.param("2026-03-06 22:00", "2026-03-09 07:00", id="Friday night until Monday"),
        pytest.param("2026-03-07 12:00", "2026-03-09 07:00", id="Saturday at noon"),
        pytest.param("2026-04-03 22:00", "2026-04-07 07:00", id="Easter: Friday until Tuesday"),
        pytest.param("2026-05-01 10:00", "2026-05-04 07:00", id="the first of May, a Friday"),
        pytest.param("2026-07-13 21:30", "2026-07-15 07:00", id="the night before 14 July"),
        pytest.param("2026-03-28 23:00", "2026-03-30 07:00", id="the clocks go forward within"),
        pytest.param("2026-10-24 23:00", "2026-10-26 07:00", id="the clocks go back within"),
    ],
)
def test_until_when_the_proposed_quiet_hours_hold(at, until):
    assert DEFAULT.end_after(paris(at), PARIS) == paris(until)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        pytest.param("2026-03-03 10:00", "2026-03-03 10:00", id="a working day"),
        pytest.param("2026-03-03 21:00", "2026-03-04 07:00", id="the night of a working day"),
        pytest.param("2026-03-06 22:00", "2026-03-07 09:00", id="Friday night until Saturday"),
        pytest.param("2026-03-07 08:59", "2026-03-07 09:00", id="Saturday, not yet nine"),
        pytest.param("2026-03-07 09:00", "2026-03-07 09:00", id="Saturday at nine"),
        pytest.param("2026-03-07 20:59", "2026-03-07 20:59", id="Saturday evening"),
        pytest.param("2026-03-07 21:00", "2026-03-08 09:00", id="Saturday night until Sunday"),
        pytest.param("2026-03-08 23:00", "2026-03-09 07:00", id="Sunday night until Monday"),
        pytest.param("2026-05-01 06:00", "2026-05-01 09:00", id="a public holiday"),
        pytest.param("2026-10-24 23:00", "2026-10-25 09:00", id="the clocks go back within"),
    ],
)
def test_what_nobody_has_read_of_waits_for_a_morning_and_for_no_weekend(at, until):
    assert DEFAULT.unread_end_after(paris(at), PARIS) == paris(until)


@pytest.mark.parametrize(
    ("night", "at", "until"),
    [
        pytest.param((21, 10), "2026-03-07 08:00", "2026-03-07 09:00", id="a night past nine"),
        pytest.param((21, 10), "2026-03-07 09:00", "2026-03-07 09:00", id="at nine it has had it"),
        pytest.param((21, 10), "2026-03-04 09:30", "2026-03-04 09:30", id="on a working day too"),
        pytest.param((1, 12), "2026-03-07 09:30", "2026-03-07 09:30", id="begun after midnight"),
        pytest.param((9, 8), "2026-03-07 09:00", "2026-03-07 09:00", id="begun at nine itself"),
        pytest.param((22, 10), "2026-03-07 22:00", "2026-03-08 09:00", id="the next night"),
    ],
)
def test_a_night_that_lasts_past_nine_holds_nothing_unread_a_second_day(night, at, until):
    quiet = QuietHours(time(night[0]), time(night[1]), weekends=True, holidays=FRANCE)

    assert quiet.unread_end_after(paris(at), PARIS) == paris(until)


@given(any_quiet, instants, ZONES)
def test_what_waited_for_its_morning_waits_for_no_other(quiet, instant, zone):
    until = quiet.unread_end_after(instant, zone)

    assert quiet.unread_end_after(until, zone) == until


@given(any_quiet, instants, ZONES)
def test_what_nobody_has_read_of_never_waits_past_the_next_morning(quiet, instant, zone):
    until = quiet.unread_end_after(instant, zone)

    assert instant <= until <= quiet.end_after(instant, zone)
    # A day of the wall clock has 25 hours where the clocks go back.
    assert until - instant <= timedelta(hours=25)


def test_the_night_is_that_of_the_organisation():
    six_in_the_evening_utc = datetime(2026, 3, 3, 18, 0, tzinfo=UTC)

    assert DEFAULT.holds(six_in_the_evening_utc, "Indian/Reunion")
    assert not DEFAULT.holds(six_in_the_evening_utc, PARIS)


@pytest.mark.parametrize(
    ("quiet", "at", "is_held"),
    [
        pytest.param(QuietHours(time(9), time(9), False), "2026-03-03 09:00", False, id="none"),
        pytest.param(QuietHours(time(12), time(14), False), "2026-03-03 13:00", True, id="noon"),
        pytest.param(QuietHours(time(12), time(14), False), "2026-03-03 14:00", False, id="after"),
        pytest.param(QuietHours(time(9), time(9), True), "2026-03-07 13:00", True, id="weekend"),
        pytest.param(QuietHours(time(9), time(9), False), "2026-03-07 13:00", False, id="no rest"),
    ],
)
def test_what_an_organisation_may_choose(quiet, at, is_held):
    assert quiet.holds(paris(at), PARIS) is is_held


@given(any_quiet, instants, ZONES)
def test_quiet_ends_and_not_before_it_has_begun(quiet, instant, zone):
    end = quiet.end_after(instant, zone)

    assert instant <= end <= instant + timedelta(days=15)
    assert not quiet.holds(end, zone)
    assert (end == instant) != quiet.holds(instant, zone)


@given(instants, ZONES)
def test_a_person_is_never_left_alone_for_five_days(instant, zone):
    assert DEFAULT.end_after(instant, zone) - instant < timedelta(days=5)


@given(any_quiet, instants, ZONES, pauses, st.timedeltas(-timedelta(days=9), timedelta(days=60)))
def test_nothing_is_held_past_where_quiet_hours_yield(quiet, moment, zone, yields, left):
    due_at = moment + left

    until = held_until(moment, quiet=quiet, timezone=zone, due_at=due_at, yields_before=yields)

    assert until >= moment
    assert until <= max(moment, due_at - yields)
    # Nothing planned up to the deadline is moved past it.
    assert until <= due_at or moment > due_at
    assert quiet.holds(moment, zone) or until == moment


@given(any_quiet, instants, ZONES, st.timedeltas(timedelta(0), DAY))
def test_nothing_is_held_once_somebody_comes_on_duty(quiet, moment, zone, until_duty):
    until = held_until(
        moment,
        quiet=quiet,
        timezone=zone,
        due_at=None,
        yields_before=DAY,
        on_duty_from=moment + until_duty,
    )

    assert moment <= until <= moment + until_duty


def test_no_quiet_hours_hold_nothing():
    assert not NO_QUIET.holds(paris("2026-12-25 03:00"), PARIS)
