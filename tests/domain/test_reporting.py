"""Addresses of public forms, and the secrets that reporters come back with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.reporting import (
    ADDRESS_BYTES,
    LONGEST_ADDRESS,
    READABLE,
    RESERVED_ADDRESSES,
    SHORTEST_ADDRESS,
    checked_address,
    normalised_secret,
    random_address,
    readable,
    secret_of,
)

TICKETS = st.text("0123456789abcdef", min_size=32, max_size=32)


# --- Addresses -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        pytest.param("maison-girandole", "maison-girandole", id="words and a hyphen"),
        pytest.param("  Girandole ", "girandole", id="as a phone types it"),
        pytest.param("maison\n", "maison", id="blanks around are no part of it"),
        pytest.param("a1b2", "a1b2", id="the shortest"),
        pytest.param("a" * 40, "a" * 40, id="the longest"),
        pytest.param("2026", "2026", id="digits alone"),
    ],
)
def test_an_address_is_kept_in_lower_case(typed, kept):
    assert checked_address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("", id="nothing"),
        pytest.param("abc", id="too short"),
        pytest.param("a" * 41, id="too long"),
        pytest.param("maison girandole", id="a space"),
        pytest.param("maison/girandole", id="a slash"),
        pytest.param("été-2026", id="an accent"),
        pytest.param("-maison", id="begins with a hyphen"),
        pytest.param("maison-", id="ends with a hyphen"),
        pytest.param("аdmin-girandole", id="a Cyrillic letter that looks Latin"),
        pytest.param("../sign-in", id="a way up"),
        pytest.param("maison%2f", id="a slash in disguise"),
    ],
)
def test_another_form_is_refused(typed):
    with pytest.raises(InvalidInput) as refused:
        checked_address(typed)

    assert refused.value.code == "public_address_form"
    assert refused.value.field == "address"


@pytest.mark.parametrize("word", sorted(RESERVED_ADDRESSES))
def test_a_word_of_the_desk_is_reserved_in_any_case(word):
    with pytest.raises(InvalidInput) as refused:
        checked_address(word.upper())

    assert refused.value.code == "public_address_reserved"


@given(st.text(max_size=60))
def test_whatever_is_typed_what_is_kept_is_an_address(typed):
    try:
        kept = checked_address(typed)
    except InvalidInput:
        return
    assert SHORTEST_ADDRESS <= len(kept) <= LONGEST_ADDRESS
    assert set(kept) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert checked_address(kept) == kept


@given(st.binary(min_size=ADDRESS_BYTES, max_size=ADDRESS_BYTES))
def test_a_random_address_is_an_address_and_holds_all_its_bits(content):
    address = random_address(content)

    assert checked_address(address) == address
    letters = address.replace("-", "")
    # Every letter carries five bits of what was drawn: 140 in all, more than 128.
    value = sum(READABLE.index(letter) << (5 * place) for place, letter in enumerate(letters))
    assert value == int.from_bytes(content) % 2**140


def test_too_few_bytes_fill_no_letters():
    with pytest.raises(ValueError, match="do not fill"):
        readable(b"12", 4)


# --- Secrets ---------------------------------------------------------------------------------


@given(TICKETS)
def test_a_secret_has_four_groups_of_readable_letters(ticket):
    groups = secret_of(ticket).split("-")

    assert [len(group) for group in groups] == [4, 4, 4, 4]
    assert set("".join(groups)) <= set(READABLE.upper())
    assert not set("".join(groups)) & set("ILOU")


@given(TICKETS, TICKETS)
def test_one_ticket_gives_one_secret_and_another_another(one, other):
    assert (secret_of(one) == secret_of(other)) == (one == other)


@given(TICKETS, st.sampled_from(["", " ", "-", " - ", "\u2011", "\u2013"]), st.booleans())
def test_a_secret_copied_from_paper_is_understood(ticket, between, is_small):
    secret = secret_of(ticket)
    typed = between.join(secret.split("-")).replace("0", "O").replace("1", "l")

    assert normalised_secret(typed.lower() if is_small else typed) == secret


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("", id="nothing"),
        pytest.param("ABCD-EFGH-JKMN", id="a group is missing"),
        pytest.param("ABCD-EFGH-JKMN-PQRU", id="U is no letter of ours"),
        pytest.param("ABCD-EFGH-JKMN-PQRSS", id="one letter more"),
        pytest.param("ÀBCD-EFGH-JKMN-PQRS", id="an accent"),
        pytest.param("'; DROP TABLE incident; --", id="something else"),
    ],
)
def test_what_can_be_no_secret_is_empty(typed):
    assert normalised_secret(typed) == ""
