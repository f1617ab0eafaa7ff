"""The guided questionnaire: what it asks, in which order, and when it has asked enough."""

import pytest
from hypothesis import given

from breachdesk.domain.answers import Answer
from breachdesk.domain.duties import assess
from breachdesk.domain.published_cases import PRECEDENTS
from breachdesk.domain.questionnaire import (
    BASE,
    CLAIMS,
    Move,
    known_in_part,
    moves_between,
    open_points,
    questions_left,
)
from tests.domain.any_facts import ALL_KNOWN, ANY_FACTS
from tests.domain.calm_case import calm_facts


def left(facts, asked=()):
    return questions_left(open_points(facts, assess(facts)), {*asked, *known_in_part(facts)})


def walk(answers):
    """Answer whatever is asked as `answers` has it; the facts then known, and what was asked."""
    facts, asked = {}, []
    while questions := left(facts, asked):
        asked.append(questions[0])
        facts[questions[0]] = answers.get(questions[0])
    return facts, asked


# --- The order --------------------------------------------------------------------------------


def test_it_begins_with_the_base_and_goes_on_with_what_could_change_most():
    facts = {}
    questions = left(facts)

    assert questions[: len(BASE)] == BASE
    others = [each.fact for each in assess(facts).open_questions if each.fact not in BASE]
    assert questions[len(BASE) :] == (*others, *CLAIMS)


def test_of_the_base_it_asks_only_what_can_matter():
    # Nobody can have read them: who has the data is beside the point.
    facts = {"role": "controller", "data_unintelligible": "yes", "key_compromised": "no"}
    facts |= {"misuse_observed": False, "effect_on_persons": "none", "unavailable_hours": 0}
    questions = left(facts | {"permanent_loss": False, "integrity_outcome": "no_misuse"})

    assert questions == ()


@given(ANY_FACTS)
def test_it_asks_exactly_what_is_open_and_can_change_a_duty(facts):
    result = assess(facts)

    asked = set(questions_left(open_points(facts, result), ()))

    due = result.communicate_to_data_subjects is not Answer.NO
    claims = {claim for claim in CLAIMS if due and facts.get(claim) in (None, "unknown")}
    assert asked == {each.fact for each in result.open_questions} | claims


# --- The end ----------------------------------------------------------------------------------


@given(ALL_KNOWN)
def test_whatever_the_answers_are_it_ends_at_the_verdict_of_all_of_them(complete):
    facts, asked = walk(complete)

    reached, whole = assess(facts), assess(complete)
    assert reached.notify_authority is whole.notify_authority
    assert reached.communicate_to_data_subjects is whole.communicate_to_data_subjects
    assert reached.communication_form == whole.communication_form
    assert reached.inform_controllers is whole.inform_controllers
    assert len(asked) == len(set(asked))


@given(ANY_FACTS)
def test_answered_not_known_yet_throughout_it_ends_and_asks_nothing_twice(facts):
    asked = []
    while questions := left(facts, asked):
        asked.append(questions[0])

    assert len(asked) == len(set(asked))
    # What nobody could answer is still listed as open.
    assert set(asked) <= {point.fact for point in open_points(facts, assess(facts))}


def test_a_list_that_may_hold_more_is_not_asked_again_but_stays_open():
    facts = {"role": "controller", "data": ["contact", "unknown"]}

    assert "data" not in left(facts)
    assert "data" in {point.fact for point in open_points(facts, assess(facts))}


@pytest.mark.parametrize("case", PRECEDENTS, ids=lambda case: case.id)
def test_a_published_case_is_decided_long_before_all_has_been_asked(case):
    complete = calm_facts() | dict(case.facts)

    facts, asked = walk(complete)

    assert not moves_between(assess(facts), assess(complete))
    assert len(asked) <= 18


# --- The exemptions ---------------------------------------------------------------------------

TOLD = {"role": "controller", "effect_on_persons": "significant"}


def test_the_exemptions_are_asked_once_all_else_is_and_only_where_telling_is_due():
    assert left(TOLD) == CLAIMS
    assert not set(CLAIMS) & set(left(calm_facts()))


def test_measures_that_removed_the_risk_leave_nothing_to_ask_about_letters():
    assert left(TOLD | {CLAIMS[0]: False}) == (CLAIMS[1],)
    assert left(TOLD | {CLAIMS[0]: True}) == ()


# --- What an answer moved ---------------------------------------------------------------------


def test_an_answer_says_which_duties_it_moved():
    before, after = assess({}), assess({"effect_on_persons": "significant"})

    assert moves_between(before, after) == (
        Move("notify_authority", Answer.DEPENDS, Answer.YES),
        Move("communicate_to_data_subjects", Answer.DEPENDS, Answer.YES),
    )
    assert moves_between(after, after) == ()


def test_the_role_moves_the_duty_to_tell_the_controllers():
    moved = moves_between(assess({}), assess({"role": "processor"}))

    assert moved == (Move("inform_controllers", Answer.DEPENDS, Answer.YES),)
