"""Whether the desk can work: the database, its schema, a worker. Cheap, and never a fault."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import and_, exists, literal_column, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from breachdesk.domain.work import WORKER_GONE_AFTER
from breachdesk.models import Worker
from breachdesk.models.schema import is_absent, newest_revision

__all__ = ["Readiness", "is_absent", "is_schema_ours", "readiness"]


@dataclass(frozen=True)
class Readiness:
    """What was found; where the database does not answer, nothing else is known."""

    database: bool = False
    schema: bool = False
    worker: bool = False

    @property
    def is_ready(self) -> bool:
        """Whether all of it is well."""
        return self.database and self.schema and self.worker


def readiness(session: Session, *, now: datetime) -> Readiness:
    """Look at all of it in one statement, two where the schema is not ours; does not commit."""
    # As in `domain.work.is_alive`: a heartbeat from far ahead is of a clock that was wrong.
    is_alive = and_(
        Worker.stopped_at.is_(None),
        Worker.seen_at > now - WORKER_GONE_AFTER,
        Worker.seen_at <= now + WORKER_GONE_AFTER,
    )
    asked: Any = select(
        literal_column("(SELECT version_num FROM alembic_version)"),
        exists(select(Worker.id).where(is_alive)),
    )
    try:
        revision, worker = session.execute(asked).one()
        return Readiness(True, revision == _newest_revision(), worker)
    except SQLAlchemyError:
        return Readiness(database=_answers(session))


def is_schema_ours(session: Session) -> bool:
    """Whether the schema is of the version that the models speak of.

    Raises:
        sqlalchemy.exc.DBAPIError: the database does not answer, or nothing was ever migrated.
    """
    found = session.scalar(text("SELECT version_num FROM alembic_version"))
    return bool(found == _newest_revision())


def _answers(session: Session) -> bool:
    with suppress(SQLAlchemyError):
        session.rollback()
        return bool(session.scalar(text("SELECT 1")))
    return False


@cache
def _newest_revision() -> str:
    """Of the files, which do not change under a running process."""
    return newest_revision()
