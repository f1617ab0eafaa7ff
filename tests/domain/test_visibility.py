"""Who is told of a restricted case, and which looks are out of the ordinary."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.access import ORGANISATION_ROLES, Role
from breachdesk.domain.reminders import people_to_remind
from breachdesk.domain.visibility import day_began_at, first_named, is_usual, leads, told_of

people = st.integers(1, 6)
holders = st.dictionaries(st.sampled_from(ORGANISATION_ROLES), st.lists(people, unique=True))
roles_asked = st.lists(
    st.sampled_from([Role.HANDLER, Role.DPO, Role.DECIDER, Role.MANAGER]), min_size=1
)


@given(named=st.frozensets(people), holders=holders, asked=roles_asked)
def test_nobody_but_named_people_is_told_and_never_nobody_where_one_is_there(named, holders, asked):
    told = people_to_remind(asked, told_of(named, holders))

    there = {user for users in holders.values() for user in users}
    assert set(told) <= named & there
    assert bool(told) == bool(named & there)


@pytest.mark.parametrize(
    ("named", "told"),
    [
        pytest.param({1, 2}, {1, 2}, id="the handler and the DPO"),
        pytest.param({2}, {2}, id="the DPO stands in for a handler who is not named"),
        pytest.param({3}, {3}, id="the decider stands in for both"),
        pytest.param({5}, {5}, id="an auditor is in no line of succession, but the only one named"),
        pytest.param({4, 5}, {4}, id="a manager stands in before an auditor"),
        pytest.param({9}, set(), id="somebody who has left is not told"),
    ],
)
def test_the_roles_asked_pass_to_named_people(named, told):
    organisation = {
        Role.HANDLER: [1],
        Role.DPO: [2],
        Role.DECIDER: [3],
        Role.MANAGER: [4],
        Role.AUDITOR: [5],
    }

    assert set(people_to_remind((Role.DPO, Role.HANDLER), told_of(named, organisation))) == told


@pytest.mark.parametrize(
    ("roles", "named"),
    [
        pytest.param({1: {Role.DPO}, 2: {Role.DECIDER}, 3: {Role.HANDLER}}, {1}, id="the DPO"),
        pytest.param({1: {Role.DPO}, 4: {Role.DPO, Role.HANDLER}}, {1, 4}, id="every DPO"),
        pytest.param({2: {Role.DECIDER}, 3: {Role.HANDLER}}, {2}, id="no DPO: who decides"),
        pytest.param({3: {Role.HANDLER}}, set(), id="nobody who leads"),
    ],
)
def test_the_dpos_are_proposed_or_the_deciders_where_there_is_none(roles, named):
    assert first_named(roles) == named


def test_only_a_dpo_or_a_decider_leads():
    assert {role for role in Role if leads({role})} == {Role.DPO, Role.DECIDER}


@pytest.mark.parametrize(
    ("role", "is_closed", "has_worked", "usual"),
    [
        pytest.param(Role.HANDLER, False, False, True, id="the case team on an open case"),
        pytest.param(Role.DPO, False, False, True, id="the DPO"),
        pytest.param(Role.DECIDER, False, False, True, id="the decider"),
        pytest.param(Role.MANAGER, False, False, False, id="a manager only reads"),
        pytest.param(Role.AUDITOR, False, False, False, id="an auditor only reads"),
        pytest.param(Role.MANAGER, False, True, True, id="a manager who reported it"),
        pytest.param(Role.DPO, True, False, False, id="a closed case one never worked on"),
        pytest.param(Role.DPO, True, True, True, id="a closed case one worked on"),
    ],
)
def test_which_looks_are_usual(role, is_closed, has_worked, usual):
    assert is_usual({role}, is_closed=is_closed, has_worked=has_worked) is usual


@pytest.mark.parametrize(
    ("now", "began"),
    [
        pytest.param("2026-03-02T23:30+00:00", "2026-03-02T23:00+00:00", id="past midnight there"),
        pytest.param("2026-03-02T22:30+00:00", "2026-03-01T23:00+00:00", id="before midnight"),
        pytest.param("2026-03-29T12:00+00:00", "2026-03-28T23:00+00:00", id="clocks went forward"),
        pytest.param("2026-10-25T12:00+00:00", "2026-10-24T22:00+00:00", id="clocks went back"),
    ],
)
def test_the_day_begins_at_midnight_where_the_organisation_is(now, began):
    found = day_began_at(datetime.fromisoformat(now), "Europe/Paris")

    assert found == datetime.fromisoformat(began)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["Europe/Paris", "Indian/Reunion", "America/Guadeloupe"]),
)
def test_a_day_has_begun_within_the_last_25_hours_on_the_same_date(now, timezone):
    began = day_began_at(now, timezone)

    assert began <= now < began + timedelta(hours=25)
    zone = ZoneInfo(timezone)
    assert began.astimezone(zone).date() == now.astimezone(zone).date()
