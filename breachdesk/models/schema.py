"""Bring a database to the newest schema; safe when several processes start together."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from breachdesk.models.base import BUSY_TIMEOUT_MS

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"

# The advisory lock that everyone who migrates a PostgreSQL database takes. Any number
# will do, as long as it is always the same.
MIGRATION_LOCK = 3_072_016_679


def upgrade_database(url: str, revision: str = "head") -> None:
    """Run the migrations that the database has not seen yet, all or none.

    Whoever comes second waits, and then finds nothing left to do.

    Args:
        url: a SQLAlchemy URL; a SQLite file and its folder are made when absent.
        revision: where to stop.

    Raises:
        sqlalchemy.exc.OperationalError: the database cannot be reached.
    """
    # Alembic takes half a second to import: only who migrates pays for it.
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"url": url})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    command.upgrade(config, revision)


def is_absent(url: str) -> bool:
    """Whether this is a SQLite file that is not there yet: connecting would make it."""
    place = make_url(url)
    return place.get_backend_name() == "sqlite" and not Path(str(place.database)).exists()


def newest_revision() -> str:
    """The version of the schema that the models speak of."""
    return str(_migrations().get_current_head())


def is_known_revision(revision: str) -> bool:
    """Whether the migrations here lead through this version."""
    return any(found.revision == revision for found in _migrations().walk_revisions())


def _migrations() -> Any:
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(MIGRATIONS))


def revision_of(connection: Connection) -> str | None:
    """The version of a database's schema; None if no migration was ever run on it."""
    if "alembic_version" not in inspect(connection).get_table_names():
        return None
    found: str | None = connection.exec_driver_sql(
        "SELECT version_num FROM alembic_version"
    ).scalar()
    return found


@contextmanager
def migrating(url: str) -> Iterator[Connection]:
    """A connection fit for migrations, held by one process at a time."""
    engine = create_engine(url, poolclass=NullPool)
    alone = _alone_on_sqlite if engine.dialect.name == "sqlite" else _alone_on_postgresql
    with alone(engine), engine.connect() as connection:
        yield connection


@contextmanager
def _alone_on_sqlite(engine: Engine) -> Iterator[None]:
    path = Path(str(make_url(engine.url).database))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Cases are not for everyone on the machine; the write-ahead log takes the file's mode.
    path.touch(mode=0o600)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    with path.with_name(f"{path.name}.migrating").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver would begin no transaction before CREATE and ALTER: we begin it ourselves.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    # It stays with the file, and switching to it while others connect fails: do it here.
    connection.execute("PRAGMA journal_mode = WAL")
    # A table is altered by making it anew: dropping the old one must not empty its children.
    connection.execute("PRAGMA foreign_keys = OFF")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _alone_on_postgresql(engine: Engine) -> Iterator[None]:
    with engine.connect() as keeper:
        # A lock of the session: it ends with the connection, even if we are killed.
        keeper.exec_driver_sql(f"SELECT pg_advisory_lock({MIGRATION_LOCK})")
        keeper.commit()
        yield
