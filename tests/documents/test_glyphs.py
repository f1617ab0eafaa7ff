"""What reaches the printer can be printed, and what cannot is still to be seen."""

import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.documents.glyphs import BREAK, FONTS, LONGEST_RUN, one_line, printable
from breachdesk.documents.typesetting import TEMPLATE


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Œuvre d’à côté, « déjà » vu… où ça ?", id="French"),
        pytest.param("3\u202f412 € – 72\u00a0h", id="no-break spaces and signs"),
        pytest.param("<b>#panic()</b> *gras* $x$ {{7*7}}", id="markup of any kind"),
        pytest.param("مرحبا بالعالم", id="Arabic"),
        pytest.param("نَصّ", id="Arabic with its vowels"),
        pytest.param("שלום עולם", id="Hebrew"),
        pytest.param("你好世界", id="Chinese"),
        pytest.param("カタカナ", id="Japanese syllables"),
        pytest.param("Ελλάδα Россия", id="Greek and Cyrillic"),
        pytest.param("😀 🇫🇷", id="emoji and flags"),
        pytest.param("e\u0301", id="an accent that combines"),
    ],
)
def test_text_that_the_fonts_draw_is_kept(text):
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        pytest.param("a\x00b", "a⟨U+0000⟩b", id="a control character"),
        pytest.param("\u202eevil", "⟨U+202E⟩evil", id="an override of direction"),
        pytest.param("\ud800", "⟨U+D800⟩", id="half a character"),
        pytest.param("\ue000", "⟨U+E000⟩", id="private use, forbidden by PDF/A-3a"),
        pytest.param("한", "⟨U+D55C⟩", id="a script no vendored font draws"),
        pytest.param("a\u0654", "a⟨U+0654⟩", id="letter and mark of two fonts"),
        pytest.param("\u0301x", "⟨U+0301⟩x", id="a mark without its letter"),
        pytest.param("a\r\nb\rc\u2028d", "a\nb\nc\nd", id="line ends of every kind"),
        pytest.param("a\tb", "a b", id="a tab is a space"),
        pytest.param("✅\ufe0f a\u00adb\u200bc", "✅ abc", id="marks without ink are dropped"),
    ],
)
def test_what_cannot_be_printed_is_shown_by_its_code(text, printed):
    assert printable(text) == printed


def test_a_long_run_may_break_and_loses_nothing():
    run = "x" * 10_000

    broken = printable(run)

    assert broken.replace(BREAK, "") == run
    assert max(map(len, broken.split(BREAK))) < LONGEST_RUN


def test_a_run_does_not_break_inside_a_mark():
    pieces = printable("\x07" * 10).split(BREAK)

    assert len(pieces) > 1
    assert all(piece.count("⟨") == piece.count("⟩") for piece in pieces)


@given(st.text())
def test_whatever_is_printed_is_free_of_what_acts_unseen(text):
    printed = printable(text)

    assert printable(printed.replace(BREAK, "")).replace(BREAK, "") == printed.replace(BREAK, "")
    assert not set(printed) & set("\x00\x07\x1b\r\u202e\u2066\ufeff")
    printed.encode()


def test_a_title_is_one_line_without_breaks():
    assert one_line("Une  sauvegarde\r\n" + "x" * 30) == "Une sauvegarde " + "x" * 30


def test_the_template_names_every_vendored_family():
    """What `printable` lets through must find its font: the template has no other fall-back."""
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )

    named = TEMPLATE.read_text(encoding="utf-8")

    assert fonts.families()
    assert [family for family in fonts.families() if f'"{family}"' not in named] == []


@given(st.text(max_size=LONGEST_RUN - 1))
def test_ordinary_letters_are_printed_the_same_with_an_extraordinary_one_beside_them(text):
    assert printable(f"{text} \ue000") == f"{printable(f'{text} ')}⟨U+E000⟩"
