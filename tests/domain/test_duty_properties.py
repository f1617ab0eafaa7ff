"""What holds of the verdict over the whole vocabulary, whatever the facts."""

import json
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachdesk.domain.duties import assess
from breachdesk.domain.facts import ASSESSED_FACTS
from breachdesk.domain.situation import range_of
from breachdesk.domain.verdict import judge
from breachdesk.domain.vocabulary import BreachType, DataCategory, DataSubjectCategory
from tests.domain.any_facts import (
    ALL_KNOWN,
    ANY_FACTS,
    EXEMPTIONS,
    ORDERED_FACTS,
    completions_of,
    partly_known,
    steps_of,
)

DUTIES = ("notify_authority", "communicate_to_data_subjects")
GRAVER = ("no", "depends", "yes")
# Neither duty rests on these; an exemption not shown is not claimed.
IDLE = ("role", "vector", *EXEMPTIONS)
WEIGHED = tuple(key for key in ASSESSED_FACTS if key not in IDLE)


def gravity(facts):
    result = assess(facts)
    return [GRAVER.index(getattr(result, duty)) for duty in DUTIES]


@given(ANY_FACTS)
@settings(max_examples=150, deadline=None)
def test_any_facts_give_a_verdict_with_reasons_and_a_record_of_json(facts):
    record = assess(facts).as_record()

    assert record["reasons"]
    assert json.loads(json.dumps(record)) == record


@given(ANY_FACTS)
@settings(max_examples=50, deadline=None)
def test_the_same_facts_always_give_the_same_record(facts):
    assert assess(facts).as_record() == assess(dict(reversed(facts.items()))).as_record()


@given(ALL_KNOWN)
@settings(max_examples=100, deadline=None)
def test_nothing_depends_once_everything_is_known(facts):
    record = assess(facts).as_record()

    assert "depends" not in [record[duty] for duty in DUTIES]
    assert record["risk"] != "undetermined"
    assert record["open_questions"] == []


@given(ALL_KNOWN, st.sampled_from(ORDERED_FACTS), st.data())
@settings(max_examples=400, deadline=None)
def test_a_graver_fact_never_lowers_a_duty(facts, key, data):
    steps = steps_of(key)
    mild, grave = sorted(data.draw(st.tuples(*[st.sampled_from(range(len(steps)))] * 2)))

    milder = judge(range_of({**facts, key: steps[mild]}).best)
    graver = judge(range_of({**facts, key: steps[grave]}).best)

    assert milder.risk <= graver.risk
    assert milder.exposure <= graver.exposure
    assert milder.harm <= graver.harm


@given(ANY_FACTS, st.sampled_from(ORDERED_FACTS), st.data())
@settings(max_examples=150, deadline=None)
def test_a_graver_fact_never_lowers_an_answer_whatever_else_is_open(facts, key, data):
    steps = steps_of(key)
    mild, grave = sorted(data.draw(st.tuples(*[st.sampled_from(range(len(steps)))] * 2)))

    milder, graver = ({**facts, key: steps[place]} for place in (mild, grave))

    assert all(a <= b for a, b in zip(gravity(milder), gravity(graver), strict=True))


@pytest.mark.parametrize(
    ("key", "options"),
    [
        ("data", DataCategory),
        ("data_subjects", DataSubjectCategory),
        ("breach_types", BreachType),
    ],
)
@given(ALL_KNOWN, st.data())
@settings(max_examples=100, deadline=None)
def test_one_more_category_never_lowers_a_duty(key, options, facts, data):
    more = data.draw(st.sampled_from([code.value for code in options if code.value != "unknown"]))

    before, after = (
        judge(range_of({**facts, key: codes}).best) for codes in (facts[key], [*facts[key], more])
    )

    assert before.risk <= after.risk
    assert before.harm <= after.harm


@given(ALL_KNOWN, st.sets(st.sampled_from(WEIGHED), min_size=1, max_size=3))
@settings(max_examples=120, deadline=None)
def test_an_answer_depends_exactly_where_completions_give_both_answers(complete, opened):
    keys = sorted(opened)
    facts = {**complete, **dict.fromkeys(keys)}

    judged = {
        (each.must_notify, each.must_communicate)
        for values in product(*map(completions_of, keys))
        if (each := judge(range_of({**facts, **dict(zip(keys, values, strict=True))}).best))
    }

    exempt = complete["later_measures_remove_high_risk"]
    for place, duty in enumerate(DUTIES):
        answers = {each[place] and not (exempt and place) for each in judged}
        expected = "depends" if len(answers) > 1 else "yes" if answers == {True} else "no"
        assert getattr(assess(facts), duty) == expected, duty


@given(ANY_FACTS)
@settings(max_examples=100, deadline=None)
def test_an_exemption_counts_when_claimed_and_then_for_telling_alone(facts):
    measures, effort = EXEMPTIONS
    claimed_neither = gravity({**facts, measures: False, effort: False})

    assert gravity({**facts, measures: None, effort: None}) == claimed_neither
    assert gravity({**facts, measures: False, effort: True}) == claimed_neither
    assert gravity({**facts, measures: True}) == [claimed_neither[0], GRAVER.index("no")]


@given(partly_known())
@settings(max_examples=400, deadline=None)
def test_a_verdict_that_does_not_depend_stays_for_every_completion(partly):
    facts, complete = partly
    before, after = assess(facts), assess(complete)

    for duty in DUTIES:
        if getattr(before, duty) != "depends":
            assert getattr(before, duty) == getattr(after, duty), duty


@given(partly_known())
@settings(max_examples=150, deadline=None)
def test_a_duty_that_depends_has_its_question_and_no_other_has(partly):
    result = assess(partly[0])

    asked = {duty for question in result.open_questions for duty in question.would_change}
    for duty in DUTIES:
        assert (getattr(result, duty) == "depends") == (duty in asked), duty


@given(partly_known())
@settings(max_examples=100, deadline=None)
def test_only_facts_not_known_are_asked(partly):
    facts, _ = partly

    for question in assess(facts).open_questions:
        value = facts.get(question.fact)
        assert value in (None, []) or "unknown" in value


@given(partly_known())
@settings(max_examples=150, deadline=None)
def test_the_best_and_the_worst_reading_enclose_every_completion(partly):
    facts, complete = partly
    span = range_of(facts)

    low, truth, high = judge(span.best), judge(range_of(complete).best), judge(span.worst)

    assert low.risk <= truth.risk <= high.risk


def test_every_fact_that_the_vocabulary_orders_is_walked():
    assert set(ASSESSED_FACTS) - set(ORDERED_FACTS) == {
        "role",
        "breach_types",
        "cause",
        "vector",
        "data",
        "data_subjects",
        *EXEMPTIONS,
    }
