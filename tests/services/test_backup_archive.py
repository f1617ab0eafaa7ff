"""The inside of a backup: parts that do not fit together are found, whoever wrote them."""

import io
import tarfile

import pytest

from breachdesk.services.backup import KeyTexts
from breachdesk.services.backup.archive import ArchiveWriter, Head, StoredFile
from breachdesk.services.backup.checking import check_parts, say_nothing
from breachdesk.services.backup.faults import DamagedBackup
from breachdesk.services.backup.rows import Kind
from breachdesk.services.backup.sealed_stream import SealedReader, SealedWriter
from tests.services.backups import quick_lock  # noqa: F401 - a fixture

PASSPHRASE = "cinq renards dans la neige"
KEYS = KeyTexts(("k" * 40,), "s" * 40)
HEAD = Head("0002", "sqlite", "2026-03-02T09:00:00+00:00", {"users": {"id": Kind.INTEGER}})
NAME = "a" * 64


class Writing:
    """An archive under way, to be spoilt."""

    def __init__(self, head: Head = HEAD) -> None:
        self.file = io.BytesIO()
        self.sealed = SealedWriter(self.file, PASSPHRASE)
        self.archive = ArchiveWriter(self.sealed, head)

    def read(self):
        self.file.seek(0)
        return check_parts(SealedReader(self.file, PASSPHRASE), say_nothing)


def _whole() -> Writing:
    made = Writing()
    made.archive.add_table("users", ["[1]", "[2]"])
    made.archive.add_keys(KEYS)
    made.archive.add_file(StoredFile(NAME, 3, io.BytesIO(b"abc")))
    return made


def test_what_was_written_is_counted_alike_by_who_reads():
    made = _whole()
    made.archive.finish()

    found = made.read()

    assert (found.rows, found.tally.files, found.tally.file_bytes) == (2, 1, 3)
    assert found.tally.manifest() == made.archive.tally.manifest()
    assert (found.head, found.keys) == (HEAD, KEYS)


def test_a_large_table_is_written_in_parts():
    made = Writing()
    lines = [f"[{number}]" for number in range(400_000)]
    made.archive.add_table("users", lines)
    made.archive.add_keys(KEYS)
    made.archive.finish()

    assert made.read().rows == 400_000
    assert len(made.file.getvalue()) < 2_000_000


def _add_uncounted_rows(made: Writing) -> None:
    made.archive._add_part("users", 1, ["[3]"])


def _add_uncounted_file(made: Writing) -> None:
    made.archive._add(f"files/{'b' * 64}", 1, io.BytesIO(b"x"))


def _count_what_is_not_there(made: Writing) -> None:
    made.archive.tally.count_line("users", "[3]")


def _change_a_row(made: Writing) -> None:
    made.archive.tally.hashes["users"].update(b"!")


def _add_a_stranger(made: Writing) -> None:
    made.archive._add_json("surprise.json", {})


def _lead_out_of_the_folder(made: Writing) -> None:
    made.archive._add("files/../../outside", 1, io.BytesIO(b"x"))


def _add_unknown_table(made: Writing) -> None:
    made.archive.add_table("strangers", ["[1]"])


def _add_no_row(made: Writing) -> None:
    made.archive.add_table("users", ['["one", "too many"]'])


def _add_no_gzip(made: Writing) -> None:
    made.archive._add("tables/users/000009.gz", 3, io.BytesIO(b"abc"))


@pytest.mark.parametrize(
    "spoil",
    [
        _add_uncounted_rows,
        _add_uncounted_file,
        _count_what_is_not_there,
        _change_a_row,
        _add_a_stranger,
        _lead_out_of_the_folder,
        _add_unknown_table,
        _add_no_row,
        _add_no_gzip,
    ],
    ids=lambda spoil: spoil.__name__.strip("_").replace("_", " "),
)
def test_parts_that_do_not_fit_together_are_found(spoil):
    made = _whole()
    spoil(made)
    made.archive.finish()

    with pytest.raises(DamagedBackup):
        made.read()


def test_an_archive_without_its_manifest_is_not_whole():
    made = _whole()
    made.archive._tar.close()
    made.sealed.close()

    with pytest.raises(DamagedBackup, match="manifest"):
        made.read()


def test_an_archive_without_keys_is_not_whole():
    made = Writing()
    made.archive.add_table("users", ["[1]"])
    made.archive.finish()

    with pytest.raises(DamagedBackup, match="A part of this backup is missing"):
        made.read()


def test_something_after_the_manifest_is_found():
    made = _whole()
    manifest = {**made.archive.tally.manifest(), "gone": []}
    made.archive._add_json("manifest.json", manifest)
    made.archive._add(f"files/{'b' * 64}", 1, io.BytesIO(b"x"))
    made.archive._tar.close()
    made.sealed.close()

    with pytest.raises(DamagedBackup, match="unexpected"):
        made.read()


def test_a_link_in_the_place_of_a_file_is_found():
    made = _whole()
    link = tarfile.TarInfo(f"files/{'b' * 64}")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    made.archive._tar.addfile(link)
    made.archive.finish()

    with pytest.raises(DamagedBackup):
        made.read()


def test_a_later_format_is_said(monkeypatch):
    from breachdesk.services.backup import archive

    monkeypatch.setattr(archive, "FORMAT", 2)
    made = _whole()
    made.archive.finish()
    monkeypatch.undo()

    with pytest.raises(DamagedBackup, match="newer breachdesk"):
        made.read()
