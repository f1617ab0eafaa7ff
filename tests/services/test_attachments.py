"""Files: known by content, sealed on the disk, under a name that harms nobody."""

import hashlib
import stat
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from breachdesk.domain.errors import InvalidInput, NotFound
from breachdesk.models import Attachment
from breachdesk.services.attachments import (
    LONGEST_NAME,
    media_type_of,
    read_attachment,
    safe_name,
)
from breachdesk.services.journal import journal_of
from tests.cases import MONDAY_NINE, attach, incident, make_organisation, open_case

NOW = MONDAY_NINE + timedelta(hours=1)
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        pytest.param(b"%PDF-1.7\n1 0 obj\n", "application/pdf", id="a PDF"),
        pytest.param(PNG, "image/png", id="a picture"),
        pytest.param("Reçu n° 12".encode(), "text/plain", id="text"),
        pytest.param(b"<!DOCTYPE html><script>1</script>", "text/plain", id="a page is text"),
        pytest.param(bytes(range(128, 256)), "application/octet-stream", id="who knows"),
        pytest.param(b"a\x00b", "application/octet-stream", id="no text holds NUL"),
    ],
)
def test_the_type_of_a_file_is_what_it_holds(content, media_type):
    assert media_type_of(content) == media_type


HEADS = [b"", b"PK\x03\x04", b"%PDF-", b"\xd0\xcf\x11\xe0", PNG, b"<?xml ", b"GIF89a", b"\x1f\x8b"]


@given(some.sampled_from(HEADS), some.binary(max_size=200))
def test_no_content_makes_the_look_at_its_type_fail(head, rest):
    media_type = media_type_of(head + rest)

    assert "/" in media_type
    assert media_type != "text/html"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        pytest.param("../../etc/passwd", "passwd", id="folders"),
        pytest.param("C:\\Users\\Anne\\capture.png", "capture.png", id="Windows folders"),
        pytest.param("..", "piece-jointe", id="only dots"),
        pytest.param("", "piece-jointe", id="no name"),
        pytest.param("a\r\nX-Bad: 1\x00.txt", "aX-Bad: 1.txt", id="control characters"),
        pytest.param("photo\u202egpj.exe", "photogpj.exe", id="right-to-left override"),
        pytest.param("été « à lire ».pdf", "été « à lire ».pdf", id="an honest French name"),
        pytest.param(".htaccess ", "htaccess", id="hidden"),
        pytest.param("n" * 300 + ".pdf", "n" * 116 + ".pdf", id="long, its ending kept"),
        pytest.param("a." + "n" * 300, ("a." + "n" * 300)[:LONGEST_NAME], id="a long ending"),
    ],
)
def test_a_name_keeps_what_is_harmless(name, safe):
    assert safe_name(name) == safe


@given(some.text())
def test_every_name_becomes_one_that_can_be_stored_and_shown(name):
    safe = safe_name(name)

    assert 0 < len(safe) <= LONGEST_NAME
    assert safe.isprintable()
    assert "/" not in safe
    assert safe.encode()


@pytest.fixture
def reference(work) -> str:
    """A case to add to."""
    make_organisation(work, now=NOW)
    return open_case(work, now=NOW)


def test_a_file_is_sealed_on_the_disk_and_comes_back_whole(work, reference, tmp_path):
    content = b"Les noms des clients : Garnier, Vidal." * 9

    kept = attach(work, reference, "liste.txt", content, now=NOW)

    row, read = read_attachment(work.session, work.desk, incident(work, reference), kept)
    assert (read, row.size, row.sha256) == (
        content,
        len(content),
        hashlib.sha256(content).hexdigest(),
    )
    (stored,) = (tmp_path / "files").iterdir()
    assert stored.name == row.stored_as != row.name
    assert b"Garnier" not in stored.read_bytes()
    assert stat.S_IMODE(stored.stat().st_mode) == 0o600
    line = journal_of(work.session, incident(work, reference))[-1]
    assert line.parameters["sha256"] == row.sha256
    assert "liste" not in str(line.parameters)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"", "file_empty", id="empty"),
        pytest.param(b"MZ\x90\x00", "file_is_program", id="a Windows program"),
        pytest.param(b"\x7fELF\x02", "file_is_program", id="a Linux program"),
        pytest.param(b"#!/bin/sh\nrm -rf /", "file_is_program", id="a script"),
        pytest.param(b"x" * 20_000_001, "file_too_large", id="a byte too many"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_by_name(work, reference, content, code):
    with pytest.raises(InvalidInput) as refused:
        attach(work, reference, "essai.txt", content, now=NOW)

    assert (refused.value.code, refused.value.parameters["shown"]) == (code, "essai.txt")
    assert not work.desk.files.folder.exists()


def test_the_file_of_one_case_is_none_of_another(work, reference):
    kept = attach(work, reference, "x.txt", b"x", now=NOW)
    other = incident(work, open_case(work, now=NOW))

    with pytest.raises(NotFound):
        read_attachment(work.session, work.desk, other, kept)
    with pytest.raises(NotFound):
        read_attachment(work.session, work.desk, incident(work, reference), kept + 1)


def test_a_row_is_never_there_without_its_file(work, reference, tmp_path):
    (tmp_path / "files").write_text("in the way")

    with pytest.raises(OSError, match="files"):
        attach(work, reference, "x.txt", b"x", now=NOW)

    work.session.rollback()
    assert work.session.query(Attachment).count() == 0
