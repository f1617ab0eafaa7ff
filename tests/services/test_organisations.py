"""Organisations, their people, and signing in."""

import pytest

from breachdesk.domain.access import ORGANISATION_ROLES, Role
from breachdesk.domain.errors import InvalidInput
from breachdesk.models import User
from breachdesk.services.acting import holders_of_roles, seat_in, seats_of
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.organisations import (
    NewPerson,
    add_user,
    create_organisation,
    has_any_organisation,
    load_example,
    people_of,
)
from breachdesk.services.passwords import authenticate
from tests.cases import MONDAY_NINE, PASSWORD, make_organisation, organisation

NOW = MONDAY_NINE


def _person(email="anne@gir.example", roles=(Role.DECIDER,), password=PASSWORD) -> NewPerson:
    return NewPerson("Anne", email, frozenset(roles), password)


@pytest.mark.parametrize(
    ("code", "people", "fault", "field"),
    [
        pytest.param("G1", [_person()], "organisation_code_form", "code", id="a digit"),
        pytest.param("GIRANDO", [_person()], "organisation_code_form", "code", id="too long"),
        pytest.param("but", [_person()], "organisation_code_taken", "code", id="taken"),
        pytest.param("GIR", [_person(roles=(Role.DPO,))], "nobody_decides", "people", id="no one"),
        pytest.param(
            "GIR", [_person(password="court")], "password_too_short", "password_1", id="password"
        ),
        pytest.param(
            "GIR",
            [_person(), _person("Anne@GIR.example")],
            "address_taken",
            "email_2",
            id="one address twice",
        ),
        pytest.param("GIR", [_person("anne@gir")], "not_an_address", "email_1", id="no address"),
    ],
)
def test_an_organisation_that_cannot_be_is_refused_whole(work, code, people, fault, field):
    make_organisation(work, "BUT", now=NOW)

    with pytest.raises(InvalidInput) as refused:
        create_organisation(work.session, {"code": code, "name": "G"}, people, now=NOW)

    work.session.rollback()
    assert (refused.value.code, refused.value.field) == (fault, field)
    assert work.session.query(User).count() == len(ORGANISATION_ROLES)


def test_the_example_shop_has_someone_who_decides_and_no_dpo(work):
    assert not has_any_organisation(work.session)

    shop = load_example(work.session, password=PASSWORD, now=NOW)

    assert has_any_organisation(work.session)
    holders = holders_of_roles(work.session, shop.id)
    assert holders[Role.DECIDER]
    assert Role.DPO not in holders
    assert all(authenticate(work.session, user.email, PASSWORD) for user in people_of(
        work.session, shop
    ))  # fmt: skip
    assert first_broken_entry(journal_of(work.session, shop)) is None


@pytest.mark.parametrize(
    ("email", "password", "enters"),
    [
        pytest.param(" DPO@gir.example ", PASSWORD, True, id="an address in capitals"),
        pytest.param("dpo@gir.example", PASSWORD + " ", False, id="a blank too many"),
        pytest.param("dpo@gir.example", "", False, id="no password"),
        pytest.param("nobody@gir.example", PASSWORD, False, id="nobody of that address"),
        pytest.param("' OR 1=1 --", PASSWORD, False, id="no address at all"),
    ],
)
def test_who_signs_in(work, email, password, enters):
    make_organisation(work, now=NOW)

    user = authenticate(work.session, email, password)

    assert (user is not None) is enters


def test_nobody_waits_for_the_database_while_a_password_is_checked(work):
    make_organisation(work, now=NOW)

    authenticate(work.session, "dpo@gir.example", "a wrong password")

    assert not work.session.in_transaction()


def test_somebody_who_left_no_longer_signs_in_nor_is_told_anything(work):
    make_organisation(work, now=NOW)
    dpo = work.session.query(User).filter_by(email="dpo@gir.example").one()
    dpo.is_active = False
    work.session.commit()

    assert authenticate(work.session, dpo.email, PASSWORD) is None
    assert Role.DPO not in holders_of_roles(work.session, organisation(work).id)


def test_a_person_acts_in_each_of_their_organisations_with_their_roles_there(work):
    for code in ("GIR", "BUT"):
        make_organisation(work, code, now=NOW)
    user = add_user(
        work.session,
        organisation(work),
        _person("zoe@cabinet.example", (Role.DPO, Role.AUDITOR)),
        now=NOW,
    )

    seats = seats_of(work.session, user.id)

    assert [(seat.organisation.code, seat.roles) for seat in seats] == [
        ("GIR", {Role.DPO, Role.AUDITOR})
    ]
    assert seat_in(seats, "gir") is seats[0]
    assert seat_in(seats, "BUT") is None
