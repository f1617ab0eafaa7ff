"""A redacted copy holds nothing of what was removed, and says what that was."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.case_record import (
    CaseRecord,
    FactRecord,
    JournalRecord,
    MessageRecord,
    RemovedRecord,
)
from breachdesk.domain.facts import FACTS
from breachdesk.domain.redacted_names import MARK
from breachdesk.domain.redaction import Part, Redaction, redact
from breachdesk.domain.reminder_ledger import LedgerRecord, ReadRecord, ReminderLedger, ToldRecord
from tests.documents.sample_case import ANNE, KARIM, LUCIE, NOTICED, sample_case

SECRET = "The folder was shared by Zénobie"
SALT = "5a175a175a175a17"


def _case() -> CaseRecord:
    """The sample case with everything that can be removed in it."""
    record = sample_case()
    told = ToldRecord("Hugo Lefèvre", ("manager",), "sent", NOTICED, "250 ok")
    line = LedgerRecord(
        1,
        "gdpr_art_33",
        "planned",
        "mail",
        ("manager",),
        NOTICED,
        NOTICED,
        emitted_at=NOTICED,
        told=(told,),
        read=ReadRecord("Hugo Lefèvre", "link", NOTICED),
    )
    return replace(
        record,
        facts=tuple(replace(fact, salt=SALT) for fact in record.facts),
        phases=tuple(replace(each, content={"story": SECRET}) for each in record.phases),
        messages=(MessageRecord(True, "", "A message from outside", NOTICED),),
        ledger=ReminderLedger((line,)),
        journal=(
            *record.journal,
            JournalRecord(
                99,
                NOTICED,
                KARIM,
                "decided",
                {},
                "Because of Zénobie",
                "f" * 64,
                2,
                "c" * 64,
                "e" * 64,
                SALT,
            ),
        ),
    )


def _text(record: CaseRecord) -> str:
    return json.dumps(record.as_json(), ensure_ascii=False)


def test_a_removed_fact_is_nowhere_and_neither_is_its_salt() -> None:
    record = _case()
    story = replace(next(f for f in record.facts if f.key == "description"), value=SECRET)
    facts = tuple(story if f.key == "description" else f for f in record.facts)
    only = replace(record, facts=(story,))
    assert SALT in _text(only)

    copy = redact(replace(record, facts=facts), Redaction(facts=frozenset({"description"})))
    alone = redact(only, Redaction(facts=frozenset({"description"})))

    # The filing repeated it: what was filed goes with it.
    assert SECRET not in _text(copy)
    assert SALT not in _text(replace(alone, journal=()))
    assert copy.is_removed("facts/description")
    assert copy.is_removed("phases")
    assert not copy.is_removed("assessments")
    assert len(copy.phases) == len(record.phases)


def test_an_assessed_fact_takes_the_reasons_of_the_verdict_with_it() -> None:
    record = _case()
    copy = redact(record, Redaction(facts=frozenset({"n_subjects"}), why="Secret des affaires"))

    kept = copy.assessments[-1]
    assert kept.facts == {}
    assert kept.result["risk"] == record.assessments[-1].result["risk"]
    assert "reasons" not in kept.result
    assert "severity" not in kept.result
    assert RemovedRecord("assessments", "Secret des affaires") in copy.removed


def test_removed_names_become_marks_that_stay_the_same_throughout() -> None:
    record = _case()
    names = {ANNE, KARIM, LUCIE, "Hugo Lefèvre"}
    assert all(name in _text(record) for name in names)

    copy = redact(replace(record, facts=()), Redaction(parts=frozenset({Part.NAMES})))
    text = _text(replace(copy, notices=(), journal=copy.journal, assessments=()))

    assert not [name for name in names if name in text]
    assert record.organisation.contact_email not in text
    assert record.organisation.contact_phone not in text
    # Who did two things is one mark in both places.
    signed = record.decisions[-1].decided_by
    lines = [line.actor for line in record.journal]
    if signed in lines:
        assert copy.journal[lines.index(signed)].actor == copy.decisions[-1].decided_by
    assert copy.ledger.lines[0].read is not None
    assert copy.ledger.lines[0].told[0].name == copy.ledger.lines[0].read.by


def test_removed_reasons_leave_the_line_and_its_hash() -> None:
    record = _case()
    copy = redact(record, Redaction(parts=frozenset({Part.REASONS})))

    assert "Zénobie" not in _text(replace(copy, phases=()))
    assert [line.hash for line in copy.journal] == [line.hash for line in record.journal]
    assert copy.journal[-1].reason == MARK
    assert copy.journal[-1].commitment == record.journal[-1].commitment
    assert SALT not in _text(replace(copy, facts=()))
    assert all(line.reason in ("", MARK) for line in copy.journal)


@pytest.mark.parametrize(
    ("part", "secret"),
    [
        (Part.TITLE, "title"),
        (Part.PHASES, "phases"),
        (Part.NOTICES, "notices"),
        (Part.MESSAGES, "messages"),
        (Part.REMINDERS, "reminders"),
    ],
)
def test_each_part_goes_whole(part: Part, secret: str) -> None:
    record = _case()
    texts = {
        "title": [record.title],
        "phases": [SECRET],
        "notices": [record.notices[-1].subject, record.notices[-1].body],
        "messages": ["A message from outside"],
        "reminders": ["250 ok"],
    }[secret]
    values = {text for text in texts if text}
    assert values
    assert all(value in _strings(record) for value in values)

    copy = redact(record, Redaction(parts=frozenset({part})))

    assert not values & _strings(copy)
    assert copy.is_removed(part.value)


def test_a_removed_attachment_keeps_its_hash_and_loses_its_name() -> None:
    record = _case()
    name = record.attachments[0].name
    copy = redact(record, Redaction(attachments=frozenset({1})))

    assert copy.attachments[0].name == MARK
    assert copy.attachments[0].sha256 == record.attachments[0].sha256
    assert copy.is_removed("attachments/1")
    assert [each.name for each in copy.attachments[1:]] == [
        each.name for each in record.attachments[1:]
    ]
    assert name not in {each.name for each in copy.attachments}


def test_nothing_chosen_changes_nothing() -> None:
    assert Redaction().is_empty
    assert redact(_case(), Redaction()) == _case()


@given(
    st.frozensets(st.sampled_from(sorted(FACTS))),
    st.frozensets(st.sampled_from(list(Part))),
    st.frozensets(st.integers(1, 3)),
)
def test_whatever_is_chosen_is_said_and_gone(
    facts: frozenset[str], parts: frozenset[Part], attachments: frozenset[int]
) -> None:
    record = _case()
    every = tuple(
        FactRecord(key, "known", f"secret of {key}.", "", "", NOTICED, 1) for key in FACTS
    )
    record = replace(record, facts=every, title="secret title")
    redaction = Redaction(facts, parts, attachments)
    copy = redact(record, redaction)

    said = {each.what for each in copy.removed}
    assert {f"facts/{key}" for key in facts} <= said
    assert {part.value for part in parts} <= said
    kept = {str(fact.value) for fact in copy.facts}
    assert kept == {f"secret of {key}." for key in FACTS if key not in facts}
    assert len(copy.journal) == len(record.journal)


def _strings(value: object) -> set[str]:
    """Every text in a record, however deep."""
    if isinstance(value, CaseRecord):
        return _strings(value.as_json())
    if isinstance(value, str):
        return {value}
    if isinstance(value, dict):
        return set().union(*map(_strings, value.values()), set())
    return set().union(*map(_strings, value), set()) if isinstance(value, list | tuple) else set()
