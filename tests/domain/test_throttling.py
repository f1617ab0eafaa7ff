"""When a window is full, and what counts as one address."""

from datetime import timedelta

import pytest

from breachdesk.domain.throttling import LIMITS, Attempt, Limit, Window, network_of
from tests.people import MONDAY_NINE

LIMIT = Limit(3, timedelta(minutes=15))


@pytest.mark.parametrize(
    ("count", "minutes", "is_full"),
    [
        pytest.param(2, 0, False, id="room for one more"),
        pytest.param(3, 0, True, id="the last was taken"),
        pytest.param(3, 14, True, id="the window still lasts"),
        pytest.param(3, 15, False, id="it is over"),
        pytest.param(99, 15, False, id="whatever came meanwhile"),
    ],
)
def test_a_window_is_full_until_it_is_over(count, minutes, is_full):
    window = Window(count, MONDAY_NINE)

    assert window.is_full(LIMIT, now=MONDAY_NINE + timedelta(minutes=minutes)) is is_full
    assert window.opens_at(LIMIT) == MONDAY_NINE + timedelta(minutes=15)


def test_every_attempt_has_its_limit_and_sign_in_keeps_to_asvs():
    assert set(LIMITS) == set(Attempt)
    account = LIMITS[Attempt.SIGN_IN_ACCOUNT]
    assert account.most * (timedelta(hours=1) / account.window) <= 100


@pytest.mark.parametrize(
    ("address", "network"),
    [
        pytest.param("192.0.2.7", "192.0.2.7", id="IPv4: the address"),
        pytest.param("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", id="IPv6: the subscriber"),
        pytest.param("::ffff:192.0.2.7", "192.0.2.7", id="IPv4 written as IPv6"),
        pytest.param("", "", id="none known"),
        pytest.param("unix:", "unix:", id="no address"),
    ],
)
def test_a_subscriber_counts_as_one_address(address, network):
    assert network_of(address) == network
