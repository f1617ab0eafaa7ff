"""Organisations and their people for the tests; `cases` builds on them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from breachdesk.domain.access import ORGANISATION_ROLES, Role
from breachdesk.models import JournalEntry, Membership, Organisation, User, db
from breachdesk.services import organisations, passwords
from breachdesk.services.acting import Acting, Desk, seat_in, seats_of

MONDAY_NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
PASSWORD = "treize cerises rouges"


@dataclass(frozen=True)
class Work:
    """What the services act with."""

    session: Session
    desk: Desk


@contextmanager
def at_desk(app: Flask) -> Iterator[Work]:
    """A session and a desk of the application, closed afterwards."""
    with app.app_context():
        yield Work(db.session(), app.extensions["desk"])
        db.session.rollback()


# --- Organisations and people ----------------------------------------------------------------


def address_of(role: Role, code: str = "GIR") -> str:
    """The address of the person who holds this role in the organisation of that code."""
    return f"{role.value}@{code.lower()}.example"


def make_organisation(
    work: Work,
    code: str = "GIR",
    *,
    now: datetime,
    roles: tuple[Role, ...] = ORGANISATION_ROLES,
    is_example: bool = False,
    **details: object,
) -> None:
    """An organisation with one person for each role.

    Made by the services once per process; where all that it depends on is the same again, the
    rows they wrote are written again as they are.
    """
    session = work.session
    taken = _last_numbers(session)
    engine = session.get_bind().dialect.name
    # The services look at nothing else: whose chain it is and who is whom, the numbers tell.
    like = (engine, taken, code, now, roles, is_example, repr(details), id(passwords._hasher))
    if like in _made:
        _write_again(session, _made[like])
        return
    people = [
        organisations.NewPerson(
            f"{role.value.title()} {code}", address_of(role, code), frozenset({role}), PASSWORD
        )
        for role in roles
    ]
    organisations.create_organisation(
        work.session,
        {"code": code, "name": f"Maison {code}", **details},
        people,
        now=now,
        is_example=is_example,
    )
    _made[like] = {
        table: [
            dict(row) for row in session.execute(select(table).where(table.c.id > last)).mappings()
        ]
        for table, last in zip(_OF_AN_ORGANISATION, taken, strict=True)
    }
    session.rollback()


# What `make_organisation` writes, what others point to first.
_OF_AN_ORGANISATION: list[Any] = [
    kind.__table__ for kind in (Organisation, User, Membership, JournalEntry)
]
_made: dict[object, dict[Any, list[dict[str, Any]]]] = {}


def _last_numbers(session: Session) -> tuple[int, ...]:
    lasts = [
        select(func.coalesce(func.max(table.c.id), 0)).scalar_subquery()
        for table in _OF_AN_ORGANISATION
    ]
    return tuple(session.execute(select(*lasts)).one())


def _write_again(session: Session, made: dict[Any, list[dict[str, Any]]]) -> None:
    for table, rows in made.items():
        session.execute(insert(table), rows)
    if session.get_bind().dialect.name == "postgresql":
        # The next row has the next number; SQLite sees that by itself.
        numbers = [
            # Read in no order: the last row read need not have the last number.
            func.setval(
                func.pg_get_serial_sequence(table.name, "id"), max(row["id"] for row in rows)
            )
            for table, rows in made.items()
        ]
        session.execute(select(*numbers))
    session.commit()


def organisation(work: Work, code: str = "GIR") -> Organisation:
    """The organisation of that code."""
    return work.session.scalars(select(Organisation).where(Organisation.code == code)).one()


def seat(work: Work, role: Role, code: str = "GIR") -> Acting:
    """The person who holds this role, acting in the organisation."""
    email = address_of(role, code)
    user = work.session.scalars(select(User).where(User.email == email)).one()
    found = seat_in(seats_of(work.session, user.id), code)
    assert found is not None
    return found
