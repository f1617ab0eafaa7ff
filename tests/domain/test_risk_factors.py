"""Each factor of the risk alone: one row per rule, and its near miss beside it."""

import pytest

from breachdesk.domain.risk_factors import (
    REVEALS,
    SPECIAL_CATEGORIES,
    Harm,
    Risk,
    allows_impersonation,
    alteration,
    completes_identity_theft,
    harm,
    is_telling,
    loss,
    time_without,
)
from breachdesk.domain.vocabulary import DataCategory
from tests.domain.calm_case import situation

LEVEL_OF_CATEGORY = {
    Harm.MINIMAL: "contact identifiers",
    Harm.SMALL: "civil_status purchase_history other",
    Harm.NOTABLE: "contract education employment family photo behaviour payment_card_partial",
    Harm.SERIOUS: (
        "economic transactions location communications"
        " payment_card bank_account national_id_number official_document access_credentials"
    ),
    Harm.GRAVE: (
        "health racial_ethnic_origin political_opinions religious_beliefs union_membership"
        " sexual_life biometric genetic criminal"
    ),
}


@pytest.mark.parametrize(
    ("category", "level"),
    [(code, level) for level, codes in LEVEL_OF_CATEGORY.items() for code in codes.split()],
)
def test_each_category_of_data_has_its_harm(category, level):
    assert harm(situation(data=[category])) is level


def test_every_category_has_been_weighed():
    weighed = {code for codes in LEVEL_OF_CATEGORY.values() for code in codes.split()}

    assert weighed | {"unknown"} == set(DataCategory)
    assert {code for code in REVEALS if REVEALS[code] is Harm.GRAVE} == SPECIAL_CATEGORIES


HARMS = [
    pytest.param({"data": ["contact", "health"]}, Harm.GRAVE, id="the gravest category counts"),
    pytest.param({"data": ["contact", "civil_status"]}, Harm.SMALL, id="a parcel label"),
    # Insight: what the data really say.
    pytest.param({"data": ["health"], "data_insight": "trivial"}, Harm.SMALL, id="intolerance"),
    pytest.param({"data": ["health"], "data_insight": "limited"}, Harm.SERIOUS, id="hint of it"),
    pytest.param({"data": ["economic"], "data_insight": "trivial"}, Harm.MINIMAL, id="trivial pay"),
    pytest.param({"data": ["economic"], "data_insight": "limited"}, Harm.NOTABLE, id="hint of pay"),
    pytest.param(
        {"data": ["contract"], "data_insight": "limited"}, Harm.NOTABLE, id="no less for limited"
    ),
    pytest.param({"data": ["contract"], "data_insight": "trivial"}, Harm.MINIMAL, id="trivial one"),
    pytest.param({"data": ["contact"], "data_insight": "trivial"}, Harm.MINIMAL, id="the floor"),
    pytest.param({"data": ["economic"], "data_insight": "detailed"}, Harm.GRAVE, id="a portrait"),
    pytest.param({"data": ["health"], "data_insight": "detailed"}, Harm.GRAVE, id="the ceiling"),
    pytest.param(
        {"data": ["purchase_history"], "data_insight": "detailed"}, Harm.NOTABLE, id="a year of it"
    ),
    # What the data let a stranger do.
    pytest.param(
        {"data": ["payment_card"], "data_insight": "limited"}, Harm.SERIOUS, id="a card still pays"
    ),
    pytest.param(
        {"data": ["payment_card"], "data_insight": "trivial"}, Harm.NOTABLE, id="an expired card"
    ),
    pytest.param(
        {"data": ["payment_card"], "data_insight": "detailed"}, Harm.SERIOUS, id="it pays no more"
    ),
    pytest.param(
        {"data": ["access_credentials"], "credentials_protection": "none"},
        Harm.SERIOUS,
        id="passwords in clear",
    ),
    pytest.param(
        {"data": ["access_credentials"], "credentials_protection": "weak_hash"},
        Harm.NOTABLE,
        id="weakly hashed",
    ),
    pytest.param(
        {"data": ["access_credentials"], "credentials_protection": "strong_hash"},
        Harm.MINIMAL,
        id="strongly hashed",
    ),
    pytest.param(
        {
            "data": ["access_credentials"],
            "credentials_protection": "strong_hash",
            "key_compromised": "yes",
        },
        Harm.SERIOUS,
        id="strongly hashed, the salt known",
    ),
    pytest.param(
        {
            "data": ["access_credentials"],
            "credentials_protection": "strong_hash",
            "misuse_observed": True,
        },
        Harm.SERIOUS,
        id="strongly hashed, yet someone signs in",
    ),
    pytest.param(
        {"data": ["contact"], "credentials_protection": "none"},
        Harm.MINIMAL,
        id="no passwords among the data",
    ),
    pytest.param(
        {"data": ["civil_status", "contact", "identifiers"]}, Harm.NOTABLE, id="impersonation"
    ),
    pytest.param({"data": ["contact", "identifiers"]}, Harm.MINIMAL, id="no name, none"),
    pytest.param({"data": ["civil_status", "identifiers"]}, Harm.SMALL, id="no address, none"),
    *(
        pytest.param({"data": [proof, means]}, Harm.GRAVE, id=f"{proof} and {means}")
        for proof in ("national_id_number", "official_document")
        for means in ("payment_card", "bank_account")
    ),
    pytest.param({"data": ["payment_card", "bank_account"]}, Harm.SERIOUS, id="payment alone"),
    pytest.param(
        {"data": ["national_id_number", "official_document"]}, Harm.SERIOUS, id="identity alone"
    ),
    # About whom.
    pytest.param({"context_reveals_sensitive": True}, Harm.GRAVE, id="a telling list"),
    pytest.param({"vulnerable_subjects": True}, Harm.SMALL, id="vulnerable people: one more"),
    *(
        pytest.param({"data_subjects": [who]}, Harm.SMALL, id=f"{who}: one more")
        for who in ("minors", "vulnerable", "military")
    ),
    pytest.param({"data_subjects": ["employees", "patients"]}, Harm.MINIMAL, id="others: none"),
    pytest.param(
        {"data": ["health"], "vulnerable_subjects": True}, Harm.GRAVE, id="no graver than grave"
    ),
    # Whether they can be recognised.
    pytest.param(
        {"data": ["economic"], "identifiability": "indirect"}, Harm.SERIOUS, id="indirect"
    ),
    pytest.param({"data": ["economic"], "identifiability": "limited"}, Harm.NOTABLE, id="hardly"),
    pytest.param({"identifiability": "limited"}, Harm.MINIMAL, id="hardly, the floor"),
    pytest.param({"identifiability": "negligible"}, Harm.NIL, id="not at all"),
    pytest.param({"data": ["health"], "identifiability": "negligible"}, Harm.SMALL, id="coded"),
]


@pytest.mark.parametrize(("facts", "level"), HARMS)
def test_harm_follows_what_the_data_say_allow_and_whom_they_are_about(facts, level):
    assert harm(situation(**facts)) is level


@pytest.mark.parametrize(
    ("data", "impersonation", "complete"),
    [
        ("civil_status contact identifiers", True, False),
        ("civil_status contact identifiers health", True, False),
        ("civil_status contact", False, False),
        ("official_document", False, False),
        ("bank_account", False, False),
        ("bank_account national_id_number", False, True),
    ],
)
def test_what_data_allow_together(data, impersonation, complete):
    assert allows_impersonation(frozenset(data.split())) is impersonation
    assert completes_identity_theft(frozenset(data.split())) is complete


@pytest.mark.parametrize(
    ("facts", "telling"),
    [
        pytest.param({"data": ["health"]}, True, id="an illness"),
        pytest.param({"data": ["contact"]}, True, id="an address, of little harm"),
        pytest.param({"data": ["bank_account"]}, False, id="an account number"),
        pytest.param({"data": ["bank_account", "economic"]}, True, id="and the balance"),
        pytest.param(
            {"data": ["bank_account"], "context_reveals_sensitive": True}, True, id="a telling list"
        ),
        pytest.param({"data": ["official_document", "bank_account"]}, False, id="an identity"),
        pytest.param(
            {"data": ["bank_account"], "vulnerable_subjects": True}, False, id="whoever they are"
        ),
    ],
)
def test_some_harm_lies_in_knowing_and_some_only_in_what_may_be_done(facts, telling):
    assert is_telling(situation(**facts)) is telling


PATIENTS = {"data": ["health"], "data_subjects": ["patients"]}


@pytest.mark.parametrize(
    ("facts", "risk"),
    [
        pytest.param({"unavailable_hours": 71.9}, Risk.UNLIKELY, id="three days, not quite"),
        pytest.param({"unavailable_hours": 72}, Risk.RISK, id="three days"),
        pytest.param(
            {"unavailable_hours": 24, "backup": "not_applicable"},
            Risk.UNLIKELY,
            id="no copy was needed",
        ),
        pytest.param(
            {"unavailable_hours": 23.9, "backup": "none"}, Risk.UNLIKELY, id="under a day"
        ),
        pytest.param({"unavailable_hours": 24, "backup": "none"}, Risk.RISK, id="a day, no copy"),
        pytest.param({"unavailable_hours": 24, "backup": "partial"}, Risk.RISK, id="a day, half"),
        pytest.param(
            {"unavailable_hours": 24, "effect_on_persons": "minor"}, Risk.RISK, id="a day, felt"
        ),
        pytest.param(
            {"unavailable_hours": 23.9, "effect_on_persons": "minor"},
            Risk.UNLIKELY,
            id="a nuisance of some hours",
        ),
        pytest.param({**PATIENTS, "unavailable_hours": 3.9}, Risk.UNLIKELY, id="care, hardly"),
        pytest.param({**PATIENTS, "unavailable_hours": 4}, Risk.RISK, id="care delayed"),
        pytest.param({**PATIENTS, "unavailable_hours": 23.9}, Risk.RISK, id="care, under a day"),
        pytest.param({**PATIENTS, "unavailable_hours": 24}, Risk.HIGH_RISK, id="care, a day"),
        pytest.param(
            {"data": ["health"], "vulnerable_subjects": True, "unavailable_hours": 24},
            Risk.HIGH_RISK,
            id="care of vulnerable people",
        ),
        pytest.param(
            {"data": ["health"], "unavailable_hours": 24}, Risk.UNLIKELY, id="an insurer's file"
        ),
        pytest.param(
            {"data_subjects": ["patients"], "unavailable_hours": 24},
            Risk.UNLIKELY,
            id="patients' addresses",
        ),
    ],
)
def test_time_without_counts_by_its_effect_on_people(facts, risk):
    assert time_without(situation(**facts)) is risk


@pytest.mark.parametrize(
    ("facts", "risk"),
    [
        pytest.param({"permanent_loss": False, "data": ["health"]}, Risk.UNLIKELY, id="not lost"),
        pytest.param({"permanent_loss": True}, Risk.RISK, id="lost"),
        pytest.param({"permanent_loss": True, "data": ["economic"]}, Risk.RISK, id="serious"),
        pytest.param({"permanent_loss": True, "data": ["health"]}, Risk.HIGH_RISK, id="grave"),
        pytest.param(
            {"permanent_loss": True, "data": ["official_document", "payment_card"]},
            Risk.RISK,
            id="grave in other hands, not when gone",
        ),
        pytest.param(
            {"permanent_loss": True, "context_reveals_sensitive": True},
            Risk.HIGH_RISK,
            id="a telling list",
        ),
        pytest.param(
            {"permanent_loss": True, "data_insight": "trivial", **PATIENTS},
            Risk.HIGH_RISK,
            id="care depends on them",
        ),
    ],
)
def test_a_loss_for_good_is_a_risk_by_itself(facts, risk):
    assert loss(situation(**facts)) is risk


@pytest.mark.parametrize(
    ("data", "outcome", "risk"),
    [
        ("health", "no_misuse", Risk.UNLIKELY),
        ("health", "not_applicable", Risk.UNLIKELY),
        ("contract", "misused_recoverable", Risk.RISK),
        ("economic", "misused_recoverable", Risk.HIGH_RISK),
        ("civil_status", "misused_unrecoverable", Risk.RISK),
        ("contract", "misused_unrecoverable", Risk.HIGH_RISK),
    ],
)
def test_altered_data_count_once_they_have_been_used(data, outcome, risk):
    assert alteration(situation(data=[data], integrity_outcome=outcome)) is risk
