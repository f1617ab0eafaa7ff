"""A delimited file as spreadsheets and old systems write it: its encoding, its records.

`csv.reader` alone lets one unclosed quote swallow the rest of a file. Here a record is
tried line by line, so that such a line is one bad line and those after it are kept.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from breachdesk.domain.errors import InvalidInput

LARGEST_FILE = 50 * 1024 * 1024
MOST_LINES = 1_000_000
# In order of trust where a file would fit several: a comma also stands inside names.
DELIMITERS = (";", "\t", "|", ",")
# A quoted field may hold line breaks, but not more than this: beyond, the quote is a slip.
MOST_LINES_OF_A_RECORD = 20
_SAMPLE_LINES = 50

_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_NOT_TEXT = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"SQLite format 3")
_CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0e-\x1f]")
# More of its bytes than this being control characters, a file is no text.
_MOST_CONTROL = 0.05
_UTF_16_SAMPLE = 4096


@dataclass(frozen=True, slots=True)
class Record:
    """One record. `line`: the physical line of the file on which it begins, from 1.

    `lines` is how many it spans; `fields` is None where a quote was never closed.
    """

    line: int
    lines: int
    raw: str
    fields: tuple[str, ...] | None


def decode_text(content: bytes, *, field: str) -> tuple[str, str]:
    """The text of a file and the name of its encoding.

    Raises:
        InvalidInput: the file is empty, too large, a spreadsheet or no text at all.
    """
    if len(content) > LARGEST_FILE:
        raise InvalidInput("list_too_large", field=field, limit_mb=LARGEST_FILE // 1024**2)
    if content.startswith(_SPREADSHEETS):
        raise InvalidInput("list_is_spreadsheet", field=field)
    encoding = _encoding_of(content)
    if content.startswith(_NOT_TEXT) or (encoding == "binary"):
        raise InvalidInput("list_not_text", field=field)
    text = _decoded(content, encoding)
    if text is None:
        raise InvalidInput("list_not_text", field=field)
    if not text.strip("\ufeff\x00 \t\r\n"):
        raise InvalidInput("list_empty", field=field)
    return text.removeprefix("\ufeff"), encoding


def _encoding_of(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if content.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if b"\0" in content[:_UTF_16_SAMPLE] and (unmarked := _unmarked_utf_16(content)):
        return unmarked
    if len(_CONTROL_BYTES.findall(content)) > _MOST_CONTROL * len(content):
        return "binary"
    return "utf-8" if _decoded(content, "utf-8") is not None else "cp1252"


def _unmarked_utf_16(content: bytes) -> str:
    """UTF-16 without its mark shows in Western text: every other byte is zero."""
    sample = content[:_UTF_16_SAMPLE]
    half = len(sample) // 2
    if sample[1::2].count(0) > 0.7 * half and sample[0::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if sample[0::2].count(0) > 0.7 * half and sample[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return ""


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        # A damaged file is still worth reading; the lines at fault show themselves.
        return None if encoding == "utf-8" else content.decode(encoding, errors="replace")


def physical_lines(text: str, *, field: str) -> list[str]:
    """The lines of a text without their ends, whichever ends they have.

    Raises:
        InvalidInput: there are too many.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not lines[-1]:
        lines.pop()
    if len(lines) > MOST_LINES:
        raise InvalidInput("list_too_many_lines", field=field, limit=MOST_LINES)
    return lines


def guess_delimiter(lines: Sequence[str]) -> str:
    """The delimiter that parts the first lines into most alike rows; a comma if none does."""
    sample = [line for line in lines[:_SAMPLE_LINES] if line.strip()]
    scores = {delimiter: _regularity(sample, delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: scores[delimiter])
    return best if scores[best] > 0 else ","


def _regularity(sample: Sequence[str], delimiter: str) -> int:
    """How many sample lines have the most usual number of this delimiter, if any do."""
    counts = Counter(_outside_quotes(line).count(delimiter) for line in sample)
    counts.pop(0, None)
    return max(counts.values(), default=0)


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2]) if '"' in line else line


def records(lines: Sequence[str], delimiter: str) -> Iterator[Record]:
    """Part lines into records; together they cover every line once, in order."""
    number = 0
    while number < len(lines):
        line = lines[number]
        if '"' in line:
            record = _quoted_record(lines, number, delimiter)
        else:
            record = Record(number + 1, 1, line, tuple(line.split(delimiter)))
        yield record
        number += record.lines


def _quoted_record(lines: Sequence[str], start: int, delimiter: str) -> Record:
    line = lines[start]
    try:
        return Record(start + 1, 1, line, _strictly([line], delimiter)[0])
    except csv.Error as error:
        if "unexpected end" not in str(error):
            return Record(start + 1, 1, line, _leniently(line, delimiter))
    return _record_over_lines(lines, start, delimiter)


def _record_over_lines(lines: Sequence[str], start: int, delimiter: str) -> Record:
    """A record with line breaks in quotes; or, where the quote never closes, one bad line."""
    window = [f"{line}\n" for line in lines[start : start + MOST_LINES_OF_A_RECORD]]
    try:
        fields, count = _strictly(window, delimiter)
    except csv.Error:
        return Record(start + 1, 1, lines[start], None)
    return Record(start + 1, count, "\n".join(lines[start : start + count]), fields)


def _strictly(lines: list[str], delimiter: str) -> tuple[tuple[str, ...], int]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    return tuple(next(reader)), reader.line_num


def _leniently(line: str, delimiter: str) -> tuple[str, ...] | None:
    """A quote out of place, like `"Jojo" D.`: read as spreadsheets do."""
    try:
        return tuple(next(csv.reader([line], delimiter=delimiter)))
    except csv.Error:
        return None
