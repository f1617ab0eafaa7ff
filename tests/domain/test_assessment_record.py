"""What a case keeps of its assessment: every key by its name, and codes only."""

from breachdesk.domain.duties import RULES_VERSION, assess
from breachdesk.domain.severity import severity_of
from breachdesk.domain.situation import range_of
from tests.domain.calm_case import calm_facts

ENCRYPTED_PHONE = calm_facts(
    data=["payment_card"], data_unintelligible="yes", recipients="one_known", n_subjects=101
)


def test_the_record_of_the_score():
    span = range_of({**ENCRYPTED_PHONE, "vulnerable_subjects": None, "access": None})

    assert severity_of(span).as_record() == {
        "dpc": 4,
        "ei": 1.0,
        "cb": {"confidentiality": 0.25, "integrity": 0.0, "availability": 0.0, "malicious": 0.0},
        "score": 4.25,
        "level": "very_high",
        "flags": {"over_100_individuals": True, "data_unintelligible": True},
        "adjustments": [
            {
                "category": "payment_card",
                "context": "financial",
                "code": "fraud_or_detailed_profile",
                "points": 1,
            }
        ],
        "assumed": ["vulnerable_subjects"],
    }


def test_the_record_of_the_verdict():
    record = assess(ENCRYPTED_PHONE).as_record()

    found = {key: value for key, value in record.items() if isinstance(value, str | bool)}
    assert found == {
        "risk": "unlikely",
        "gravity": "important",
        "likelihood": "negligible",
        "notify_authority": "no",
        "communicate_to_data_subjects": "no",
        "communication_form": "none",
        "communication_advised_anyway": False,
        "inform_controllers": "no",
        "rules_version": RULES_VERSION,
        "law": "gdpr-2018-05-25",
    }
    assert set(record) - set(found) == {"severity", "reasons", "open_questions", "precedents"}


def test_the_record_of_a_question_and_of_a_reason():
    record = assess(calm_facts(effect_on_persons=None)).as_record()

    duties = ["notify_authority", "communicate_to_data_subjects"]
    assert record["open_questions"] == [
        {"fact": "effect_on_persons", "code": "effect_on_persons", "would_change": duties}
    ]
    assert record["reasons"][0] == {
        "factor": "conclusion",
        "effect": "decides",
        "code": "risk_undetermined",
        "parameters": {"least": "unlikely", "most": "high_risk"},
        "source": ["gdpr_33_1"],
    }
