"""The end-to-end tests' own eyes: they see what goes wrong in a page."""

import asyncio
import re

import pytest
from flask import Flask, abort

from tests.browser import aside, axe, require_chromium, serving, watched_page

pytestmark = pytest.mark.browser

GOOD = (
    "<!doctype html><html lang=fr><title>Bien</title><link rel=icon href='data:,'>"
    "<main><h1>Bien</h1></main>"
)


@pytest.fixture(scope="module")
def address():
    """A site with one page for everything that may go wrong."""
    site = Flask(__name__)
    parts = {
        "good": "",
        "inline": "<script>1</script>",
        "broken": "<script src=/broken.js></script>",
        "console": "<script src=/console.js></script>",
        "unstyled": "<link rel=stylesheet href=/absent.css>",
        "unlabelled": "<input>",
    }
    scripts = {"broken": "undefined_thing()", "console": "console.error('oh')"}
    site.add_url_rule(
        "/<name>", "page", lambda name: GOOD + parts[name] if name in parts else abort(404)
    )
    site.add_url_rule(
        "/<name>.js", "script", lambda name: (scripts[name], {"Content-Type": "text/javascript"})
    )

    @site.after_request
    def protect(response):
        response.headers["Content-Security-Policy"] = "default-src 'self'; img-src 'self' data:"
        return response

    with serving(site) as url:
        yield url


def test_a_good_page_passes(page, address):
    page.goto(f"{address}/good")

    assert page.evaluate("navigator.language") == "fr-FR"
    assert axe(page) == []


def test_a_page_that_is_asked_for_and_not_there_is_no_fault(page, address):
    assert page.goto(f"{address}/nowhere").status == 404


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        pytest.param("inline", "CSP script-src-elem: inline at /inline", id="a script in the page"),
        pytest.param("broken", "undefined_thing is not defined", id="a script that raises"),
        pytest.param("console", "console: oh", id="a script that complains"),
        pytest.param("unstyled", "404 for .*absent.css", id="a style sheet that is not there"),
    ],
)
def test_what_goes_wrong_in_a_page_fails_the_test(browser, address, name, fault):
    with pytest.raises(AssertionError, match=fault):
        with watched_page(browser) as page:
            page.goto(f"{address}/{name}")


def test_axe_names_the_element_it_finds_fault_with(page, address):
    page.goto(f"{address}/unlabelled")

    assert [line.split()[0] for line in axe(page)] == ["label", "region"]


def test_axe_looks_at_the_page_that_is_there_and_not_at_the_one_before(page, address):
    found = []
    for name in ("unlabelled", "good", "unlabelled"):
        page.goto(f"{address}/{name}")
        found.append([line.split()[0] for line in axe(page)])

    assert found == [["label", "region"], [], ["label", "region"]]


def test_what_playwright_turns_off_in_the_browser_stays_off(browser):
    """Chromium obeys the last of the options alone, which is ours."""
    started = browser.new_browser_cdp_session().send("SystemInfo.getInfo")["commandLine"]
    theirs, ours = re.findall(r"--disable-features=(\S+)", started)

    assert set(theirs.split(",")) <= set(ours.split(","))


def test_asyncio_can_be_run_aside(page):
    async def answer():
        return 42

    assert aside(lambda: asyncio.run(answer())) == 42


@pytest.mark.parametrize(
    ("demanded", "outcome"),
    [
        pytest.param("0", pytest.skip.Exception, id="skips"),
        pytest.param("1", pytest.fail.Exception, id="fails where demanded"),
    ],
)
def test_a_missing_chromium_is_said(monkeypatch, demanded, outcome):
    monkeypatch.setenv("BREACHDESK_TEST_CHROMIUM", "/nowhere/chromium")
    monkeypatch.setenv("BREACHDESK_TEST_REQUIRE_CHROMIUM", demanded)

    with pytest.raises(outcome, match="Chromium is not installed"):
        require_chromium()
