"""Invitations: a link by which somebody joins an organisation, good once and for a while.

Whoever invites learns nothing about an address that is not already in their organisation:
the answer is the same whether or not it has an account.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from breachdesk.domain.access import Action, Role
from breachdesk.domain.deliveries import UNDER_WAY, DeliveryState, MailKind
from breachdesk.domain.errors import InvalidInput, NotFound
from breachdesk.domain.journal import Entry
from breachdesk.domain.mail_accounts import Way
from breachdesk.domain.people import (
    INVITATION_LASTS,
    checked_address,
    checked_name,
    checked_roles,
)
from breachdesk.domain.throttling import Attempt
from breachdesk.models import Delivery, Invitation, Membership, Organisation, User
from breachdesk.services.account_mails import queue_account_mail
from breachdesk.services.acting import Acting, Desk
from breachdesk.services.journal import write_journal
from breachdesk.services.mail_routes import route_of
from breachdesk.services.people import hold_people
from breachdesk.services.throttling import count_attempt, demand_room
from breachdesk.services.tokens import new_token, token_hash


@dataclass(frozen=True)
class Guest:
    """Whom to invite, as what."""

    name: str
    email: str
    roles: Collection[str]
    locale: str = "fr"


@dataclass(frozen=True)
class Invited:
    """An invitation as it was made.

    `link` is for its maker to hand over in person, and empty where a mail takes it there:
    it is kept nowhere.
    """

    invitation: Invitation
    link: str = ""


def invite(session: Session, desk: Desk, guest: Guest, *, by: Acting, now: datetime) -> Invited:
    """Invite somebody to the organisation.

    Raises:
        NotAllowed: their roles do not permit it.
        TooManyAttempts: they invited many people within the hour.
        InvalidInput: the name, the address or the roles cannot be taken, or the address
            belongs to the organisation or is invited to it already.
    """
    by.demand(Action.MANAGE_PEOPLE)
    checked = _checked(guest)
    _count(session, desk, by, now=now)
    hold_people(session, by)
    _demand_newcomer(session, by.organisation, checked.email)
    made = add_invitation(session, desk, by.organisation, checked, inviter=by.user, now=now)
    session.commit()
    return made


def resend_invitation(
    session: Session, desk: Desk, invitation_id: int, *, by: Acting, now: datetime
) -> Invited:
    """Make a new link for an invitation, good as long as a first one; the old one ends.

    Raises:
        NotAllowed, NotFound, TooManyAttempts: as `invite` and `find_pending` do.
    """
    find_pending(session, invitation_id, by=by)
    _count(session, desk, by, now=now)
    hold_people(session, by)
    invitation = find_pending(session, invitation_id, by=by)
    made = renew(session, desk, invitation, inviter=by.user, now=now)
    session.commit()
    return made


def revoke_invitation(session: Session, invitation_id: int, *, by: Acting, now: datetime) -> None:
    """End an invitation: its link opens nothing any more.

    Raises:
        NotAllowed: their roles do not permit it.
        NotFound: the organisation has no such invitation that is still open.
    """
    hold_people(session, by)
    invitation = find_pending(session, invitation_id, by=by)
    end_invitation(session, invitation, by=by.user, now=now)
    session.commit()


def pending_invitations(session: Session, *, by: Acting) -> Sequence[Invitation]:
    """The invitations that nobody has accepted or ended, also those that ran out.

    Raises:
        NotAllowed: their roles do not permit it.
    """
    by.demand(Action.MANAGE_PEOPLE)
    return session.scalars(
        _pending_of(by.organisation).options(joinedload(Invitation.invited_by))
    ).all()


def find_pending(session: Session, invitation_id: int, *, by: Acting) -> Invitation:
    """One invitation that nobody has accepted or ended.

    Raises:
        NotAllowed: their roles do not permit it.
        NotFound: the organisation has no such invitation.
    """
    by.demand(Action.MANAGE_PEOPLE)
    query = _pending_of(by.organisation).where(Invitation.id == invitation_id)
    found = session.scalars(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound("unknown_invitation")
    return found


def _pending_of(organisation: Organisation) -> Select[Invitation]:
    return (
        select(Invitation)
        .where(
            Invitation.organisation_id == organisation.id,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        .order_by(Invitation.invited_at, Invitation.id)
    )


def _checked(guest: Guest) -> Guest:
    return Guest(
        checked_name(guest.name),
        checked_address(guest.email),
        checked_roles(guest.roles),
        guest.locale,
    )


def _count(session: Session, desk: Desk, by: Acting, *, now: datetime) -> None:
    """Count what somebody sends to addresses of their choice. Commits."""
    demand_room(session, desk.vault, Attempt.INVITATION, f"inviter {by.user.id}", now=now)
    count_attempt(session, desk.vault, Attempt.INVITATION, f"inviter {by.user.id}", now=now)


def _demand_newcomer(session: Session, organisation: Organisation, email: str) -> None:
    """Refuse whom this organisation knows already; of others nothing is said."""
    ends = session.scalars(
        select(Membership.ended_at)
        .join(Membership.user)
        .where(Membership.organisation_id == organisation.id, User.email == email)
    ).all()
    if ends:
        is_here = any(ended_at is None for ended_at in ends)
        code = "already_member" if is_here else "former_member"
        raise InvalidInput(code, field="email", shown=email)
    query = _pending_of(organisation).where(Invitation.email == email)
    if session.scalars(query).first() is not None:
        raise InvalidInput("already_invited", field="email", shown=email)


# --- What the operator's first invitation shares with these ----------------------------------


def add_invitation(
    session: Session,
    desk: Desk,
    organisation: Organisation,
    guest: Guest,
    *,
    inviter: User | None,
    now: datetime,
    by: User | None = None,
) -> Invited:
    """Make an invitation and queue its mail; does not commit.

    Args:
        inviter: whom the mail names; None for the operator.
        by: whom the journal names, where that is not `inviter`.
    """
    guest = _checked(guest)
    token = new_token()
    invitation = Invitation(
        organisation=organisation,
        token_hash=token_hash(token),
        email=guest.email,
        name=guest.name,
        roles=_codes(guest.roles),
        locale=guest.locale,
        invited_by=inviter,
        invited_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    session.add(invitation)
    session.flush()
    _journal_invited(session, invitation, by=by or inviter, now=now)
    return _send(session, desk, invitation, token, now=now)


def renew(
    session: Session,
    desk: Desk,
    invitation: Invitation,
    *,
    inviter: User | None,
    now: datetime,
    by: User | None = None,
) -> Invited:
    """Give an invitation a new link; does not commit. Arguments as `add_invitation` has them."""
    _cancel_mail(session, invitation, now=now)
    token = new_token()
    invitation.token_hash = token_hash(token)
    invitation.invited_by, invitation.invited_at = inviter, now
    invitation.expires_at = now + INVITATION_LASTS
    _journal_invited(session, invitation, by=by or inviter, now=now)
    return _send(session, desk, invitation, token, now=now)


def end_invitation(
    session: Session, invitation: Invitation, *, by: User | None, now: datetime
) -> None:
    """Revoke an invitation, with its mail if that has not left; does not commit."""
    _cancel_mail(session, invitation, now=now)
    invitation.revoked_at = now
    entry = Entry.INVITATION_REVOKED
    write_journal(session, invitation.organisation, entry, by=by, at=now, invitation=invitation.id)


def _journal_invited(
    session: Session, invitation: Invitation, *, by: User | None, now: datetime
) -> None:
    write_journal(
        session,
        invitation.organisation,
        Entry.USER_INVITED,
        by=by,
        at=now,
        invitation=invitation.id,
        roles=invitation.roles,
    )


def _send(
    session: Session, desk: Desk, invitation: Invitation, token: str, *, now: datetime
) -> Invited:
    """Queue the mail with the link, or give the link back where no mail can leave."""
    own = invitation.organisation
    link = f"{desk.public_url}/invitations/{token}"
    if route_of(session, desk, own).way is Way.NONE:
        return Invited(invitation, link)
    queue_account_mail(
        session,
        desk,
        MailKind.INVITATION,
        key=_mail_key(invitation),
        now=now,
        organisation=own,
        to=(invitation.name, invitation.email),
        locale=invitation.locale,
        link=link,
        until=invitation.expires_at.isoformat(),
        inviter=invitation.invited_by.name if invitation.invited_by else "",
    )
    return Invited(invitation)


def _cancel_mail(session: Session, invitation: Invitation, *, now: datetime) -> None:
    """A link that no longer opens anything need not be sent."""
    waiting = session.scalars(
        select(Delivery)
        .where(Delivery.dedup_key == _mail_key(invitation), Delivery.state.in_(UNDER_WAY))
        .with_for_update()
    ).first()
    if waiting is not None:
        waiting.state, waiting.finished_at = DeliveryState.CANCELLED, now
        waiting.sealed = None


def _mail_key(invitation: Invitation) -> str:
    return f"invitation-{invitation.token_hash[:40]}"


def _codes(roles: Iterable[str]) -> list[str]:
    return [role.value for role in Role if role in set(roles)]
