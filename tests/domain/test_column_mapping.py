"""Which column holds the addresses, where several hold some."""

import pytest

from breachdesk.domain.column_mapping import guess_mapping

FULL = "secours{n}@client.example"


def guessed(first: str, second: str, *, second_filled: int, lines: int = 6) -> int:
    """The column guessed: the first has an address on every line, the second on some."""
    rows = [
        [FULL.format(n=n), f"c{n}@client.example" if n < second_filled else ""]
        for n in range(lines)
    ]
    return guess_mapping([[first, second], *rows]).address


@pytest.mark.parametrize("title", ["Courriel", "email", "E-mail :", "Adresse e-mail", "MÉL"])
def test_a_clear_title_wins_over_a_column_that_merely_holds_more(title):
    assert guessed("Contact de secours", title, second_filled=1) == 1


@pytest.mark.parametrize(
    ("first", "second", "second_filled", "column"),
    [
        pytest.param("E-mail de secours", "Courriel", 2, 1, id="nothing but a clear title"),
        pytest.param("Contact", "Courriel du client", 2, 1, id="a title that says it, and more"),
        pytest.param("Courriel 1", "Courriel 2", 2, 0, id="two alike: the one with most"),
        pytest.param("Contact", "Adresse", 2, 0, id="a vague title does not win"),
        pytest.param("Contact", "Courriel", 0, 0, id="a clear title over nothing does not win"),
        pytest.param("Adresse", "Courriel envoyé le", 0, 0, id="a title about something else"),
    ],
)
def test_between_two_columns_with_addresses(first, second, second_filled, column):
    assert guessed(first, second, second_filled=second_filled) == column
