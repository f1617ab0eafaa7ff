"""Published cases that are not among our precedents, told as several careful readers might.

Guidelines 01/2021, cases 2, 5, 7, 9, 11, 13, 16 and 18, and 9/2022, Annex B, even numbers.
All are recalled from memory, verdicts and facts alike: they are no precedents, and are here
so that no rule rests on the one way in which a precedent happens to be told. A reading
changes what readers may see differently; what the guidelines say is in the story.
"""

import pytest

from tests.domain.calm_case import calm_facts
from tests.domain.verdicts import verdict

NOTHING, NOTIFY, TELL = ("no", "no"), ("yes", "no"), ("yes", "yes")
TELL_PERHAPS, PERHAPS = ("yes", "depends"), ("depends", "depends")

ATTACK = {
    "cause": "external_malicious",
    "malicious_intent": True,
    "recipients": "unidentified",
    "recipient_trust": "none",
}
OUTAGE = {
    "breach_types": ["availability"],
    "cause": "external_malicious",
    "malicious_intent": True,
    "exfiltration": "excluded",
    "recipients": "none",
}
MISDIRECTED = {"recipients": "one_known", "recipient_trust": "neutral", "deletion_confirmed": None}

# Case, its verdict, its facts, and what other readers may say instead.
RECALLED = {
    "01/2021-02, ransomware, rebuilt from paper in five working days": (
        NOTIFY,
        {
            **OUTAGE,
            "data": ["civil_status", "contact", "employment"],
            "n_subjects": 36,
            "backup": "none",
            "unavailable_hours": 120,
            "effect_on_persons": "minor",
        },
        {
            "working hours counted": {"unavailable_hours": 40},
            "paper is half a copy": {"backup": "partial", "n_subjects": None},
            "paper is a copy": {"backup": "available"},
            "something is lost for good": {"permanent_loss": True},
            "bank details too": {"data": ["civil_status", "contact", "bank_account"]},
            "both breached": {"breach_types": ["availability", "confidentiality"]},
            "nobody felt it": {"effect_on_persons": "none"},
        },
    ),
    "01/2021-05, job applications read by a toolkit for a month": (
        TELL,
        {
            **ATTACK,
            "data": ["civil_status", "contact", "education", "employment"],
            "data_subjects": ["applicants"],
            "n_subjects": 213,
            "exfiltration": "likely",
            "undetected_days": 30,
        },
        {
            "only possible": {"exfiltration": "possible"},
            "taken": {"exfiltration": "confirmed", "undetected_days": 0},
            "limited data": {"data_insight": "limited"},
            "who is not known": {"recipients": None, "recipient_trust": None},
            "perhaps more": {"data": ["contact", "employment", "unknown"], "n_subjects": None},
            "effects not known": {"effect_on_persons": None, "misuse_observed": None},
            "by the cause alone": {"malicious_intent": None},
        },
    ),
    "01/2021-07, bank accounts tried with passwords from elsewhere": (
        TELL,
        {
            **ATTACK,
            "data": ["civil_status", "national_id_number", "identifiers"],
            "n_subjects": 100_000,
            "exfiltration": "confirmed",
        },
        {
            "the accounts that were opened": {"n_subjects": 2000, "misuse_observed": True},
            "logins taken for credentials": {
                "data": ["civil_status", "identifiers", "access_credentials"],
                "credentials_protection": None,
            },
            "well hashed, yet guessed": {
                "data": ["civil_status", "identifiers", "access_credentials"],
                "credentials_protection": "strong_hash",
                "misuse_observed": True,
                "n_subjects": 2000,
            },
            "identifiers only": {"data": ["civil_status", "identifiers"]},
            "how many is not known": {"n_subjects": None, "exfiltration": "likely"},
        },
    ),
    "01/2021-09, an insurance agent sees others' customers": (
        NOTHING,
        {
            "data": ["civil_status", "contact", "contract"],
            "n_subjects": 24,
            "recipients": "one_known",
            "recipient_trust": "trusted",
            "deletion_confirmed": "yes",
        },
        {
            "amounts are economic": {"data": ["civil_status", "contact", "contract", "economic"]},
            "his office too": {"recipients": "few_known"},
            "how many is not known": {"n_subjects": None},
            "a portrait": {"data_insight": "detailed"},
            "nothing left": {"exfiltration": "excluded"},
        },
    ),
    "01/2021-11, a notebook stolen, not encrypted, 100,000 customers": (
        TELL,
        {
            **ATTACK,
            "data": ["civil_status", "contact"],
            "n_subjects": 100_000,
            "breach_types": ["confidentiality", "availability"],
        },
        {
            "perhaps more": {"data": ["civil_status", "contact", "unknown"]},
            "nothing but confidentiality": {"breach_types": ["confidentiality"]},
            "what a thief may do": {"exfiltration": "possible"},
            "what a thief does": {"exfiltration": "confirmed"},
            "he wanted the machine": {"malicious_intent": False},
            "effects not known": {"effect_on_persons": None, "misuse_observed": None},
            "simple data": {"data_insight": "limited", "recipient_trust": None},
        },
    ),
    "01/2021-13, two parcels and their bills swapped": (
        NOTHING,
        {**MISDIRECTED, "data": ["civil_status", "contact", "purchase_history"], "n_subjects": 2},
        {
            "two recipients": {"recipients": "few_known"},
            "sent back": {"deletion_confirmed": "yes"},
            "annoyed": {"effect_on_persons": "minor"},
            "limited": {"data_insight": "limited"},
            "customer numbers": {
                "data": ["civil_status", "contact", "identifiers", "purchase_history"]
            },
        },
    ),
    "01/2021-16, an insurance letter in another's envelope": (
        NOTIFY,
        {**MISDIRECTED, "data": ["civil_status", "contact", "contract"], "n_subjects": 1},
        {
            "sent back": {"deletion_confirmed": "yes"},
            "the car's plate": {"data": ["civil_status", "contact", "contract", "identifiers"]},
            "the mileage": {"data": ["civil_status", "contact", "contract", "behaviour"]},
            "the rates": {"data": ["civil_status", "contact", "contract", "economic"]},
            "limited": {"data_insight": "limited"},
            "how many is not known": {"n_subjects": None},
        },
    ),
    "01/2021-18, mails of a mailbox forwarded for months": (
        TELL,
        {
            **ATTACK,
            "data": ["civil_status", "economic", "employment", "family"],
            "data_subjects": ["employees"],
            "n_subjects": 99,
            "exfiltration": "confirmed",
            "undetected_days": 90,
        },
        {
            "wages only": {"data": ["civil_status", "economic"]},
            "false invoices": {"misuse_observed": True, "effect_on_persons": "minor"},
            "rules altered": {
                "breach_types": ["confidentiality", "integrity"],
                "integrity_outcome": "misused_recoverable",
            },
            "how many is not known": {"n_subjects": None, "effect_on_persons": None},
            "who is not known": {"recipients": None, "exfiltration": "likely"},
        },
    ),
    "9/2022-B-ii, an online service's data taken": (
        TELL_PERHAPS,
        {
            **ATTACK,
            "data": ["unknown"],
            "data_insight": None,
            "n_subjects": None,
            "exfiltration": "confirmed",
        },
        {
            "addresses at least": {"data": ["contact", "unknown"]},
            "many": {"n_subjects": 10_000},
            "who is not known": {"recipients": None, "recipient_trust": None},
            "effects not known": {"effect_on_persons": None, "misuse_observed": None},
        },
    ),
    "9/2022-B-iv, ransomware, no backup, nothing but encryption": (
        TELL_PERHAPS,
        {
            **OUTAGE,
            "data": ["unknown"],
            "data_insight": None,
            "n_subjects": None,
            "backup": "none",
            "permanent_loss": True,
        },
        {
            "time not known": {"unavailable_hours": None},
            "effects not known": {"effect_on_persons": None},
            "of whom": {"data_subjects": ["unknown"], "vulnerable_subjects": None},
            "the customers' at least": {"data": ["contact", "unknown"]},
        },
    ),
    "9/2022-B-vi, a marketplace's accounts published": (
        TELL,
        {
            **ATTACK,
            "data": ["identifiers", "access_credentials", "purchase_history"],
            "credentials_protection": None,
            "n_subjects": None,
            "exfiltration": "published",
            "recipients": "public",
        },
        {
            "in clear": {"credentials_protection": "none"},
            "found on the web": {"exfiltration": "confirmed"},
            "known by pseudonyms": {"identifiability": "indirect"},
            "effects not known": {"effect_on_persons": None, "misuse_observed": None},
            "no user names": {"data": ["access_credentials", "purchase_history"]},
        },
    ),
    "9/2022-B-viii, medical records out of reach for thirty hours": (
        TELL,
        {
            **OUTAGE,
            "data": ["health"],
            "data_subjects": ["patients"],
            "n_subjects": None,
            "unavailable_hours": 30,
        },
        {
            "care suffered": {"effect_on_persons": "significant"},
            "effects not known": {"effect_on_persons": None},
            "the sick are vulnerable": {"vulnerable_subjects": True},
            "did anything leave?": {"exfiltration": None, "recipients": None},
            "was there a copy?": {"backup": None, "data_insight": None},
        },
    ),
    "9/2022-B-x, a marketing mail with addresses in open copy": (
        PERHAPS,
        {
            "data": ["contact"],
            "n_subjects": None,
            "recipients": "many_known",
            "context_reveals_sensitive": None,
        },
        {
            "names too": {"data": ["civil_status", "contact"]},
            "perhaps more": {"data": ["contact", "unknown"], "context_reveals_sensitive": False},
            "who is not known": {"recipients": None, "recipient_trust": None},
            "what it says is not known": {"data_insight": None},
            "few of them": {"recipients": "few_known", "n_subjects": None},
        },
    ),
}
READINGS = [
    pytest.param({**facts, **reading}, expected, id=f"{case} ({name})")
    for case, (expected, facts, readings) in RECALLED.items()
    for name, reading in {"as told": {}, **readings}.items()
]


@pytest.mark.parametrize(("facts", "expected"), READINGS)
def test_a_recalled_case_gets_its_verdict_however_a_careful_reader_tells_it(facts, expected):
    assert verdict(calm_facts(**facts)) == expected
