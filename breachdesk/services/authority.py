"""The notification to the authority: laid out from the case, filed by a human."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from breachdesk.domain.access import Action
from breachdesk.domain.authority_case_values import FilingAnswers
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.authority_forms import CNIL_2023, form_named, forms, lay_out
from breachdesk.domain.case_record import CaseRecord
from breachdesk.domain.errors import InvalidInput, WrongStep
from breachdesk.domain.form_layout import FormLayout
from breachdesk.domain.journal import Entry
from breachdesk.domain.phase_document import FiledPhase, content_hash, phase_as_json
from breachdesk.models import Attachment, AuthorityPhase, Incident
from breachdesk.services.acting import Acting, Desk
from breachdesk.services.attachments import Upload, keep_attachment
from breachdesk.services.case_records import read_case_for_form
from breachdesk.services.cases import Case, case_of, lock_case, refresh_stage
from breachdesk.services.clock_calendars import call_off_calendars
from breachdesk.services.clocks import is_filed_late, stop_what_is_filed
from breachdesk.services.journal import write_journal
from breachdesk.services.qualification import demand_reason

# Whom filings are made to, as a code of `domain/law`.
AUTHORITY = "cnil"
# The same in rows and in the journal, which keep what they were first written with.
AUTHORITY_KEPT = "CNIL"
# What follows a notification that stands.
FOLLOWS = frozenset({NotificationKind.FOLLOW_UP, NotificationKind.WITHDRAWAL})


@dataclass(frozen=True)
class Filing:
    """What the human did on the authority's site."""

    kind: NotificationKind
    filed_at: datetime
    number: str = ""
    reasons_for_delay: str = ""
    receipt: Upload | None = None
    withdrawal_reason: str = ""


def lay_out_form(
    session: Session, incident: Incident, *, by: Acting, now: datetime, form: str = CNIL_2023
) -> tuple[CaseRecord, FormLayout]:
    """An authority's form filled in from the case as it stands, and the case itself.

    The case comes without its journal and its mails. Raises KeyError for an unknown form.
    """
    by.demand(Action.SEE_CASE)
    record = read_case_for_form(session, incident, by=by.user, now=now)
    return record, lay_out(form_named(form), record)


def lay_out_forms(
    record: CaseRecord, answers: FilingAnswers | None = None
) -> dict[str, FormLayout]:
    """Every form that we know, laid out from a case, by the form's code."""
    return {code: lay_out(form, record, answers) for code, form in forms().items()}


def record_filing(
    session: Session, desk: Desk, incident: Incident, filing: Filing, *, by: Acting, now: datetime
) -> AuthorityPhase:
    """Record a filing as a phase, with the forms as they stand; the first stops the clock.

    After a withdrawal the next filing is a first one again.

    Raises:
        WrongStep: the incident is not a breach, or there is nothing to complete or withdraw.
        InvalidInput: filed in the future or before awareness; late, or withdrawn, without
            reasons.
    """
    by.demand(Action.RECORD_FILING)
    lock_case(session, incident)
    case = case_of(session, incident)
    _check(case, filing, now=now)
    is_first = not stands(case)
    was_late = is_first and _is_late(case, filing)
    withdrawn_because = _withdrawal_reason(filing)
    reasons = _reasons_for_delay(session, incident, filing, was_late=was_late)
    answers = FilingAnswers(
        kind=filing.kind,
        filed_at=filing.filed_at,
        reasons_for_delay=reasons,
        withdrawal_reason=withdrawn_because,
    )
    # Before the receipt is among the case's files: it came after the filing.
    record = read_case_for_form(session, incident, by=by.user, now=now)
    layouts = lay_out_forms(record, answers)
    receipt = (
        keep_attachment(session, desk, incident, filing.receipt, by=by, now=now)
        if filing.receipt
        else None
    )
    filed = FiledPhase(
        reference=incident.reference,
        organisation=record.organisation.name,
        authority=AUTHORITY,
        sequence=_next_sequence(session, incident),
        kind=filing.kind,
        is_complete=_is_complete(filing.kind, layouts[CNIL_2023]),
        filed_at=filing.filed_at,
        was_late=was_late,
        recorded_by=by.user.name,
        recorded_at=now,
        number=filing.number.strip(),
        reasons_for_delay=reasons,
        withdrawal_reason=withdrawn_because,
        receipt_name=receipt.name if receipt else "",
        receipt_sha256=receipt.sha256 if receipt else "",
    )
    phase = _keep(session, incident, filed, layouts.values(), receipt, by=by)
    stop_what_is_filed(
        session,
        incident,
        authority=AUTHORITY,
        kind=filing.kind,
        is_first=is_first,
        filed_at=filing.filed_at,
        by=by.user,
        now=now,
    )
    call_off_calendars(session, incident, now=now)
    refresh_stage(session, incident)
    session.commit()
    return phase


def _keep(
    session: Session,
    incident: Incident,
    filed: FiledPhase,
    layouts: Iterable[FormLayout],
    receipt: Attachment | None,
    *,
    by: Acting,
) -> AuthorityPhase:
    """Write down a filing and the journal's line that attests its content; does not commit."""
    phase = AuthorityPhase(
        incident_id=incident.id,
        authority=AUTHORITY_KEPT,
        sequence=filed.sequence,
        kind=filed.kind.value,
        filed_at=filed.filed_at,
        number=filed.number,
        reasons_for_delay=filed.reasons_for_delay,
        withdrawal_reason=filed.withdrawal_reason,
        is_complete=filed.is_complete,
        was_late=filed.was_late,
        receipt=receipt,
        content=phase_as_json(filed, layouts),
        recorded_by=by.user,
        recorded_at=filed.recorded_at,
    )
    session.add(phase)
    write_journal(
        session,
        incident,
        Entry.PHASE_FILED,
        by=by.user,
        at=filed.recorded_at,
        reason=filed.withdrawal_reason or filed.reasons_for_delay,
        authority=AUTHORITY_KEPT,
        kind=filed.kind.value,
        sequence=filed.sequence,
        filed_at=filed.filed_at.isoformat(),
        was_late=filed.was_late,
        content=content_hash(phase.content),
    )
    return phase


def stands(case: Case) -> bool:
    """Whether a notification stands with the authority: filed, and not withdrawn since."""
    return case.is_filed


def kinds_on_offer(case: Case) -> tuple[NotificationKind, ...]:
    """The kinds of filing that can be recorded now: a follow-up follows something."""
    if stands(case):
        return tuple(kind for kind in NotificationKind if kind is not NotificationKind.INITIAL)
    return tuple(kind for kind in NotificationKind if kind not in FOLLOWS)


def _is_late(case: Case, filing: Filing) -> bool:
    due_at = case.clock.due_at if case.clock else None
    return due_at is not None and filing.filed_at > due_at


def _withdrawal_reason(filing: Filing) -> str:
    if filing.kind is not NotificationKind.WITHDRAWAL:
        return ""
    return demand_reason(
        filing.withdrawal_reason.strip(),
        field="withdrawal_reason",
        code="withdrawal_reason_missing",
    )


def _reasons_for_delay(
    session: Session, incident: Incident, filing: Filing, *, was_late: bool
) -> str:
    """Why it is late, demanded where it is. A withdrawal has no limit."""
    reasons = filing.reasons_for_delay.strip()
    if was_late:
        return demand_reason(reasons, field="reasons_for_delay", code="delay_reasons_missing")
    if is_filed_late(
        session, incident, authority=AUTHORITY, kind=filing.kind, filed_at=filing.filed_at
    ):
        # Such as 24 hours of a telecom provider, or the 72 that the CNIL gives a follow-up.
        code = "other_delay_reasons_missing"
        return demand_reason(reasons, field="reasons_for_delay", code=code)
    return reasons


def _is_complete(kind: NotificationKind, layout: FormLayout) -> bool:
    """Whether nothing is left open: an initial one says itself that more is to follow.

    A whole one is taken at the form's word and not at its kind's, as a follow-up is.
    """
    return kind is not NotificationKind.INITIAL and not layout.open_ends()


def _check(case: Case, filing: Filing, *, now: datetime) -> None:
    incident = case.incident
    if incident.closed_at is not None:
        raise WrongStep("case_closed", reference=incident.reference)
    if not case.progress.is_breach or incident.aware_at is None:
        raise WrongStep("not_qualified_as_breach", reference=incident.reference)
    if filing.kind in FOLLOWS and not stands(case):
        raise WrongStep("nothing_filed_yet", reference=incident.reference)
    if filing.kind is NotificationKind.INITIAL and stands(case):
        # Such as two people who record the same filing at the same time.
        raise WrongStep("already_notified", reference=incident.reference)
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
