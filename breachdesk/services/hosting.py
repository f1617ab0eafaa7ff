"""Organisations that the operator hosts: made without people, opened by their first person.

Whoever is invited first decides and administers; nobody else has a seat there, least of
all the operator.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.domain.access import Action
from breachdesk.domain.errors import InvalidInput, NotFound, WrongStep
from breachdesk.domain.people import FIRST_ROLES
from breachdesk.domain.throttling import Attempt
from breachdesk.models import Invitation, Membership, Organisation
from breachdesk.services.acting import Desk, Operating
from breachdesk.services.installation import hold_installation
from breachdesk.services.invitations import Guest, Invited, add_invitation, end_invitation
from breachdesk.services.organisations import add_organisation, find_organisation
from breachdesk.services.people import hold_organisation
from breachdesk.services.throttling import count_attempt, demand_room


@dataclass(frozen=True)
class FirstPerson:
    """Who is to open an organisation, and in which language we write to them."""

    name: str
    email: str
    locale: str = "fr"


@dataclass(frozen=True)
class Hosted:
    """An organisation, whether anybody runs it yet, and the invitation of who shall."""

    organisation: Organisation
    is_run: bool
    invitation: Invitation | None


def open_organisation(
    session: Session,
    desk: Desk,
    details: Mapping[str, Any],
    first: FirstPerson,
    *,
    by: Operating,
    now: datetime,
) -> Invited:
    """Create an organisation, and invite the person who will decide and administer.

    Args:
        details: as `create_organisation` takes them.

    Raises:
        NotAllowed: they are no operator.
        TooManyAttempts: they invited many people within the hour.
        InvalidInput: a detail, the person's name or address cannot be kept.
    """
    by.demand(Action.CREATE_ORGANISATION)
    _count(session, desk, by, now=now)
    # Two who choose the same code at the same instant: the second is told.
    hold_installation(session)
    own = add_organisation(session, details, by=by.user, now=now)
    made = _invite(session, desk, own, first, by=by, now=now)
    session.commit()
    return made


def find_hosted(session: Session, code: str, *, by: Operating) -> Hosted:
    """An organisation by its code.

    Raises:
        NotAllowed: they are no operator.
        NotFound: there is none of that code.
    """
    by.demand(Action.SEE_INSTALLATION)
    own = find_organisation(session, code)
    if own is None:
        raise NotFound("unknown_organisation", shown=code)
    return Hosted(own, _is_run(session, own), _pending(session, own))


def invite_first_person(
    session: Session,
    desk: Desk,
    code: str,
    first: FirstPerson,
    *,
    by: Operating,
    now: datetime,
) -> Invited:
    """Invite, perhaps anew, whoever is to open an organisation that nobody runs yet.

    An invitation from before ends. Once somebody runs it, they alone let people in.

    Raises:
        NotAllowed, NotFound, TooManyAttempts, InvalidInput: as the others here.
        WrongStep: somebody runs it.
    """
    by.demand(Action.CREATE_ORGANISATION)
    find_hosted(session, code, by=by)
    _count(session, desk, by, now=now)
    own = find_hosted(session, code, by=by).organisation
    hold_organisation(session, own)
    if _is_run(session, own):
        raise WrongStep("organisation_is_run", shown=own.name)
    former = _pending(session, own)
    if former is not None:
        end_invitation(session, former, by=by.user, now=now)
    made = _invite(session, desk, own, first, by=by, now=now)
    session.commit()
    return made


def _invite(
    session: Session,
    desk: Desk,
    own: Organisation,
    first: FirstPerson,
    *,
    by: Operating,
    now: datetime,
) -> Invited:
    guest = Guest(first.name, first.email, FIRST_ROLES, first.locale)
    try:
        return add_invitation(session, desk, own, guest, inviter=None, by=by.user, now=now)
    except InvalidInput as fault:
        # Whose name: the organisation has one too.
        fault.field = f"person_{fault.field}"
        raise


def _count(session: Session, desk: Desk, by: Operating, *, now: datetime) -> None:
    demand_room(session, desk.vault, Attempt.INVITATION, f"inviter {by.user.id}", now=now)
    count_attempt(session, desk.vault, Attempt.INVITATION, f"inviter {by.user.id}", now=now)


def _is_run(session: Session, own: Organisation) -> bool:
    """Whether anybody ever had a seat there: from then on the operator lets nobody in."""
    seat = select(Membership.id).where(Membership.organisation_id == own.id).limit(1)
    return session.scalar(seat) is not None


def _pending(session: Session, own: Organisation) -> Invitation | None:
    """The operator's invitation that nobody has accepted or ended, if there is one."""
    return session.scalars(
        select(Invitation)
        .where(
            Invitation.organisation_id == own.id,
            Invitation.invited_by_id.is_(None),
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        .order_by(Invitation.id.desc())
    ).first()
