"""The nearest precedents, by what matters in law."""

import pytest

from breachdesk.domain.duties import assess
from breachdesk.domain.fact_schema import faults_of
from breachdesk.domain.precedents import Difference, _distance, _of_precedents
from breachdesk.domain.published_cases import PRECEDENTS
from tests.domain.calm_case import calm_facts

CASES = {precedent.id: precedent.facts for precedent in PRECEDENTS}


def nearest(facts):
    return [each.precedent.id.removeprefix("EDPB-") for each in assess(facts).precedents]


@pytest.mark.parametrize("case", CASES)
def test_a_precedent_is_told_in_the_vocabulary(case):
    assert faults_of(CASES[case]) == ()


@pytest.mark.parametrize("case", CASES)
def test_a_published_case_resembles_itself_first(case):
    first = assess(CASES[case]).precedents[0]

    assert first.precedent.id == case
    assert first.differs == ()
    assert first.same_risk
    assert first.decisive is None


def test_three_precedents_are_given_each_once():
    assert len(set(nearest(calm_facts()))) == 3


TAKEN = {"malicious_intent": True, "recipients": "unidentified", "exfiltration": "confirmed"}


@pytest.mark.parametrize(
    ("facts", "precedent"),
    [
        pytest.param(
            {
                "recipients": "few_known",
                "data": ["civil_status", "contact"],
                "vector": "postal_misdelivery",
            },
            "01/2021-15",
            id="everyday data with a few people, whatever the way",
        ),
        pytest.param(
            {
                "recipients": "many_known",
                "data": ["national_id_number"],
                "n_subjects": 900,
            },
            "01/2021-14",
            id="identity theft possible, many have them",
        ),
        pytest.param(
            {
                "breach_types": ["availability"],
                "data": ["health"],
                "data_subjects": ["patients"],
                "unavailable_hours": 30,
                "effect_on_persons": "significant",
            },
            "01/2021-03",
            id="care that waited",
        ),
        pytest.param(
            {**TAKEN, "data": ["official_document", "payment_card"], "n_subjects": 900},
            "01/2021-04",
            id="identity theft in criminal hands",
        ),
        pytest.param(
            {
                "recipients": "one_known",
                "cause": "internal_malicious",
                "misuse_observed": True,
                "effect_on_persons": "minor",
            },
            "01/2021-08",
            id="an insider's use",
        ),
        pytest.param(
            {**TAKEN, "data": ["health"], "data_unintelligible": "yes"},
            "9/2022-B-i",
            id="unreadable, whatever the data",
        ),
        pytest.param(
            {"breach_types": ["availability"], "unavailable_hours": 0.2},
            "9/2022-B-iii",
            id="a short cut",
        ),
    ],
)
def test_the_nearest_precedent_is_near_in_law(facts, precedent):
    assert precedent in nearest(calm_facts(**facts))


def test_the_gravest_difference_comes_first():
    facts = {**CASES["EDPB-01/2021-15"], "recipients": "public", "n_subjects": 1}
    (course_list,) = [
        each for each in assess(facts).precedents if each.precedent.id == "EDPB-01/2021-15"
    ]

    assert course_list.differs == (
        Difference("holder", "open", "known"),
        Difference("scale", "one", "some"),
    )


def test_shared_and_different_features_are_codes():
    record = assess(CASES["EDPB-01/2021-15"]).precedents[0].as_record()

    assert record["id"] == "EDPB-01/2021-15"
    assert record["verdict"] == {"notify_authority": "no", "communicate_to_data_subjects": "no"}
    assert record["shared"][0] == {"feature": "holder", "value": "known"}
    assert record["differs"] == []
    assert record["same_risk"] is True
    assert record["decisive"] is None


@pytest.mark.parametrize(
    ("facts", "feature", "value"),
    [
        ({}, "holder", "none"),
        ({"recipients": "one_known"}, "holder", "known"),
        ({"recipients": "public", "malicious_intent": True}, "holder", "hostile"),
        ({}, "potential", "everyday"),
        ({"data": ["contract"]}, "potential", "personal_life"),
        ({"data": ["economic"]}, "potential", "private_life"),
        ({"data": ["economic"], "data_insight": "trivial"}, "potential", "everyday"),
        ({"data": ["access_credentials"]}, "potential", "credentials"),
        ({"data": ["access_credentials", "bank_account"]}, "potential", "fraud"),
        ({"data": ["bank_account", "official_document"]}, "potential", "identity_theft"),
        ({"data": ["health", "official_document"]}, "potential", "special"),
        ({"data": ["health"], "data_insight": "trivial"}, "potential", "everyday"),
        ({"context_reveals_sensitive": True}, "potential", "special"),
        ({}, "readable", "yes"),
        ({"data_unintelligible": "yes"}, "readable", "no"),
        ({}, "time", "nothing_lost"),
        ({"breach_types": ["availability"]}, "time", "brief"),
        ({"breach_types": ["availability"], "unavailable_hours": 72}, "time", "long"),
        ({"breach_types": ["availability"], "permanent_loss": True}, "time", "lost"),
        ({"breach_types": ["integrity", "availability"]}, "nature", "availability+integrity"),
        ({}, "effect", "none"),
        ({"effect_on_persons": "minor"}, "effect", "slight"),
        ({"effect_on_persons": "significant"}, "effect", "serious"),
        ({}, "recognisable", "yes"),
        ({"identifiability": "negligible"}, "recognisable", "no"),
        ({}, "intent", "accidental"),
        ({"malicious_intent": True}, "intent", "malicious"),
        ({}, "misuse", "no"),
        ({"misuse_observed": True}, "misuse", "yes"),
        ({}, "persons", "ordinary"),
        ({"vulnerable_subjects": True}, "persons", "protected"),
        ({"n_subjects": 1}, "scale", "one"),
        ({"n_subjects": 2}, "scale", "some"),
        ({"n_subjects": 100}, "scale", "some"),
        ({"n_subjects": 101}, "scale", "many"),
    ],
)
def test_each_feature_is_read_from_the_facts(facts, feature, value):
    here = {}
    for each in assess(calm_facts(**facts)).precedents:
        here |= dict(each.shared) | {part.feature: part.here for part in each.differs}

    assert here[feature] == value


COURSE_LIST = CASES["EDPB-01/2021-15"]
TABLETS = CASES["EDPB-01/2021-10"]


@pytest.mark.parametrize(
    ("facts", "case", "decisive"),
    [
        pytest.param(
            {**COURSE_LIST, "data_insight": "ordinary"},
            "01/2021-15",
            Difference("potential", "special", "everyday"),
            id="an illness instead of an intolerance",
        ),
        pytest.param(
            {**COURSE_LIST, "data_insight": "ordinary", "n_subjects": 1},
            "01/2021-15",
            Difference("potential", "special", "everyday"),
            id="the same of one person: the number decides nothing",
        ),
        pytest.param(
            {**TABLETS, "key_compromised": "yes"},
            "01/2021-10",
            Difference("readable", "yes", "no"),
            id="the password on a sticker, not who holds them",
        ),
        pytest.param(
            {**CASES["EDPB-01/2021-14"], "recipients": "one_known", "deletion_confirmed": "no"},
            "01/2021-14",
            Difference("holder", "known", "open"),
            id="one recipient instead of all",
        ),
        pytest.param(
            {**CASES["EDPB-01/2021-01"], "unavailable_hours": 120},
            "01/2021-01",
            Difference("time", "long", "brief"),
            id="five days instead of hours",
        ),
        pytest.param(
            {**COURSE_LIST, "data_insight": None},
            "01/2021-15",
            Difference("potential", "not_said", "everyday"),
            id="what the data say is not known here",
        ),
        pytest.param(
            calm_facts(data=["civil_status"], recipients="many_known", n_subjects=800),
            "9/2022-B-ix",
            Difference("potential", "everyday", "not_said"),
            id="what the data say is not known there",
        ),
        pytest.param(
            {**COURSE_LIST, "data_insight": "ordinary", "recipients": "public"},
            "01/2021-15",
            None,
            id="two differences, of which none is enough",
        ),
        pytest.param(
            {**COURSE_LIST, "n_subjects": 1}, "01/2021-15", None, id="the same risk all the same"
        ),
    ],
)
def test_the_decisive_difference_alone_gives_the_precedents_risk(facts, case, decisive):
    (found,) = [each for each in assess(facts).precedents if each.precedent.id == f"EDPB-{case}"]

    assert found.decisive == decisive


def test_a_risk_that_several_differences_explain_is_not_called_the_same():
    facts = {**COURSE_LIST, "data_insight": "ordinary", "recipients": "public"}
    (found,) = [p for p in assess(facts).precedents if p.precedent.id == "EDPB-01/2021-15"]

    assert not found.same_risk
    assert [each.feature for each in found.differs] == ["holder", "potential"]


# What the data say, whom they show, what was breached and for how long: four features.
HALF_OPEN = {
    **COURSE_LIST,
    "data_insight": None,
    "identifiability": None,
    "breach_types": ["confidentiality", "unknown"],
}


@pytest.mark.parametrize(
    ("change", "decisive"),
    [
        pytest.param({}, Difference("potential", "not_said", "everyday"), id="four open"),
        pytest.param({"n_subjects": None}, None, id="five open"),
    ],
)
def test_no_single_difference_is_looked_for_while_most_is_open(change, decisive):
    precedents = assess({**HALF_OPEN, **change}).precedents
    (course_list,) = [each for each in precedents if each.precedent.id == "EDPB-01/2021-15"]

    assert not course_list.same_risk
    assert course_list.decisive == decisive


def test_an_exemption_makes_no_other_risk():
    health = {**CASES["EDPB-01/2021-12"], "later_measures_remove_high_risk": True}

    assert assess(health).precedents[0].same_risk


def test_a_decisive_difference_is_kept_as_codes():
    (course_list,) = [
        each.as_record()
        for each in assess({**COURSE_LIST, "data_insight": "ordinary"}).precedents
        if each.precedent.id == "EDPB-01/2021-15"
    ]

    assert course_list["same_risk"] is False
    assert course_list["decisive"] == {
        "feature": "potential",
        "here": "special",
        "there": "everyday",
    }


@pytest.mark.parametrize(
    ("here", "there", "distance"),
    [
        pytest.param("open", "open", 0, id="alike"),
        pytest.param("open", "known", 10, id="unlike"),
        pytest.param("open", None, 10, id="the example does not say: it teaches nothing"),
        pytest.param(None, "open", 5, id="not known here yet: half"),
        pytest.param(None, None, 0, id="open on both sides"),
    ],
)
def test_a_feature_parts_two_cases_by_its_weight(here, there, distance):
    assert _distance({"holder": here}, {"holder": there}) == distance


def test_the_precedents_are_read_once_and_always_alike():
    before = assess(COURSE_LIST).precedents
    _of_precedents.cache_clear()

    assert assess(COURSE_LIST).precedents == before


def test_an_example_that_leaves_open_what_matters_is_less_near_than_one_that_tells():
    kept_by_one = calm_facts(data=["health"], recipients="one_known")

    assert nearest(kept_by_one)[0] == "01/2021-15"


def test_nothing_is_claimed_about_what_is_not_known():
    result = assess(calm_facts(recipients=None, data=["contact", "unknown"])).precedents[0]

    named = {name for name, _ in result.shared} | {each.feature for each in result.differs}
    assert named.isdisjoint({"holder", "potential"})
