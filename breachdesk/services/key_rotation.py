"""Turning everything that is sealed to the newest key, while the desk goes on working.

It may be killed at any moment and begun again: each value and each file is whole under one
key or the other, and both keys open until all is turned. See docs/adr/0006.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection, Engine, Row, bindparam, delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import InstrumentedAttribute, Session

from breachdesk.domain.recipient_list import mailbox_identity
from breachdesk.models import Installation, Recipient, Throttle, UserSession, reading
from breachdesk.models.sealed import LARGE, SEALED, STORED_NAMES
from breachdesk.models.vault import FileStore, Vault
from breachdesk.services.acting import Desk
from breachdesk.services.key_check import THE_ROW, note_key

ROWS_AT_ONCE = 200
FILES_PER_WORD = 100
# Longer than anybody takes between sealing a value and beginning to write it.
GRACE_SECONDS = 2.0
LOOK_AGAIN_SECONDS = 0.5
# How long compacting a table may wait for those who use it.
LOCK_PATIENCE_MS = 10_000

Tell = Callable[[str], None]


@dataclass
class Turned:
    """What a rotation did."""

    values: int = 0
    files: int = 0
    # Files that nothing names and nothing opens: a crash left them, they are removed.
    rubbish: int = 0
    # What no key opens, by its place; it is left as it is.
    unreadable: set[str] = field(default_factory=set)
    # Tables where what was replaced may still lie on the disk.
    uncompacted: list[str] = field(default_factory=list)


def turn_everything(engine: Engine, desk: Desk, *, now: datetime, tell: Tell) -> Turned:
    """Put everything under the vault's newest key; the former ones may then be dropped.

    Every running process must know the newest key already. The counts of attempts at
    signing in are emptied: nobody can tell whose they were under another key.
    """
    turned = Turned()
    wait_for_earlier_writers(engine, tell)
    desk.files.remove_drafts()
    with engine.begin() as connection:
        connection.execute(delete(Throttle))
    # What changed under our hands is found by the next pass.
    while _pass(engine, desk, turned, tell):
        pass
    with Session(engine) as session:
        note_key(session, desk.vault)
        session.execute(
            update(Installation).where(Installation.id == THE_ROW).values(key_rotated_at=now)
        )
        session.commit()
    tell("compacting")
    turned.uncompacted = compact(engine)
    return turned


def wait_for_earlier_writers(engine: Engine, tell: Tell) -> None:
    """Let end whoever may have sealed something before the newest key was known.

    Their transactions began before now; and between sealing and beginning lies a moment.
    """
    time.sleep(GRACE_SECONDS)
    if engine.dialect.name == "sqlite":
        # Writers go one by one: once it is our turn, earlier ones are done.
        with engine.begin():
            return
    with engine.connect() as connection:
        since = connection.scalar(text("SELECT clock_timestamp()"))
        connection.rollback()
        while count := _older_transactions(connection, since):
            tell(f"waiting for {count} transactions to end")
            time.sleep(LOOK_AGAIN_SECONDS)


def _older_transactions(connection: Connection, since: Any) -> int:
    statement = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        " AND xact_start <= :since"
    )
    count = connection.scalar(statement, {"since": since})
    connection.rollback()
    return int(count or 0)


# --- One pass -------------------------------------------------------------------------------


def _pass(engine: Engine, desk: Desk, turned: Turned, tell: Tell) -> int:
    """Turn what is not under the newest key; how much there was."""
    changed = 0
    for column in SEALED:
        for count in _turn_column(engine, desk.vault, column, turned):
            changed += count
            turned.values += count
            tell(f"{turned.values} values turned, now {column.class_.__tablename__}")
    files = _turn_files(engine, desk.files, turned, tell)
    turned.files += files
    return changed + files


def _turn_column(
    engine: Engine, vault: Vault, column: InstrumentedAttribute[Any], turned: Turned
) -> Iterator[int]:
    """Turn a column by small transactions; gives how much each turned."""
    last = 0
    while rows := _rows_after(engine, column, last):
        last = rows[-1].id
        changes = []
        for row in rows:
            try:
                changes += _change(vault, row)
            except InvalidTag:
                turned.unreadable.add(f"{column.class_.__tablename__} {row.id}")
        if changes:
            _write(engine, column, changes)
        yield len(changes)


def _rows_after(
    engine: Engine, column: InstrumentedAttribute[Any], last: int
) -> list[Row[tuple[Any, ...]]]:
    model = column.class_
    asked = [model.id, column.label("sealed")]
    if model is Recipient:
        asked.append(Recipient.address_index.label("kept_index"))
    statement = (
        select(*asked)
        .where(model.id > last, column.is_not(None))
        .order_by(model.id)
        .limit(1 if column in LARGE else ROWS_AT_ONCE)
    )
    with reading(), engine.connect() as connection:
        return list(connection.execute(statement))


def _change(vault: Vault, row: Row[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """What to write in the place of a row's value; nothing where it is as it should be."""
    is_current = vault.is_current(row.sealed)
    change = {"row": row.id, "was": row.sealed, "new": row.sealed}
    if hasattr(row, "kept_index"):
        change["index"] = vault.index(mailbox_identity(vault.open_json(row.sealed)["address"]))
        is_current = is_current and change["index"] == row.kept_index
    if is_current:
        return []
    if not vault.is_current(row.sealed):
        change["new"] = vault.seal(vault.open(row.sealed))
    return [change]


def _write(
    engine: Engine, column: InstrumentedAttribute[Any], changes: list[dict[str, Any]]
) -> None:
    """Replace values, each only if it is still the one that was read."""
    table = column.class_.__table__
    place = table.c[column.key]
    values: dict[Any, Any] = {place: bindparam("new")}
    if "index" in changes[0]:
        values[table.c.address_index] = bindparam("index")
    statement = (
        update(table)
        .where(table.c.id == bindparam("row"), place == bindparam("was"))
        .values(values)
    )
    with engine.begin() as connection:
        connection.execute(statement, changes)


def _turn_files(engine: Engine, files: FileStore, turned: Turned, tell: Tell) -> int:
    """Turn every file of the store; how many."""
    count = 0
    for name in list(files.names()):
        try:
            if files.is_current(name):
                continue
            files.reseal(name)
        except FileNotFoundError:
            # Removed while we worked.
            continue
        except InvalidTag:
            _note_unreadable(engine, files, name, turned)
            continue
        count += 1
        if count % FILES_PER_WORD == 0:
            tell(f"{count} files turned")
    return count


def _note_unreadable(engine: Engine, files: FileStore, name: str, turned: Turned) -> None:
    """A file that does not open: somebody's, or what a crash left half written."""
    with reading(), engine.connect() as connection:
        for column in STORED_NAMES:
            found = connection.scalar(select(column.class_.id).where(column == name))
            if found is not None:
                turned.unreadable.add(f"the file of {column.class_.__tablename__} {found}")
                return
    turned.rubbish += files.remove_rubbish(name)


# --- What was replaced ----------------------------------------------------------------------


def compact(engine: Engine) -> list[str]:
    """Make the database's files forget what was replaced in them; the tables that do not.

    A database marks what was overwritten as free, and it lies there to be read: under the
    former key, which may be the reason for all this.
    """
    if engine.dialect.name == "sqlite":
        return _compact_sqlite(engine)
    tables = {column.class_.__tablename__ for column in SEALED} | {Throttle.__tablename__}
    return [table for table in sorted(tables) if not _compact_table(engine, table)]


def _compact_sqlite(engine: Engine) -> list[str]:
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {LOCK_PATIENCE_MS}")
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy, *_ = cursor.fetchone() or (1,)
        cursor.close()
    except connection.dialect.loaded_dbapi.Error:
        busy = 1
    finally:
        # Not back to the others: it has a patience of its own.
        connection.invalidate()
        connection.close()
    return ["the database file"] if busy else []


def _compact_table(engine: Engine, table: str) -> bool:
    with engine.connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        try:
            alone.exec_driver_sql(f"SET lock_timeout = {LOCK_PATIENCE_MS}")
            alone.exec_driver_sql(f"VACUUM FULL {table}")
        except DBAPIError:
            return False
        finally:
            alone.exec_driver_sql("RESET lock_timeout")
    return True


# --- Sessions -------------------------------------------------------------------------------


def end_every_session(session: Session, *, now: datetime) -> int:
    """Sign everybody out, and commit; how many sessions were open."""
    ended = session.execute(
        update(UserSession).where(UserSession.ended_at.is_(None)).values(ended_at=now)
    )
    session.commit()
    return int(ended.rowcount)  # type: ignore[attr-defined]
