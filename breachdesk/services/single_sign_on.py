"""Whom an organisation's identity provider vouches for: known people, and nobody else.

Nobody is created: the people of an organisation are those it invited.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.sign_in import PROOF_LASTS
from breachdesk.domain.single_sign_on import SignOnRefused, Vouched
from breachdesk.models import ExternalIdentity, Membership, Organisation, User, UserSession
from breachdesk.services.account_mails import queue_account_mail
from breachdesk.services.acting import Desk
from breachdesk.services.provider_client import Way


def recognise(session: Session, desk: Desk, way: Way, vouched: Vouched, *, now: datetime) -> User:
    """The person of the organisation whom its provider vouches for, and commit.

    Known by the provider's own name for them; the first time by an address that it
    confirmed, and from then on by that name: an address may be given to somebody else.

    Raises:
        SignOnRefused: they are nobody here, or not anymore.
    """
    user = session.scalars(
        select(User)
        .join(ExternalIdentity, ExternalIdentity.user_id == User.id)
        .where(
            ExternalIdentity.provider_id == way.provider_id,
            ExternalIdentity.subject == vouched.subject,
        )
    ).first()
    if user is None:
        user = _link(session, desk, way, vouched, now=now)
    elif not _is_member(session, user, way):
        raise SignOnRefused("sign_on_not_a_member")
    session.commit()
    return user


def _link(session: Session, desk: Desk, way: Way, vouched: Vouched, *, now: datetime) -> User:
    if not vouched.email:
        raise SignOnRefused("sign_on_mail_unsure" if vouched.has_email else "sign_on_mail_missing")
    # Held: two browsers of one person may come back at once.
    user = session.scalars(
        select(User).where(User.email == vouched.email).with_for_update()
    ).first()
    if user is None or not _is_member(session, user, way):
        raise SignOnRefused("sign_on_not_a_member")
    known = session.scalars(
        select(ExternalIdentity).where(
            ExternalIdentity.provider_id == way.provider_id, ExternalIdentity.user_id == user.id
        )
    ).first()
    if known is None:
        _add_link(session, desk, way, user, vouched.subject, now=now)
    elif known.subject != vouched.subject:
        raise SignOnRefused("sign_on_linked_to_another")
    return user


def _add_link(
    session: Session, desk: Desk, way: Way, user: User, subject: str, *, now: datetime
) -> None:
    session.add(
        ExternalIdentity(
            provider_id=way.provider_id, user_id=user.id, subject=subject, linked_at=now
        )
    )
    queue_account_mail(
        session,
        desk,
        MailKind.ACCOUNT_NOTICE,
        key=f"single_sign_on_linked:{user.id}:{secrets.token_hex(8)}",
        now=now,
        organisation=session.get(Organisation, way.organisation_id),
        to=user,
        change="single_sign_on_linked",
    )


def _is_member(session: Session, user: User, way: Way) -> bool:
    if not user.is_active:
        return False
    held = select(Membership.id).where(
        Membership.user_id == user.id,
        Membership.organisation_id == way.organisation_id,
        Membership.ended_at.is_(None),
    )
    return session.scalar(held.limit(1)) is not None


def demand_same_person(session: Session, way: Way, vouched: Vouched, kept: UserSession) -> None:
    """Refuse a proof by anybody but the person of the session that asked for it.

    Raises:
        SignOnRefused: it is somebody else, or the session is not of this provider.
    """
    is_same = session.scalar(
        select(ExternalIdentity.id).where(
            ExternalIdentity.provider_id == way.provider_id,
            ExternalIdentity.subject == vouched.subject,
            ExternalIdentity.user_id == kept.user_id,
        )
    )
    if is_same is None or kept.organisation_id != way.organisation_id:
        raise SignOnRefused("sign_on_somebody_else")


def proven_at(vouched: Vouched, *, now: datetime) -> datetime:
    """When a sign-in counts as a proof of who it is: when the provider last asked for one.

    A provider that lets somebody through without asking again vouches for a proof of some
    time ago; it is taken for at most as old as what makes us ask. One that does not tell is
    believed: else its people could do nothing that asks for a recent proof.
    """
    oldest: datetime = now - PROOF_LASTS - timedelta(minutes=1)
    return max(oldest, min(now, vouched.proven_at or now))
