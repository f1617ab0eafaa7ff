"""PostgreSQL connections that outlive the engine that opened them, for the next test.

A new one costs the server a process that knows nothing: until it has learnt the tables, each
statement takes it several times as long. A desk in use keeps its connections for days.
"""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event

# What a connection may have been told goes; what it knows of the tables and statements stays.
FORGET = "CLOSE ALL; RESET ALL; RESET SESSION AUTHORIZATION; UNLISTEN *; DISCARD TEMP; " \
    "SELECT pg_advisory_unlock_all()"  # fmt: skip


class KeptConnections:
    """The connections to the databases of the tests of this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        # By the name of the database, those that nobody uses.
        self._resting: dict[str, list[_Kept]] = {}

    @contextmanager
    def to(self, database: str) -> Iterator[None]:
        """Keep what is opened to this database inside."""

        def connect(_dialect: Any, _record: Any, _cargs: Any, how: dict[str, Any]) -> Any:
            return self._connection(how) if how.get("dbname") == database else None

        event.listen(Engine, "do_connect", connect)
        try:
            yield
        finally:
            event.remove(Engine, "do_connect", connect)

    def resting(self, database: str) -> list[int]:
        """The server's processes that wait for the next test."""
        with self._lock:
            return [each.info.backend_pid for each in self._resting.get(database, ())]

    def let_go(self, database: str) -> None:
        """Close what is kept to this database."""
        with self._lock:
            resting = self._resting.pop(database, [])
        for each in resting:
            each.really_close()

    def _connection(self, how: dict[str, Any]) -> "_Kept":
        while True:
            with self._lock:
                resting = self._resting.get(how["dbname"], [])
                # The one that rests for the shortest time: it is the warmest.
                fits = next((each for each in reversed(resting) if each.how == _who(how)), None)
                if fits is None:
                    break
                resting.remove(fits)
            if fits.lives():
                return fits
            fits.really_close()
        made = _Kept.connect(**how)
        made.how, made.keeper = _who(how), self
        return made

    def give_back(self, connection: "_Kept") -> None:
        with self._lock:
            self._resting.setdefault(connection.how["dbname"], []).append(connection)


def _who(how: dict[str, Any]) -> dict[str, Any]:
    """To what, and as whom. The context holds how values are written, alike for every engine."""
    return {name: value for name, value in how.items() if name != "context"}


class _Kept(psycopg.Connection[Any]):
    """Closed, it rests, if it is as good as new."""

    how: dict[str, Any]
    keeper: KeptConnections

    def close(self) -> None:
        try:
            if self.info.transaction_status != TransactionStatus.IDLE:
                self.rollback()
            self.isolation_level = self.read_only = self.deferrable = None
            self.autocommit = True
            self.execute(FORGET)
            self.autocommit = False
        except psycopg.Error:
            self.really_close()
        else:
            self.keeper.give_back(self)

    def really_close(self) -> None:
        super().close()

    def lives(self) -> bool:
        """Whether the server has not said goodbye meanwhile."""
        return not self.closed and not select.select([self], [], [], 0)[0]
