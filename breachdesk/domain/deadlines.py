"""How long is left, and until when: the clock of Art. 33(1).

The deadline shown, coloured and escalated on is the strict one. The reading of
Regulation 1182/71 by whole hours is never earlier; it is shown as a note.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from breachdesk.domain.errors import InvalidInstant
from breachdesk.domain.rule_sets import GDPR

# GDPR Art. 33(1): "not later than 72 hours after having become aware of it".
AUTHORITY_NOTIFICATION_LIMIT = GDPR.authority_limit
# From here on a clock is said to be "soon": our choice, a day to act in.
SOON = timedelta(hours=24)


class StopReason(StrEnum):
    """Why a clock no longer runs."""

    FILED = "filed"
    DECIDED_NOT_TO_NOTIFY = "decided_not_to_notify"
    QUALIFIED = "qualified"
    NOT_A_BREACH = "not_a_breach"
    # Its start was corrected: another clock counts in its place.
    CORRECTED = "corrected"
    # What it asked for was done, as the desk saw or somebody said; or is not owed after all.
    COMMUNICATED = "communicated"
    DONE = "done"
    NOT_OWED = "not_owed"
    # We are the processor: the authority is notified by the controllers, whom we tell.
    # Source: GDPR Art. 33(2).
    PROCESSOR = "processor"


# By these a clock asked for was answered: whether in time is a fact, frozen from then on.
KEPT_BY = frozenset({StopReason.FILED, StopReason.COMMUNICATED, StopReason.DONE})


class ClockState(StrEnum):
    """How a clock is shown, by word and shape as well as by colour."""

    RUNNING = "running"
    # Its regime gives no figure: it runs, and is chased, without a last moment.
    OPEN_ENDED = "open_ended"
    SOON = "soon"
    LATE = "late"
    STOPPED = "stopped"
    STOPPED_LATE = "stopped_late"
    # Answered, and the answer taken back: neither kept nor missed.
    WITHDRAWN = "withdrawn"


def _in_utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise InvalidInstant("instant_without_zone", shown=f"{instant:%Y-%m-%d %H:%M}")
    return instant.astimezone(UTC)


def authority_notification_due_at(aware_at: datetime) -> datetime:
    """Return the last moment to notify the supervisory authority.

    We count 72 elapsed hours from the minute of awareness. Weekends, public
    holidays and clock changes add nothing: this is the strictest reading, so
    our deadline is never later than the legal one.

    Args:
        aware_at: when the controller became aware of the breach (timezone-aware).

    Returns:
        The deadline, in UTC.

    Raises:
        InvalidInstant: ``aware_at`` has no timezone.

    Source: GDPR Art. 33(1); Regulation (EEC, Euratom) No 1182/71, Art. 3.
    """
    return _in_utc(aware_at) + AUTHORITY_NOTIFICATION_LIMIT


def hour_rounded_due_at(aware_at: datetime) -> datetime:
    """Return the deadline when the hour of awareness is not counted, in UTC.

    A period in hours starts with the hour after the event's: 12:17 counts from 13:00,
    and so does 12:00 sharp. At most 60 minutes later than the strict deadline.

    Raises:
        InvalidInstant: ``aware_at`` has no timezone.

    Source: Regulation (EEC, Euratom) No 1182/71, Art. 3(1) and 3(2)(a).
    """
    hour_of_event = _in_utc(aware_at).replace(minute=0, second=0, microsecond=0)
    return hour_of_event + timedelta(hours=1) + AUTHORITY_NOTIFICATION_LIMIT


@dataclass(frozen=True)
class Deadline:
    """A clock seen at an instant: what the badge on every page of a case shows.

    Args:
        withdrawn_at: when the filing that stopped it was taken back: it was not answered then.
    """

    regime: str
    started_at: datetime
    due_at: datetime | None
    seen_at: datetime
    stopped_at: datetime | None = None
    stop_reason: StopReason | None = None
    withdrawn_at: datetime | None = None

    @property
    def left(self) -> timedelta | None:
        """Time left, negative when late; frozen where it has stopped; None without a figure."""
        return None if self.due_at is None else self.due_at - self._until

    @property
    def elapsed(self) -> timedelta:
        """How long it has run; frozen where it has stopped."""
        return self._until - self.started_at

    @property
    def _until(self) -> datetime:
        return self.stopped_at or self.seen_at

    @property
    def is_missed(self) -> bool:
        """Whether the clock still runs, past its deadline."""
        return self.stopped_at is None and self._is_over

    @property
    def _is_over(self) -> bool:
        return self.left is not None and self.left < timedelta(0)

    @property
    def state(self) -> ClockState:
        """The word and the shape to show it by."""
        if self.stopped_at is not None:
            if self.withdrawn_at is not None:
                return ClockState.WITHDRAWN
            is_late = self.stop_reason in KEPT_BY and self._is_over
            return ClockState.STOPPED_LATE if is_late else ClockState.STOPPED
        if self.is_missed:
            return ClockState.LATE
        if self.left is None:
            return ClockState.OPEN_ENDED
        return ClockState.SOON if self.left <= SOON else ClockState.RUNNING

    @property
    def elapsed_share(self) -> float:
        """How much of the time has gone, from 0 to 1; 0 without a figure."""
        if self.due_at is None:
            return 0.0
        whole = (self.due_at - self.started_at).total_seconds()
        gone = self.elapsed.total_seconds()
        return min(1.0, max(0.0, gone / whole))

    @property
    def rounded_due_at(self) -> datetime:
        """The reading by whole hours, for the note."""
        return hour_rounded_due_at(self.started_at)


def instant_from_local(
    local: datetime, timezone: str, *, second_time: bool | None = None
) -> datetime:
    """Return the UTC instant of a wall-clock time in a zone.

    Args:
        local: the time as read on the wall, without timezone.
        timezone: an IANA name.
        second_time: in the hour that comes twice in autumn, whether the second is
            meant (winter time); None asks.

    Raises:
        InvalidInstant: ``local_time_skipped``: the clocks jumped over it in spring;
            ``local_time_twice``: it came twice and `second_time` is None.
    """
    first = local.replace(tzinfo=ZoneInfo(timezone), fold=0)
    second = first.replace(fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    shown = f"{local:%d/%m/%Y %H:%M}"
    if first.astimezone(UTC).astimezone(ZoneInfo(timezone)).replace(tzinfo=None) != local:
        raise InvalidInstant("local_time_skipped", shown=shown, timezone=timezone)
    if second_time is None:
        raise InvalidInstant("local_time_twice", shown=shown, timezone=timezone)
    return (second if second_time else first).astimezone(UTC)
