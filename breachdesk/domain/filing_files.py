"""The files inside a filing's own PDF: the filing as data, and the journal's line that attests it.

The PDF is printed and sealed anew each time it is taken away; the line was written when the
filing was recorded. `docs/dossier-format.md` says it to who reads the file.
"""

import re
from collections.abc import Iterable

from breachdesk.domain.dossier_files import MANIFEST_NAME

LINE_NAME = "journal-line.json"
_FILING_NAME = re.compile(r"notification-([1-9][0-9]{0,5})\.json")


def filing_name(number: int) -> str:
    """The name of the filing's data, by its number in the case."""
    return f"notification-{number}.json"


def filing_among(names: Iterable[str]) -> tuple[str, int] | None:
    """The file that makes a PDF that of a filing, with the filing's number; None of another."""
    held = set(names)
    found = [each for name in sorted(held) if (each := _FILING_NAME.fullmatch(name))]
    if not found or MANIFEST_NAME in held:
        return None
    return found[0].group(), int(found[0].group(1))
