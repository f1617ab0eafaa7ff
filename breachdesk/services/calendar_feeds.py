"""Secret addresses at which a person's calendar reads the deadlines they may know of."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from breachdesk.documents.calendar import CalendarClock, feed_calendar, feed_fingerprint
from breachdesk.domain.errors import InvalidInput, NotFound
from breachdesk.domain.reminders import ReminderCause
from breachdesk.domain.visibility import READERS
from breachdesk.models import (
    CalendarFeed,
    Clock,
    Incident,
    Membership,
    Organisation,
    Reminder,
    User,
)
from breachdesk.services.account_notices import tell_owner
from breachdesk.services.acting import Desk
from breachdesk.services.clock_calendars import PersonalHours, calendar_clock, shifts_of
from breachdesk.services.reminder_plans import plan_of
from breachdesk.services.tokens import new_token, token_hash
from breachdesk.services.visibility import is_visible_to

# One for each telephone and computer somebody has, and a few.
MOST_FEEDS = 10
# A calendar asks every few minutes: when it last did is written down no more often than this.
NOTE_EVERY = timedelta(hours=1)
# More deadlines than anybody watches; the soonest are told.
MOST_CLOCKS = 500


def make_feed(session: Session, desk: Desk, user: User, *, now: datetime) -> str:
    """Make an address for a person's calendar, and commit; its token, shown once.

    They are told by mail: whoever made it in their place reads on without signing in.

    Raises:
        InvalidInput: they have as many as one may have.
    """
    session.execute(select(User.id).where(User.id == user.id).with_for_update())
    held = session.scalar(
        select(func.count(CalendarFeed.id)).where(
            CalendarFeed.user_id == user.id, CalendarFeed.revoked_at.is_(None)
        )
    )
    if (held or 0) >= MOST_FEEDS:
        raise InvalidInput("calendar_feeds_too_many", most=MOST_FEEDS)
    token = new_token()
    session.add(CalendarFeed(user_id=user.id, token_hash=token_hash(token), created_at=now))
    tell_owner(session, desk, user, "calendar_address_made", now=now)
    session.commit()
    return token


def revoke_feed(session: Session, user: User, feed_id: int, *, now: datetime) -> None:
    """Take an address back, and commit; taking it back twice changes nothing.

    Raises:
        NotFound: the person has no such address.
    """
    feed = session.get(CalendarFeed, feed_id)
    if feed is None or feed.user_id != user.id:
        raise NotFound
    if feed.revoked_at is None:
        feed.revoked_at = now
    session.commit()


def feeds_of(session: Session, user: User) -> Sequence[CalendarFeed]:
    """The addresses of a person that still serve, the latest first."""
    return session.scalars(
        select(CalendarFeed)
        .where(CalendarFeed.user_id == user.id, CalendarFeed.revoked_at.is_(None))
        .order_by(CalendarFeed.id.desc())
    ).all()


def find_feed(session: Session, token: str) -> CalendarFeed:
    """The address of a token, with its person.

    Raises:
        NotFound: there is none, it was taken back, or the person is here no more.
    """
    feed = session.scalars(
        select(CalendarFeed)
        .join(CalendarFeed.user)
        .where(
            CalendarFeed.token_hash == token_hash(token),
            CalendarFeed.revoked_at.is_(None),
            User.is_active,
        )
        .options(joinedload(CalendarFeed.user))
    ).first()
    if feed is None:
        raise NotFound
    return feed


def clocks_for(session: Session, desk: Desk, user: User) -> list[CalendarClock]:
    """Every running clock that a person may know of, soonest first, in three queries.

    Those without a figure come last.
    """
    running = _running_clocks(user.id)
    rows = session.execute(running).all()
    if not rows:
        return []
    planned: dict[int, list[Reminder]] = {clock.id: [] for clock, *_ in rows}
    for reminder in session.scalars(_planned_on(running)):
        planned[reminder.clock_id].append(reminder)
    hours = _hours_of(session, user, [row[2] for row in rows], planned.values())
    return [
        calendar_clock(desk, clock, reference, hours[organisation.id], planned[clock.id])
        for clock, reference, organisation in rows
    ]


def _hours_of(
    session: Session,
    user: User,
    organisations: Iterable[Organisation],
    planned: Iterable[Sequence[Reminder]],
) -> dict[int, PersonalHours]:
    """When reminders ring for a person, by organisation; one query."""
    ahead = [each.remind_at for theirs in planned for each in theirs if each.emitted_at is None]
    since = min(ahead, default=None)
    shifts = shifts_of(session, [user.id], since=since) if since else {}
    return {
        each.id: PersonalHours(plan_of(each), each.timezone, shifts.get((each.id, user.id), ()))
        for each in set(organisations)
    }


def _running_clocks(user_id: int) -> Select[Any, Any, Any]:
    seats = select(Membership.organisation_id).where(
        Membership.user_id == user_id,
        Membership.role.in_(READERS),
        Membership.ended_at.is_(None),
    )
    return (
        select(Clock, Incident.reference, Organisation)
        .join(Clock.incident)
        .join(Incident.organisation)
        .where(
            Clock.stopped_at.is_(None),
            Incident.organisation_id.in_(seats),
            is_visible_to(user_id),
        )
        .order_by(Clock.due_at.is_(None), Clock.due_at, Clock.id)
        .limit(MOST_CLOCKS)
    )


def _planned_on(running: Select[Any, Any, Any]) -> Select[Any]:
    clocks = running.with_only_columns(Clock.id).subquery()
    return (
        select(Reminder)
        .where(
            Reminder.clock_id.in_(select(clocks.c.id)),
            Reminder.cause == ReminderCause.PLANNED,
            Reminder.cancelled_at.is_(None),
        )
        .order_by(Reminder.remind_at, Reminder.id)
    )


@dataclass(frozen=True)
class WrittenFeed:
    """A feed to be sent. `fingerprint` changes when its content would; writing it is dearer."""

    fingerprint: str
    content: Callable[[], bytes]


def written(clocks: Sequence[CalendarClock], *, locale: str, now: datetime) -> WrittenFeed:
    """A feed in a person's language."""
    return WrittenFeed(
        feed_fingerprint(clocks, locale=locale, now=now),
        partial(feed_calendar, clocks, locale=locale, now=now),
    )


def must_note_read(feed: CalendarFeed, *, now: datetime) -> bool:
    """Whether it is worth writing down that it was read."""
    return feed.last_read_at is None or now - feed.last_read_at >= NOTE_EVERY


def note_read(session: Session, feed_id: int, *, now: datetime) -> None:
    """Write down that an address was read, and commit."""
    feed = session.get(CalendarFeed, feed_id)
    if feed is not None:
        feed.last_read_at = now
    session.commit()
