"""A journal that goes out in a file is read back whole, or refused with the line at fault."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from breachdesk.domain.journal import FIRST_LINK, Line, commitment_to, first_broken_line, line_hash
from breachdesk.domain.journal_file import (
    FiledLine,
    TextState,
    UnreadableJournal,
    journal_as_json,
    read_journal_file,
    state_of_text,
    strict_json,
)

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SALT = "5a" * 16


def filed(length: int = 4) -> list[FiledLine]:
    """A chain that holds, with a text on every second line."""
    lines, previous = [], FIRST_LINK
    for number in range(1, length + 1):
        text = f"Motif n° {number} : « é »" if number % 2 == 0 else None
        commitment = commitment_to(text, SALT) if text else ""
        at = NOON + timedelta(minutes=number, microseconds=7)
        line = Line("incident:7", number, at, 3, "advised", {"n": number}, commitment, previous)
        previous = line_hash(line)
        lines.append(FiledLine(line, previous, "Anne", text, SALT if text else None))
    return lines


def written(lines: list[FiledLine]) -> bytes:
    return json.dumps(journal_as_json("incident:7", lines), ensure_ascii=False).encode()


def changed(change) -> bytes:
    value = journal_as_json("incident:7", filed())
    change(value)
    return json.dumps(value).encode()


def test_what_is_written_is_read_back_and_still_chains():
    read = read_journal_file(written(filed()))

    assert list(read.lines) == filed()
    assert first_broken_line((each.line, each.hash) for each in read.lines) is None
    assert (read.head.chain, read.head.lines) == ("incident:7", 4)
    assert read.head.head == filed()[-1].hash


def test_a_journal_without_a_line_has_the_first_link_as_its_head():
    assert read_journal_file(written([])).head.head == FIRST_LINK


@pytest.mark.parametrize(
    ("reason", "salt", "state", "holds"),
    [
        ("Motif", SALT, "kept", True),
        ("Motif.", SALT, "kept", False),
        ("Motif", "00" * 16, "kept", False),
        ("Motif", None, "kept", False),
        (None, None, "kept", False),
        (None, None, "erased", True),
        (None, None, "removed", True),
        (None, SALT, "erased", False),
        ("Motif", SALT, "removed", False),
    ],
)
def test_a_text_is_the_one_committed_to_or_is_gone(reason, salt, state, holds):
    line = Line("incident:7", 1, NOON, 3, "advised", {}, commitment_to("Motif", SALT), FIRST_LINK)

    found = FiledLine(line, line_hash(line), "", reason, salt, TextState(state))

    assert found.is_text_as_committed is holds


@pytest.mark.parametrize(
    ("reason", "state", "holds"),
    [(None, "kept", True), ("Ajouté", "kept", False), (None, "erased", False)],
)
def test_a_line_that_had_no_text_has_none_and_lost_none(reason, state, holds):
    line = Line("incident:7", 1, NOON, 3, "opened", {}, "", FIRST_LINK)

    assert FiledLine(line, "", "", reason, None, TextState(state)).is_text_as_committed is holds


def test_a_text_that_is_gone_was_erased():
    assert state_of_text("ab", None) is TextState.ERASED
    assert state_of_text("ab", "x") is TextState.KEPT
    assert state_of_text("", None) is TextState.KEPT


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("at", "2026-11-24T12:02:00+00:00"),
        ("at", "2026-11-24T13:02:00.000007+01:00"),
        ("at", "2026-11-24T12:02:00.000007"),
        ("at", "hier"),
        ("sequence", True),
        ("sequence", 2.0),
        ("actor", "3"),
        ("parameters", []),
        ("hash", "AB" * 32),
        ("hash", ""),
        ("previous", "ab"),
        ("state", "perdu"),
        ("reason", 3),
    ],
)
def test_a_line_of_another_shape_is_named(name, value):
    def change(journal):
        journal["lines"][1][name] = value

    with pytest.raises(UnreadableJournal) as refused:
        read_journal_file(changed(change))

    assert (refused.value.line, refused.value.what) == (2, name)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b'{"format": "breachdesk-journal/2", "chain": "incident:7", "lines": []}',
        b'{"format": "breachdesk-journal/1", "chain": "incident:7", "lines": {}}',
        b'{"format": "breachdesk-journal/1", "chain": "a", "chain": "b", "lines": []}',
        b'{"format": "breachdesk-journal/1", "chain": "a", "lines": [], "more": 1}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_journal_is_refused_whole(content):
    with pytest.raises(UnreadableJournal) as refused:
        read_journal_file(content)

    assert refused.value.line == 0


@pytest.mark.parametrize("content", [b'{"a": NaN}', b'{"a": 1, "a": 2}'])
def test_json_that_could_be_read_in_two_ways_is_none(content):
    with pytest.raises(ValueError, match=r"number|twice"):
        strict_json(content)
