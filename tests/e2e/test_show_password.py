"""A password may be looked at while it is typed, and is one again when it is sent."""

from tests.browser import axe
from tests.cases import MONDAY_NINE, PASSWORD, at_desk, make_organisation


def test_what_is_typed_can_be_shown_and_hidden_again(app, live_server, page):
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)
    page.goto(f"{live_server}/sign-in")
    page.fill("#password", PASSWORD)

    page.get_by_role("button", name="Afficher, Mot de passe").click()

    assert page.get_attribute("#password", "type") == "text"
    assert page.input_value("#password") == PASSWORD
    assert axe(page) == []
    page.get_by_role("button", name="Masquer, Mot de passe").click()
    assert page.get_attribute("#password", "type") == "password"


def test_a_password_shown_is_hidden_when_it_is_sent(app, live_server, page):
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)
    page.goto(f"{live_server}/sign-in")
    page.fill("#email", "dpo@gir.example")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Afficher, Mot de passe").click()
    page.evaluate(
        "document.querySelector('main form').addEventListener('submit', () =>"
        " sessionStorage.setItem('type', document.querySelector('#password').type))"
    )

    page.click("main .button--primary")

    page.wait_for_url("**/organisations/GIR")
    assert page.evaluate("sessionStorage.getItem('type')") == "password"
