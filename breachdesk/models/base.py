"""The declarative base, the column types and the connection rules every table shares."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    String,
    TypeDecorator,
    create_engine,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, registry

from breachdesk.domain.codes import GrowingCode

# What PostgreSQL is asked to do for a connection of ours whose machine is lost, or whose process
# stands still in the middle of a transaction: a case in its hands would be held for hours, its
# reminders with it. Nothing of ours rests for so long with a transaction open.
LET_GO = {
    "tcp_keepalives_idle": "15s",
    "tcp_keepalives_interval": "5s",
    "tcp_keepalives_count": "3",
    "idle_in_transaction_session_timeout": "5min",
}
# How long a SQLite writer waits for another before it gives up, in milliseconds.
BUSY_TIMEOUT_MS = 15_000

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcInstant(TypeDecorator[datetime]):
    """A timezone-aware instant, stored and returned in UTC; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"The instant {value!r} has no timezone.")
        utc = value.astimezone(UTC)
        # SQLite keeps text without a zone: give it UTC without one.
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Code(TypeDecorator[StrEnum]):
    """A member of one of the domain's enums, stored as its code."""

    impl = String(60)
    cache_ok = True

    def __init__(self, enum: type[StrEnum]) -> None:
        super().__init__()
        self.enum = enum
        # Looking a member up by its value costs a tenth of calling the enum, on every row read.
        self._members = {member.value: member for member in enum}

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return None if value is None else self.enum(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self._members.get(value) or self._of_another(value)

    def _of_another(self, value: str) -> StrEnum:
        """A code that another version of the desk has written. Raises ValueError.

        Where acting on it as if it were nothing of ours would be wrong, such as a stage or a
        role, it is refused.
        """
        return self.enum.kept(value) if issubclass(self.enum, GrowingCode) else self.enum(value)


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Base(DeclarativeBase):
    """Base of every table."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={datetime: UtcInstant, dict[str, Any]: Json, list[str]: Json},
    )


def write_json(value: object) -> str:
    """JSON as it is kept: letters stay letters."""
    return json.dumps(value, ensure_ascii=False)


# What a statement was given is in no message of a fault: it is what people typed.
ENGINE_OPTIONS: dict[str, Any] = {"json_serializer": write_json, "hide_parameters": True}

db = SQLAlchemy(model_class=Base, engine_options=ENGINE_OPTIONS)

_reading: ContextVar[bool] = ContextVar("reading", default=False)


def begin_as_reader(is_reader: bool) -> None:
    """Say whether transactions that begin in this context only read (see `reading`)."""
    _reading.set(is_reader)


@contextmanager
def reading() -> Iterator[None]:
    """Begin transactions as readers here: on SQLite they then wait for no writer."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


def open_engine(url: str) -> Engine:
    """An engine like the application's, for who works on a database without one."""
    engine = create_engine(url, **ENGINE_OPTIONS)
    set_connection_rules(engine)
    return engine


def set_connection_rules(engine: Engine) -> None:
    """Make an engine fit for several writers.

    PostgreSQL lets go of what a lost connection held, see `LET_GO`. SQLite: write-ahead log,
    foreign keys on, a busy timeout, full synchronisation (an answer given is on the disk), and
    BEGIN IMMEDIATE: a transaction that read first and wrote later would fail at once when
    another wrote in between, whatever the timeout.
    """
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _prepare_postgresql)
    elif engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)


def _prepare_postgresql(connection: Any, _record: object) -> None:
    connection.execute("".join(f"SET {name} = '{value}';" for name, value in LET_GO.items()))
    connection.commit()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN" if _reading.get() else "BEGIN IMMEDIATE")
