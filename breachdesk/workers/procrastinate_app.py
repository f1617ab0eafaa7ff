"""Procrastinate's tables, and how a job gets into them with the rows that it serves.

Its tables lie in a schema of their own, outside our migrations and backups. Nothing in
them is the only trace of anything: every job is derived from rows of ours, and the tick
posts again what is due. So they are simply made anew for another version.
"""

import logging

import procrastinate
import psycopg
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection
from sqlalchemy import text as sql
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from breachdesk.services.posting import Carrier, Piece, Pieces

log = logging.getLogger(__name__)

SCHEMA = "procrastinate"
# The advisory lock of whoever makes the tables. Any number will do, if it is always the same.
SCHEMA_LOCK = 3_072_016_680

DELIVER, DO_JOB = "deliver", "do_job"
TASK_OF = {Piece.DELIVERIES: DELIVER, Piece.JOB: DO_JOB}


# Until the transaction ends, after our own: nothing of ours is found there.
_FIND_ITS_TABLES = sql(
    "SELECT set_config('search_path', current_setting('search_path') || ', procrastinate', true)"
)


def libpq_url(url: str) -> str:
    """A SQLAlchemy URL as PostgreSQL's own library reads it."""
    plain = make_url(url).set(drivername="postgresql")
    return plain.render_as_string(hide_password=False)


def prepare_tables(url: str) -> None:
    """Make Procrastinate's tables where there are none of this version; all or nothing.

    Raises:
        psycopg.Error: the database does not answer, or lets us make no schema.
    """
    version = f"procrastinate {procrastinate.__version__}"
    with psycopg.connect(libpq_url(url)) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [SCHEMA_LOCK])
        found = connection.execute(
            "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s",
            [SCHEMA],
        ).fetchone()
        if found == (version,):
            return
        if found:
            connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
        connection.execute(f"SET LOCAL search_path TO {SCHEMA}")
        connection.execute(SchemaManager.get_schema())
        connection.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '{version}'")


def connector_to(url: str) -> PsycopgConnector:
    """What a worker reaches its jobs by, in the schema that is theirs."""

    async def find_tables(connection: psycopg.AsyncConnection) -> None:
        await connection.execute(f"SET search_path TO {SCHEMA}")
        await connection.commit()

    return PsycopgConnector(
        conninfo=libpq_url(url), configure=find_tables, min_size=1, max_size=4, timeout=10
    )


def deferring() -> Carrier:
    """Defers a job for what is posted, on the session's own connection, in its transaction."""
    app = App(connector=SyncPsycopgConnector())

    def defer(session: Session, pieces: Pieces) -> None:
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            _defer(app, connection, pieces)

    return Carrier(before_commit=defer)


def _defer(app: App, connection: Connection, pieces: Pieces) -> None:
    """Never what a person did is lost for this: what is due is found by the next tick."""
    savepoint = connection.begin_nested()
    try:
        connection.execute(_FIND_ITS_TABLES)
        own = connection.connection.driver_connection
        for piece in sorted(pieces):
            app.configure_task(TASK_OF[piece], queue=TASK_OF[piece], connection=own).defer()
    except ConnectorException as fault:
        savepoint.rollback()
        log.warning("No job was deferred (%s); the next tick will", type(fault.__cause__).__name__)
    else:
        savepoint.commit()
