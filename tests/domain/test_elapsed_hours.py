"""72 hours are 72 hours: in three zones, from every hour of two years, clocks changing or not."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from breachdesk.domain.deadlines import authority_notification_due_at, instant_from_local
from breachdesk.domain.errors import InvalidInstant
from breachdesk.domain.regimes import regimes

ZONES = ("Europe/Paris", "America/Montreal", "Indian/Reunion")
HOUR = timedelta(hours=1)
# Local midnights; each has both changes of the clocks twice, where there are any.
FIRST, LAST = datetime(2026, 1, 1), datetime(2028, 1, 1)


def wall_clock_hours() -> Iterator[datetime]:
    """Every hour that a clock on the wall can show in two years."""
    local = FIRST
    while local < LAST:
        yield local
        local += HOUR


def instants_of(local: datetime, zone: str) -> list[datetime]:
    """The instants at which a clock in a zone showed this: none, one or two."""
    try:
        return [instant_from_local(local, zone)]
    except InvalidInstant as fault:
        if fault.code == "local_time_skipped":
            return []
        if fault.code != "local_time_twice":
            raise
        return [instant_from_local(local, zone, second_time=second) for second in (False, True)]


@pytest.mark.parametrize("zone", ZONES)
def test_due_minus_aware_is_exactly_72_elapsed_hours(zone):
    count = 0
    for local in wall_clock_hours():
        for aware_at in instants_of(local, zone):
            count += 1
            due_at = authority_notification_due_at(aware_at)
            # Compared in UTC: between two local times of one zone Python ignores the change.
            assert due_at.astimezone(UTC) - aware_at.astimezone(UTC) == timedelta(hours=72)
            assert due_at.tzinfo is UTC
            assert regimes()["gdpr_art_33"].rules[0].due_at(aware_at, zone) == due_at

    # What spring skips, autumn gives back: as many instants as hours.
    assert count == (LAST - FIRST) // HOUR


@pytest.mark.parametrize(
    ("zone", "skipped", "twice"),
    [
        (
            "Europe/Paris",
            [datetime(2026, 3, 29, 2), datetime(2027, 3, 28, 2)],
            [datetime(2026, 10, 25, 2), datetime(2027, 10, 31, 2)],
        ),
        (
            "America/Montreal",
            [datetime(2026, 3, 8, 2), datetime(2027, 3, 14, 2)],
            [datetime(2026, 11, 1, 1), datetime(2027, 11, 7, 1)],
        ),
        ("Indian/Reunion", [], []),
    ],
)
def test_the_hours_that_are_skipped_and_doubled_are_found(zone, skipped, twice):
    found = {local: len(instants_of(local, zone)) for local in wall_clock_hours()}

    assert [local for local, times in found.items() if times == 0] == skipped
    assert [local for local, times in found.items() if times == 2] == twice


@pytest.mark.parametrize("zone", ZONES)
def test_three_days_on_the_wall_are_an_hour_off_near_a_change(zone):
    """Why nothing is counted on local times: by so much it would be wrong, this often."""
    wrong = [
        local
        for local in wall_clock_hours()
        for aware_at in instants_of(local, zone)
        if authority_notification_due_at(aware_at).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        != local + timedelta(days=3)
    ]

    # In each of four changes, some 72 hours before it; none on La Réunion.
    assert bool(wrong) is (zone != "Indian/Reunion")
    assert len(wrong) <= 4 * 73


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("regime", ["telecom_611", "nis2_early_warning"])
def test_24_hours_are_elapsed_ones_too(zone, regime):
    rule = regimes()[regime].rules[0]

    for local in wall_clock_hours():
        for started_at in instants_of(local, zone):
            assert rule.due_at(started_at, zone) - started_at == timedelta(hours=24)
