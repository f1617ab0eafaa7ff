"""Deputies of the absent, and who is on duty: somebody is always told, nobody by nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.access import ORGANISATION_ROLES, Role
from breachdesk.domain.reminders import LINE, people_to_remind
from breachdesk.domain.standing_in import (
    CAN_STAND_IN,
    Addressee,
    Capacity,
    Duty,
    capacity_of,
    people_told,
    roles_held,
    told_on_duty,
)

HANDLER, DPO, DECIDER, MANAGER = LINE
ONE_OF_EACH = {HANDLER: [1], DPO: [2], DECIDER: [3], MANAGER: [4], Role.AUDITOR: [5]}

people = st.integers(1, 6)
holders = st.dictionaries(st.sampled_from(ORGANISATION_ROLES), st.lists(people, unique=True))
asked = st.lists(st.sampled_from(LINE), min_size=1, unique=True)
away = st.dictionaries(people, st.none() | people)


@pytest.mark.parametrize(
    ("absent", "told"),
    [
        pytest.param({}, {1: (HANDLER,)}, id="nobody is away"),
        pytest.param({1: 2}, {2: (HANDLER,)}, id="the deputy"),
        pytest.param({1: 2, 2: 3}, {3: (HANDLER,)}, id="a deputy who is away passes it on"),
        pytest.param({1: 5}, {2: (HANDLER,)}, id="a deputy who could not say that it is read"),
        pytest.param({1: None}, {2: (HANDLER,)}, id="no deputy: the next in line"),
        pytest.param({1: 2, 2: None}, {3: (HANDLER,)}, id="a deputy away without one: the next"),
        pytest.param({1: 2, 2: 1}, {3: (HANDLER,)}, id="two who stand in for each other"),
        pytest.param({1: 9}, {2: (HANDLER,)}, id="a deputy who may not know of it"),
        pytest.param(
            {1: None, 2: None, 3: None, 4: None}, {1: (HANDLER,)}, id="all away: as if none were"
        ),
    ],
)
def test_who_is_told_in_the_place_of_the_handler(absent, told):
    assert people_told((HANDLER,), ONE_OF_EACH, absent) == told


def test_who_holds_the_role_beside_the_absent_is_enough():
    assert people_told((HANDLER,), {HANDLER: [1, 7], DPO: [2]}, {1: None}) == {7: (HANDLER,)}


def test_somebody_who_stands_in_and_is_meant_too_is_told_once():
    assert people_told((HANDLER, DPO), ONE_OF_EACH, {1: 2}) == {2: (HANDLER, DPO)}


def test_who_cannot_read_cases_stands_in_for_nobody():
    team = {HANDLER: [1], DPO: [2], Role.REPORTER: [8]}

    assert people_told((HANDLER,), team, {1: 8}) == {2: (HANDLER,)}


def test_all_away_the_absent_are_told_and_not_the_admin_alone():
    team = {HANDLER: [1], DPO: [2], Role.ADMIN: [9]}

    assert people_told((HANDLER,), team, {1: None, 2: None}) == {1: (HANDLER,)}
    assert people_told((DPO, MANAGER), team, {1: None, 2: 9}) == {2: (DPO, MANAGER)}


def test_where_the_line_is_empty_the_admin_who_is_there_is_told():
    assert people_told((HANDLER,), {Role.ADMIN: [8, 9]}, {8: None}) == {9: (HANDLER,)}


@given(asked, holders, away)
def test_if_anybody_holds_a_role_of_the_line_whoever_is_told_holds_one(roles, there, absent):
    line = {person for role in LINE for person in there.get(role, ())}

    told = set(people_told(roles, there, absent))

    assert told <= line if line else True
    assert told or not line


@given(asked, holders, away)
def test_absences_never_leave_a_case_without_anybody_told(roles, there, absent):
    told = people_told(roles, there, absent)

    assert bool(told) == bool(people_to_remind(roles, there))
    assert set(told) <= {person for some in there.values() for person in some}
    assert all(told.values())


@given(asked, holders, away)
def test_the_absent_are_told_only_where_nobody_else_could_be(roles, there, absent):
    told = people_told(roles, there, absent)

    if set(told) & set(absent):
        assert told == people_to_remind(roles, there)


@given(asked, holders)
def test_with_nobody_away_roles_are_told_as_they_are_held(roles, there):
    assert people_told(roles, there, {}) == people_to_remind(roles, there)


@pytest.mark.parametrize(
    ("duty", "told"),
    [
        pytest.param(Duty(), [], id="nobody"),
        pytest.param(Duty(on_duty=(4,)), [4], id="the manager tonight"),
        pytest.param(Duty(on_duty=(4, 3, 4)), [4, 3], id="two, each once"),
        pytest.param(Duty({4: 2}, (4,)), [2], id="away: their deputy"),
        pytest.param(Duty({4: None}, (4,)), [], id="away without one"),
        pytest.param(Duty(on_duty=(9,)), [], id="somebody who may not know of it"),
        pytest.param(Duty(on_duty=(5,)), [], id="somebody who could not say that it is read"),
    ],
)
def test_who_is_on_duty_is_told_for_every_role(duty, told):
    assert told_on_duty((HANDLER, DPO), ONE_OF_EACH, duty) == {
        person: (HANDLER, DPO) for person in told
    }


@given(asked, holders, away, st.lists(people).map(tuple))
def test_on_duty_are_only_those_who_can_read_cases(roles, there, absent, on_duty):
    readers = {person for role in CAN_STAND_IN for person in there.get(role, ())}

    assert set(told_on_duty(roles, there, Duty(absent, on_duty))) <= readers - set(absent)


# --- In what capacity ------------------------------------------------------------------------

NO_DPO = {HANDLER: [1], DECIDER: [3], MANAGER: [4]}


@pytest.mark.parametrize(
    ("person", "roles", "there", "duty", "capacity"),
    [
        pytest.param(1, (HANDLER,), ONE_OF_EACH, Duty(), Capacity((HANDLER,)), id="their own"),
        pytest.param(3, (DPO,), NO_DPO, Duty(), Capacity(vacant=(DPO,)), id="nobody is DPO"),
        pytest.param(
            3, (DPO, DECIDER), NO_DPO, Duty(), Capacity((DECIDER,), (DPO,)), id="their own as well"
        ),
        pytest.param(
            4,
            (HANDLER,),
            ONE_OF_EACH,
            Duty({1: 4}),
            Capacity(instead_of=((1, (HANDLER,)),)),
            id="a deputy",
        ),
        pytest.param(
            3,
            (HANDLER, DPO),
            ONE_OF_EACH,
            Duty({1: 2, 2: 3}),
            Capacity(instead_of=((1, (HANDLER,)), (2, (DPO,)))),
            id="a deputy of a deputy",
        ),
        pytest.param(
            2,
            (HANDLER,),
            ONE_OF_EACH,
            Duty({1: None}),
            Capacity(instead_of=((1, (HANDLER,)),)),
            id="the next, where no deputy was named",
        ),
        pytest.param(
            7,
            (HANDLER,),
            {HANDLER: [1, 2], DPO: [7]},
            Duty({1: 7, 2: None}),
            Capacity(instead_of=((1, (HANDLER,)),)),
            id="of two absent, whose deputy they are",
        ),
        pytest.param(
            4,
            (HANDLER, MANAGER),
            ONE_OF_EACH,
            Duty(on_duty=(4,)),
            Capacity((MANAGER,), is_on_duty=True),
            id="on duty",
        ),
        pytest.param(
            1, (HANDLER,), ONE_OF_EACH, Duty({1: None}), Capacity((HANDLER,)), id="told though away"
        ),
    ],
)
def test_in_what_capacity_somebody_is_told(person, roles, there, duty, capacity):
    assert capacity_of(person, roles, there, duty) == capacity
    kept = {"roles": list(roles), "capacity": capacity.as_record()}
    assert roles_held(kept) == capacity.held


@given(asked, holders, away, st.lists(people).map(tuple), st.booleans())
def test_nobody_is_given_a_title_that_they_do_not_hold(roles, there, absent, on_duty, is_quiet):
    duty = Duty(absent, on_duty if is_quiet else ())
    told = {**told_on_duty(roles, there, duty), **people_told(roles, there, absent)}

    for person, theirs in told.items():
        capacity = capacity_of(person, theirs, there, duty)

        assert all(person in there[role] for role in capacity.held)
        assert not any(there.get(role) for role in capacity.vacant)
        assert all(
            whom in absent and whom in there[role]
            for whom, instead in capacity.instead_of
            for role in instead
        )
        # Every role that they are told for is accounted for.
        stood_in = {role for _, instead in capacity.instead_of for role in instead}
        assert capacity.is_on_duty or {*capacity.held, *capacity.vacant, *stood_in} == set(theirs)


@given(asked, holders, away, st.lists(people).map(tuple))
def test_a_capacity_is_read_back_as_it_was_kept(roles, there, absent, on_duty):
    capacity = capacity_of(1, tuple(roles), there, Duty(absent, on_duty))
    told = capacity.held if capacity.is_their_own else tuple(roles)

    assert Capacity.from_record(capacity.as_record(), told) == capacity


def test_of_a_mail_sent_before_capacities_were_kept_the_roles_are_taken_as_held():
    assert Capacity.from_record({}, ("dpo",)) == Capacity(held=("dpo",))


def test_whoever_has_no_name_any_more_is_left_out():
    capacity = Capacity(instead_of=((1, ("handler",)), (2, ("dpo",))))

    assert capacity.named("Anne", {1: "Karim"}) == Addressee(
        "Anne", instead_of=(("Karim", ("handler",)),)
    )
