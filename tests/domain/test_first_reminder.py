"""Whatever hour it starts, the proposed plan is heard within a day, and never silent for one."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.access import Role
from breachdesk.domain.deadlines import authority_notification_due_at
from breachdesk.domain.emission import Surroundings
from breachdesk.domain.plan_preview import first_mail_at, rings_of
from breachdesk.domain.regimes import GDPR_ART_33, PROVISIONAL
from breachdesk.domain.reminder_plans import DEFAULT_PLAN
from breachdesk.domain.reminders import LINE
from breachdesk.domain.standing_in import Duty

DAY = timedelta(hours=24)
TEAM = dict(zip(LINE, ([1], [2], [3], [4]), strict=True))
ZONES = st.sampled_from(
    ["Europe/Paris", "America/Montreal", "Indian/Reunion", "Pacific/Noumea", "America/Cayenne"]
)
starts = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
people = st.integers(1, 4)
duties = st.builds(Duty, away=st.dictionaries(people, st.none() | people))
teams = st.sampled_from([TEAM, {Role.MANAGER: [4]}, {Role.HANDLER: [1], Role.DPO: [1]}])
REGIMES = pytest.mark.parametrize("regime", [GDPR_ART_33, PROVISIONAL])


@REGIMES
@given(start=starts, zone=ZONES, team=teams, duty=duties)
def test_whenever_it_starts_the_first_reminder_comes_within_a_day(regime, start, zone, team, duty):
    around = Surroundings(DEFAULT_PLAN, zone, team, duty)

    assert start < first_mail_at(around, regime, start) <= start + DAY


@REGIMES
@given(start=starts, zone=ZONES, team=teams, duty=duties)
def test_until_somebody_has_read_no_day_of_the_72_hours_is_silent(regime, start, zone, team, duty):
    around = Surroundings(DEFAULT_PLAN, zone, team, duty)
    due_at = authority_notification_due_at(start)

    rings = list(rings_of(around, regime, start, due_at, is_answered=False))

    moments = [start, *(ring.at for ring in rings)]
    assert all(after - before <= DAY for before, after in pairwise(moments))
    assert moments[-1] == due_at
    # And each of them tells somebody.
    assert all(ring.told for ring in rings)
