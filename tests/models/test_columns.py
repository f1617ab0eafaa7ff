"""What columns refuse and give back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import Column, MetaData, Table, insert, select
from sqlalchemy.exc import StatementError

from breachdesk.domain.access import Role
from breachdesk.models.base import Code, UtcInstant
from tests.services.desks import engine_for

TABLE = Table(
    "sample",
    MetaData(),
    Column("at", UtcInstant),
    Column("role", Code(Role)),
    prefixes=["TEMPORARY"],
)


@pytest.fixture
def connection(empty_database_url):
    """A connection with a table of these columns."""
    engine = engine_for(empty_database_url)
    with engine.begin() as opened:
        TABLE.create(opened)
        yield opened
    engine.dispose()


@pytest.mark.parametrize(
    "instant",
    [
        pytest.param(datetime(2026, 3, 2, 9, 0, tzinfo=UTC), id="UTC"),
        pytest.param(
            datetime(2026, 3, 2, 9, 0, 0, 1, tzinfo=timezone(timedelta(hours=-4))), id="elsewhere"
        ),
    ],
)
def test_an_instant_comes_back_the_same_and_in_utc(connection, instant):
    connection.execute(insert(TABLE).values(at=instant))

    kept = connection.scalar(select(TABLE.c.at))

    assert kept == instant
    assert kept.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(connection):
    with pytest.raises((StatementError, ValueError), match="no timezone"):
        connection.execute(insert(TABLE).values(at=datetime(2026, 3, 2, 9, 0)))


def test_a_code_is_one_of_its_vocabulary(connection):
    connection.execute(insert(TABLE).values(role=Role.DPO))

    assert connection.scalar(select(TABLE.c.role)) is Role.DPO
    with pytest.raises((StatementError, ValueError), match="boss"):
        connection.execute(insert(TABLE).values(role="boss"))


@given(some.datetimes(timezones=some.timezones()), some.datetimes(timezones=some.timezones()))
def test_instants_sort_as_sqlite_keeps_them(one, other):
    from sqlalchemy.dialects import sqlite

    try:
        kept = [UtcInstant().process_bind_param(at, sqlite.dialect()) for at in (one, other)]
    except OverflowError:
        return

    assert (kept[0] < kept[1]) == (one.astimezone(UTC) < other.astimezone(UTC))
