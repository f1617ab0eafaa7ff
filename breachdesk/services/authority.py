"""The notification to the authority: laid out from the case, filed by a human."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from breachdesk.domain.access import Action
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.authority_notification import (
    FormPart,
    lay_out_notification,
    notification_as_json,
)
from breachdesk.domain.case_record import CaseRecord
from breachdesk.domain.errors import InvalidInput, WrongStep
from breachdesk.domain.journal import Entry
from breachdesk.models import AuthorityPhase, Incident
from breachdesk.services.acting import Acting, Desk
from breachdesk.services.attachments import Upload, keep_attachment
from breachdesk.services.case_records import read_case_record
from breachdesk.services.cases import Case, case_of, lock_case, refresh_stage
from breachdesk.services.clocks import is_filed_late, stop_what_is_filed
from breachdesk.services.journal import write_journal
from breachdesk.services.qualification import demand_reason

# Whom filings are made to, as a code of `domain/law`.
AUTHORITY = "cnil"


@dataclass(frozen=True)
class Filing:
    """What the human did on the authority's site."""

    kind: NotificationKind
    filed_at: datetime
    number: str = ""
    reasons_for_delay: str = ""
    receipt: Upload | None = None


def lay_out_form(
    session: Session, incident: Incident, *, by: Acting, now: datetime
) -> tuple[CaseRecord, tuple[FormPart, ...]]:
    """The authority's form filled in from the case as it stands, and the case itself."""
    by.demand(Action.SEE_CASE)
    record = read_case_record(session, incident, by=by.user, now=now)
    return record, lay_out_notification(record)


def record_filing(
    session: Session, desk: Desk, incident: Incident, filing: Filing, *, by: Acting, now: datetime
) -> AuthorityPhase:
    """Record a filing as a phase, with the form as it stands; the first stops the clock.

    Raises:
        WrongStep: the incident is not a breach, or a follow-up comes before a first filing.
        InvalidInput: filed in the future or before awareness; late without reasons.
    """
    by.demand(Action.RECORD_FILING)
    lock_case(session, incident)
    case = case_of(session, incident)
    _check(case, filing, now=now)
    due_at = case.clock.due_at if case.clock else None
    was_late = due_at is not None and filing.filed_at > due_at
    is_first = case.counts["phases"] == 0
    reasons = filing.reasons_for_delay.strip()
    if is_first and was_late:
        reasons = demand_reason(reasons, field="reasons_for_delay", code="delay_reasons_missing")
    elif is_filed_late(
        session,
        incident,
        authority=AUTHORITY,
        kind=filing.kind,
        filed_at=filing.filed_at,
    ):
        # Such as 24 hours of a telecom provider, or the 72 that the CNIL gives a follow-up.
        code = "other_delay_reasons_missing"
        reasons = demand_reason(reasons, field="reasons_for_delay", code=code)
    receipt = (
        keep_attachment(session, desk, incident, filing.receipt, by=by, now=now)
        if filing.receipt
        else None
    )
    record = read_case_record(session, incident, by=by.user, now=now)
    phase = AuthorityPhase(
        incident_id=incident.id,
        authority="CNIL",
        sequence=_next_sequence(session, incident),
        kind=filing.kind.value,
        filed_at=filing.filed_at,
        number=filing.number.strip(),
        reasons_for_delay=reasons,
        was_late=is_first and was_late,
        receipt=receipt,
        content=notification_as_json(lay_out_notification(record)),
        recorded_by=by.user,
        recorded_at=now,
    )
    session.add(phase)
    write_journal(
        session,
        incident,
        Entry.PHASE_FILED,
        by=by.user,
        at=now,
        reason=reasons,
        authority="CNIL",
        kind=filing.kind.value,
        sequence=phase.sequence,
        filed_at=filing.filed_at.isoformat(),
        was_late=phase.was_late,
    )
    stop_what_is_filed(
        session,
        incident,
        authority=AUTHORITY,
        kind=filing.kind,
        filed_at=filing.filed_at,
        by=by.user,
        now=now,
    )
    refresh_stage(session, incident)
    session.commit()
    return phase


def _check(case: Case, filing: Filing, *, now: datetime) -> None:
    incident = case.incident
    if incident.closed_at is not None:
        raise WrongStep("case_closed", reference=incident.reference)
    if not case.progress.is_breach or incident.aware_at is None:
        raise WrongStep("not_qualified_as_breach", reference=incident.reference)
    follows = filing.kind in (NotificationKind.FOLLOW_UP, NotificationKind.WITHDRAWAL)
    if follows and not case.counts["phases"]:
        raise WrongStep("nothing_filed_yet", reference=incident.reference)
    if filing.filed_at > now:
        raise InvalidInput("filed_in_future", field="filed_at")
    if filing.filed_at < _aware_at(case).replace(second=0, microsecond=0):
        raise InvalidInput("filed_before_aware", field="filed_at")


def _aware_at(case: Case) -> datetime:
    """When awareness came: the first, or that from which a clock that still runs counts."""
    runs = case.clock is not None and case.clock.stopped_at is None
    aware_at = case.clock.started_at if case.clock and runs else case.incident.aware_at
    assert aware_at is not None
    return aware_at


def _next_sequence(session: Session, incident: Incident) -> int:
    count = session.scalar(
        select(func.max(AuthorityPhase.sequence)).where(AuthorityPhase.incident_id == incident.id)
    )
    return (count or 0) + 1
