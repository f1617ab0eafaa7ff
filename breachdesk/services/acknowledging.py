"""Confirming by the link in a mail that one has read a reminder.

Whoever holds the link acts for the person the mail went to, and can do this alone. What it
shows is what the mail said: reference, regime, until when.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.domain.access import ALLOWED, Action
from breachdesk.domain.errors import NotFound, WrongStep
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
class LinkSeen:
    """A link as its page shows it; without the clock where the holder may not know of it."""

    state: LinkState
    organisation: Organisation | None = None
    reference: str = ""
    regime: str = ""
    due_at: datetime | None = None
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
        found.Organisation,
        found.Incident.reference,
        found.Clock.regime,
        found.Clock.due_at,
        found.Reminder.acknowledged_at,
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
        acknowledge(session, found.Clock, by=found.User, via=AcknowledgedVia.LINK, now=now)


def _found(session: Session, mail: LinkedMail) -> Any:
    """The mail, whom it went to, and what it was about; None where the row is another's now."""
    return session.execute(
        select(Delivery, User, Reminder, Clock, Incident, Organisation)
        .join(Delivery.user)
        .join(Reminder, Delivery.reminder_id == Reminder.id)
        .join(Reminder.clock)
        .join(Incident, Clock.incident_id == Incident.id)
        .join(Incident.organisation)
        .where(
            Delivery.id == mail.delivery_id,
            Delivery.reminder_id == mail.reminder_id,
            Delivery.user_id == mail.user_id,
            Delivery.queued_at == mail.queued_at,
        )
        .execution_options(populate_existing=True)
    ).first()


def _state_of(session: Session, found: Any) -> LinkState:
    if not _works_there(session, found):
        return LinkState.LEFT
    if not _may_know(session, found):
        return LinkState.HIDDEN
    if found.Clock.stopped_at is not None:
        return LinkState.STOPPED
    if found.Reminder.acknowledged_at is None:
        return LinkState.OPEN
    return LinkState.READ_BY_YOU if _is_own(session, found) else LinkState.READ


def _works_there(session: Session, found: Any) -> bool:
    seat = select(Membership.id).where(
        Membership.organisation_id == found.Organisation.id,
        Membership.user_id == found.User.id,
        Membership.role.in_(ALLOWED[Action.ACKNOWLEDGE_REMINDER]),
        Membership.ended_at.is_(None),
    )
    return found.User.is_active and session.scalar(seat.limit(1)) is not None


def _may_know(session: Session, found: Any) -> bool:
    visible = select(Incident.id).where(
        Incident.id == found.Incident.id, is_visible_to(found.User.id)
    )
    return session.scalar(visible) is not None


def _is_own(session: Session, found: Any) -> bool:
    own = select(Acknowledgement.id).where(
        Acknowledgement.clock_id == found.Clock.id,
        Acknowledgement.user_id == found.User.id,
        Acknowledgement.at == found.Reminder.acknowledged_at,
    )
    return session.scalar(own.limit(1)) is not None
