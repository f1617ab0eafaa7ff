"""What changed between two assessments: nothing that the rules would take alike."""

import pytest
from hypothesis import given

from breachdesk.domain.assessment_changes import FactChange, changed_facts, compare
from breachdesk.domain.duties import assess
from tests.domain.any_facts import ANY_FACTS
from tests.encrypted_laptop import FACTS, KEY_KNOWN


def _compare(before: dict[str, object], after: dict[str, object]):
    return compare(before, assess(before).as_record(), after, assess(after).as_record())


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ({"n_subjects": 12}, {"n_subjects": 13}, ("n_subjects",)),
        ({"n_subjects": 12}, {"n_subjects": None}, ("n_subjects",)),
        pytest.param({}, {"n_subjects": None}, (), id="asked, and still not known"),
        pytest.param({"n_subjects": None}, {}, (), id="not known, not asked"),
        pytest.param({"permanent_loss": False}, {}, ("permanent_loss",), id="no is an answer"),
        pytest.param(
            {"data": ["contact", "health"]}, {"data": ["health", "contact"]}, (), id="another order"
        ),
        ({"data": ["contact"]}, {"data": ["contact", "health"]}, ("data",)),
        pytest.param(
            {"key_compromised": "no"},
            {"key_compromised": "not_applicable"},
            ("key_compromised",),
            id="does not apply",
        ),
        pytest.param(
            {"misuse_observed": False, "access": "ended"},
            {"misuse_observed": True, "access": "ongoing"},
            ("access", "misuse_observed"),
            id="in the order of the file",
        ),
    ],
)
def test_a_fact_has_changed_where_the_rules_take_it_otherwise(before, after, changed):
    assert changed_facts(before, after) == changed


@given(ANY_FACTS)
def test_an_assessment_beside_itself_differs_in_nothing(any_facts):
    found = _compare(any_facts, any_facts)

    assert (found.facts, found.reasons_gone, found.reasons_come) == ((), (), ())
    assert not any(each.differs for each in (*found.outcomes, found.score, found.rules))


@given(ANY_FACTS, ANY_FACTS)
def test_where_no_fact_changed_no_verdict_did_and_back_is_the_mirror_of_forth(one, other):
    forth, back = _compare(one, other), _compare(other, one)

    if not forth.facts:
        assert not any(each.differs for each in forth.outcomes)
    assert [each.key for each in forth.facts] == [each.key for each in back.facts]
    assert (forth.reasons_gone, forth.reasons_come) == (back.reasons_come, back.reasons_gone)


def test_the_key_that_became_known_turns_both_duties_and_says_why():
    found = _compare(dict(FACTS), {**FACTS, **KEY_KNOWN})

    assert found.facts == (FactChange("key_compromised", "no", "yes"),)
    turned = {each.name: (each.before, each.after) for each in found.outcomes if each.differs}
    assert turned["risk"] == ("unlikely", "high_risk")
    assert turned["notify_authority"] == turned["communicate_to_data_subjects"] == ("no", "yes")
    assert "key_compromised" in {reason["code"] for reason in found.reasons_come}
    assert not found.score.differs
