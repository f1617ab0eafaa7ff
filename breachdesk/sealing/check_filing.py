"""Checking what a filing's own PDF holds: its data, and the line of the journal that attests it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.dossier_check import Findings, Subject
from breachdesk.domain.filing_files import LINE_NAME
from breachdesk.domain.journal import Entry, line_hash
from breachdesk.domain.journal_file import (
    FiledLine,
    UnreadableJournal,
    read_journal_file,
    strict_json,
)
from breachdesk.domain.phase_document import PHASE_FORMAT, content_hash, fields_as_filed
from breachdesk.sealing.check_files import MOST_NAMED


@dataclass(frozen=True)
class _Filing:
    """A filing's data, of the shape that `phase_document.phase_as_json` gives, and its hash."""

    reference: str
    number: int
    hash: str


def check_filing(
    files: Mapping[str, bytes], name: str, number: int, head: str | None, found: Findings
) -> bool:
    """Check a filing's data against the journal's line beside it; whether both could be read.

    Args:
        name, number: of its data, as `filing_files.filing_among` found them.
        head: a hash of the journal that the reader was given earlier.
    """
    for other in sorted(set(files) - {name, LINE_NAME})[:MOST_NAMED]:
        found.fails(Subject.FILES, "file_unknown", name=other)
    if LINE_NAME not in files:
        found.fails(Subject.FILES, "line_missing", name=LINE_NAME)
    filing = _read_filing(files[name], number, found)
    filed = _read_line(files[LINE_NAME], found) if LINE_NAME in files else None
    if filing is None or filed is None:
        return False
    if found.is_well(Subject.FILES):
        found.holds(Subject.FILES, "filing_holds", number=filing.number, reference=filing.reference)
    _check_attested(filing, filed, found)
    if head is not None:
        _check_head(filed, head, found)
    return True


def _read_filing(content: bytes, number: int, found: Findings) -> _Filing | None:
    try:
        return _filing_of(strict_json(content), number)
    # Whatever is of another shape than ours.
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        found.fails(Subject.FILES, "filing_unreadable")
        return None


def _filing_of(value: Any, number: int) -> _Filing:
    if value["format"] != PHASE_FORMAT or type(value["sequence"]) is not int:
        raise ValueError("no filing")
    if value["sequence"] != number or not isinstance(value["reference"], str):
        raise ValueError("no filing")
    # Every field of every form can be read.
    if not any([fields_as_filed(value, form) for form in value["forms"]]):
        raise ValueError("no form")
    NotificationKind(value["kind"])
    datetime.fromisoformat(value["recorded_at"])
    return _Filing(value["reference"], number, content_hash(value))


def _read_line(content: bytes, found: Findings) -> FiledLine | None:
    try:
        lines = read_journal_file(content).lines
        if len(lines) != 1:
            raise UnreadableJournal(0, "not one line")
        filed = lines[0]
        is_right = line_hash(filed.line) == filed.hash
    except (ValueError, RecursionError):
        # Also half a character, which has no hash; or parameters nested too deep.
        found.fails(Subject.JOURNAL, "line_unreadable")
        return None
    if not is_right:
        found.fails(Subject.JOURNAL, "line_altered", line=filed.line.sequence)
        return None
    return filed


def _check_attested(filing: _Filing, filed: FiledLine, found: Findings) -> None:
    line = filed.line
    said = (line.code, line.parameters.get("sequence"), line.parameters.get("content"))
    if said == (Entry.PHASE_FILED, filing.number, filing.hash):
        found.holds(
            Subject.JOURNAL,
            "filing_attested",
            line=line.sequence,
            head=filed.hash,
            at=line.at.isoformat(),
        )
    else:
        found.fails(Subject.JOURNAL, "filing_differs", line=line.sequence)


def _check_head(filed: FiledLine, head: str, found: Findings) -> None:
    """Of the whole journal the file holds one line, and the hash of the line before."""
    line = filed.line
    if head == filed.hash:
        found.holds(Subject.HEAD, "head_is_line", line=line.sequence, at=line.at.isoformat())
    elif head == line.previous:
        found.holds(Subject.HEAD, "head_is_before", line=line.sequence)
    else:
        found.open(Subject.HEAD, "head_not_here")
