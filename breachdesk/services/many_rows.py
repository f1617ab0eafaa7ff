"""Many rows, or many ids, in one statement: they travel as one JSON text that it takes apart.

A statement with a parameter for each value costs more to write and to read than the rows
themselves: with a thousand values, several times as much.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

import psycopg
from sqlalchemy import Integer, String, TextClause, bindparam, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

from breachdesk.models.base import Json, UtcInstant


class _Among(FunctionElement[Any]):
    """See `among`."""

    # Were it a Boolean, SQLite would compare it with 1, and read the whole table for that.
    type = NullType()
    inherit_cache = True


def among(column: Any, name: str) -> Any:
    """That a number is one of those listed in the parameter `name`, a text made by `as_json`."""
    return _Among(column, bindparam(name, type_=String()))


@compiles(_Among, "postgresql")
def _among_on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    column, ids = (compiler.process(each, **options) for each in element.clauses)
    listed = f"jsonb_array_elements_text(CAST({ids} AS jsonb))"
    return f"{column} = ANY (ARRAY(SELECT CAST({listed} AS integer)))"


@compiles(_Among, "sqlite")
def _among_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    column, ids = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608 - of columns and parameters


@contextmanager
def sent_together(session: Session) -> Iterator[None]:
    """Do not wait for the answer to each change made inside, but for all of them at the end.

    PostgreSQL then makes one while we write the next. Nothing may be read inside: answers come
    at the end only. SQLite answers at once in any case.

    Raises:
        DBAPIError: one of the changes was refused; none of them stands.
    """
    connection = session.connection()
    driver: Any = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        yield
        return
    try:
        with driver.pipeline():
            yield
    except psycopg.Error as fault:
        is_lost = driver.closed
        if is_lost:
            connection.invalidate(fault)
        raise DBAPIError.instance(
            "sent together", None, fault, psycopg.Error, True, is_lost, connection.dialect
        ) from fault


def insert_rows(
    session: Session,
    table: Any,
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    same: Mapping[str, object] | None = None,
    unless: str = "",
) -> None:
    """Insert rows in one statement; does not commit.

    Args:
        table: a model whose columns hold instants, texts, codes, numbers or JSON.
        columns: what each row holds, in order.
        same: columns that are the same in every row.
        unless: an ON CONFLICT clause.
    """
    if not rows:
        return
    same = same or {}
    dialect = session.get_bind().dialect.name
    statement = _statement(dialect, table, tuple(columns), tuple(same), unless)
    # One row of what they share: a value is written as those of the rows are.
    session.connection().execute(
        statement, {"rows": as_json(rows), "same": as_json(list(same.values()))}
    )


# A tick plans a hundred escalations for the same moment.
@lru_cache(maxsize=1024)
def _instant(value: object) -> str:
    """An instant as both engines read it: UTC, with a blank, without a zone."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    raise TypeError(f"{value!r} cannot be written as a value of a row.")


as_json = json.JSONEncoder(ensure_ascii=False, default=_instant, separators=(",", ":")).encode


@cache
def _statement(
    dialect: str, table: Any, columns: tuple[str, ...], same: tuple[str, ...], unless: str
) -> TextClause:
    take = _TAKERS[dialect]
    kinds = table.__table__.c
    values = [
        *(take("given", place, kinds[name].type) for place, name in enumerate(columns)),
        *(take("shared", place, kinds[name].type) for place, name in enumerate(same)),
    ]
    # WHERE true: without it SQLite would take ON CONFLICT for the condition of a join.
    return text(
        f"INSERT INTO {table.__tablename__} ({', '.join((*columns, *same))}) "  # noqa: S608
        f"SELECT {', '.join(values)} FROM {_SOURCES[dialect]} WHERE true {unless}"
    )


def _from_postgresql(source: str, place: int, kind: Any) -> str:
    taken = f"({source}.value ->> {place})"
    if isinstance(kind, UtcInstant):
        return f"CAST({taken} AS timestamp) AT TIME ZONE 'UTC'"
    if isinstance(kind, Integer):
        return f"CAST({taken} AS integer)"
    return f"({source}.value -> {place})" if _is_json(kind) else taken


def _from_sqlite(source: str, place: int, kind: Any) -> str:
    return f"json_extract({source}.value, '$[{place}]')"


def _is_json(kind: Any) -> bool:
    return not isinstance(kind, String) and type(kind) is type(Json)


_TAKERS = {"postgresql": _from_postgresql, "sqlite": _from_sqlite}
_SOURCES = {
    "postgresql": (
        "jsonb_array_elements(CAST(:rows AS jsonb)) AS given, "
        "(SELECT CAST(:same AS jsonb) AS value) AS shared"
    ),
    "sqlite": "json_each(:rows) AS given, (SELECT :same AS value) AS shared",
}
