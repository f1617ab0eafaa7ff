"""What would flip the decision, and that nothing smaller would."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from breachdesk.domain.answers import Answer
from breachdesk.domain.duties import assess
from breachdesk.domain.facts import FACTS, FactKind
from breachdesk.domain.flips import Flip, flips_of
from breachdesk.domain.published_cases import PRECEDENTS
from breachdesk.domain.vocabulary import GRAVITY_ORDER
from tests.domain.any_facts import ALL_KNOWN, partly_known
from tests.domain.calm_case import calm_facts

NOTIFY, COMMUNICATE = "notify_authority", "communicate_to_data_subjects"
DUTIES = (NOTIFY, COMMUNICATE)


def flips(duty, **facts):
    return [each for each in flips_of(calm_facts(**facts)) if each.duty == duty]


def by_fact(duty, **facts):
    return {each.fact: each.value for each in flips(duty, **facts)}


def flipped(facts, flip):
    return {**facts, flip.fact: flip.value, **dict(flip.also)}


ENCRYPTED = {"data": ["health"], "data_unintelligible": "yes", "recipients": "unidentified"}


@pytest.mark.parametrize(
    ("duty", "facts", "fact", "value"),
    [
        pytest.param(
            NOTIFY,
            {**ENCRYPTED, "key_compromised": "no"},
            "key_compromised",
            "yes",
            id="a key, once taken, opens what it closed",
        ),
        pytest.param(
            NOTIFY, {"recipients": "public", "n_subjects": 100}, "n_subjects", 101, id="a number"
        ),
        pytest.param(
            NOTIFY,
            {"recipients": "public", "n_subjects": 150.0},
            "n_subjects",
            100,
            id="a number, downwards",
        ),
        pytest.param(
            NOTIFY,
            {"breach_types": ["availability"], "unavailable_hours": 70.5},
            "unavailable_hours",
            72,
            id="whole hours",
        ),
        pytest.param(
            NOTIFY,
            {"breach_types": ["availability"], "unavailable_hours": 72.5},
            "unavailable_hours",
            71,
            id="whole hours, downwards",
        ),
        pytest.param(
            COMMUNICATE,
            {"data": ["contact", "health"], "recipients": "few_known"},
            "data",
            ["contact"],
            id="the one category that weighs",
        ),
        pytest.param(
            COMMUNICATE, {}, "effect_on_persons", "significant", id="two steps, not the last"
        ),
        pytest.param(
            COMMUNICATE,
            {"data": ["health"], "recipients": "public"},
            "later_measures_remove_high_risk",
            True,
            id="an exemption that nobody has claimed",
        ),
    ],
)
def test_the_smallest_change_of_one_fact(duty, facts, fact, value):
    assert by_fact(duty, **facts)[fact] == value


def test_an_exemption_claimed_flips_back():
    facts = {
        "data": ["health"],
        "recipients": "public",
        "later_measures_remove_high_risk": True,
    }

    assert by_fact(COMMUNICATE, **facts) == {"later_measures_remove_high_risk": False}
    assert "later_measures_remove_high_risk" not in by_fact(NOTIFY, **facts)


def test_a_category_added_is_the_mildest_that_does():
    facts = {"data": ["contact"], "recipients": "few_known", "identifiability": "direct"}

    *_, added = by_fact(NOTIFY, **facts)["data"]

    assert added == "contract"


@pytest.mark.parametrize(
    ("cause", "other"),
    [
        ("internal_accidental", "internal_malicious"),
        ("external_accidental", "external_malicious"),
        ("other", "external_malicious"),
    ],
)
def test_a_cause_flips_to_the_same_cause_meant(cause, other):
    facts = {"data": ["employment"], "recipients": "public", "effect_on_persons": "none"}

    assert by_fact(COMMUNICATE, **facts, cause=cause)["cause"] == other


@pytest.mark.parametrize("side", ["internal", "external"])
def test_a_cause_flips_to_the_same_cause_not_meant(side):
    facts = {"data": ["contact"], "recipients": "unidentified", "n_subjects": 3}

    assert by_fact(NOTIFY, **facts, cause=f"{side}_malicious")["cause"] == f"{side}_accidental"


def test_of_categories_that_could_go_the_one_that_leaves_most_goes():
    stolen = {"recipients": "unidentified", "cause": "external_malicious"}
    facts = {"data": ["civil_status", "contact", "identifiers"], "malicious_intent": True}

    assert by_fact(COMMUNICATE, **facts, **stolen)["data"] == ["civil_status", "identifiers"]


def test_what_a_list_may_hold_besides_cannot_be_taken_away():
    facts = {"data": ["health", "unknown"], "recipients": "few_known"}

    assert "data" in by_fact(COMMUNICATE, **{**facts, "data": ["health", "contact"]})
    assert "data" not in by_fact(COMMUNICATE, **facts)


def test_a_sure_change_is_sure_whatever_is_still_open():
    facts = {**ENCRYPTED, "key_compromised": "no", "recipients": None}

    assert "effect_on_persons" in by_fact(NOTIFY, **facts)
    assert "key_compromised" not in by_fact(NOTIFY, **facts)


def test_a_figure_counts_by_how_often_it_doubles():
    facts = {"recipients": "public", "effect_on_persons": "none"}

    near, far = flips(NOTIFY, **facts, n_subjects=100), flips(NOTIFY, **facts, n_subjects=3)

    assert near[0].fact == "n_subjects"
    assert far[0].fact != "n_subjects"


def test_a_figure_may_be_one_of_two():
    facts = {"breach_types": ["availability"], "unavailable_hours": 100, "misuse_observed": True}

    (found,) = flips(NOTIFY, **facts)

    assert (found.fact, found.value, found.also) == (
        "unavailable_hours",
        71,
        (("misuse_observed", False),),
    )


def test_nothing_is_said_of_a_duty_that_depends():
    facts = calm_facts(effect_on_persons=None)

    assert assess(facts).notify_authority == "depends"
    assert flips_of(facts) == ()


def test_nothing_known_flips_nothing():
    assert flips_of({}) == ()


def test_at_most_three_are_named_the_smallest_first():
    found = flips(NOTIFY, data=["employment"], recipients="one_known", deletion_confirmed="no")

    assert [each.becomes for each in found] == [Answer.NO] * len(found)
    assert 0 < len(found) <= 3
    assert found[0].fact == "recipients"


def test_where_two_facts_hold_a_duty_both_are_named():
    (found,) = flips(NOTIFY, effect_on_persons="significant", misuse_observed=True)

    assert found == Flip(
        NOTIFY,
        "effect_on_persons",
        "minor",
        Answer.NO,
        (("misuse_observed", False),),
    )


def test_where_no_two_facts_do_nothing_is_said():
    facts = {
        "breach_types": ["availability", "integrity", "confidentiality"],
        "data": ["health", "criminal"],
        "recipients": "public",
        "permanent_loss": True,
        "integrity_outcome": "misused_unrecoverable",
        "effect_on_persons": "critical",
        "misuse_observed": True,
    }

    assert flips(NOTIFY, **facts) == []


def test_where_open_facts_leave_nothing_surer_a_change_may_make_it_depend():
    facts = calm_facts(effect_on_persons="significant", permanent_loss=None, misuse_observed=None)
    facts["breach_types"] = ["availability"]

    found = [each for each in flips_of(facts) if each.duty == NOTIFY]

    assert [(each.fact, each.value, each.becomes) for each in found] == [
        ("effect_on_persons", "minor", Answer.DEPENDS)
    ]


def test_the_last_category_is_never_taken_away():
    for flip in flips_of(calm_facts(data=["health"], recipients="public")):
        assert flip.value != []


def test_not_applicable_is_never_proposed():
    for precedent in PRECEDENTS:
        for flip in flips_of(precedent.facts):
            assert "not_applicable" not in (flip.value, *(value for _, value in flip.also))


def moved(facts, flip):
    return getattr(assess(flipped(facts, flip)), flip.duty)


def smaller_steps(fact, before, after):
    """The values between a fact and its flip, along the vocabulary; figures: one nearer."""
    definition = FACTS[fact]
    if definition.options in GRAVITY_ORDER and before != "not_applicable":
        order = [code.value for code in GRAVITY_ORDER[definition.options]]
        low, high = sorted((order.index(before), order.index(after)))
        return order[low + 1 : high]
    if definition.kind in (FactKind.COUNT, FactKind.HOURS, FactKind.DAYS):
        nearer = after - 1 if after > before else after + 1
        return [nearer] if abs(nearer - before) >= 1 else []
    return []


@given(st.one_of(ALL_KNOWN, partly_known().map(lambda pair: pair[0])))
@settings(max_examples=150, deadline=None)
def test_a_flip_moves_its_duty_and_no_smaller_step_does(facts):
    result = assess(facts)
    for flip in flips_of(facts):
        was = getattr(result, flip.duty)
        assert was != "depends"
        assert moved(facts, flip) == flip.becomes != was, flip
        if flip.also:
            continue
        for value in smaller_steps(flip.fact, facts.get(flip.fact), flip.value):
            less = Flip(flip.duty, flip.fact, value, flip.becomes)
            assert moved(facts, less) != flip.becomes, less


@given(ALL_KNOWN)
@settings(max_examples=60, deadline=None)
def test_of_a_pair_neither_change_does_alone_nor_could_be_smaller(facts):
    pairs = [flip for flip in flips_of(facts) if flip.also]
    assume(pairs)
    for flip in pairs:
        ((second, value),) = flip.also
        was = getattr(assess(facts), flip.duty)
        assert moved(facts, Flip(flip.duty, flip.fact, flip.value, flip.becomes)) == was
        assert moved(facts, Flip(flip.duty, second, value, flip.becomes)) == was
        for nearer in smaller_steps(second, facts[second], value):
            less = Flip(flip.duty, flip.fact, flip.value, flip.becomes, ((second, nearer),))
            assert moved(facts, less) == was


@given(partly_known())
@settings(max_examples=60, deadline=None)
def test_only_known_facts_change_and_each_once(partly):
    facts, _ = partly
    found = flips_of(facts)

    for duty in DUTIES:
        changed = [each.fact for each in found if each.duty == duty]
        assert len(changed) == len(set(changed)) <= 3
    for flip in found:
        if flip.fact != "later_measures_remove_high_risk":
            assert facts[flip.fact] not in (None, "unknown", [])
            assert facts[flip.fact] != flip.value


@given(partly_known())
@settings(max_examples=30, deadline=None)
def test_the_same_facts_always_give_the_same_flips(partly):
    facts, _ = partly

    assert flips_of(facts) == flips_of(dict(reversed(facts.items())))
