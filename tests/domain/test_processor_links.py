"""When a processor's link serves."""

from datetime import UTC, datetime, timedelta

import pytest

from breachdesk.domain.processor_links import LinkState, link_state

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
EARLIER, LATER = NOW - timedelta(days=1), NOW + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("expires_at", "used_at", "revoked_at", "state"),
    [
        pytest.param(LATER, None, None, LinkState.OPEN, id="a second is left"),
        pytest.param(NOW, None, None, LinkState.EXPIRED, id="at the last instant it is over"),
        pytest.param(LATER, EARLIER, None, LinkState.USED, id="it served"),
        pytest.param(EARLIER, EARLIER, None, LinkState.USED, id="served, then ended: it served"),
        pytest.param(LATER, None, EARLIER, LinkState.REVOKED, id="taken back"),
        pytest.param(EARLIER, None, EARLIER, LinkState.REVOKED, id="taken back, then ended"),
    ],
)
def test_a_link_serves_once_until_it_ends(expires_at, used_at, revoked_at, state):
    found = link_state(expires_at=expires_at, used_at=used_at, revoked_at=revoked_at, now=NOW)

    assert found is state
