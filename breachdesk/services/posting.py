"""Saying that there is work: in the transaction that made it, to whoever runs workers.

A service that queues rows marks its session. The wiring chooses what comes of it: a worker
of this process is woken after the commit, or a job is deferred on the session's own
connection before it. What is rolled back posts nothing. A post may be missed or come twice:
what is due lies in the rows, and the claim on a row is what keeps it from being done twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

MARK = "posted"


class Piece(StrEnum):
    """What kind of row waits for a worker."""

    DELIVERIES = "deliveries"
    JOB = "job"


Pieces = frozenset[Piece]


@dataclass(frozen=True)
class Carrier:
    """What comes of posts.

    Args:
        before_commit: called inside the transaction, once everything is flushed; what it
            writes through the session is committed or rolled back with the rest.
        after_commit: called once the rows are there for all to see; must not raise.
    """

    before_commit: Callable[[Session, Pieces], object] = lambda _session, _pieces: None
    after_commit: Callable[[Pieces], object] = lambda _pieces: None


_carriers: WeakKeyDictionary[Engine, Carrier] = WeakKeyDictionary()


def carry_posts(engine: Engine, carrier: Carrier) -> None:
    """Have what is posted in transactions of this engine carried that way from now on."""
    _carriers[engine] = carrier


def post(session: Session, piece: Piece) -> None:
    """Say that the transaction in hand leaves work behind; does not commit."""
    session.info.setdefault(MARK, set()).add(piece)


def _carrier_of(session: Session) -> Carrier | None:
    bind = session.get_bind()
    return _carriers.get(bind.engine)


@event.listens_for(Session, "before_commit")
def _carry_within(session: Session) -> None:
    # A savepoint that is released may still be rolled back with the rest: not yet.
    if not session.info.get(MARK) or session.in_nested_transaction():
        return
    carrier = _carrier_of(session)
    if carrier is not None:
        # Nothing is locked after this: whoever waits for our post waits for the commit alone.
        session.flush()
        carrier.before_commit(session, frozenset(session.info[MARK]))


@event.listens_for(Session, "after_commit")
def _carry_after(session: Session) -> None:
    if not session.info.get(MARK) or session.in_nested_transaction():
        return
    carrier = _carrier_of(session)
    pieces = frozenset(session.info.pop(MARK))
    if carrier is not None:
        carrier.after_commit(pieces)


@event.listens_for(Session, "after_rollback")
def _carry_nothing(session: Session) -> None:
    session.info.pop(MARK, None)
