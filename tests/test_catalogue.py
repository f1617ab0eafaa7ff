"""Every French sentence has its English, and both ask for the same values."""

import ast
import re
from io import BytesIO

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo

from tests.catalogue import (
    KEYWORDS,
    MO,
    PROJECT,
    brought_up_to_date,
    extracted,
    kept,
    without_english,
    write,
)

PLACEHOLDER = re.compile(r"%\((\w+)\)([sd])|\{(\w*)\}")


@pytest.fixture(scope="module")
def said() -> Catalog:
    return extracted()


def ids(catalogue: Catalog) -> set[str | tuple[str, ...]]:
    return {tuple(m.id) if isinstance(m.id, list | tuple) else m.id for m in catalogue if m.id}


def test_every_sentence_has_its_english(said):
    unknown = ids(said) - ids(kept())

    assert unknown == set(), "run `make i18n`, then write the English in messages.po"
    assert without_english(kept()) == []


def test_no_sentence_is_said_within_an_f_string_where_none_is_found():
    hidden = [
        f"{path.relative_to(PROJECT)}:{call.lineno}"
        for path in (PROJECT / "breachdesk").rglob("*.py")
        for whole in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(whole, ast.JoinedStr)
        for call in ast.walk(whole)
        if isinstance(call, ast.Call) and _name_of(call) in KEYWORDS and _says(call)
    ]
    assert hidden == []


def _name_of(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def _says(call: ast.Call) -> bool:
    """A sentence as it stands, not one that a variable holds."""
    first = call.args[0] if call.args else None
    return isinstance(first, ast.Constant) and isinstance(first.value, str)


def test_the_catalogue_holds_no_sentence_that_nobody_says(said):
    assert ids(kept()) - ids(said) == set(), "run `make i18n`"


def test_the_compiled_catalogue_is_that_of_the_text():
    compiled = BytesIO()
    write_mo(compiled, kept())

    assert MO.read_bytes() == compiled.getvalue(), "run `make i18n`"


def test_english_and_french_ask_for_the_same_values():
    disagreeing = [
        (french, english)
        for message in kept()
        if message.id
        for french, english in pairs(message)
        if placeholders(french) != placeholders(english)
    ]

    assert disagreeing == []


def pairs(message) -> list[tuple[str, str]]:
    """Each form of the sentence with the English of that form."""
    if isinstance(message.id, str):
        return [(message.id, message.string)]
    return list(zip(message.id, message.string, strict=True))


def placeholders(sentence: str) -> list[tuple[str, ...]]:
    """The values a sentence asks for; the number itself may be left out of « one »."""
    return sorted(found for found in PLACEHOLDER.findall(sentence) if found[0] not in ("n", "num"))


# --- The reading of the sources --------------------------------------------------------------


@pytest.fixture
def project(tmp_path):
    """A small project with a sentence of every kind."""
    files = {
        "breachdesk/web/pages.py": (
            "a = N_('Un.')\nb = wording.text('Deux %(x)s.', x=1)\n"
            "c = wording.plural('%(n)s jour', '%(n)s jours', n)\nd = lazy_gettext('Trois.')\n"
        ),
        "breachdesk/models/clocks.py": "index = text('is_main')\n",
        "breachdesk/services/clocks.py": "session.execute(text('SELECT 1'))\n",
        "templates/cases/show.html": (
            "<h1>{{ _('Quatre.') }}</h1>\n"
            "{% trans %}\n  Cinq,\n  six.\n{% endtrans %}{{ ngettext('fait', 'faits', 2) }}"
        ),
    }
    for name, source in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return tmp_path


def test_sentences_are_found_wherever_they_are_said(project):
    assert ids(extracted(project)) == {
        "Un.",
        "Deux %(x)s.",
        ("%(n)s jour", "%(n)s jours"),
        "Trois.",
        "Quatre.",
        "Cinq, six.",
        ("fait", "faits"),
    }


def test_english_is_kept_when_sentences_come_and_go(project, tmp_path):
    po = tmp_path / "messages.po"
    english = brought_up_to_date(Catalog(locale="en", fuzzy=False), extracted(project))
    english["Un."].string = "One."
    english.add("Parti.", "Gone.")
    write(english, po)

    again = brought_up_to_date(kept(po), extracted(project))

    assert again["Un."].string == "One."
    assert "Parti." not in again
    assert "Un." not in without_english(again)
    assert "Quatre." in without_english(again)


def test_writing_the_catalogue_twice_changes_nothing(project, tmp_path):
    po = tmp_path / "messages.po"
    write(brought_up_to_date(kept(po), extracted(project)), po)
    first = po.read_bytes(), po.with_suffix(".mo").read_bytes()

    write(brought_up_to_date(kept(po), extracted(project)), po)

    assert (po.read_bytes(), po.with_suffix(".mo").read_bytes()) == first
    assert b".py" not in first[0]


def test_a_guessed_or_half_made_translation_counts_as_missing():
    catalogue = Catalog(locale="en")
    catalogue.add("Deviné.", "Guessed.", flags=["fuzzy"])
    catalogue.add(("un", "plusieurs"), ("one", ""))
    catalogue.add("Su.", "Known.")

    assert without_english(catalogue) == ["Deviné.", "un"]
