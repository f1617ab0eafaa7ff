"""The assessment in words: every code has its sentence, and every sentence its values."""

import pytest

from breachdesk.domain import enisa
from breachdesk.domain.answers import Answer
from breachdesk.domain.duties import assess
from breachdesk.domain.fact_schema import FactFault, FaultKind
from breachdesk.domain.facts import FACTS, FactKind
from breachdesk.domain.flips import Flip, flips_of
from breachdesk.domain.published_cases import PRECEDENTS as PUBLISHED_CASES
from breachdesk.domain.reasons import _ROWS
from breachdesk.domain.situation import Situation
from breachdesk.wording import ENGLISH, FRENCH
from breachdesk.wording.assessment import (
    _ADJUSTMENTS,
    _FAULTS,
    describe,
    fault_text,
    flip_text,
)
from breachdesk.wording.assessment_flips import ADDED, CHANGES, FIGURES, OUTCOMES, REMOVED
from breachdesk.wording.assessment_questions import WHY_IT_MATTERS
from breachdesk.wording.assessment_reasons import REASONS
from breachdesk.wording.assessment_sources import cite
from breachdesk.wording.precedents import PRECEDENTS
from tests.domain.calm_case import calm_facts

NARROW, NO_BREAK = "\u202f", "\u00a0"


def said(**facts):
    return describe(assess(calm_facts(**facts)).as_record(), FRENCH)


def reason(code, **facts):
    (found,) = [each for each in said(**facts)["reasons"] if each["code"] == code]
    return found


def test_every_code_of_the_rules_has_its_sentence():
    assert {row.code for row in _ROWS} <= set(REASONS)
    assert set(Situation._fields) | {"role"} == set(WHY_IT_MATTERS)
    assert {precedent.id for precedent in PUBLISHED_CASES} == set(PRECEDENTS)
    assert set(FaultKind) == set(_FAULTS)


def test_every_adjustment_of_the_score_has_its_sentence():
    codes = {(c.value, code) for c, table in enisa.ADJUSTMENTS.items() for code in table}

    assert codes == set(_ADJUSTMENTS)


@pytest.mark.parametrize("wording", [FRENCH, ENGLISH])
@pytest.mark.parametrize("precedent", PUBLISHED_CASES, ids=lambda each: each.id)
def test_a_whole_case_is_said_in_both_languages_with_nothing_left_blank(precedent, wording):
    answer = describe(assess(precedent.facts).as_record(), wording)

    sentences = [each["text"] for each in answer["reasons"]]
    sentences += [each["why"] for each in answer["open_questions"]]
    for each in answer["precedents"]:
        sentences += [each["title"], each["summary"], each["why_similar"]]
    sentences.append(answer["precedents_note"])
    assert all(sentences)
    assert not [each for each in sentences if "%(" in each]
    assert not [each["source"] for each in answer["reasons"] if "_" in each["source"]]


def test_the_codes_of_the_record_are_kept_beside_the_sentences():
    record = assess(calm_facts(data=["health"], recipients="public")).as_record()
    answer = describe(record, FRENCH)

    assert {key: answer[key] for key in ("risk", "notify_authority", "rules_version")} == {
        key: record[key] for key in ("risk", "notify_authority", "rules_version")
    }
    assert set(answer) - set(record) == {"precedents_note"}
    for shown, kept in zip(answer["reasons"], record["reasons"], strict=True):
        assert (shown["factor"], shown["effect"]) == (kept["factor"], kept["effect"])


def test_categories_are_named_within_the_sentence():
    text = reason("special_categories", data=["health", "criminal"])["text"]

    assert "(infractions et condamnations, santé)" in text


def test_numbers_are_said_as_french_people_write_them():
    assert f"(1{NARROW}200)" in reason("numbers_alone", n_subjects=1200)["text"]
    assert "1,25" in reason("enisa_agrees", recipients="one_known")["text"]
    assert "faible" in reason("enisa_agrees", recipients="one_known")["text"]


def test_a_duration_keeps_its_unit_on_the_line():
    facts = {"breach_types": ["availability"], "unavailable_hours": 5}

    assert f"5{NO_BREAK}h" in reason("soon_restored", **facts)["text"]


def test_an_undetermined_risk_names_its_bounds():
    text = reason("risk_undetermined", effect_on_persons=None)["text"]

    assert f"«{NARROW}risque peu probable{NARROW}» à «{NARROW}risque élevé{NARROW}»" in text


def test_several_sources_are_one_line():
    source = reason("special_categories", data=["health"])["source"]

    assert source == (
        f"RGPD, art.{NO_BREAK}9 et 10{NARROW}; CEPD, lignes directrices 9/2022, section IV"
    )


@pytest.mark.parametrize(
    ("code", "cited"),
    [
        ("gdpr_34_3_a", f"RGPD, art.{NO_BREAK}34(3)(a)"),
        ("edpb_01_05", "CEPD, lignes directrices 01/2021, cas 5"),
        ("edpb_01_17", "CEPD, lignes directrices 01/2021, cas 17"),
        ("edpb_9_b_iv", "CEPD, lignes directrices 9/2022, annexe B, exemple iv"),
        ("another_rule", "another_rule"),
    ],
)
def test_a_source_is_cited_as_a_lawyer_would(code, cited):
    assert cite(code, FRENCH) == cited


def test_an_adjustment_is_explained_with_its_points():
    (adjustment,) = said(data=["payment_card"])["severity"]["adjustments"]

    assert adjustment["text"].endswith("(+1)")
    assert adjustment["text"].startswith("Carte bancaire")


def test_a_precedent_says_what_is_shared_and_what_parts_most():
    facts = {"data": ["civil_status"], "recipients": "public", "n_subjects": 1}
    precedents = {each["id"]: each for each in said(**facts)["precedents"]}

    text = precedents["EDPB-01/2021-15"]["why_similar"]
    assert "les données sont courantes ou anodines" in text
    assert "ici, de nombreuses personnes" in text
    assert "là, quelques personnes connues" in text


def test_a_precedent_that_differs_in_nothing_says_no_difference():
    facts = next(each.facts for each in PUBLISHED_CASES if each.id == "EDPB-01/2021-15")
    first = describe(assess(facts).as_record(), FRENCH)["precedents"][0]

    assert "Différence" not in first["why_similar"]
    assert first["official_document"].startswith("https://www.edpb.europa.eu/")


def test_precedents_are_labelled_as_our_own_summaries():
    assert "nos propres résumés" in said()["precedents_note"]


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (
            FactFault("role", FaultKind.NOT_AN_OPTION, "'owner'"),
            f"role{NARROW}: 'owner' n’est pas une réponse admise. Réponses admises{NARROW}:"
            " controller, joint_controller, processor, unknown.",
        ),
        (
            FactFault("breach_types", FaultKind.NOT_AN_OPTION, "['x']"),
            f"breach_types{NARROW}: ['x'] n’est pas une réponse admise. Réponses admises{NARROW}:"
            " confidentiality, integrity, availability, unknown.",
        ),
        (
            FactFault("access", FaultKind.NOT_AN_OPTION, "'shut'"),
            f"access{NARROW}: 'shut' n’est pas une réponse admise. Réponses admises{NARROW}:"
            " ended, ongoing, unknown, not_applicable.",
        ),
        (
            FactFault("colour", FaultKind.UNKNOWN_KEY),
            f"colour{NARROW}: ce fait n’existe pas dans le vocabulaire.",
        ),
    ],
)
def test_a_fault_is_one_line_that_names_the_key_and_the_mend(fault, line):
    assert fault_text(fault, FRENCH) == line


def test_a_record_of_an_older_version_stays_readable():
    record = assess(calm_facts()).as_record()
    record["reasons"].append(
        {
            "factor": "data",
            "effect": "raises",
            "code": "retired_reason",
            "parameters": {},
            "source": ["retired_source"],
        }
    )

    last = describe(record, FRENCH)["reasons"][-1]
    assert (last["text"], last["source"]) == ("retired_reason", "retired_source")


NOTIFY, COMMUNICATE = "notify_authority", "communicate_to_data_subjects"


@pytest.mark.parametrize(
    ("flip", "sentence"),
    [
        (
            Flip(NOTIFY, "key_compromised", "yes", Answer.YES),
            "Il faudrait notifier l’autorité si la clé de chiffrement était compromise.",
        ),
        (
            Flip(COMMUNICATE, "misuse_observed", True, Answer.YES),
            "Il faudrait informer les personnes concernées si un détournement des données était"
            " constaté.",
        ),
        (
            Flip(NOTIFY, "n_subjects", 5001, Answer.DEPENDS),
            "La notification à l’autorité dépendrait des questions encore ouvertes si le nombre"
            f" de personnes était de 5{NARROW}001.",
        ),
        (
            Flip(NOTIFY, "data", ["contact", "health"], Answer.YES),
            "Il faudrait notifier l’autorité si les données comprenaient aussi la catégorie"
            f" «{NARROW}Santé{NARROW}».",
        ),
        (
            Flip(
                NOTIFY,
                "effect_on_persons",
                "minor",
                Answer.NO,
                (("misuse_observed", False),),
            ),
            "Il ne serait plus nécessaire de notifier l’autorité si les personnes n’avaient subi"
            " que des effets mineurs et si aucun détournement des données n’était constaté.",
        ),
    ],
)
def test_a_flip_is_one_sentence_that_a_dpo_understands(flip, sentence):
    assert flip_text(flip, calm_facts(), FRENCH) == sentence


def test_a_category_that_goes_is_named():
    facts = calm_facts(data=("contact", "health"))
    flip = Flip(COMMUNICATE, "data", ["contact"], Answer.NO)

    assert flip_text(flip, facts, FRENCH) == (
        "Il ne serait plus obligatoire d’informer les personnes concernées si les données ne"
        f" comprenaient pas la catégorie «{NARROW}Santé{NARROW}»."
    )


def test_every_change_that_can_flip_a_duty_has_its_clause():
    facts = [*Situation._fields, "later_measures_remove_high_risk"]
    yes_no = [
        (f, code) for f in facts if FACTS[f].kind is FactKind.YES_NO for code in ("yes", "no")
    ]
    choices = [
        (fact, code.value)
        for fact in facts
        if FACTS[fact].kind is FactKind.CHOICE
        for code in FACTS[fact].options
        # Nothing flips towards a cause that is neither inside nor outside.
        if code != "other"
    ]
    lists = {fact for fact in facts if FACTS[fact].kind is FactKind.CHOICES}

    assert set(CHANGES) == {*yes_no, *choices}
    assert set(ADDED) == set(REMOVED) == lists
    assert set(FIGURES) | lists | {fact for fact, _ in CHANGES} == set(facts)
    assert set(OUTCOMES) == {(duty, answer) for duty in (NOTIFY, COMMUNICATE) for answer in Answer}


@pytest.mark.parametrize("precedent", PUBLISHED_CASES, ids=lambda each: each.id)
def test_what_would_flip_a_published_case_is_said_whole(precedent):
    for flip in flips_of(precedent.facts):
        for wording in (FRENCH, ENGLISH):
            text = flip_text(flip, precedent.facts, wording)
            assert text.endswith(".")
            assert "%(" not in text
