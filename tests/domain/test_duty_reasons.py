"""The reasons that the duties themselves give: each with its effect and its source."""

import pytest

from breachdesk.domain.duties import assess
from breachdesk.domain.findings import Effect, Factor
from tests.domain.calm_case import calm_facts

GRAVE = {"data": ["health"], "recipients": "few_known"}
CONCLUSION, EXEMPTION, ROLE = Factor.CONCLUSION, Factor.EXEMPTION, Factor.ROLE
DECIDES, NEUTRAL = Effect.DECIDES, Effect.NEUTRAL


def reason(code, **facts):
    (found,) = [each for each in assess(calm_facts(**facts)).reasons if each.code == code]
    return found


@pytest.mark.parametrize(
    ("code", "facts", "factor", "effect", "sources"),
    [
        ("risk_unlikely", {}, CONCLUSION, DECIDES, ("gdpr_33_1",)),
        ("risk_high_risk", GRAVE, CONCLUSION, DECIDES, ("gdpr_34_1",)),
        ("in_doubt_notify", {"effect_on_persons": None}, CONCLUSION, NEUTRAL, ("cnil_notify",)),
        ("telling_depends", {"effect_on_persons": None}, CONCLUSION, NEUTRAL, ("gdpr_34_1",)),
        (
            "telling_is_wise",
            {"data": ["employment"], "recipients": "public"},
            CONCLUSION,
            NEUTRAL,
            ("edpb_01_06", "edpb_01_08"),
        ),
        ("processor_informs", {"role": "processor"}, ROLE, DECIDES, ("gdpr_33_2",)),
        ("joint_arrangement", {"role": "joint_controller"}, ROLE, NEUTRAL, ("gdpr_26",)),
        (
            "exempt_unreadable",
            {**GRAVE, "data_unintelligible": "yes"},
            EXEMPTION,
            DECIDES,
            ("gdpr_34_3_a",),
        ),
        (
            "exempt_measures",
            {**GRAVE, "later_measures_remove_high_risk": True},
            EXEMPTION,
            DECIDES,
            ("gdpr_34_3_b",),
        ),
        (
            "public_instead",
            {**GRAVE, "direct_contact_disproportionate": True},
            EXEMPTION,
            DECIDES,
            ("gdpr_34_3_c",),
        ),
    ],
)
def test_a_reason_of_the_duties_names_its_source(code, facts, factor, effect, sources):
    found = reason(code, **facts)

    assert (found.factor, found.effect, found.sources) == (factor, effect, sources)
    assert all(value in ("unlikely", "high_risk") for value in found.parameters.values())


# (what the rules say, facts, the score they give, how the two compare)
ON_THE_BOUND = [
    pytest.param(
        {"data": ["location"], "data_unintelligible": "yes"},
        2,
        "medium",
        "enisa_higher",
        id="two, where nothing is owed",
    ),
    pytest.param(
        {"data": ["payment_card_partial"], "identifiability": "indirect", "recipients": "public"},
        2,
        "medium",
        "enisa_agrees",
        id="two, where the authority is told",
    ),
    pytest.param(
        {
            "data": ["economic"],
            "identifiability": "indirect",
            "recipients": "one_known",
            "breach_types": ["confidentiality", "availability"],
            "permanent_loss": True,
        },
        3,
        "high",
        "enisa_higher",
        id="three, where only the authority is told",
    ),
    pytest.param(
        {"data": ["economic"], "effect_on_persons": "critical"},
        3,
        "high",
        "enisa_agrees",
        id="three, where people are told",
    ),
    pytest.param(
        {"data": ["contact"], "effect_on_persons": "critical"},
        1,
        "low",
        "enisa_lower",
        id="one, where people are told",
    ),
]


@pytest.mark.parametrize(("facts", "score", "level", "code"), ON_THE_BOUND)
def test_where_the_score_and_the_rules_part_is_said(facts, score, level, code):
    found = assess(calm_facts(**facts)).reasons[-1]

    assert found.code == code
    assert (found.factor, found.effect) == (Factor.SEVERITY, Effect.NEUTRAL)
    assert found.sources == ("enisa",)
    assert found.parameters == {"score": score, "level": level}


def test_three_precedents_are_named():
    assert len(assess(calm_facts()).precedents) == len(assess({}).precedents) == 3


def test_telling_is_called_wise_where_it_is_not_surely_owed():
    facts = calm_facts(data=["employment"], recipients="public")

    assert assess(facts).communication_advised_anyway
    assert not assess({**facts, "effect_on_persons": "critical"}).communication_advised_anyway
