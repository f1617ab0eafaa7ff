"""Organisations and their people: creating them, loading an example."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.domain.access import Role
from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.journal import Entry
from breachdesk.domain.organisation_details import DETAILS, checked_details
from breachdesk.domain.passwords import known_words
from breachdesk.models import Membership, Organisation, User
from breachdesk.services.journal import write_journal
from breachdesk.services.passwords import hash_password

EXAMPLE_FILE = Path(__file__).resolve().parents[2] / "examples" / "la_girandole.json"
_CODE = re.compile(r"[A-Z]{2,6}")


@dataclass(frozen=True)
class NewPerson:
    """A person to add: the roles they will hold, the password they will sign in with."""

    name: str
    email: str
    roles: frozenset[Role]
    password: str
    locale: str = "fr"


def has_any_organisation(session: Session) -> bool:
    """Whether the desk has been set up."""
    return session.scalar(select(Organisation.id).limit(1)) is not None


def has_anybody(session: Session) -> bool:
    """Whether anybody could sign in: an operator may come before the first organisation."""
    return session.scalar(select(User.id).limit(1)) is not None


def find_organisation(session: Session, code: str) -> Organisation | None:
    """The organisation of that code, for the operator's commands."""
    return session.scalars(select(Organisation).where(Organisation.code == code.upper())).first()


def people_of(session: Session, organisation: Organisation) -> list[User]:
    """The people of an organisation, in the order in which they were added."""
    members = select(Membership.user_id).where(Membership.organisation_id == organisation.id)
    return list(session.scalars(select(User).where(User.id.in_(members)).order_by(User.id)))


def create_organisation(
    session: Session,
    details: Mapping[str, Any],
    people: Iterable[NewPerson],
    *,
    now: datetime,
    is_example: bool = False,
) -> Organisation:
    """Create an organisation with its people.

    Args:
        details: columns of `Organisation`; `name` and `code` at least.

    Raises:
        InvalidInput: the code is not 2 to 6 letters or is taken; a detail cannot be kept;
            nobody can decide; a password would be guessed; an address belongs to somebody already.
    """
    organisation = add_organisation(session, details, by=None, now=now, is_example=is_example)
    people = list(people)
    if not any(Role.DECIDER in person.roles for person in people):
        raise InvalidInput("nobody_decides", field="people")
    for number, person in enumerate(people, start=1):
        try:
            _add_user(session, organisation, person, now=now)
        except InvalidInput as fault:
            # Which of them: "email_2" is the address of the second person.
            fault.field = f"{fault.field}_{number}"
            raise
    session.commit()
    return organisation


def add_organisation(
    session: Session,
    details: Mapping[str, Any],
    *,
    by: User | None,
    now: datetime,
    is_example: bool = False,
) -> Organisation:
    """An organisation that has nobody yet; does not commit.

    Raises:
        InvalidInput: the code is not 2 to 6 letters or is taken; a detail cannot be kept.
    """
    code = str(details["code"]).strip().upper()
    _check_code(session, code)
    organisation = Organisation(
        **{**details, **_checked(details), "code": code}, is_example=is_example, created_at=now
    )
    session.add(organisation)
    session.flush()
    write_journal(session, organisation, Entry.ORGANISATION_CREATED, by=by, at=now, code=code)
    return organisation


def add_user(
    session: Session, organisation: Organisation, person: NewPerson, *, now: datetime
) -> User:
    """Add a person to an organisation."""
    user = _add_user(session, organisation, person, now=now)
    session.commit()
    return user


def _add_user(
    session: Session, organisation: Organisation, person: NewPerson, *, now: datetime
) -> User:
    email = person.email.strip().lower()
    if not re.fullmatch(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\".]+", email):
        raise InvalidInput("not_an_address", field="email", shown=person.email)
    if session.scalar(select(User.id).where(User.email == email)):
        raise InvalidInput("address_taken", field="email", shown=email)
    user = User(
        email=email,
        name=person.name.strip(),
        password_hash=hash_password(
            person.password, known_words=known_words(person.name, email, organisation.name)
        ),
        locale=person.locale,
        password_changed_at=now,
        created_at=now,
    )
    session.add(user)
    session.flush()
    for role in sorted(person.roles):
        session.add(Membership(organisation_id=organisation.id, user_id=user.id, role=role))
    roles = sorted(role.value for role in person.roles)
    write_journal(
        session, organisation, Entry.USER_ADDED, by=None, at=now, user=user.id, roles=roles
    )
    return user


def _checked(details: Mapping[str, Any]) -> dict[str, str]:
    return checked_details({name: details[name] for name in DETAILS if name in details})


def _check_code(session: Session, code: str) -> None:
    if not _CODE.fullmatch(code):
        raise InvalidInput("organisation_code_form", field="code", shown=code)
    if session.scalar(select(Organisation.id).where(Organisation.code == code)):
        raise InvalidInput("organisation_code_taken", field="code", shown=code)


def load_example(
    session: Session, *, password: str, now: datetime, is_example: bool = True
) -> Organisation:
    """Create the example shop and its people, who all sign in with `password`."""
    content = json.loads(EXAMPLE_FILE.read_text(encoding="utf-8"))
    people = [
        NewPerson(
            person["name"],
            person["email"],
            frozenset(Role(role) for role in person["roles"]),
            password,
        )
        for person in content["people"]
    ]
    return create_organisation(
        session, content["organisation"], people, now=now, is_example=is_example
    )
