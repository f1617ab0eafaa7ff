"""An organisation's public form: opened at an address, moved, closed."""

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from breachdesk.domain.access import Action
from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.journal import Entry
from breachdesk.domain.reporting import ADDRESS_BYTES, checked_address, random_address
from breachdesk.models import Organisation
from breachdesk.services.acting import Acting
from breachdesk.services.journal import write_journal


def open_reporting(session: Session, chosen: str | None, *, by: Acting, now: datetime) -> str:
    """Open the public form at an address, or move it there; the address.

    Args:
        chosen: the address wished for; None: one that nobody can guess.

    Raises:
        InvalidInput: the address has a form that it may not have, or belongs to another.
    """
    by.demand(Action.MANAGE_REPORTING)
    address = _random_address() if chosen is None else checked_address(chosen)
    if address == by.organisation.public_address:
        return address
    _check_free(session, address, by.organisation)
    write_journal(
        session,
        by.organisation,
        Entry.REPORTING_CHANGED,
        by=by.user,
        at=now,
        is_open=True,
        is_chosen=chosen is not None,
    )
    by.organisation.public_address = address
    try:
        session.commit()
    except IntegrityError:
        # Somebody else took it between our look and our writing.
        session.rollback()
        raise _taken(address) from None
    return address


def close_reporting(session: Session, *, by: Acting, now: datetime) -> None:
    """Close the public form; closing it twice changes nothing."""
    by.demand(Action.MANAGE_REPORTING)
    if by.organisation.public_address is None:
        return
    entry = Entry.REPORTING_CHANGED
    write_journal(session, by.organisation, entry, by=by.user, at=now, is_open=False)
    by.organisation.public_address = None
    session.commit()


def _random_address() -> str:
    return random_address(secrets.token_bytes(ADDRESS_BYTES))


def _check_free(session: Session, address: str, organisation: Organisation) -> None:
    holder = session.scalar(
        select(Organisation.id).where(
            Organisation.public_address == address, Organisation.id != organisation.id
        )
    )
    if holder is not None:
        raise _taken(address)


def _taken(address: str) -> InvalidInput:
    return InvalidInput("public_address_taken", field="address", shown=address)
