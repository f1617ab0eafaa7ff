"""Databases for the tests: migrated once per run, each test's its own, on two engines.

A SQLite file is copied for each test. Copying takes PostgreSQL most of a second, emptying
five milliseconds: each process keeps a copy, and hands it to one test after another. It
keeps the connections to it too (`kept_connections`), and one of its own: a new one must
learn the tables first, which takes four times as long as emptying them.

A run is one call of pytest, whatever the number of processes it is spread over (xdist).
They share a folder, and a lock in it: the first who needs a server or a template makes it.
"""

import fcntl
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from breachdesk.models.schema import upgrade_database
from tests.kept_connections import KeptConnections
from tests.postgres_server import Cluster, start_cluster

ENGINES = ("sqlite", "postgresql")
# Every row of every table, and numbers that begin anew. Replicas check no foreign keys, so
# any order will do.
EMPTY = """
DO $$ DECLARE name text; BEGIN
  SET LOCAL session_replication_role = replica;
  FOR name IN SELECT quote_ident(tablename) FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
  LOOP EXECUTE 'DELETE FROM ' || name; END LOOP;
  -- ALTER SEQUENCE … RESTART would give each a new file.
  PERFORM setval(quote_ident(sequencename)::regclass, start_value, false) FROM pg_sequences
    WHERE schemaname = 'public' AND last_value IS NOT NULL;
END $$
"""
# A test that changed a table, a column, a rule or the version keeps its database to itself.
SHAPE = """
SELECT count(*), max(c.oid),
  (SELECT md5(string_agg(concat(attrelid, attname, attnotnull, attisdropped), ','
          ORDER BY attrelid, attnum))
     FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
     WHERE relnamespace = 'public'::regnamespace),
  (SELECT count(*) FROM pg_constraint WHERE connamespace = 'public'::regnamespace),
  (SELECT count(*) FROM pg_trigger),
  (SELECT min(version_num) FROM alembic_version)
FROM pg_class c WHERE relnamespace = 'public'::regnamespace
"""
# Whoever a test left connected, such as a process it killed.
ALONE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid <> ALL(%s::int[])
"""
GIVEN_SERVER = "BREACHDESK_TEST_POSTGRES_URL"


@contextmanager
def engines_closed() -> Iterator[None]:
    """Close every connection that was opened inside: a process would at its end, a test must."""
    used: set[Engine] = set()
    note = lambda connection: used.add(connection.engine)  # noqa: E731
    event.listen(Engine, "engine_connect", note)
    try:
        yield
    finally:
        event.remove(Engine, "engine_connect", note)
        for engine in used:
            engine.dispose()


class Databases:
    """The databases of one run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # Empty PostgreSQL databases of this process, by name, with their shape.
        self._resting: dict[str, object] = {}
        # What empties them, by the name of the database.
        self._emptying: dict[str, psycopg.Connection] = {}
        self._kept = KeptConnections()

    @contextmanager
    def migrated(self, engine: str, folder: Path) -> Iterator[str]:
        """The URL of a database of one's own at the newest schema, dropped at the end."""
        if engine == "sqlite":
            path = folder / "desk.db"
            shutil.copy(self._sqlite_template(), path)
            yield f"sqlite:///{path}"
        else:
            name, shape = self._resting.popitem() if self._resting else self._copied()
            try:
                with self._kept.to(name):
                    yield self._url_of(name)
            finally:
                if self._emptied(name) == shape:
                    self._resting[name] = shape
                else:
                    self._drop(name)

    @contextmanager
    def empty(self, engine: str, folder: Path) -> Iterator[str]:
        """The URL of an empty database of one's own, dropped at the end."""
        if engine == "sqlite":
            yield f"sqlite:///{folder / 'empty.db'}"
        else:
            with self._postgres_database() as url:
                yield url

    def let_go(self) -> None:
        """Drop what this process kept, at its end."""
        while self._resting:
            self._drop(self._resting.popitem()[0])

    def close(self) -> None:
        """End the run: stop the server if it is ours, else drop our template from it."""
        if self._state("cluster"):
            Cluster(*map(Path, self._state("cluster"))).stop()
        elif self._state("template"):
            self._on_server(f"DROP DATABASE IF EXISTS {self._state('template')} WITH (FORCE)")
        shutil.rmtree(self.folder)

    def _sqlite_template(self) -> Path:
        path = self.folder / "template.db"
        with self._alone():
            if not path.exists():
                draft = self.folder / "draft.db"
                upgrade_database(f"sqlite:///{draft}")
                draft.rename(path)
        return path

    def _postgres_template(self) -> str:
        with self._alone():
            if not self._state("template"):
                name = f"desk_template_{uuid.uuid4().hex[:12]}"
                self._on_server(f"CREATE DATABASE {name}")
                # Noted before it is filled: a failed migration leaves nothing behind.
                self._note("template", name)
                upgrade_database(self._url_of(name))
        return self._state("template")

    def _copied(self) -> tuple[str, object]:
        """A new copy of the template, and its shape."""
        name = f"desk_test_{uuid.uuid4().hex[:12]}"
        self._on_server(f"CREATE DATABASE {name} TEMPLATE {self._postgres_template()}")
        return name, self._emptied(name)

    def _emptied(self, name: str) -> object:
        """Empty a database; its shape, which a test may have changed."""
        try:
            return self._emptied_by(name, self._emptying.get(name) or self._connected(name))
        except psycopg.OperationalError:
            # The test ended every connection of its database.
            return self._emptied_by(name, self._connected(name))

    def _emptied_by(self, name: str, connection: psycopg.Connection) -> object:
        with connection.transaction():
            connection.execute(ALONE, [self._kept.resting(name)])
            connection.execute(EMPTY)
            return connection.execute(SHAPE).fetchone()

    def _connected(self, name: str) -> psycopg.Connection:
        """A connection that stays, to empty this database. Without SQLAlchemy, which asks a
        server it meets four questions first."""
        url = self._url_of(name).replace("+psycopg", "", 1)
        self._close_connection(name)
        self._emptying[name] = psycopg.connect(url, autocommit=True)
        return self._emptying[name]

    def _drop(self, name: str) -> None:
        self._close_connection(name)
        self._kept.let_go(name)
        self._on_server(f"DROP DATABASE {name} WITH (FORCE)")

    def _close_connection(self, name: str) -> None:
        if name in self._emptying:
            self._emptying.pop(name).close()

    @contextmanager
    def _postgres_database(self) -> Iterator[str]:
        name = f"desk_test_{uuid.uuid4().hex[:12]}"
        with self._alone():
            self._server()
        self._on_server(f"CREATE DATABASE {name}")
        try:
            yield self._url_of(name)
        finally:
            self._on_server(f"DROP DATABASE {name} WITH (FORCE)")

    def _server(self) -> URL:
        """The server: the one given, else a cluster started by whoever comes first."""
        if not self._state("server"):
            given = os.environ.get(GIVEN_SERVER)
            if not given:
                cluster = start_cluster()
                self._note("cluster", [str(cluster.programs), str(cluster.folder)])
            self._note("server", given or cluster.url)
        return make_url(self._state("server")).set(drivername="postgresql+psycopg")

    def _url_of(self, database: str) -> str:
        return self._server().set(database=database).render_as_string(hide_password=False)

    def _on_server(self, statement: str) -> None:
        engine = create_engine(self._server(), poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _state(self, name: str):
        path = self.folder / f"{name}.json"
        return json.loads(path.read_text()) if path.exists() else None

    def _note(self, name: str, value: object) -> None:
        (self.folder / f"{name}.json").write_text(json.dumps(value))
