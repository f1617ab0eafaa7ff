"""The journal's hash chain: each line commits to the one before.

A line holds codes, counts and a salted commitment to any free or personal text. The
text lies elsewhere and can be erased: the salt goes with it, the chain still verifies.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

FIRST_LINK = "0" * 64
_canonical = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


class Entry(StrEnum):
    """What a journal line records."""

    OPENED = "opened"
    FACT_RECORDED = "fact_recorded"
    ATTACHMENT_ADDED = "attachment_added"
    QUALIFIED_AS_BREACH = "qualified_as_breach"
    QUALIFIED_NOT_BREACH = "qualified_not_breach"
    CLOCK_STARTED = "clock_started"
    CLOCK_STOPPED = "clock_stopped"
    CLOCK_REFUSED = "clock_refused"
    REMINDER_ACKNOWLEDGED = "reminder_acknowledged"
    ASSESSED = "assessed"
    ADVISED = "advised"
    DECIDED = "decided"
    REOPENED = "reopened"
    CASE_OPENED_AGAIN = "case_opened_again"
    NOTICE_DRAFTED = "notice_drafted"
    RECIPIENTS_IMPORTED = "recipients_imported"
    NOTICE_APPROVED = "notice_approved"
    NOTICE_APPROVAL_WAIVED = "notice_approval_waived"
    SENDING_STARTED = "sending_started"
    SENDING_FINISHED = "sending_finished"
    REMINDERS_REPLANNED = "reminders_replanned"
    REMINDER_SENT = "reminder_sent"
    PHASE_FILED = "phase_filed"
    DOSSIER_MADE = "dossier_made"
    DOSSIER_ERASED = "dossier_erased"
    CLOSED = "closed"
    CASE_RESTRICTED = "case_restricted"
    CASE_OPENED_TO_ALL = "case_opened_to_all"
    PERSON_NAMED = "person_named"
    PERSON_NO_LONGER_NAMED = "person_no_longer_named"
    CASE_READ = "case_read"
    RECIPIENTS_SEEN = "recipients_seen"
    RECIPIENTS_EXPORTED = "recipients_exported"
    REPORT_COMPLETED = "report_completed"
    REPORTER_ASKED = "reporter_asked"
    CASES_LINKED = "cases_linked"
    # Of an organisation.
    ORGANISATION_CREATED = "organisation_created"
    ORGANISATION_CHANGED = "organisation_changed"
    USER_ADDED = "user_added"
    USER_INVITED = "user_invited"
    INVITATION_REVOKED = "invitation_revoked"
    USER_JOINED = "user_joined"
    ROLES_CHANGED = "roles_changed"
    USER_LEFT = "user_left"
    SIGN_IN_RULE_CHANGED = "sign_in_rule_changed"
    IDENTITY_PROVIDER_CHANGED = "identity_provider_changed"
    MAIL_ACCOUNT_CHANGED = "mail_account_changed"
    MAIL_ACCOUNT_REMOVED = "mail_account_removed"
    MAIL_COMPROMISED = "mail_compromised"
    MAIL_TRUSTED_AGAIN = "mail_trusted_again"
    REPORTING_CHANGED = "reporting_changed"
    PROCESSOR_INVITED = "processor_invited"
    PROCESSOR_LINK_REVOKED = "processor_link_revoked"
    REMINDER_PLAN_CHANGED = "reminder_plan_changed"
    DEADLINE_SETTINGS_CHANGED = "deadline_settings_changed"
    DOSSIER_RETENTION_CHANGED = "dossier_retention_changed"
    ABSENCE_RECORDED = "absence_recorded"
    ABSENCE_CANCELLED = "absence_cancelled"
    DUTY_SHIFT_ADDED = "duty_shift_added"
    DUTY_SHIFT_CANCELLED = "duty_shift_cancelled"


@dataclass(frozen=True)
class Line:
    """One line as it is sealed. `at` is timezone-aware UTC; `actor_id` None is the desk."""

    chain: str
    sequence: int
    at: datetime
    actor_id: int | None
    code: str
    parameters: Mapping[str, object]
    commitment: str
    previous: str


def commitment_to(text: str, salt: str) -> str:
    """A commitment that reveals nothing of the text without its salt (hexadecimal)."""
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def canonical_value(value: object) -> str:
    """A fact's value as text to commit to."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def line_hash(line: Line) -> str:
    """SHA-256 of the line's canonical JSON, in hexadecimal."""
    content = {
        "chain": line.chain,
        "sequence": line.sequence,
        "at": line.at.isoformat(timespec="microseconds"),
        "actor": line.actor_id,
        "code": line.code,
        "parameters": line.parameters,
        "commitment": line.commitment,
        "previous": line.previous,
    }
    return hashlib.sha256(_canonical(content).encode()).hexdigest()


def first_broken_line(lines: Iterable[tuple[Line, str]]) -> int | None:
    """The sequence number of the first line that does not hold, or None if all do.

    Args:
        lines: each line with the hash kept for it, in order of sequence.
    """
    previous, expected = FIRST_LINK, 1
    for line, kept_hash in lines:
        if line.sequence != expected or line.previous != previous:
            return expected
        if line_hash(line) != kept_hash:
            return line.sequence
        previous, expected = kept_hash, expected + 1
    return None
