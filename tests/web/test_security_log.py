"""The log tells who signed in and what was refused, and names nobody."""

import logging

import pytest

from breachdesk.domain.access import Role
from breachdesk.domain.throttling import LIMITS, Attempt
from tests import cases
from tests.cases import MONDAY_NINE, PASSWORD, address_of, at_desk, make_organisation


@pytest.fixture(autouse=True)
def _organisation(app, caplog):
    caplog.set_level(logging.INFO)
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)


def number_of(app, role):
    with at_desk(app) as work:
        return cases.seat(work, role).user.id


def said(caplog):
    return [
        record.getMessage() for record in caplog.records if record.name == "breachdesk.security"
    ]


def test_a_sign_in_and_a_sign_out_are_logged(app, client, sign_in, caplog):
    sign_in(client, address_of(Role.DPO))
    client.post("/sign-out")

    number = number_of(app, Role.DPO)
    assert said(caplog) == [
        f"Person {number} signed in through sign_in.submit",
        f"Person {number} signed out",
    ]


def test_a_refused_sign_in_is_logged(client, caplog):
    client.post("/sign-in", data={"email": address_of(Role.DPO), "password": "au hasard, vraiment"})

    assert said(caplog) == ["Refused with 422: POST sign_in.submit by person (not signed in)"]


def test_a_throttled_sign_in_is_logged(client, caplog):
    form = {"email": address_of(Role.DPO), "password": "au hasard, vraiment"}
    for _ in range(LIMITS[Attempt.SIGN_IN_ACCOUNT].most + 1):
        client.post("/sign-in", data=form)

    assert said(caplog)[-1] == ("Refused with 429: POST sign_in.submit by person (not signed in)")


def test_a_page_that_is_not_theirs_is_logged_with_who_asked(app, client, sign_in, caplog):
    sign_in(client, address_of(Role.REPORTER))
    client.get("/organisations/GIR/register")

    number = number_of(app, Role.REPORTER)
    assert said(caplog)[-1] == f"Refused with 403: GET register.listing by person {number}"


def test_a_forged_form_is_logged(with_csrf, client, caplog):
    client.post("/sign-in", data={"email": "x"})

    assert said(caplog)[-1].startswith("Refused with 400: POST sign_in.submit")


@pytest.mark.parametrize("method", ["TRACE", "<b>\n", "DELETE"])
def test_nothing_that_was_sent_breaks_a_line_of_the_log(client, caplog, method):
    client.open("/sign-in?back=/x%0aforged", method=method)

    assert all(
        "\n" not in line and "forged" not in line and "<" not in line for line in said(caplog)
    )
    assert said(caplog)


def test_no_address_name_password_or_token_is_in_the_log(app, client, sign_in, caplog):
    email = address_of(Role.DPO)
    client.post("/sign-in", data={"email": email, "password": "mauvaise phrase de passe"})
    sign_in(client, email)
    client.get("/organisations/NON/register")
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    client.post("/sign-out")

    logged = caplog.text
    for secret in (email, "Dpo GIR", PASSWORD, "mauvaise phrase", token):
        assert secret not in logged
