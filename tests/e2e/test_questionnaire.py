"""The guided questionnaire in a real browser, by keyboard alone, in both languages."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from breachdesk.domain.access import Role
from breachdesk.services.cases import latest_facts
from tests import cases
from tests.browser import watched_page
from tests.cases import PASSWORD, address_of, at_desk

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# A list of patients put where anybody may have read it. None: not known yet.
ANSWERS: dict[str, str | None] = {
    "role": "controller",
    "breach_types": "confidentiality",
    "data": "health",
    "recipients": "unidentified",
    "data_unintelligible": "no",
    "data_insight": "ordinary",
    "identifiability": "direct",
    "later_measures_remove_high_risk": "no",
    "direct_contact_disproportionate": None,
}
WORDS = {
    "fr": {
        "begin": "Répondre aux questions",
        "depends": "Cela dépend",
        "yes": "Oui",
        "moves": "« notifier la CNIL » passerait de « cela dépend » à « oui »",
        "moved": "Votre réponse a fait passer « notifier la CNIL » de « cela dépend » à « oui »",
        "flips": "Ce qui ferait basculer la réponse",
        "end": "Vous avez répondu à tout ce qui peut être demandé",
        "keep": "Garder cette évaluation",
        "kept": "Évaluation du risque",
    },
    "en": {
        "begin": "Answer the questions",
        "depends": "It depends",
        "yes": "Yes",
        "moves": "“notifying the CNIL” would move from “it depends” to “yes”",
        "moved": "Your answer has moved “notifying the CNIL” from “it depends” to “yes”",
        "flips": "What would flip the answer",
        "end": "You have answered all that can be asked",
        "keep": "Keep this assessment",
        "kept": "Assessment of the risk",
    },
}


@pytest.fixture
def reference(app) -> str:
    """A breach of which nothing is known."""
    now = datetime.now(UTC)
    with at_desk(app) as work:
        cases.make_organisation(work, now=now)
        reference = cases.open_case(work, now=now)
        cases.qualify(work, reference, now=now)
        return reference


def sign_in(page: Page, address: str, language: str) -> None:
    page.goto(f"{address}/sign-in")
    page.fill("#email", address_of(Role.HANDLER))
    page.fill("#password", PASSWORD)
    page.click("main .button--primary")
    page.goto(f"{address}/language/{language}?back=/")


def plain(text: str) -> str:
    return " ".join(text.split())


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until what the selector finds has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count() and focused.evaluate("(e, s) => e.matches(s)", selector):
            return
    raise AssertionError(f"{selector} is not reached by Tab")


def choose(page: Page, value: str | None) -> None:
    """Choose an answer with the keys; None is "not known yet"."""
    chosen = page.locator(f"[name=answer][value={value or 'not_known_yet'}]")
    if chosen.get_attribute("type") == "checkbox":
        tab_to(page, f"[name=answer][value={value}]")
        page.keyboard.press("Space")
        return
    tab_to(page, "[name=answer]")
    page.keyboard.press("Space")
    for _ in range(10):
        if chosen.is_checked():
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{value} is not reached by the arrows")


def save(page: Page) -> None:
    """Enter, in a form, sends it."""
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")


@one_engine
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_questions_are_answered_by_keyboard_and_the_verdict_follows(
    app, page, live_server, reference, language
):
    words = WORDS[language]
    sign_in(page, live_server, language)
    page.goto(f"{live_server}/incidents/{reference}/assessment")
    page.locator("main .button--primary", has_text=words["begin"]).click()

    for fact, value in ANSWERS.items():
        assert page.locator("input[name=fact]").input_value() == fact
        if fact != "role":
            # Reading goes on at the question, not at the top of the page.
            assert page.evaluate("document.activeElement.tagName") == "H1"
        if fact == "data_insight":
            _previewed(app, page, reference, value, words)
        else:
            choose(page, value)
        save(page)
        if fact == "data_insight":
            assert words["moved"] in plain(page.locator("#panel").inner_text())
            assert words["flips"] in page.locator("#panel").inner_text()

    assert plain(page.locator("h1").inner_text()) == words["end"]
    assert page.locator("#panel .state", has_text=words["yes"]).count() == 2
    page.get_by_role("button", name=words["keep"]).press("Enter")
    page.wait_for_url("**/assessment")
    assert plain(page.locator("h1").inner_text()) == words["kept"]


def _previewed(app, page, reference, value, words):
    """Choosing shows what the answer would change, and stores nothing."""
    panel = page.locator("#panel")
    expect(panel.locator(".state", has_text=words["depends"])).to_have_count(2)
    choose(page, value)
    expect(panel.locator(".state", has_text=words["depends"])).to_have_count(1)
    assert words["moves"] in plain(page.locator("#effect[role=status]").inner_text())
    assert page.locator("[name=answer]:focus").count() == 1
    with at_desk(app) as work:
        known = latest_facts(work.session, cases.incident(work, reference))
        assert "data_insight" not in known


@one_engine
def test_without_javascript_the_same_questions_come_by_pages(
    app, browser: Browser, live_server, reference
):
    with watched_page(browser, java_script_enabled=False) as page:
        sign_in(page, live_server, "fr")
        page.goto(f"{live_server}/incidents/{reference}/questions")
        for fact in list(ANSWERS)[:3]:
            assert page.locator("input[name=fact]").input_value() == fact
            page.check(f"[name=answer][value={ANSWERS[fact]}]")
            page.click("main .button--primary")
        assert "ne change pas ce qui est dû" in page.locator("#panel").inner_text()
        assert page.locator("details.fold dl.given > div").count() == 3
