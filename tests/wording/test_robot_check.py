"""The questions as readers get them, and the answers that are taken."""

from random import Random

import pytest

from breachdesk.domain.robot_check import (
    Question,
    QuestionKind,
    Thing,
    draw_question,
    normalised_answer,
)
from breachdesk.wording import ENGLISH, FRENCH
from breachdesk.wording.robot_check import accepted_answers, part_word, question_sentence
from tests.web.reading import plain


@pytest.mark.parametrize("wording", [FRENCH, ENGLISH], ids=lambda wording: wording.locale)
@pytest.mark.parametrize("seed", range(60))
def test_every_question_is_a_whole_sentence_with_nothing_left_to_fill_in(seed, wording):
    sentence = question_sentence(draw_question(Random(seed)), wording)

    assert sentence.endswith("?")
    assert "%" not in sentence
    assert "(" not in sentence


def test_a_sum_is_asked_in_letters():
    question = Question(QuestionKind.SUM, (3, 9), 12)

    assert plain(question_sentence(question, FRENCH)) == "Combien font trois plus neuf ?"
    assert accepted_answers(question) >= {"12", "douze"}


def test_a_place_in_a_list_is_asked_by_its_number():
    words = (Thing.TABLE, Thing.BRIDGE, Thing.BOOK, Thing.LAMP)
    question = Question(QuestionKind.PLACE, (2, *words), Thing.BRIDGE)

    said = plain(question_sentence(question, FRENCH))

    assert said == "Quel est le deuxième mot de cette liste : table, pont, livre, lampe ?"
    assert "pont" in accepted_answers(question)


@pytest.mark.parametrize("seed", range(60))
def test_only_one_word_of_a_list_is_the_answer(seed):
    question = draw_question(Random(seed))
    if question.kind in (QuestionKind.SUM, QuestionKind.DAY_AFTER):
        return
    listed = question.parts[1:] if question.kind is QuestionKind.PLACE else question.parts

    said = [normalised_answer(part_word(part, FRENCH)) for part in listed]

    assert len([word for word in said if word in accepted_answers(question)]) == 1
