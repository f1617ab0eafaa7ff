"""Databases for the tests: migrated once per run, copied for each test, on two engines.

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

from sqlalchemy import create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from breachdesk.models.schema import upgrade_database
from tests.postgres_server import Cluster, start_cluster

ENGINES = ("sqlite", "postgresql")
GIVEN_SERVER = "BREACHDESK_TEST_POSTGRES_URL"


class Databases:
    """The databases of one run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def migrated(self, engine: str, folder: Path) -> Iterator[str]:
        """The URL of a database of one's own at the newest schema, dropped at the end."""
        if engine == "sqlite":
            path = folder / "desk.db"
            shutil.copy(self._sqlite_template(), path)
            yield f"sqlite:///{path}"
        else:
            with self._postgres_database(f"TEMPLATE {self._postgres_template()}") as url:
                yield url

    @contextmanager
    def empty(self, engine: str, folder: Path) -> Iterator[str]:
        """The URL of an empty database of one's own, dropped at the end."""
        if engine == "sqlite":
            yield f"sqlite:///{folder / 'empty.db'}"
        else:
            with self._postgres_database() as url:
                yield url

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

    @contextmanager
    def _postgres_database(self, how: str = "") -> Iterator[str]:
        name = f"desk_test_{uuid.uuid4().hex[:12]}"
        with self._alone():
            self._server()
        self._on_server(f"CREATE DATABASE {name} {how}")
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
