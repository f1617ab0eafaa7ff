"""Every page of the desk, in every state: what `ui.md` promises of all of them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import axe, watched_page
from tests.every_page import NO_PAGES, STOPS, Stop
from tests.sample_desks import DeskName, SampleDesk, sample_desks
from tests.screenshots import Sessions, visit

LARGEST_PAGE = 100_000
PHONE, NARROWEST = 390, 320
# What the promises are about, read off the page in one go: each question costs a wait.
WHAT_IT_IS = """
() => ({
  language: document.documentElement.lang,
  title: document.title,
  headings: [...document.querySelectorAll("h1")].map(e => e.innerText),
  bytes: new TextEncoder().encode(document.documentElement.outerHTML).length,
  primaries: [...document.querySelectorAll("main .button--primary")]
    .filter(e => e.checkVisibility()).length,
})
"""
# What sticks out of a page that scrolls sideways; the last is the innermost.
STICKS_OUT = """
() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("body *")]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
    .map(e => e.outerHTML.slice(0, 150)).slice(-3)
"""


@pytest.fixture(scope="module")
def desks(tmp_path_factory) -> Iterator[dict[DeskName, SampleDesk]]:
    """The three desks. Asked for before the browser, beside which no worker can send."""
    with sample_desks(tmp_path_factory.mktemp("desks")) as made:
        yield made


@pytest.fixture(scope="module")
def sessions(desks, browser: Browser) -> Sessions:
    """Each person signed in once for all the pages they visit."""
    return Sessions(browser)


LOOKS = {
    "fr light": {"locale": "fr-FR", "viewport": {"width": PHONE, "height": 844}},
    "en dark": {
        "locale": "en-GB",
        "color_scheme": "dark",
        "viewport": {"width": NARROWEST, "height": 844},
    },
}
# Who visits what, in one browser session each: a page is loaded once in every look.
ROUNDS: dict[tuple[DeskName, str], list[Stop]] = {}
for _stop in STOPS:
    ROUNDS.setdefault((_stop.desk, _stop.by), []).append(_stop)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("who", ROUNDS, ids=lambda who: f"{who[0]} {who[1] or 'nobody'}")
def test_every_page_keeps_every_promise(who, look, desks, sessions, browser):
    desk = desks[who[0]]
    language = look.split()[0]
    found: dict[str, list[str]] = {}
    with watched_page(browser, storage_state=sessions.of(desk, who[1]), **LOOKS[look]) as page:
        page.goto(f"{desk.address}/language/{language}?back=/sign-in")
        for stop in ROUNDS[who]:
            faults = list(faults_of(page, stop, desk, language))
            if faults:
                found[stop.name] = faults

    assert found == {}


def faults_of(page: Page, stop: Stop, desk: SampleDesk, language: str) -> Iterator[str]:
    """What one page does otherwise than all pages must."""
    visit(page, stop, desk)
    its = page.evaluate(WHAT_IT_IS)
    if its["language"] != language:
        yield f"is not in {language}"
    title = " ".join(its["title"].split())
    if [title] != [f"{' '.join(heading.split())} · breachdesk" for heading in its["headings"]]:
        yield f"is called {title!r} and headed {its['headings']!r}"
    if its["bytes"] >= LARGEST_PAGE:
        yield f"has {its['bytes']} bytes"
    if its["primaries"] > 1:
        yield f"has {its['primaries']} primary buttons"
    yield from axe(page)
    yield from _sideways_faults(page)


def _sideways_faults(page: Page) -> Iterator[str]:
    """What sticks out here, and on the narrowest phone. The window is put back afterwards."""
    here = page.viewport_size or {"width": PHONE, "height": 844}
    for width in sorted({here["width"], NARROWEST}, reverse=True):
        page.set_viewport_size({"width": width, "height": here["height"]})
        for element in page.evaluate(STICKS_OUT):
            yield f"sticks out at {width} pixels: {element}"
    page.set_viewport_size(here)


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_a_phone_folds_the_published_figures_and_a_wide_screen_does_not(
    colours, desks, sessions, browser
):
    (stop,) = [stop for stop in STOPS if stop.name == "assessment"]
    desk = desks[stop.desk]
    options = {"storage_state": sessions.of(desk, stop.by), "color_scheme": colours}
    with watched_page(browser, viewport={"width": 1280, "height": 900}, **options) as page:
        visit(page, stop, desk)
        assert page.locator(".told .bar").is_visible()
        page.click(".published details details > summary")
        assert list(axe(page)) == []

        page.set_viewport_size({"width": PHONE, "height": 844})
        assert not page.locator(".told .bar").is_visible()
        page.click(".published summary")
        assert page.locator(".told .bar").is_visible()
        assert [*axe(page), *_sideways_faults(page)] == []


@pytest.mark.parametrize("endpoint", NO_PAGES)
def test_what_is_no_page_answers_too(endpoint, desks, sessions, browser):
    desk = desks[DeskName.SHOP]
    by = "everything@att.example" if endpoint == "notices.counts" else "everything@gir.example"
    context = browser.new_context(storage_state=sessions.of(desk, by))

    answer = context.request.get(desk.address + NO_PAGES[endpoint].format_map(desk.places))

    assert answer.status == 200
    assert len(answer.body()) > 0
    context.close()


def test_every_address_one_can_visit_is_in_the_walk(desks):
    rules = desks[DeskName.SHOP].app.url_map.iter_rules()
    visited = {stop.endpoint for stop in STOPS} | set(NO_PAGES) | {"faults.show"}

    forgotten = {rule.endpoint for rule in rules if "GET" in (rule.methods or ())} - visited

    assert forgotten == set()


def test_every_address_of_the_walk_is_the_one_it_is_named_after(desks):
    wrong = []
    for stop in STOPS:
        if stop.endpoint:
            desk = desks[stop.desk]
            router = desk.app.url_map.bind("localhost")
            path = stop.path_in(desk.places).partition("?")[0]
            if router.match(path, method="GET")[0] != stop.endpoint:
                wrong.append(stop.name)

    assert wrong == []
