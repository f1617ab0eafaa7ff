"""Whoever owns the database, and takes off what guards the journal: what tests of forgery need."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session


@contextmanager
def unguarded(at: Session | Connection) -> Iterator[None]:
    """The journal's triggers are off inside, in this transaction, and back afterwards."""
    connection = at.connection() if isinstance(at, Session) else at
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield
        connection.execute(text("SET LOCAL session_replication_role = DEFAULT"))
        return
    guards = connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    ).all()
    for name, _ in guards:
        connection.execute(text(f"DROP TRIGGER {name}"))
    yield
    for _, statement in guards:
        connection.exec_driver_sql(statement)


def by_hand(at: Session | Connection, statement: str) -> None:
    """Change the journal as its own trigger would not let anybody."""
    with unguarded(at):
        at.execute(text(statement))
