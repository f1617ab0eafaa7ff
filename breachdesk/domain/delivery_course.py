"""How a run of mails went over time: how many were accepted, refused and still waiting, when.

Cumulative, by steps of a length that fits the run: a minute for one that was over at once,
days for one whose server kept refusing. At most `MOST_STEPS` of them, whatever the run.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from breachdesk.domain.deliveries import DeliveryState

MOST_STEPS = 60
STEPS = (
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=7),
    timedelta(days=28),
)
# A Monday, so that weeks begin on one.
_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
# From here on steps begin at local midnight, or so many hours after it.
_LOCAL_FROM = timedelta(hours=6)
_REFUSED = frozenset({DeliveryState.REFUSED, DeliveryState.FAILED})


@dataclass(frozen=True)
class DeliveryStep:
    """Where the mails stood at the end of a step, `until`, counted from the beginning.

    Args:
        refused: for good, or given up.
        waiting: queued and without a last answer; what was called off is in none of the three.
    """

    until: datetime
    accepted: int
    refused: int
    waiting: int


@dataclass(frozen=True)
class DeliveryCourse:
    """The run from `begins_at`, in steps of `step_minutes` without a gap."""

    begins_at: datetime
    step_minutes: int
    steps: tuple[DeliveryStep, ...]


@dataclass(frozen=True)
class DeliveryChange:
    """How many mails were queued (`state` None), or came to a last state, in one minute."""

    at: datetime
    state: DeliveryState | None
    count: int


def course_of(changes: Iterable[DeliveryChange], zone: ZoneInfo) -> DeliveryCourse | None:
    """The course of a run; None where nothing was queued.

    Args:
        changes: in any order; `at` is timezone-aware.
        zone: where days begin at midnight.
    """
    ordered = sorted(changes, key=lambda each: each.at)
    if not ordered:
        return None
    step = _step_for(ordered[0].at, ordered[-1].at)
    ends = list(_ends(ordered[0].at, ordered[-1].at, step, zone))
    return DeliveryCourse(
        begins_at=_begin(ordered[0].at, step, zone),
        step_minutes=step // timedelta(minutes=1),
        steps=tuple(_steps(ordered, ends)),
    )


def _step_for(first: datetime, last: datetime) -> timedelta:
    # One more: a run of an hour may touch two hours.
    fitting = (step for step in STEPS if (last - first) // step + 2 <= MOST_STEPS)
    found = next(fitting, None)
    return found or STEPS[-1] * ((last - first) // (STEPS[-1] * (MOST_STEPS - 2)) + 1)


def _begin(at: datetime, step: timedelta, zone: ZoneInfo) -> datetime:
    """When the step that holds this moment begins."""
    if step < _LOCAL_FROM:
        return at - (at - _MONDAY) % step
    wall = _wall(at, zone)
    return _instant(wall - (wall - _MONDAY) % step, zone)


def _wall(at: datetime, zone: ZoneInfo) -> datetime:
    """What a clock on the wall shows, to count with: a day may have 23 hours."""
    return at.astimezone(zone).replace(tzinfo=UTC)


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _ends(first: datetime, last: datetime, step: timedelta, zone: ZoneInfo) -> Iterator[datetime]:
    end = _begin(first, step, zone)
    while end <= last:
        if step < _LOCAL_FROM:
            end += step
        else:
            end = _instant(_wall(end, zone) + step, zone)
        yield end


def _steps(ordered: list[DeliveryChange], ends: list[datetime]) -> Iterator[DeliveryStep]:
    accepted = refused = waiting = place = 0
    for end in ends:
        while place < len(ordered) and ordered[place].at < end:
            change = ordered[place]
            place += 1
            waiting += change.count if change.state is None else -change.count
            accepted += change.count if change.state is DeliveryState.SENT else 0
            refused += change.count if change.state in _REFUSED else 0
        yield DeliveryStep(end, accepted, refused, waiting)
