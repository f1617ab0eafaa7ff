"""Instants as whole numbers."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.epoch import EPOCH, instant, microseconds


def test_a_number_counts_from_1970():
    assert microseconds(EPOCH + timedelta(seconds=1)) == 1_000_000


@given(st.datetimes(timezones=st.timezones() | st.just(UTC), min_value=datetime(1990, 1, 1)))
def test_every_instant_comes_back_to_the_microsecond(at):
    assert instant(microseconds(at)) == at.astimezone(UTC)
