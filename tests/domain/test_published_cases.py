"""The published cases get the published verdicts, and their near misses others.

Most published verdicts are recalled from the Guidelines rather than read again: see
`domain.published_cases`. The facts are ours.
"""

import pytest

from breachdesk.domain.published_cases import PRECEDENTS
from tests.domain.verdicts import verdict

CASES = {precedent.id: precedent.facts for precedent in PRECEDENTS}

PUBLISHED = [
    ("EDPB-01/2021-01", "no", "no"),
    ("EDPB-01/2021-03", "yes", "yes"),
    ("EDPB-01/2021-04", "yes", "yes"),
    ("EDPB-01/2021-06", "no", "no"),
    ("EDPB-01/2021-08", "yes", "no"),
    ("EDPB-01/2021-10", "no", "no"),
    ("EDPB-01/2021-12", "yes", "yes"),
    ("EDPB-01/2021-14", "yes", "yes"),
    ("EDPB-01/2021-15", "no", "no"),
    ("EDPB-01/2021-17", "yes", "yes"),
    ("EDPB-9/2022-B-i", "no", "no"),
    ("EDPB-9/2022-B-iii", "no", "no"),
    ("EDPB-9/2022-B-v", "yes", "depends"),
    ("EDPB-9/2022-B-vii", "depends", "depends"),
    ("EDPB-9/2022-B-ix", "yes", "depends"),
]


@pytest.mark.parametrize(("case", "notify", "communicate"), PUBLISHED)
def test_a_published_case_gets_the_published_verdict(case, notify, communicate):
    assert verdict(CASES[case]) == (notify, communicate)


def test_every_precedent_states_the_verdict_that_was_published():
    stated = [(p.id, p.notify_authority, p.communicate_to_data_subjects) for p in PRECEDENTS]

    assert stated == PUBLISHED


NEAR_MISSES = [
    pytest.param("01/2021-15", {"data_insight": "ordinary"}, "yes", "yes", id="an HIV status"),
    pytest.param(
        "01/2021-10", {"key_compromised": "yes"}, "yes", "yes", id="password on a sticker"
    ),
    pytest.param(
        "01/2021-10",
        {"backup": "none", "permanent_loss": True},
        "yes",
        "no",
        id="encrypted tablets, the only copy",
    ),
    pytest.param("01/2021-10", {"key_compromised": None}, "depends", "depends", id="key not known"),
    pytest.param(
        "01/2021-01",
        {"backup": "none", "unavailable_hours": 120, "effect_on_persons": "minor"},
        "yes",
        "no",
        id="ransomware, rebuilt from paper in five days",
    ),
    pytest.param(
        "01/2021-01",
        {"data_unintelligible": "no", "exfiltration": "confirmed", "recipients": "unidentified"},
        "yes",
        "yes",
        id="ransomware, staff files taken",
    ),
    pytest.param(
        "01/2021-01",
        {"data_unintelligible": "no", "exfiltration": None},
        "depends",
        "depends",
        id="ransomware, did anything leave?",
    ),
    pytest.param(
        "01/2021-03",
        {"effect_on_persons": "none", "unavailable_hours": 3},
        "no",
        "no",
        id="a hospital, back within three hours",
    ),
    pytest.param(
        "01/2021-06", {"credentials_protection": "none"}, "yes", "no", id="passwords in clear"
    ),
    pytest.param("01/2021-06", {"key_compromised": "yes"}, "yes", "no", id="the salt taken too"),
    pytest.param(
        "01/2021-06",
        {"data": ["contact", "access_credentials"], "identifiability": "direct"},
        "yes",
        "no",
        id="hashed, with e-mail addresses",
    ),
    pytest.param("01/2021-08", {"data": ["economic"]}, "yes", "yes", id="pay slips copied"),
    pytest.param(
        "01/2021-14",
        {"recipients": "one_known", "recipient_trust": "trusted", "deletion_confirmed": "yes"},
        "no",
        "no",
        id="to one trusted colleague, who deleted it",
    ),
    pytest.param(
        "01/2021-14", {"data": ["civil_status", "contact"]}, "yes", "no", id="no social security"
    ),
    pytest.param("01/2021-15", {"recipients": "public"}, "yes", "no", id="the list on the web"),
    pytest.param(
        "01/2021-17",
        {"data": ["contact"], "data_insight": "ordinary", "integrity_outcome": "no_misuse"},
        "yes",
        "no",
        id="an impostor who learns an address only",
    ),
    pytest.param("9/2022-B-i", {"data_unintelligible": "no"}, "yes", "depends", id="not encrypted"),
    pytest.param(
        "9/2022-B-iii",
        {"unavailable_hours": 30, "data": ["health"], "data_subjects": ["patients"]},
        "yes",
        "yes",
        id="a hospital, thirty hours",
    ),
    pytest.param("9/2022-B-v", {"access": "ongoing"}, "yes", "depends", id="still going wrong"),
    pytest.param(
        "9/2022-B-v",
        {"access": "ended", "deletion_confirmed": "yes"},
        "yes",
        "no",
        id="a single letter, returned",
    ),
    pytest.param(
        "9/2022-B-vii",
        {"recipients": "none", "exfiltration": "excluded", "misuse_observed": False},
        "no",
        "no",
        id="the flaw was never used",
    ),
    pytest.param(
        "9/2022-B-ix",
        {"data": ["contact"], "data_insight": "ordinary"},
        "yes",
        "no",
        id="addresses",
    ),
    pytest.param(
        "9/2022-B-ix", {"data": ["health"], "data_insight": "ordinary"}, "yes", "yes", id="health"
    ),
    # Pairs of our own: one principle, one fact, one duty.
    pytest.param(
        "01/2021-01",
        {"unavailable_hours": 72},
        "yes",
        "no",
        id="encrypted and safe, but three days without",
    ),
    pytest.param(
        "01/2021-04",
        {"data_unintelligible": "yes", "key_compromised": "no", "effect_on_persons": "none"},
        "yes",
        "no",
        id="identities and cards taken encrypted: the loss alone is left",
    ),
    pytest.param(
        "01/2021-06",
        {"data": ["contact", "access_credentials"], "identifiability": "direct", "n_subjects": 90}
        | {"recipients": "one_known", "recipient_trust": "neutral", "malicious_intent": False}
        | {"cause": "internal_accidental", "exfiltration": "not_applicable"},
        "no",
        "no",
        id="the same hashes, seen by a supplier without ill will",
    ),
    pytest.param(
        "01/2021-06",
        {"data": ["contact", "access_credentials"], "identifiability": "direct"}
        | {"misuse_observed": True},
        "yes",
        "yes",
        id="accounts were opened: the hashes did not hold",
    ),
    pytest.param(
        "01/2021-08",
        {"data": ["contact", "contract"]},
        "yes",
        "no",
        id="contracts too, held by an insider",
    ),
    pytest.param(
        "01/2021-08",
        {"data": ["contact", "contract"], "cause": "external_malicious"},
        "yes",
        "yes",
        id="contracts too, held by whoever broke in",
    ),
    pytest.param(
        "01/2021-12",
        {"recipients": "one_known", "recipient_trust": "neutral", "deletion_confirmed": "yes"}
        | {"cause": "internal_accidental", "malicious_intent": False}
        | {"permanent_loss": False, "backup": "available", "effect_on_persons": "none"},
        "yes",
        "no",
        id="the log found and given back by one passer-by",
    ),
    pytest.param(
        "01/2021-14",
        {"recipients": "one_known", "deletion_confirmed": "yes"},
        "yes",
        "no",
        id="to one jobseeker, who deleted it",
    ),
    pytest.param(
        "01/2021-14",
        {"data": ["civil_status", "contact"], "n_subjects": 30},
        "no",
        "no",
        id="thirty names and addresses among jobseekers",
    ),
    pytest.param(
        "01/2021-14",
        {"data": ["civil_status", "contact"], "n_subjects": 30, "recipients": "public"},
        "yes",
        "no",
        id="the same thirty on the web",
    ),
    pytest.param(
        "01/2021-15",
        {"context_reveals_sensitive": True},
        "yes",
        "yes",
        id="a course for former addicts",
    ),
    pytest.param(
        "01/2021-15",
        {"data": ["civil_status", "contact", "bank_account"], "data_insight": "ordinary"},
        "yes",
        "no",
        id="with bank accounts, among people without ill will",
    ),
    pytest.param(
        "01/2021-15",
        {"data": ["civil_status", "contact", "identifiers"], "data_insight": "ordinary"},
        "no",
        "no",
        id="with customer numbers: nothing without ill will",
    ),
    pytest.param(
        "01/2021-17",
        {"data": ["contact", "identifiers"], "data_insight": "ordinary"}
        | {"integrity_outcome": "no_misuse", "misuse_observed": False, "exfiltration": "excluded"}
        | {"recipients": "none"},
        "no",
        "no",
        id="the impostor got nothing",
    ),
    pytest.param(
        "9/2022-B-iii",
        {"unavailable_hours": 30, "effect_on_persons": "minor"},
        "yes",
        "no",
        id="a day and more that callers felt",
    ),
]


@pytest.mark.parametrize(("case", "change", "notify", "communicate"), NEAR_MISSES)
def test_a_near_miss_of_a_published_case_comes_out_differently(case, change, notify, communicate):
    facts = {**CASES[f"EDPB-{case}"], **change}

    assert verdict(facts) == (notify, communicate)
