"""What a check found, in words: those of a copy's parts, and nothing a file could smuggle in."""

from breachdesk.domain.dossier_check import Finding, Outcome, Subject
from breachdesk.wording import ENGLISH, FRENCH
from breachdesk.wording.dossier_check import MOST_PARTS, finding_sentence


def said_of(*parts: str) -> str:
    found = Finding(Subject.FILES, Outcome.OPEN, "redacted", {"parts": list(parts)})
    return finding_sentence(found, FRENCH)


def test_what_a_copy_leaves_out_is_said_in_words():
    said = said_of("title", "facts/description", "attachments/2")

    assert "Le titre du dossier · Fait" in said
    assert "Ce qui s’est passé · Pièce jointe n°\u00a02." in said


def test_what_a_hostile_file_says_it_leaves_out_is_shown_as_text_and_not_without_end():
    assert "\x1b" not in said_of("facts/\x1b[2J", "\x1b[31m")
    assert len(said_of(*["x" * 200] * (MOST_PARTS * 5))) < MOST_PARTS * 130


def test_what_is_counted_has_its_thousands_parted_and_a_number_that_names_has_not():
    seal = Finding(Subject.SEAL, Outcome.HOLDS, "seal_holds", {"size": 366790})
    assert "(366\u202f790 octets)" in finding_sentence(seal, FRENCH)
    assert "366,790" in finding_sentence(seal, ENGLISH)

    filed = {"number": 1234, "reference": "GIR-2026-0001", "count": 12}
    files = Finding(Subject.FILES, Outcome.HOLDS, "files_hold", filed)
    assert "Dossier n°\xa01234" in finding_sentence(files, FRENCH)
