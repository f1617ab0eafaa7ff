"""A filing's own PDF is checked from its file alone, against the journal's line inside it."""

import json
import shutil
import subprocess

import pytest

from breachdesk.domain.dossier_check import DossierCheck, Limit, Outcome, Verdict
from breachdesk.domain.filing_files import LINE_NAME
from breachdesk.domain.journal import Entry
from breachdesk.sealing.check_dossier import check_dossier
from breachdesk.wording import ENGLISH, FRENCH
from breachdesk.wording.dossier_check import check_words
from tests.sealing.sample_dossier import sample_key
from tests.sealing.sample_filing import (
    BEFORE,
    filing_files,
    line_that_attests,
    sample_filing,
    sample_filing_pdf,
    sealed_with,
    with_code,
)
from tests.web.reading import plain


def codes(check: DossierCheck, outcome: Outcome = Outcome.FAILS) -> list[str]:
    return [each.code for each in check.findings if each.outcome is outcome]


def altered(**changes: object) -> bytes:
    """The sample's data with another value here and there, as JSON."""
    return json.dumps({**sample_filing(), **changes}).encode()


def test_a_filing_as_it_was_printed_holds_and_says_what_was_not_looked_at():
    check = check_dossier(sample_filing_pdf(), trust=sample_key().fingerprint)

    assert check.verdict is Verdict.PROVEN
    assert codes(check) == []
    assert codes(check, Outcome.HOLDS) == [
        "seal_holds",
        "origin_proven",
        "filing_holds",
        "filing_attested",
    ]
    assert {Limit.RECEIVED, Limit.REST_OF_JOURNAL, Limit.PAGES} <= set(check.not_checked)
    assert Limit.RECORDS not in check.not_checked
    said = " ".join(sentence for _, sentence in check_words(check, FRENCH).lines)
    assert "Dépôt n° 1 de GIR-" in plain(said)


def test_pdfsig_finds_the_whole_file_signed(tmp_path):
    if shutil.which("pdfsig") is None:
        pytest.skip("no pdfsig here")
    path = tmp_path / "filing.pdf"
    path.write_bytes(sample_filing_pdf())
    done = subprocess.run(["pdfsig", path], capture_output=True, text=True, check=False)

    assert "Signature is Valid" in done.stdout
    assert "Total document signed" in done.stdout


@pytest.mark.parametrize("place", [9, 1000, -2000, -40])
def test_a_bit_changed_anywhere_is_found(place):
    content = bytearray(sample_filing_pdf())
    content[place] ^= 1

    assert check_dossier(bytes(content)).verdict is Verdict.BROKEN


CONTENT = sample_filing()
LINE = line_that_attests(CONTENT)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param(
            {"notification-1.json": altered(was_late=True)}, "filing_differs", id="data rewritten"
        ),
        pytest.param(
            {LINE_NAME: filing_files(CONTENT, line_that_attests(CONTENT, sequence=2))[LINE_NAME]},
            "filing_differs",
            id="the line of another filing",
        ),
        pytest.param(
            {LINE_NAME: filing_files(CONTENT, with_code(LINE, Entry.ADVISED))[LINE_NAME]},
            "filing_differs",
            id="the line of something else",
        ),
        pytest.param(
            {
                LINE_NAME: filing_files(CONTENT, LINE)[LINE_NAME].replace(
                    b'"sequence": 34', b'"sequence": 35'
                )
            },
            "line_altered",
            id="the line rewritten",
        ),
        pytest.param({LINE_NAME: None}, "line_missing", id="no line"),
        pytest.param({LINE_NAME: b"[]"}, "line_unreadable", id="no journal"),
        pytest.param({LINE_NAME: b"[" * 9000}, "line_unreadable", id="nested too deep"),
        pytest.param({"notification-1.json": b"{}"}, "filing_unreadable", id="no filing"),
        pytest.param(
            {"notification-1.json": altered(sequence=2)}, "filing_unreadable", id="another number"
        ),
        pytest.param({"notification-1.json": altered(forms={})}, "filing_unreadable", id="no form"),
        pytest.param(
            {"notification-1.json": altered(reference="\ud800")},
            "filing_unreadable",
            id="half a character",
        ),
        pytest.param({"more.exe": b"MZ"}, "file_unknown", id="one more file"),
        pytest.param({"notification-2.json": b"{}"}, "file_unknown", id="two filings"),
    ],
)
def test_a_filing_altered_and_sealed_anew_contradicts_itself(changes, code):
    files = {**filing_files(CONTENT, LINE), **changes}
    pdf = sealed_with({name: held for name, held in files.items() if held is not None})

    check = check_dossier(pdf)

    assert check.verdict is Verdict.CONTRADICTED
    assert code in codes(check)
    # Every finding has its sentence, in both languages.
    assert check_words(check, FRENCH).lines
    assert check_words(check, ENGLISH).lines


@pytest.mark.parametrize(
    ("head", "outcome", "code"),
    [
        pytest.param(LINE.hash, Outcome.HOLDS, "head_is_line", id="that of the line"),
        pytest.param(BEFORE, Outcome.HOLDS, "head_is_before", id="that of the line before"),
        pytest.param("0" * 64, Outcome.OPEN, "head_not_here", id="of any other, nothing is said"),
    ],
)
def test_a_hash_given_earlier_is_compared_with_the_one_line(head, outcome, code):
    check = check_dossier(sample_filing_pdf(), head=head)

    assert code in codes(check, outcome)
    assert check.holds
