"""The course of a run of mails: cumulative, in steps that fit, without a gap, never too many."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.deliveries import DeliveryState
from breachdesk.domain.delivery_course import (
    MOST_STEPS,
    DeliveryChange,
    DeliveryStep,
    course_of,
)

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 11, 23, 10, 20, tzinfo=UTC)
ENDS = [state for state in DeliveryState if state not in ("queued", "sending")]


def after(minutes: int, state: DeliveryState | None, count: int = 1) -> DeliveryChange:
    return DeliveryChange(START + timedelta(minutes=minutes), state, count)


def test_nothing_queued_has_no_course():
    assert course_of([], PARIS) is None


def test_one_mail_is_one_step():
    course = course_of([after(0, None), after(0, DeliveryState.SENT)], PARIS)

    assert course.step_minutes == 1
    assert course.begins_at == START
    assert course.steps == (DeliveryStep(START + timedelta(minutes=1), 1, 0, 0),)


def test_what_waits_becomes_accepted_or_refused_and_what_was_called_off_is_neither():
    course = course_of(
        [
            after(0, None, 10),
            after(1, DeliveryState.SENT, 6),
            after(2, DeliveryState.REFUSED, 1),
            after(2, DeliveryState.FAILED, 1),
            after(3, DeliveryState.CANCELLED, 1),
        ],
        PARIS,
    )

    assert [(each.accepted, each.refused, each.waiting) for each in course.steps] == [
        (0, 0, 10),
        (6, 0, 4),
        (6, 2, 2),
        (6, 2, 1),
    ]


@pytest.mark.parametrize(
    ("length", "minutes"),
    [
        pytest.param(timedelta(minutes=30), 1, id="half an hour: by minute"),
        pytest.param(timedelta(hours=5), 10, id="hours: by ten minutes"),
        pytest.param(timedelta(days=2), 60, id="two days: by hour"),
        pytest.param(timedelta(days=5), 360, id="as long as we try again: by six hours"),
        pytest.param(timedelta(days=50), 1440, id="weeks: by day"),
        pytest.param(timedelta(days=300), 10_080, id="months: by week"),
    ],
)
def test_a_step_fits_the_run(length, minutes):
    last = DeliveryChange(START + length, DeliveryState.SENT, 1)

    assert course_of([after(0, None), last], PARIS).step_minutes == minutes


def test_days_are_those_of_the_wall_even_when_one_has_25_hours():
    first = datetime(2026, 10, 24, 9, tzinfo=UTC)
    changes = [
        DeliveryChange(first, None, 2),
        DeliveryChange(first + timedelta(days=40), DeliveryState.SENT, 2),
    ]
    course = course_of(changes, PARIS)
    walls = [each.until.astimezone(PARIS) for each in course.steps]

    assert {(wall.hour, wall.minute) for wall in walls} == {(0, 0)}
    assert course.begins_at.astimezone(PARIS).hour == 0
    lengths = {later.until - sooner.until for sooner, later in pairwise(course.steps)}
    assert lengths == {timedelta(hours=24), timedelta(hours=25)}


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3_000_000),
            st.sampled_from([None, *ENDS]),
            st.integers(1, 5_000),
        ),
        min_size=1,
        max_size=40,
    ),
    st.sampled_from(["Europe/Paris", "America/Montreal", "Indian/Reunion", "Asia/Kolkata"]),
)
def test_the_last_step_says_what_became_of_all_and_no_step_is_missing(drawn, zone):
    changes = [after(*each) for each in drawn]
    course = course_of(changes, ZoneInfo(zone))

    def counted(*states: DeliveryState | None) -> int:
        return sum(each.count for each in changes if each.state in states)

    last = course.steps[-1]
    ended = counted(*ENDS)
    assert last.accepted == counted(DeliveryState.SENT)
    assert last.refused == counted(DeliveryState.REFUSED, DeliveryState.FAILED)
    assert last.waiting == counted(None) - ended
    assert 1 <= len(course.steps) <= MOST_STEPS
    untils = [course.begins_at, *(each.until for each in course.steps)]
    assert all(sooner < later for sooner, later in pairwise(untils))
    assert course.begins_at <= min(each.at for each in changes)
    assert course.steps[-1].until > max(each.at for each in changes)
