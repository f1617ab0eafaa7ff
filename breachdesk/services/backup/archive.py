"""What lies inside a backup: a tar file, read and written from its beginning to its end.

    head.json                   the schema's revision, and the columns of each table
    tables/<table>/<part>.gz    rows as lines (see `rows`), parents before children
    keys.json                   the installation's keys
    files/<name>                attachments and dossiers, as they lie sealed
    manifest.json               how many of each, and their hashes

Only a part of a table is ever in memory, never a table or a file.
"""

import gzip
import hashlib
import io
import json
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from breachdesk.models.vault import is_stored_name
from breachdesk.services.backup.faults import DamagedBackup
from breachdesk.services.backup.rows import Kind
from breachdesk.services.backup.sealed_stream import SealedReader, SealedWriter

FORMAT = 1
PART_BYTES = 1_000_000
COPY_BYTES = 65_536
UNREADABLE = (
    tarfile.TarError,
    gzip.BadGzipFile,
    zlib.error,
    EOFError,
    ValueError,
    KeyError,
    TypeError,
)


@dataclass(frozen=True)
class Head:
    """What must be known before the rows: `tables` are in the order of their writing."""

    revision: str
    engine: str
    made_at: str
    tables: Mapping[str, Mapping[str, Kind]]

    def as_record(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "format": FORMAT,
            "revision": self.revision,
            "engine": self.engine,
            "made_at": self.made_at,
            "tables": [[name, dict(kinds)] for name, kinds in self.tables.items()],
        }

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Head":
        """From JSON. Raises DamagedBackup if it is from a later format."""
        if record["format"] != FORMAT:
            raise DamagedBackup("This backup was made by a newer breachdesk: update first.")
        tables = {
            name: {column: Kind(kind) for column, kind in kinds.items()}
            for name, kinds in record["tables"]
        }
        return cls(record["revision"], record["engine"], record["made_at"], tables)


@dataclass(frozen=True)
class KeyTexts:
    """The installation's keys as text, the newest encryption key first."""

    encryption: tuple[str, ...] = field(repr=False)
    session: str = field(repr=False)
    # The seal's key and its certificate as PEM; None: given by settings, or made before it.
    seal: tuple[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Lines:
    """Some rows of a table, as lines."""

    table: str
    lines: list[str]


class StoredFile:
    """A sealed file on its way; it is hashed as it is read."""

    def __init__(self, name: str, size: int, source: IO[bytes]) -> None:
        self.name, self.size = name, size
        self._source, self._hash = source, hashlib.sha256()

    def read(self, size: int = COPY_BYTES) -> bytes:
        """The next bytes; b"" at the end."""
        content = self._source.read(size)
        self._hash.update(content)
        return content

    def pieces(self) -> Iterator[bytes]:
        """What is left of it."""
        while content := self.read():
            yield content

    @property
    def sha256(self) -> str:
        """The hash of what was read so far."""
        return self._hash.hexdigest()


@dataclass
class Tally:
    """How much went by, counted alike by who writes and who reads."""

    rows: dict[str, int] = field(default_factory=dict)
    hashes: dict[str, Any] = field(default_factory=dict)
    files: int = 0
    file_bytes: int = 0
    file_hash: Any = field(default_factory=hashlib.sha256)
    # Files removed, with their rows, while the backup was being made.
    gone: list[str] = field(default_factory=list)

    def count_line(self, table: str, line: str) -> None:
        """One more row."""
        self.rows[table] = self.rows.get(table, 0) + 1
        self.hashes.setdefault(table, hashlib.sha256()).update(f"{line}\n".encode())

    def count_file(self, file: StoredFile) -> None:
        """One more file, read to its end."""
        self.files += 1
        self.file_bytes += file.size
        self.file_hash.update(f"{file.name} {file.size} {file.sha256}\n".encode())

    def manifest(self) -> dict[str, Any]:
        """As JSON, but for the files that are gone."""
        return {
            "tables": {
                table: {"rows": count, "sha256": self.hashes[table].hexdigest()}
                for table, count in self.rows.items()
            },
            "files": {
                "count": self.files,
                "bytes": self.file_bytes,
                "sha256": self.file_hash.hexdigest(),
            },
        }


# --- Writing --------------------------------------------------------------------------------


class ArchiveWriter:
    """Writes the parts of a backup in their order; call `finish` last."""

    def __init__(self, out: SealedWriter, head: Head) -> None:
        self._out, self.tally = out, Tally()
        # Closed by `finish` alone: a backup that failed must have no end.
        self._tar = tarfile.open(mode="w|", fileobj=out)  # type: ignore[call-overload] # noqa: SIM115
        self._add_json("head.json", head.as_record())

    def add_table(self, name: str, lines: Iterable[str]) -> int:
        """Write a table; how many rows it had."""
        waiting: list[str] = []
        size = part = 0
        for line in lines:
            self.tally.count_line(name, line)
            waiting.append(line)
            size += len(line)
            if size >= PART_BYTES:
                self._add_part(name, part, waiting)
                waiting, size, part = [], 0, part + 1
        if waiting:
            self._add_part(name, part, waiting)
        return self.tally.rows.get(name, 0)

    def _add_part(self, table: str, part: int, lines: list[str]) -> None:
        text = "".join(f"{line}\n" for line in lines)
        packed = gzip.compress(text.encode(), 6, mtime=0)
        self._add(f"tables/{table}/{part:06}.gz", len(packed), io.BytesIO(packed))

    def add_keys(self, keys: KeyTexts) -> None:
        """Write the installation's keys."""
        record = {"encryption": list(keys.encryption), "session": keys.session}
        if keys.seal is not None:
            record["seal"] = list(keys.seal)
        self._add_json("keys.json", record)

    def add_file(self, file: StoredFile) -> None:
        """Write a sealed file, in small pieces."""
        self._add(f"files/{file.name}", file.size, file)
        self.tally.count_file(file)

    def finish(self) -> None:
        """Write the manifest and the end."""
        self._add_json("manifest.json", {**self.tally.manifest(), "gone": self.tally.gone})
        self._tar.close()
        self._out.close()

    def _add_json(self, name: str, record: dict[str, Any]) -> None:
        content = json.dumps(record).encode()
        self._add(name, len(content), io.BytesIO(content))

    def _add(self, name: str, size: int, content: Any) -> None:
        member = tarfile.TarInfo(name)
        member.size = size
        self._tar.addfile(member, content)
        # It would remember every member to its end.
        self._tar.members.clear()


# --- Reading --------------------------------------------------------------------------------


def parts_of(reader: SealedReader) -> Iterator[Head | Lines | KeyTexts | StoredFile | Tally]:
    """Every part of a backup in order; the tally comes last, and only if all is there.

    Raises:
        DamagedBackup: what was read is not what was written.
    """
    tally = Tally()
    try:
        with tarfile.open(mode="r|", fileobj=reader) as tar:  # type: ignore[call-overload]
            yield from _checked(tar, tally)
    except UNREADABLE as error:
        raise DamagedBackup(f"This backup cannot be read: {type(error).__name__}.") from error
    # To the very end: only the last piece proves that nothing follows, and nothing is missing.
    while reader.read(COPY_BYTES):
        pass
    yield tally


def _checked(
    tar: tarfile.TarFile, tally: Tally
) -> Iterator[Head | Lines | KeyTexts | StoredFile | Tally]:
    manifest: dict[str, Any] | None = None
    while (member := tar.next()) is not None:
        tar.members.clear()  # type: ignore[attr-defined]
        content = tar.extractfile(member)
        if content is None or manifest is not None:
            raise DamagedBackup(f"This backup holds something unexpected: {member.name}.")
        folder, _, rest = member.name.partition("/")
        if folder == "files" and is_stored_name(rest):
            file = StoredFile(rest, member.size, content)
            yield file
            for _ in file.pieces():
                pass
            tally.count_file(file)
        elif folder == "tables":
            yield _lines(rest.partition("/")[0], content.read(), tally)
        elif member.name == "manifest.json":
            manifest = json.load(content)
            tally.gone = manifest.pop("gone")
        else:
            yield _part(member.name, json.load(content))
    if manifest != tally.manifest():
        raise DamagedBackup("This backup does not hold what its manifest says.")


def _lines(table: str, packed: bytes, tally: Tally) -> Lines:
    lines = gzip.decompress(packed).decode().splitlines()
    for line in lines:
        tally.count_line(table, line)
    return Lines(table, lines)


def _part(name: str, record: dict[str, Any]) -> Head | KeyTexts:
    if name == "head.json":
        return Head.from_record(record)
    if name == "keys.json":
        seal = record.get("seal")
        return KeyTexts(
            tuple(record["encryption"]), record["session"], (seal[0], seal[1]) if seal else None
        )
    raise DamagedBackup(f"This backup holds something unexpected: {name}.")
