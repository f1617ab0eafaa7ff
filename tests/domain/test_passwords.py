"""Passwords: the same bytes on every machine, runs of a French keyboard, a person's words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.passwords import (
    SHORTEST_RUN,
    Weakness,
    keyboard_runs,
    known_words,
    normalised,
    weakness_of_word,
)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        pytest.param("treize cerises", "treize cerises", id="plain letters stay"),
        pytest.param("cle\u0301 d’or", "clé d’or", id="an accent typed apart is composed"),
        pytest.param("a\u00a0b\u202fc\u2009d", "a b c d", id="every space is a space"),
        pytest.param(" a ", " a ", id="blanks at the ends are part of it"),
        pytest.param("①", "①", id="what looks alike is not made alike"),
    ],
)
def test_a_password_gives_the_same_bytes_on_every_machine(typed, kept):
    assert normalised(typed) == kept


@given(st.text())
def test_what_is_normalised_stays_so(text):
    assert normalised(normalised(text)) == normalised(text)


@pytest.mark.parametrize(
    ("password", "longest"),
    [
        pytest.param("azertyuiop12", "azertyuiop", id="the first row of letters"),
        pytest.param("12 MLKJHGFDSQ", "mlkjhgfdsq", id="backwards, in capitals"),
        pytest.param("a-wxcvbn", "wxcvbn", id="the last row"),
        pytest.param("&é\"'(-è", "&é\"'(-è", id="the row of figures, unshifted"),
    ],
)
def test_a_run_of_a_french_keyboard_is_found(password, longest):
    assert max(keyboard_runs(password), key=len) == longest


@pytest.mark.parametrize("password", ["treize cerises rouges", "aze-rty", "", "poire"])
def test_ordinary_words_are_no_run(password):
    assert keyboard_runs(password) == frozenset()


@given(st.text())
def test_a_run_is_part_of_the_password_and_of_some_length(password):
    for run in keyboard_runs(password):
        assert run in password.lower()
        assert len(run) >= SHORTEST_RUN


def test_a_guesser_knows_the_words_of_a_name_and_an_address_also_without_accents():
    words = known_words("Inès Le Goff", "ines.caradec@girandole.example", "La Girandole")

    assert {"inès", "ines", "goff", "caradec", "girandole"} <= words
    assert "le" not in words
    assert "la" not in words


def test_a_word_says_why_it_is_weak():
    told = {"personal": {"girandole"}, "runs": {"azerty"}}

    assert weakness_of_word("azerty", **told) is Weakness.KEYBOARD
    assert weakness_of_word("girandole", **told) is Weakness.PERSONAL
    assert weakness_of_word("janvier", **told) is Weakness.COMMON
