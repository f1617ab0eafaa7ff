"""Clocks and the reminders planned on them as calendars take them."""

from collections.abc import Iterable

from breachdesk.documents.calendar import CalendarClock, CalendarReminder
from breachdesk.domain.epoch import microseconds
from breachdesk.domain.reminders import ReminderChannel
from breachdesk.models import Clock, Reminder
from breachdesk.services.acting import Desk


def calendar_clock(
    desk: Desk, clock: Clock, reference: str, timezone: str, reminders: Iterable[Reminder]
) -> CalendarClock:
    """A clock for a calendar. Its events keep their names for good.

    `UID`s hold row ids, and when the clock was recorded: after a backup has been restored
    ids are given again, and a calendar would take one clock for another.
    """
    since = microseconds(clock.created_at)
    return CalendarClock(
        uid=f"clock-{clock.id}-{since}@{desk.host}",
        reference=reference,
        regime=clock.regime,
        timezone=timezone,
        link=desk.case_url(reference),
        started_at=clock.started_at,
        due_at=clock.due_at,
        noted_at=clock.created_at,
        reminders=tuple(
            CalendarReminder(
                f"reminder-{each.id}-{since}@{desk.host}",
                each.remind_at,
                rings=each.channel is ReminderChannel.MAIL,
            )
            for each in reminders
        ),
    )
