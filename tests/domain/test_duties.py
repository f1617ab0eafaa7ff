"""The verdict on whole cases at the edges of the duties: exemptions, roles, doubt."""

import pytest

from breachdesk.domain.duties import RULES_VERSION, assess
from breachdesk.domain.errors import InvalidInput
from tests.domain.calm_case import calm_facts
from tests.domain.verdicts import verdict


def codes(facts: dict[str, object]) -> list[str]:
    return [reason.code for reason in assess(facts).reasons]


OPEN_FOLDER = calm_facts(
    vector="accidental_publication",
    data=["civil_status", "contact", "purchase_history"],
    n_subjects=3412,
    exfiltration="possible",
    recipients="public",
    undetected_days=9,
)


@pytest.mark.parametrize("recipients", ["public", "unidentified"])
def test_a_shops_folder_left_open_is_notified_and_telling_customers_is_wise(recipients):
    result = assess({**OPEN_FOLDER, "recipients": recipients})

    assert result.notify_authority == "yes"
    assert result.communicate_to_data_subjects == "no"
    assert result.communication_advised_anyway
    assert (result.gravity, result.likelihood) == ("limited", "important")
    assert result.communication_form == "none"


def test_the_whole_answer_is_one_record_of_codes():
    record = assess(OPEN_FOLDER).as_record()

    assert list(record) == [
        "severity",
        "risk",
        "gravity",
        "likelihood",
        "notify_authority",
        "communicate_to_data_subjects",
        "communication_form",
        "communication_advised_anyway",
        "inform_controllers",
        "reasons",
        "open_questions",
        "precedents",
        "rules_version",
        "law",
    ]
    assert record["rules_version"] == RULES_VERSION
    assert record["risk"] == "risk"


@pytest.mark.parametrize(
    ("facts", "advised"),
    [
        pytest.param({"recipients": "public"}, False, id="no risk, nothing to do about it"),
        pytest.param({"recipients": "public", "n_subjects": 101}, True, id="a risk, data at large"),
        pytest.param(
            {
                "recipients": "public",
                "data": ["access_credentials"],
                "credentials_protection": "strong_hash",
            },
            True,
            id="passwords, even hashed",
        ),
        pytest.param(
            {"data": ["contract"], "recipients": "one_known"}, False, id="a risk held by one person"
        ),
        pytest.param({"recipients": "public", "data": ["health"]}, False, id="owed, not advised"),
        pytest.param(
            {"recipients": "public", "data": ["health"], "later_measures_remove_high_risk": True},
            False,
            id="the risk has been removed",
        ),
        pytest.param({"recipients": None, "n_subjects": 101}, False, id="not sure yet"),
        pytest.param(
            {"recipients": "public", "n_subjects": 101, "effect_on_persons": None},
            True,
            id="owed or not, wise at least",
        ),
    ],
)
def test_telling_people_is_advised_where_it_is_not_owed_but_helps_them(facts, advised):
    result = assess(calm_facts(**facts))

    assert result.communication_advised_anyway is advised
    assert ("telling_is_wise" in [reason.code for reason in result.reasons]) is advised


HIGH = calm_facts(data=["health"], recipients="public")


@pytest.mark.parametrize(
    ("change", "communicate", "form", "reason"),
    [
        pytest.param({}, "yes", "direct", None, id="owed to each"),
        pytest.param(
            {"data_unintelligible": "yes"}, "no", "none", "exempt_unreadable", id="34(3)(a)"
        ),
        pytest.param(
            {"later_measures_remove_high_risk": True},
            "no",
            "none",
            "exempt_measures",
            id="34(3)(b)",
        ),
        pytest.param(
            {"direct_contact_disproportionate": True}, "yes", "public", "public_instead", id="(c)"
        ),
        pytest.param(
            {"later_measures_remove_high_risk": True, "direct_contact_disproportionate": True},
            "no",
            "none",
            "exempt_measures",
            id="(b) before (c)",
        ),
        pytest.param(
            {"later_measures_remove_high_risk": False, "direct_contact_disproportionate": False},
            "yes",
            "direct",
            None,
            id="neither",
        ),
        pytest.param(
            {"later_measures_remove_high_risk": None}, "yes", "direct", None, id="not claimed"
        ),
    ],
)
def test_each_exemption_of_article_34_3_is_explicit(change, communicate, form, reason):
    result = assess({**HIGH, **change})

    exemptions = [each.code for each in result.reasons if each.factor == "exemption"]
    assert result.communicate_to_data_subjects == communicate
    assert result.communication_form == form
    assert exemptions == ([reason] if reason else [])


@pytest.mark.parametrize(
    "exemption",
    [
        {"data_unintelligible": "yes"},
        {"later_measures_remove_high_risk": True},
        {"direct_contact_disproportionate": True},
    ],
)
def test_an_exemption_is_not_said_where_no_high_risk_was(exemption):
    result = assess(calm_facts(**exemption))

    assert not [reason for reason in result.reasons if reason.factor == "exemption"]


def test_encryption_exempts_nothing_where_the_high_risk_is_another():
    facts = {**HIGH, "data_unintelligible": "yes", "effect_on_persons": "critical"}

    assert verdict(facts) == ("yes", "yes")
    assert "exempt_unreadable" not in codes(facts)


def test_measures_taken_later_change_the_telling_and_not_the_notification():
    facts = {**HIGH, "later_measures_remove_high_risk": True}

    assert verdict(facts) == ("yes", "no")
    assert assess(facts).risk == "high_risk"


def test_an_exempted_communication_leaves_no_question_about_it():
    facts = {**HIGH, "later_measures_remove_high_risk": True, "data_unintelligible": None}

    questions = assess(facts).open_questions
    assert [(each.fact, each.would_change) for each in questions] == [
        ("data_unintelligible", ("notify_authority",))
    ]


@pytest.mark.parametrize(
    ("role", "inform", "reason"),
    [
        ("processor", "yes", "processor_informs"),
        ("controller", "no", None),
        ("joint_controller", "no", "joint_arrangement"),
        (None, "depends", None),
        ("unknown", "depends", None),
    ],
)
def test_a_processor_always_informs_the_controllers(role, inform, reason):
    result = assess(calm_facts(role=role))

    assert result.inform_controllers == inform
    assert [each.code for each in result.reasons if each.factor == "role"] == (
        [reason] if reason else []
    )


def test_the_role_changes_neither_duty_only_whose_they_are():
    assert verdict({**HIGH, "role": "processor"}) == verdict(HIGH) == ("yes", "yes")


@pytest.mark.parametrize(
    ("facts", "risk", "conclusion", "source"),
    [
        ({}, "unlikely", "risk_unlikely", "gdpr_33_1"),
        ({"misuse_observed": True}, "risk", "risk_risk", "gdpr_33_1"),
        ({"effect_on_persons": "critical"}, "high_risk", "risk_high_risk", "gdpr_34_1"),
        ({"effect_on_persons": None}, "undetermined", "risk_undetermined", "gdpr_33_1"),
    ],
)
def test_the_conclusion_comes_first_with_its_article(facts, risk, conclusion, source):
    result = assess(calm_facts(**facts))

    assert result.risk == risk
    assert (result.reasons[0].code, result.reasons[0].sources) == (conclusion, (source,))


def test_an_undetermined_risk_says_between_what_it_lies():
    (reason,) = [r for r in assess(HIGH | {"recipients": None}).reasons if "undet" in r.code]

    assert reason.parameters == {"least": "unlikely", "most": "high_risk"}


def test_doubt_is_said_duty_by_duty():
    assert "in_doubt_notify" in codes(HIGH | {"recipients": None})
    assert "telling_depends" in codes(HIGH | {"recipients": None})
    assert "in_doubt_notify" not in codes(HIGH)
    assert "telling_depends" not in codes(HIGH)


@pytest.mark.parametrize(
    ("facts", "gravity", "likelihood"),
    [
        pytest.param({"identifiability": "negligible"}, "negligible", "negligible", id="nil"),
        pytest.param({}, "negligible", "negligible", id="minimal, nobody"),
        pytest.param(
            {
                "data": ["civil_status"],
                "recipients": "one_known",
                "recipient_trust": "trusted",
                "deletion_confirmed": "yes",
            },
            "limited",
            "limited",
            id="small, contained",
        ),
        pytest.param(
            {"data": ["contract"], "recipients": "one_known", "deletion_confirmed": "yes"},
            "limited",
            "limited",
            id="notable, recalled",
        ),
        pytest.param(
            {"data": ["economic"], "recipients": "one_known"}, "important", "limited", id="serious"
        ),
        pytest.param(
            {"data": ["health"], "recipients": "public"}, "maximal", "important", id="grave, open"
        ),
        pytest.param(
            {"recipients": "one_known", "malicious_intent": True},
            "negligible",
            "maximal",
            id="adverse",
        ),
        pytest.param(
            {"recipients": "public", "malicious_intent": True},
            "negligible",
            "maximal",
            id="hostile",
        ),
        pytest.param({"effect_on_persons": "minor"}, "limited", "negligible", id="a nuisance seen"),
        pytest.param({"effect_on_persons": "significant"}, "important", "maximal", id="seen"),
        pytest.param({"effect_on_persons": "critical"}, "maximal", "maximal", id="critical, seen"),
        pytest.param(
            {"misuse_observed": True, "data_unintelligible": "no"},
            "negligible",
            "maximal",
            id="used",
        ),
        pytest.param(
            {"breach_types": ["availability"], "permanent_loss": True},
            "limited",
            "maximal",
            id="lost",
        ),
        pytest.param({"recipients": None}, "negligible", "undetermined", id="who has them?"),
        pytest.param(
            {"data": ["contact", "unknown"]}, "undetermined", "negligible", id="which data?"
        ),
    ],
)
def test_the_risk_is_told_on_the_cnils_scale_of_gravity_and_likelihood(facts, gravity, likelihood):
    result = assess(calm_facts(**facts))

    assert (result.gravity, result.likelihood) == (gravity, likelihood)


def test_facts_that_break_the_vocabulary_are_refused_by_the_first_key_at_fault():
    with pytest.raises(InvalidInput) as refusal:
        assess({"n_subjects": True, "role": "owner"})

    assert refusal.value.code == "fact_not_understood"
    assert refusal.value.field == "role"
    assert refusal.value.parameters == {"key": "role", "faults": 2}
