"""Every reason alone: the fact that gives it, and the nearest fact that does not."""

import pytest

from breachdesk.domain.duties import assess
from breachdesk.domain.findings import Effect, Factor
from breachdesk.domain.reasons import _ROWS, _categories, _exposed_as, _figure
from breachdesk.domain.risk_factors import Exposure
from breachdesk.domain.verdict import judge
from tests.domain.calm_case import calm_facts, situation

LOSS = {"breach_types": ["availability"]}
PATIENTS = {"data": ["health"], "data_subjects": ["patients"]}
INTRUDER = {"malicious_intent": True, "recipients": "unidentified"}
# Code, facts that give it, facts that do not, its parameters.
ROWS = [
    ("unreadable", {"data_unintelligible": "yes"}, {"data_unintelligible": "partly"}, {}),
    (
        "key_compromised",
        {"data_unintelligible": "yes", "key_compromised": "yes"},
        {"data_unintelligible": "no", "key_compromised": "yes"},
        {},
    ),
    (
        "special_categories",
        {"data": ["contact", "health", "criminal"]},
        {"data": ["health"], "data_insight": "trivial"},
        {"data": ["criminal", "health"]},
    ),
    (
        "sensitive_yet_trivial",
        {"data": ["health"], "data_insight": "trivial"},
        {"data": ["health"], "data_insight": "limited"},
        {"data": ["health"]},
    ),
    (
        "private_life",
        {"data": ["economic", "contact"]},
        {"data": ["economic"], "data_insight": "trivial"},
        {"data": ["economic"]},
    ),
    (
        "personal_life",
        {"data": ["contract", "economic"]},
        {"data": ["contract"], "data_insight": "trivial"},
        {"data": ["contract"]},
    ),
    ("detailed_portrait", {"data_insight": "detailed"}, {"data_insight": "ordinary"}, {}),
    ("telling_context", {"context_reveals_sensitive": True}, {}, {}),
    (
        "credentials_usable",
        {"data": ["access_credentials"], "credentials_protection": "weak_hash"},
        {"data": ["access_credentials"], "credentials_protection": "strong_hash"},
        {},
    ),
    (
        "credentials_hashed",
        {"data": ["access_credentials"], "credentials_protection": "strong_hash"},
        {
            "data": ["access_credentials"],
            "credentials_protection": "strong_hash",
            "key_compromised": "yes",
        },
        {},
    ),
    (
        "credentials_usable",
        {
            "data": ["access_credentials"],
            "credentials_protection": "strong_hash",
            "misuse_observed": True,
        },
        {"misuse_observed": True},
        {},
    ),
    (
        "identity_theft_complete",
        {"data": ["official_document", "payment_card"]},
        {"data": ["official_document"]},
        {"data": ["official_document", "payment_card"]},
    ),
    (
        "identity_theft",
        {"data": ["national_id_number"]},
        {"data": ["national_id_number", "bank_account"]},
        {"data": ["national_id_number"]},
    ),
    (
        "fraud",
        {"data": ["bank_account"]},
        {"data": ["bank_account", "official_document"]},
        {"data": ["bank_account"]},
    ),
    (
        "impersonation",
        {"data": ["civil_status", "contact", "identifiers"]},
        {"data": ["civil_status", "identifiers"]},
        {},
    ),
    ("everyday_data", {"data": ["civil_status"]}, {"data": ["contract"]}, {}),
    ("everyday_data", {}, {"data": ["health"], "data_insight": "trivial"}, {}),
    ("unrecognisable", {"identifiability": "negligible"}, {"identifiability": "limited"}, {}),
    ("hardly_recognisable", {"identifiability": "limited"}, {"identifiability": "indirect"}, {}),
    ("protected_persons", {"data_subjects": ["minors"]}, {"data_subjects": ["students"]}, {}),
    (
        "numbers_tip",
        {"recipients": "public", "n_subjects": 101},
        {"recipients": "public", "n_subjects": 100},
        {"n": 101},
    ),
    (
        "numbers_tip",
        {**INTRUDER, "data": ["civil_status"], "n_subjects": 5001},
        {**INTRUDER, "data": ["civil_status"], "n_subjects": 5001, "exfiltration": "published"},
        {"n": 5001},
    ),
    (
        "numbers_alone",
        {"n_subjects": 10**6},
        {"recipients": "public", "n_subjects": 101},
        {"n": 10**6},
    ),
    ("numbers_alone", {"n_subjects": 0}, {"n_subjects": None}, {"n": 0}),
    ("held_by_nobody", {"recipients": "none"}, {"recipients": "one_known"}, {}),
    ("held_by_nobody", {}, {"data_unintelligible": "yes"}, {}),
    (
        "held_by_trusted",
        {"recipients": "few_known", "recipient_trust": "trusted", "deletion_confirmed": "yes"},
        {"recipients": "few_known", "recipient_trust": "trusted"},
        {},
    ),
    (
        "recalled_from_one",
        {"recipients": "one_known", "deletion_confirmed": "yes"},
        {"recipients": "few_known", "deletion_confirmed": "yes"},
        {},
    ),
    ("held_by_known", {"recipients": "few_known"}, {"recipients": "many_known"}, {}),
    (
        "short_list_among_known",
        {"recipients": "many_known", "data": ["civil_status"]},
        {"recipients": "many_known", "data": ["contract"]},
        {},
    ),
    (
        "short_list_among_known",
        {"recipients": "many_known"},
        {"recipients": "many_known", "n_subjects": 101},
        {},
    ),
    ("short_list_among_known", {"recipients": "many_known"}, {"recipients": "few_known"}, {}),
    (
        "short_list_among_known",
        {"recipients": "many_known"},
        {"recipients": "many_known", "identifiability": "negligible"},
        {},
    ),
    (
        "ill_will_needed",
        {"recipients": "one_known", "data": ["bank_account", "official_document"]},
        {"recipients": "one_known", "data": ["bank_account", "health"]},
        {},
    ),
    (
        "ill_will_needed",
        {"recipients": "few_known", "data": ["payment_card_partial"]},
        {"recipients": "few_known", "data": ["payment_card"]},
        {},
    ),
    ("held_by_anyone", {"recipients": "many_known"}, {"recipients": "few_known"}, {}),
    ("held_by_adversary", {**INTRUDER, "recipients": "one_known"}, INTRUDER, {}),
    ("held_by_criminals", INTRUDER, {"recipients": "unidentified"}, {}),
    ("still_open", {"access": "ongoing"}, {"access": "ended"}, {}),
    ("still_open", {"access": "ongoing"}, {"access": "ongoing", "data_unintelligible": "yes"}, {}),
    (
        "long_unnoticed",
        {**INTRUDER, "exfiltration": "possible", "undetected_days": 30},
        {"recipients": "unidentified", "exfiltration": "possible", "undetected_days": 30},
        {"days": 30},
    ),
    (
        "long_unnoticed",
        {**INTRUDER, "exfiltration": "possible", "undetected_days": 14},
        {
            **INTRUDER,
            "exfiltration": "possible",
            "undetected_days": 14,
            "data_unintelligible": "yes",
        },
        {"days": 14},
    ),
    ("lost_for_good", {**LOSS, "permanent_loss": True}, {"permanent_loss": True}, {}),
    ("lost_for_good", {**LOSS, "permanent_loss": True}, LOSS, {}),
    (
        "care_waits",
        {**LOSS, **PATIENTS, "unavailable_hours": 30},
        {**LOSS, "unavailable_hours": 100},
        {"hours": 30},
    ),
    (
        "care_waits",
        {**LOSS, **PATIENTS, "unavailable_hours": 4},
        {**PATIENTS, "unavailable_hours": 4},
        {"hours": 4},
    ),
    (
        "long_without",
        {**LOSS, "unavailable_hours": 72},
        {**LOSS, **PATIENTS, "unavailable_hours": 72},
        {"hours": 72},
    ),
    ("long_without", {**LOSS, "unavailable_hours": 72}, {"unavailable_hours": 72}, {"hours": 72}),
    (
        "soon_restored",
        {**LOSS, "unavailable_hours": 5},
        {**LOSS, "unavailable_hours": 72},
        {"hours": 5},
    ),
    ("soon_restored", LOSS, {**LOSS, "permanent_loss": True}, {"hours": 0}),
    ("soon_restored", LOSS, {}, {"hours": 0}),
    (
        "altered_and_used",
        {"breach_types": ["integrity"], "integrity_outcome": "misused_recoverable"},
        {"breach_types": ["integrity"], "integrity_outcome": "no_misuse"},
        {},
    ),
    ("altered_not_used", {"breach_types": ["integrity"]}, {}, {}),
    (
        "critical_effects",
        {"effect_on_persons": "critical"},
        {"effect_on_persons": "significant"},
        {},
    ),
    (
        "significant_effects",
        {"effect_on_persons": "significant"},
        {"effect_on_persons": "critical"},
        {},
    ),
    ("misuse_seen", {"misuse_observed": True}, {}, {}),
]


def reasons(facts):
    return {reason.code: reason for reason in assess(calm_facts(**facts)).reasons}


@pytest.mark.parametrize(("code", "facts", "other", "parameters"), ROWS)
def test_a_reason_stands_on_its_fact_and_falls_without_it(code, facts, other, parameters):
    assert reasons(facts)[code].parameters == parameters
    assert code not in reasons(other)


def test_the_parameters_of_a_reason_are_taken_from_the_facts():
    case = situation(data=["health", "contact"], unavailable_hours=5)

    assert _categories(frozenset({"health", "criminal"}))(case) == {"data": ["health"]}
    assert _figure("hours", "unavailable_hours")(case) == {"hours": 5}


@pytest.mark.parametrize(
    ("facts", "holds"),
    [
        ({"recipients": "public"}, True),
        ({"recipients": "few_known"}, False),
        ({"recipients": "public", "data_unintelligible": "yes"}, False),
    ],
)
def test_who_holds_the_data_is_said_where_they_can_be_read(facts, holds):
    case = situation(**facts)

    assert _exposed_as(Exposure.OPEN)(case, judge(case)) is holds


def test_nobody_holds_what_nobody_can_read_and_the_row_on_protection_says_so():
    case = situation(data_unintelligible="yes", recipients="public")

    assert not _exposed_as(Exposure.NONE)(case, judge(case))


def test_a_number_that_tips_the_mildest_reading_is_a_reason_though_the_gravest_needs_none():
    """Why a verdict is sure although some of the data are not known (01/2021, case 11)."""
    thief = {**INTRUDER, "data": ["civil_status", "contact", "unknown"]}

    assert "numbers_tip" in reasons({**thief, "n_subjects": 100_000})
    assert "numbers_tip" not in reasons({**thief, "n_subjects": 100})


def test_a_number_that_tips_in_the_gravest_reading_alone_is_not_said_to_decide_nothing():
    assert "numbers_alone" not in reasons({"recipients": None, "n_subjects": 101})
    assert "numbers_tip" not in reasons({"recipients": None, "n_subjects": 101})


def test_a_number_weighed_in_vain_cites_the_guidelines():
    assert reasons({})["numbers_alone"].sources == ("edpb_9_section_iv", "edpb_01_17")


def test_every_row_of_reasons_is_tested_alone():
    assert {row.code for row in _ROWS} | {"numbers_alone"} == {row[0] for row in ROWS}


EFFECTS = {
    Effect.LOWERS: {
        "unreadable",
        "sensitive_yet_trivial",
        "credentials_hashed",
        "everyday_data",
        "unrecognisable",
        "hardly_recognisable",
        "held_by_nobody",
        "held_by_trusted",
        "recalled_from_one",
        "short_list_among_known",
        "ill_will_needed",
        "soon_restored",
        "altered_not_used",
    },
    Effect.NEUTRAL: {"held_by_known"},
}


def test_what_comforts_lowers_and_all_else_raises():
    for effect in (Effect.LOWERS, Effect.NEUTRAL):
        assert {row.code for row in _ROWS if row.effect is effect} == EFFECTS[effect]
    assert not [row.code for row in _ROWS if row.effect is Effect.DECIDES]


def test_every_reason_cites_a_source():
    assert all(row.sources for row in _ROWS)


@pytest.mark.parametrize(
    ("facts", "absent"),
    [
        ({"data": ["health", "unknown"], "data_insight": None}, "special_categories"),
        ({"recipients": None}, "held_by_nobody"),
        ({"data_unintelligible": "yes", "key_compromised": None}, "unreadable"),
        ({"misuse_observed": None}, "misuse_seen"),
    ],
)
def test_what_depends_on_an_open_fact_is_no_reason(facts, absent):
    assert absent not in reasons(facts)


def test_a_reason_becomes_a_record_of_codes():
    assert reasons({"data": ["health"]})["special_categories"].as_record() == {
        "factor": Factor.DATA.value,
        "effect": "raises",
        "code": "special_categories",
        "parameters": {"data": ["health"]},
        "source": ["gdpr_9_10", "edpb_9_section_iv"],
    }
