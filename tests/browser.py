"""A real Chromium for the end-to-end tests, and a server for it to visit.

Playwright's synchronous calls keep an asyncio loop running in their thread for as long as
the `browser` fixture lives. What calls `asyncio.run` itself (the worker sending mail) goes
through `aside` there.
"""

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, sync_playwright
from werkzeug.serving import make_server

Result = TypeVar("Result")

# First Chromium without windows: the same engine for less of the processor.
NAMES = (
    "chromium-headless-shell",
    "/usr/bin/chromium",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
# Playwright turns these off; of several such options Chromium obeys the last alone.
PLAYWRIGHT_TURNS_OFF = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "TcpPortRandomizationWin",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
    "msForceBrowserSignIn",
    "msEdgeUpdateLaunchServicesPreferredVersion",
)
# The menu under Chromium's own address bar, which nobody sees, is a page in a process of its own
# for each window: a third of what a visitor's page costs.
ADDRESS_MENU = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup")
ARGUMENTS = [
    f"--disable-features={','.join((*PLAYWRIGHT_TURNS_OFF, *ADDRESS_MENU))}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# How often a server looks whether it is to stop; its own half second is most of a short test.
SECONDS_TO_STOP = 0.01
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
# Nothing where axe-core is not at hand. It would read every style sheet again for a rule that
# it leaves out as an experiment (css-orientation-lock); films and sounds it still looks at.
RUN_AXE = """
async () => {
  globalThis.bringAxe?.();
  if (!globalThis.axe) return null;
  const options = {resultTypes: ["violations"], preload: {assets: ["media"]}};
  return (await axe.run(options)).violations;
}
"""
# The browser says this of any page that is not 200, also of those that a test asks for.
NOT_FOUND_NOTE = "Failed to load resource"
PARTS_OF_A_PAGE = {"stylesheet", "script", "image", "font"}


def chromium_path() -> str | None:
    """The Chromium to drive: the one given, else the first one installed."""
    given = os.environ.get("BREACHDESK_TEST_CHROMIUM")
    return next(filter(None, map(shutil.which, [given] if given else NAMES)), None)


def require_chromium() -> str:
    """Its path; without it the test is skipped, or fails where Chromium is demanded."""
    path = chromium_path()
    if path:
        return path
    reason = "Chromium is not installed: the end-to-end tests did not run (apt install chromium)."
    if os.environ.get("BREACHDESK_TEST_REQUIRE_CHROMIUM") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium, one per test module: see above why no longer."""
    path = require_chromium()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A French visitor's page in a clean profile; what goes wrong in it fails the test."""
    with watched_page(browser) as visitor:
        yield visitor


@contextmanager
def watched_page(browser: Browser, **options: Any) -> Iterator[Page]:
    """A new visitor's page; `options` as `Browser.new_context` takes them.

    Raises AssertionError at the end for console errors, exceptions in scripts, violations
    of the Content-Security-Policy and parts of a page that did not load.
    """
    context = browser.new_context(
        **{"locale": "fr-FR", "timezone_id": "Europe/Paris", "accept_downloads": True} | options
    )
    faults: list[str] = []
    context.add_init_script(
        "addEventListener('securitypolicyviolation', e =>"
        " console.error(`CSP ${e.violatedDirective}: ${e.blockedURI} at ${location.pathname}`))"
    )
    context.on("console", lambda message: faults.extend(_console_fault(message)))
    context.on("weberror", lambda error: faults.append(f"script: {error.error}"))
    context.on("response", lambda response: faults.extend(_missing_part(response)))
    visitor = context.new_page()
    yield visitor
    for open_page in context.pages:
        # A round trip: whatever the page said before has then arrived.
        open_page.evaluate("0")
    context.close()
    if faults:
        raise AssertionError("The page complained:\n" + "\n".join(faults))


def _console_fault(message: ConsoleMessage) -> list[str]:
    if message.type != "error" or message.text.startswith(NOT_FOUND_NOTE):
        return []
    return [f"console: {message.text}"]


def _missing_part(response: Response) -> list[str]:
    if response.status < 400 or response.request.resource_type not in PARTS_OF_A_PAGE:
        return []
    return [f"{response.status} for {response.url}"]


def axe(page: Page) -> list[str]:
    """What axe-core finds wrong on the page, one line per element; empty when nothing."""
    violations = page.evaluate(RUN_AXE)
    if violations is None:
        # By `evaluate`, which the page's Content-Security-Policy does not hinder.
        page.evaluate(AXE + "; 0")
        # The pages visited next have it at hand: sending it anew is half of what a check costs.
        page.add_init_script(f"globalThis.bringAxe = () => {{ {AXE}; }}")
        violations = page.evaluate(RUN_AXE)
    return [
        f"{violation['id']} ({violation['help']}): {node['html'][:200]}"
        for violation in violations
        for node in violation["nodes"]
    ]


def aside(work: Callable[..., Result], *arguments: Any, **named: Any) -> Result:
    """Do `work` in a thread of its own, away from Playwright's loop, and wait for it."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(work, *arguments, **named).result()


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve `app` on a free port of this machine; the address, without a last slash."""
    # A line per request would bury what a failure has to say.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, args=(SECONDS_TO_STOP,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """The address of the test's `app`, served."""
    with serving(app) as address:
        yield address
