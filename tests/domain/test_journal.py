"""The journal's chain: whatever is altered in it is found."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.journal import (
    FIRST_LINK,
    Line,
    commitment_to,
    first_broken_line,
    line_hash,
)

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def chain(length: int) -> list[tuple[Line, str]]:
    """A chain that holds."""
    lines, previous = [], FIRST_LINK
    for number in range(1, length + 1):
        at = NOON + timedelta(minutes=number)
        line = Line("incident:7", number, at, 3, "assessed", {"version": number}, "", previous)
        previous = line_hash(line)
        lines.append((line, previous))
    return lines


def test_a_chain_that_nobody_touched_holds():
    assert first_broken_line(chain(5)) is None
    assert first_broken_line([]) is None


@pytest.mark.parametrize(
    "change",
    [
        {"at": NOON},
        {"actor_id": None},
        {"code": "decided"},
        {"parameters": {"version": 99}},
        {"commitment": "ab"},
        {"chain": "incident:8"},
        {"previous": "f" * 64},
        {"sequence": 9},
    ],
)
def test_an_altered_line_is_found(change):
    lines = chain(5)
    lines[2] = (replace(lines[2][0], **change), lines[2][1])

    assert first_broken_line(lines) == 3


def test_a_line_altered_with_its_hash_breaks_the_next():
    lines = chain(5)
    altered = replace(lines[2][0], code="decided")
    lines[2] = (altered, line_hash(altered))

    assert first_broken_line(lines) == 4


@given(st.integers(0, 4), st.integers(0, 4))
def test_lines_taken_out_or_moved_are_found(first, second):
    lines = chain(5)
    without = lines[:first] + lines[first + 1 :]
    swapped = list(lines)
    swapped[first], swapped[second] = swapped[second], swapped[first]

    # The last line alone can be taken away unseen: its head is what dossiers and mails carry.
    assert (first_broken_line(without) is None) == (first == 4)
    assert (first_broken_line(swapped) is None) == (first == second)


@given(st.text(), st.text())
def test_a_commitment_holds_one_to_the_text_and_says_nothing_without_its_salt(text, other):
    assert commitment_to(text, "salt") == commitment_to(text, "salt")
    assert commitment_to(text, "salt") != commitment_to(text, "pepper")
    assert (commitment_to(text, "salt") == commitment_to(other, "salt")) == (text == other)
