"""Rows as lines of text, the same from every engine: what SQLite wrote PostgreSQL takes.

A line is a JSON list, one value for each column. Bytes are in Base64, instants in UTC
with their microseconds, days as they are; None is the database's NULL.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeEngine

from breachdesk.models.base import Code, Json, UtcInstant


class Kind(StrEnum):
    """What a column holds, whatever the engine calls it."""

    INTEGER = "integer"
    BOOLEAN = "boolean"
    TEXT = "text"
    BYTES = "bytes"
    INSTANT = "instant"
    DAY = "day"
    JSON = "json"


# The first that fits. A Code is a text: an enum's member of long ago is kept as it is.
_KINDS: tuple[tuple[type[TypeEngine[Any]], Kind], ...] = (
    (UtcInstant, Kind.INSTANT),
    (Date, Kind.DAY),
    (Code, Kind.TEXT),
    (JSON, Kind.JSON),
    (Boolean, Kind.BOOLEAN),
    (Integer, Kind.INTEGER),
    (LargeBinary, Kind.BYTES),
    (String, Kind.TEXT),
)
_TYPES: Mapping[Kind, Any] = {
    Kind.INTEGER: BigInteger,
    Kind.BOOLEAN: Boolean,
    Kind.TEXT: Text,
    Kind.BYTES: LargeBinary,
    Kind.INSTANT: UtcInstant,
    Kind.DAY: Date,
    Kind.JSON: Json,
}


def kind_of(type_: TypeEngine[Any]) -> Kind:
    """What a column of this type holds. Raises TypeError for one that backups do not know."""
    for known, kind in _KINDS:
        if isinstance(type_, known):
            return kind
    raise TypeError(f"A backup does not know how to keep {type_!r}.")


def kinds_of(table: Table) -> dict[str, Kind]:
    """The columns of a table, in order, with what each holds."""
    return {column.name: kind_of(column.type) for column in table.columns}


def plain_table(name: str, kinds: Mapping[str, Kind]) -> Table:
    """A table to read from and write to with nothing of the models' own."""
    columns = [Column(column, _TYPES[kind]) for column, kind in kinds.items()]
    return Table(name, MetaData(), *columns)


def line_of(row: Sequence[Any], kinds: Sequence[Kind]) -> str:
    """One row as a line, without its end."""
    values = [_written(value, kind) for value, kind in zip(row, kinds, strict=True)]
    # ASCII alone: whatever a text holds, a line is one line.
    return json.dumps(values, separators=(",", ":"))


def row_of(line: str, kinds: Sequence[Kind]) -> list[Any]:
    """The row that a line holds. Raises ValueError if it is none."""
    values = json.loads(line)
    return [_read(value, kind) for value, kind in zip(values, kinds, strict=True)]


def _written(value: Any, kind: Kind) -> Any:
    if value is None:
        return None
    if kind is Kind.BYTES:
        return b64encode(value).decode("ascii")
    if kind is Kind.INSTANT:
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if kind is Kind.DAY:
        return value.isoformat()
    return value


def _read(value: Any, kind: Kind) -> Any:
    if value is None:
        return None
    if kind is Kind.BYTES:
        return b64decode(value, validate=True)
    if kind is Kind.INSTANT:
        return datetime.fromisoformat(value)
    if kind is Kind.DAY:
        return date.fromisoformat(value)
    return value


def holds_nul(value: Any) -> bool:
    """Whether a text, or one inside a JSON value, holds the character NUL."""
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(map(holds_nul, value)) or any(map(holds_nul, value.values()))
    return isinstance(value, list) and any(map(holds_nul, value))
