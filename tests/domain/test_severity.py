"""ENISA's score as the facts of an incident give it."""

import pytest

from breachdesk.domain.duties import assess
from breachdesk.domain.severity import Severity, severity_of
from breachdesk.domain.situation import range_of
from tests.domain.calm_case import calm_facts


def severity(**facts: object) -> Severity:
    return severity_of(range_of(calm_facts(**facts)))


@pytest.mark.parametrize(
    ("facts", "dpc", "codes"),
    [
        pytest.param({"data": ["contact"]}, 1, [], id="simple"),
        pytest.param(
            {"data": ["contact"], "data_insight": "detailed"},
            2,
            ["social_or_financial_status"],
            id="simple, detailed",
        ),
        pytest.param(
            {"data": ["contact"], "context_reveals_sensitive": True},
            3,
            ["sensitive_assumptions"],
            id="simple, in a telling context",
        ),
        pytest.param(
            {
                "data": ["contact"],
                "context_reveals_sensitive": True,
                "vulnerable_subjects": True,
            },
            4,
            ["personal_safety"],
            id="simple, vulnerable people in a telling context",
        ),
        pytest.param({"data": ["location"]}, 2, [], id="behavioural"),
        pytest.param(
            {"data": ["purchase_history"], "data_insight": "limited"},
            1,
            ["no_insight"],
            id="behavioural, saying little",
        ),
        pytest.param(
            {"data": ["communications"], "data_insight": "detailed"},
            3,
            ["detailed_profile"],
            id="behavioural, detailed",
        ),
        pytest.param(
            {"data": ["behaviour"], "context_reveals_sensitive": True},
            4,
            ["sensitive_profile"],
            id="behavioural, in a telling context",
        ),
        pytest.param({"data": ["economic"]}, 3, [], id="financial"),
        pytest.param(
            {"data": ["transactions"], "data_insight": "trivial"},
            1,
            ["no_insight"],
            id="financial, trivial",
        ),
        pytest.param(
            {"data": ["transactions"], "data_insight": "limited"},
            2,
            ["little_insight"],
            id="financial, saying little",
        ),
        pytest.param({"data": ["bank_account"]}, 2, ["little_insight"], id="a bare account"),
        pytest.param({"data": ["payment_card_partial"]}, 2, ["little_insight"], id="partial card"),
        pytest.param(
            {"data": ["payment_card"]}, 4, ["fraud_or_detailed_profile"], id="a usable card"
        ),
        pytest.param(
            {"data": ["payment_card"], "data_insight": "trivial"},
            1,
            ["no_insight"],
            id="an expired card",
        ),
        pytest.param(
            {"data": ["economic"], "data_insight": "detailed"},
            4,
            ["fraud_or_detailed_profile"],
            id="financial, detailed",
        ),
        pytest.param({"data": ["health"]}, 4, [], id="sensitive"),
        pytest.param({"data": ["criminal"]}, 4, [], id="offences count as sensitive"),
        pytest.param(
            {"data": ["health"], "data_insight": "limited"},
            2,
            ["general_assumptions"],
            id="sensitive, saying little",
        ),
        pytest.param(
            {"data": ["health"], "data_insight": "trivial"},
            1,
            ["no_insight"],
            id="sensitive, trivial",
        ),
        pytest.param({"data": ["contact", "economic"]}, 3, [], id="the highest category counts"),
        pytest.param({"data": ["access_credentials", "economic"]}, 3, [], id="what they open"),
        pytest.param({"data": ["access_credentials"]}, 1, [], id="credentials of nothing known"),
        pytest.param(
            {"data": ["access_credentials", "bank_account"]},
            4,
            ["fraud_or_detailed_profile"],
            id="credentials that open an account",
        ),
        pytest.param(
            {"data": ["access_credentials", "bank_account"], "data_insight": "trivial"},
            1,
            ["no_insight", "no_insight"],
            id="credentials that open next to nothing",
        ),
        pytest.param(
            {"data": ["access_credentials", "location", "contact"], "data_insight": "detailed"},
            3,
            ["detailed_profile", "detailed_profile"],
            id="credentials that open habits",
        ),
        pytest.param({"data": []}, 1, [], id="no category known yet"),
    ],
)
def test_the_context_is_that_of_the_gravest_category_and_is_explained(facts, dpc, codes):
    result = severity(**facts)

    assert result.dpc == dpc
    assert [adjustment.code for adjustment in result.adjustments] == codes


def test_credentials_take_the_class_of_the_gravest_data_that_they_open():
    opened = ["contact", "location", "economic", "health"]
    scores = [severity(data=["access_credentials", *opened[: n + 1]]).dpc for n in range(4)]

    assert scores == [1, 2, 3, 4]
    (adjustment,) = severity(data=["bank_account", "access_credentials"]).adjustments
    assert (adjustment.category, adjustment.context) == ("access_credentials", "financial")


def test_an_adjustment_says_its_category_class_and_points():
    (adjustment,) = severity(data=["contact", "payment_card"]).as_record()["adjustments"]

    assert adjustment == {
        "category": "payment_card",
        "context": "financial",
        "code": "fraud_or_detailed_profile",
        "points": 1,
    }


@pytest.mark.parametrize(
    ("identifiability", "ei"),
    [("negligible", 0.25), ("limited", 0.5), ("indirect", 0.75), ("direct", 1.0)],
)
def test_identification_is_on_four_levels(identifiability, ei):
    assert severity(identifiability=identifiability).ei == ei


@pytest.mark.parametrize(
    ("facts", "points"),
    [
        pytest.param({"recipients": "none"}, 0, id="nobody"),
        pytest.param({"recipients": "one_known"}, 0.25, id="one known"),
        pytest.param({"recipients": "many_known"}, 0.25, id="many known"),
        pytest.param(
            {"recipients": "one_known", "exfiltration": "confirmed"}, 0.25, id="taken by one known"
        ),
        pytest.param(
            {"recipients": "one_known", "exfiltration": "published"}, 0.5, id="then published"
        ),
        pytest.param({"recipients": "unidentified"}, 0, id="lost or stolen: exposed"),
        pytest.param(
            {"recipients": "unidentified", "exfiltration": "excluded"}, 0, id="nothing left"
        ),
        pytest.param(
            {"recipients": "unidentified", "exfiltration": "possible"}, 0.5, id="perhaps taken"
        ),
        pytest.param(
            {"recipients": "unidentified", "misuse_observed": True}, 0.5, id="and used since"
        ),
        pytest.param({"recipients": "public"}, 0.5, id="public"),
        pytest.param({"exfiltration": "likely"}, 0.5, id="probably taken"),
        pytest.param({"exfiltration": "possible"}, 0, id="perhaps taken, by nobody known"),
    ],
)
def test_confidentiality_scores_by_who_received_the_data(facts, points):
    assert severity(**facts).cb.confidentiality == points


@pytest.mark.parametrize(
    ("types", "outcome", "points"),
    [
        (["integrity"], "no_misuse", 0),
        (["integrity"], "misused_recoverable", 0.25),
        (["integrity"], "misused_unrecoverable", 0.5),
        (["confidentiality"], "misused_unrecoverable", 0),
    ],
)
def test_integrity_scores_by_what_came_of_it_where_data_were_altered(types, outcome, points):
    assert severity(breach_types=types, integrity_outcome=outcome).cb.integrity == points


@pytest.mark.parametrize(
    ("facts", "points"),
    [
        pytest.param({"unavailable_hours": 23}, 0, id="back within the day"),
        pytest.param({"unavailable_hours": 24}, 0.25, id="a day"),
        pytest.param({"backup": "partial"}, 0.25, id="no full copy"),
        pytest.param({"permanent_loss": True}, 0.5, id="gone"),
        pytest.param(
            {"breach_types": ["confidentiality"], "permanent_loss": True}, 0, id="no loss ticked"
        ),
    ],
)
def test_availability_scores_by_recovery_where_data_were_lost(facts, points):
    assert severity(**{"breach_types": ["availability"], **facts}).cb.availability == points


@pytest.mark.parametrize(
    ("facts", "points"),
    [
        ({}, 0),
        ({"malicious_intent": True}, 0.5),
        ({"cause": "external_malicious"}, 0.5),
        ({"cause": "internal_malicious"}, 0.5),
        ({"cause": "external_accidental"}, 0),
    ],
)
def test_malice_scores_by_intent_or_cause(facts, points):
    assert severity(**facts).cb.malicious == points


@pytest.mark.parametrize(("n", "flag"), [(100, False), (101, True), (None, False)])
def test_more_than_a_hundred_people_raise_a_flag_and_no_score(n, flag):
    assert severity(n_subjects=n).flags["over_100_individuals"] is flag
    assert severity(n_subjects=n).score == severity().score


@pytest.mark.parametrize(
    ("facts", "flag"),
    [
        ({"data_unintelligible": "yes", "key_compromised": "no"}, True),
        ({"data_unintelligible": "yes", "key_compromised": "yes"}, False),
        ({"data_unintelligible": "yes", "key_compromised": None}, False),
        ({"data_unintelligible": "partly"}, False),
    ],
)
def test_unreadable_data_raise_a_flag_where_that_is_sure(facts, flag):
    assert severity(**facts).flags["data_unintelligible"] is flag


def test_the_parts_make_the_score_and_its_level():
    record = severity(
        data=["health"], recipients="public", malicious_intent=True, identifiability="limited"
    ).as_record()

    assert record["score"] == 4 * 0.5 + 0.5 + 0.5
    assert record["level"] == "high"
    assert record["cb"] == {
        "confidentiality": 0.5,
        "integrity": 0,
        "availability": 0,
        "malicious": 0.5,
    }


def test_what_is_not_known_is_assumed_and_named():
    result = severity(data=["health"], data_insight=None, identifiability=None, recipients=None)

    assert (result.dpc, result.ei, result.cb.confidentiality) == (4, 1.0, 0)
    assert result.assumed == ("data_insight", "identifiability", "recipients")


def test_a_fact_that_bears_on_no_score_is_not_assumed():
    assert severity(effect_on_persons=None, deletion_confirmed=None).assumed == ()


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        pytest.param({}, "enisa_agrees", id="both: nothing"),
        pytest.param(
            {"data": ["contact"], "recipients": "public", "n_subjects": 101},
            "enisa_lower",
            id="a risk that scores under 2",
        ),
        pytest.param(
            {"data": ["economic"], "data_unintelligible": "yes"},
            "enisa_higher",
            id="nothing owed, scored on unreadable content",
        ),
        pytest.param(
            {"data": ["economic"], "recipients": "one_known"},
            "enisa_higher",
            id="a risk, not high, that scores over 3",
        ),
        pytest.param(
            {"data": ["national_id_number", "purchase_history"], "recipients": "public"},
            "enisa_lower",
            id="a high risk that scores under 3",
        ),
        pytest.param(
            {"data": ["economic"], "recipients": "public"}, "enisa_agrees", id="both: high"
        ),
        pytest.param({"effect_on_persons": None}, "enisa_informs", id="not decided yet"),
    ],
)
def test_the_verdict_says_where_the_score_and_the_rules_part(facts, code):
    reason = assess(calm_facts(**facts)).reasons[-1]

    assert reason.code == code
    assert reason.parameters["score"] == severity(**facts).score
