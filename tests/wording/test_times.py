"""Instants in words."""

from datetime import UTC, datetime

import pytest

from breachdesk.wording import FRENCH
from breachdesk.wording.times import local_time


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("UTC", "lundi 23 novembre 2026 à 8\xa0h\xa000 (UTC)"),
        ("Europe/Paris", "lundi 23 novembre 2026 à 9\xa0h\xa000 (Europe/Paris, UTC+01:00)"),
    ],
)
def test_a_zone_is_named_with_its_offset_and_utc_once(zone, said):
    instant = datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert local_time(instant, zone, FRENCH, zone=True) == said
