"""The authority's form is said whole: no section, field or status without words."""

import pytest

from breachdesk.domain.authority_form import DataNature
from breachdesk.domain.authority_notification import (
    FieldStatus,
    FormField,
    FormSection,
    lay_out_notification,
)
from breachdesk.domain.facts import FACTS
from breachdesk.wording import FRENCH
from breachdesk.wording.authority import (
    FIELDS,
    SECTIONS,
    STATUSES,
    field_status_label,
    form_field_label,
    form_field_text,
    form_section_label,
)
from tests.documents.sample_case import sample_case

PARIS = "Europe/Paris"


def test_every_section_and_status_of_the_form_has_words():
    assert list(SECTIONS) == list(FormSection)
    assert list(STATUSES) == list(FieldStatus)
    assert form_section_label(FormSection.BREACH, FRENCH) == "À propos de la violation"


def test_every_field_of_a_case_is_named():
    fields = [field for part in lay_out_notification(sample_case()) for field in part.fields]

    unnamed = [field.code for field in fields if field.code not in FIELDS and not field.fact]

    assert unnamed == []
    assert all(field.fact in FACTS for field in fields if field.fact)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        pytest.param(
            FormField("n_subjects", 3412, FieldStatus.GIVEN, fact="n_subjects"),
            "3\u202f412",
            id="a fact's value",
        ),
        pytest.param(
            FormField("data_natures", ["location"], FieldStatus.GIVEN, vocabulary=DataNature),
            "Données de localisation",
            id="the form's own box",
        ),
        pytest.param(
            FormField("aware_at", "2026-11-20T17:30:00+00:00", FieldStatus.GIVEN, is_instant=True),
            "vendredi 20 novembre 2026 à 18\u00a0h\u00a030",
            id="an instant in local time",
        ),
        pytest.param(
            FormField("communication_means", "email", FieldStatus.GIVEN),
            "Courrier électronique",
            id="a code of its own",
        ),
        pytest.param(
            FormField("siren", None, FieldStatus.MISSING),
            "Manquant\u202f: à renseigner",
            id="missing is said",
        ),
    ],
)
def test_a_field_is_said_in_words(field, said):
    assert form_field_text(field, FRENCH, PARIS) == said


def test_a_field_is_named_as_the_form_names_it():
    described = FormField("description", "…", FieldStatus.GIVEN, fact="description")
    harms = FormField("harms", fact="harms")

    assert form_field_label(described, FRENCH) == "Descriptif détaillé"
    assert form_field_label(harms, FRENCH) == "Préjudices potentiels"
    assert field_status_label(FieldStatus.AT_FILING, FRENCH) == "À indiquer lors du dépôt"
