"""A filing as JSON: valid against the published schema; what changed since, and what is owed."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.authority_forms import FilingAnswers, form_named, lay_out
from breachdesk.domain.case_record import CaseRecord, FactRecord
from breachdesk.domain.form_layout import FieldStatus
from breachdesk.domain.phase_document import (
    FiledPhase,
    changes_between,
    fields_as_filed,
    fields_as_they_stand,
    left_open,
    phase_as_json,
)
from tests.documents.sample_case import FILED, sample_case

SCHEMA = Path(__file__).parents[2] / "static" / "schemas" / "notification-1.json"
FORMS = ("cnil_2023", "edpb_1_0")


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    """The published schema, itself held to the rules of schemas."""
    read = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(read)
    return Draft202012Validator(read, format_checker=Draft202012Validator.FORMAT_CHECKER)


def filed(record: CaseRecord, kind: NotificationKind = NotificationKind.INITIAL, **said) -> dict:
    """A filing of the case as it stands."""
    phase = FiledPhase(
        reference=record.reference,
        organisation=record.organisation.name,
        authority="cnil",
        sequence=1,
        kind=kind,
        is_complete=kind is NotificationKind.COMPLETE,
        filed_at=FILED,
        was_late=False,
        recorded_by="Karim Benali",
        recorded_at=FILED,
    )
    answers = FilingAnswers(kind=kind)
    layouts = [lay_out(form_named(code), record, answers) for code in FORMS]
    # As it comes back from the database.
    return json.loads(json.dumps(phase_as_json(replace(phase, **said), layouts)))


def with_fact(record: CaseRecord, key: str, state: str, value: object = None) -> CaseRecord:
    """The case with one fact in another state."""
    fact = FactRecord(key, state, value, "", "Karim Benali", datetime(2026, 11, 24, tzinfo=UTC), 9)
    return replace(record, facts=(*(f for f in record.facts if f.key != key), fact))


@pytest.mark.parametrize("kind", list(NotificationKind))
def test_each_kind_of_filing_is_valid(schema, kind):
    reason = "Ce n’était pas une violation." if kind is NotificationKind.WITHDRAWAL else ""
    content = filed(sample_case(), kind, withdrawal_reason=reason)
    assert list(schema.iter_errors(content)) == []


def test_one_that_calls_itself_whole_over_a_gap_is_valid_and_says_so(schema):
    content = filed(sample_case(), NotificationKind.COMPLETE, is_complete=False)
    assert list(schema.iter_errors(content)) == []


def test_a_case_of_which_nothing_is_known_is_valid_too(schema):
    bare = replace(sample_case(), facts=(), notices=(), decisions=(), assessments=())
    assert list(schema.iter_errors(filed(bare))) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", "breachdesk-notification/2"),
        ("kind", "other"),
        ("sequence", 0),
        ("receipt", {"name": "receipt.pdf", "sha256": "short"}),
        ("forms", {}),
        ("extra", 1),
    ],
)
def test_the_schema_refuses_another_shape(schema, key, value):
    assert list(schema.iter_errors({**filed(sample_case()), key: value}))


@pytest.mark.parametrize(
    "said",
    [
        {"kind": NotificationKind.WITHDRAWAL, "withdrawal_reason": ""},
        {"was_late": True, "reasons_for_delay": ""},
    ],
)
def test_the_schema_demands_the_reasons_that_the_law_does(schema, said):
    content = filed(sample_case())
    content |= {key: getattr(value, "value", value) for key, value in said.items()}
    assert list(schema.iter_errors(content))


def test_the_words_of_a_choice_stand_beside_its_code():
    content = filed(sample_case())
    fields = fields_as_filed(content, "cnil_2023")
    [kinds] = [field for field in fields if field.code == "nature"]
    assert kinds.value == ["confidentiality"]
    assert [words["fr"] for words in kinds.words] == ["Perte de la confidentialité"]


@pytest.mark.parametrize("form", FORMS)
def test_nothing_changed_where_nothing_did(form):
    record = sample_case()
    before = fields_as_filed(filed(record), form)
    after = fields_as_they_stand(
        lay_out(form_named(form), record, FilingAnswers(kind=NotificationKind.INITIAL))
    )
    assert before
    assert changes_between(before, after) == ()


def test_what_was_unknown_is_owed_and_what_became_known_is_a_change():
    early = with_fact(sample_case(), "n_subjects", "not_known_yet")
    content = filed(early)
    assert "n_subjects" in {field.code for field in left_open(content, "cnil_2023")}

    late = with_fact(early, "n_subjects", "known", 1250)
    after = fields_as_they_stand(lay_out(form_named("cnil_2023"), late))
    changes = {
        each.field.code: each
        for each in changes_between(fields_as_filed(content, "cnil_2023"), after)
    }
    change = changes["n_subjects"]
    assert change.before is not None
    assert change.after is not None
    assert (change.before.status, change.before.value) == (FieldStatus.UNKNOWN, None)
    assert (change.after.status, change.after.value) == (FieldStatus.GIVEN, 1250)


def test_a_block_that_the_new_facts_open_is_a_change_and_one_they_close_too():
    record = sample_case()
    content = filed(record)
    wider = with_fact(record, "breach_types", "known", ["availability"])
    wider = with_fact(wider, "availability_consequences", "known", ["service_disrupted"])
    after = fields_as_they_stand(lay_out(form_named("cnil_2023"), wider))
    changes = changes_between(fields_as_filed(content, "cnil_2023"), after)
    appeared = {each.field.code for each in changes if each.before is None}
    gone = {each.field.code for each in changes if each.after is None}
    assert "availability_consequences" in appeared
    assert "confidentiality_consequences" in gone


def test_what_was_kept_in_another_shape_is_read_as_nothing():
    assert fields_as_filed({"kind": {"notification_kind": {}}}, "cnil_2023") == ()
    assert left_open({}, "cnil_2023") == ()
