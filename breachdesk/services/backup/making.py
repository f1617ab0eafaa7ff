"""Making a backup while the desk runs: one moment of the database, then the files it names."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from breachdesk.models import Installation, db, reading
from breachdesk.models.schema import newest_revision, revision_of
from breachdesk.models.sealed import LARGE, STORED_NAMES
from breachdesk.models.vault import FileStore, sync_folder
from breachdesk.services.backup.archive import ArchiveWriter, Head, KeyTexts, StoredFile
from breachdesk.services.backup.checking import Contents, Tell, check_parts, say_nothing
from breachdesk.services.backup.faults import BackupFault
from breachdesk.services.backup.rows import kinds_of, line_of, plain_table
from breachdesk.services.backup.sealed_stream import SealedReader, SealedWriter
from breachdesk.services.dossier_retention import is_time_up
from breachdesk.services.key_check import THE_ROW

ROWS_AT_ONCE = 500
FILES_PER_WORD = 100


def make_backup(
    engine: Engine,
    files: FileStore,
    path: Path,
    *,
    passphrase: str,
    keys: KeyTexts,
    now: datetime,
    tell: Tell = say_nothing,
) -> Contents:
    """Write a backup of everything to `path`, and note when.

    It is written under another name, read back to its end, and only then given its own:
    a backup that was killed looks like none.

    Raises:
        BackupFault: nothing is left behind.
    """
    with _becoming(path) as file:
        _write(engine, files, SealedWriter(file, passphrase), keys, now, tell)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        made = check_parts(SealedReader(file, passphrase), tell)
    _note(engine, now)
    return made


@contextmanager
def _becoming(path: Path) -> Iterator[IO[bytes]]:
    """A file only its owner reads, that takes its name at the end, unless something failed."""
    if path.exists():
        raise BackupFault(f"{path} exists: a backup overwrites nothing.")
    try:
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise BackupFault(f"{path} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
        # Not a link: a stick or a share may know none.
        os.rename(draft, path)
        sync_folder(path.parent)
    except OSError as error:
        raise BackupFault(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        Path(draft).unlink(missing_ok=True)


def _write(
    engine: Engine,
    files: FileStore,
    out: SealedWriter,
    keys: KeyTexts,
    now: datetime,
    tell: Tell,
) -> None:
    tables = {table.name: kinds_of(table) for table in db.metadata.sorted_tables}
    with snapshot(engine) as connection:
        revision = _demand_newest_schema(connection)
        head = Head(revision, engine.dialect.name, now.isoformat(), tables)
        archive = ArchiveWriter(out, head)
        for table in db.metadata.sorted_tables:
            count = archive.add_table(table.name, _lines(connection, table))
            tell(f"{count} rows of {table.name}")
        named = _named_files(connection)
    archive.add_keys(keys)
    _write_files(engine, files, archive, named, now, tell)
    archive.finish()


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one moment of the database and holds up nobody.

    On SQLite a transaction that only reads, beside the write-ahead log; on PostgreSQL one
    that is REPEATABLE READ and READ ONLY.
    """
    with reading(), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with connection.begin():
            yield connection


def _demand_newest_schema(connection: Connection) -> str:
    found, newest = revision_of(connection), newest_revision()
    if found != newest:
        raise BackupFault(
            f"The database is at version {found}, breachdesk at {newest}: "
            "run `python -m breachdesk db upgrade` first."
        )
    return newest


def _lines(connection: Connection, table: Table) -> Iterator[str]:
    kinds = kinds_of(table)
    plain = plain_table(table.name, kinds)
    key = [plain.c[column.name] for column in table.primary_key]
    large = {attribute.class_.__table__ for attribute in LARGE}
    options = {"yield_per": 1 if table in large else ROWS_AT_ONCE}
    for row in connection.execute(select(plain).order_by(*key), execution_options=options):
        yield line_of(row, list(kinds.values()))


def _named_files(connection: Connection) -> list[str]:
    """The names of all files that rows name, in order."""
    return [name for column in STORED_NAMES for name in connection.scalars(select(column)) if name]


def _write_files(
    engine: Engine,
    files: FileStore,
    archive: ArchiveWriter,
    named: list[str],
    now: datetime,
    tell: Tell,
) -> None:
    """Files are written before their rows and never changed: those of the rows are all there."""
    for number, name in enumerate(named, start=1):
        try:
            with files.open_sealed(name) as file:
                size = os.fstat(file.fileno()).st_size
                archive.add_file(StoredFile(name, size, file))
        except FileNotFoundError:
            _demand_gone(engine, name, now)
            archive.tally.gone.append(name)
        if number % FILES_PER_WORD == 0 or number == len(named):
            tell(f"{number} of {len(named)} files")


def _demand_gone(engine: Engine, name: str, now: datetime) -> None:
    """A file may vanish with its row while we work; one that vanished alone is a fault.

    A dossier's goes first, and its row says so after: between them lies a moment, or a crash.
    """
    with snapshot(engine) as connection:
        if is_time_up(connection, name, now):
            return
        for column in STORED_NAMES:
            if connection.scalar(select(column).where(column == name)) is not None:
                raise BackupFault(
                    f"The file {name}, which {column.class_.__tablename__} names, is missing "
                    "from the instance folder: put it back from an earlier backup."
                )


def _note(engine: Engine, now: datetime) -> None:
    kind = postgresql if engine.dialect.name == "postgresql" else sqlite
    with engine.begin() as connection:
        connection.execute(
            kind.insert(Installation)
            .values(id=THE_ROW, key_check="", backed_up_at=now)
            .on_conflict_do_update(index_elements=["id"], set_={"backed_up_at": now})
        )
