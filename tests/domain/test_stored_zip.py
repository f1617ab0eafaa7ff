"""A ZIP that can be written in one way only."""

import io
import zipfile

import pytest

from breachdesk.domain.stored_zip import NotStoredZip, read_zip, write_zip

FILES = {"dossier.pdf": b"%PDF-1.7\n" * 9, "case.json": b"{}", "attachments/01-a.txt": b""}


def test_other_programs_read_it():
    with zipfile.ZipFile(io.BytesIO(write_zip(FILES.items()))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == FILES
        assert {info.external_attr >> 16 for info in archive.infolist()} == {0o100644}


def test_it_is_read_back_in_its_order():
    assert list(read_zip(write_zip(FILES.items())).items()) == list(FILES.items())
    assert read_zip(write_zip([])) == {}


def test_every_flipped_bit_is_found_in_what_is_no_content_too():
    written = write_zip(FILES.items())

    for at in range(len(written)):
        for bit in range(8):
            flipped = bytearray(written)
            flipped[at] ^= 1 << bit
            try:
                # A flip in a name or its length may give another ZIP of ours, of other names;
                # one in a content does not fit its checksum.
                assert set(read_zip(bytes(flipped))) != set(FILES)
            except NotStoredZip:
                continue


def test_every_cut_is_found_and_whatever_follows():
    written = write_zip(FILES.items())

    for cut in (*(written[:end] for end in range(len(written))), written + b"\n", b"x" + written):
        with pytest.raises(NotStoredZip):
            read_zip(cut)


def _other(compression: int, files) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", compression) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return held.getvalue()


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(_other(zipfile.ZIP_DEFLATED, [("a", b"0" * 10_000_000)]), id="a bomb"),
        pytest.param(_other(zipfile.ZIP_STORED, FILES.items()), id="with dates"),
        pytest.param(b"PK\x05\x06" + bytes(19) + b"x", id="another end"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_others_wrote_is_refused(other):
    with pytest.raises(NotStoredZip):
        read_zip(other)


def test_a_name_that_stands_twice_is_refused():
    with pytest.raises(NotStoredZip, match="twice"):
        read_zip(write_zip([("a", b"1"), ("a", b"2")]))
