"""Pictures of every page, at the width of a desk and of a phone.

`python -m tests.screenshots` builds the sample desks and writes each page into
./screenshots/, a few also in the dark. `… NAME…` takes only those stops of
`tests.every_page`; `… --readme` makes the picture of the README, docs/case-page.png.
"""

import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from tests.browser import ARGUMENTS, chromium_path
from tests.cases import PASSWORD
from tests.every_page import HALF_WAY, STOPS, Stop
from tests.sample_desks import NOW, DeskName, SampleDesk, sample_desks
from tests.sample_factors import second_factor_of
from tests.sample_people import OPERATOR, give_second_factor
from tests.sample_sign_in import LONG_AGO, let_proof_grow_old

DESK, PHONE = 1280, 390
HEIGHTS = {DESK: 900, PHONE: 844}
IN_THE_DARK = frozenset(
    {
        "case-deciding",
        "case-late",
        "register",
        "facts-data",
        "new-refused",
        "codes-application",
    }
)
FOLDER = Path("screenshots")
README_PICTURE = Path("docs/case-page.png")

Desks = dict[DeskName, SampleDesk]


class Sessions:
    """Signs each person in once, and lends their cookies to every page after that."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._kept: dict[tuple[str, str], StorageState] = {}

    def of(self, desk: SampleDesk, email: str) -> StorageState | None:
        """The cookies of this person at this desk; none for nobody."""
        if email and (desk.address, email) not in self._kept:
            self._kept[desk.address, email] = self._sign_in(desk, email)
        return self._kept.get((desk.address, email))

    def _sign_in(self, desk: SampleDesk, email: str) -> StorageState:
        context = self._browser.new_context(locale="fr-FR")
        page = context.new_page()
        page.goto(f"{desk.address}/sign-in")
        page.fill("#email", email.removeprefix(HALF_WAY).removeprefix(LONG_AGO))
        page.fill("#password", PASSWORD)
        page.click("main .button--primary")
        page.wait_for_url(lambda url: not url.endswith("/sign-in"))
        if page.url.endswith("/second-step") and not email.startswith(HALF_WAY):
            page.fill("#code", second_factor_of(desk.app, email))
            page.click("main .button--primary")
            page.wait_for_url(lambda url: "/sign-in" not in url)
        if email == OPERATOR:
            give_second_factor(desk.app, email)
        if email.startswith(LONG_AGO):
            let_proof_grow_old(desk.app, email.removeprefix(LONG_AGO))
        state = context.storage_state()
        context.close()
        return state


def visit(page: Page, stop: Stop, desk: SampleDesk) -> None:
    """Go there, and send what is to be sent. Raises AssertionError for another answer."""
    answer = page.goto(desk.address + stop.path_in(desk.places))
    assert answer is not None
    assert answer.status == stop.status, f"{stop.name}: {answer.status}, not {stop.status}"
    if stop.act:
        with page.expect_navigation() as sent:
            stop.act(page)
        assert sent.value.status == stop.answer, f"{stop.name}: {sent.value.status} when sent"


@contextmanager
def _at(
    browser: Browser, stop: Stop, desk: SampleDesk, sessions: Sessions, width: int, colours: str
) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS[width]},
        color_scheme="dark" if colours == "dark" else "light",
        locale="fr-FR",
        timezone_id="Europe/Paris",
        storage_state=sessions.of(desk, stop.by),
    )
    page = context.new_page()
    # The countdown must agree with the desk's own clock.
    page.clock.set_fixed_time(NOW)
    visit(page, stop, desk)
    page.evaluate("document.fonts.ready")
    yield page
    context.close()


def take_pictures(browser: Browser, desks: Desks, stops: Iterable[Stop], folder: Path) -> None:
    """Photograph each page whole: like `case-390.png`, or `case-390-dark.png`."""
    folder.mkdir(parents=True, exist_ok=True)
    sessions = Sessions(browser)
    for stop in stops:
        for width in (DESK, PHONE):
            for colours in ("light", "dark") if stop.name in IN_THE_DARK else ("light",):
                end = "-dark" if colours == "dark" else ""
                with _at(browser, stop, desks[stop.desk], sessions, width, colours) as page:
                    file = folder / f"{stop.name}-{width}{end}.png"
                    page.screenshot(path=file, full_page=True)
        print(stop.name, flush=True)


def take_readme_picture(browser: Browser, desks: Desks) -> None:
    """A case whose clock runs."""
    stop = next(stop for stop in STOPS if stop.name == "case-deciding")
    with _at(browser, stop, desks[stop.desk], Sessions(browser), DESK, "light") as page:
        page.screenshot(path=README_PICTURE, full_page=True)


def main(asked: list[str]) -> None:
    """What the command line asks for."""
    if not chromium_path():
        sys.exit("Chromium is not installed: no picture was taken (apt install chromium).")
    wanted = [stop for stop in STOPS if not asked or stop.name in asked]
    with tempfile.TemporaryDirectory() as folder, sample_desks(Path(folder)) as desks:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
            if "--readme" in asked:
                take_readme_picture(browser, desks)
            take_pictures(browser, desks, wanted, FOLDER)
            browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
