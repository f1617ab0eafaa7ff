"""People with second factors, for the tests: set up by the real services."""

import os
from datetime import datetime

import pyotp
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.sign_in import SignInMethod
from breachdesk.models import Delivery, Passkey, User, UserSession
from breachdesk.services import passkeys, totp
from breachdesk.services.sessions import begin_session
from breachdesk.services.tokens import token_hash
from tests.authenticator import Authenticator
from tests.people import Work, address_of


def person(work: Work, role: Role = Role.DPO, code: str = "GIR") -> User:
    """The person who holds this role."""
    email = address_of(role, code)
    return work.session.scalars(select(User).where(User.email == email)).one()


def signed_in(work: Work, user: User, *, now: datetime, **more: object) -> UserSession:
    """A session of this person, by their password alone unless said otherwise."""
    token = begin_session(
        work.session,
        user,
        now=now,
        **{"method": SignInMethod.PASSWORD} | more,  # type: ignore[arg-type]
    )
    kept = select(UserSession).where(UserSession.token_hash == token_hash(token))
    return work.session.scalars(kept).one()


def code_at(secret: str, instant: datetime) -> str:
    """What an application with this secret shows at an instant."""
    return pyotp.TOTP(s=secret).at(instant)


def enrol_totp(work: Work, user: User, *, now: datetime) -> str:
    """Set up codes by the minute for a person; their secret. The code of `now` is used up."""
    offer = totp.offer_totp(work.desk, user, now=now)
    totp.confirm_totp(
        work.session,
        work.desk,
        user,
        offer,
        code_at(offer.secret, now),
        through=signed_in(work, user, now=now),
        now=now,
    )
    return offer.secret


def enrol_passkey(
    work: Work,
    user: User,
    authenticator: Authenticator | None = None,
    *,
    now: datetime,
    name: str = "Téléphone",
) -> tuple[Authenticator, Passkey]:
    """Set up a passkey for a person: the device that holds it, and what we keep of it."""
    authenticator = authenticator or Authenticator(origin=work.desk.public_url)
    challenge = os.urandom(32)
    options = passkeys.registration_options(work.session, work.desk, user, challenge)
    kept = passkeys.add_passkey(
        work.session,
        work.desk,
        user,
        authenticator.register(options),
        challenge,
        name,
        through=signed_in(work, user, now=now),
        now=now,
    )
    return authenticator, kept


def told_changes(work: Work, user: User) -> list[str]:
    """What the mails queued for a person say has changed in their account, in order."""
    queued = select(Delivery).where(Delivery.user_id == user.id).order_by(Delivery.id)
    return [
        work.desk.vault.open_json(each.sealed)["change"]
        for each in work.session.scalars(queued)
        if each.sealed
    ]
