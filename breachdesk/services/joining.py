"""Joining an organisation by the link of an invitation, with a new account or one's own."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from breachdesk.domain.access import Role
from breachdesk.domain.errors import ChangedMeanwhile, NotFound, WrongStep
from breachdesk.domain.journal import Entry
from breachdesk.domain.passwords import known_words
from breachdesk.domain.people import checked_name
from breachdesk.models import Invitation, User
from breachdesk.services.acting import Desk, holders_of_roles
from breachdesk.services.held_reminders import hold_running_cases, look_again_everywhere
from breachdesk.services.journal import write_journal
from breachdesk.services.passwords import NO_PASSWORD, hash_password
from breachdesk.services.people import hold_organisation, hold_user, set_roles
from breachdesk.services.role_notices import RoleChange, tell_leads
from breachdesk.services.tokens import token_hash


@dataclass(frozen=True)
class OpenInvitation:
    """An invitation that can be accepted, and whether its address has an account here."""

    invitation: Invitation
    account: User | None


def find_open(session: Session, token: str, *, now: datetime) -> OpenInvitation:
    """The invitation that a link opens; does not commit.

    Raises:
        NotFound: nobody was invited by it, or it was used, ended or ran out: all the same.
    """
    invitation = session.scalars(
        select(Invitation)
        .where(Invitation.token_hash == token_hash(token))
        .options(joinedload(Invitation.organisation), joinedload(Invitation.invited_by))
        .execution_options(populate_existing=True)
    ).first()
    if invitation is None or not _is_open(invitation, now):
        raise NotFound("invitation_over")
    account = session.scalars(select(User).where(User.email == invitation.email)).first()
    return OpenInvitation(invitation, account)


def _is_open(invitation: Invitation, now: datetime) -> bool:
    is_ended = invitation.accepted_at is not None or invitation.revoked_at is not None
    return not is_ended and now < invitation.expires_at


def join_as_new(
    session: Session,
    desk: Desk,
    token: str,
    *,
    name: str,
    password: str,
    locale: str,
    now: datetime,
) -> User:
    """Make an account for whoever was invited, and let it in.

    Where the organisation takes no local sign-in, `password` is not asked and none is kept.

    Raises:
        NotFound: the link opens nothing (any more).
        InvalidInput: the name is missing, or the password would be guessed.
        ChangedMeanwhile: the address got an account in the meantime.
    """
    found = find_open(session, token, now=now)
    chosen = checked_name(name)
    hashed = _hashed(session, found.invitation, chosen, password)
    invitation = _held(session, token, now=now)
    user = User(
        email=invitation.email,
        name=chosen,
        password_hash=hashed,
        locale=locale,
        password_changed_at=now,
        created_at=now,
    )
    session.add(user)
    try:
        session.flush()
    except IntegrityError:
        session.rollback()
        raise ChangedMeanwhile from None
    _join(session, desk, invitation, user, now=now)
    session.commit()
    return user


def _hashed(session: Session, invitation: Invitation, name: str, password: str) -> str:
    own = invitation.organisation
    if not own.takes_local_sign_in:
        return NO_PASSWORD
    words = known_words(name, invitation.email, own.name)
    # End the transaction first: hashing takes 70 ms, during which nobody need wait for us.
    session.commit()
    return hash_password(password, known_words=words)


def join_as(session: Session, desk: Desk, token: str, user: User, *, now: datetime) -> None:
    """Let a person who signed in into the organisation that invited their address.

    Raises:
        NotFound: the link opens nothing (any more).
        WrongStep: it invited another address.
    """
    invitation = _held(session, token, now=now)
    if user.email != invitation.email:
        raise WrongStep("invitation_of_another")
    _join(session, desk, invitation, hold_user(session, user.id), now=now)
    session.commit()


def wake_account(session: Session, token: str, *, now: datetime) -> None:
    """Let the account of an invited address sign in again, if it had no seat left; commits.

    It opens nothing by that: its owner must know its password, and then accept.

    Raises:
        NotFound: the link opens nothing (any more).
    """
    account = find_open(session, token, now=now).account
    if account is not None and not account.is_active:
        account.is_active = True
    session.commit()


def _held(session: Session, token: str, *, now: datetime) -> Invitation:
    """The invitation, once nobody else can accept or end it before we commit."""
    organisation = find_open(session, token, now=now).invitation.organisation
    hold_running_cases(session, organisation.id)
    hold_organisation(session, organisation)
    return find_open(session, token, now=now).invitation


def _join(
    session: Session, desk: Desk, invitation: Invitation, user: User, *, now: datetime
) -> None:
    own = invitation.organisation
    holders = holders_of_roles(session, own.id)
    before = frozenset(role for role, people in holders.items() if user.id in people)
    after = before | {Role(code) for code in invitation.roles}
    user.is_active = True
    set_roles(session, own, user, after, now=now)
    # They may have been put on duty before they left.
    look_again_everywhere(session, own.id, now=now)
    invitation.accepted_at, invitation.accepted_by_id = now, user.id
    line = write_journal(
        session,
        own,
        Entry.USER_JOINED,
        by=user,
        at=now,
        user=user.id,
        roles=sorted(role.value for role in after),
    )
    change = RoleChange(own, user, before, after, line, invitation.invited_by)
    tell_leads(session, desk, change, holders, now=now)
