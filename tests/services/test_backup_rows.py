"""Rows as lines: exactly what was there comes back, on either engine."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import Column, Float, MetaData, Table, insert, select

from breachdesk.models import db
from breachdesk.services.backup.rows import (
    Kind,
    holds_nul,
    kind_of,
    kinds_of,
    line_of,
    plain_table,
    row_of,
)
from tests.services.desks import engine_for

KINDS = {
    "whole": Kind.INTEGER,
    "yes": Kind.BOOLEAN,
    "words": Kind.TEXT,
    "raw": Kind.BYTES,
    "at": Kind.INSTANT,
    "on": Kind.DAY,
    "known": Kind.JSON,
}
INSTANTS = some.datetimes(
    min_value=datetime(1900, 1, 1), max_value=datetime(9000, 1, 1), timezones=some.just(UTC)
)


def texts(*, with_nul: bool):
    no_surrogates = some.characters(exclude_categories=["Cs"], min_codepoint=0 if with_nul else 1)
    return some.text(no_surrogates, max_size=60)


def json_values(*, with_nul: bool):
    leaves = (
        some.booleans()
        | some.integers(-(2**53), 2**53)
        | some.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9)
        # PostgreSQL knows no negative nought.
        .map(lambda number: number + 0.0)
        | texts(with_nul=with_nul)
    )
    inside = some.recursive(
        leaves | some.none(),
        lambda one: (
            some.lists(one, max_size=3)
            | some.dictionaries(texts(with_nul=with_nul), one, max_size=3)
        ),
        max_leaves=8,
    )
    return some.lists(inside, max_size=3) | some.dictionaries(
        texts(with_nul=with_nul), inside, max_size=3
    )


def rows(*, with_nul: bool):
    return some.tuples(
        some.integers(-(2**63), 2**63 - 1) | some.none(),
        some.booleans() | some.none(),
        texts(with_nul=with_nul) | some.none(),
        some.binary(max_size=60) | some.none(),
        INSTANTS | some.none(),
        some.dates() | some.none(),
        json_values(with_nul=with_nul) | some.none(),
    )


@given(rows(with_nul=True))
def test_a_row_becomes_one_line_of_ascii_and_the_same_row_again(row):
    line = line_of(row, list(KINDS.values()))

    assert tuple(row_of(line, list(KINDS.values()))) == row
    assert line.isascii()
    assert len(line.splitlines()) == 1


def test_an_instant_keeps_its_microseconds_and_is_written_in_utc():
    paris = datetime(2026, 3, 2, 9, 0, 0, 1, tzinfo=timezone(timedelta(hours=1)))

    line = line_of([paris], [Kind.INSTANT])

    assert line == '["2026-03-02T08:00:00.000001+00:00"]'
    assert row_of(line, [Kind.INSTANT]) == [paris]


@pytest.fixture(scope="module")
def connections(databases, tmp_path_factory):
    """A table of all kinds on both engines."""
    folder = tmp_path_factory.mktemp("rows")
    table = plain_table("sample", KINDS)
    with databases.empty("postgresql", folder) as one, databases.empty("sqlite", folder) as other:
        engines = [engine_for(one), engine_for(other)]
        with engines[0].connect() as postgresql, engines[1].connect() as sqlite:
            for connection in (postgresql, sqlite):
                table.create(connection)
            yield postgresql, sqlite, table
        for engine in engines:
            engine.dispose()


def _through(connection, table, row):
    connection.execute(table.delete())
    connection.execute(insert(table), [dict(zip(KINDS, row, strict=True))])
    return tuple(connection.execute(select(table)).one())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(row=rows(with_nul=False))
def test_a_row_goes_from_one_engine_to_the_other_and_back(connections, row):
    postgresql, sqlite, table = connections
    kinds = list(KINDS.values())

    there = _through(postgresql, table, row_of(line_of(row, kinds), kinds))
    back = _through(sqlite, table, row_of(line_of(there, kinds), kinds))

    assert there == row
    assert back == row


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(row=rows(with_nul=True))
def test_sqlite_keeps_the_character_nul_too(connections, row):
    _, sqlite, table = connections
    kinds = list(KINDS.values())

    assert _through(sqlite, table, row_of(line_of(row, kinds), kinds)) == row


def test_large_values_come_back(connections):
    texts = "é" * 3_000_000, bytes(range(256)) * 20_000
    large = (2**63 - 1, True, *texts, None, None, ["ü" * 1_000_000])
    kinds = list(KINDS.values())
    for connection in connections[:2]:
        assert _through(connection, connections[2], row_of(line_of(large, kinds), kinds)) == large


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("a\x00b", True, id="a text"),
        pytest.param("a\\u0000b", False, id="what only looks like it"),
        pytest.param({"a": [1, {"b": "\x00"}]}, True, id="deep inside"),
        pytest.param({"\x00": 1}, True, id="a name"),
        pytest.param([None, 1, True, "x"], False, id="nowhere"),
        pytest.param(b"\x00", False, id="bytes may"),
    ],
)
def test_the_character_nul_is_seen(value, expected):
    assert holds_nul(value) is expected


def test_backups_know_how_to_keep_every_column_of_the_desk():
    for table in db.metadata.sorted_tables:
        assert list(kinds_of(table)) == [column.name for column in table.columns]


def test_a_column_that_backups_do_not_know_is_not_guessed():
    strange = Table("strange", MetaData(), Column("weight", Float))

    with pytest.raises(TypeError, match="does not know how to keep"):
        kind_of(strange.c.weight.type)


def test_every_table_comes_after_those_it_points_to():
    seen = set()
    for table in db.metadata.sorted_tables:
        assert {key.column.table.name for key in table.foreign_keys} <= seen | {table.name}
        seen.add(table.name)
