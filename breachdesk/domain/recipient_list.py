"""Whom to write to, read from a CSV file: every good line kept, every bad one explained.

Values are text and nothing else: a formula or HTML in a name stays as it was typed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from breachdesk.domain.column_mapping import ColumnMapping, guess_mapping
from breachdesk.domain.csv_text import (
    Record,
    decode_text,
    guess_delimiter,
    physical_lines,
    records,
)
from breachdesk.domain.mail_address import address_fault

FIELD = "recipients"
LONGEST_NAME = 200
_SHOWN_LENGTH = 120

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffd]")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_NAME_AND_ADDRESS = re.compile(r"([^<>]*)<([^<>]+)>")
_LANGUAGES = {
    "fr": frozenset({"fr", "fra", "fre", "francais", "français", "french"}),
    "en": frozenset({"en", "eng", "anglais", "english"}),
}


class LineFault(StrEnum):
    """Why a line cannot be taken; the others are those of `AddressFault`."""

    NO_ADDRESS = "no_address"
    CONTROL_CHARACTER = "control_character"
    NAME_TOO_LONG = "name_too_long"
    QUOTE_NOT_CLOSED = "quote_not_closed"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person to write to. `line`: where they first stand in the file, from 1.

    `locale` is "fr", "en" or empty when the file does not say; `name` is empty when not
    known, or when several people share the address.
    """

    address: str
    name: str
    locale: str
    line: int

    @property
    def identity(self) -> str:
        """What tells this mailbox from another; see `mailbox_identity`."""
        return mailbox_identity(self.address)


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be taken: its number in the file, a code, and how it begins."""

    number: int
    reason: str
    shown: str


@dataclass(frozen=True)
class RecipientList:
    """What a file holds. The counts add up: good, bad, duplicates and blanks make `records`.

    Args:
        columns: the titles, or empty titles where the file has none; in the file's order.
        mapping: the columns as chosen, or as guessed.
        duplicates: lines that name a mailbox already met.
        blank: records with nothing in them.
        records: every record but the titles; one may span several lines of the file.
    """

    columns: tuple[str, ...]
    mapping: ColumnMapping
    good: tuple[Recipient, ...]
    bad: tuple[BadLine, ...]
    duplicates: int
    blank: int
    records: int
    encoding: str
    delimiter: str


def read_recipients(content: bytes, mapping: ColumnMapping | None = None) -> RecipientList:
    """Read a recipients file.

    Args:
        mapping: which column is what; None to guess from titles and content.

    Raises:
        InvalidInput: the file is empty, no text, a spreadsheet, over 50 MB or over a
            million lines.
    """
    text, encoding = decode_text(content, field=FIELD)
    lines = physical_lines(text, field=FIELD)
    delimiter = guess_delimiter(lines)
    found = list(records(lines, delimiter))
    mapping = mapping or guess_mapping([record.fields or () for record in found])
    titles, found = _part_titles(found, mapping)
    taking = _Taking(mapping)
    for record in found:
        taking.take(record)
    return RecipientList(
        columns=titles,
        mapping=mapping,
        good=tuple(taking.good.values()),
        bad=tuple(taking.bad),
        duplicates=taking.duplicates,
        blank=taking.blank,
        records=len(found),
        encoding=encoding,
        delimiter=delimiter,
    )


def _part_titles(
    found: Sequence[Record], mapping: ColumnMapping
) -> tuple[tuple[str, ...], list[Record]]:
    """The column titles and the records under them; blank lines above the titles go too."""
    first = next((n for n, r in enumerate(found) if not _is_blank(r)), len(found))
    width = max((len(record.fields or ()) for record in found[first : first + 50]), default=0)
    if not mapping.has_titles or first == len(found):
        return ("",) * width, list(found)
    titles = tuple(title.strip()[:_SHOWN_LENGTH] for title in found[first].fields or ())
    return titles + ("",) * (width - len(titles)), [*found[:first], *found[first + 1 :]]


def _is_blank(record: Record) -> bool:
    return record.fields is not None and not any(map(str.strip, record.fields))


def mailbox_identity(address: str) -> str:
    """What tells one mailbox from another.

    Case does not: RFC 5321 (2.4) would let a server tell `A@` from `a@`, and none does.
    Dots and `+suffixes` do: only the receiving server knows whether it ignores them, and a
    second letter does less harm than a person who is never told.
    """
    local_part, _, domain = address.rpartition("@")
    if not domain.isascii():
        domain = domain.lower().encode("idna").decode("ascii")
    return f"{local_part.lower()}@{domain.lower()}"


class _Taking:
    """Takes records one after the other and keeps count."""

    def __init__(self, mapping: ColumnMapping) -> None:
        self._mapping = mapping
        self.good: dict[str, Recipient] = {}
        self.bad: list[BadLine] = []
        self.duplicates = 0
        self.blank = 0

    def take(self, record: Record) -> None:
        if "@" not in record.raw and _is_blank(record):
            self.blank += 1
            return
        person = self._person(record)
        if isinstance(person, str):
            self.bad.append(BadLine(record.line, person, _shown(record.raw)))
            return
        key = person.identity
        if key in self.good:
            self.duplicates += 1
            self._join(key, person)
        else:
            self.good[key] = person

    def _join(self, key: str, again: Recipient) -> None:
        """One letter to a shared mailbox: it greets nobody when the names differ."""
        first = self.good[key]
        if again.name and again.name.casefold() != first.name.casefold():
            self.good[key] = replace(first, name="")

    def _person(self, record: Record) -> Recipient | str:
        """The person a record names, or the code of what is wrong with it."""
        if record.fields is None:
            return LineFault.QUOTE_NOT_CLOSED.value
        address, name, locale = self._values(record.fields)
        if not address:
            return LineFault.NO_ADDRESS.value
        if _CONTROL.search(address) or _CONTROL.search(name):
            return LineFault.CONTROL_CHARACTER.value
        if fault := address_fault(address):
            return fault.value
        name = " ".join(name.split())
        if len(name) > LONGEST_NAME:
            return LineFault.NAME_TOO_LONG.value
        return Recipient(address, name, _language(locale), record.line)

    def _values(self, fields: tuple[str, ...]) -> tuple[str, str, str]:
        mapping = self._mapping
        address = _cell(fields, mapping.address)
        name = " ".join([_cell(fields, column) for column in mapping.name])
        if "<" in address and (both := _NAME_AND_ADDRESS.fullmatch(address)):
            name = name or both[1].strip(' "')
            address = both[2]
        address = _INVISIBLE.sub("", address).strip().removeprefix("mailto:")
        return address, name, _cell(fields, mapping.locale)


def _cell(fields: tuple[str, ...], column: int | None) -> str:
    if column is None or not 0 <= column < len(fields):
        return ""
    return fields[column].strip()


@lru_cache(maxsize=1024)
def _language(said: str) -> str:
    """ "fr" or "en" from what the file says; empty for what we do not speak."""
    word = re.split(r"[-_ ]", said.strip().casefold(), maxsplit=1)[0]
    return next((code for code, words in _LANGUAGES.items() if word in words), "")


def _shown(raw: str) -> str:
    return _CONTROL.sub("\ufffd", raw.replace("\n", " "))[:_SHOWN_LENGTH]


__all__ = [
    "BadLine",
    "ColumnMapping",
    "LineFault",
    "Recipient",
    "RecipientList",
    "mailbox_identity",
    "read_recipients",
]
