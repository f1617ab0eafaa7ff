"""What cases of one event share, and what stays each organisation's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.facts import FACTS, Answer, FactState
from breachdesk.domain.sharing import (
    APART,
    SHAREABLE,
    HeldFact,
    Sharing,
    may_be_shared,
    plan_sharing,
    sharing_of,
)

KNOWN = Answer(FactState.KNOWN, "ransomware")
OTHERWISE = Answer(FactState.KNOWN, "phishing")
UNKNOWN = Answer(FactState.NOT_KNOWN_YET)
NOT_ASKED = Answer(FactState.NOT_ASKED)


@pytest.mark.parametrize(
    ("theirs", "outcome"),
    [
        pytest.param(None, Sharing.TOLD, id="nobody has said anything there"),
        pytest.param(HeldFact(NOT_ASKED), Sharing.TOLD, id="not asked there"),
        pytest.param(HeldFact(UNKNOWN), Sharing.TOLD, id="not known there"),
        pytest.param(HeldFact(OTHERWISE, is_shared=True), Sharing.TOLD, id="as shared before"),
        pytest.param(HeldFact(KNOWN), Sharing.SAME, id="they found the same themselves"),
        pytest.param(HeldFact(KNOWN, is_shared=True), Sharing.SAME, id="shared already"),
        pytest.param(HeldFact(OTHERWISE), Sharing.AMENDED_APART, id="they say otherwise"),
        pytest.param(
            HeldFact(Answer(FactState.NOT_APPLICABLE)),
            Sharing.AMENDED_APART,
            id="they say it does not apply",
        ),
        pytest.param(
            HeldFact(Answer(FactState.ESTIMATED, "ransomware")),
            Sharing.AMENDED_APART,
            id="they are less sure",
        ),
    ],
)
def test_what_sharing_does_in_another_case(theirs, outcome):
    assert sharing_of(KNOWN, theirs) is outcome


@pytest.mark.parametrize(
    "key", ["n_subjects", "n_records", "data_subjects", "description", "noticed_at", "role"]
)
def test_what_each_controller_must_establish_is_never_shared(key):
    assert key in APART
    assert may_be_shared({key: Answer(FactState.KNOWN, "x")}) == {}


def test_only_facts_of_the_registry_are_named():
    assert set(FACTS) >= APART
    assert set(SHAREABLE) | APART == set(FACTS)


_answers = st.builds(
    Answer, st.sampled_from(FactState), st.sampled_from([None, "a", "b", 3, ["a", "b"]])
)
_held = st.builds(HeldFact, _answers, st.booleans())


@given(
    st.dictionaries(st.sampled_from(list(FACTS)), _answers),
    st.lists(st.dictionaries(st.sampled_from(list(FACTS)), _held), max_size=4),
)
def test_every_other_case_is_counted_once_for_each_fact_and_nothing_amended_is_told(mine, others):
    for shared in plan_sharing(mine, others):
        assert shared.answer.is_known
        assert shared.key not in APART
        assert sum(shared.outcomes.values()) == len(others)
        amended = sum(
            1
            for other in others
            if (held := other.get(shared.key))
            and not held.is_shared
            and held.answer.is_known
            and held.answer != shared.answer
        )
        assert shared.outcomes.get(Sharing.AMENDED_APART, 0) >= amended
