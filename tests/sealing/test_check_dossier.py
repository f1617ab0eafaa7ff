"""A dossier is checked from its file alone: what was altered is found, and nothing is claimed."""

import json
from dataclasses import replace

import pytest

from breachdesk.documents.dossier_bundle import json_bytes, zip_dossier
from breachdesk.domain.dossier_check import DossierCheck, Limit, Outcome, Subject, Verdict
from breachdesk.domain.journal import line_hash
from breachdesk.domain.journal_file import journal_as_json, read_journal_file
from breachdesk.domain.redaction import Part, Redaction, redact
from breachdesk.domain.stored_zip import read_zip, write_zip
from breachdesk.sealing.check_dossier import check_dossier
from tests.sealing.sample_dossier import (
    bare,
    chained_case,
    content_of,
    files_of,
    sample_key,
    sample_pdf,
    sample_zip,
    sealed,
    with_files,
)


def codes(check: DossierCheck, outcome: Outcome = Outcome.FAILS) -> list[str]:
    return [each.code for each in check.findings if each.outcome is outcome]


def test_a_dossier_as_it_was_made_holds_and_its_origin_is_not_claimed():
    check = check_dossier(sample_pdf())

    assert codes(check) == []
    assert check.verdict is Verdict.INTACT
    assert codes(check, Outcome.HOLDS) == [
        "seal_holds",
        "files_hold",
        "chain_holds",
        "texts_hold",
        "case_agrees",
    ]
    assert codes(check, Outcome.OPEN) == ["origin_not_proven", "no_time_stamp"]
    assert {Limit.ORIGIN, Limit.CLOCK, Limit.TRUTH, Limit.PAGES} <= set(check.not_checked)


def test_whose_seal_it_is_is_proven_to_who_knows_the_fingerprint():
    check = check_dossier(sample_pdf(), trust=sample_key().fingerprint)

    assert check.verdict is Verdict.PROVEN
    assert Limit.ORIGIN not in check.not_checked
    assert Limit.IDENTITY in check.not_checked


def test_another_seal_than_the_one_trusted_fails():
    check = check_dossier(sample_pdf(), trust=sample_key("other.example").fingerprint)

    assert (check.verdict, check.holds) == (Verdict.OTHER_ORIGIN, False)
    assert codes(check) == ["origin_other"]


def test_the_zip_holds_too_and_nothing_else_is_in_it():
    check = check_dossier(sample_zip(), trust=sample_key().fingerprint)

    assert check.verdict is Verdict.PROVEN
    assert "archive_agrees" in codes(check, Outcome.HOLDS)


def test_a_check_is_written_and_read_back():
    check = check_dossier(sample_pdf())

    assert DossierCheck.from_json(json.loads(json.dumps(check.as_json()))) == check


# --- A forger who seals again with a key of their own ----------------------------------------


def _journal(change) -> bytes:
    """The sample's journal, its lines changed, and every link worked out anew."""
    journal = read_journal_file(content_of("journal.json"))
    lines = change(list(journal.lines))
    return json_bytes(journal_as_json(journal.chain, lines))


def _chained_anew(lines):
    previous, made = "0" * 64, []
    for place, filed in enumerate(lines, 1):
        line = replace(filed.line, sequence=place, previous=previous)
        previous = line_hash(line)
        made.append(replace(filed, line=line, hash=previous))
    return made


def _reordered(lines):
    lines[3], lines[4] = lines[4], lines[3]
    return lines


def _without_third(lines):
    return lines[:2] + lines[3:]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param(_without_third, "chain_broken", id="a line removed"),
        pytest.param(_reordered, "chain_broken", id="two lines reordered"),
        pytest.param(lambda lines: lines[:-1], "head_differs", id="the last line removed"),
        pytest.param(
            lambda lines: (
                [replace(lines[0], line=replace(lines[0].line, code="closed")), *lines[1:]]
            ),
            "chain_broken",
            id="a line rewritten",
        ),
        pytest.param(
            lambda lines: _chained_anew(_without_third(lines)),
            "head_differs",
            id="a line removed and all chained anew",
        ),
        pytest.param(
            lambda lines: [
                replace(each, reason="Rien à notifier.") if each.reason else each for each in lines
            ],
            "text_differs",
            id="a text rewritten",
        ),
        pytest.param(
            lambda lines: [replace(each, actor_name="Autre") for each in lines],
            "line_differs",
            id="names beside the lines",
        ),
    ],
)
def test_a_journal_altered_and_sealed_anew_contradicts_itself(change, code):
    check = check_dossier(with_files({"journal.json": _journal(change)}))

    assert check.verdict is Verdict.CONTRADICTED
    assert code in codes(check)


def test_a_forgery_without_fault_is_found_by_a_trusted_seal_and_by_a_hash_mailed_before():
    """The whole case told anew, chained anew, sealed by somebody else: only this is left."""
    record = chained_case()
    mailed = record.journal[-1].hash
    told_anew = chained_case(advice="Le lien était privé.")
    forged = sealed(bare(files_of(told_anew)), sample_key("forger.example"))

    alone = check_dossier(forged)
    trusting = check_dossier(forged, trust=sample_key().fingerprint)
    mailed_before = check_dossier(forged, head=mailed)

    assert alone.verdict is Verdict.INTACT
    assert trusting.verdict is Verdict.OTHER_ORIGIN
    assert mailed_before.verdict is Verdict.CONTRADICTED
    assert codes(mailed_before) == ["head_not_found"]


def test_a_hash_given_before_is_found_with_its_line():
    record = chained_case()
    check = check_dossier(sample_pdf(), head=record.journal[4].hash)

    found = next(each for each in check.findings if each.subject is Subject.HEAD)
    assert (found.outcome, found.code) == (Outcome.HOLDS, "head_found")
    assert found.parameters["line"] == 5
    assert check.holds


@pytest.mark.parametrize(
    ("changes", "restated", "code"),
    [
        ({"attachments/02-liste.csv": b"id;nom\r\n1;Durand\r\n"}, False, "file_differs"),
        ({"attachments/02-liste.csv": b"id;nom\r\n1;Durand\r\n"}, True, "attachment_differs"),
        ({"attachments/02-liste.csv": None}, False, "file_missing"),
        ({"attachments/02-liste.csv": None}, True, "attachment_missing"),
        ({"attachments/03-autre.csv": b"x"}, False, "file_not_listed"),
        ({"attachments/03-autre.csv": b"x"}, True, "attachment_differs"),
        ({"notifications/1.json": b"{}"}, True, "phase_differs"),
        ({"notifications/1.json": None}, True, "phase_differs"),
        ({"notifications/2.json": b"{}"}, True, "file_unknown"),
        ({"journal.json": b"[]"}, True, "journal_unreadable"),
        ({"journal.json": None}, True, "file_missing"),
        ({"case.json": b"{}"}, True, "case_unreadable"),
        ({"case.json": None}, True, "file_missing"),
        ({"manifest.json": b"{}"}, False, "manifest_unreadable"),
        ({"manifest.json": None}, False, "no_manifest"),
    ],
)
def test_other_files_sealed_anew_contradict_the_rest(changes, restated, code):
    check = check_dossier(with_files(changes, restated=restated))

    assert check.verdict is Verdict.CONTRADICTED
    assert code in codes(check)


def _case(change) -> bytes:
    case = json.loads(content_of("case.json"))
    change(case)
    return json_bytes(case)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda case: case["facts"][0].update(value="Rien"), "fact_differs"),
        (lambda case: case["facts"][0].update(state="unknown"), "fact_differs"),
        (lambda case: case["facts"][0].update(version=2), "fact_differs"),
        (lambda case: case["facts"][0].update(salt=""), "fact_differs"),
        (lambda case: case["facts"].pop(0), "fact_missing"),
        (lambda case: case["facts"].append(case["facts"][0]), "facts_twice"),
        (lambda case: case["attachments"][0].update(sha256="0" * 64), "attachments_differ"),
        (lambda case: case["attachments"].reverse(), "attachment_differs"),
        (lambda case: case["journal"].pop(), "line_differs"),
        (lambda case: case["journal"].append(case["journal"][0]), "line_differs"),
        (lambda case: case["journal"][1].update(actor="Autre"), "line_differs"),
        (lambda case: case["journal"][1]["parameters"].update(version=True), "line_differs"),
        (lambda case: case["phases"].clear(), "phases_differ"),
        (lambda case: case.update(reference="GIR-2026-0008"), "case_of_another"),
        (lambda case: case.update(made_at="2026-11-25T08:15:00+00:00"), "case_of_another"),
        (lambda case: case["removed"].append({"what": "names", "why": ""}), "removed_differs"),
        (lambda case: case.pop("facts"), "case_unreadable"),
    ],
)
def test_data_that_the_journal_does_not_attest_are_found(change, code):
    check = check_dossier(with_files({"case.json": _case(change)}))

    assert check.verdict is Verdict.CONTRADICTED
    assert code in codes(check)


# --- What was erased or removed ---------------------------------------------------------------


def test_what_was_erased_is_said_and_the_chain_holds():
    pdf = sealed(bare(files_of(chained_case(erased=["description", "reason"]))))
    check = check_dossier(pdf)

    said = {each.code: each.parameters for each in check.findings}
    assert check.verdict is Verdict.INTACT
    assert said["facts_erased"]["facts"] == ["description"]
    assert said["texts_erased"]["count"] == 1
    assert "chain_holds" in said


def test_a_redacted_copy_holds_and_says_what_it_lacks():
    redaction = Redaction(
        facts=frozenset({"description"}),
        parts=frozenset({Part.REASONS, Part.NAMES}),
        attachments=frozenset({2}),
        why="Secret",
    )
    copy = redact(chained_case(), redaction)
    check = check_dossier(sealed(bare(files_of(copy))))

    said = {each.code: each.parameters for each in check.findings}
    assert codes(check) == []
    assert check.verdict is Verdict.INTACT
    assert "facts/description" in said["redacted"]["parts"]
    assert said["texts_removed"]["count"] == 2
    assert said["attachments_left_out"]["numbers"] == [2]


# --- The file as a whole ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_a_dossier"),
        (b"Bonjour", "not_a_dossier"),
        (b"%PDF-1.7\n%%EOF\n", "no_seal"),
        (b"PK\x03\x04", "archive_altered"),
        (b"PK\x05\x06" + bytes(18), "archive_without_pdf"),
        (write_zip([("case.json", b"{}")]), "archive_without_pdf"),
        (write_zip([("dossier.pdf", b"x")]), "not_a_pdf"),
    ],
)
def test_what_is_no_dossier_is_named_and_nothing_more_is_said(content, code):
    check = check_dossier(content)

    assert check.verdict is Verdict.BROKEN
    assert codes(check) == [code]
    assert check.not_checked == (Limit.CONTENT,)


def test_a_dossier_that_is_not_sealed_is_none():
    assert codes(check_dossier(bare(()))) == ["no_seal"]


def _zip(change) -> bytes:
    files = read_zip(sample_zip())
    change(files)
    return write_zip(files.items())


def _renamed(files):
    files["attachments/09-liste.csv"] = files.pop("attachments/02-liste.csv")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda files: files.update({"case.json": b"{}"}), "archive_differs"),
        (lambda files: files.update({"lisezmoi.txt": b"x"}), "archive_has_more"),
        (lambda files: files.pop("journal.json"), "archive_lacks"),
        (_renamed, "archive_has_more"),
        (lambda files: files.update({"dossier.pdf": files["dossier.pdf"] + b"\n"}), "seal_damaged"),
    ],
)
def test_a_zip_whose_files_are_not_those_of_its_pdf_is_found(change, code):
    check = check_dossier(_zip(change))

    assert not check.holds
    assert code in codes(check)


def test_a_zip_in_another_order_still_agrees():
    files = read_zip(sample_zip())
    check = check_dossier(zip_dossier(files.pop("dossier.pdf"), reversed(list(files.items()))))

    assert check.holds


def test_what_unpacks_to_too_much_is_not_unpacked():
    check = check_dossier(sample_pdf(), largest=10_000)

    assert check.verdict is Verdict.CONTRADICTED
    assert codes(check) == ["pdf_unreadable"]
    assert Limit.CONTENT in check.not_checked


def test_a_filing_rewritten_everywhere_but_in_the_journal_is_found():
    """In its own file and in the case's data, the manifest restated, all sealed anew."""
    case = json.loads(content_of("case.json"))
    case["phases"][0]["content"]["was_late"] = True
    rewritten = json_bytes(case["phases"][0]["content"])
    changes = {"case.json": json_bytes(case), "notifications/1.json": rewritten}

    check = check_dossier(with_files(changes))

    assert check.verdict is Verdict.CONTRADICTED
    assert codes(check) == ["phase_differs"]
