"""The recipients as a file: what spreadsheets make of it, and what they must not."""

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.documents.recipients_csv import HEADS, neutral, recipients_csv
from breachdesk.domain.deliveries import DeliveryState, RecipientLine

texts = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from('=+-@;"\t\r\n'))


def read_back(*lines: RecipientLine) -> list[list[str]]:
    file = "".join(recipients_csv(lines, locale="fr", timezone="Europe/Paris"))
    assert file.startswith("\ufeff")
    return list(csv.reader(io.StringIO(file.removeprefix("\ufeff"), newline=""), delimiter=";"))


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_what_a_spreadsheet_would_run_is_text(sign):
    name = f'{sign}HYPERLINK("https://evil.example";"x")'

    record = read_back(RecipientLine(name, f"{sign}a@client.example", "fr"))[1]

    assert record[:2] == [f"'{name}", f"'{sign}a@client.example"]


@given(texts, texts)
def test_every_cell_comes_back_as_it_was_and_none_begins_a_formula(name, answer):
    record = read_back(RecipientLine(name, "a@b.example", "fr", answer=answer))[1]

    assert len(record) == len(HEADS)
    assert (record[0], record[5]) == (neutral(name), neutral(answer))
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in record)


def test_states_are_words_and_times_are_local_with_their_offset():
    line = RecipientLine(
        "Élise Garnier",
        "elise@client.example",
        "fr",
        DeliveryState.REFUSED,
        550,
        "5.1.1 No such user",
        datetime(2026, 3, 2, 9, tzinfo=UTC),
        datetime(2026, 7, 2, 9, tzinfo=UTC),
    )

    heads, record = read_back(line)

    assert heads[0] == "Nom"
    assert record[3:6] == ["Refusé", "550", "5.1.1 No such user"]
    assert record[6:] == ["2026-03-02 10:00:00+01:00", "2026-07-02 11:00:00+02:00"]


def test_one_not_sent_to_yet_has_nothing_to_tell_of_it():
    assert read_back(RecipientLine("", "a@b.example", ""))[1] == ["", "a@b.example", *[""] * 6]
