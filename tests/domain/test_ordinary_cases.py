"""Whole cases in a few facts, with the verdict the Guidelines' principles lead to."""

import pytest

from tests.domain.calm_case import calm_facts
from tests.domain.verdicts import verdict

# Situations a desk meets, with the verdict the Guidelines' principles lead to.
MISDELIVERED = {"recipients": "one_known", "deletion_confirmed": "no"}
STOLEN = {
    "cause": "external_malicious",
    "recipients": "unidentified",
    "recipient_trust": "none",
    "malicious_intent": True,
}
TAKEN = {**STOLEN, "exfiltration": "confirmed"}
SITUATIONS = [
    pytest.param(
        {**MISDELIVERED, "data": ["civil_status", "contact", "purchase_history"], "n_subjects": 2},
        ("no", "no"),
        id="two parcels swapped",
    ),
    pytest.param(
        {**MISDELIVERED, "data": ["civil_status", "contact", "contract"], "n_subjects": 1},
        ("yes", "no"),
        id="an insurance letter in the wrong envelope",
    ),
    pytest.param(
        {
            "data": ["civil_status", "contact", "contract"],
            "recipients": "one_known",
            "recipient_trust": "trusted",
            "deletion_confirmed": "yes",
            "n_subjects": 24,
        },
        ("no", "no"),
        id="a broker bound by secrecy gets the wrong list",
    ),
    pytest.param(
        {**STOLEN, "data": ["civil_status", "contact"], "n_subjects": 100_000},
        ("yes", "yes"),
        id="a laptop stolen, not encrypted, a hundred thousand customers",
    ),
    pytest.param(
        {**STOLEN, "data": ["civil_status", "contact"], "n_subjects": 40},
        ("yes", "no"),
        id="the same with forty",
    ),
    pytest.param(
        {**TAKEN, "data": ["civil_status", "contact", "education", "employment"]},
        ("yes", "yes"),
        id="job applications taken",
    ),
    pytest.param(
        {**TAKEN, "data": ["civil_status", "identifiers", "access_credentials"]},
        ("yes", "yes"),
        id="bank logins guessed with passwords from elsewhere",
    ),
    pytest.param(
        {**TAKEN, "data": ["civil_status", "economic", "employment", "family"], "n_subjects": 99},
        ("yes", "yes"),
        id="pay slips forwarded from a mailbox for months",
    ),
    pytest.param(
        {
            **TAKEN,
            "data": ["identifiers", "access_credentials", "purchase_history"],
            "credentials_protection": None,
            "exfiltration": "published",
            "recipients": "public",
        },
        ("yes", "yes"),
        id="a marketplace's accounts published, however the passwords were kept",
    ),
    pytest.param(
        {**TAKEN, "data": ["unknown"], "data_insight": None, "n_subjects": None},
        ("yes", "depends"),
        id="data taken, which is not known yet",
    ),
    pytest.param(
        {
            "breach_types": ["availability"],
            "data": ["unknown"],
            "exfiltration": "excluded",
            "malicious_intent": True,
            "backup": "none",
            "permanent_loss": True,
            "effect_on_persons": None,
        },
        ("yes", "depends"),
        id="ransomware, no backup, nothing taken",
    ),
    pytest.param(
        {"recipients": "many_known", "context_reveals_sensitive": None, "n_subjects": None},
        ("depends", "depends"),
        id="addresses visible to all, of whom is not known yet",
    ),
    pytest.param(
        {"recipients": "many_known", "n_subjects": 30}, ("no", "no"), id="thirty addresses visible"
    ),
    pytest.param(
        {"recipients": "many_known", "n_subjects": 300}, ("yes", "no"), id="three hundred of them"
    ),
    pytest.param(
        {"recipients": "few_known", "context_reveals_sensitive": True},
        ("yes", "yes"),
        id="a therapist's patients in open copy",
    ),
]


@pytest.mark.parametrize(("facts", "expected"), SITUATIONS)
def test_the_principles_carry_over_to_other_situations(facts, expected):
    assert verdict(calm_facts(**facts)) == expected
