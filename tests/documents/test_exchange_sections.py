"""How the dossier says where a report came from, and what was asked since."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from breachdesk.documents.content import Entries, Paragraph, Quotation
from breachdesk.documents.dossier import lay_out_dossier
from breachdesk.domain.case_record import MessageRecord, OutsideRecord
from breachdesk.wording import FRENCH, labels
from tests.documents.sample_case import sample_case
from tests.web.reading import plain

KNEW = datetime(2026, 11, 23, 6, tzinfo=UTC)
TOLD = datetime(2026, 11, 23, 11, tzinfo=UTC)
TITLE = "Échanges avec l’auteur du signalement"


def section_of(record):
    sections = lay_out_dossier(record, FRENCH).sections
    return next((section for section in sections if section.title == TITLE), None)


def said(section) -> str:
    parts = []
    for block in section.blocks:
        if isinstance(block, Paragraph | Quotation):
            parts.append(block.text)
        if isinstance(block, Entries):
            parts += [f"{entry.label} {entry.text}" for entry in block.entries]
    return plain("\n".join(parts))


def test_a_report_from_inside_of_which_nothing_was_asked_has_no_such_section():
    assert section_of(sample_case()) is None


def test_both_awareness_times_of_a_declaration_stand_there():
    outside = OutsideRecord("processor_link", "Nuage Hébergement", KNEW, TOLD)

    text = said(section_of(replace(sample_case(), outside=outside)))

    assert "article 33(2)" in text
    assert "Nuage Hébergement" in text
    assert "lundi 23 novembre 2026 à 7 h 00" in text
    assert "lundi 23 novembre 2026 à 12 h 00" in text


@pytest.mark.parametrize(
    ("processor", "called"),
    [
        pytest.param("", "Sans compte", id="the public form"),
        pytest.param("Nuage", "Sous-traitant : Nuage", id="a processor"),
    ],
)
def test_whoever_has_no_account_is_called_so_wherever_they_spoke(processor, called):
    whole = sample_case()
    record = replace(
        whole,
        opened_by="",
        outside=OutsideRecord("public_form", processor, KNEW if processor else None, TOLD),
        facts=tuple(replace(fact, author="") for fact in whole.facts),
        attachments=tuple(replace(file, added_by="") for file in whole.attachments),
        messages=(
            MessageRecord(False, "Karim Benali", "Depuis quand ?", TOLD),
            MessageRecord(True, "", "Depuis lundi.", TOLD),
        ),
    )

    text = said(section_of(record))
    whole_text = repr(lay_out_dossier(record, FRENCH))
    who = repr(labels.reporter_without_account(processor, FRENCH))[1:-1]

    assert "Équipe Karim Benali" in text
    assert f"Auteur du signalement {called}" in text
    assert "Depuis lundi." in text
    # Each fact, each file and the opening name their author: none is left blank.
    told = len(record.facts) + len(record.attachments) + 1
    assert whole_text.count(f"{who}, ") + whole_text.count(f"who='{who}'") >= told
