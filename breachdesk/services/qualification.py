"""Qualifying an incident: a personal data breach, or not one."""

from datetime import datetime

from sqlalchemy.orm import Session

from breachdesk.domain.access import Action
from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.errors import InvalidInput, WrongStep
from breachdesk.domain.journal import Entry
from breachdesk.domain.written_reasons import FEWEST_WORDS, is_sentence
from breachdesk.models import Incident, Qualification
from breachdesk.services.acting import Acting
from breachdesk.services.cases import case_of, lock_case, refresh_stage
from breachdesk.services.clock_calendars import call_off_calendars
from breachdesk.services.clocks import main_clock, stop_clock, stop_clocks_of_breach
from breachdesk.services.journal import write_journal
from breachdesk.services.processing_role import start_main_duty


def demand_reason(reason: str, *, field: str, code: str = "reason_missing") -> str:
    """The reason without surrounding blanks.

    Raises:
        InvalidInput: less than a sentence.
    """
    reason = reason.strip()
    if not is_sentence(reason):
        raise InvalidInput(code, field=field, fewest=FEWEST_WORDS)
    return reason


def qualify_as_breach(
    session: Session,
    incident: Incident,
    *,
    aware_at: datetime,
    reason: str = "",
    by: Acting,
    now: datetime,
) -> None:
    """Record that the incident is a personal data breach: its clock starts.

    That of Art. 33(1), or of Art. 33(2) where we are the processor.

    Args:
        aware_at: when the controller became aware, Art. 33(1).
        reason: why awareness is later than the first notice; demanded when it is.

    Raises:
        WrongStep: it is a breach already.
        InvalidInput: awareness lies in the future or before the incident was noticed, or
            later without a reason.
    """
    _prepare(session, incident, by)
    if case_of(session, incident).progress.is_breach:
        raise WrongStep("already_qualified", reference=incident.reference)
    check_awareness(incident, aware_at, now=now)
    if aware_at > incident.noticed_at:
        reason = demand_reason(reason, field="reason", code="late_awareness_reason_missing")
    record_qualification(session, incident, True, aware_at, reason, by=by, now=now)
    provisional = main_clock(session, incident)
    stop_clock(session, incident, StopReason.QUALIFIED, stopped_at=now, by=by.user, now=now)
    # In its place, so that calendars no longer ring for the provisional one.
    start_main_duty(session, incident, aware_at=aware_at, by=by.user, now=now, replaces=provisional)
    call_off_calendars(session, incident, now=now)
    incident.aware_at = aware_at
    refresh_stage(session, incident)
    session.commit()


def check_awareness(
    incident: Incident, aware_at: datetime, *, now: datetime, field: str = "aware_at"
) -> None:
    """Raise InvalidInput of an awareness to come, or before the incident was noticed."""
    if aware_at > now:
        raise InvalidInput("aware_in_future", field=field)
    # Compared by the minute: that is what the form shows and takes.
    if aware_at < incident.noticed_at.replace(second=0, microsecond=0):
        raise InvalidInput("aware_before_noticed", field=field)


def qualify_as_no_breach(
    session: Session, incident: Incident, *, reason: str, by: Acting, now: datetime
) -> None:
    """Record that the incident is not a personal data breach, with the reason, kept.

    Raises:
        WrongStep: it is a breach already.
        InvalidInput: no reason given.
    """
    _prepare(session, incident, by)
    if case_of(session, incident).progress.is_breach is not None:
        raise WrongStep("already_qualified", reference=incident.reference)
    reason = demand_reason(reason, field="reason")
    record_qualification(session, incident, False, None, reason, by=by, now=now)
    stop_clock(session, incident, StopReason.NOT_A_BREACH, stopped_at=now, by=by.user, now=now)
    stop_clocks_of_breach(session, incident, by=by.user, now=now)
    call_off_calendars(session, incident, now=now)
    refresh_stage(session, incident)
    session.commit()


def _prepare(session: Session, incident: Incident, by: Acting) -> None:
    by.demand(Action.QUALIFY)
    lock_case(session, incident)
    if incident.closed_at is not None:
        raise WrongStep("case_closed", reference=incident.reference)


def record_qualification(
    session: Session,
    incident: Incident,
    is_breach: bool,
    aware_at: datetime | None,
    reason: str,
    *,
    by: Acting,
    now: datetime,
) -> None:
    """Keep what an incident was found to be, with its journal line; does not commit."""
    session.add(
        Qualification(
            incident_id=incident.id,
            is_breach=is_breach,
            aware_at=aware_at,
            reason=reason,
            by=by.user,
            at=now,
        )
    )
    code = Entry.QUALIFIED_AS_BREACH if is_breach else Entry.QUALIFIED_NOT_BREACH
    shown = {"aware_at": aware_at.isoformat()} if aware_at else {}
    write_journal(session, incident, code, by=by.user, at=now, reason=reason, **shown)
