"""Confirming by the link in a mail that one has read a reminder.

Whoever holds the link acts for the person the mail went to, and can do this alone. What it
shows is what the mail said: reference, regime, until when.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.domain.access import ALLOWED, Action
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
from breachdesk.services.acknowledgements import acknowledge
from breachdesk.services.acting import Desk
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
    """A clock that a link is about; `due_at` is None where its regime gives no figure."""

    regime: str
    due_at: datetime | None = None
    is_stopped: bool = False


@dataclass(frozen=True)
class LinkSeen:
    """A link as its page shows it; without the clocks where the holder may not know of them."""

    state: LinkState
    organisation: Organisation | None = None
    reference: str = ""
    clocks: tuple[ClockSeen, ...] = ()
    read_at: datetime | None = None


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
    return LinkSeen(
        state,
        found.organisation,
        found.incident.reference,
        tuple(
            ClockSeen(clock.regime, clock.due_at, clock.stopped_at is not None)
            for clock in found.clocks
        ),
        found.read_at,
    )


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
    found = _found(session, desk.links.read(token, now=now))
    if found is not None:
        for clock_id in [clock.id for clock in found.clocks]:
            acknowledge(session, clock_id, by=found.user, via=AcknowledgedVia.LINK, now=now)


@dataclass(frozen=True)
class _Found:
    """A mail's person and case, and what it told of: each reminder with its clock."""

    user: User
    incident: Incident
    organisation: Organisation
    told: tuple[tuple[Reminder, Clock], ...]

    @property
    def clocks(self) -> list[Clock]:
        return [clock for _, clock in self.told]

    @property
    def running(self) -> list[Reminder]:
        """The reminders of clocks that still run."""
        return [reminder for reminder, clock in self.told if clock.stopped_at is None]

    @property
    def read_at(self) -> datetime | None:
        """When the last of them was confirmed."""
        moments = [reminder.acknowledged_at for reminder, _ in self.told]
        return max((moment for moment in moments if moment is not None), default=None)


def _found(session: Session, mail: LinkedMail) -> _Found | None:
    """The mail, whom it went to, and what it was about; None where the row is another's now."""
    row = session.execute(
        select(Delivery, User, Incident, Organisation)
        .join(Delivery.user)
        .join(Incident, Delivery.incident_id == Incident.id)
        .join(Incident.organisation)
        .where(
            Delivery.id == mail.delivery_id,
            Delivery.reminder_id == mail.reminder_id,
            Delivery.user_id == mail.user_id,
            Delivery.queued_at == mail.queued_at,
        )
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        return None
    ids = [row.Delivery.reminder_id, *reminders_told(row.Delivery.parameters)]
    told = session.execute(
        select(Reminder, Clock)
        .join(Reminder.clock)
        .where(Reminder.id.in_(ids), Reminder.incident_id == row.Incident.id)
        .execution_options(populate_existing=True)
    ).all()
    in_order = sorted(told, key=lambda pair: ids.index(pair.Reminder.id))
    if not in_order:
        return None
    return _Found(
        row.User, row.Incident, row.Organisation, tuple((r, clock) for r, clock in in_order)
    )


def _state_of(session: Session, found: _Found) -> LinkState:
    if not _works_there(session, found):
        return LinkState.LEFT
    if not _may_know(session, found):
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


def _may_know(session: Session, found: _Found) -> bool:
    visible = select(Incident.id).where(
        Incident.id == found.incident.id, is_visible_to(found.user.id)
    )
    return session.scalar(visible) is not None


def _is_own(session: Session, found: _Found) -> bool:
    own = select(Acknowledgement.id).where(
        Acknowledgement.clock_id.in_([each.clock_id for each in found.running]),
        Acknowledgement.user_id == found.user.id,
        Acknowledgement.at == found.read_at,
    )
    return session.scalar(own.limit(1)) is not None
