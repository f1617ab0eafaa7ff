"""The authority's published notifications: taking in its file, and a case beside them.

They are nobody's data and belong to no organisation: the operator's command brings them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import IO, Any

from sqlalchemy import and_, bindparam, delete, func, insert, select
from sqlalchemy.orm import Session

from breachdesk.domain.authority_form import CommunicationState, Origin
from breachdesk.domain.facts import Answer
from breachdesk.domain.published_file import LONGEST_LINE, CountedFile, count_file
from breachdesk.domain.published_notifications import (
    Comparison,
    CountedRow,
    Published,
    PublishedCause,
    Sector,
    Size,
    compare,
    published_from,
    traits_of,
)
from breachdesk.domain.published_totals import PUBLISHED_TOTALS
from breachdesk.domain.published_words import sector_in
from breachdesk.models import Assessment, Fact, Incident, PublishedCount, PublishedImport
from breachdesk.services.installation import hold_installation

ROWS_AT_ONCE = 1000
# Between the codes of origins, and of causes, in one column.
_JOINT = "+"


# --- Taking a file in ------------------------------------------------------------------------


@dataclass(frozen=True)
class FormerImport:
    """What was in use before."""

    file_name: str
    sha256: str
    last_month: str
    imported_at: datetime


@dataclass(frozen=True)
class Imported:
    """A file that is in use now, and the one it took the place of."""

    counted: CountedFile
    former: FormerImport | None

    @property
    def is_same(self) -> bool:
        """Whether the very same file was in use already."""
        return self.former is not None and self.former.sha256 == self.counted.sha256


def physical_lines(file: IO[bytes]) -> Iterator[bytes]:
    """The lines of a file with their ends; of one that is too long, enough to see that it is."""
    while line := file.readline(LONGEST_LINE + 1):
        yield line
        while len(line) > LONGEST_LINE and not line.endswith(b"\n"):
            line = file.readline(LONGEST_LINE + 1)


def import_published(
    session: Session,
    lines: Iterable[bytes],
    *,
    file_name: str,
    now: datetime,
    accept_new_words: bool = False,
) -> Imported:
    """Count the CNIL's file and put it in the place of the one before, all or nothing.

    The file is read before the database is asked for anything: nobody waits meanwhile.
    Two imports at once go one after the other, and the later one stays. The same file is
    counted anew: a newer breachdesk may know words that an older one did not.

    Args:
        lines: see `physical_lines`.
        accept_new_words: see `count_file`.

    Raises:
        DamagedFile: it cannot be counted; nothing was changed.
    """
    counted = count_file(lines, this_month=f"{now:%Y-%m}", accept_new_words=accept_new_words)
    hold_installation(session)
    former = _former(session)
    made = PublishedImport(
        file_name=file_name[:255],
        sha256=counted.sha256,
        first_month=counted.first_month,
        last_month=counted.last_month,
        n_notifications=counted.total,
        imported_at=now,
    )
    session.add(made)
    session.flush()
    _write(session, made.id, counted.rows)
    session.execute(delete(PublishedCount).where(PublishedCount.import_id != made.id))
    session.execute(delete(PublishedImport).where(PublishedImport.id != made.id))
    session.commit()
    return Imported(counted, former)


def _former(session: Session) -> FormerImport | None:
    row = session.execute(
        select(
            PublishedImport.file_name,
            PublishedImport.sha256,
            PublishedImport.last_month,
            PublishedImport.imported_at,
        ).order_by(PublishedImport.id.desc())
    ).first()
    return FormerImport(*row) if row else None


def _write(session: Session, import_id: int, rows: tuple[CountedRow, ...]) -> None:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        session.execute(
            insert(PublishedCount),
            [
                _columns(row) | {"import_id": import_id}
                for row in rows[start : start + ROWS_AT_ONCE]
            ],
        )


def _columns(row: CountedRow) -> dict[str, object]:
    return {
        "origins": _JOINT.join(sorted(row.origins)),
        "causes": _JOINT.join(sorted(row.causes)),
        "sector": row.sector.value,
        "size": row.size.value,
        "told": row.told.value,
        "count": row.count,
    }


# --- A case beside them ----------------------------------------------------------------------


def published_beside(session: Session, assessment: Assessment, sector: str) -> Comparison:
    """An assessed case beside the published notifications; one query, once they are read.

    Where no file was imported the totals that breachdesk ships are all there is.

    Args:
        sector: of the organisation, in its own words.
    """
    found = session.execute(_beside(), {"incident_id": assessment.incident_id}).one()
    published = _in_use(session, found) or PUBLISHED_TOTALS
    origins = Answer(found.state, found.value) if found.state else None
    ticked = origins.value if origins and origins.is_known else None
    return compare(traits_of(assessment.facts, ticked, sector_in(sector)), published)


@cache
def _beside() -> Any:
    """The import in use and the origins of a case as they stand: one row, whatever there is."""
    version = (
        select(func.max(Fact.version))
        .where(Fact.incident_id == bindparam("incident_id"), Fact.key == "origins")
        .scalar_subquery()
    )
    latest = and_(Fact.incident_id == Incident.id, Fact.key == "origins", Fact.version == version)
    newest = select(func.max(PublishedImport.id)).scalar_subquery()
    return (
        select(
            Fact.state,
            Fact.value,
            PublishedImport.id,
            PublishedImport.sha256,
            PublishedImport.imported_at,
            PublishedImport.file_name,
            PublishedImport.first_month,
            PublishedImport.last_month,
            PublishedImport.n_notifications,
        )
        .select_from(Incident)
        .outerjoin(Fact, latest)
        .outerjoin(PublishedImport, PublishedImport.id == newest)
        .where(Incident.id == bindparam("incident_id"))
    )


# The import this process read last, by what tells it from any other: some thousand rows,
# the same for every case. Another process has its own, and each asks which import is in use.
_read: dict[tuple[int, str, datetime, str], Published] = {}


def _in_use(session: Session, found: Any) -> Published | None:
    """The imported notifications; None where there are none."""
    if found.id is None:
        return None
    key = (found.id, found.sha256, found.imported_at, found.file_name)
    published = _read.get(key)
    if published is None:
        published = _read_rows(session, found)
        # Another import may have taken its place between our two questions: nothing is kept.
        if published.total != found.n_notifications:
            return None
        _read.clear()
        _read[key] = published
    return published


def _read_rows(session: Session, found: Any) -> Published:
    rows = session.execute(
        select(
            PublishedCount.origins,
            PublishedCount.causes,
            PublishedCount.sector,
            PublishedCount.size,
            PublishedCount.told,
            PublishedCount.count,
        ).where(PublishedCount.import_id == found.id)
    )
    return published_from(
        (_row(*row) for row in rows),
        file_name=found.file_name,
        first_month=found.first_month,
        last_month=found.last_month,
        imported_on=found.imported_at.date(),
    )


def _row(origins: str, causes: str, sector: str, size: str, told: str, count: int) -> CountedRow:
    return CountedRow(
        _codes(Origin, origins),
        _codes(PublishedCause, causes),
        Sector(sector),
        Size(size),
        CommunicationState(told),
        count,
    )


@lru_cache(maxsize=4096)
def _codes(enum: type[StrEnum], joined: str) -> frozenset[Any]:
    return frozenset(enum(code) for code in joined.split(_JOINT)) if joined else frozenset()
