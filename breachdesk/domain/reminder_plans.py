"""An organisation's plan of reminders: how long before, to whom, how, and when not.

No law prescribes it. It is kept as a record, and a plan that could let a deadline pass in
silence cannot be made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from breachdesk.domain.access import Role
from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.public_holidays import CALENDARS, FRANCE
from breachdesk.domain.quiet_hours import QuietHours
from breachdesk.domain.reminders import LINE, ReminderChannel

FURTHEST = timedelta(days=60)
MOST_NOTICES = 20
# The bounds of each pace: often enough to be kept by, seldom enough to be read.
PACES: Mapping[str, tuple[timedelta, timedelta]] = {
    "open_ended_every": (timedelta(hours=1), timedelta(days=7)),
    "late_every": (timedelta(hours=1), timedelta(days=2)),
    "escalate_after": (timedelta(minutes=15), timedelta(days=2)),
    "escalate_after_when_near": (timedelta(minutes=15), timedelta(hours=12)),
    "near": (timedelta(hours=6), timedelta(days=7)),
    "quiet_yields": (timedelta(hours=6), timedelta(days=30)),
}


@dataclass(frozen=True)
class PlannedNotice:
    """One reminder of the plan, this long before the deadline; zero is the deadline itself."""

    before: timedelta
    roles: tuple[Role, ...]
    channel: ReminderChannel = ReminderChannel.MAIL


@dataclass(frozen=True)
class ReminderPlan:
    """What an organisation wants to be reminded of, checked as it is made.

    Args:
        notices: for clocks with a figure; those longer than a clock are dropped for it.
        chase: instead of them, while nobody has said whether an incident is a breach.
        open_ended_every: for clocks without a figure, from their start on.
        late_every: from the deadline on, until the clock stops.
        escalate_after: how long a reminder may stay unread before somebody above is told.
        escalate_after_when_near: the same within `near` of the deadline, before or after it.
        quiet: when what is not urgent waits.
        quiet_yields: how long before the deadline nothing waits any more.

    Raises:
        InvalidInput: a plan that nobody could keep a deadline by; `field` names the part.
    """

    notices: tuple[PlannedNotice, ...]
    chase: tuple[PlannedNotice, ...]
    open_ended_every: timedelta
    late_every: timedelta
    escalate_after: timedelta
    escalate_after_when_near: timedelta
    near: timedelta
    quiet: QuietHours
    quiet_yields: timedelta

    def __post_init__(self) -> None:
        for field in ("notices", "chase"):
            _check_notices(field, getattr(self, field), self.near)
        for field, (least, most) in PACES.items():
            if not least <= getattr(self, field) <= most:
                raise InvalidInput("plan_pace_out_of_range", field=field, least=least, most=most)
        if self.escalate_after_when_near > self.escalate_after:
            raise InvalidInput("plan_slower_when_near", field="escalate_after_when_near")
        if self.quiet.holidays not in CALENDARS:
            raise InvalidInput("plan_holidays_unknown", field="holidays")

    @property
    def roles(self) -> tuple[Role, ...]:
        """Everyone whom the plan may tell: escalation reaches the whole line."""
        return LINE

    def as_record(self) -> dict[str, Any]:
        """The plan as JSON: minutes, roles and channels by code, times like "21:00"."""
        return {
            "notices": [_notice_record(notice) for notice in self.notices],
            "chase": [_notice_record(notice) for notice in self.chase],
            **{field: _minutes(getattr(self, field)) for field in PACES},
            "quiet": {
                "starts": f"{self.quiet.starts:%H:%M}",
                "ends": f"{self.quiet.ends:%H:%M}",
                "weekends": self.quiet.weekends,
                "holidays": self.quiet.holidays,
            },
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "ReminderPlan":
        """The plan kept in a record; an empty one is `DEFAULT_PLAN`.

        Raises:
            InvalidInput: it is not such a record (`plan_unreadable`), or not a sound plan.
        """
        if not record:
            return DEFAULT_PLAN
        try:
            quiet = record["quiet"]
            read: dict[str, Any] = {
                "notices": tuple(_notice(each) for each in record["notices"]),
                "chase": tuple(_notice(each) for each in record["chase"]),
                **{field: timedelta(minutes=int(record[field])) for field in PACES},
                "quiet": QuietHours(
                    time.fromisoformat(quiet["starts"]),
                    time.fromisoformat(quiet["ends"]),
                    weekends=bool(quiet["weekends"]),
                    holidays=str(quiet["holidays"]),
                ),
            }
        except (KeyError, TypeError, ValueError, OverflowError):
            raise InvalidInput("plan_unreadable") from None
        return cls(**read)


def _check_notices(field: str, notices: tuple[PlannedNotice, ...], near: timedelta) -> None:
    if not notices:
        raise InvalidInput("plan_empty", field=field)
    if len(notices) > MOST_NOTICES:
        raise InvalidInput("plan_too_many_notices", field=field, most=MOST_NOTICES)
    offsets = [notice.before for notice in notices]
    if not all(timedelta(0) <= before <= FURTHEST for before in offsets):
        raise InvalidInput("plan_offset_out_of_range", field=field, most=FURTHEST.days)
    if len(set(offsets)) < len(offsets):
        raise InvalidInput("plan_offset_twice", field=field)
    for notice in notices:
        if not notice.roles:
            raise InvalidInput("plan_role_missing", field=field)
        if not set(notice.roles) <= set(LINE):
            raise InvalidInput("plan_role_unknown", field=field)
        if notice.channel is ReminderChannel.DESK and notice.before <= near:
            raise InvalidInput("plan_quiet_channel_near", field=field)
    if min(offsets) > near:
        raise InvalidInput("plan_without_near_notice", field=field)


def _notice_record(notice: PlannedNotice) -> dict[str, Any]:
    return {
        "before": _minutes(notice.before),
        "roles": [role.value for role in notice.roles],
        "channel": notice.channel.value,
    }


def _notice(record: Mapping[str, Any]) -> PlannedNotice:
    return PlannedNotice(
        timedelta(minutes=int(record["before"])),
        tuple(Role(role) for role in record["roles"]),
        ReminderChannel(record["channel"]),
    )


def _minutes(duration: timedelta) -> int:
    return int(duration / timedelta(minutes=1))


def _told(roles: tuple[Role, ...], *hours: int) -> tuple[PlannedNotice, ...]:
    return tuple(PlannedNotice(timedelta(hours=before), roles) for before in hours)


_FIRST = (Role.HANDLER, Role.DPO)
# What we propose. A week before is for the clocks that run for a month; an incident that
# nobody has qualified is chased sooner: every day lost here is lost for good. The first of 72
# hours rings eight hours in, so that a night may hold it and a day has not gone by.
DEFAULT_PLAN = ReminderPlan(
    notices=(
        *_told((Role.HANDLER,), 168, 64, 48),
        *_told(_FIRST, 24, 12),
        *_told(LINE, 6, 3, 1, 0),
    ),
    chase=(
        *_told(_FIRST, 68, 60, 48, 36),
        *_told(LINE, 24, 12, 6, 3, 1, 0),
    ),
    open_ended_every=timedelta(hours=24),
    late_every=timedelta(hours=12),
    escalate_after=timedelta(hours=4),
    escalate_after_when_near=timedelta(hours=1),
    near=timedelta(hours=24),
    quiet=QuietHours(time(21), time(7), weekends=True, holidays=FRANCE),
    quiet_yields=timedelta(hours=24),
)


def plan_in_force(record: Mapping[str, Any]) -> ReminderPlan:
    """The plan kept in a record; the one we propose where it keeps none that is sound.

    Whatever was kept, by whichever version of the desk, deadlines go on ringing.
    """
    try:
        return ReminderPlan.from_record(record)
    except InvalidInput:
        return DEFAULT_PLAN
