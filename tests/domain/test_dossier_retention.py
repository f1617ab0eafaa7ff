"""How long a dossier is kept, in calendar months from the closing of its case."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.dossier_retention import MOST_MONTHS, kept_until


@pytest.mark.parametrize(
    ("closed", "months", "until"),
    [
        ((2026, 11, 23, 9), 60, (2031, 11, 23, 9)),
        ((2026, 12, 31, 9), 2, (2027, 2, 28, 9)),
        ((2027, 12, 31, 9), 2, (2028, 2, 29, 9)),
        ((2028, 2, 29, 9), 12, (2029, 2, 28, 9)),
        ((2026, 11, 30, 9), 1, (2026, 12, 30, 9)),
        ((2026, 11, 30, 9), 2, (2027, 1, 30, 9)),
    ],
)
def test_the_same_day_so_many_months_later(closed, months, until):
    assert kept_until(datetime(*closed, tzinfo=UTC), months) == datetime(*until, tzinfo=UTC)


def test_while_it_is_open_there_is_no_such_day():
    assert kept_until(None, 60) is None


def test_one_made_long_after_the_case_was_closed_stays_for_thirty_days():
    closed, made = datetime(2020, 3, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    assert kept_until(closed, 60, made) == made + timedelta(days=30)
    assert kept_until(closed, 60, closed) == datetime(2025, 3, 1, tzinfo=UTC)
    assert kept_until(None, 60, made) is None


@given(st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1)), st.integers(1, MOST_MONTHS - 1))
def test_longer_is_later(closed, months):
    at = closed.replace(tzinfo=UTC)
    shorter, longer = kept_until(at, months), kept_until(at, months + 1)
    assert at < shorter < longer
    assert 27 <= (longer - shorter).days <= 31
