"""The one row in which the installation keeps what it knows of itself."""

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from breachdesk.models import Installation

THE_ROW = 1


def make_row(session: Session) -> None:
    """Make the installation's one row on a database that has none yet; does not commit."""
    if session.scalar(select(Installation.id).where(Installation.id == THE_ROW)) is not None:
        return
    engine = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    fresh = engine.insert(Installation).values(id=THE_ROW, key_check="")
    session.execute(fresh.on_conflict_do_nothing(index_elements=["id"]))
