"""Restoring a backup into an empty database, on this engine or the other."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from breachdesk.models import JournalEntry, reading
from breachdesk.models.base import open_engine
from breachdesk.models.schema import is_absent, is_known_revision, revision_of, upgrade_database
from breachdesk.models.vault import Vault, sync_folder
from breachdesk.services.backup.archive import Lines, StoredFile, parts_of
from breachdesk.services.backup.checking import Contents, Tell, opened, say_nothing
from breachdesk.services.backup.faults import BackupFault
from breachdesk.services.backup.rows import holds_nul, plain_table, row_of
from breachdesk.services.journal import first_broken_entry
from breachdesk.services.key_check import opens_sample

# Written by a desk that merely started: they say nothing of any case, and give way.
GIVE_WAY = frozenset({"installation", "throttle", "worker"})
ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class Verdict:
    """What was found in the restored desk."""

    chains: int
    # Name of each chain that does not hold, and its first altered line.
    broken: dict[str, int]
    opens: bool


def demand_empty(url: str, contents: Contents) -> None:
    """Refuse a database that holds anything, or whose tables are not those of the backup.

    Raises:
        BackupFault: with what to do; nothing was changed.
    """
    if not is_known_revision(contents.head.revision):
        raise BackupFault(
            f"This backup is of version {contents.head.revision}, which this breachdesk does "
            "not know: update breachdesk first."
        )
    if is_absent(url):
        return
    engine = open_engine(url)
    try:
        with reading(), engine.connect() as connection:
            _demand_empty(connection, contents.head.revision)
    except DBAPIError as error:
        raise BackupFault(f"The database does not answer: {type(error.orig).__name__}.") from error
    finally:
        engine.dispose()


def _demand_empty(connection: Connection, revision: str) -> None:
    tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
    elsewhere = "give BREACHDESK_DATABASE_URL another database, or another file, and restore there"
    for table in sorted(tables - GIVE_WAY):
        if connection.execute(select(func.count()).select_from(plain_table(table, {}))).scalar():
            raise BackupFault(
                f"The database is not empty: {table} has rows. "
                f"A restoration destroys nothing: {elsewhere}."
            )
    found = revision_of(connection)
    if found not in (None, revision):
        raise BackupFault(
            f"The database is empty, but of version {found}; the backup is of {revision}: "
            f"{elsewhere}."
        )


def restore_backup(
    path: Path, passphrase: str, *, url: str, files: Path, tell: Tell = say_nothing
) -> None:
    """Put the rows of a checked backup into an empty database and its files into a folder.

    The rows come in one transaction, the files before it ends. The schema is first that
    of the backup, and is then brought up to date.

    Raises:
        BackupFault: no row and no file of the backup is left behind.
    """
    with opened(path, passphrase) as reader:
        parts = parts_of(reader)
        head = next(parts)
        upgrade_database(url, head.revision)  # type: ignore[union-attr]
        engine = open_engine(url)
        try:
            with _files_into(files) as folder, engine.begin() as connection:
                _Restoration(connection, head.tables, folder, tell).run(parts)  # type: ignore[union-attr]
        finally:
            engine.dispose()
    upgrade_database(url)


class _Files:
    """The folder where files are restored, and which of them are ours."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written: list[Path] = []

    def put(self, file: StoredFile) -> None:
        """Write a file under its name; one that a former attempt wrote whole may be there."""
        target = self.folder / file.name
        # mkstemp makes the file with mode 600.
        descriptor, draft = tempfile.mkstemp(dir=self.folder, prefix=".restored-")
        try:
            with os.fdopen(descriptor, "wb") as out:
                for piece in file.pieces():
                    out.write(piece)
                out.flush()
                os.fsync(out.fileno())
            if not target.exists():
                os.rename(draft, target)
                self.written.append(target)
            elif not _are_same(Path(draft), target):
                raise BackupFault(f"{target} is there already and is another file.")
        finally:
            Path(draft).unlink(missing_ok=True)

    def remove(self) -> None:
        """Take back what was written."""
        for path in self.written:
            path.unlink(missing_ok=True)


def _are_same(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as left, other.open("rb") as right:
        while piece := left.read(65_536):
            if piece != right.read(65_536):
                return False
    return True


@contextmanager
def _files_into(folder: Path) -> Iterator[_Files]:
    """Files written inside are removed again if anything fails."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = _Files(folder)
    try:
        yield files
    except OSError as error:
        files.remove()
        raise BackupFault(f"A file cannot be written: {error.strerror}.") from error
    except BaseException:
        files.remove()
        raise


class _Restoration:
    """One transaction that fills an empty database."""

    def __init__(self, connection: Connection, kinds: Any, files: _Files, tell: Tell) -> None:
        self._connection, self._files, self._tell = connection, files, tell
        self._kinds = kinds
        self._tables = {name: plain_table(name, columns) for name, columns in kinds.items()}
        self._takes_nul = connection.dialect.name == "sqlite"
        self._rows = self._count = 0

    def run(self, parts: Iterator[Any]) -> None:
        """Write every part."""
        if not self._takes_nul:
            # Between the rows and the end nothing is asked of the database while files are
            # written, be it for hours: see `LET_GO`.
            self._connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        self._demand_still_empty()
        for part in parts:
            if isinstance(part, Lines):
                self._put_rows(part)
            elif isinstance(part, StoredFile):
                self._files.put(part)
                self._count += 1
                self._tell(f"{self._count} files restored")
        # Before the rows that name them.
        sync_folder(self._files.folder)
        if not self._takes_nul:
            for table in self._tables.values():
                self._set_sequence(table)

    def _demand_still_empty(self) -> None:
        for table in self._tables.values():
            if table.name in GIVE_WAY:
                self._connection.execute(table.delete())
            elif self._connection.execute(select(func.count()).select_from(table)).scalar():
                raise BackupFault(f"The database is not empty any more: {table.name} has rows.")

    def _put_rows(self, part: Lines) -> None:
        table, kinds = self._tables[part.table], self._kinds[part.table]
        names = list(kinds)
        for start in range(0, len(part.lines), ROWS_AT_ONCE):
            lines = part.lines[start : start + ROWS_AT_ONCE]
            rows = [self._row(line, names, list(kinds.values()), part.table) for line in lines]
            try:
                self._connection.execute(insert(table), rows)
            except DBAPIError as error:
                # The driver's own words may hold what the row holds.
                raise BackupFault(
                    f"The database refused rows of {part.table}: {type(error.orig).__name__}."
                ) from None
        self._rows += len(part.lines)
        self._tell(f"{self._rows} rows restored, now {part.table}")

    def _row(self, line: str, names: list[str], kinds: Any, table: str) -> dict[str, Any]:
        row = dict(zip(names, row_of(line, kinds), strict=True))
        if not self._takes_nul and "\\u0000" in line:
            for name, value in row.items():
                if holds_nul(value):
                    raise BackupFault(
                        f"{table} {row.get('id', '')} holds the character NUL in {name}, which "
                        "PostgreSQL cannot keep: restore into SQLite."
                    )
        return row

    def _set_sequence(self, table: Table) -> None:
        """The next row of a table comes after those that were restored."""
        if "id" not in table.c:
            return
        highest = self._connection.execute(select(func.max(table.c.id))).scalar()
        name = func.pg_get_serial_sequence(table.name, "id")
        if highest is not None:
            self._connection.execute(select(func.setval(name, highest)))


def inspect_restored(url: str, keys: tuple[str, ...]) -> Verdict:
    """Walk every chain of the journal and open a sample of what is sealed."""
    vault = Vault(*(key.encode() for key in keys))
    engine = open_engine(url)
    try:
        with reading(), Session(engine) as session:
            chains = session.scalars(
                select(JournalEntry.chain).distinct().order_by(JournalEntry.chain)
            ).all()
            found = {chain: _first_broken(session, chain) for chain in chains}
            broken = {chain: line for chain, line in found.items() if line is not None}
            return Verdict(len(chains), broken, opens_sample(session, vault))
    finally:
        engine.dispose()


def _first_broken(session: Session, chain: str) -> int | None:
    entries = session.scalars(
        select(JournalEntry).where(JournalEntry.chain == chain).order_by(JournalEntry.sequence)
    ).all()
    broken = first_broken_entry(entries)
    session.expunge_all()
    return broken
