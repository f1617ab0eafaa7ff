"""A copy of a case for somebody else, with chosen parts removed for real.

What is removed is not in the copy, neither printed nor embedded: not its text, and not the
salt that would let somebody guess it against the journal's commitment. The copy names
what was removed. Where a part could be read out of another, that other part goes too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import StrEnum
from typing import Any

from breachdesk.domain.case_record import AssessmentRecord, CaseRecord, RemovedRecord
from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.facts import FACTS
from breachdesk.domain.reminder_ledger import ReminderLedger

# What stands in the place of a removed text; a mark, in no language.
MARK = "[…]"


class Part(StrEnum):
    """What can be removed as a whole, beside single facts and attachments.

    TITLE: the case's title. NAMES: our people and the organisation's contacts, who become
    P-1, P-2… throughout. REASONS: what people wrote as reasons and remarks, in the journal
    too. ASSESSMENTS: the facts and reasons of each assessment; its verdict stays. PHASES:
    what each filing said; that it was made stays. NOTICES: the texts sent to data subjects.
    MESSAGES: what was said between the team and whoever reported. REMINDERS: the mails to our
    own people.
    """

    TITLE = "title"
    NAMES = "names"
    REASONS = "reasons"
    ASSESSMENTS = "assessments"
    PHASES = "phases"
    NOTICES = "notices"
    MESSAGES = "messages"
    REMINDERS = "reminders"


@dataclass(frozen=True)
class Redaction:
    """What to remove.

    Args:
        facts: keys of `domain.facts.FACTS`.
        attachments: counted from 1, in the order of the record.
        why: said in the copy, for each part; may be empty.
    """

    facts: frozenset[str] = frozenset()
    parts: frozenset[Part] = frozenset()
    attachments: frozenset[int] = frozenset()
    why: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be removed."""
        return not (self.facts or self.parts or self.attachments)

    def as_record(self) -> dict[str, object]:
        """The choice as a JSON value; `from_record` reads it back."""
        return {
            "facts": sorted(self.facts),
            "parts": sorted(part.value for part in self.parts),
            "attachments": sorted(self.attachments),
            "why": self.why,
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Redaction":
        """Read a choice back.

        Raises:
            InvalidInput: it names a fact or a part that there is not.
        """
        unknown = sorted(set(record["facts"]) - set(FACTS))
        unknown += sorted(set(record["parts"]) - {part.value for part in Part})
        if unknown:
            raise InvalidInput("unknown_fact", field="facts", key=unknown[0])
        return cls(
            frozenset(record["facts"]),
            frozenset(map(Part, record["parts"])),
            frozenset(record["attachments"]),
            record["why"],
        )

    def whole_parts(self) -> tuple[Part, ...]:
        """The parts that go, with those that would give a removed fact away."""
        gone = set(self.parts)
        if self.facts:
            # A filing repeats the facts, in fields that are made from several.
            gone.add(Part.PHASES)
        if any(FACTS[key].assessed for key in self.facts):
            # The reasons of a verdict tell the facts it was reached from.
            gone.add(Part.ASSESSMENTS)
        return tuple(part for part in Part if part in gone)


def redact(record: CaseRecord, redaction: Redaction) -> CaseRecord:
    """The copy without what was chosen; `removed` says what that was.

    The journal's lines all stay, so that its chain can be followed: of a removed reason, the
    commitment stays and the salt goes.

    Raises:
        KeyError: a fact that there is not.
    """
    copy = replace(
        record,
        facts=tuple(fact for fact in record.facts if fact.key not in redaction.facts),
        attachments=tuple(
            replace(each, name=MARK, is_in_dossier=False)
            if number in redaction.attachments
            else each
            for number, each in enumerate(record.attachments, 1)
        ),
        removed=tuple(_removed(record, redaction)),
    )
    for part in redaction.whole_parts():
        copy = _WITHOUT[part](copy)
    return copy


def _removed(record: CaseRecord, redaction: Redaction) -> Iterable[RemovedRecord]:
    for key in FACTS:
        if key in redaction.facts:
            yield RemovedRecord(f"facts/{key}", redaction.why)
    for part in redaction.whole_parts():
        yield RemovedRecord(part.value, redaction.why)
    for number in sorted(redaction.attachments):
        if 1 <= number <= len(record.attachments):
            yield RemovedRecord(f"attachments/{number}", redaction.why)


# Fields that hold the name of a person, wherever they stand in a record.
NAME_FIELDS = frozenset(
    {
        "added_by",
        "advised_by",
        "approved_by",
        "author",
        "actor",
        "by",
        "decided_by",
        "made_by",
        "opened_by",
        "recorded_by",
        "started_by",
        "stopped_by",
        "to",
    }
)
# Fields in which a person wrote why.
REASON_FIELDS = frozenset(
    {
        "advice_reason",
        "decision_reason",
        "reason",
        "reasons_for_delay",
        "stop_remark",
        "waiver_reason",
        "withdrawal_reason",
    }
)


def _without_title(record: CaseRecord) -> CaseRecord:
    return replace(record, title="")


def _without_names(record: CaseRecord) -> CaseRecord:
    marks: dict[str, str] = {}

    def mark(name: str) -> str:
        return marks.setdefault(name, f"P-{len(marks) + 1}") if name else ""

    copy: CaseRecord = _changed(record, NAME_FIELDS, mark)
    told = _changed(copy.ledger, frozenset({"name"}), mark)
    own = copy.organisation
    contacts = replace(
        own,
        legal_representative=mark(own.legal_representative),
        contact_name=mark(own.contact_name),
        contact_email="",
        contact_phone="",
    )
    return replace(copy, ledger=told, organisation=contacts)


def _without_reasons(record: CaseRecord) -> CaseRecord:
    copy: CaseRecord = _changed(record, REASON_FIELDS, lambda text: MARK if text else "")
    return replace(copy, journal=tuple(replace(line, salt="") for line in copy.journal))


def _without_assessments(record: CaseRecord) -> CaseRecord:
    return replace(record, assessments=tuple(_verdict_alone(each) for each in record.assessments))


# What an assessment concluded, without what it was concluded from.
VERDICT = frozenset(
    {
        "communicate_to_data_subjects",
        "inform_controllers",
        "law",
        "notify_authority",
        "risk",
        "rules_version",
    }
)


def _verdict_alone(assessment: AssessmentRecord) -> AssessmentRecord:
    verdict = {key: value for key, value in assessment.result.items() if key in VERDICT}
    return replace(assessment, facts={}, result=verdict)


def _without_phases(record: CaseRecord) -> CaseRecord:
    return replace(record, phases=tuple(replace(each, content={}) for each in record.phases))


def _without_notices(record: CaseRecord) -> CaseRecord:
    return replace(
        record,
        notices=tuple(replace(each, subject=MARK, body=MARK) for each in record.notices),
    )


def _without_messages(record: CaseRecord) -> CaseRecord:
    return replace(record, messages=tuple(replace(each, text=MARK) for each in record.messages))


def _without_reminders(record: CaseRecord) -> CaseRecord:
    return replace(record, reminders=(), ledger=ReminderLedger())


_WITHOUT = {
    Part.TITLE: _without_title,
    Part.NAMES: _without_names,
    Part.REASONS: _without_reasons,
    Part.ASSESSMENTS: _without_assessments,
    Part.PHASES: _without_phases,
    Part.NOTICES: _without_notices,
    Part.MESSAGES: _without_messages,
    Part.REMINDERS: _without_reminders,
}


def _changed(value: Any, names: frozenset[str], change: Any) -> Any:
    """The same frozen value with every text field of these names changed, however deep."""
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value,
            **{
                each.name: change(held)
                if each.name in names and isinstance(held, str)
                else _changed(held, names, change)
                for each in fields(value)
                for held in (getattr(value, each.name),)
            },
        )
    if isinstance(value, tuple):
        return tuple(_changed(item, names, change) for item in value)
    # Codes and JSON values hold no name: a mapping is left as it is.
    return value if not isinstance(value, Mapping) else dict(value)
