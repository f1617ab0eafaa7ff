"""The clock of Art. 33(1): elapsed hours, whatever the calendar does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.deadlines import (
    ClockState,
    Deadline,
    StopReason,
    authority_notification_due_at,
    hour_rounded_due_at,
    instant_from_local,
)
from breachdesk.domain.errors import InvalidInstant
from breachdesk.domain.regimes import GDPR_ART_33

at = datetime.fromisoformat
instants = st.datetimes(
    min_value=datetime(2018, 5, 25), max_value=datetime(2040, 1, 1), timezones=st.just(UTC)
)


@pytest.mark.parametrize(
    ("aware_at", "strict", "by_hours"),
    [
        pytest.param(
            "2026-11-24T09:00+01:00",
            "2026-11-27T09:00+01:00",
            "2026-11-27T10:00+01:00",
            id="on the hour: the hour of the event is not counted",
        ),
        pytest.param(
            "2026-11-23T12:17+01:00",
            "2026-11-26T12:17+01:00",
            "2026-11-26T13:00+01:00",
            id="minutes are counted strictly and rounded in the note",
        ),
        pytest.param(
            "2026-12-23T17:45+01:00",
            "2026-12-26T17:45+01:00",
            "2026-12-26T18:00+01:00",
            id="Christmas does not extend it",
        ),
        pytest.param(
            "2026-12-31T16:20+01:00",
            "2027-01-03T16:20+01:00",
            "2027-01-03T17:00+01:00",
            id="nor do New Year and a Sunday",
        ),
        pytest.param(
            "2026-10-23T15:00+02:00",
            "2026-10-26T14:00+01:00",
            "2026-10-26T15:00+01:00",
            id="autumn gives an hour back: the wall clock shows one less",
        ),
        pytest.param(
            "2026-10-25T02:30+02:00",
            "2026-10-28T01:30+01:00",
            "2026-10-28T02:00+01:00",
            id="the first of the two half past twos",
        ),
        pytest.param(
            "2027-03-26T15:00+01:00",
            "2027-03-29T16:00+02:00",
            "2027-03-29T17:00+02:00",
            id="spring takes an hour: the wall clock shows one more",
        ),
        pytest.param(
            "2026-04-30T19:40+02:00",
            "2026-05-03T19:40+02:00",
            "2026-05-03T20:00+02:00",
            id="1 May and a weekend",
        ),
        pytest.param(
            "2026-05-13T11:05+02:00",
            "2026-05-16T11:05+02:00",
            "2026-05-16T12:00+02:00",
            id="Ascension Thursday and the bridge after it",
        ),
        pytest.param(
            "2026-05-22T20:00+02:00",
            "2026-05-25T20:00+02:00",
            "2026-05-25T21:00+02:00",
            id="Whit Monday is the last day and does not extend it",
        ),
        pytest.param(
            "2027-05-07T23:59+02:00",
            "2027-05-10T23:59+02:00",
            "2027-05-11T00:00+02:00",
            id="a minute to midnight",
        ),
    ],
)
def test_the_authority_must_be_notified_within_72_elapsed_hours(aware_at, strict, by_hours):
    assert authority_notification_due_at(at(aware_at)) == at(strict)
    assert hour_rounded_due_at(at(aware_at)) == at(by_hours)


@given(instants)
def test_the_rounded_reading_is_never_earlier_and_at_most_an_hour_later(aware_at):
    gained = hour_rounded_due_at(aware_at) - authority_notification_due_at(aware_at)

    assert timedelta(0) < gained <= timedelta(hours=1)


@pytest.mark.parametrize("rule", [authority_notification_due_at, hour_rounded_due_at])
def test_an_awareness_without_a_zone_is_refused(rule):
    with pytest.raises(InvalidInstant) as refusal:
        rule(datetime(2026, 11, 24, 9, 0))

    assert refusal.value.code == "instant_without_zone"
    assert refusal.value.parameters["shown"] == "2026-11-24 09:00"


def test_a_local_time_is_read_in_the_zone_of_the_organisation():
    local = datetime(2026, 7, 1, 14, 30)

    assert instant_from_local(local, "Europe/Paris") == at("2026-07-01T12:30+00:00")
    assert instant_from_local(local, "Indian/Reunion") == at("2026-07-01T10:30+00:00")


def test_a_time_that_the_clocks_jumped_over_is_refused():
    with pytest.raises(InvalidInstant) as refusal:
        instant_from_local(datetime(2027, 3, 28, 2, 30), "Europe/Paris")

    assert refusal.value.code == "local_time_skipped"


def test_the_double_hour_is_asked_and_both_answers_are_an_hour_apart():
    local = datetime(2026, 10, 25, 2, 30)

    with pytest.raises(InvalidInstant) as question:
        instant_from_local(local, "Europe/Paris")
    first = instant_from_local(local, "Europe/Paris", second_time=False)
    second = instant_from_local(local, "Europe/Paris", second_time=True)

    assert question.value.code == "local_time_twice"
    assert (first, second) == (at("2026-10-25T00:30+00:00"), at("2026-10-25T01:30+00:00"))


@given(instants, st.sampled_from(["Europe/Paris", "America/Montreal", "Indian/Reunion"]))
def test_every_instant_is_found_again_from_its_wall_clock(instant, zone):
    local = instant.astimezone(ZoneInfo(zone))

    again = instant_from_local(local.replace(tzinfo=None), zone, second_time=bool(local.fold))

    assert again == instant


STARTED_AT = at("2026-11-24T09:00+00:00")


def clock(hours: float, *, stopped: float | None = None, why=StopReason.FILED) -> Deadline:
    """A 72-hour clock seen so many hours after its start."""
    return Deadline(
        GDPR_ART_33,
        STARTED_AT,
        STARTED_AT + timedelta(hours=72),
        STARTED_AT + timedelta(hours=hours),
        None if stopped is None else STARTED_AT + timedelta(hours=stopped),
        None if stopped is None else why,
    )


@pytest.mark.parametrize(
    ("deadline", "state"),
    [
        pytest.param(clock(0), ClockState.RUNNING, id="just started"),
        pytest.param(clock(47.99), ClockState.RUNNING, id="a little over a day left"),
        pytest.param(clock(48), ClockState.SOON, id="a day left"),
        pytest.param(clock(72), ClockState.SOON, id="the last moment is still in time"),
        pytest.param(clock(72.01), ClockState.LATE, id="a moment later"),
        pytest.param(clock(200, stopped=71), ClockState.STOPPED, id="filed in time"),
        pytest.param(clock(200, stopped=73), ClockState.STOPPED_LATE, id="filed late"),
        pytest.param(
            replace(clock(200, stopped=73), withdrawn_at=STARTED_AT + timedelta(hours=80)),
            ClockState.WITHDRAWN,
            id="filed late, then taken back",
        ),
        pytest.param(
            clock(200, stopped=80, why=StopReason.DECIDED_NOT_TO_NOTIFY),
            ClockState.STOPPED,
            id="nothing was owed: nothing is late",
        ),
        pytest.param(
            clock(200, stopped=80, why=StopReason.NOT_OWED),
            ClockState.STOPPED,
            id="not owed after all: nothing is late",
        ),
        pytest.param(
            clock(200, stopped=80, why=StopReason.DONE), ClockState.STOPPED_LATE, id="done late"
        ),
        pytest.param(
            replace(clock(200), due_at=None), ClockState.OPEN_ENDED, id="no figure, no lateness"
        ),
        pytest.param(
            replace(clock(200, stopped=80, why=StopReason.DONE), due_at=None),
            ClockState.STOPPED,
            id="done, without a figure",
        ),
    ],
)
def test_a_clock_is_shown_by_its_state(deadline, state):
    assert deadline.state is state


def test_a_clock_without_a_figure_has_no_time_left_and_fills_no_bar():
    open_ended = replace(clock(30), due_at=None)

    assert (open_ended.left, open_ended.elapsed_share) == (None, 0.0)
    assert open_ended.elapsed == timedelta(hours=30)
    assert not open_ended.is_missed


def test_time_left_is_frozen_when_the_clock_stops():
    assert clock(200, stopped=70).left == timedelta(hours=2)
    assert clock(70).left == timedelta(hours=2)
    assert clock(80).left == timedelta(hours=-8)


@pytest.mark.parametrize(("hours", "share"), [(-1, 0.0), (0, 0.0), (36, 0.5), (72, 1.0), (99, 1.0)])
def test_the_bar_fills_from_awareness_to_the_deadline(hours, share):
    assert clock(hours).elapsed_share == share
