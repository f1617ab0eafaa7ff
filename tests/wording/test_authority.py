"""The authorities' forms are said whole: no field, status or source without words."""

from datetime import UTC, datetime

import pytest

from breachdesk.domain import authority_form as words
from breachdesk.domain.authority_forms import CNIL_2023, EDPB_1_0, form_named, lay_out
from breachdesk.domain.form_layout import (
    FieldSource,
    FieldStatus,
    LaidField,
    SourceKind,
    ValueKind,
)
from breachdesk.wording import ENGLISH, FRENCH
from breachdesk.wording.authority import (
    SOURCES,
    field_status_label,
    field_value_text,
    form_words,
    source_text,
)
from breachdesk.wording.authority_labels import AUTHORITY_LABELS
from breachdesk.wording.filed_fields import STATUSES
from tests.documents.sample_case import sample_case

PARIS = "Europe/Paris"
NOBODY = FieldSource(SourceKind.FACT, "n_subjects")


def field(kind: ValueKind, value: object, status: FieldStatus = FieldStatus.GIVEN, **more):
    return LaidField(
        "code", "", {"fr": "Champ", "en": "Field"}, kind, value, status, NOBODY, **more
    )


def test_every_status_and_source_has_words():
    assert list(STATUSES) == list(FieldStatus)
    assert list(SOURCES) == list(SourceKind)


LOCATION = {"location": {"fr": "Données de localisation", "en": "Location data"}}


@pytest.mark.parametrize(
    ("laid", "said"),
    [
        pytest.param(field(ValueKind.NUMBER, 3412), "3\u202f412", id="a number"),
        pytest.param(field(ValueKind.YES_NO, False), "Non", id="no is an answer"),
        pytest.param(
            field(ValueKind.CHOICES, ["location"], options=LOCATION),
            "Données de localisation",
            id="the form's own box",
        ),
        pytest.param(
            field(ValueKind.INSTANT, "2026-11-20T17:30:00+00:00"),
            "vendredi 20 novembre 2026 à 18\u00a0h\u00a030",
            id="an instant in local time",
        ),
        pytest.param(field(ValueKind.DATE, "2026-11-20"), "vendredi 20 novembre 2026", id="a day"),
        pytest.param(field(ValueKind.TEXT, "Non : rien"), "Non : rien", id="text as typed"),
        pytest.param(field(ValueKind.TEXT, None, FieldStatus.MISSING), "", id="nothing"),
    ],
)
def test_a_value_is_said_in_words(laid, said):
    assert field_value_text(laid, FRENCH, PARIS) == said


@pytest.mark.parametrize(
    ("laid", "said"),
    [
        pytest.param(
            field(ValueKind.TEXT, None, FieldStatus.MISSING, is_mandatory=True),
            "Manquant\u202f: à renseigner",
            id="missing is said",
        ),
        pytest.param(
            field(ValueKind.TEXT, None, FieldStatus.MISSING),
            "Facultatif\u202f: rien d’indiqué",
            id="what may be left out is no gap",
        ),
        pytest.param(
            field(ValueKind.TEXT, None, FieldStatus.UNKNOWN), "Pas encore connu", id="not known yet"
        ),
        pytest.param(
            field(ValueKind.TEXT, None, FieldStatus.AT_FILING),
            "À indiquer lors du dépôt",
            id="answered on the authority's site",
        ),
    ],
)
def test_a_field_without_a_value_says_why(laid, said):
    assert field_status_label(laid, FRENCH) == said


def test_a_value_is_said_in_the_language_of_the_form():
    risk = next(
        each
        for each in lay_out(form_named(EDPB_1_0), sample_case()).fields()
        if each.code == "risk"
    )

    assert field_value_text(risk, ENGLISH, PARIS).startswith("The personal data breach is likely")
    assert field_value_text(risk, FRENCH, PARIS).startswith("La violation est susceptible")
    assert form_words({}, FRENCH) == ""


@pytest.mark.parametrize(
    ("source", "said"),
    [
        pytest.param(
            FieldSource(
                SourceKind.FACT,
                "origins",
                "Karim Benali",
                datetime(2026, 11, 22, 23, 30, tzinfo=UTC),
            ),
            "d’après les faits, Karim Benali, 23 nov. 2026",
            id="who and when, in local time",
        ),
        pytest.param(
            FieldSource(SourceKind.ORGANISATION, "siren"),
            "d’après la fiche de l’organisation",
            id="nobody in particular",
        ),
        pytest.param(
            FieldSource(SourceKind.PHASE, "number", "Anne"),
            "d’après le dépôt précédent, Anne",
            id="filed before",
        ),
    ],
)
def test_a_value_says_where_it_comes_from(source, said):
    assert source_text(source, FRENCH, PARIS) == said


@pytest.mark.parametrize(
    ("code", "vocabulary"),
    [
        ("notification_kind", words.NotificationKind),
        ("origins", words.Origin),
        ("confidentiality_consequences", words.ConfidentialityConsequence),
        ("integrity_consequences", words.IntegrityConsequence),
        ("availability_consequences", words.AvailabilityConsequence),
        ("gravity", words.Gravity),
        ("communication_means", words.CommunicationMeans),
    ],
)
def test_the_form_and_the_desk_say_an_option_in_the_same_words(code, vocabulary):
    """One wording of the CNIL's boxes, in its file and where people are asked for a fact."""
    shape = next(each for each in form_named(CNIL_2023).fields() if each.code == code)
    in_form = {option.code: option.label["fr"] for option in shape.options}

    assert in_form == {code.value: said for code, said in AUTHORITY_LABELS[vocabulary].items()}
