"""Counting attempts in the database, where every process counts together."""

from datetime import datetime

from sqlalchemy import and_, case, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from breachdesk.domain.errors import TooManyAttempts
from breachdesk.domain.throttling import LIMITS, Attempt, Window
from breachdesk.models import Throttle
from breachdesk.models.vault import Vault


def demand_room(
    session: Session, vault: Vault, attempt: Attempt, whom: str, *, now: datetime
) -> None:
    """Refuse when too many attempts of a kind came from somebody; counts nothing.

    Args:
        whom: an account or an address; kept as a keyed index only.

    Raises:
        TooManyAttempts: with `until`, when the next one is taken.
    """
    row = session.execute(
        select(Throttle.count, Throttle.window_started_at).where(
            Throttle.kind == attempt.value, Throttle.key == vault.index(whom)
        )
    ).first()
    if row is None:
        return
    window, limit = Window(row[0], row[1]), LIMITS[attempt]
    if window.is_full(limit, now=now):
        raise TooManyAttempts(until=window.opens_at(limit))


def count_attempt(
    session: Session, vault: Vault, attempt: Attempt, whom: str, *, now: datetime
) -> int:
    """Count one attempt and commit; how many there are in the window now.

    One statement: two processes that count at once both count.
    """
    oldest = now - LIMITS[attempt].window
    engine = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    fresh = engine.insert(Throttle).values(
        kind=attempt.value, key=vault.index(whom), count=1, window_started_at=now
    )
    is_over = Throttle.window_started_at <= oldest
    counted = fresh.on_conflict_do_update(
        index_elements=["kind", "key"],
        set_={
            "count": case((is_over, 1), else_=Throttle.count + 1),
            "window_started_at": case((is_over, now), else_=Throttle.window_started_at),
        },
    ).returning(Throttle.count)
    count = session.scalar(counted)
    session.commit()
    return int(count or 0)


def forget_attempts(session: Session, vault: Vault, attempt: Attempt, whom: str) -> None:
    """Begin anew for somebody who succeeded; does not commit."""
    session.execute(
        delete(Throttle).where(Throttle.kind == attempt.value, Throttle.key == vault.index(whom))
    )


def sweep_attempts(session: Session, *, now: datetime) -> None:
    """Throw away windows that are over, and commit; nothing is written where none is.

    What is counted of an address must not outlive its window: the public form promises it.
    """
    is_over = or_(
        *(
            and_(Throttle.kind == attempt.value, Throttle.window_started_at <= now - limit.window)
            for attempt, limit in LIMITS.items()
        )
    )
    if session.scalar(select(Throttle.kind).where(is_over).limit(1)) is not None:
        session.execute(delete(Throttle).where(is_over))
    session.commit()
