"""The verdict on whole cases: the published ones, their near misses, and the duties' edges.

Most published verdicts are recalled from the Guidelines rather than read again: see
`domain.published_cases`. The facts are ours.
"""

import pytest

from breachdesk.domain.duties import RULES_VERSION, assess
from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.published_cases import PRECEDENTS
from tests.domain.calm_case import calm_facts

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


def verdict(facts: dict[str, object]) -> tuple[str, str]:
    result = assess(facts)
    return result.notify_authority.value, result.communicate_to_data_subjects.value


def codes(facts: dict[str, object]) -> list[str]:
    return [reason.code for reason in assess(facts).reasons]


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
]


@pytest.mark.parametrize(("case", "change", "notify", "communicate"), NEAR_MISSES)
def test_a_near_miss_of_a_published_case_comes_out_differently(case, change, notify, communicate):
    facts = {**CASES[f"EDPB-{case}"], **change}

    assert verdict(facts) == (notify, communicate)


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
    ]
    assert record["rules_version"] == RULES_VERSION == "2026-11-22"
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
