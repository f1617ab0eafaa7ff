"""The installation as its operator sees it: what runs, and for whom; never a case.

The operator counts people and waiting mails, and reads neither what an organisation wrote
nor to whom.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from breachdesk.domain.access import Action
from breachdesk.domain.deliveries import UNDER_WAY
from breachdesk.models import Delivery, Installation, Membership, Organisation, User, Worker
from breachdesk.services.acting import Operating

THE_ROW = 1


@dataclass(frozen=True)
class WaitingCount:
    """How many mails wait to leave, and since when the first does."""

    count: int = 0
    since: datetime | None = None


@dataclass(frozen=True)
class HostedOrganisation:
    """An organisation as the operator lists it.

    `people` counts those who can sign in; 0 while nobody accepted the first invitation.
    """

    organisation: Organisation
    people: int
    waiting: WaitingCount


@dataclass(frozen=True)
class WhatRuns:
    """What the installation knows of itself.

    Args:
        database: its kind, like "PostgreSQL 16.4".
        waiting: the installation's own mails, such as new passwords.
    """

    database: str
    worker_seen_at: datetime | None
    backed_up_at: datetime | None
    key_rotated_at: datetime | None
    waiting: WaitingCount
    organisations: Sequence[HostedOrganisation]


def what_runs(session: Session, *, by: Operating) -> WhatRuns:
    """All that the operator's page shows; four queries, however many organisations.

    Raises:
        NotAllowed: they are no operator.
    """
    by.demand(Action.SEE_INSTALLATION)
    row = session.get(Installation, THE_ROW) or Installation()
    waiting = _waiting(session)
    people = _people(session)
    none = WaitingCount()
    return WhatRuns(
        database=_database(session),
        worker_seen_at=session.scalar(select(func.max(Worker.seen_at))),
        backed_up_at=row.backed_up_at,
        key_rotated_at=row.key_rotated_at,
        waiting=waiting.get(None, none),
        organisations=[
            HostedOrganisation(own, people.get(own.id, 0), waiting.get(own.id, none))
            for own in session.scalars(select(Organisation).order_by(func.lower(Organisation.name)))
        ],
    )


def _waiting(session: Session) -> Mapping[int | None, WaitingCount]:
    rows = session.execute(
        select(Delivery.organisation_id, func.count(Delivery.id), func.min(Delivery.queued_at))
        .where(Delivery.state.in_(UNDER_WAY))
        .group_by(Delivery.organisation_id)
    )
    return {key: WaitingCount(count, since) for key, count, since in rows}


def _people(session: Session) -> Mapping[int, int]:
    rows = session.execute(
        select(Membership.organisation_id, func.count(Membership.user_id.distinct()))
        .join(Membership.user)
        .where(Membership.ended_at.is_(None), User.is_active)
        .group_by(Membership.organisation_id)
    )
    return {organisation_id: count for organisation_id, count in rows}


def _database(session: Session) -> str:
    """The kind and version of the database, from the connection itself."""
    dialect = session.connection().dialect
    names = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
    version = ".".join(str(part) for part in dialect.server_version_info or ())
    return f"{names.get(dialect.name, dialect.name)} {version}".strip()


# --- What writes to it -----------------------------------------------------------------------


def hold_installation(session: Session) -> None:
    """Let those who change what all share go one by one; held until the transaction ends.

    Such are adding an organisation, and taking in the authority's published notifications.
    """
    make_row(session)
    session.execute(select(Installation.id).where(Installation.id == THE_ROW).with_for_update())


def make_row(session: Session) -> None:
    """Make the installation's one row on a database that has none yet; does not commit."""
    if session.scalar(select(Installation.id).where(Installation.id == THE_ROW)) is not None:
        return
    engine = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    fresh = engine.insert(Installation).values(id=THE_ROW, key_check="")
    session.execute(fresh.on_conflict_do_nothing(index_elements=["id"]))
