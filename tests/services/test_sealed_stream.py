"""A locked file: what went in comes out, or a sentence says why not."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from breachdesk.services.backup.faults import DamagedBackup, NotABackup, WrongPassphrase
from breachdesk.services.backup.sealed_stream import (
    MAGIC,
    PIECE_BYTES,
    SealedReader,
    SealedWriter,
)
from tests.services.backups import quick_lock  # noqa: F401 - a fixture

PASSPHRASE = "cinq renards dans la neige"
SEALED_PIECE = PIECE_BYTES + 16


def locked(content: bytes, *, at_once: int = 10_000) -> bytes:
    file = io.BytesIO()
    writer = SealedWriter(file, PASSPHRASE)
    for start in range(0, len(content), at_once):
        writer.write(content[start : start + at_once])
    writer.close()
    return file.getvalue()


def unlocked(sealed: bytes, passphrase: str = PASSPHRASE) -> bytes:
    return SealedReader(io.BytesIO(sealed), passphrase).read()


def _head_length(sealed: bytes) -> int:
    return sealed.index(b"\n", len(MAGIC)) + 1


def _pieces(sealed: bytes) -> tuple[bytes, list[bytes]]:
    start = _head_length(sealed)
    body = sealed[start:]
    return sealed[:start], [
        body[at : at + SEALED_PIECE] for at in range(0, len(body), SEALED_PIECE)
    ]


AROUND_A_PIECE = [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES, 200_000]


@pytest.mark.parametrize("size", AROUND_A_PIECE)
def test_any_size_comes_back(size):
    content = bytes(number % 251 for number in range(size))

    sealed = locked(content)

    assert unlocked(sealed) == content
    assert len(content) < 8 or content[:8] not in sealed


@given(
    some.integers(min_value=0, max_value=3 * PIECE_BYTES),
    some.integers(min_value=1, max_value=2 * PIECE_BYTES),
    some.integers(min_value=1, max_value=2 * PIECE_BYTES),
)
def test_it_is_written_and_read_in_steps_of_any_size(size, write_step, read_step):
    content = bytes(number % 253 for number in range(size))
    reader = SealedReader(io.BytesIO(locked(content, at_once=write_step)), PASSPHRASE)
    read = []

    while piece := reader.read(read_step):
        read.append(piece)

    assert b"".join(read) == content
    assert reader.read(10) == b""


def test_two_files_of_the_same_content_have_nothing_in_common():
    assert _pieces(locked(b"x" * 100))[1] != _pieces(locked(b"x" * 100))[1]


CONTENT = bytes(number % 249 for number in range(3 * PIECE_BYTES + 500))


@pytest.mark.parametrize("size", [2 * PIECE_BYTES, 3 * PIECE_BYTES + 500], ids=["even", "uneven"])
def test_a_file_cut_between_two_pieces_is_found(size):
    head, pieces = _pieces(locked(CONTENT[:size]))

    for kept in range(len(pieces)):
        with pytest.raises(DamagedBackup):
            unlocked(head + b"".join(pieces[:kept]))


@given(some.data())
def test_a_file_cut_anywhere_is_found(data):
    sealed = locked(CONTENT)
    kept = data.draw(some.integers(min_value=0, max_value=len(sealed) - 1))

    with pytest.raises((DamagedBackup, NotABackup)):
        unlocked(sealed[:kept])


@given(some.data())
def test_a_single_bit_altered_is_found(data):
    sealed = bytearray(locked(CONTENT[: PIECE_BYTES + 10]))
    place = data.draw(some.integers(min_value=0, max_value=len(sealed) - 1))
    sealed[place] ^= 1 << data.draw(some.integers(min_value=0, max_value=7))

    try:
        content = unlocked(bytes(sealed))
    except (DamagedBackup, NotABackup, WrongPassphrase):
        return
    # Base64 has bits that say nothing, in the text before the pieces.
    assert place < _head_length(bytes(sealed))
    assert content == CONTENT[: PIECE_BYTES + 10]


@pytest.mark.parametrize(
    "rearranged",
    [
        pytest.param([1, 0, 2, 3], id="swapped"),
        pytest.param([0, 1, 1, 2, 3], id="repeated"),
        pytest.param([0, 2, 3], id="one left out"),
        pytest.param([0, 1, 2, 3, 3], id="the end twice"),
        pytest.param([0, 1, 2, 3, 0], id="something after the end"),
    ],
)
def test_pieces_out_of_their_order_are_found(rearranged):
    head, pieces = _pieces(locked(CONTENT))

    with pytest.raises(DamagedBackup):
        unlocked(head + b"".join(pieces[number] for number in rearranged))


def test_pieces_of_another_file_are_found():
    head, _ = _pieces(locked(CONTENT))
    _, pieces = _pieces(locked(CONTENT))

    with pytest.raises(DamagedBackup):
        unlocked(head + b"".join(pieces))


def test_who_met_the_damage_reads_nothing_more():
    head, pieces = _pieces(locked(CONTENT))
    damaged = pieces[0] + bytes(SEALED_PIECE) + pieces[2] + pieces[3]
    reader = SealedReader(io.BytesIO(head + damaged), PASSPHRASE)
    with pytest.raises(DamagedBackup):
        reader.read()

    assert len(reader.read()) <= PIECE_BYTES


@pytest.mark.parametrize("passphrase", ["", "cinq renards dans la neigE", PASSPHRASE + " "])
def test_another_passphrase_opens_nothing(passphrase):
    with pytest.raises(WrongPassphrase, match="does not open"):
        unlocked(locked(b"x"), passphrase)


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\x00", b"breachdesk backup 2\n{}"])
def test_another_file_is_no_backup(content):
    with pytest.raises(NotABackup, match="not a backup"):
        unlocked(content)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"memory_kib": 1_000_000_000}, id="all the memory of the machine"),
        pytest.param({"passes": 1_000_000}, id="a day of work"),
        pytest.param({"lanes": 5000}, id="five thousand threads"),
        pytest.param({"passes": 0}, id="no work at all"),
        pytest.param({"memory_kib": -1}, id="less than nothing"),
        pytest.param({"memory_kib": "much"}, id="no number"),
        pytest.param({"salt": "?"}, id="no salt"),
        pytest.param({"salt": ""}, id="an empty salt"),
        pytest.param({"more": 1}, id="something unknown"),
    ],
)
def test_a_hostile_head_is_refused_before_it_costs_anything(changed):
    sealed = locked(b"x")
    start = _head_length(sealed)
    head = {**json.loads(sealed[len(MAGIC) : start]), **changed}

    with pytest.raises(DamagedBackup, match="first lines"):
        unlocked(MAGIC + json.dumps(head).encode() + b"\n" + sealed[start:])


def test_a_head_made_weaker_is_found():
    sealed = locked(b"x")
    start = _head_length(sealed)
    head = json.loads(sealed[len(MAGIC) : start])
    head["passes"] += 1

    with pytest.raises(WrongPassphrase):
        unlocked(MAGIC + json.dumps(head).encode() + b"\n" + sealed[start:])
