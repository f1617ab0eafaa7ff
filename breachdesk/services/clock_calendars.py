"""Clocks and the reminders planned on them as calendars take them, and call them off."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.documents.calendar import CalendarClock, CalendarReminder
from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.epoch import microseconds
from breachdesk.domain.reminder_mails import clocks_told
from breachdesk.domain.reminders import ReminderChannel
from breachdesk.models import Clock, Delivery, Incident, Reminder
from breachdesk.services.acting import Desk
from breachdesk.services.deliveries import queue_to_user


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


def call_off_calendars(session: Session, incident: Incident, *, now: datetime) -> None:
    """Tell whoever holds a calendar of clocks that no breach has started; does not commit.

    One mail to each person for all clocks that stopped at `now` because there is no breach.
    Nothing where no calendar has left: what still waited was called off with its clock.
    """
    every = {
        clock.id: clock
        for clock in session.scalars(select(Clock).where(Clock.incident_id == incident.id))
    }
    stopped = [
        clock.id
        for clock in every.values()
        if clock.stop_reason is StopReason.NOT_A_BREACH and clock.stopped_at == now
    ]
    # A file may have left for a clock in whose place one of these counts.
    line = {key for clock_id in stopped for key in _line_of(every, clock_id)}
    sent = select(Delivery.user_id, Delivery.parameters).where(
        Delivery.incident_id == incident.id,
        Delivery.kind == MailKind.CLOCK_STARTED,
        # Taken in hand at least once: it may have left, whatever became of it since.
        Delivery.attempts > 0,
    )
    told = {
        user_id
        for user_id, parameters in session.execute(sent.order_by(Delivery.id))
        if user_id is not None and line & set(clocks_told(parameters))
    }
    for user_id in sorted(told):
        queue_to_user(
            session,
            incident,
            user_id,
            MailKind.CLOCKS_CALLED_OFF,
            key=f"called-off:{stopped[0]}:{user_id}",
            now=now,
            clock_ids=stopped,
        )


def _line_of(every: dict[int, Clock], clock_id: int) -> Iterable[int]:
    key: int | None = clock_id
    while key in every:
        yield key
        key = every[key].replaces_id
