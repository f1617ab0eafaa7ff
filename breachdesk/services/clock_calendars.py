"""Clocks and the reminders planned on them as calendars take them, and call them off."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from breachdesk.documents.calendar import DAYS_IN_A_FILE, CalendarClock, CalendarReminder
from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.epoch import microseconds
from breachdesk.domain.quiet_hours import held_until
from breachdesk.domain.reminder_mails import WITH_CALENDAR, clocks_told
from breachdesk.domain.reminder_plans import ReminderPlan
from breachdesk.domain.reminders import ReminderChannel
from breachdesk.domain.standing_in import Shift
from breachdesk.models import Clock, Delivery, DutyShift, Incident, Reminder
from breachdesk.services.acting import Desk
from breachdesk.services.deliveries import queue_to_user


@dataclass(frozen=True)
class PersonalHours:
    """When what is planned rings for a person: in quiet hours, no sooner than they let it.

    Args:
        plan: of the organisation, with its quiet hours.
        shifts: of this person there: on duty, they are told at once.
    """

    plan: ReminderPlan
    timezone: str
    shifts: tuple[Shift, ...] = ()

    def rings(self, clock: Clock, planned: Sequence[Reminder]) -> list[tuple[datetime, Reminder]]:
        """What is planned on a clock, in order of when it rings by what is known now."""
        is_read = any(each.acknowledged_at is not None for each in planned)
        moments = [self._rings_at(clock, each, is_read=is_read) for each in planned]
        return sorted(zip(moments, planned, strict=True), key=lambda each: each[0])

    def _rings_at(self, clock: Clock, reminder: Reminder, *, is_read: bool) -> datetime:
        # On the desk's own pages it waits for nothing; what was sent has rung.
        if reminder.channel is not ReminderChannel.MAIL or reminder.emitted_at is not None:
            return reminder.remind_at
        moment = reminder.remind_at
        on_duty = [each.starts_at for each in self.shifts if each.ends_at > moment]
        return held_until(
            moment,
            quiet=self.plan.quiet,
            timezone=self.timezone,
            due_at=clock.due_at,
            yields_before=self.plan.quiet_yields,
            on_duty_from=min(on_duty, default=None),
            is_read=is_read,
        )


def shifts_of(
    session: Session, user_ids: Collection[int], *, since: datetime
) -> dict[tuple[int, int], tuple[Shift, ...]]:
    """When people are on duty past an instant, by organisation and person; one query."""
    found: dict[tuple[int, int], list[Shift]] = defaultdict(list)
    for organisation_id, user_id, starts_at, ends_at in session.execute(
        select(
            DutyShift.organisation_id, DutyShift.user_id, DutyShift.starts_at, DutyShift.ends_at
        ).where(
            DutyShift.user_id.in_(user_ids),
            DutyShift.ends_at > since,
            DutyShift.cancelled_at.is_(None),
        )
    ):
        found[organisation_id, user_id].append(Shift(user_id, starts_at, ends_at))
    return {key: tuple(theirs) for key, theirs in found.items()}


def calendar_clock(
    desk: Desk, clock: Clock, reference: str, hours: PersonalHours, planned: Sequence[Reminder]
) -> CalendarClock:
    """A clock for a person's calendar. Its events keep their names for good.

    `UID`s hold row ids, and when the clock was recorded: after a backup has been restored
    ids are given again, and a calendar would take one clock for another.
    """
    since = microseconds(clock.created_at)
    return CalendarClock(
        uid=f"clock-{clock.id}-{since}@{desk.host}",
        reference=reference,
        regime=clock.regime,
        timezone=hours.timezone,
        link=desk.case_url(reference),
        started_at=clock.started_at,
        due_at=clock.due_at,
        noted_at=clock.created_at,
        reminders=tuple(
            CalendarReminder(
                f"reminder-{each.id}-{since}@{desk.host}",
                at,
                rings=each.channel is ReminderChannel.MAIL,
            )
            for at, each in hours.rings(clock, planned)
        ),
    )


def call_off_calendars(session: Session, incident: Incident, *, now: datetime) -> None:
    """Tell whoever holds a calendar of clocks that have stopped to call it off; does not commit.

    To be asked at the end of whatever stops clocks. One mail to each person for all of them, and
    once. Nothing where the calendar has rung for the last time, where none has left (what still
    waited was called off with its clock), or where the mail of a clock that counts in its place
    calls it off.
    """
    session.flush()
    every = {
        clock.id: clock
        for clock in session.scalars(select(Clock).where(Clock.incident_id == incident.id))
    }
    rings = {key for key, clock in every.items() if _rings_after(clock, now)}
    taken_over = {clock.replaces_id for clock in every.values()}
    stopped = [
        key
        for key, clock in every.items()
        if clock.stopped_at is not None
        and key not in taken_over
        # A file may have left for a clock in whose place this one counts.
        and rings & set(_line_of(every, key))
    ]
    if stopped:
        _call_off(session, incident, {key: set(_line_of(every, key)) for key in stopped}, now)


def _rings_after(clock: Clock, now: datetime) -> bool:
    """Whether a file that left with the mail of a clock's start still holds an alarm."""
    if clock.due_at is not None and clock.created_at <= clock.due_at:
        return clock.due_at > now
    return (clock.due_at or clock.started_at) + timedelta(days=DAYS_IN_A_FILE) > now


def _call_off(
    session: Session, incident: Incident, lines: dict[int, set[int]], now: datetime
) -> None:
    """Queue the mails: to whom a file of one of these lines of clocks has left, and only once."""
    sent = session.execute(
        select(Delivery.user_id, Delivery.kind, Delivery.parameters)
        .where(
            Delivery.incident_id == incident.id,
            Delivery.kind.in_(WITH_CALENDAR),
            # Taken in hand at least once: it may have left, whatever became of it since.
            or_(Delivery.attempts > 0, Delivery.kind == MailKind.CLOCKS_CALLED_OFF),
        )
        .order_by(Delivery.id)
    ).all()
    done = {
        key
        for row in sent
        if row.kind is MailKind.CLOCKS_CALLED_OFF
        for key in clocks_told(row.parameters)
    }
    told: dict[int, list[int]] = {}
    for row in sent:
        if row.user_id is None or row.kind is not MailKind.CLOCK_STARTED:
            continue
        for key in lines.keys() - done:
            if lines[key] & set(clocks_told(row.parameters)):
                told.setdefault(row.user_id, []).append(key)
    for user_id in sorted(told):
        stopped = sorted(set(told[user_id]))
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
