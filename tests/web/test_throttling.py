"""Too many wrong passwords: a page that helps, the same for everybody, and known browsers."""

from datetime import timedelta

import pytest

from breachdesk.domain.access import Role
from breachdesk.domain.throttling import LIMITS, Attempt
from breachdesk.services import passwords
from tests.cases import MONDAY_NINE, PASSWORD, address_of, at_desk, make_organisation
from tests.web.reading import plain

COOKIE = "breachdesk_browser"
MOST = LIMITS[Attempt.SIGN_IN_ACCOUNT].most
DPO = address_of(Role.DPO)
NOBODY = "xyz@gir.example"


@pytest.fixture(autouse=True)
def _organisation(app):
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)


def attempt(visitor, email=DPO, password="mauvais", address="192.0.2.1"):
    return visitor.post(
        "/sign-in",
        data={"email": email, "password": password},
        environ_base={"REMOTE_ADDR": address},
    )


def fill(app, email=DPO, address="198.51.100.1"):
    """Somebody elsewhere guesses until no more is taken."""
    elsewhere = app.test_client()
    for _ in range(MOST):
        assert attempt(elsewhere, email, address=address).status_code == 422


def without(email, answer):
    """What the answer says, but for the address typed and the cookie's signature."""
    headers = {name: value for name, value in answer.headers.items() if name != "Set-Cookie"}
    return answer.status_code, headers, answer.text.replace(email, "X")


def test_the_page_says_until_when_and_what_else_helps(app, client, clock):
    fill(app)

    page = attempt(client, password=PASSWORD)

    assert page.status_code == 429
    assert page.headers["Retry-After"] == "900"
    assert "lundi 2 mars 2026 à 10 h 15" in plain(page.text)
    assert 'href="/password/forgotten"' in page.text
    assert "navigateur" in page.text
    clock.now += timedelta(minutes=15)
    assert attempt(client, password=PASSWORD).status_code == 302


def test_the_answers_for_an_account_and_for_none_are_equal_down_to_the_header(
    app, client, monkeypatch
):
    verified = []
    real = passwords._verifies
    monkeypatch.setattr(
        passwords, "_verifies", lambda *given: verified.append(given[1]) or real(*given)
    )
    told = {DPO: [], NOBODY.rjust(len(DPO), "x"): []}
    for email, answers in told.items():
        visitor = app.test_client()
        for _ in range(MOST + 1):
            before = len(verified)
            answer = attempt(visitor, email, address=email)
            answers.append((*without(email, answer), len(verified) - before))

    for_account, for_none = told.values()
    assert for_account == for_none
    assert [status for status, *_ in for_account] == [422] * MOST + [429]
    assert [hashes for *_, hashes in for_account] == [1] * MOST + [0]


def test_a_browser_used_before_is_not_locked_out_by_who_guesses_elsewhere(app, client):
    attempt(client, password=PASSWORD)
    client.post("/sign-out")
    fill(app)

    assert attempt(app.test_client(), password=PASSWORD).status_code == 429
    assert attempt(client, password=PASSWORD).status_code == 302


def test_a_browser_known_for_one_account_is_none_for_another(app, client):
    attempt(client, password=PASSWORD)
    client.post("/sign-out")
    fill(app, address_of(Role.HANDLER))

    assert attempt(client, address_of(Role.HANDLER), PASSWORD).status_code == 429


def test_a_computer_that_two_people_share_is_known_to_both(app, client):
    for role in (Role.DPO, Role.HANDLER):
        attempt(client, address_of(role), PASSWORD)
        client.post("/sign-out")
    for role in (Role.DPO, Role.HANDLER):
        fill(app, address_of(role))

    for role in (Role.DPO, Role.HANDLER):
        assert attempt(client, address_of(role), PASSWORD).status_code == 302
        client.post("/sign-out")


def test_the_cookie_that_knows_a_browser_is_for_no_script_and_cannot_be_made_up(app, client):
    answer = attempt(client, password=PASSWORD)

    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if COOKIE in line)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "dpo" not in cookie
    client.post("/sign-out")
    fill(app)
    kept = client.get_cookie(COOKIE).value
    client.set_cookie(COOKIE, kept[:-4] + "AAAA")
    assert attempt(client, password=PASSWORD).status_code == 429


def test_a_failure_does_not_make_a_browser_known(client):
    attempt(client)

    assert client.get_cookie(COOKIE) is None
