"""When people are left alone: nights, weekends and public holidays where they are.

What is not urgent is held until they end. They yield as a deadline nears, and to whoever is
on duty: the 72 hours run on through them. What nobody has read of yet they hold for a night,
never for a weekend.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from breachdesk.domain.public_holidays import NONE, is_public_holiday
from breachdesk.domain.time_zones import zone_or_utc

SATURDAY = 5
# What nobody has read of yet waits until then at most, by the wall clock, on any day.
MORNING = time(9)
# No run of nights, weekends and public holidays is as long as this.
_LONGEST = 14


@dataclass(frozen=True)
class QuietHours:
    """The hours in which only what is urgent goes out, by the wall clock of the organisation.

    Args:
        starts, ends: of the night, as from 21:00 to 07:00; the same twice: no night is quiet.
        weekends: whether Saturdays and Sundays are quiet, the whole day.
        holidays: whose public holidays are, of `public_holidays.CALENDARS`.
    """

    starts: time
    ends: time
    weekends: bool
    holidays: str = NONE

    # A tick asks the same of the same instant for every organisation.
    @lru_cache(maxsize=256)  # noqa: B019 - values, not objects that live
    def holds(self, instant: datetime, timezone: str) -> bool:
        """Whether an instant falls in them."""
        local = instant.astimezone(zone_or_utc(timezone))
        return self._is_day_off(local.date()) or self._is_night(local.time())

    def end_after(self, instant: datetime, timezone: str) -> datetime:
        """When the quiet that holds at an instant ends, in UTC; the instant where none does."""
        if not self.holds(instant, timezone):
            return instant
        ends = (end for end in self._possible_ends(instant, timezone) if end > instant)
        return next((end for end in ends if not self.holds(end, timezone)), instant)

    def unread_end_after(self, instant: datetime, timezone: str) -> datetime:
        """When they let through what nobody has read of yet, in UTC; never past a morning.

        On a Saturday, a Sunday or a public holiday they hold it at night alone, which then
        lasts until `MORNING`.
        """
        if not self.holds(instant, timezone):
            return instant
        zone = zone_or_utc(timezone)
        local = instant.astimezone(zone)
        if local.time() >= MORNING and not self._is_night_since_morning(local.time()):
            return instant
        days = 0 if local.time() < MORNING else 1
        morning = datetime.combine(local.date() + timedelta(days=days), MORNING, zone)
        return min(self.end_after(instant, timezone), morning.astimezone(UTC))

    def _possible_ends(self, instant: datetime, timezone: str) -> Iterator[datetime]:
        zone = zone_or_utc(timezone)
        first = instant.astimezone(zone).date()
        for days in range(_LONGEST):
            for at in (time(), self.ends) if self.ends > time() else (time(),):
                local = datetime.combine(first + timedelta(days=days), at, zone)
                yield local.astimezone(UTC)

    def _is_day_off(self, day: date) -> bool:
        return (self.weekends and day.weekday() >= SATURDAY) or is_public_holiday(
            day, self.holidays
        )

    def _is_night_since_morning(self, at: time) -> bool:
        """Whether the night that holds at a moment past `MORNING` has not outlasted a morning."""
        return self._is_night(at) and MORNING < self.starts <= at

    def _is_night(self, at: time) -> bool:
        if self.starts <= self.ends:
            return self.starts <= at < self.ends
        return at >= self.starts or at < self.ends


def held_until(
    moment: datetime,
    *,
    quiet: QuietHours,
    timezone: str,
    due_at: datetime | None,
    yields_before: timedelta,
    on_duty_from: datetime | None = None,
    is_read: bool = True,
) -> datetime:
    """When something planned for a moment may go out; the moment itself where nothing holds it.

    Never later than `yields_before` ahead of the deadline, from where on nothing is held;
    and never past the moment at which somebody comes on duty. Where nobody has read of it yet,
    no longer than until the next morning.

    Args:
        due_at: None where there is no deadline to near.
        on_duty_from: when the next shift begins, if one does.
        is_read: whether anybody has confirmed a reminder of the same clock.
    """
    ends = quiet.end_after if is_read else quiet.unread_end_after
    limits = [ends(moment, timezone)]
    if due_at is not None:
        limits.append(due_at - yields_before)
    if on_duty_from is not None:
        limits.append(on_duty_from)
    return max(moment, min(limits))
