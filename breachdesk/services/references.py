"""The reference of a case: the organisation's next number, or one that tells nothing."""

import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from breachdesk.models import Incident, Organisation, ReferenceCounter

# What nobody takes for another sign, read aloud or in a poor typeface: no O and 0, no I, L
# and 1, no S and 5, no B and 8, no Z and 2, no U and V, no G.
SIGNS = "ACDEFHJKMNPQRTWXY34679"
LETTERS = "ACDEFHJKMNPQRTWXY"
LENGTH = 5


def next_reference(session: Session, organisation: Organisation, *, now: datetime) -> str:
    """Take the next number of the organisation's year, in one statement on both engines."""
    year = _year(organisation, now)
    engine = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = engine.insert(ReferenceCounter).values(
        organisation_id=organisation.id, year=year, last=1
    )
    counted: Insert = statement.on_conflict_do_update(
        index_elements=["organisation_id", "year"], set_={"last": ReferenceCounter.last + 1}
    ).returning(ReferenceCounter.last)
    return f"{organisation.code}-{year}-{session.scalar(counted):04d}"


def unnumbered_reference(session: Session, organisation: Organisation, *, now: datetime) -> str:
    """A reference by chance, such as GIR-2026-R7K4Q, for a case restricted from its opening.

    Were it to take a number, everybody who reads the register would see the gap, and with
    it that there is a case which they are not to know of. It keeps this reference when it
    is opened to all: a case has one name. It begins with a letter, so it is no number.
    """
    year = _year(organisation, now)
    while True:
        chosen = secrets.choice(LETTERS) + "".join(secrets.choice(SIGNS) for _ in range(LENGTH - 1))
        reference = f"{organisation.code}-{year}-{chosen}"
        if session.scalar(select(Incident.id).where(Incident.reference == reference)) is None:
            return reference


def _year(organisation: Organisation, now: datetime) -> int:
    return now.astimezone(ZoneInfo(organisation.timezone)).year
