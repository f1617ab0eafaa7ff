"""Which facts are asked, and in which order."""

import pytest

from breachdesk.domain.duties import assess
from breachdesk.domain.facts import ASSESSED_FACTS
from breachdesk.domain.open_questions import open_questions
from breachdesk.domain.published_cases import PRECEDENTS
from breachdesk.domain.risk_factors import Risk
from breachdesk.domain.situation import range_of
from breachdesk.domain.verdict import judge
from tests.domain.calm_case import calm_facts

NOTIFY, COMMUNICATE = "notify_authority", "communicate_to_data_subjects"
TAKEN = {"malicious_intent": True, "recipients": "unidentified", "exfiltration": "confirmed"}


def asked(facts):
    return {each.fact: each.would_change for each in assess(facts).open_questions}


# A single fact not known, in a case where it decides, and what it would change.
ALONE = [
    ("data", {"data": ["unknown"], **TAKEN}, (COMMUNICATE,)),
    ("data_insight", {"data": ["health"], "recipients": "few_known"}, (NOTIFY, COMMUNICATE)),
    (
        "credentials_protection",
        {"data": ["access_credentials"], "recipients": "public"},
        (NOTIFY, COMMUNICATE),
    ),
    ("data_subjects", {"data": ["civil_status"], **TAKEN}, (COMMUNICATE,)),
    ("vulnerable_subjects", {"data": ["civil_status"], **TAKEN}, (COMMUNICATE,)),
    ("n_subjects", {"data": ["contact"], "recipients": "public"}, (NOTIFY,)),
    ("identifiability", {"data": ["health"], "recipients": "public"}, (COMMUNICATE,)),
    ("context_reveals_sensitive", {"recipients": "few_known"}, (NOTIFY, COMMUNICATE)),
    ("data_unintelligible", {"data": ["health"], **TAKEN}, (NOTIFY, COMMUNICATE)),
    (
        "key_compromised",
        {"data": ["health"], "data_unintelligible": "yes", **TAKEN},
        (NOTIFY, COMMUNICATE),
    ),
    ("exfiltration", {"data": ["economic"], "malicious_intent": True}, (NOTIFY, COMMUNICATE)),
    ("recipients", {"data": ["health"]}, (NOTIFY, COMMUNICATE)),
    ("recipient_trust", {"data": ["economic"], "recipients": "one_known"}, (COMMUNICATE,)),
    ("deletion_confirmed", {"data": ["health"], "recipients": "one_known"}, (COMMUNICATE,)),
    ("access", {"data": ["economic"], "recipients": "one_known"}, (COMMUNICATE,)),
    (
        "undetected_days",
        {**TAKEN, "exfiltration": "possible", "data": ["contract"]},
        (COMMUNICATE,),
    ),
    ("cause", {"data": ["contract"], "recipients": "unidentified"}, (COMMUNICATE,)),
    ("malicious_intent", {"data": ["contract"], "recipients": "unidentified"}, (COMMUNICATE,)),
    ("breach_types", {"permanent_loss": True}, (NOTIFY,)),
    ("backup", {"breach_types": ["availability"], "unavailable_hours": 24}, (NOTIFY,)),
    ("unavailable_hours", {"breach_types": ["availability"]}, (NOTIFY,)),
    ("permanent_loss", {"breach_types": ["availability"]}, (NOTIFY,)),
    ("integrity_outcome", {"breach_types": ["integrity"]}, (NOTIFY,)),
    ("effect_on_persons", {}, (NOTIFY, COMMUNICATE)),
    ("misuse_observed", {}, (NOTIFY,)),
]


@pytest.mark.parametrize(("fact", "facts", "would_change"), ALONE)
def test_each_fact_is_asked_alone_where_it_alone_decides(fact, facts, would_change):
    known = calm_facts(**facts)
    opened = {**known, fact: ["unknown"] if isinstance(known[fact], list) else None}

    assert asked(opened) == {fact: would_change}


def test_every_fact_that_bears_on_a_duty_has_its_case():
    silent = {
        "role",
        "vector",
        "later_measures_remove_high_risk",
        "direct_contact_disproportionate",
    }

    assert {row[0] for row in ALONE} | silent == set(ASSESSED_FACTS)


@pytest.mark.parametrize("key", ["vector", "later_measures_remove_high_risk"])
def test_a_fact_that_moves_no_duty_is_not_asked(key):
    assert asked(calm_facts(**{key: None})) == {}


def test_facts_that_no_longer_matter_are_not_asked():
    decided = calm_facts(effect_on_persons="critical", recipients=None, data=["unknown"])

    assert asked(decided) == {}


def test_both_ways_to_the_data_are_asked_when_neither_is_known():
    facts = calm_facts(recipients=None, exfiltration=None, access=None, data=["health"])

    assert {"recipients", "exfiltration", "access"} <= set(asked(facts))


def test_encryption_and_its_key_are_asked_together():
    facts = calm_facts(data=["health"], data_unintelligible=None, key_compromised=None, **TAKEN)

    assert set(asked(facts)) == {"data_unintelligible", "key_compromised"}


def test_what_could_change_most_is_asked_first():
    facts = calm_facts(data=["contract", "unknown"], recipients=None, access=None)
    questions = assess(facts).open_questions

    moved = [len(each.would_change) for each in questions]
    assert moved == sorted(moved, reverse=True)
    assert questions[0].fact == "recipients"


def test_nothing_known_asks_who_has_what_before_all_else():
    questions = list(asked({}))

    assert questions[:4] == ["exfiltration", "data", "context_reveals_sensitive", "data_insight"]
    assert set(questions[4:10]) == {
        "data_unintelligible",
        "key_compromised",
        "recipients",
        "effect_on_persons",
        "identifiability",
        "misuse_observed",
    }
    assert questions[-1] == "role"


def test_what_is_known_of_a_list_stands_while_the_rest_of_it_is_asked():
    def order(data):
        facts = calm_facts(data=[data, "unknown"], recipients=None, n_subjects=None, access=None)
        return asked(facts)

    assert order("contact")["data"] == (NOTIFY, COMMUNICATE)
    assert "data" not in order("health")
    assert order("health")["recipients"] == (NOTIFY, COMMUNICATE)


def test_under_another_law_a_question_is_about_that_laws_threshold():
    facts = calm_facts(data=["employment"], recipients=None, misuse_observed=None)
    span = range_of(facts)

    today = {each.fact: each.would_change for each in open_questions(span, judge)}
    later = {each.fact: each.would_change for each in open_questions(span, judge, Risk.HIGH_RISK)}

    assert NOTIFY in today["recipients"]
    assert all(duties == (NOTIFY, COMMUNICATE) for duties in later.values())


def test_the_role_is_asked_last_for_it_says_whose_the_duties_are():
    facts = calm_facts(role=None, effect_on_persons=None)
    questions = assess(facts).open_questions

    assert [each.fact for each in questions] == ["effect_on_persons", "role"]
    assert questions[-1].would_change == ("inform_controllers",)


def test_the_bank_statement_asks_whether_it_goes_on_and_whether_it_came_back():
    facts = next(p.facts for p in PRECEDENTS if p.id == "EDPB-9/2022-B-v")

    assert asked(facts) == {"access": (COMMUNICATE,), "deletion_confirmed": (COMMUNICATE,)}


@pytest.mark.parametrize("facts", [{}, *(precedent.facts for precedent in PRECEDENTS)])
def test_questions_are_found_with_few_judgements(facts):
    judged = []

    def counted(situation):
        judged.append(situation)
        return judge(situation)

    open_questions(range_of(facts), counted)

    # An assessment takes less than a millisecond; a judgement takes some microseconds.
    assert len(judged) <= 90
