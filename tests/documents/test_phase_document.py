"""A filing printed: what was said, what changed since the one before, its JSON inside."""

import io
import json

import pikepdf
import pytest
from pypdf import PdfReader

from breachdesk.documents.phase_document import PhasePaper, lay_out_phase, print_phase
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.phase_document import content_hash
from breachdesk.wording import ENGLISH, FRENCH
from tests.documents.sample_case import MADE, sample_case
from tests.domain.test_phase_document import filed, with_fact
from tests.sealing.sample_filing import line_that_attests


def paper(content: dict, before: dict | None = None) -> PhasePaper:
    return PhasePaper(
        content=content,
        before=before or {},
        authority="CNIL",
        title="",
        timezone="Europe/Paris",
        made_at=MADE,
        made_by="Karim Benali",
        line=line_that_attests(content),
        fingerprint="5a5a 5a5a",
    )


def text_of(pdf: bytes) -> str:
    pages = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_an_initial_filing_says_what_was_not_known_and_that_more_is_owed() -> None:
    early = filed(with_fact(sample_case(), "n_subjects", "not_known_yet"))
    text = text_of(print_phase(paper(early), "fr"))

    assert "Pas encore connu" in text
    assert "une notification complémentaire est due" in text
    assert "Ce qui a changé" not in text


@pytest.mark.parametrize(
    ("locale", "changed", "label"),
    [
        ("fr", "Ce qui a changé", "Nombre approximatif de personnes"),
        ("en", "What has changed", "Number of data subjects concerned by the personal data breach"),
    ],
)
def test_a_follow_up_says_first_what_changed(locale: str, changed: str, label: str) -> None:
    early = filed(with_fact(sample_case(), "n_subjects", "not_known_yet"))
    later = filed(sample_case(), NotificationKind.FOLLOW_UP, sequence=2)
    content = lay_out_phase(paper(later, early), FRENCH if locale == "fr" else ENGLISH)

    assert content.chapters[0].title.startswith(changed)
    text = text_of(print_phase(paper(later, early), locale))
    assert label in text
    assert "3" in text


def test_the_pdf_holds_its_own_json_and_declares_what_it_is() -> None:
    content = filed(sample_case())
    pdf = print_phase(paper(content), "fr")
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        held = opened.attachments["notification-1.json"].get_file().read_bytes()
        assert json.loads(held) == content
        assert str(opened.Root.Lang).startswith("fr")
        assert opened.Root.MarkInfo.Marked
        with opened.open_metadata() as metadata:
            assert metadata["pdfaid:part"] == "3"
            assert metadata["pdfuaid:part"] == "1"


def test_the_pdf_holds_the_line_that_attests_it_and_says_what_the_seal_proves() -> None:
    content = filed(sample_case())
    pdf = print_phase(paper(content), "fr")
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        held = json.loads(opened.attachments["journal-line.json"].get_file().read_bytes())
    (line,) = held["lines"]
    assert line["parameters"]["content"] == content_hash(content)
    # The text and the name are in the filing itself: the line has only its hashes.
    assert (line["reason"], line["salt"], line["actor_name"]) == (None, None, "")
    text = text_of(pdf)
    assert "scellé à chaque téléchargement" in text
    assert "Ce que l’autorité a reçu" in text
    assert line["hash"] in text.replace(" ", "")


def test_a_hostile_text_comes_out_as_text() -> None:
    hostile = '#panic("x") *gras* $x^2$ <script> ]] // \u202e'
    record = with_fact(sample_case(), "description", "known", hostile)
    text = text_of(print_phase(paper(filed(record)), "fr"))
    assert '#panic("x") *gras* $x^2$ <script> ]] //' in text


def test_a_withdrawal_says_why() -> None:
    content = filed(
        sample_case(), NotificationKind.WITHDRAWAL, withdrawal_reason="Aucune donnée consultée."
    )
    text = text_of(print_phase(paper(content), "fr"))
    assert "Motif du retrait Aucune donnée consultée." in text
    assert "est due" not in text
    assert "Complète Oui" not in text
    assert "Les annexes" not in text
