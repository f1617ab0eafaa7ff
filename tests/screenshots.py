"""Pictures of pages, at the width of a desk and of a phone, in light and in dark.

`python tests/screenshots.py FOLDER NAME URL WIDTH` takes one; `make screenshots` hands
`take_pictures` every page of a running desk, signed in.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, StorageState, sync_playwright

CHROMIUM = "/usr/bin/chromium"
# No graphics card, no sandbox inside a container, and no word to anybody outside.
CHROMIUM_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESK, PHONE = 1280, 390
HEIGHTS = {DESK: 900, PHONE: 844}


@dataclass(frozen=True)
class Picture:
    """A page to photograph; `name` and `width` make the file's name."""

    name: str
    url: str
    width: int = DESK
    colours: Literal["light", "dark"] = "light"

    @property
    def file_name(self) -> str:
        """Like `case-390.png`, or `case-390-dark.png`."""
        return f"{self.name}-{self.width}{'-dark' if self.colours == 'dark' else ''}.png"


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium of the system, closed afterwards."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(CHROMIUM_OPTIONS))
        yield browser
        browser.close()


def take_pictures(
    pictures: Iterable[Picture], folder: Path, *, signed_in: StorageState | None = None
) -> list[Path]:
    """Photograph each page whole into a folder, and return the files.

    Args:
        signed_in: the cookies of somebody signed in (`context.storage_state()`).
    """
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        return [_take(browser, picture, folder, signed_in) for picture in pictures]


def _take(browser: Browser, picture: Picture, folder: Path, signed_in: StorageState | None) -> Path:
    context = browser.new_context(
        viewport={"width": picture.width, "height": HEIGHTS.get(picture.width, 900)},
        color_scheme=picture.colours,
        locale="fr-FR",
        storage_state=signed_in,
    )
    page = context.new_page()
    page.goto(picture.url)
    page.evaluate("document.fonts.ready")
    file = folder / picture.file_name
    page.screenshot(path=file, full_page=True)
    context.close()
    return file


if __name__ == "__main__":
    destination, name, url, width = sys.argv[1:]
    print(*take_pictures([Picture(name, url, int(width))], Path(destination)), sep="\n")
