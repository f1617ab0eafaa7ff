"""The work and the questions that keep robots from a public form."""

import hashlib
import re
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.robot_check import (
    PROOF_BITS,
    PROOF_PIECES,
    Animal,
    Day,
    QuestionKind,
    Thing,
    draw_question,
    is_proof,
    normalised_answer,
)
from tests.outside import proof_of

TICKET = "0123456789abcdef0123456789abcdef"


# --- The work --------------------------------------------------------------------------------


def test_work_done_for_a_ticket_is_taken_for_that_ticket_alone():
    done = proof_of(TICKET).split(".")

    assert is_proof(TICKET, done)
    assert not is_proof(TICKET.replace("0", "1"), done)


def test_a_piece_done_for_one_place_serves_in_no_other():
    done = proof_of(TICKET).split(".")

    assert not is_proof(TICKET, [done[1], done[0], *done[2:]])


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda done: done[:-1], id="one piece is missing"),
        pytest.param(lambda done: [*done, "0"], id="one piece too many"),
        pytest.param(lambda done: [*done[:-1], str(int(done[-1]) + 1)], id="another number"),
        pytest.param(lambda done: [*done[:-1], ""], id="an empty one"),
        pytest.param(lambda done: [*done[:-1], "-1"], id="a sign"),
        pytest.param(lambda done: [*done[:-1], "0" * 13], id="longer than any search"),
        pytest.param(lambda done: [*done[:-1], "٣"], id="a digit of another script"),
        pytest.param(lambda done: [""], id="nothing"),
    ],
)
def test_anything_else_is_no_proof(spoil):
    assert not is_proof(TICKET, spoil(proof_of(TICKET).split(".")))


@given(st.lists(st.text(max_size=12), max_size=PROOF_PIECES + 2))
def test_no_text_breaks_the_check(nonces):
    assert not is_proof(TICKET, nonces) or all(
        int(hashlib.sha256(f"{TICKET}:{place}:{nonce}".encode()).hexdigest(), 16)
        < 2 ** (256 - PROOF_BITS)
        for place, nonce in enumerate(nonces)
    )


def test_the_script_reckons_as_the_rule_does():
    script = (Path(__file__).parents[2] / "static/js/proof.js").read_text(encoding="utf-8")

    assert "`${ticket}:${place}:${nonce}`" in script
    assert 'crypto.subtle.digest("SHA-256"' in script
    # It must ask nobody, and load nothing.
    assert not re.search(r"fetch|XMLHttpRequest|https?:|import", script)


# --- The questions ---------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(200))
def test_the_answer_follows_from_what_is_asked(seed):
    question = draw_question(Random(seed))
    parts, answer = question.parts, question.answer

    expected = {
        QuestionKind.SUM: lambda: sum(parts),
        QuestionKind.LARGEST: lambda: max(parts),
        QuestionKind.PLACE: lambda: parts[parts[0]],
        QuestionKind.DAY_AFTER: lambda: list(Day)[(list(Day).index(parts[0]) + 1) % 7],
        QuestionKind.ODD_ONE: lambda: next(part for part in parts if isinstance(part, Thing)),
    }
    assert answer == expected[question.kind]()


def test_every_kind_is_drawn_and_nothing_stands_twice_in_a_list():
    drawn = [draw_question(Random(seed)) for seed in range(200)]

    assert {question.kind for question in drawn} == set(QuestionKind)
    for question in drawn:
        if question.kind in (QuestionKind.LARGEST, QuestionKind.ODD_ONE):
            assert len(set(question.parts)) == len(question.parts)
        if question.kind is QuestionKind.ODD_ONE:
            assert sum(isinstance(part, Animal) for part in question.parts) == 3


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        pytest.param("Pont", "pont", id="capitals"),
        pytest.param("  le pont. ", "pont", id="an article and a full stop"),
        pytest.param("L’été", "ete", id="an elided article, accents"),
        pytest.param("fenetre", "fenetre", id="a keyboard without accents"),
        pytest.param("fenêtre", "fenetre", id="with them"),
        pytest.param("the bridge", "bridge", id="in English"),
        pytest.param("dix-huit", "dix huit", id="a hyphen is a space"),
        pytest.param("１８", "18", id="wide digits"),
        pytest.param("?!", "", id="nothing that counts"),
    ],
)
def test_an_answer_is_taken_however_it_is_written(typed, taken):
    assert normalised_answer(typed) == taken


@given(st.text(max_size=40))
def test_taking_an_answer_twice_changes_nothing_more(typed):
    once = normalised_answer(typed)

    assert normalised_answer(normalised_answer(once)) == normalised_answer(once)
