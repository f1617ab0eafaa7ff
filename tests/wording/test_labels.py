"""Every code a reader may meet has words, in the catalogue's terms."""

import ast
import inspect
from datetime import UTC, datetime
from enum import StrEnum
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain import vocabulary
from breachdesk.domain.facts import FACTS, FactState, Section
from breachdesk.wording import (
    ENGLISH,
    FRENCH,
    authority_labels,
    case_labels,
    fact_labels,
    journal,
    labels,
    vocabulary_labels,
)
from breachdesk.wording.fact_labels import FACT_WORDS, SECTION_LABELS
from breachdesk.wording.reminder_labels import REMINDER_LABELS

PARIS = "Europe/Paris"


def _enums_of(module: ModuleType) -> list[type[StrEnum]]:
    own = (value for value in vars(module).values() if inspect.isclass(value))
    return [e for e in own if issubclass(e, StrEnum) and e.__module__ == module.__name__]


EVERY_ENUM = [
    *_enums_of(vocabulary),
    *authority_labels.AUTHORITY_LABELS,
    *case_labels.CASE_LABELS,
    *REMINDER_LABELS,
]


@pytest.mark.parametrize("enum", EVERY_ENUM, ids=lambda enum: enum.__name__)
def test_every_member_of_every_enum_has_a_label(enum):
    assert list(labels.LABELS[enum]) == list(enum)


@pytest.mark.parametrize("enum", EVERY_ENUM, ids=lambda enum: enum.__name__)
def test_no_two_members_of_an_enum_are_said_the_same(enum):
    said = list(labels.LABELS[enum].values())

    assert len(set(said)) == len(said)


def test_every_fact_of_the_registry_has_its_words_and_no_other():
    assert set(FACT_WORDS) == set(FACTS)


def test_every_option_of_a_fact_has_a_label():
    assert {each.options for each in FACTS.values() if each.options} <= set(labels.LABELS)


def test_every_section_has_a_heading():
    assert list(SECTION_LABELS) == list(Section)


@pytest.mark.parametrize("key", FACTS)
def test_a_fact_is_asked_as_a_question(key):
    assert labels.fact_question(key, FRENCH).endswith("\u202f?")
    assert labels.fact_label(key, FRENCH) not in ("", key)


LABEL_MODULES = [authority_labels, case_labels, fact_labels, journal, vocabulary_labels]


@pytest.mark.parametrize("module", LABEL_MODULES, ids=lambda module: module.__name__)
def test_every_sentence_in_a_table_is_marked_for_the_catalogue(module):
    """A string with a space or an accent is a sentence; outside N_() it would stay French."""
    tree = ast.parse(inspect.getsource(module))
    marked = {
        id(argument)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "N_"
        for argument in call.args
    }
    said_aside = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and isinstance(node.body[0], ast.Expr)
    }

    loose = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and any(letter.isalpha() for letter in node.value)
        and (not node.value.isascii() or any(mark in node.value for mark in " %"))
        and id(node) not in marked | said_aside
    ]

    assert loose == []


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        pytest.param("cross_border", True, "Oui", id="yes"),
        pytest.param("cross_border", False, "Non", id="no, which is an answer"),
        pytest.param("n_subjects", 3412, "3\u202f412", id="thousands are parted"),
        pytest.param("n_subjects", 0, "0", id="zero is a value"),
        pytest.param("unavailable_hours", 1.5, "1,5", id="decimals take a comma"),
        pytest.param("role", "processor", "Sous-traitant", id="a choice"),
        pytest.param(
            "data_subjects", ["customers", "minors"], "Clients · Mineurs", id="choices are joined"
        ),
        pytest.param(
            "noticed_at",
            "2026-11-20T17:30:00+00:00",
            "vendredi 20 novembre 2026 à 18\u00a0h\u00a030",
            id="an instant in local time",
        ),
        pytest.param("description", " « Tel quel » : <b>", " « Tel quel » : <b>", id="free text"),
        pytest.param("system", "processor", "processor", id="free text that looks like a code"),
        pytest.param("backup", "unknown", "Pas encore connu", id="unknown in a snapshot"),
        pytest.param("backup", "not_applicable", "Sans objet", id="no question in a snapshot"),
        pytest.param("vector", "carrier_pigeon", "carrier_pigeon", id="a retired code stays"),
        pytest.param("noticed_at", "hier soir", "hier soir", id="not an instant"),
        pytest.param("description", None, "", id="no value"),
        pytest.param("data", [], "", id="empty list"),
    ],
)
def test_a_value_is_said_in_words(key, value, said):
    assert labels.value_text(key, value, FRENCH, PARIS) == said


def test_an_instant_is_told_in_the_zone_of_the_organisation():
    noticed = datetime(2026, 11, 20, 17, 30, tzinfo=UTC).isoformat()

    said = labels.value_text("noticed_at", noticed, FRENCH, "America/Cayenne")

    assert said == "vendredi 20 novembre 2026 à 14\u00a0h\u00a030"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 10**9) | st.floats(0, 1e6) | st.text(),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


@given(
    key=st.sampled_from(sorted(FACTS)),
    value=json_values,
    wording=st.sampled_from([FRENCH, ENGLISH]),
)
def test_no_value_is_too_odd_to_be_said(key, value, wording):
    assert isinstance(labels.value_text(key, value, wording, PARIS), str)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (labels.role_label("dpo", FRENCH), "Délégué à la protection des données"),
        (labels.role_label("operator", FRENCH), "Exploitant"),
        (labels.risk_label("high_risk", FRENCH), "Risque élevé"),
        (labels.duty_label("depends", FRENCH), "Cela dépend de points encore ouverts"),
        (
            labels.regime_label("provisional", FRENCH),
            "Délai provisoire, jusqu’à la qualification",
        ),
        (labels.stop_reason_label("filed", FRENCH), "Notification déposée"),
        (labels.basis_label("voluntary", FRENCH), "Volontaire"),
        (labels.delivery_state_label("refused", FRENCH), "Refusé"),
        (labels.notification_kind_label("initial", FRENCH), "Notification initiale"),
        (labels.case_state_label("closed", FRENCH), "Clos"),
        (labels.mail_kind_label("escalation", FRENCH), "Escalade"),
        (labels.state_label(FactState.NOT_KNOWN_YET, FRENCH), "Pas encore connu"),
        (labels.case_state_label("nirvana", FRENCH), "nirvana"),
    ],
)
def test_codes_of_a_case_are_said(said, expected):
    assert said == expected
