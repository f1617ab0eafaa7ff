"""The authorities' forms: every field mapped, every condition a rule, laid out for any case."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given, settings

from breachdesk.domain.authority_case_values import CaseView, FilingAnswers, is_in_eea
from breachdesk.domain.authority_form import ORIGIN_OF, NotificationKind
from breachdesk.domain.authority_form_rules import CIRCUMSTANCES, Circumstances, Rule, Standing
from breachdesk.domain.authority_forms import CNIL_2023, EDPB_1_0, form_named, forms, lay_out
from breachdesk.domain.authority_values import CASE_VALUES, definition_of
from breachdesk.domain.case_record import CaseRecord, FactRecord, ReopeningRecord
from breachdesk.domain.facts import FactState
from breachdesk.domain.form_layout import FieldStatus, FormLayout, LaidField, SourceKind, ValueKind
from breachdesk.domain.published_words import WORDS
from breachdesk.domain.regimes import Certainty
from breachdesk.domain.vocabulary import DataCategory
from tests.documents.sample_case import AWARE, FILED, KARIM, NOTICED, sample_case
from tests.domain.any_case import ANY_FILINGS, any_cases

# The 100 input rows of the EDPB's template, by its own numbers: whether it prints a condition for
# the row to be visible (or for one of its options to be on offer), and whether and how it is
# mandatory: "!" always, "?" under a condition, "" never. Taken down from the template, apart from
# the data file.
TEMPLATE = {
    **{3: (False, "!"), 4: (True, "!"), 5: (True, "?"), 6: (True, "?"), 7: (False, "")},
    **{10: (False, "?"), 11: (False, "?"), 12: (False, "!"), 13: (False, "!"), 14: (False, "")},
    **{15: (True, ""), 16: (True, ""), 17: (False, ""), 18: (True, "?"), 19: (False, "")},
    **{21: (False, "!"), 22: (False, "!"), 23: (False, "!"), 24: (True, "?"), 25: (True, "?")},
    **{26: (True, "?"), 29: (True, "!"), 30: (True, "!"), 31: (True, "!"), 33: (False, "")},
    **{34: (False, "?"), 35: (False, "?"), 36: (False, "?"), 38: (False, "!"), 39: (True, "!")},
    **{40: (True, "!"), 41: (False, "!"), 44: (True, "!"), 45: (False, ""), 46: (False, "?")},
    **{47: (True, "?"), 48: (False, "!"), 49: (True, "?"), 50: (False, "!"), 51: (False, "!")},
    **{52: (True, "?"), 53: (False, "?"), 55: (False, "!"), 56: (True, "?"), 57: (True, "?")},
    **{58: (True, "?"), 59: (True, "?"), 60: (False, "!"), 61: (True, "!"), 62: (False, "!")},
    **{63: (False, "!"), 65: (True, "!"), 66: (False, "!"), 67: (True, "!"), 68: (True, "?")},
    **{70: (True, "!"), 71: (False, "!"), 72: (True, "!"), 73: (True, "!"), 75: (False, "!")},
    **{76: (False, "!"), 79: (True, "?"), 80: (True, "?"), 81: (True, "?"), 82: (True, "?")},
    **{83: (True, "?"), 84: (True, "?"), 85: (False, "!"), 86: (True, "?"), 87: (False, "!")},
    **{89: (True, "!"), 90: (False, "!"), 92: (False, "!"), 94: (False, "!"), 95: (False, "!")},
    **{97: (True, "!"), 98: (True, "?"), 99: (True, "?"), 100: (True, "?"), 101: (True, "?")},
    **{102: (True, "?"), 103: (True, "?"), 104: (True, "?"), 105: (True, ""), 106: (True, "?")},
    **{109: (False, ""), 110: (False, ""), 111: (True, "?"), 113: (True, "!"), 114: (False, "?")},
    **{115: (True, "?"), 116: (True, "?"), 117: (True, "?"), 118: (False, "?"), 120: (True, "!")},
    **{121: (True, "?"), 122: (True, "?"), 123: (True, "?"), 125: (False, ""), 126: (False, "?")},
}
# Rows where we read a condition that the template forgot; each is in the file's corrections.
CONDITION_ADDED = {19, 34, 35, 36, 41, 45, 46, 60, 85, 87, 114, 118, 126}
OBLIGATION_ADDED = {19}


def edpb_field(number: int):
    return next(each for each in form_named(EDPB_1_0).fields() if each.number == str(number))


def test_the_table_of_the_template_is_whole():
    counted = [obligation for _, obligation in TEMPLATE.values()]

    assert len(TEMPLATE) == 100
    assert [counted.count(each) for each in ("!", "?", "")] == [42, 46, 12]


def test_every_row_of_the_template_is_a_field():
    numbers = [int(each.number) for each in form_named(EDPB_1_0).fields()]

    assert numbers == sorted(TEMPLATE)


@pytest.mark.parametrize("number", TEMPLATE)
def test_every_condition_of_the_template_is_a_rule(number):
    is_conditional, obligation = TEMPLATE[number]
    field = edpb_field(number)
    rules = [field.visible_if, *(option.only_if for option in field.options)]

    assert any(rules) is (is_conditional or number in CONDITION_ADDED)
    assert (field.required_if is not None) is (obligation != "" or number in OBLIGATION_ADDED)


@pytest.mark.parametrize("number", sorted(CONDITION_ADDED | OBLIGATION_ADDED))
def test_a_condition_that_the_template_forgot_is_listed_as_a_correction(number):
    said = [each.number.split(", ") for each in form_named(EDPB_1_0).corrections]

    assert any(str(number) in numbers for numbers in said)


def test_the_template_is_credited():
    credit = form_named(EDPB_1_0).credit

    assert "N. Franchetto" in credit["en"]
    assert "CC BY 4.0" in credit["fr"]


@pytest.mark.parametrize("code", [CNIL_2023, EDPB_1_0])
def test_every_field_comes_from_somewhere_or_is_answered_at_filing(code):
    for field in form_named(code).fields():
        assert all(definition_of(name) is not None for name in field.sources), field.code


def test_what_is_answered_at_filing_alone_is_little():
    at_filing = {
        code: [each.code for each in form_named(code).fields() if not each.sources]
        for code in forms()
    }

    assert at_filing[CNIL_2023] == ["representative_email"]
    assert len(at_filing[EDPB_1_0]) == 11


def test_every_value_made_of_a_case_is_asked_for():
    asked = {name for form in forms().values() for field in form.fields() for name in field.sources}

    assert [name for name in CASE_VALUES if name not in asked] == []


@pytest.mark.parametrize("code", [CNIL_2023, EDPB_1_0])
def test_every_option_can_be_reached_or_is_answered_elsewhere(code):
    """An option that no code of ours leads to is one that no case could ever say."""
    unreached = {
        (field.code, option.code)
        for field in form_named(code).fields()
        if field.sources
        for option in field.options
        if option.code not in reachable(field)
    }

    assert unreached == NOT_OURS[code]


# What we keep no fact for: people add it at filing.
NOT_OURS = {
    CNIL_2023: set(),
    EDPB_1_0: {
        ("identifier_type", "organisation_number"),
        ("information_from", "other"),
        *(("incident", code) for code in ("exfiltration", "misconfiguration", "modification")),
        ("incident", "shown_to_wrong_recipient"),
        ("data_types", "employment_health"),
        *(
            ("attachment_kinds", code)
            for code in (
                "risk_assessment",
                "research_report",
                "ransom_note",
                "phishing_message",
                "notification_procedure",
                "deletion_policy",
                "wrong_recipients",
                "external_notification",
            )
        ),
    },
}


def reachable(field) -> set[str]:
    codes = {field.when_unknown, field.when_not_applicable}
    for source in field.sources:
        found = definition_of(source)
        own = ("yes", "no") if found.kind is ValueKind.YES_NO else found.codes
        codes |= {field.codes.get(source, {}).get(code, code) for code in own}
    return codes


def test_the_statistics_and_the_form_say_the_same_of_a_vector():
    fields = {each.code: each for each in form_named(CNIL_2023).fields()}
    origins = fields["origins"].codes["fact.vector"]

    assert {vector.value: origin.value for vector, origin in ORIGIN_OF.items()}.items() <= (
        origins.items()
    )


@pytest.mark.parametrize("category", [c for c in DataCategory if c is not DataCategory.UNKNOWN])
def test_each_category_of_data_has_a_box_of_the_cnil_among_the_ordinary_or_the_sensitive(category):
    fields = {each.code: each for each in form_named(CNIL_2023).fields()}
    boxes = [
        fields[code].codes["fact.data"].get(category.value, category.value)
        for code in ("data_natures", "sensitive_natures")
    ]

    assert sum(1 for box in boxes if box) == 1, boxes


# --- Rules -----------------------------------------------------------------------------------

RULES = [
    pytest.param(rule, id=f"{code}-{field.code}-{place}")
    for code, form in forms().items()
    for field in form.fields()
    for place, rule in (
        ("visible", field.visible_if),
        ("required", field.required_if),
        *((option.code, option.only_if) for option in field.options),
    )
    if rule is not None and (any(True for _ in rule.named()) or "Circumstance" in repr(rule))
]


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_can_hold_and_can_fail(rule):
    assert {rule.holds(standing) for standing in standings_of(rule)} == {True, False}


def standings_of(rule: Rule):
    """Every answer to the fields that a rule looks at, under every circumstance."""
    asked: dict[str, set[str]] = {}
    for field, option in rule.named():
        asked.setdefault(field, {"something else"}).add(option or "something")
    states = [[(), *((option,) for option in options)] for options in asked.values()]
    for answers in product(*states):
        for flags in product((False, True), repeat=len(CIRCUMSTANCES)):
            yield Standing(
                dict(zip(asked, answers, strict=True)),
                Circumstances(**dict(zip(CIRCUMSTANCES, flags, strict=True))),
            )


# --- Laying out ------------------------------------------------------------------------------


def with_facts(case: CaseRecord, **values: object) -> CaseRecord:
    """The case with these facts known; None: not known yet."""
    kept = [each for each in case.facts if each.key not in values]
    changed = [
        FactRecord(
            key,
            (FactState.NOT_KNOWN_YET if value is None else FactState.KNOWN).value,
            value,
            "",
            KARIM,
            NOTICED,
            2,
        )
        for key, value in values.items()
    ]
    return replace(case, facts=(*kept, *changed))


def not_filed(**values: object) -> CaseRecord:
    return with_facts(replace(sample_case(), phases=(), made_at=FILED), **values)


def laid(layout: FormLayout) -> dict[str, LaidField]:
    return {each.code: each for each in layout.fields()}


def edpb(case: CaseRecord, filing: FilingAnswers | None = None) -> dict[str, LaidField]:
    return laid(lay_out(form_named(EDPB_1_0), case, filing))


def cnil(case: CaseRecord, filing: FilingAnswers | None = None) -> dict[str, LaidField]:
    return laid(lay_out(form_named(CNIL_2023), case, filing))


def test_a_value_says_where_it_comes_from():
    fields = cnil(sample_case())

    assert fields["description"].source.kind is SourceKind.FACT
    assert fields["description"].source.author == KARIM
    assert fields["aware_at"].source.kind is SourceKind.QUALIFICATION
    assert fields["siren"].source.key == "siren"
    assert fields["communication_state"].source.kind is SourceKind.NOTICE


def test_unknown_and_missing_are_told_apart():
    fields = cnil(with_facts(not_filed(), n_subjects=None, data=["contact", "unknown"]))
    nothing = cnil(replace(not_filed(), facts=()))

    assert fields["n_subjects"].status is FieldStatus.UNKNOWN
    assert nothing["n_subjects"].status is FieldStatus.MISSING
    # Perhaps more: what is known stands beside the box that says so.
    assert fields["data_natures"].status is FieldStatus.UNKNOWN
    assert fields["data_natures"].value == ["contact", "not_known_yet"]


def test_data_without_special_categories_are_said_to_have_none():
    fields = cnil(not_filed())

    assert fields["sensitive_natures"].status is FieldStatus.NOT_APPLICABLE


def test_unknown_is_an_honest_option_of_an_incomplete_notification_alone():
    open_case = with_facts(not_filed(), n_subjects=None)
    incomplete = edpb(open_case)
    as_complete = edpb(open_case, FilingAnswers(kind=NotificationKind.COMPLETE))

    assert incomplete["subtype"].value == "incomplete"
    assert incomplete["subjects_count"].value == "to_be_determined"
    assert "to_be_determined" not in as_complete["subjects_count"].options
    assert as_complete["subjects_count"].value is None
    assert as_complete["subjects_count"].status is FieldStatus.UNKNOWN


# Everything that the EDPB's template demands of a case like the sample.
ALL_ANSWERED = {
    "discovered_by": "own_detection",
    "subjects_details": "Clients ayant commandé depuis 2023.",
    "security_measures": ["backup"],
    "preventive_measures": ["encryption"],
    "communication_details": "Quatorze adresses périmées.",
    "other_authorities": "ANSSI",
    "eu_authorities": "aucune",
    "police_report": False,
}


def test_a_case_without_open_ends_makes_a_complete_notification():
    whole = not_filed(**ALL_ANSWERED)

    assert edpb(whole)["subtype"].value == "complete"
    assert cnil(whole)["notification_kind"].value == "complete"
    assert cnil(with_facts(whole, n_records=None))["notification_kind"].value == "initial"


def test_what_the_organisation_s_own_details_leave_open_makes_it_an_initial_one_too():
    """What a follow-up owes keeps the first from being whole: one definition."""
    whole = not_filed(**ALL_ANSWERED)
    lacking = replace(whole, organisation=replace(whole.organisation, address=""))
    left = lay_out(form_named(CNIL_2023), lacking).open_ends()

    assert lay_out(form_named(CNIL_2023), whole).open_ends() == ()
    assert [each.code for each in left] == ["street", "postal_code", "city"]
    assert cnil(lacking)["notification_kind"].value == "initial"


def test_a_case_filed_before_makes_a_follow_up_with_its_number():
    fields = edpb(sample_case())

    assert fields["type"].value == "follow_up"
    assert fields["previous_number"].value == "FIC-000-777"


def test_a_withdrawal_says_its_reason():
    filing = FilingAnswers(kind=NotificationKind.WITHDRAWAL, withdrawal_reason="Fausse alerte.")
    fields = edpb(sample_case(), filing)

    assert (fields["type"].value, fields["subtype"].value) == ("follow_up", "withdraw")
    assert fields["withdrawal_reason"].value == "Fausse alerte."
    assert "withdraw" not in edpb(not_filed())["subtype"].options
    assert cnil(sample_case(), filing)["withdrawal_reason"].is_mandatory


def test_after_a_withdrawal_the_next_notification_is_a_first_one_again():
    case = sample_case()
    withdrawn = replace(case.phases[-1], kind="withdrawal", number="FIC-000-778")
    fields = cnil(replace(case, phases=(*case.phases, withdrawn)))

    assert fields["notification_kind"].value in ("initial", "complete")


@pytest.mark.parametrize(
    ("country", "inside"),
    [
        pytest.param("", True, id="said by nobody"),
        pytest.param("France", True, id="in French"),
        pytest.param("fr", True, id="a code"),
        pytest.param("Czech Republic", True, id="two words"),
        pytest.param("La Réunion (France)", True, id="overseas department"),
        pytest.param("Norvège", True, id="in the EEA, not in the Union"),
        pytest.param("Suisse", False, id="next to it"),
        pytest.param("Isle of Man", False, id="a word of a name is no code"),
        pytest.param("US", False, id="another code"),
    ],
)
def test_a_country_lies_in_the_european_economic_area(country, inside):
    assert is_in_eea(country) is inside


@pytest.mark.parametrize(
    ("address", "said"),
    [
        pytest.param(
            "12 rue des Lampistes, 33000 Bordeaux",
            ("12 rue des Lampistes", "33000", "Bordeaux"),
            id="a line",
        ),
        pytest.param(
            "Bât. C\n12345 rue X\n75002 Paris",
            ("Bât. C\n12345 rue X", "75002", "Paris"),
            id="a long number",
        ),
        pytest.param("Poste restante", ("Poste restante", None, None), id="no town"),
    ],
)
def test_an_address_is_parted_where_it_shows_how(address, said):
    own = replace(sample_case().organisation, address=address)
    fields = cnil(replace(not_filed(), organisation=own))

    assert tuple(fields[code].value for code in ("street", "postal_code", "city")) == said


@pytest.mark.parametrize(
    ("hours", "asked"),
    [
        pytest.param(72, False, id="in time"),
        pytest.param(73, True, id="late: the template prints the sign reversed"),
    ],
)
@pytest.mark.parametrize("form", [CNIL_2023, EDPB_1_0])
def test_reasons_for_the_delay_are_mandatory_after_72_hours(form, hours, asked):
    filing = FilingAnswers(filed_at=AWARE + timedelta(hours=hours))

    fields = laid(lay_out(form_named(form), not_filed(), filing))

    assert ("reasons_for_delay" in fields) is asked
    if asked:
        assert fields["reasons_for_delay"].is_mandatory
        assert fields["reasons_for_delay"].status is FieldStatus.MISSING


def test_the_template_asks_why_a_follow_up_is_late_no_more():
    filing = FilingAnswers(kind=NotificationKind.FOLLOW_UP, filed_at=AWARE + timedelta(hours=90))

    assert "reasons_for_delay" not in edpb(not_filed(), filing)


def test_consequences_of_availability_hang_on_availability():
    """N. 83 prints "Integrity"."""
    fields = edpb(not_filed(breach_types=["availability"], permanent_loss=True))

    assert "availability_consequences" in fields
    assert "integrity_consequences" not in fields
    assert fields["availability"].value == "permanent"


def test_the_cnil_asks_for_all_consequences_while_the_nature_is_open():
    fields = cnil(not_filed(breach_types=None))

    assert fields["integrity_consequences"].is_mandatory
    assert "integrity_consequences" not in cnil(not_filed())


@pytest.mark.parametrize(
    ("facts", "number", "said"),
    [
        pytest.param({"exfiltration": "confirmed"}, 56, "disclosed", id="copied"),
        pytest.param(
            {"exfiltration": "excluded", "recipients": "one_known"}, 56, "disclosed", id="sent"
        ),
        pytest.param(
            {"exfiltration": None, "recipients": None, "never_known": ["disclosure"]},
            56,
            "undeterminable",
            id="never to be known",
        ),
        pytest.param(
            {"data_unintelligible": "yes", "key_compromised": "no"}, 57, "intact", id="key safe"
        ),
        pytest.param(
            {"data_unintelligible": "yes", "key_compromised": "yes"}, 57, "weakened", id="key taken"
        ),
        pytest.param({"vector": "phishing"}, 60, ["phishing", "publication"], id="both lists"),
        pytest.param({"cause": None, "never_known": ["cause"]}, 61, "unknown", id="unknown cause"),
        pytest.param({"cause": None}, 61, "to_be_determined", id="cause not known yet"),
        pytest.param({"gravity": "maximal"}, 87, "severe", id="four levels on three"),
        pytest.param({"occurred_until": "2026-11-11T20:00:00+00:00"}, 44, "one_day", id="a day"),
        pytest.param({"access": "ongoing"}, 44, "ongoing", id="going on"),
        pytest.param({"discovered_by": "press"}, 52, "2026-11-20", id="told by the press"),
        pytest.param({"police_report": None}, 109, "unknown", id="police not known"),
    ],
)
def test_facts_are_said_in_the_words_of_the_template(facts, number, said):
    fields = {each.number: each for each in edpb(not_filed(**facts)).values()}

    assert fields[str(number)].value == said


@pytest.mark.parametrize(
    ("communicate", "facts", "said"),
    [
        pytest.param("owed", {}, "planned", id="no date yet"),
        pytest.param(
            "owed", {"communication_planned_on": "2026-11-25T09:00:00+00:00"}, "planned_on", id="on"
        ),
        pytest.param("none", {}, "no_high_risk", id="no high risk"),
    ],
)
def test_what_was_decided_of_the_communication_is_said(communicate, facts, said):
    case = not_filed(**facts)
    decided = replace(case.decisions[0], decided_communicate=communicate)
    fields = edpb(replace(case, notices=(), decisions=(decided,)))

    assert fields["communication"].value == said
    assert ("communication_planned_on" in fields) is (said == "planned_on")


def test_an_exemption_is_claimed_where_the_risk_is_high_and_nobody_is_told():
    case = not_filed(later_measures_remove_high_risk=True)
    decided = replace(case.decisions[0], decided_communicate="none", decision_reason="Rappelés.")
    high = replace(case.assessments[-1], result={"risk": "high_risk"})
    case = replace(case, notices=(), decisions=(decided,), assessments=(high,))
    fields = edpb(case)

    assert fields["risk"].value == "high_risk"
    assert fields["communication"].value == "exempt"
    assert fields["exemptions"].value == ["averted"]
    assert fields["exemption_reasons"].value == "Rappelés."


def decided_case(
    risk: str, *, notify: bool = True, communicate: str = "none", telling: str = "no", **facts
) -> CaseRecord:
    """A case assessed so, and then decided so."""
    case = not_filed(**facts)
    decided = replace(
        case.decisions[0],
        decided_notify=notify,
        decided_communicate=communicate,
        decision_reason="Motif signé.",
    )
    result = {"risk": risk, "communicate_to_data_subjects": telling}
    latest = replace(case.assessments[-1], result=result)
    return replace(case, notices=(), decisions=(decided,), assessments=(latest,))


@pytest.mark.parametrize("communicate", ["owed", "voluntary", "none"])
@pytest.mark.parametrize("notify", [True, False])
def test_no_level_is_claimed_that_the_assessment_left_open(notify, communicate):
    case = decided_case("undetermined", notify=notify, communicate=communicate, telling="depends")
    risk = edpb(case)["risk"]

    assert (risk.status, risk.value) == (FieldStatus.UNKNOWN, "more_information")
    assert risk.source.kind is SourceKind.ASSESSMENT
    # What was decided is said where the form asks for it.
    assert edpb(case)["risk_reasons"].value == "Motif signé."


@pytest.mark.parametrize(
    ("risk", "decided", "said", "by"),
    [
        pytest.param("risk", {}, "risk", "assessment", id="decided as assessed"),
        pytest.param("unlikely", {}, "unlikely", "assessment", id="notified out of caution"),
        pytest.param(
            "unlikely", {"communicate": "voluntary"}, "unlikely", "assessment", id="told anyway"
        ),
        pytest.param(
            "risk", {"communicate": "owed"}, "high_risk", "decision", id="must be told: high"
        ),
        pytest.param(
            "high_risk", {"communicate": "owed"}, "high_risk", "assessment", id="high, and told"
        ),
        pytest.param("high_risk", {}, "risk", "decision", id="need not be told: not high"),
        pytest.param(
            "high_risk",
            {"later_measures_remove_high_risk": True},
            "high_risk",
            "assessment",
            id="high, and exempt",
        ),
        pytest.param("risk", {"notify": False}, "unlikely", "decision", id="not to notify"),
    ],
)
def test_the_outcome_is_what_was_assessed_unless_a_decision_says_another(risk, decided, said, by):
    field = edpb(decided_case(risk, **decided))["risk"]

    assert (field.value, field.source.kind) == (said, SourceKind(by))


def test_a_decision_answers_for_the_level_it_was_signed_on_alone():
    case = decided_case("risk", communicate="owed")
    before = case.assessments[-1]
    anew = replace(before, version=before.version + 1, result={"risk": "unlikely"})

    assert edpb(case)["risk"].value == "high_risk"
    assert edpb(replace(case, assessments=(before, anew)))["risk"].value == "unlikely"
    # Assessed again, with the same outcome: the decision stands.
    same = replace(anew, result=before.result)
    assert edpb(replace(case, assessments=(before, same)))["risk"].value == "high_risk"


def test_a_decision_taken_up_again_says_nothing_more():
    case = decided_case("risk", notify=False)
    again = ReopeningRecord(1, 1, AWARE, "Des données ont été publiées.", KARIM, AWARE)
    case = replace(case, reopenings=(again,))
    fields = edpb(case)

    assert (fields["risk"].value, fields["risk"].source.kind) == ("risk", SourceKind.ASSESSMENT)
    assert fields["communication"].value == "undecided"
    assert fields["risk_reasons"].value != "Motif signé."


@pytest.mark.parametrize(
    ("telling", "said"),
    [("no", "no_high_risk"), ("depends", "undecided"), ("yes", "no_high_risk")],
)
def test_no_high_risk_is_no_ground_while_the_assessment_leaves_it_open(telling, said):
    risk = {"no": "risk", "depends": "undetermined", "yes": "high_risk"}[telling]
    case = decided_case(risk, telling=telling)

    assert edpb(case)["communication"].value == said
    # The CNIL asks what was decided, and for no ground.
    assert cnil(case)["communication_state"].value == "not_planned"


def test_nobody_decided_yet_is_not_known_yet():
    fields = edpb(replace(not_filed(), notices=(), decisions=()))

    assert fields["communication"].status is FieldStatus.UNKNOWN
    assert fields["communication"].value == "undecided"


def test_a_controller_outside_the_eea_is_asked_for_its_representative():
    abroad = not_filed()
    abroad = replace(abroad, organisation=replace(abroad.organisation, country="Suisse"))
    fields = edpb(abroad)

    assert {"eea_representative", "eea_representative_contact", "outside_eea"} <= set(fields)
    assert "cross_border" not in fields


def test_the_dpo_who_reports_is_not_asked_for_again():
    own = sample_case().organisation
    named = replace(own, has_dpo=True, dpo_name="Inès Roy", dpo_email="dpo@girandole.example")
    reports = replace(own, contact_function="Déléguée à la protection des données")

    assert edpb(replace(not_filed(), organisation=named))["dpo_name"].value == "Inès Roy"
    assert "dpo_designated" not in edpb(replace(not_filed(), organisation=reports))


def test_the_meter_counts_what_the_law_demands_apart():
    whole = lay_out(form_named(CNIL_2023), not_filed(**ALL_ANSWERED)).completeness()
    case = with_facts(not_filed(**ALL_ANSWERED), n_subjects=None)
    open_case = replace(case, facts=tuple(f for f in case.facts if f.key != "harms"))
    less = lay_out(form_named(CNIL_2023), open_case).completeness()

    assert (whole.answered, whole.law_answered) == (whole.asked, whole.law_asked)
    assert less.law_answered == whole.law_answered - 2
    assert [each.code for each in less.unknown] == ["n_subjects"]
    assert [each.code for each in less.missing] == ["harms"]


def test_an_optional_field_that_nobody_answered_is_not_counted():
    found = lay_out(form_named(CNIL_2023), not_filed(**ALL_ANSWERED))

    assert laid(found)["vat_number"].status is FieldStatus.MISSING
    assert "vat_number" not in [each.code for each in found.completeness().missing]


# --- Any case at all -------------------------------------------------------------------------


@settings(max_examples=120, deadline=None)
@given(case=any_cases(), filing=ANY_FILINGS)
def test_any_case_is_laid_out(case, filing):
    for form in forms().values():
        known = {each.code: each for each in form.fields()}
        for field in lay_out(form, case, filing).fields():
            shape = known[field.code]
            if field.status is FieldStatus.GIVEN:
                assert field.value not in (None, "", []), field.code
            if shape.kind is ValueKind.CHOICE and field.value is not None:
                assert field.value in field.options, field.code
            if shape.kind is ValueKind.CHOICES and field.value is not None:
                assert set(field.value) <= set(field.options), field.code
            if field.status in (FieldStatus.MISSING, FieldStatus.AT_FILING):
                assert field.value is None, field.code


@settings(max_examples=120, deadline=None)
@given(case=any_cases(), filing=ANY_FILINGS)
def test_what_is_laid_out_is_what_the_rules_show(case, filing):
    for form in forms().values():
        fields = laid(lay_out(form, case, filing))
        answers = {code: known_of(form, field) for code, field in fields.items()}
        explained = [
            Standing(answers, CaseView(case, filing, has_open_ends).circumstances)
            for has_open_ends in (True, False)
        ]
        shown = [
            {
                each.code
                for each in form.fields()
                if each.visible_if is None or each.visible_if.holds(standing)
            }
            for standing in explained
        ]

        assert set(fields) in shown


def known_of(form, field: LaidField) -> list[str]:
    """The options that a field holds for certain."""
    shape = next(each for each in form.fields() if each.code == field.code)
    unknown = {shape.when_unknown} if field.status is FieldStatus.UNKNOWN else set()
    return [code for code in codes_of(field.value) if code not in unknown]


@settings(max_examples=120, deadline=None)
@given(case=any_cases(), filing=ANY_FILINGS)
def test_both_forms_say_the_same_of_a_case(case, filing):
    theirs, ours = cnil(case, filing), edpb(case, filing)
    for pair in form_named(EDPB_1_0).counterparts:
        one, other = theirs.get(pair.their_field), ours.get(pair.our_field)
        if one is None or other is None or one.status is not FieldStatus.GIVEN:
            continue
        held = set(codes_of(other.value))
        for code in codes_of(one.value):
            assert held & set(pair.codes[code]), (pair.their_field, code, other.value)


def codes_of(value: object) -> list[str]:
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return value if isinstance(value, list) else [] if value is None else [str(value)]


def test_what_the_cnil_s_form_calls_verified_are_the_words_of_its_open_data():
    """Letter for letter, its slips included: people look for the box with these words."""
    published = {text.replace("'", "’") for texts in WORDS.values() for text in texts.values()}
    compared = 0
    for field in form_named(CNIL_2023).fields():
        if field.code not in ("origins", "cause", "communication_state"):
            continue
        for option in field.options:
            if (option.certainty or field.certainty) is Certainty.VERIFIED:
                compared += 1
                assert option.label["fr"] in published

    assert compared == 10 + 6 + 4
