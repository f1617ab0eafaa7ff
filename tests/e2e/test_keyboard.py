"""Without a mouse: signing in and opening an incident with Tab, Space, arrows and Enter."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page

from breachdesk.domain.access import Role
from tests.cases import PASSWORD, address_of, at_desk, make_organisation
from tests.e2e.way import REFERENCE, Person

# More stops than any page has before its main form ends.
MOST_TABS = 80
IS_SEEN = "e => getComputedStyle(e).outlineStyle !== 'none'"

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def keyboard(app, page: Page, live_server: str) -> "Keyboard":
    """Somebody at the sign-in page of GIR, with both hands on the keys."""
    with at_desk(app) as work:
        make_organisation(work, now=datetime.now(UTC))
    page.goto(f"{live_server}/sign-in")
    return Keyboard(page)


class Keyboard:
    """Moves by keys alone; what has the focus must show it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def tab_to(self, selector: str) -> None:
        """Press Tab until what the selector finds has the focus."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            focused = self.page.locator(":focus")
            if focused.count() and focused.evaluate("(e, s) => e.matches(s)", selector):
                assert focused.evaluate(IS_SEEN), f"{selector} has the focus and does not show it"
                return
        raise AssertionError(f"{selector} is not reached by Tab")

    def type(self, selector: str, text: str) -> None:
        """Write into a field."""
        self.tab_to(selector)
        self.page.keyboard.type(text)

    def press(self, key: str) -> None:
        """Press a key that leads to another page, and wait for it."""
        with self.page.expect_navigation(wait_until="load"):
            self.page.keyboard.press(key)

    def sign_in(self, role: Role) -> None:
        """Type address and password, and Enter."""
        self.type("#email", address_of(role))
        self.type("#password", PASSWORD)
        self.press("Enter")


@one_engine
def test_one_signs_in_and_opens_an_incident_by_keyboard(keyboard):
    keyboard.sign_in(Role.REPORTER)
    keyboard.tab_to("main a.button--primary")
    keyboard.press("Enter")
    keyboard.type("#description", "Un ordinateur a disparu.")
    keyboard.tab_to("[name=access]")
    keyboard.page.keyboard.press("ArrowDown")
    keyboard.tab_to("#system_unknown")
    keyboard.page.keyboard.press("Space")
    keyboard.tab_to("details > summary")
    keyboard.page.keyboard.press("Enter")
    keyboard.tab_to("[name=more_data]")
    keyboard.page.keyboard.press("Space")
    keyboard.tab_to("main button.button--primary")
    keyboard.press("Enter")

    said = Person(keyboard.page, "").text
    assert REFERENCE.search(said)
    assert "Un ordinateur a disparu." in said
    assert "C’est toujours en cours" in said or "Toujours en cours" in said


@one_engine
def test_after_a_refused_form_the_focus_is_on_what_to_mend(keyboard):
    keyboard.sign_in(Role.REPORTER)
    keyboard.tab_to("main a.button--primary")
    keyboard.press("Enter")
    keyboard.tab_to("main button.button--primary")
    keyboard.press("Enter")

    assert keyboard.page.locator(".faults:focus").count() == 1
    keyboard.page.keyboard.press("Tab")
    keyboard.page.keyboard.press("Enter")
    keyboard.page.keyboard.type("Voilà.")
    assert keyboard.page.input_value("#description") == "Voilà."


@one_engine
def test_the_first_tab_offers_to_skip_to_the_content(keyboard):
    keyboard.page.keyboard.press("Tab")
    assert keyboard.page.locator(".skip-link:focus").count() == 1
    keyboard.page.keyboard.press("Enter")

    keyboard.page.keyboard.press("Tab")
    assert keyboard.page.locator("#email:focus").count() == 1


@one_engine
def test_a_menu_opens_by_keyboard_and_closes_on_escape(keyboard):
    keyboard.sign_in(Role.DPO)
    keyboard.tab_to("[data-menu] > summary")
    keyboard.page.keyboard.press("Enter")
    assert keyboard.page.locator(".menu-sheet button").is_visible()

    keyboard.page.keyboard.press("Escape")

    assert not keyboard.page.locator(".menu-sheet button").is_visible()
    assert keyboard.page.locator("[data-menu] > summary:focus").count() == 1
