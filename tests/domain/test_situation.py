"""How facts are read at their best and at their worst."""

from math import inf

import pytest

from breachdesk.domain.situation import Rank, _any_of, _one_of, _ranked, range_of
from breachdesk.domain.vocabulary import BreachType, DataInsight, KeyCompromise, RecipientTrust
from tests.domain.calm_case import calm_facts


def test_an_ordered_fact_is_read_by_its_rank():
    reading = _ranked(DataInsight)

    assert [reading.read(code.value) for code in DataInsight] == [0, 1, 2, 3]
    assert (reading.mildest, reading.gravest) == (0, 3)
    assert reading.read("not_applicable") == 0


def test_what_does_not_apply_is_read_as_the_rule_says():
    assert _ranked(RecipientTrust, Rank.NEUTRAL).read("not_applicable") == 1


def test_a_fact_with_one_grave_answer_is_read_as_a_flag():
    reading = _one_of(KeyCompromise.YES)

    assert [reading.read(value) for value in ("yes", "no", "not_applicable")] == [
        True,
        False,
        False,
    ]
    assert (reading.mildest, reading.gravest) == (False, True)


def test_a_list_is_read_as_the_set_of_what_is_known():
    reading = _any_of(BreachType)

    assert reading.read(["integrity", "unknown"]) == {"integrity"}
    assert reading.mildest == frozenset()
    assert reading.gravest == {"confidentiality", "integrity", "availability"}


@pytest.mark.parametrize(
    ("cause", "rank"),
    [
        ("external_malicious", Rank.OUTSIDER),
        ("internal_malicious", Rank.INSIDER),
        ("external_accidental", Rank.NOT_MEANT),
        ("internal_accidental", Rank.NOT_MEANT),
        ("other", Rank.NOT_MEANT),
    ],
)
def test_a_cause_is_read_by_who_meant_it(cause, rank):
    span = range_of(calm_facts(cause=cause))

    assert span.best.cause == span.worst.cause == rank
    assert span.best.is_malicious is (rank > Rank.NOT_MEANT)


def test_an_insider_and_an_outsider_are_told_apart():
    assert (Rank.NOT_MEANT, Rank.INSIDER, Rank.OUTSIDER) == (0, 1, 2)


@pytest.mark.parametrize("value", [None, "unknown"])
def test_an_open_fact_spans_from_its_mildest_to_its_gravest(value):
    span = range_of(calm_facts(cause=value, n_subjects=None))

    assert (span.best.cause, span.worst.cause) == (Rank.NOT_MEANT, Rank.OUTSIDER)
    assert (span.best.n_subjects, span.worst.n_subjects) == (0, inf)
    assert span.open_facts == ("cause", "n_subjects")


def test_a_list_known_in_part_keeps_what_is_known_and_may_hold_everything():
    span = range_of(calm_facts(breach_types=["integrity", "unknown"]))

    assert span.best.breach_types == {"integrity"}
    assert span.worst.breach_types == {"confidentiality", "integrity", "availability"}
    assert span.open_facts == ("breach_types",)
