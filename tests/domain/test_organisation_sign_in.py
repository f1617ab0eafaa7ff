"""When passwords may be refused: only where nobody can be locked out."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from breachdesk.domain.organisation_sign_in import (
    Obstacle,
    WayIn,
    is_tried,
    obstacles,
)
from breachdesk.domain.sign_in import SignInMethod

CHANGED = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER, BEFORE = CHANGED + timedelta(minutes=1), CHANGED - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("way", "shows"),
    [
        pytest.param(WayIn(SignInMethod.SINGLE_SIGN_ON, 7, LATER), True, id="through it, since"),
        pytest.param(WayIn(SignInMethod.SINGLE_SIGN_ON, 7, CHANGED), True, id="at that moment"),
        pytest.param(WayIn(SignInMethod.SINGLE_SIGN_ON, 7, BEFORE), False, id="before the change"),
        pytest.param(WayIn(SignInMethod.SINGLE_SIGN_ON, 8, LATER), False, id="another's provider"),
        pytest.param(WayIn(SignInMethod.PASSWORD, None, LATER), False, id="a password"),
        pytest.param(WayIn(SignInMethod.PASSKEY, None, LATER), False, id="a passkey"),
    ],
)
def test_only_a_sign_in_through_it_since_it_changed_shows_that_it_works(way, shows):
    assert is_tried(way, organisation_id=7, changed_at=CHANGED) is shows


def test_passwords_are_refused_only_where_nothing_is_in_the_way():
    for has, on, tried, fit in product((False, True), repeat=4):
        found = obstacles(has_provider=has, is_enabled=on, is_tried=tried, has_candidate=fit)

        assert (found == []) is (has and on and tried and fit)
        assert (Obstacle.NOBODY_FIT in found) is not fit
        # Of the provider, what is to be mended first and nothing else.
        assert len([each for each in found if each is not Obstacle.NOBODY_FIT]) <= 1
