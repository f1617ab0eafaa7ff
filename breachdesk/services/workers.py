"""Heartbeats: which workers there are, and when each was last heard of."""

from datetime import datetime

from sqlalchemy import case, delete, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from breachdesk.domain.work import KEPT_AFTER_SILENCE, WORKER_GONE_AFTER, Runner
from breachdesk.models import Worker


def beat(session: Session, name: str, runner: Runner, now: datetime) -> None:
    """Write down that a worker lives, in one statement; commits.

    Args:
        name: of the process, at most 40 characters; what it claims bears the same one.
    """
    engine = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    fresh = engine.insert(Worker).values(name=name, runner=runner, started_at=now, seen_at=now)
    # A name that had ended, or was long silent, is borne by another process now.
    is_another = or_(Worker.stopped_at.is_not(None), Worker.seen_at < now - WORKER_GONE_AFTER)
    session.execute(
        fresh.on_conflict_do_update(
            index_elements=[Worker.name],
            set_={
                "runner": fresh.excluded.runner,
                "started_at": case((is_another, now), else_=Worker.started_at),
                "seen_at": now,
                "stopped_at": None,
            },
        )
    )
    session.commit()


def say_stopped(session: Session, name: str, now: datetime) -> None:
    """Write down that a worker ends, with its work done; commits."""
    session.execute(
        update(Worker).where(Worker.name == name).values(seen_at=now, stopped_at=now),
        execution_options={"synchronize_session": False},
    )
    session.commit()


def sweep_workers(session: Session, *, now: datetime) -> None:
    """Forget workers that are long gone; does not commit."""
    session.execute(
        delete(Worker).where(Worker.seen_at <= now - KEPT_AFTER_SILENCE),
        execution_options={"synchronize_session": False},
    )
