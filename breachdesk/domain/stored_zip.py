"""A ZIP that can be written in one way only: what a dossier leaves in.

Its files are stored, not compressed: no two libraries compress alike, and a reader need not
fear what a small file unpacks to. Every other byte follows from the names and the contents,
so whoever reads one rebuilds it and compares.

Source: PKWARE APPNOTE 6.3.10.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator

_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
# Version 2.0; made on Unix; an ordinary file that others may read; 1 January 1980, the first
# day that a ZIP can say: the moment of a dossier is in its manifest.
_VERSION, _MADE_BY, _MODE = 20, 3 << 8 | 20, 0o100644 << 16
_DATE = 1 << 5 | 1
_LOCAL_HEAD = struct.Struct("<4s5H3I2H")
_CENTRAL_HEAD = struct.Struct("<4s6H3I5H2I")
_END_RECORD = struct.Struct("<4s4H2IH")
# Without the extensions for more, which not every reader knows.
LONGEST_ZIP = 0xFFFFFFFF
MOST_FILES = 0xFFFF


class NotStoredZip(ValueError):
    """The bytes are no ZIP of ours: another's, altered, or cut."""


def write_zip(files: Iterable[tuple[str, bytes]]) -> bytes:
    """The ZIP of these files, in this order.

    Args:
        files: each with its name, in ASCII, "/" between folders.

    Raises:
        ValueError: they are more than a ZIP holds, or a name is no ASCII.
    """
    parts: list[bytes] = []
    entries: list[bytes] = []
    at = 0
    for name, content in files:
        head = _local(name, content)
        entries.append(_central(name, content, at))
        parts += (head, content)
        at += len(head) + len(content)
    entries_size = sum(map(len, entries))
    if at + entries_size > LONGEST_ZIP or len(entries) > MOST_FILES:
        raise ValueError("more than a ZIP holds")
    end = _END_RECORD.pack(_END, 0, 0, len(entries), len(entries), entries_size, at, 0)
    return b"".join((*parts, *entries, end))


def _local(name: str, content: bytes) -> bytes:
    encoded, size = name.encode("ascii"), len(content)
    head = (_VERSION, 0, 0, 0, _DATE, zlib.crc32(content), size, size, len(encoded), 0)
    return _LOCAL_HEAD.pack(_LOCAL, *head) + encoded


def _central(name: str, content: bytes, at: int) -> bytes:
    encoded, size = name.encode("ascii"), len(content)
    head = (_MADE_BY, _VERSION, 0, 0, 0, _DATE, zlib.crc32(content), size, size)
    return _CENTRAL_HEAD.pack(_CENTRAL, *head, len(encoded), 0, 0, 0, 0, _MODE, at) + encoded


def read_zip(content: bytes) -> dict[str, bytes]:
    """The files of a ZIP that `write_zip` wrote, by name, in their order.

    Takes no more memory than the ZIP twice over.

    Raises:
        NotStoredZip: any byte is another than it would have written, or a name stands twice.
    """
    found: dict[str, bytes] = {}
    for name, held in _stored(content):
        if name in found:
            raise NotStoredZip("a name stands twice")
        found[name] = held
    if write_zip(found.items()) != content:
        raise NotStoredZip("written otherwise")
    return found


def _stored(content: bytes) -> Iterator[tuple[str, bytes]]:
    at = 0
    while content.startswith(_LOCAL, at):
        if len(content) < at + _LOCAL_HEAD.size:
            raise NotStoredZip("cut")
        head = _LOCAL_HEAD.unpack_from(content, at)
        size, name_size = head[8], head[9]
        start = at + _LOCAL_HEAD.size + name_size
        at = start + size
        if at > len(content):
            raise NotStoredZip("cut")
        try:
            name = content[start - name_size : start].decode("ascii")
        except UnicodeDecodeError as error:
            raise NotStoredZip("a name that is no ASCII") from error
        yield name, content[start:at]
