"""The communication to data subjects: drafted, checked, approved, sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import Insert, String, cast, func, insert, literal, select, update
from sqlalchemy.orm import Session

from breachdesk.domain.access import Action
from breachdesk.domain.case_record import CaseRecord
from breachdesk.domain.deliveries import NOTICE_PRIORITY, DeliveryState, MailKind
from breachdesk.domain.errors import ChangedMeanwhile, Incomplete, InvalidInput, WrongStep
from breachdesk.domain.journal import Entry
from breachdesk.domain.lifecycle import Communicate
from breachdesk.domain.notices import NoticeParts, NoticeState, missing_parts
from breachdesk.models import (
    Delivery,
    Incident,
    Notice,
    NoticeApproval,
    NoticeVersion,
    Recipient,
    RecipientImport,
)
from breachdesk.services.acting import Acting
from breachdesk.services.case_records import read_case_record
from breachdesk.services.cases import Case, open_breach, refresh_stage
from breachdesk.services.job_requests import lists_being_taken_in
from breachdesk.services.journal import write_journal
from breachdesk.services.posting import Piece, post
from breachdesk.services.qualification import demand_reason

LONGEST_SUBJECT = 150
LONGEST_PART = 5000


def record_to_draft_from(
    session: Session, incident: Incident, *, by: Acting, now: datetime
) -> CaseRecord:
    """The case as a first draft of the communication is built from it."""
    by.demand(Action.DRAFT_NOTICE)
    return read_case_record(session, incident, by=by.user, now=now)


def save_draft(
    session: Session,
    incident: Incident,
    *,
    subject: str,
    parts: NoticeParts,
    locale: str,
    seen_version: int,
    by: Acting,
    now: datetime,
) -> NoticeVersion:
    """Keep a new wording of the communication; what is missing is said, not refused.

    Args:
        seen_version: the version the person had before them, 0 for the first.

    Raises:
        WrongStep: the incident is not a breach, or the communication has been sent.
        ChangedMeanwhile: somebody wrote a newer version since.
        InvalidInput: no subject, or a text too long for a mail people will read.
    """
    by.demand(Action.DRAFT_NOTICE)
    case = open_breach(session, incident)
    current = case.notice_version.version if case.notice_version else 0
    if current != seen_version:
        raise ChangedMeanwhile("newer_notice_version", version=current)
    _check_texts(subject, parts)
    notice = case.notice or _new_notice(session, case, now)
    if notice.state not in (NoticeState.DRAFT, NoticeState.APPROVED):
        raise WrongStep("notice_already_sent", reference=incident.reference)
    notice.state = NoticeState.DRAFT
    version = NoticeVersion(
        notice=notice,
        version=current + 1,
        locale=locale,
        subject=" ".join(subject.split()),
        parts=parts.as_record(),
        author=by.user,
        written_at=now,
    )
    session.add(version)
    missing = [part.value for part in missing_parts(parts)]
    write_journal(
        session,
        incident,
        Entry.NOTICE_DRAFTED,
        by=by.user,
        at=now,
        version=version.version,
        missing=missing,
    )
    refresh_stage(session, incident)
    session.commit()
    return version


def _new_notice(session: Session, case: Case, now: datetime) -> Notice:
    owed = case.decision is not None and case.decision.communicate == Communicate.OWED
    basis = Communicate.OWED if owed else Communicate.VOLUNTARY
    notice = Notice(incident_id=case.incident.id, basis=basis.value, created_at=now)
    session.add(notice)
    session.flush()
    return notice


def _check_texts(subject: str, parts: NoticeParts) -> None:
    if not subject.strip():
        raise InvalidInput("subject_missing", field="subject")
    if len(subject) > LONGEST_SUBJECT:
        raise InvalidInput("text_too_long", field="subject", longest=LONGEST_SUBJECT)
    for name, content in parts.as_record().items():
        if len(content) > LONGEST_PART:
            raise InvalidInput("text_too_long", field=name, longest=LONGEST_PART)


def approve(
    session: Session,
    incident: Incident,
    *,
    version_id: int,
    waiver_reason: str = "",
    by: Acting,
    now: datetime,
) -> NoticeApproval:
    """Approve the latest wording, as somebody other than its author; or waive that.

    Raises:
        WrongStep: nothing to approve, or approved already.
        ChangedMeanwhile: there is a newer wording than the one approved.
        Incomplete: parts of Art. 34(2) are missing; `parts` names them.
        InvalidInput: the author approves their own text without a reason for the waiver.
    """
    by.demand(Action.APPROVE_NOTICE)
    case = open_breach(session, incident)
    version = _version_to_approve(case, version_id)
    if by.user.id == version.author_id:
        waiver_reason = demand_reason(
            waiver_reason, field="waiver_reason", code="waiver_reason_missing"
        )
    else:
        waiver_reason = ""
    approval = NoticeApproval(
        notice_version_id=version.id, waiver_reason=waiver_reason, by=by.user, at=now
    )
    session.add(approval)
    assert case.notice is not None
    case.notice.state = NoticeState.APPROVED
    code = Entry.NOTICE_APPROVAL_WAIVED if waiver_reason else Entry.NOTICE_APPROVED
    write_journal(
        session,
        incident,
        code,
        by=by.user,
        at=now,
        reason=waiver_reason,
        version=version.version,
    )
    session.commit()
    return approval


def _version_to_approve(case: Case, version_id: int) -> NoticeVersion:
    version = case.notice_version
    if version is None:
        raise WrongStep("no_notice", reference=case.incident.reference)
    if version.id != version_id:
        raise ChangedMeanwhile("newer_notice_version", version=version.version)
    if case.approval is not None:
        raise WrongStep("notice_already_approved", reference=case.incident.reference)
    missing = missing_parts(NoticeParts.from_record(version.parts))
    if missing:
        raise Incomplete("notice_incomplete", parts=tuple(part.value for part in missing))
    return version


def start_sending(
    session: Session,
    incident: Incident,
    *,
    by: Acting,
    now: datetime,
    seen: tuple[int, int] | None = None,
) -> int:
    """Queue the approved communication to every recipient; return how many.

    Args:
        seen: what the person agreed to send: the id of the wording, how many recipients.

    Raises:
        WrongStep: not decided, not approved, nobody to write to, sent already, or a list of
            recipients is still being taken in.
        ChangedMeanwhile: the wording or the recipients are no longer those seen.
    """
    by.demand(Action.SEND_NOTICE)
    case = open_breach(session, incident)
    notice, version = _notice_to_send(case)
    if lists_being_taken_in(session, incident):
        raise WrongStep("recipients_being_taken_in", reference=incident.reference)
    if seen is not None and seen != (version.id, case.counts["recipients"]):
        raise ChangedMeanwhile("notice_changed_before_sending")
    session.execute(_deliveries_of(case, notice, version, now))
    post(session, Piece.DELIVERIES)
    _erase_lists_not_taken_in(session, notice)
    count = session.scalar(select(func.count()).where(Delivery.notice_id == notice.id)) or 0
    notice.state, notice.sending_started_at = NoticeState.SENDING, now
    write_journal(
        session,
        incident,
        Entry.SENDING_STARTED,
        by=by.user,
        at=now,
        version=version.version,
        count=count,
    )
    session.commit()
    return count


def _erase_lists_not_taken_in(session: Session, notice: Notice) -> None:
    """Nobody can be added any more: what was uploaded for it is not kept a day longer."""
    session.execute(
        update(RecipientImport)
        .where(RecipientImport.notice_id == notice.id)
        .values(content=None)
        .execution_options(synchronize_session=False)
    )


def _notice_to_send(case: Case) -> tuple[Notice, NoticeVersion]:
    reference = case.incident.reference
    notice, version = case.notice, case.notice_version
    if notice is None or version is None or case.approval is None:
        raise WrongStep("notice_not_approved", reference=reference)
    if notice.state is not NoticeState.APPROVED:
        raise WrongStep("notice_already_sent", reference=reference)
    if case.decision is None or case.decision.communicate == Communicate.NONE:
        raise WrongStep("communication_not_decided", reference=reference)
    if not case.counts["recipients"]:
        raise WrongStep("no_recipients", reference=reference)
    # The decision may have come after the first draft.
    notice.basis = case.decision.communicate
    return notice, version


def _deliveries_of(case: Case, notice: Notice, version: NoticeVersion, now: datetime) -> Insert:
    """One statement queues every recipient, however many; a key each, so none twice."""
    same_for_all = {
        "organisation_id": case.incident.organisation_id,
        "incident_id": case.incident.id,
        "kind": MailKind.COMMUNICATION,
        "priority": NOTICE_PRIORITY,
        "notice_id": notice.id,
        "notice_version_id": version.id,
        "parameters": {},
        "state": DeliveryState.QUEUED,
        "attempts": 0,
        "queued_at": now,
        "next_attempt_at": now,
        "claimed_by": "",
        "answer": "",
    }
    types = Delivery.__table__.c
    values: dict[str, Any] = {
        name: literal(value, types[name].type) for name, value in same_for_all.items()
    }
    values["recipient_id"] = Recipient.id
    values["dedup_key"] = literal(f"notice:{notice.id}:") + cast(Recipient.id, String)
    chosen = select(*values.values()).where(Recipient.notice_id == notice.id).order_by(Recipient.id)
    return insert(Delivery).from_select(list(values), chosen)
