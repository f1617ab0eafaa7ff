"""What a test meets of the one before when connections are kept: nothing but a warm server."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, text

from breachdesk.models.base import open_engine

PID = text("SELECT pg_backend_pid()")


@pytest.fixture
def use(databases, tmp_path) -> Iterator[Callable[..., object]]:
    """`use(task)`: what `task` gives back, on a connection of an engine that ends with it."""
    with databases.migrated("postgresql", tmp_path) as url:

        def used(task: Callable[[Connection], object]) -> object:
            engine = open_engine(url)
            try:
                with engine.connect() as connection:
                    return task(connection)
            finally:
                engine.dispose()

        yield used


def test_the_next_engine_meets_the_same_process_of_the_server(use):
    first, second = use(lambda it: it.scalar(PID)), use(lambda it: it.scalar(PID))

    assert first == second


def test_what_a_connection_was_told_is_forgotten(use):
    def tell(connection: Connection) -> object:
        connection.execute(text("SET statement_timeout = 4711"))
        connection.execute(text("SELECT pg_advisory_lock(7)"))
        connection.execute(text("CREATE TEMP TABLE organisation (id int)"))
        connection.commit()
        return connection.scalar(PID)

    def ask(connection: Connection) -> object:
        held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = "
        return (
            connection.scalar(PID),
            connection.scalar(text("SHOW statement_timeout")),
            connection.scalar(text(f"{held} pg_backend_pid()")),
            connection.scalar(text("SELECT to_regclass('pg_temp.organisation')")),
        )

    told = use(tell)

    assert use(ask) == (told, "0", 0, None)


def test_one_that_the_server_ended_meanwhile_is_not_handed_out(use):
    def two(connection: Connection) -> set[object]:
        with connection.engine.connect() as other:
            return {connection.scalar(PID), other.scalar(PID)}

    def end_the_other(connection: Connection) -> object:
        (other,) = pids - {connection.scalar(PID)}
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": other})
        return other

    pids = use(two)

    ended = use(end_the_other)

    assert ended not in use(two)
