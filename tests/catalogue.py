"""The English catalogue: what the sources say, and what of it has no English yet.

`make i18n` runs this module: it writes the .po anew (new sentences without English, those
that nobody says any more gone) and compiles it. Nothing in it names a file or a line, and
it is sorted: it changes when a sentence does.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PROJECT = Path(__file__).resolve().parent.parent
PO = PROJECT / "breachdesk/translations/en/LC_MESSAGES/messages.po"
MO = PO.with_suffix(".mo")

# Models and services hold no sentences, and their `text` is SQL.
METHODS = [
    ("breachdesk/models/**.py", "ignore"),
    ("breachdesk/services/**.py", "ignore"),
    ("breachdesk/**.py", "python"),
    ("templates/**.html", "jinja2"),
    ("templates/**.txt", "jinja2"),
]
OPTIONS = {"templates/**": {"trimmed": "true", "silent": "false"}}
KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "plural": (1, 2),
    "say": None,
    "say_later": None,
    "text": None,
}
LINE_WIDTH = 100
HEADER = "# What breachdesk says in English. The French sentences are the message ids."
# The header wants a date; one that moved would make every change of a sentence look like two.
MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)


def extracted(project: Path = PROJECT) -> Catalog:
    """Every sentence that sources and templates say, without its English."""
    catalogue = Catalog(locale="en")
    for folder in ("breachdesk", "templates"):
        # Said from the folder itself, so that nothing else is walked through.
        methods = [
            (pattern.removeprefix(f"{folder}/"), method)
            for pattern, method in METHODS
            if pattern.startswith(f"{folder}/")
        ]
        options = {pattern.removeprefix("templates/"): o for pattern, o in OPTIONS.items()}
        for _file, _line, message, _comments, context in extract_from_dir(
            project / folder, methods, options, keywords=KEYWORDS
        ):
            catalogue.add(message, context=context)
    return catalogue


def kept(path: Path = PO) -> Catalog:
    """The catalogue as it lies in the tree; an empty one when there is none."""
    if not path.exists():
        return Catalog(
            locale="en",
            header_comment=HEADER,
            project="breachdesk",
            version="1",
            copyright_holder="breachdesk contributors",
            msgid_bugs_address="breachdesk",
            last_translator="breachdesk contributors",
            language_team="breachdesk contributors",
            revision_date=MADE_AT,
            creation_date=MADE_AT,
            fuzzy=False,
        )
    with path.open("rb") as file:
        return read_po(file, locale="en")


def brought_up_to_date(catalogue: Catalog, template: Catalog) -> Catalog:
    """`catalogue` with exactly the sentences of `template`; never a guessed translation."""
    catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    return catalogue


def write(catalogue: Catalog, po: Path = PO) -> None:
    """Write the .po, and the .mo that the application reads."""
    po.parent.mkdir(parents=True, exist_ok=True)
    with po.open("wb") as file:
        write_po(file, catalogue, width=LINE_WIDTH, no_location=True, sort_output=True)
    with po.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)


def without_english(catalogue: Catalog) -> list[str]:
    """The sentences that are missing, in part or whole, or only guessed."""
    return [
        _first(message)
        for message in catalogue
        if message.id and (message.fuzzy or not all(_strings(message)))
    ]


def _strings(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def _first(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple | list) else message.id


if __name__ == "__main__":
    english = brought_up_to_date(kept(), extracted())
    write(english)
    missing = without_english(english)
    print(f"{len(english)} sentences, {len(missing)} without English", *missing, sep="\n- ")
    sys.exit(bool(missing))
