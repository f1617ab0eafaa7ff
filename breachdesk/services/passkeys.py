"""Passkeys: set up, named, given as a second factor or in place of the password."""

import logging
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from breachdesk.domain.errors import InvalidInput, NotFound, WrongStep
from breachdesk.domain.second_factor import RelyingParty, relying_party
from breachdesk.domain.throttling import Attempt
from breachdesk.models import Passkey, User, UserSession
from breachdesk.services import authenticators
from breachdesk.services.account_notices import tell_owner
from breachdesk.services.acting import Desk
from breachdesk.services.authenticators import Options, Response, handle_of, told_handle
from breachdesk.services.second_factor import hold_person, let_one_go
from breachdesk.services.sessions import note_proof
from breachdesk.services.throttling import count_attempt

log = logging.getLogger(__name__)

LONGEST_NAME = 80
# More than anybody's devices; a bound on what one account can store.
MOST_PASSKEYS = 20


def takes_passkeys(desk: Desk) -> bool:
    """Whether browsers take passkeys at the desk's address at all."""
    return relying_party(desk.public_url) is not None


def passkeys_of(session: Session, user: User) -> list[Passkey]:
    """A person's passkeys, the oldest first."""
    return list(
        session.scalars(select(Passkey).where(Passkey.user_id == user.id).order_by(Passkey.id))
    )


def passkey_of(session: Session, user: User, passkey_id: int) -> Passkey:
    """One passkey of a person. Raises NotFound where they have no such passkey."""
    found = session.get(Passkey, passkey_id)
    if found is None or found.user_id != user.id:
        raise NotFound("unknown_passkey")
    return found


# --- Setting one up --------------------------------------------------------------------------


def registration_options(session: Session, desk: Desk, user: User, challenge: bytes) -> Options:
    """What a browser needs to make a passkey for a person, as JSON.

    Raises:
        WrongStep: browsers take no passkeys at this address.
    """
    known = passkeys_of(session, user)
    return authenticators.registration_options(_we(desk), user, known, challenge)


def add_passkey(
    session: Session,
    desk: Desk,
    user: User,
    response: Response,
    challenge: bytes,
    name: str,
    *,
    through: UserSession,
    now: datetime,
) -> Passkey:
    """Keep the passkey that a browser made. The session in hand counts as proven by it.

    Args:
        challenge: the one of the options; taken once.

    Raises:
        InvalidInput: no name; not made for us, or not for this challenge; known already.
    """
    name = _checked_name(name)
    _use_up(session, desk, challenge, now=now)
    made = authenticators.registered(_we(desk), response, challenge)
    hold_person(session, user)
    if len(passkeys_of(session, user)) >= MOST_PASSKEYS:
        raise InvalidInput("too_many_passkeys", most=MOST_PASSKEYS)
    if session.scalar(select(Passkey.id).where(Passkey.credential_id == made.id)):
        raise InvalidInput("passkey_known")
    kept = Passkey(
        user_id=user.id,
        credential_id=made.id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        transports=made.transports,
        name=name,
        created_at=now,
    )
    session.add(kept)
    note_proof(through, now=now, has_second_factor=True)
    tell_owner(session, desk, user, "second_factor_added", now=now)
    session.commit()
    return kept


def rename_passkey(session: Session, user: User, passkey_id: int, name: str) -> None:
    """Give a passkey another name. Raises NotFound, or InvalidInput without a name."""
    passkey_of(session, user, passkey_id).name = _checked_name(name)
    session.commit()


def remove_passkey(
    session: Session, desk: Desk, user: User, passkey_id: int, *, now: datetime
) -> None:
    """Take a passkey out of use; the device may go on offering it, in vain.

    Raises:
        NotFound: they have no such passkey.
        WrongStep: an organisation demands a second factor, and this is the last one.
    """
    passkey_of(session, user, passkey_id)
    let_one_go(session, user)
    session.delete(passkey_of(session, user, passkey_id))
    tell_owner(session, desk, user, "second_factor_removed", now=now)
    session.commit()


# --- Giving one ------------------------------------------------------------------------------


def sign_in_options(desk: Desk, challenge: bytes) -> Options:
    """What a browser needs to ask for any passkey of ours, its owner verified.

    Raises:
        WrongStep: browsers take no passkeys at this address.
    """
    return authenticators.request_options(_we(desk), challenge, is_alone=True)


def sign_in_by_passkey(
    session: Session, desk: Desk, response: Response, challenge: bytes, *, now: datetime
) -> User:
    """Who a passkey alone signs in: its owner, whom the authenticator has verified.

    Raises:
        InvalidInput: no passkey of anybody here; not for us or for this challenge; its
            owner was not verified; a copy of it exists; its owner has left.
    """
    _use_up(session, desk, challenge, now=now)
    passkey = _named_by(session, response)
    owner = passkey.user
    if not owner.is_active or told_handle(response) != handle_of(owner):
        raise InvalidInput("passkey_unknown")
    _take(session, desk, passkey, response, challenge, now=now, is_alone=True)
    return owner


def proof_options(session: Session, desk: Desk, user: User, challenge: bytes) -> Options:
    """What a browser needs to ask for one of a person's passkeys, beside their password.

    Raises:
        WrongStep: browsers take no passkeys at this address, or they have none.
    """
    known = passkeys_of(session, user)
    if not known:
        raise WrongStep("no_second_factor")
    return authenticators.request_options(_we(desk), challenge, known=known, is_alone=False)


def give_passkey(
    session: Session, desk: Desk, user: User, response: Response, challenge: bytes, *, now: datetime
) -> None:
    """Take a passkey of this person as their second factor, and commit.

    Raises:
        InvalidInput: none of theirs; not for us or for this challenge; a copy of it exists.
    """
    _use_up(session, desk, challenge, now=now)
    passkey = _named_by(session, response)
    # An authenticator that keeps no accounts does not say whose it is.
    told = told_handle(response)
    if passkey.user_id != user.id or told not in (None, handle_of(user)):
        raise InvalidInput("passkey_unknown")
    _take(session, desk, passkey, response, challenge, now=now, is_alone=False)


# --- What both take --------------------------------------------------------------------------


def _use_up(session: Session, desk: Desk, challenge: bytes, *, now: datetime) -> None:
    """Take a challenge once, whichever process it is given to; commits.

    The cookie that brings it can be played back; what the database has counted cannot.
    """
    whom = f"passkey challenge {challenge.hex()}"
    if count_attempt(session, desk.vault, Attempt.PASSKEY_CHALLENGE, whom, now=now) > 1:
        raise InvalidInput("passkey_refused")


def _take(
    session: Session,
    desk: Desk,
    passkey: Passkey,
    response: Response,
    challenge: bytes,
    *,
    now: datetime,
    is_alone: bool,
) -> None:
    """Check a signature and its count, note the use, and commit."""
    count = authenticators.signed_count(
        _we(desk), response, challenge, public_key=passkey.public_key, is_alone=is_alone
    )
    if not _note_use(session, passkey, count, now=now):
        tell_owner(session, desk, passkey.user, "passkey_copied", now=now)
        log.warning("Passkey %s was refused: its count went back, there may be a copy", passkey.id)
        session.commit()
        raise InvalidInput("passkey_copied")
    session.commit()


def _note_use(session: Session, passkey: Passkey, count: int, *, now: datetime) -> bool:
    """Whether the count goes up: else two authenticators hold the same passkey.

    Passkeys that are synchronised count nothing and always say zero. Of two who give the
    same count at once, one passes.

    Source: Web Authentication, level 2, 6.1.1.
    """
    goes_up = Passkey.sign_count < count
    if count == 0:
        goes_up = or_(goes_up, Passkey.sign_count == 0)
    noted = session.execute(
        update(Passkey)
        .where(Passkey.id == passkey.id, goes_up)
        .values(sign_count=count, last_used_at=now)
        .returning(Passkey.id),
        execution_options={"synchronize_session": False},
    )
    return noted.first() is not None


def _named_by(session: Session, response: Response) -> Passkey:
    """The passkey that a browser's answer names. Raises InvalidInput where there is none."""
    named = authenticators.named_credential(response)
    found = session.scalars(select(Passkey).where(Passkey.credential_id == named)).first()
    if named is None or found is None:
        raise InvalidInput("passkey_unknown")
    return found


def _we(desk: Desk) -> RelyingParty:
    found = relying_party(desk.public_url)
    if found is None:
        raise WrongStep("no_passkeys_here")
    return found


def _checked_name(name: str) -> str:
    name = "".join(letter for letter in " ".join(name.split()) if letter.isprintable())
    if not name.strip():
        raise InvalidInput("passkey_name_missing", field="name")
    if len(name) > LONGEST_NAME:
        raise InvalidInput("text_too_long", field="name", longest=LONGEST_NAME)
    return name
