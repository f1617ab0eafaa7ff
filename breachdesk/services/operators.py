"""The operator's own account, and the way out when mail does not work: from the terminal.

Whoever may run a command on the server may do this: there is no `by`.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.domain.errors import NotFound
from breachdesk.domain.passwords import RESET_LASTS
from breachdesk.domain.people import checked_address, checked_name
from breachdesk.models import PasswordReset, User
from breachdesk.services.passwords import NO_PASSWORD
from breachdesk.services.tokens import new_token, token_hash


@dataclass(frozen=True)
class MadeOperator:
    """An operator; `token` sets their first password, and is empty where they have one."""

    user: User
    token: str = ""


def make_operator(session: Session, email: str, name: str, *, now: datetime) -> MadeOperator:
    """Make the person of this address an operator, with a new account if they have none.

    Raises:
        InvalidInput: the address or the name cannot be kept.
    """
    address = checked_address(email)
    user = session.scalars(select(User).where(User.email == address)).first()
    if user is None:
        user = User(
            email=address, name=checked_name(name), password_hash=NO_PASSWORD, created_at=now
        )
        session.add(user)
    user.is_operator = user.is_active = True
    session.flush()
    has_password = user.password_hash != NO_PASSWORD
    made = MadeOperator(user, "" if has_password else _add_reset(session, user, now=now))
    session.commit()
    return made


def reset_token_for(session: Session, email: str, *, now: datetime) -> str:
    """A token with which the person of this address sets a new password, once.

    Raises:
        InvalidInput: this is no address.
        NotFound: nobody who can sign in has it.
    """
    address = checked_address(email)
    user = session.scalars(select(User).where(User.email == address, User.is_active)).first()
    if user is None:
        raise NotFound("unknown_person", shown=address)
    token = _add_reset(session, user, now=now)
    session.commit()
    return token


def _add_reset(session: Session, user: User, *, now: datetime) -> str:
    token = new_token()
    session.add(
        PasswordReset(
            token_hash=token_hash(token),
            user_id=user.id,
            asked_at=now,
            expires_at=now + RESET_LASTS,
        )
    )
    return token
