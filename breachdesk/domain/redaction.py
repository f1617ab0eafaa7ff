"""A copy of a case for somebody else, with chosen parts removed for real.

What is removed is not in the copy, neither printed nor embedded: not its text, and not the
salt that would let somebody guess it against the journal's commitment. The copy names
what was removed. Where a part could be read out of another, that other part goes too.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from breachdesk.domain.case_record import AssessmentRecord, CaseRecord, RemovedRecord
from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.facts import FACTS, FactKind
from breachdesk.domain.redacted_names import (
    MARK,
    SHORTEST_TEXT,
    Marks,
    changed_texts,
    without_names,
)
from breachdesk.domain.reminder_ledger import ReminderLedger


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

    def widened(self, record: CaseRecord) -> "Redaction":
        """The choice with what would give it away: other parts, and files of the case."""
        attachments = _with_twins(record, self.attachments)
        parts = set(self.parts)
        if self.facts or parts & IN_FILINGS or _name_in_filing(record, attachments):
            # A filing repeats the facts, who wrote what and why, in fields made from several.
            parts.add(Part.PHASES)
        if self.facts & IN_NOTICES:
            parts.add(Part.NOTICES)
        if any(FACTS[key].assessed for key in self.facts):
            # The reasons of a verdict tell the facts it was reached from.
            parts.add(Part.ASSESSMENTS)
        if Part.PHASES in parts:
            # What the authority hands back says what was filed.
            attachments = _with_twins(record, attachments | _receipts(record))
        return replace(self, parts=frozenset(parts), attachments=attachments)


# What a communication is drafted from (`wording.notices.draft_parts`).
IN_NOTICES = frozenset(
    {
        "access",
        "breach_types",
        "data",
        "data_details",
        "measures_planned",
        "measures_taken",
        "noticed_at",
        "occurred_from",
        "occurred_until",
        "vector",
    }
)
# What a filing says too.
IN_FILINGS = frozenset({Part.NAMES, Part.REASONS, Part.ASSESSMENTS, Part.NOTICES})


def _with_twins(record: CaseRecord, chosen: frozenset[int]) -> frozenset[int]:
    """The same file may have been added twice."""
    files = dict(enumerate(record.attachments, 1))
    gone = {files[number].sha256 for number in chosen if number in files}
    return frozenset(number for number, file in files.items() if file.sha256 in gone)


def _name_in_filing(record: CaseRecord, chosen: Iterable[int]) -> bool:
    said = [json.dumps(phase.content, ensure_ascii=False) for phase in record.phases]
    # As JSON writes it, without its quotation marks.
    names = [json.dumps(record.attachments[n - 1].name, ensure_ascii=False)[1:-1] for n in chosen]
    return any(name in text for name in names for text in said)


def _receipts(record: CaseRecord) -> frozenset[int]:
    names = {phase.receipt_name for phase in record.phases if phase.receipt_name}
    return frozenset(n for n, file in enumerate(record.attachments, 1) if file.name in names)


def redact(record: CaseRecord, chosen: Redaction) -> CaseRecord:
    """The copy without what was chosen; `removed` says what that was.

    The journal's lines all stay, so that its chain can be followed: of a removed reason, the
    commitment stays and the salt goes. A name, a title or a text that was removed goes from
    the texts that stay, too; a fact's value alone is whole or removed.

    Raises:
        KeyError: a fact that there is not.
    """
    redaction = chosen.widened(record)
    copy = replace(
        record,
        facts=tuple(fact for fact in record.facts if fact.key not in redaction.facts),
        attachments=tuple(
            replace(each, name=MARK, is_in_dossier=False)
            if number in redaction.attachments
            else each
            for number, each in enumerate(record.attachments, 1)
        ),
        removed=tuple(_removed(redaction)),
    )
    gone = _removed_texts(record, redaction)
    for part in Part:
        if part is Part.NAMES and part in redaction.parts:
            marks = Marks()
            copy = without_names(copy, marks)
            gone |= marks.given
        elif part in redaction.parts:
            copy = _WITHOUT[part](copy)
    return _without_texts(copy, gone) if gone else copy


def _removed(redaction: Redaction) -> Iterable[RemovedRecord]:
    for key in FACTS:
        if key in redaction.facts:
            yield RemovedRecord(f"facts/{key}", redaction.why)
    for part in Part:
        if part in redaction.parts:
            yield RemovedRecord(part.value, redaction.why)
    for number in sorted(redaction.attachments):
        yield RemovedRecord(f"attachments/{number}", redaction.why)


# --- Texts that stand in others --------------------------------------------------------------

# Fields in which a person or a machine wrote freely; a fact's value is committed to whole.
FREE_FIELDS = frozenset(
    {"answer", "body", "processor", "receipt_name", "source", "subject", "text", "title"}
)


def _removed_texts(record: CaseRecord, redaction: Redaction) -> dict[str, str]:
    """What was removed and can be recognised elsewhere, with what stands in its place."""
    told = (FactKind.TEXT, FactKind.LINE)
    texts = [
        str(fact.value)
        for fact in record.facts
        if fact.key in redaction.facts and FACTS[fact.key].kind in told and fact.value
    ]
    texts += [record.attachments[number - 1].name for number in redaction.attachments]
    if Part.TITLE in redaction.parts:
        texts.append(record.title)
    return {text.strip(): MARK for text in texts if len(text.strip()) >= SHORTEST_TEXT}


def _without_texts(record: CaseRecord, gone: Mapping[str, str]) -> CaseRecord:
    marks = {text.casefold(): mark for text, mark in gone.items()}
    # The longest first: one may begin another.
    ordered = sorted(gone, key=len, reverse=True)
    found = re.compile(
        r"(?<!\w)(?:" + "|".join(map(re.escape, ordered)) + r")(?!\w)", re.IGNORECASE
    )

    def cleaned(text: str) -> str:
        return found.sub(lambda match: marks.get(match.group().casefold(), MARK), text)

    copy: CaseRecord = changed_texts(record, FREE_FIELDS | REASON_FIELDS, cleaned)
    lines = tuple(
        line if line.reason == told.reason else replace(line, reason=MARK, salt="")
        for told, line in zip(record.journal, copy.journal, strict=True)
    )
    return replace(copy, journal=lines)


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


def _without_reasons(record: CaseRecord) -> CaseRecord:
    copy: CaseRecord = changed_texts(record, REASON_FIELDS, lambda text: MARK if text else "")
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
    return replace(
        record,
        phases=tuple(
            replace(each, content={}, receipt_name=MARK if each.receipt_name else "")
            for each in record.phases
        ),
    )


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
    Part.REASONS: _without_reasons,
    Part.ASSESSMENTS: _without_assessments,
    Part.PHASES: _without_phases,
    Part.NOTICES: _without_notices,
    Part.MESSAGES: _without_messages,
    Part.REMINDERS: _without_reminders,
}
