"""Dossiers: numbered, never remade, the hash in the journal that of the file."""

import hashlib
import io
import json

import pikepdf
import pytest
from pypdf import PdfReader

from breachdesk.domain.access import Role
from breachdesk.domain.dossier_files import DossierKind
from breachdesk.domain.errors import InvalidInput, NotFound
from breachdesk.domain.journal import Entry, first_broken_line
from breachdesk.domain.journal_file import read_journal_file
from breachdesk.domain.redaction import Part, Redaction
from breachdesk.models.append_only import WrittenOnceError
from breachdesk.services import dossiers
from breachdesk.services.dossiers import RedactedCopy, dossiers_of, read_dossier
from breachdesk.services.journal import first_broken_entry, journal_of
from tests.cases import (
    MONDAY_NINE,
    attach,
    incident,
    know,
    make_dossier,
    make_organisation,
    open_case,
)

NOW = MONDAY_NINE


@pytest.fixture
def reference(work) -> str:
    """A case just opened: a dossier can be made at any step."""
    make_organisation(work, now=NOW)
    return open_case(work, now=NOW)


def test_a_dossier_is_numbered_sealed_and_proven_by_the_journal(work, reference, tmp_path):
    assert [make_dossier(work, reference, now=NOW) for _ in range(2)] == [1, 2]

    case = incident(work, reference)
    kept, pdf = read_dossier(work.session, work.desk, case, 1)
    assert hashlib.sha256(pdf).hexdigest() == kept.sha256
    lines = [line for line in journal_of(work.session, case) if line.code == Entry.DOSSIER_MADE]
    assert [line.parameters["number"] for line in lines] == [1, 2]
    assert lines[0].parameters["sha256"] == kept.sha256 != lines[1].parameters["sha256"]
    stored = [path.read_bytes() for path in (tmp_path / "files").iterdir()]
    assert len(stored) == 2
    assert not any(content.startswith(b"%PDF") for content in stored)
    with pytest.raises(NotFound):
        read_dossier(work.session, work.desk, case, 3)


def test_a_dossier_is_never_remade(work, reference):
    make_dossier(work, reference, now=NOW)
    kept = dossiers_of(work.session, incident(work, reference))[0]

    kept.sha256 = "0" * 64

    with pytest.raises(WrittenOnceError, match="sha256"):
        work.session.commit()


def test_a_dossier_holds_the_whole_case_as_files(work, reference):
    attach(work, reference, "Relevé d’accès.txt", b"09:14 opened", now=NOW)
    make_dossier(work, reference, now=NOW)

    files = _files_in(work, reference, 1)
    manifest = json.loads(files["manifest.json"])
    assert files["attachments/01-Releve-d-acces.txt"] == b"09:14 opened"
    assert json.loads(files["case.json"])["reference"] == reference
    assert manifest["kind"] == "whole"
    assert manifest["removed"] == []
    assert {each["name"] for each in manifest["files"]} == set(files) - {"manifest.json"}
    chain = journal_of(work.session, incident(work, reference))
    # The line that tells of the dossier comes after it.
    assert manifest["journal"]["head"] == chain[-2].hash
    journal = read_journal_file(files["journal.json"])
    assert first_broken_line((each.line, each.hash) for each in journal.lines) is None


def test_what_is_too_large_to_be_held_is_listed(work, reference, monkeypatch):
    attach(work, reference, "large.txt", b"x" * 50, now=NOW)
    attach(work, reference, "small.txt", b"y" * 5, now=NOW)
    monkeypatch.setattr(dossiers, "LARGEST_ATTACHED", 10)
    make_dossier(work, reference, now=NOW)

    files = _files_in(work, reference, 1)
    listed = json.loads(files["case.json"])["attachments"]
    assert [each["is_in_dossier"] for each in listed] == [False, True]
    assert [name for name in files if name.startswith("attachments/")] == [
        "attachments/02-small.txt"
    ]


def test_a_redacted_copy_holds_nothing_of_what_was_removed(work, reference):
    know(work, reference, now=NOW, description="Zénobie opened the folder")
    attach(work, reference, "zenobie.txt", b"Zenobie", now=NOW)
    redaction = Redaction(
        facts=frozenset({"description"}),
        parts=frozenset({Part.NAMES, Part.TITLE}),
        attachments=frozenset({1}),
        why="Secret des affaires",
    )
    copy = RedactedCopy("  Maître Arlette Pons ", redaction)
    make_dossier(work, reference, now=NOW, copy=copy)
    make_dossier(work, reference, now=NOW)

    kept, pdf = read_dossier(work.session, work.desk, incident(work, reference), 1)
    assert (kept.kind, kept.for_whom) == (DossierKind.REDACTED, "Maître Arlette Pons")
    assert {"what": "facts/description", "why": "Secret des affaires"} in kept.removed
    files = _files_in(work, reference, 1)
    assert json.loads(files["manifest.json"])["kind"] == "redacted"
    told = (*files.values(), _text_of(pdf).encode())
    assert not [text for text in told if b"nobie" in text]
    assert b"nobie" in _files_in(work, reference, 2)["case.json"]
    made = [
        line
        for line in journal_of(work.session, incident(work, reference))
        if line.code == Entry.DOSSIER_MADE
    ]
    assert made[0].parameters["kind"] == "redacted"
    assert "kind" not in made[1].parameters


@pytest.mark.parametrize(
    ("for_whom", "redaction", "code"),
    [
        ("  ", Redaction(parts=frozenset({Part.NAMES})), "for_whom_missing"),
        ("Maître Pons", Redaction(), "nothing_to_remove"),
        # A file that the case does not have.
        ("Maître Pons", Redaction(attachments=frozenset({9})), "nothing_to_remove"),
    ],
)
def test_a_copy_is_for_somebody_and_leaves_something_out(
    work, reference, for_whom, redaction, code
):
    with pytest.raises(InvalidInput, match=code):
        make_dossier(work, reference, now=NOW, copy=RedactedCopy(for_whom, redaction))
    assert dossiers_of(work.session, incident(work, reference)) == []


def _files_in(work, reference: str, number: int) -> dict[str, bytes]:
    """What a dossier embeds, as a reader of PDF finds it."""
    _, pdf = read_dossier(work.session, work.desk, incident(work, reference), number)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return {name: spec.get_file().read_bytes() for name, spec in opened.attachments.items()}


def _text_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_two_made_at_once_get_two_numbers(work, reference, at_once):
    work.session.commit()

    results = at_once(
        lambda own: make_dossier(own, reference, now=NOW, by=Role.HANDLER),
        lambda own: make_dossier(own, reference, now=NOW, by=Role.DPO),
    )

    assert sorted(results) == [1, 2]
    case = incident(work, reference)
    for made in dossiers_of(work.session, case):
        _, pdf = read_dossier(work.session, work.desk, case, made.number)
        assert hashlib.sha256(pdf).hexdigest() == made.sha256
    assert first_broken_entry(journal_of(work.session, case)) is None
