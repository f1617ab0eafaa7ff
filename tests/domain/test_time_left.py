"""How long a run of deliveries still takes: said only where it is more than a guess."""

from datetime import UTC, datetime, timedelta

import pytest

from breachdesk.domain.deliveries import time_left

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("done", "total", "minutes", "left"),
    [
        pytest.param(100, 300, 1, timedelta(minutes=2), id="at the pace kept so far"),
        pytest.param(19, 300, 1, None, id="too few to tell"),
        pytest.param(300, 300, 1, None, id="all done"),
        pytest.param(100, 300, 0, None, id="no time has passed"),
    ],
)
def test_the_rest_is_estimated_from_the_pace_so_far(done, total, minutes, left):
    now = START + timedelta(minutes=minutes)

    assert time_left(done, total, started_at=START, now=now) == left
