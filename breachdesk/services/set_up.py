"""Setting the desk up, once: its token, made on a start without an organisation, and the act."""

import os
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from breachdesk.domain.access import Role
from breachdesk.domain.errors import InvalidInput, NotFound
from breachdesk.models import Organisation
from breachdesk.services.installation import hold_installation
from breachdesk.services.organisations import (
    NewPerson,
    create_organisation,
    has_any_organisation,
    load_example,
)

TOKEN_FILE = "setup.token"  # noqa: S105 - the name of a file
TOKEN_BYTES = 24
# Without these an organisation is shut from its first day.
NEEDED = ((Role.DECIDER, "nobody_decides"), (Role.ADMIN, "nobody_administers"))


def setup_token(instance: Path) -> str:
    """The token to print on the console, made on the first call; only its owner reads it."""
    path = instance / TOKEN_FILE
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(TOKEN_BYTES))
    return path.read_text(encoding="ascii")


def is_setup_token(instance: Path, given: str) -> bool:
    """Whether this is the token; takes as long wherever it differs. Never, once used."""
    try:
        token = (instance / TOKEN_FILE).read_bytes()
    except FileNotFoundError:
        return False
    return bool(token) and secrets.compare_digest(token, given.encode())


def discard_setup_token(instance: Path) -> None:
    """End the token: the desk is set up."""
    (instance / TOKEN_FILE).unlink(missing_ok=True)


def set_up(
    session: Session, details: Mapping[str, Any], people: Sequence[NewPerson], *, now: datetime
) -> Organisation:
    """Create the first organisation with its people.

    Raises:
        NotFound: somebody else set the desk up, perhaps in this very moment.
        InvalidInput: as `create_organisation` has it, or nobody could let others in.
    """
    _demand_first(session)
    for role, code in NEEDED:
        if not any(role in person.roles for person in people):
            raise InvalidInput(code, field="people")
    return create_organisation(session, details, people, now=now)


def set_up_example(session: Session, *, password: str, now: datetime) -> Organisation:
    """Create the example organisation as the first.

    Raises:
        NotFound: somebody else set the desk up, perhaps in this very moment.
    """
    _demand_first(session)
    return load_example(session, password=password, now=now)


def _demand_first(session: Session) -> None:
    """Refuse a second set-up, also one that began before the first was done."""
    hold_installation(session)
    if has_any_organisation(session):
        raise NotFound
