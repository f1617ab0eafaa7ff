"""Facts are checked whole: every fault at once, each naming its key."""

import pytest
from hypothesis import given

from breachdesk.domain.fact_schema import FactFault, FaultKind, faults_of, is_known
from breachdesk.domain.facts import ASSESSED_FACTS, FACTS
from tests.domain.any_facts import ANY_FACTS

K = FaultKind


@given(ANY_FACTS)
def test_any_facts_of_the_vocabulary_are_accepted(facts):
    assert faults_of(facts) == ()


@pytest.mark.parametrize("key", ASSESSED_FACTS)
@pytest.mark.parametrize("open_value", [None, "unknown"])
def test_every_fact_may_be_unknown(key, open_value):
    assert faults_of({key: open_value}) == ()


@pytest.mark.parametrize("key", ASSESSED_FACTS)
def test_not_applicable_is_accepted_only_where_the_question_may_not_arise(key):
    faults = faults_of({key: "not_applicable"})

    if FACTS[key].may_not_apply:
        assert faults == ()
    else:
        assert faults == (FactFault(key, K.MAY_NOT_BE_NOT_APPLICABLE, "'not_applicable'"),)


@pytest.mark.parametrize(
    ("key", "value", "kind"),
    [
        pytest.param("role", "owner", K.NOT_AN_OPTION, id="a code that is not one"),
        pytest.param("role", ["controller"], K.NOT_AN_OPTION, id="a list for a choice"),
        pytest.param("recipients", {}, K.NOT_AN_OPTION, id="an unhashable value"),
        pytest.param("data", "health", K.NOT_A_LIST, id="one code for a list"),
        pytest.param("data", ["health", "gossip"], K.NOT_AN_OPTION, id="one bad code in a list"),
        pytest.param("data", [["health"]], K.NOT_AN_OPTION, id="a list in a list"),
        pytest.param("vulnerable_subjects", "yes", K.NOT_YES_OR_NO, id="a word for a yes or no"),
        pytest.param("vulnerable_subjects", 1, K.NOT_YES_OR_NO, id="a number for a yes or no"),
        pytest.param("n_subjects", True, K.NOT_A_COUNT, id="a boolean is no integer"),
        pytest.param("n_subjects", -1, K.NOT_A_COUNT, id="fewer than nobody"),
        pytest.param("n_subjects", -1.0, K.NOT_A_COUNT, id="fewer than nobody, as a float"),
        pytest.param("n_subjects", 1.5, K.NOT_A_COUNT, id="half a person"),
        pytest.param("n_subjects", "12", K.NOT_A_COUNT, id="a count in quotes"),
        pytest.param("unavailable_hours", False, K.NOT_A_DURATION, id="a boolean is no number"),
        pytest.param("unavailable_hours", -0.1, K.NOT_A_DURATION, id="a negative duration"),
        pytest.param("unavailable_hours", -1, K.NOT_A_DURATION, id="a negative whole duration"),
        pytest.param("undetected_days", float("nan"), K.NOT_A_DURATION, id="not a number"),
        pytest.param("undetected_days", float("inf"), K.NOT_A_DURATION, id="for ever"),
        pytest.param("undetected_days", "3", K.NOT_A_DURATION, id="a duration in quotes"),
    ],
)
def test_a_value_of_the_wrong_shape_is_named(key, value, kind):
    assert faults_of({key: value}) == (FactFault(key, kind, repr(value)),)


@pytest.mark.parametrize("count", [0, 12.0, 10**400])
def test_whole_numbers_count_whatever_their_size(count):
    assert faults_of({"n_subjects": count}) == ()


@pytest.mark.parametrize("hours", [0, 0.0, 0.1, 48, 10**400])
def test_a_duration_may_have_a_fraction(hours):
    assert faults_of({"unavailable_hours": hours}) == ()


def test_every_fault_is_returned_at_once_strangers_last():
    facts = {"zeal": 1, "role": "owner", "colour": "red", "n_subjects": -5}

    assert [fault.key for fault in faults_of(facts)] == ["role", "n_subjects", "colour", "zeal"]
    assert [fault.kind for fault in faults_of(facts)][2:] == [K.UNKNOWN_KEY, K.UNKNOWN_KEY]


def test_a_fact_of_the_case_that_the_assessment_does_not_take_is_a_stranger():
    assert faults_of({"description": "text"}) == (FactFault("description", K.UNKNOWN_KEY),)


@pytest.mark.parametrize("facts", [None, [], "facts", 3])
def test_facts_are_an_object(facts):
    assert [fault.kind for fault in faults_of(facts)] == [K.NOT_AN_OBJECT]


def test_a_long_value_is_cut_short():
    (fault,) = faults_of({"role": "x" * 500})

    assert len(fault.value) == 60
    assert fault.value.endswith("…")


@pytest.mark.parametrize(
    ("value", "known"),
    [
        (None, False),
        ("unknown", False),
        ([], False),
        (["unknown"], True),
        (False, True),
        (0, True),
        ("none", True),
        ("not_applicable", True),
    ],
)
def test_no_and_zero_are_answers_and_an_empty_list_is_none(value, known):
    assert is_known(value) is known
