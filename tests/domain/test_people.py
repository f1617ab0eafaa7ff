"""Who may join, change and leave: what keeps an organisation from being shut out."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from breachdesk.domain.access import ALLOWED, ORGANISATION_ROLES, Action, Role
from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.people import (
    ALWAYS_HELD,
    checked_address,
    checked_name,
    checked_roles,
    demand_change_is_safe,
    gained_reading_roles,
)

ANNE, KARIM, MARC = 1, 2, 3
HOLDERS = {
    Role.DECIDER: [ANNE],
    Role.ADMIN: [ANNE, MARC],
    Role.HANDLER: [KARIM],
    Role.DPO: [KARIM],
}


def code_of(person: int, roles: set[Role], by: int = MARC, **more: object) -> str:
    """What is said of a change; empty where it is taken."""
    try:
        demand_change_is_safe(HOLDERS, person, roles, by_id=by, **more)
    except InvalidInput as fault:
        return f"{fault.field}:{fault.code}".removeprefix("roles:")
    return ""


@pytest.mark.parametrize(
    ("person", "roles", "by", "said"),
    [
        pytest.param(KARIM, {Role.AUDITOR}, MARC, "", id="other roles"),
        pytest.param(KARIM, set(), MARC, "", id="somebody leaves"),
        pytest.param(ANNE, {Role.ADMIN}, MARC, "last_decider", id="nobody would decide"),
        pytest.param(ANNE, set(), MARC, "last_decider", id="the only decider leaves"),
        pytest.param(ANNE, {Role.DECIDER}, MARC, "", id="the other admin stays"),
        pytest.param(MARC, {Role.REPORTER}, MARC, "own_admin_role", id="one's own"),
        pytest.param(MARC, set(), MARC, "own_admin_role", id="oneself"),
        pytest.param(MARC, {Role.ADMIN, Role.DPO}, MARC, "", id="more for oneself"),
        pytest.param(ANNE, {Role.DECIDER, Role.ADMIN, Role.DPO}, MARC, "", id="more for another"),
    ],
)
def test_a_change_that_would_lock_somebody_out_is_refused(person, roles, by, said):
    assert code_of(person, roles, by) == said


def test_the_only_admin_stays_one_whoever_asks():
    holders = {**HOLDERS, Role.ADMIN: [MARC]}

    with pytest.raises(InvalidInput) as fault:
        demand_change_is_safe(holders, MARC, {Role.DPO}, by_id=ANNE)

    assert fault.value.code == "last_admin"


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        pytest.param(set(), "break_glass_stays", id="they leave"),
        pytest.param({Role.DECIDER}, "break_glass_stays", id="they could open nothing again"),
        pytest.param({Role.DECIDER, Role.ADMIN, Role.DPO}, "", id="they keep what counts"),
    ],
)
def test_whom_alone_a_password_lets_in_stays(roles, said):
    assert code_of(ANNE, roles, break_glass_id=ANNE) == said


ROLES = st.frozensets(st.sampled_from(ORGANISATION_ROLES))
PEOPLE = st.dictionaries(st.integers(1, 5), ROLES.filter(bool), min_size=1)


@given(before=PEOPLE, person=st.integers(1, 5), roles=ROLES, by=st.integers(1, 5))
def test_after_any_change_that_is_taken_what_was_always_held_is_still_held(
    before, person, roles, by
):
    assume(person in before)
    holders = {
        role: [each for each, held in before.items() if role in held] for role in ORGANISATION_ROLES
    }

    try:
        demand_change_is_safe(holders, person, roles, by_id=by)
    except InvalidInput:
        return

    after = before | {person: roles}
    for role in ALWAYS_HELD:
        was_held = any(role in held for held in before.values())
        assert was_held == any(role in held for held in after.values()) or not was_held
    assert not (person == by and Role.ADMIN in before[person] and Role.ADMIN not in roles)


# --- What is taken ---------------------------------------------------------------------------


@pytest.mark.parametrize("roles", [[], ["operator"], ["dpo", "boss"]])
def test_roles_are_those_of_an_organisation_and_at_least_one(roles):
    with pytest.raises(InvalidInput) as fault:
        checked_roles(roles)

    assert (fault.value.code, fault.value.field) == ("role_missing", "roles")


def test_a_name_is_kept_without_needless_blanks():
    assert checked_name("  Anne \n Delmas ") == "Anne Delmas"


@pytest.mark.parametrize(
    ("name", "code"), [(" ", "person_name_missing"), ("é" * 201, "text_too_long")]
)
def test_a_name_that_cannot_be_kept_is_refused(name, code):
    with pytest.raises(InvalidInput) as fault:
        checked_name(name)

    assert (fault.value.code, fault.value.field) == (code, "name")


def test_an_address_is_kept_in_small_letters_and_one_that_is_none_refused():
    assert checked_address(" Anne.Delmas@Girandole.EXAMPLE ") == "anne.delmas@girandole.example"
    with pytest.raises(InvalidInput, match="not_an_address"):
        checked_address("anne@girandole")


# --- Who reads cases -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "gained"),
    [
        pytest.param(set(), {Role.HANDLER}, True, id="a newcomer who reads"),
        pytest.param(set(), {Role.REPORTER, Role.ADMIN}, False, id="a newcomer who does not"),
        pytest.param({Role.ADMIN}, {Role.ADMIN, Role.AUDITOR}, True, id="an admin who reads now"),
        pytest.param({Role.AUDITOR}, {Role.DECIDER}, True, id="another role that reads"),
        pytest.param({Role.DPO, Role.HANDLER}, {Role.DPO}, False, id="less than before"),
    ],
)
def test_a_role_that_reads_cases_is_noticed(before, after, gained):
    assert gained_reading_roles(before, after) is gained


def test_an_admin_reads_no_case():
    assert Role.ADMIN not in ALLOWED[Action.SEE_CASE]
