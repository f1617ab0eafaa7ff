"""Organisations and their people for the tests; `cases` builds on them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.domain.access import ORGANISATION_ROLES, Role
from breachdesk.models import Organisation, User, db
from breachdesk.services import organisations
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
    """An organisation with one person for each role."""
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
