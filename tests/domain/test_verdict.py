"""How the factors combine: the table of confidentiality cell by cell, then the rest."""

import pytest

from breachdesk.domain.risk_factors import Exposure, Harm, Risk
from breachdesk.domain.verdict import CONFIDENTIALITY, IN_THE_BALANCE, Scale, disclosure, judge
from tests.domain.calm_case import situation

U, R, H = Risk.UNLIKELY, Risk.RISK, Risk.HIGH_RISK
# Harm by exposure: none, contained, recalled, known, open, adverse, hostile.
EXPECTED = {
    Harm.NIL: [U, U, U, U, U, U, U],
    Harm.MINIMAL: [U, U, U, U, U, R, R],
    Harm.SMALL: [U, U, U, U, R, R, R],
    Harm.NOTABLE: [U, U, R, R, R, R, H],
    Harm.SERIOUS: [U, U, R, R, H, H, H],
    Harm.GRAVE: [U, R, R, H, H, H, H],
}
CELLS = [(harm, exposure) for harm in Harm for exposure in Exposure]


@pytest.mark.parametrize(("harm", "exposure"), CELLS)
def test_each_harm_and_exposure_has_its_risk(harm, exposure):
    assert disclosure(situation(n_subjects=1), harm, exposure) is EXPECTED[harm][exposure]


@pytest.mark.parametrize(("harm", "exposure"), CELLS)
def test_the_table_never_falls_as_harm_or_exposure_grows(harm, exposure):
    risk = CONFIDENTIALITY[harm][exposure]

    assert harm == Harm.GRAVE or risk <= CONFIDENTIALITY[Harm(harm + 1)][exposure]
    assert exposure == Exposure.HOSTILE or risk <= CONFIDENTIALITY[harm][exposure + 1]


@pytest.mark.parametrize(
    ("harm", "exposure"), [cell for cell in CELLS if cell not in IN_THE_BALANCE]
)
def test_numbers_decide_nothing_outside_the_balance(harm, exposure):
    million = situation(n_subjects=10**6, exfiltration="published")

    assert disclosure(million, harm, exposure) is EXPECTED[harm][exposure]


@pytest.mark.parametrize(
    ("facts", "cell", "risk"),
    [
        ({"n_subjects": 100}, (Harm.MINIMAL, Exposure.OPEN), U),
        ({"n_subjects": 101}, (Harm.MINIMAL, Exposure.OPEN), R),
        ({"n_subjects": 5000}, (Harm.SMALL, Exposure.HOSTILE), R),
        ({"n_subjects": 5001}, (Harm.SMALL, Exposure.HOSTILE), H),
        ({"exfiltration": "published"}, (Harm.SMALL, Exposure.HOSTILE), H),
        ({"exfiltration": "published"}, (Harm.MINIMAL, Exposure.OPEN), U),
        ({"exfiltration": "confirmed"}, (Harm.SMALL, Exposure.HOSTILE), R),
    ],
)
def test_numbers_tip_what_hangs_in_the_balance(facts, cell, risk):
    assert disclosure(situation(**facts), *cell) is risk


def test_two_cells_hang_in_the_balance():
    assert IN_THE_BALANCE == {
        (Harm.MINIMAL, Exposure.OPEN): Scale.MANY,
        (Harm.SMALL, Exposure.HOSTILE): Scale.VERY_MANY,
    }


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
