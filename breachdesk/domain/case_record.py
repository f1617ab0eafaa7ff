"""A case as a value: everything the dossier says, read once and frozen.

The services read the rows into a `CaseRecord`; `documents` lays it out and prints it;
the JSON inside the dossier is `as_json` of the same object. It holds counts of
deliveries and no recipient's address. Instants are timezone-aware UTC; codes are those
of the vocabulary; sentences in the reader's language come from `wording`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from enum import Enum

from breachdesk.domain.deliveries import with_kept_apart
from breachdesk.domain.delivery_course import DeliveryCourse
from breachdesk.domain.reminder_ledger import ReminderLedger

CASE_RECORD_FORMAT = "breachdesk-case/1"


@dataclass(frozen=True)
class OrganisationRecord:
    """The controller or processor the case belongs to, as the CNIL form asks for it."""

    name: str
    code: str
    siren: str
    vat_number: str
    sector: str
    headcount: str
    address: str
    country: str
    timezone: str
    legal_representative: str
    contact_name: str
    contact_function: str
    contact_email: str
    contact_phone: str
    has_dpo: bool
    dpo_name: str = ""
    dpo_email: str = ""
    is_example: bool = False


@dataclass(frozen=True)
class FactRecord:
    """One fact as it stands. `value` is a JSON value (see `domain.facts.FactKind`).

    Args:
        salt: opens the journal's commitment to the value; empty once it was erased.
    """

    key: str
    state: str
    value: object
    source: str
    author: str
    recorded_at: datetime
    version: int
    salt: str = ""


@dataclass(frozen=True)
class ClockRecord:
    """One clock. `regime` is a code such as `gdpr_art_33` or `provisional`.

    Args:
        due_at: None where the regime gives no figure.
        rounded_due_at: the reading by whole hours, of the 72 hours alone.
        rule_version: of the rule of its day; `authority` and `binding` are codes.
        started_by, stopped_by: empty: the desk itself, or whoever has no account.
        replaces: counts from 1 in `clocks`: the one whose start was corrected into this.
    """

    regime: str
    started_at: datetime
    due_at: datetime | None
    rounded_due_at: datetime | None
    stopped_at: datetime | None
    stop_reason: str
    rule_version: str = ""
    authority: str = ""
    binding: str = ""
    stop_remark: str = ""
    started_by: str = ""
    stopped_by: str = ""
    replaces: int | None = None


@dataclass(frozen=True)
class RefusalRecord:
    """A regime that was offered, and that somebody said is not owed, with the reason."""

    regime: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class QualificationRecord:
    """Whether the incident was found to be a breach. `reason` is free text or empty."""

    is_breach: bool
    aware_at: datetime | None
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class AssessmentRecord:
    """One version of the assessment. `result` is `AssessmentResult.as_record()`: codes."""

    version: int
    made_by: str
    made_at: datetime
    facts: Mapping[str, object]
    result: Mapping[str, object]


@dataclass(frozen=True)
class AdviceRecord:
    """An advice beside the rules' verdict that it followed or overrode.

    `notify` is a bool; `communicate` one of `owed`, `voluntary`, `none`; of the verdict,
    each is one of `yes`, `no`, `depends`. `reason` may be empty where nothing was overridden.
    """

    assessment_version: int
    verdict_notify: str
    verdict_communicate: str
    by: str
    at: datetime
    notify: bool
    communicate: str
    reason: str
    overrides: bool


@dataclass(frozen=True)
class DecisionRecord:
    """A signed decision beside the advice, and both beside the rules' verdict.

    `*_notify` is a bool; `*_communicate` one of `owed`, `voluntary`, `none`; of the verdict,
    each is one of `yes`, `no`, `depends`.
    """

    assessment_version: int
    verdict_notify: str
    verdict_communicate: str
    advised_by: str
    advised_at: datetime
    advised_notify: bool
    advised_communicate: str
    advice_reason: str
    advice_overrides: bool
    decided_by: str
    decided_at: datetime
    decided_notify: bool
    decided_communicate: str
    decision_reason: str
    decision_overrides: bool


@dataclass(frozen=True)
class ReopeningRecord:
    """A decision not to notify, taken up again: `decision` counts from 1 in `decisions`.

    `clock` counts from 1 in `clocks`: the one that it started, at `aware_at`.
    """

    decision: int
    clock: int
    aware_at: datetime
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class PhaseRecord:
    """One filing with the authority. `content` is the form as it stood when it was filed.

    Args:
        is_complete: whether nothing that the form asks was left open; None: filed before this
            was kept.
    """

    authority: str
    kind: str
    filed_at: datetime
    number: str
    reasons_for_delay: str
    was_late: bool
    receipt_name: str
    recorded_by: str
    recorded_at: datetime
    withdrawal_reason: str = ""
    is_complete: bool | None = None
    content: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class NoticeRecord:
    """One communication to data subjects, as approved, with its delivery counts.

    `deliveries` maps a delivery state (`sent`, `queued`, `refused`, ...) to a count; `course`
    says how they went over time, None where nothing was queued.

    Args:
        kept_here: how many of those sent an example organisation kept: they went nowhere.
    """

    version: int
    basis: str
    subject: str
    body: str
    approved_by: str
    approved_at: datetime | None
    waiver_reason: str
    first_sent_at: datetime | None
    last_sent_at: datetime | None
    deliveries: Mapping[str, int]
    course: DeliveryCourse | None = None
    kept_here: int = 0

    @property
    def outcomes(self) -> Mapping[str, int]:
        """`deliveries` with what stayed here apart, as `kept_here`."""
        return with_kept_apart(self.deliveries, self.kept_here)

    @property
    def stayed_here(self) -> bool:
        """Whether nothing went out of all that was sent."""
        return bool(self.kept_here) and self.kept_here == self.deliveries.get("sent", 0)


@dataclass(frozen=True)
class ReminderRecord:
    """One mail to one of our own people. `answer` is the mail server's, no address in it."""

    kind: str
    planned_at: datetime
    to: str
    roles: tuple[str, ...]
    state: str
    sent_at: datetime | None
    answer: str


@dataclass(frozen=True)
class AttachmentRecord:
    """One file of the case. `size` in bytes; `sha256` in hexadecimal.

    Args:
        is_in_dossier: whether its bytes are in the dossier too.
    """

    name: str
    media_type: str
    size: int
    sha256: str
    added_by: str
    added_at: datetime
    is_in_dossier: bool = True


@dataclass(frozen=True)
class JournalRecord:
    """One line of the journal: who did what, when, why, chained by `hash`.

    Args:
        reason: empty where there was none, or where it was erased: the commitment stays then.
        salt: opens the commitment to the reason.
    """

    sequence: int
    at: datetime
    actor: str
    code: str
    parameters: Mapping[str, object]
    reason: str
    hash: str
    actor_id: int | None = None
    commitment: str = ""
    previous: str = ""
    salt: str = ""


@dataclass(frozen=True)
class OutsideRecord:
    """Who reported without an account: a processor, with when they became aware; or nobody.

    What a reporter says of themselves is sealed and stays out of the dossier.
    """

    channel: str
    processor: str
    processor_aware_at: datetime | None
    reported_at: datetime


@dataclass(frozen=True)
class MessageRecord:
    """One message between the case team and whoever reported. `author`: empty without account."""

    is_from_reporter: bool
    author: str
    text: str
    at: datetime


@dataclass(frozen=True)
class RemovedRecord:
    """A part that was removed from this copy of the case, never the part itself.

    Args:
        what: a path such as `facts/description`, `names`, `attachments/2`.
        why: the reason that whoever made the copy gave; may be empty.
    """

    what: str
    why: str = ""


@dataclass(frozen=True)
class CaseRecord:
    """The whole case at `made_at`. Lists are in time order, the latest last."""

    reference: str
    title: str
    dossier_number: int
    made_at: datetime
    made_by: str
    state: str
    opened_at: datetime
    opened_by: str
    organisation: OrganisationRecord
    facts: tuple[FactRecord, ...]
    qualifications: tuple[QualificationRecord, ...]
    clocks: tuple[ClockRecord, ...]
    assessments: tuple[AssessmentRecord, ...]
    decisions: tuple[DecisionRecord, ...]
    phases: tuple[PhaseRecord, ...]
    notices: tuple[NoticeRecord, ...]
    reminders: tuple[ReminderRecord, ...]
    attachments: tuple[AttachmentRecord, ...]
    journal: tuple[JournalRecord, ...]
    # Advice that no decision was signed on.
    advices: tuple[AdviceRecord, ...] = ()
    reopenings: tuple[ReopeningRecord, ...] = ()
    outside: OutsideRecord | None = None
    messages: tuple[MessageRecord, ...] = ()
    refusals: tuple[RefusalRecord, ...] = ()
    # Every reminder of the clocks; `reminders` are the mails of all kinds.
    ledger: ReminderLedger = field(default_factory=ReminderLedger)
    # The journal's chain, such as `incident:7`.
    chain: str = ""
    # Of an example organisation: whether none of the mails of the case left the desk.
    no_mail_left: bool = False
    # Of a redacted copy alone (see `domain.redaction`).
    removed: tuple[RemovedRecord, ...] = ()

    def is_removed(self, what: str) -> bool:
        """Whether this part was removed from this copy; `what` as in `RemovedRecord`."""
        return any(each.what == what for each in self.removed)

    def as_json(self) -> dict[str, object]:
        """The record as JSON values, with its format named; instants as ISO 8601 in UTC."""
        content = _plain(self)
        assert isinstance(content, dict)
        return {"format": CASE_RECORD_FORMAT, **content}


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value
