"""Confirming by the link in a mail that one has read a reminder.

Whoever holds the link acts for the person the mail went to, and can do this alone. What it
shows is what the mail said: reference, regime, until when. Of a mail about several cases it
shows, and confirms, those that the person may know of by then.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.domain.access import ALLOWED, Action
from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.errors import NotFound, WrongStep
from breachdesk.domain.reminder_mails import reminders_told
from breachdesk.domain.reminders import AcknowledgedVia
from breachdesk.domain.throttling import Attempt, network_of
from breachdesk.models import (
    Acknowledgement,
    Clock,
    Delivery,
    Incident,
    Membership,
    Organisation,
    Reminder,
    User,
)
from breachdesk.services.ack_links import LinkedMail
from breachdesk.services.acknowledgements import acknowledge_clocks, hold_cases
from breachdesk.services.acting import Desk
from breachdesk.services.caught_up_mails import TELLS
from breachdesk.services.many_rows import among, as_json
from breachdesk.services.throttling import count_attempt, demand_room
from breachdesk.services.visibility import is_visible_to


class LinkState(StrEnum):
    """What a link can do now.

    LEFT: the person works there no more, or no more on cases. HIDDEN: the case has been restricted
    to others.
    """

    OPEN = "open"
    READ_BY_YOU = "read_by_you"
    READ = "read"
    STOPPED = "stopped"
    OVER = "over"
    LEFT = "left"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class ClockSeen:
    """A clock that a link is about; `due_at` is None where its regime gives no figure.

    `is_read`: somebody has confirmed what the mail said of it.
    """

    regime: str
    started_at: datetime
    due_at: datetime | None = None
    is_stopped: bool = False
    is_read: bool = False


@dataclass(frozen=True)
class CaseSeen:
    """A case that a link is about, with those of its clocks that the mail told of."""

    reference: str
    clocks: tuple[ClockSeen, ...]


@dataclass(frozen=True)
class LinkSeen:
    """A link as its page shows it; without the cases of which the holder may not know.

    The most urgent first: what runs before what has stopped, what has no figure after what has.
    """

    state: LinkState
    organisation: Organisation | None = None
    cases: tuple[CaseSeen, ...] = ()
    read_at: datetime | None = None

    @property
    def reference(self) -> str:
        """That of the first case; empty without any."""
        return self.cases[0].reference if self.cases else ""

    @property
    def clocks(self) -> tuple[ClockSeen, ...]:
        """All clocks of all cases."""
        return tuple(clock for case in self.cases for clock in case.clocks)

    @property
    def to_confirm(self) -> int:
        """How many clocks the button would confirm."""
        return sum(not clock.is_stopped and not clock.is_read for clock in self.clocks)


# The same words, whoever may no longer know: nothing of the case.
_BLANK = (LinkState.OVER, LinkState.LEFT, LinkState.HIDDEN)


def look_at_link(session: Session, desk: Desk, token: str, *, now: datetime) -> LinkSeen:
    """What a link is for; changes nothing, however often and by whatever it is opened.

    Raises:
        NotFound: `link_unknown`.
    """
    try:
        mail = desk.links.read(token, now=now)
    except WrongStep:
        return LinkSeen(LinkState.OVER)
    found = _found(session, mail)
    if found is None:
        raise NotFound("link_unknown")
    state = _state_of(session, found)
    if state in _BLANK:
        return LinkSeen(state)
    return LinkSeen(state, found.organisation, _cases(found), found.read_at)


def acknowledge_by_link(
    session: Session, desk: Desk, token: str, *, address: str, now: datetime
) -> None:
    """Confirm, as the person the mail went to, and commit; nothing where the link is not open.

    Args:
        address: where the request comes from: links of nobody's making are counted for it.

    Raises:
        NotFound: `link_unknown`.
        TooManyAttempts: too many of those from there.
    """
    whom = network_of(address)
    demand_room(session, desk.vault, Attempt.SECRET, whom, now=now)
    try:
        seen = look_at_link(session, desk, token, now=now)
    except NotFound:
        count_attempt(session, desk.vault, Attempt.SECRET, whom, now=now)
        raise
    if seen.state is not LinkState.OPEN:
        return
    mail = desk.links.read(token, now=now)
    before = _found(session, mail)
    # With the cases in hand nobody restricts them: what is confirmed is what may be known.
    hold_cases(session, [case.id for case in before.cases] if before else [])
    found = _found(session, mail)
    if found is not None and _works_there(session, found):
        clocks = [clock.id for clock in found.clocks]
        acknowledge_clocks(session, clocks, by=found.user, via=AcknowledgedVia.LINK, now=now)


@dataclass(frozen=True)
class _Found:
    """A mail's person, and what it told of: each reminder with its clock and its case.

    Of what it told, those cases alone that the person may know of now.
    """

    user: User
    organisation: Organisation
    told: tuple[tuple[Reminder, Clock, Incident], ...]

    @property
    def clocks(self) -> list[Clock]:
        return [clock for _, clock, _ in self.told]

    @property
    def cases(self) -> list[Incident]:
        return list({case.id: case for _, _, case in self.told}.values())

    @property
    def running(self) -> list[Reminder]:
        """The reminders of clocks that still run."""
        return [reminder for reminder, clock, _ in self.told if clock.stopped_at is None]

    @property
    def read_at(self) -> datetime | None:
        """When the last of them was confirmed."""
        moments = [reminder.acknowledged_at for reminder, _, _ in self.told]
        return max((moment for moment in moments if moment is not None), default=None)


def _cases(found: _Found) -> tuple[CaseSeen, ...]:
    """What the mail told of, by case."""
    clocks: dict[str, list[ClockSeen]] = {}
    for reminder, clock, case in sorted(found.told, key=_urgency):
        is_read = reminder.acknowledged_at is not None
        is_stopped = clock.stopped_at is not None
        seen = ClockSeen(clock.regime, clock.started_at, clock.due_at, is_stopped, is_read)
        clocks.setdefault(case.reference, []).append(seen)
    return tuple(CaseSeen(reference, tuple(theirs)) for reference, theirs in clocks.items())


def _urgency(told: tuple[Reminder, Clock, Incident]) -> tuple[bool, bool, datetime, int]:
    _, clock, _ = told
    due_at = clock.due_at or clock.started_at
    return clock.stopped_at is not None, clock.due_at is None, due_at, clock.id


def _found(session: Session, mail: LinkedMail) -> _Found | None:
    """The mail, whom it went to, and what it was about; None where the row is another's now."""
    row = session.execute(
        select(Delivery, User, Organisation)
        .join(Delivery.user)
        .join(Delivery.organisation)
        .where(
            Delivery.id == mail.delivery_id,
            # None where it tells of the deliveries of several cases.
            Delivery.reminder_id.is_not_distinct_from(mail.reminder_id),
            Delivery.user_id == mail.user_id,
            Delivery.queued_at == mail.queued_at,
        )
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        return None
    ids = _reminders_told(session, row.Delivery)
    told = session.execute(
        select(Reminder, Clock, Incident, is_visible_to(row.User.id).label("is_visible"))
        .join(Reminder.clock)
        .join(Reminder.incident)
        .where(
            among(Reminder.id, "ids"),
            Incident.organisation_id == row.Organisation.id,
        )
        .order_by(Reminder.id)
        .execution_options(populate_existing=True),
        {"ids": as_json(ids)},
    ).all()
    if not told:
        return None
    known = tuple((r, clock, case) for r, clock, case, is_visible in told if is_visible)
    return _Found(row.User, row.Organisation, known)


def _reminders_told(session: Session, delivery: Delivery) -> list[int]:
    """The ids of the reminders that a mail told, its own and those of others told with it."""
    told = [(delivery.reminder_id, delivery.parameters)]
    if delivery.kind is MailKind.CAUGHT_UP:
        rows = session.execute(
            select(Delivery.reminder_id, Delivery.parameters).where(
                among(Delivery.id, "ids"), Delivery.user_id == delivery.user_id
            ),
            {"ids": as_json(list(delivery.parameters.get(TELLS, ())))},
        )
        told = [(row.reminder_id, row.parameters) for row in rows]
    return [
        each
        for reminder_id, parameters in told
        if reminder_id is not None
        for each in (reminder_id, *reminders_told(parameters))
    ]


def _state_of(session: Session, found: _Found) -> LinkState:
    if not _works_there(session, found):
        return LinkState.LEFT
    if not found.told:
        return LinkState.HIDDEN
    if not found.running:
        return LinkState.STOPPED
    if any(reminder.acknowledged_at is None for reminder in found.running):
        return LinkState.OPEN
    return LinkState.READ_BY_YOU if _is_own(session, found) else LinkState.READ


def _works_there(session: Session, found: _Found) -> bool:
    seat = select(Membership.id).where(
        Membership.organisation_id == found.organisation.id,
        Membership.user_id == found.user.id,
        Membership.role.in_(ALLOWED[Action.ACKNOWLEDGE_REMINDER]),
        Membership.ended_at.is_(None),
    )
    return found.user.is_active and session.scalar(seat.limit(1)) is not None


def _is_own(session: Session, found: _Found) -> bool:
    own = select(Acknowledgement.id).where(
        among(Acknowledgement.clock_id, "clocks"),
        Acknowledgement.user_id == found.user.id,
        Acknowledgement.at == found.read_at,
    )
    clocks = as_json([each.clock_id for each in found.running])
    return session.scalar(own.limit(1), {"clocks": clocks}) is not None
