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
    "en dark": {"locale": "en-GB", "color_scheme": "dark"},
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
    if page.get_attribute("html", "lang") != language:
        yield f"is not in {language}"
    yield from axe(page)
    yield from _heading_faults(page)
    size = len(page.content().encode())
    if size >= LARGEST_PAGE:
        yield f"{size} bytes"
    if page.locator("main .button--primary:visible").count() > 1:
        yield "has several primary buttons"
    yield from _sideways_faults(page)


def _heading_faults(page: Page) -> Iterator[str]:
    headings = page.locator("h1").all_inner_texts()
    title = " ".join(page.title().split())
    if [title] != [f"{' '.join(heading.split())} · breachdesk" for heading in headings]:
        yield f"is called {title!r} and headed {headings!r}"


def _sideways_faults(page: Page) -> Iterator[str]:
    """What sticks out on a narrow phone. The window is put back afterwards."""
    before = page.viewport_size or {"width": PHONE, "height": 844}
    for width in {before["width"], NARROWEST}:
        page.set_viewport_size({"width": width, "height": before["height"]})
        for element in page.evaluate(STICKS_OUT):
            yield f"sticks out at {width} pixels: {element}"
    page.set_viewport_size(before)


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
