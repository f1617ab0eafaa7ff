"""How the factors combine: the table of confidentiality cell by cell, then the rest."""

import pytest

from breachdesk.domain.risk_factors import Exposure, Harm, Risk
from breachdesk.domain.verdict import CONFIDENTIALITY, IN_THE_BALANCE, disclosure, judge
from tests.domain.calm_case import situation

U, R, H = Risk.UNLIKELY, Risk.RISK, Risk.HIGH_RISK
# Harm by exposure: none, contained, recalled, known, open, adverse, hostile.
AT_LEAST = {
    Harm.NIL: [U, U, U, U, U, U, U],
    Harm.MINIMAL: [U, U, U, U, U, R, R],
    Harm.SMALL: [U, U, U, U, U, R, R],
    Harm.NOTABLE: [U, U, U, U, R, R, H],
    Harm.SERIOUS: [U, U, R, R, H, H, H],
    Harm.GRAVE: [U, U, R, R, H, H, H],
}
# The same where all that can tip a balance tips it.
AT_MOST = {
    Harm.NIL: [U, U, U, U, U, U, U],
    Harm.MINIMAL: [U, U, U, U, R, R, R],
    Harm.SMALL: [U, U, U, U, H, R, H],
    Harm.NOTABLE: [U, U, R, R, H, R, H],
    Harm.SERIOUS: [U, U, R, R, H, H, H],
    Harm.GRAVE: [U, R, R, H, H, H, H],
}
CELLS = [(harm, exposure) for harm in Harm for exposure in Exposure]
# One person's name, address and number, shown to nobody: nothing tips.
SLIGHT = {"data": ["civil_status", "contact", "identifiers"], "n_subjects": 1}
# Illnesses of a million people, published by whoever took them.
VAST = {
    "data": ["health"],
    "n_subjects": 10**6,
    "cause": "external_malicious",
    "recipients": "public",
    "exfiltration": "published",
}


@pytest.mark.parametrize(("harm", "exposure"), CELLS)
def test_each_harm_and_exposure_has_its_risk(harm, exposure):
    assert disclosure(situation(**SLIGHT), harm, exposure) is AT_LEAST[harm][exposure]
    assert disclosure(situation(**VAST), harm, exposure) is AT_MOST[harm][exposure]


@pytest.mark.parametrize(("harm", "exposure"), CELLS)
def test_the_table_never_falls_as_harm_or_exposure_grows(harm, exposure):
    risk = CONFIDENTIALITY[harm][exposure]

    assert harm == Harm.GRAVE or risk <= CONFIDENTIALITY[Harm(harm + 1)][exposure]
    assert exposure == Exposure.HOSTILE or risk <= CONFIDENTIALITY[harm][exposure + 1]


def test_eight_cells_hang_in_the_balance_and_no_other_is_moved_by_anything():
    moved = {cell for cell in CELLS if AT_LEAST[cell[0]][cell[1]] != AT_MOST[cell[0]][cell[1]]}

    assert set(IN_THE_BALANCE) == moved
    assert len(moved) == 8


OPEN, HOSTILE, KNOWN = Exposure.OPEN, Exposure.HOSTILE, Exposure.KNOWN
CROWD = {"recipients": "unidentified", "n_subjects": 5001}
THIEF = {**CROWD, "malicious_intent": True, "exfiltration": "possible"}


@pytest.mark.parametrize(
    ("facts", "cell", "risk"),
    [
        # More than a hundred people.
        ({"n_subjects": 100}, (Harm.MINIMAL, OPEN), U),
        ({"n_subjects": 101}, (Harm.MINIMAL, OPEN), R),
        ({"exfiltration": "published"}, (Harm.MINIMAL, OPEN), U),
        # More than five thousand, or for all to read.
        ({"n_subjects": 5000}, (Harm.SMALL, HOSTILE), R),
        ({"n_subjects": 5001}, (Harm.SMALL, HOSTILE), H),
        ({"exfiltration": "published"}, (Harm.SMALL, HOSTILE), H),
        ({"recipients": "public"}, (Harm.SMALL, HOSTILE), H),
        ({"exfiltration": "confirmed"}, (Harm.SMALL, HOSTILE), R),
        ({"recipients": "unidentified"}, (Harm.SMALL, HOSTILE), R),
        # Beyond a short list among known people: each way out of the circle.
        ({"recipients": "many_known", "n_subjects": 100}, (Harm.SMALL, OPEN), U),
        ({"recipients": "many_known", "n_subjects": 101}, (Harm.SMALL, OPEN), R),
        ({"recipients": "unidentified"}, (Harm.SMALL, OPEN), R),
        ({"recipients": "many_known", "exfiltration": "published"}, (Harm.SMALL, OPEN), R),
        ({"recipients": "many_known", "recipient_trust": "none"}, (Harm.SMALL, OPEN), R),
        ({"recipients": "many_known", "access": "ongoing"}, (Harm.SMALL, OPEN), R),
        ({"recipients": "many_known", "malicious_intent": True}, (Harm.SMALL, OPEN), R),
        ({"recipients": "many_known", "cause": "internal_malicious"}, (Harm.SMALL, OPEN), R),
        # Coveted: each part of it is needed.
        (THIEF, (Harm.SMALL, OPEN), H),
        (THIEF, (Harm.NOTABLE, OPEN), H),
        ({**THIEF, "n_subjects": 5000}, (Harm.NOTABLE, OPEN), R),
        ({**THIEF, "malicious_intent": False}, (Harm.NOTABLE, OPEN), R),
        ({**THIEF, "exfiltration": "excluded"}, (Harm.NOTABLE, OPEN), R),
        ({**THIEF, "recipients": "many_known"}, (Harm.NOTABLE, OPEN), R),
        # To know the data hurts, or only what may be done with them.
        ({"data": ["contract"]}, (Harm.NOTABLE, KNOWN), R),
        (SLIGHT, (Harm.NOTABLE, KNOWN), U),
        ({"data": ["health"]}, (Harm.GRAVE, KNOWN), H),
        ({"data": ["official_document", "bank_account"]}, (Harm.GRAVE, KNOWN), R),
        ({"data": ["health"]}, (Harm.GRAVE, Exposure.CONTAINED), R),
        ({"data": ["official_document", "bank_account"]}, (Harm.GRAVE, Exposure.CONTAINED), U),
    ],
)
def test_what_hangs_in_the_balance_tips_for_one_reason_at_a_time(facts, cell, risk):
    assert disclosure(situation(**facts), *cell) is risk


@pytest.mark.parametrize(
    ("facts", "risk"),
    [
        pytest.param({}, U, id="nothing at stake"),
        pytest.param({"data": ["health"], "recipients": "few_known"}, H, id="disclosure"),
        pytest.param({"effect_on_persons": "minor"}, U, id="a nuisance is no risk yet"),
        pytest.param({"effect_on_persons": "significant"}, H, id="significant effects seen"),
        pytest.param({"effect_on_persons": "critical"}, H, id="critical effects seen"),
        pytest.param(
            {"misuse_observed": True, "identifiability": "negligible"}, R, id="misuse seen"
        ),
        pytest.param(
            {"breach_types": ["availability"], "permanent_loss": True}, R, id="lost for good"
        ),
        pytest.param(
            {"breach_types": ["availability"], "unavailable_hours": 72}, R, id="long without"
        ),
        pytest.param(
            {"breach_types": ["availability"], "permanent_loss": True, "data": ["health"]},
            H,
            id="lost for good, grave",
        ),
        pytest.param({"permanent_loss": True, "unavailable_hours": 72}, U, id="nothing lost"),
        pytest.param(
            {"breach_types": ["integrity"], "integrity_outcome": "misused_recoverable"},
            R,
            id="altered and used",
        ),
        pytest.param({"integrity_outcome": "misused_recoverable"}, U, id="nothing altered"),
        pytest.param(
            {"breach_types": ["availability"], "recipients": "public", "data": ["health"]},
            H,
            id="a disclosure counts though only unavailability was ticked",
        ),
    ],
)
def test_the_gravest_finding_is_the_risk(facts, risk):
    assert judge(situation(**facts)).risk is risk


@pytest.mark.parametrize(
    ("facts", "notify", "communicate"),
    [
        ({}, False, False),
        ({"misuse_observed": True}, True, False),
        ({"effect_on_persons": "critical"}, True, True),
    ],
)
def test_a_risk_is_notified_and_a_high_risk_told(facts, notify, communicate):
    judgement = judge(situation(**facts))

    assert (judgement.must_notify, judgement.must_communicate) == (notify, communicate)
