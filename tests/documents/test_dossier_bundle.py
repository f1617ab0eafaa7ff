"""The files of a dossier: all of the case, each named once in the manifest."""

import hashlib
import io
import json
import zipfile
from dataclasses import replace

from breachdesk.documents.dossier_bundle import attachment_name, dossier_files, zip_dossier
from breachdesk.domain.case_record import AttachmentRecord, CaseRecord, JournalRecord
from breachdesk.domain.dossier_files import DossierFile
from breachdesk.domain.journal import FIRST_LINK, Line, commitment_to, first_broken_line, line_hash
from breachdesk.domain.journal_file import TextState, read_journal_file
from breachdesk.domain.phase_document import PHASE_FORMAT
from breachdesk.domain.redaction import Part, Redaction, redact
from breachdesk.wording import ENGLISH, FRENCH
from tests.documents.sample_case import MADE, sample_case

CHAIN = "incident:7"
SALT = "0f" * 16


def with_chain(record: CaseRecord, reasons: tuple[str, ...]) -> CaseRecord:
    """The case with a journal whose chain holds; an empty text was erased."""
    previous, lines = FIRST_LINK, []
    for sequence, reason in enumerate(reasons, 1):
        commitment = commitment_to(reason or "erased since", SALT)
        line = Line(CHAIN, sequence, MADE, 3, "decided", {"number": sequence}, commitment, previous)
        previous = line_hash(line)
        lines.append(
            JournalRecord(
                sequence,
                MADE,
                "Anne Delmas",
                line.code,
                line.parameters,
                reason,
                previous,
                3,
                commitment,
                line.previous,
                SALT if reason else "",
            )
        )
    return replace(record, chain=CHAIN, journal=tuple(lines))


def named(files: tuple[DossierFile, ...]) -> dict[str, bytes]:
    return {file.name: file.content for file in files}


def test_the_manifest_names_every_other_file_with_its_hash() -> None:
    record = with_chain(sample_case(), ("Because", "", "And then"))
    record = replace(
        record,
        phases=tuple(
            replace(each, content={"format": PHASE_FORMAT, "form": "é"}) for each in record.phases
        ),
    )
    files = dossier_files(record, {1: b"%PDF-"}, FRENCH)
    content = named(files)
    manifest = json.loads(content.pop("manifest.json"))

    assert files[-1].name == "manifest.json"
    assert {each["name"] for each in manifest["files"]} == set(content)
    for each in manifest["files"]:
        assert each["sha256"] == hashlib.sha256(content[each["name"]]).hexdigest()
        assert each["size"] == len(content[each["name"]])
    assert manifest["kind"] == "whole"
    assert manifest["journal"]["head"] == record.journal[-1].hash
    assert manifest["journal"]["lines"] == 3
    assert json.loads(content["case.json"])["reference"] == record.reference
    assert json.loads(content["notifications/1.json"]) == {"format": PHASE_FORMAT, "form": "é"}
    assert len(content) == 3 + len(record.phases)


def test_the_chain_can_be_followed_from_the_file_alone() -> None:
    record = with_chain(sample_case(), ("Because", "", "And then"))
    journal = read_journal_file(named(dossier_files(record, {}, ENGLISH))["journal.json"])

    assert first_broken_line((each.line, each.hash) for each in journal.lines) is None
    states = [each.state for each in journal.lines]
    assert states == [TextState.KEPT, TextState.ERASED, TextState.KEPT]
    assert all(each.is_text_as_committed for each in journal.lines)


def test_a_redacted_copy_says_so_and_still_has_its_chain() -> None:
    record = with_chain(sample_case(), ("Because", "", "And then"))
    redaction = Redaction(parts=frozenset({Part.REASONS}), attachments=frozenset({1}), why="Third")
    copy = redact(record, redaction)
    content = named(dossier_files(copy, {}, ENGLISH))
    journal = read_journal_file(content["journal.json"])
    manifest = json.loads(content["manifest.json"])

    assert manifest["kind"] == "redacted"
    assert {"what": "attachments/1", "why": "Third"} in manifest["removed"]
    assert not [name for name in content if name.startswith("attachments/01")]
    assert b"Because" not in b"".join(content.values())
    assert first_broken_line((each.line, each.hash) for each in journal.lines) is None
    # What was erased before the copy was made is said to be so.
    states = [each.state for each in journal.lines]
    assert states == [TextState.REMOVED, TextState.ERASED, TextState.REMOVED]
    assert all(each.is_text_as_committed for each in journal.lines)


def test_names_of_attachments_are_plain_and_unique() -> None:
    def name(number: int, given: str) -> str:
        return attachment_name(number, AttachmentRecord(given, "text/plain", 1, "", "", MADE))

    assert name(1, "Accusé de réception.pdf") == "attachments/01-Accuse-de-reception.pdf"
    assert name(2, "../../etc/passwd") == "attachments/02-passwd"
    assert name(3, "/\\:*?") == "attachments/03-file"
    assert name(4, "証拠.png") == "attachments/04-file.png"
    assert name(100, "a" * 300 + ".txt") == f"attachments/100-{'a' * 60}.txt"


def test_the_zip_holds_the_pdf_and_the_same_files_and_is_the_same_each_time() -> None:
    files = dossier_files(with_chain(sample_case(), ("Because",)), {1: b"one"}, FRENCH)
    packed = zip_dossier(b"%PDF-sealed", named(files).items())

    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        assert archive.read("dossier.pdf") == b"%PDF-sealed"
        assert {name: archive.read(name) for name in archive.namelist()[1:]} == named(files)
    assert zip_dossier(b"%PDF-sealed", named(files).items()) == packed


def test_half_a_character_in_a_text_is_no_reason_to_fail() -> None:
    record = replace(sample_case(), title="half \ud83d")
    assert json.loads(named(dossier_files(record, {}, ENGLISH))["case.json"])["title"]
