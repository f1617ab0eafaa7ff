"""The CNIL's file of published notifications, read line by line and counted.

The format, as published (data.gouv.fr, 5cd42a86634f4147a23df1be): cp1252, nine columns
parted by ";", CRLF; the first row is a note on the extraction, the second the heads, the
first of which ends in a no-break space. Labels that hold ";" are quoted, an apostrophe may be
doubled. Several values stand in one cell with a bare comma between; a comma followed by a
blank belongs to a label. "Données sensibles" is "Oui" or empty. A record is one line.

A file is counted whole or not at all: what one line says cannot be believed where the next
is damaged. Only the columns that are counted are held to a list of words.
"""

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from breachdesk.domain.authority_form import CommunicationState, Origin
from breachdesk.domain.published_notifications import CountedRow, PublishedCause, Sector, Size
from breachdesk.domain.published_words import CODES, plain

HEADS = (
    "Date de réception de la notification",
    "Secteur d'activité de l'organisme concerné",
    "Natures de la violation",
    "Nombre de personnes impactées",
    "Typologies des données impactées",
    "Données sensibles",
    "Origines de l'incident",
    "Causes de l'incident",
    "Information des personnes",
)
# A new word there has a place: "unknown" or "other". See `count_file`.
HEADS_THAT_TAKE_NEW_WORDS = frozenset({HEADS[1], HEADS[6], HEADS[7]})
_PLAIN_HEADS = [plain(head) for head in HEADS]
# The heads stand on the second line, after the note; a file without the note is taken too.
HEADS_WITHIN = 2
# Ten times the longest line seen: all boxes ticked make some 1,500 bytes.
LONGEST_LINE = 16_384
MOST_LINES = 1_000_000
FAULTS_SHOWN = 20
# The Regulation applies from 25 May 2018: before, nobody notified.
FIRST_MONTH_OF_ALL = "2018-05"

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_BETWEEN_VALUES = re.compile(r",(?=\S)")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_SHOWN_LENGTH = 70


class FaultKind(StrEnum):
    """What is wrong with a line."""

    NO_HEADS = "no_heads"
    UTF_8 = "utf_8"
    NOT_CP1252 = "not_cp1252"
    CONTROL_CHARACTER = "control_character"
    TOO_LONG = "too_long"
    QUOTE = "quote"
    COLUMNS = "columns"
    MONTH = "month"
    UNKNOWN_WORDS = "unknown_words"
    TOO_MANY_LINES = "too_many_lines"
    NOTHING = "nothing"


@dataclass(frozen=True)
class LineFault:
    """A fault of a line, from 1. `shown`: the words at fault, cut short; `column`: its head."""

    line: int
    kind: FaultKind
    shown: str = ""
    column: str = ""

    @property
    def may_be_new(self) -> bool:
        """Whether these may be words that the CNIL added, which one may accept."""
        return bool(self.shown) and self.column in HEADS_THAT_TAKE_NEW_WORDS


class DamagedFile(Exception):
    """The file cannot be counted. `faults` are the first; `count` is how many lines have one."""

    def __init__(self, faults: list[LineFault], count: int) -> None:
        self.faults, self.count = faults, count
        super().__init__(f"{count} lines of this file cannot be read.")


@dataclass(frozen=True)
class CountedFile:
    """A whole file, counted. `new_words`: those taken for "other" or "unknown", how often."""

    rows: tuple[CountedRow, ...]
    sha256: str
    first_month: str
    last_month: str
    total: int
    new_words: tuple[tuple[str, int], ...] = ()


def count_file(
    lines: Iterable[bytes], *, this_month: str, accept_new_words: bool = False
) -> CountedFile:
    """Count the notifications of the CNIL's file.

    A sector, an origin or a cause that is not on the list stops the import: it may be a
    new box of the form, and it may be damage. Whoever has looked may accept them; then a
    new sector counts as unknown, a new origin or cause as "other". A new size or answer
    stands for nothing we have and is always refused.

    Args:
        lines: physical lines with their ends, none longer than `LONGEST_LINE` bytes.
        this_month: like "2026-03"; later months cannot be.

    Raises:
        DamagedFile: a line is not what the format says.
    """
    reading = _Reading(this_month, accept_new_words)
    for number, line in enumerate(lines, start=1):
        reading.take(number, line)
    return reading.result()


class _FaultyLine(Exception):
    def __init__(self, kind: FaultKind, shown: str = "", column: int | None = None) -> None:
        self.kind, self.column = kind, HEADS[column] if column is not None else ""
        self.shown = "".join(c if c.isprintable() else "?" for c in shown)[:_SHOWN_LENGTH]
        super().__init__(kind)


_Key = tuple[frozenset[StrEnum], frozenset[StrEnum], StrEnum, StrEnum, StrEnum]


@dataclass
class _Reading:
    """What was read so far."""

    this_month: str
    accepts_new: bool
    hash: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    counts: Counter[_Key] = field(default_factory=Counter)
    new_words: Counter[str] = field(default_factory=Counter)
    months: set[str] = field(default_factory=set)
    faults: list[LineFault] = field(default_factory=list)
    n_faults: int = 0
    has_heads: bool = False
    lines: int = 0

    def take(self, number: int, raw: bytes) -> None:
        """Read one line; a fault is noted, and the next line is read all the same."""
        self.hash.update(raw)
        self.lines = number
        try:
            if number > MOST_LINES:
                raise _FaultyLine(FaultKind.TOO_MANY_LINES)
            if not self.has_heads:
                self._find_heads(number, raw)
            elif raw.strip(b"\r\n"):
                self._count(_fields_of(raw))
        except _FaultyLine as fault:
            self._note(LineFault(number, fault.kind, fault.shown, fault.column))
        if self.n_faults and (number > MOST_LINES or not self._may_have_heads(number)):
            raise self._damaged()

    def _may_have_heads(self, number: int) -> bool:
        return self.has_heads or number < HEADS_WITHIN

    def _find_heads(self, number: int, raw: bytes) -> None:
        try:
            fields = _fields_of(raw)
        except _FaultyLine:
            if number == HEADS_WITHIN:
                raise
            return
        self.has_heads = [plain(head) for head in fields] == _PLAIN_HEADS
        if not self.has_heads and number == HEADS_WITHIN:
            raise _FaultyLine(FaultKind.NO_HEADS, ";".join(fields))

    def _count(self, fields: list[str]) -> None:
        if len(fields) != len(HEADS):
            raise _FaultyLine(FaultKind.COLUMNS, str(len(fields)))
        month = fields[0].strip()
        if not (_MONTH.fullmatch(month) and FIRST_MONTH_OF_ALL <= month <= self.this_month):
            raise _FaultyLine(FaultKind.MONTH, fields[0], 0)
        if plain(fields[5]) not in ("", "oui", "non"):
            raise _FaultyLine(FaultKind.UNKNOWN_WORDS, fields[5], 5)
        new: list[str] = []
        key = (
            self._codes(Origin, fields, 6, Origin.OTHER, new),
            self._codes(PublishedCause, fields, 7, PublishedCause.OTHER, new),
            self._code(Sector, fields[1].strip() or "Inconnu", 1, Sector.UNKNOWN, new),
            self._code(Size, fields[3], 3, None, new),
            self._code(CommunicationState, fields[8], 8, None, new),
        )
        self.counts[key] += 1
        self.months.add(month)
        self.new_words.update(new)

    def _codes(
        self, enum: type[StrEnum], fields: list[str], column: int, other: StrEnum, new: list[str]
    ) -> frozenset[StrEnum]:
        """The codes of a cell of several values, which may be empty."""
        values = _BETWEEN_VALUES.split(fields[column]) if fields[column].strip() else []
        return frozenset(self._code(enum, value, column, other, new) for value in values)

    def _code(
        self, enum: type[StrEnum], words: str, column: int, other: StrEnum | None, new: list[str]
    ) -> StrEnum:
        code = CODES[enum].get(plain(words))
        if code is not None:
            return code
        if other is None or not self.accepts_new or not words.strip():
            raise _FaultyLine(FaultKind.UNKNOWN_WORDS, words, column)
        new.append(words.strip()[:_SHOWN_LENGTH])
        return other

    def _note(self, fault: LineFault) -> None:
        self.n_faults += 1
        if len(self.faults) < FAULTS_SHOWN:
            self.faults.append(fault)

    def _damaged(self) -> DamagedFile:
        return DamagedFile(self.faults, self.n_faults)

    def result(self) -> CountedFile:
        """All of it. Raises DamagedFile if a line had a fault, or there was none to count."""
        if not self.counts and not self.n_faults:
            is_text = self.lines > 0 and not self.has_heads
            self._note(LineFault(self.lines, FaultKind.NO_HEADS if is_text else FaultKind.NOTHING))
        if self.n_faults:
            raise self._damaged()
        return CountedFile(
            tuple(_rows(self.counts)),
            self.hash.hexdigest(),
            min(self.months),
            max(self.months),
            self.counts.total(),
            tuple(self.new_words.most_common()),
        )


def _rows(counts: Counter[_Key]) -> Iterator[CountedRow]:
    for (origins, causes, sector, size, told), count in counts.items():
        yield CountedRow(
            frozenset(map(Origin, origins)),
            frozenset(map(PublishedCause, causes)),
            Sector(sector),
            Size(size),
            CommunicationState(told),
            count,
        )


def _fields_of(raw: bytes) -> list[str]:
    """The cells of a line."""
    if len(raw) > LONGEST_LINE:
        raise _FaultyLine(FaultKind.TOO_LONG)
    text = _decoded(raw).rstrip("\r\n")
    if _CONTROL.search(text):
        raise _FaultyLine(FaultKind.CONTROL_CHARACTER)
    if '"' not in text:
        return text.split(";")
    try:
        return next(csv.reader([text], delimiter=";", strict=True))
    except csv.Error:
        raise _FaultyLine(FaultKind.QUOTE, text) from None


def _decoded(raw: bytes) -> str:
    """The text of a line; UTF-8 is told from cp1252 by what it would be read as."""
    if not raw.isascii():
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            raise _FaultyLine(FaultKind.UTF_8)
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        raise _FaultyLine(FaultKind.NOT_CP1252) from None
