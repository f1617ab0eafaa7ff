"""Precedents in words: what a case shares with one, and the difference that decides."""

import pytest

from breachdesk.domain.duties import assess
from breachdesk.domain.precedents import _FEATURES, NOT_SAID
from breachdesk.domain.published_cases import PRECEDENTS
from breachdesk.domain.risk_factors import Exposure
from breachdesk.wording import FRENCH
from breachdesk.wording.precedents import _OPEN, CLAUSES, why_similar
from tests.domain.calm_case import calm_facts

CASES = {precedent.id: precedent.facts for precedent in PRECEDENTS}


def said(case, facts):
    (found,) = [each for each in assess(facts).precedents if each.precedent.id == case]
    return why_similar(found.as_record(), FRENCH).replace("\u202f", " ").replace("\u00a0", " ")


def test_every_feature_has_its_clauses_and_a_word_for_what_is_not_said():
    names = {feature.name for feature in _FEATURES}

    assert names == set(_OPEN) == {feature for feature, _ in CLAUSES}
    assert {value for feature, value in CLAUSES if feature == "holder"} == {
        exposure.name.lower() for exposure in Exposure
    }
    assert NOT_SAID not in {value for _, value in CLAUSES}


COURSE = "EDPB-01/2021-15"


@pytest.mark.parametrize(
    ("case", "facts", "sentence"),
    [
        pytest.param(
            COURSE,
            {**CASES[COURSE], "data_insight": "ordinary"},
            "Différence décisive : ici, les données touchent à l’intime ; là, les données sont "
            "courantes ou anodines. Sans elle, le risque serait celui de cet exemple.",
            id="decisive",
        ),
        pytest.param(
            COURSE,
            {**CASES[COURSE], "data_insight": None},
            "ici, on ne sait pas encore ce que permettent les données ; là, les données sont",
            id="not known here",
        ),
        pytest.param(
            "EDPB-9/2022-B-ix",
            calm_facts(data=["civil_status"], recipients="many_known", n_subjects=800),
            "là, l’exemple ne dit pas ce que permettent les données. Sans elle",
            id="not said there",
        ),
        pytest.param(
            COURSE,
            {**CASES[COURSE], "data_insight": "ordinary", "recipients": "public"},
            "Différence principale : ici, de nombreuses personnes, ou des inconnus, ont pu les "
            "obtenir ; là, quelques personnes connues les ont reçues. Le risque diffère par "
            "plusieurs points à la fois : aucun ne suffit seul.",
            id="several",
        ),
        pytest.param(
            COURSE,
            {**CASES[COURSE], "n_subjects": 1},
            "Même risque, malgré cette différence : ici, une seule personne est concernée ; là, "
            "cent personnes au plus sont concernées.",
            id="the same risk",
        ),
    ],
)
def test_the_difference_is_said_in_a_sentence_that_tells_what_it_decides(case, facts, sentence):
    assert sentence in said(case, facts)


def test_a_record_of_an_older_version_still_names_the_difference():
    record = next(
        each.as_record()
        for each in assess({**CASES[COURSE], "data_insight": "ordinary"}).precedents
        if each.precedent.id == COURSE
    )
    old = {key: value for key, value in record.items() if key not in ("same_risk", "decisive")}

    text = why_similar(old, FRENCH)

    assert "Différence principale" in text
    assert "Le risque diffère" not in text


def test_what_the_breach_touched_is_no_sign_of_resemblance():
    assert "confidentialité" not in said(COURSE, CASES[COURSE])
