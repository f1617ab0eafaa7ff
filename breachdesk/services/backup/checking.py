"""Reading a backup to its end, to know that it is whole, without restoring it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from breachdesk.services.backup.archive import (
    Head,
    KeyTexts,
    Lines,
    StoredFile,
    Tally,
    parts_of,
)
from breachdesk.services.backup.faults import BackupFault, DamagedBackup
from breachdesk.services.backup.rows import row_of
from breachdesk.services.backup.sealed_stream import SealedReader

# Told, in a few words, how far the work is.
Tell = Callable[[str], None]


def say_nothing(_words: str) -> None:
    """For who does not want to be told."""


@dataclass(frozen=True)
class Contents:
    """What a whole backup holds."""

    head: Head
    keys: KeyTexts
    tally: Tally

    @property
    def rows(self) -> int:
        """How many rows, of all tables."""
        return sum(self.tally.rows.values())


@contextmanager
def opened(path: Path, passphrase: str) -> Iterator[SealedReader]:
    """A backup to read.

    Raises:
        BackupFault: there is no such file, or it cannot be opened.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise BackupFault(f"{path} cannot be read: {error.strerror}.") from error
    with file:
        yield SealedReader(file, passphrase)


def check_backup(path: Path, passphrase: str, *, tell: Tell = say_nothing) -> Contents:
    """Read a backup to its end: every piece, row and file is what was written.

    Raises:
        BackupFault: it is not, see `faults`.
    """
    with opened(path, passphrase) as reader:
        return check_parts(reader, tell)


def check_parts(reader: SealedReader, tell: Tell) -> Contents:
    """As `check_backup`, of a backup that is open."""
    head = keys = tally = None
    for part in parts_of(reader):
        match part:
            case Head():
                head = part
            case KeyTexts():
                keys = part
            case Lines():
                _check_lines(head, part)
                tell(f"{part.table} reads back")
            case StoredFile():
                tell("files read back")
            case Tally():
                tally = part
    if head is None or keys is None or tally is None or not set(tally.rows) <= set(head.tables):
        raise DamagedBackup("A part of this backup is missing.")
    return Contents(head, keys, tally)


def _check_lines(head: Head | None, part: Lines) -> None:
    """Every line must be a row of its table."""
    if head is None or part.table not in head.tables:
        raise DamagedBackup(f"This backup holds rows of {part.table}, but not its columns.")
    kinds = list(head.tables[part.table].values())
    try:
        for line in part.lines:
            row_of(line, kinds)
    except ValueError as error:
        raise DamagedBackup(f"This backup holds rows of {part.table} that are none.") from error
