"""The installation as its operator sees it: what runs, and for whom; never a case.

The operator counts people and waiting mails, and reads neither what an organisation wrote
nor to whom.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from breachdesk.domain.access import Action
from breachdesk.domain.work_state import WaitingMail, WorkState
from breachdesk.models import Installation, Membership, Organisation, User
from breachdesk.services.acting import Desk, Operating
from breachdesk.services.installation_row import THE_ROW, make_row
from breachdesk.services.monitor import Monitor
from breachdesk.services.work_state import work_state


@dataclass(frozen=True)
class HostedOrganisation:
    """An organisation as the operator lists it.

    `people` counts those who can sign in; 0 while nobody accepted the first invitation.
    """

    organisation: Organisation
    people: int
    waiting: WaitingMail


@dataclass(frozen=True)
class WhatRuns:
    """What the installation knows of itself.

    Args:
        database: its kind, like "PostgreSQL 16.4".
        waiting: the installation's own mails, such as new passwords.
    """

    database: str
    work: WorkState
    backed_up_at: datetime | None
    key_rotated_at: datetime | None
    waiting: WaitingMail
    organisations: Sequence[HostedOrganisation]


def what_runs(
    session: Session, desk: Desk, monitor: Monitor | None, *, by: Operating, now: datetime
) -> WhatRuns:
    """All that the operator's page shows; a fixed number of queries.

    Raises:
        NotAllowed: they are no operator.
    """
    by.demand(Action.SEE_INSTALLATION)
    row = session.get(Installation, THE_ROW) or Installation()
    found = work_state(session, desk, monitor, now=now)
    people = _people(session)
    none = WaitingMail()
    return WhatRuns(
        database=_database(session),
        work=found.state,
        backed_up_at=row.backed_up_at,
        key_rotated_at=row.key_rotated_at,
        waiting=found.mail_of.get(None, none),
        organisations=[
            HostedOrganisation(own, people.get(own.id, 0), found.mail_of.get(own.id, none))
            for own in found.organisations
        ],
    )


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
