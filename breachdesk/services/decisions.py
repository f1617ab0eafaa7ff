"""Advising on an assessment, signing the decision on the advice."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from breachdesk.domain.access import Action
from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.errors import ChangedMeanwhile, WrongStep
from breachdesk.domain.journal import Entry
from breachdesk.domain.lifecycle import Communicate
from breachdesk.domain.regimes import GDPR_ART_33
from breachdesk.models import Advice, Decision, Incident
from breachdesk.services.acting import Acting
from breachdesk.services.cases import Case, open_breach, refresh_stage
from breachdesk.services.clock_calendars import call_off_calendars
from breachdesk.services.clocks import start_clock, stop_clock
from breachdesk.services.journal import write_journal
from breachdesk.services.processing_role import is_processor
from breachdesk.services.qualification import demand_reason


def decisions_of(session: Session, incident: Incident) -> Sequence[Decision]:
    """Every decision ever signed on a case, the latest first, each with its advice; one query."""
    return session.scalars(
        select(Decision)
        .where(Decision.incident_id == incident.id)
        .order_by(Decision.id.desc())
        .options(
            joinedload(Decision.by),
            joinedload(Decision.advice).joinedload(Advice.by),
            joinedload(Decision.advice).joinedload(Advice.assessment),
        )
    ).all()


def is_for_controllers(result: Mapping[str, object]) -> bool:
    """Whether the two duties are the controllers', whose processor we are (GDPR Art. 33(2))."""
    return result.get("inform_controllers") == "yes"


def duties_of_our_own(result: Mapping[str, object]) -> tuple[str, str]:
    """What the rules say that this organisation owes: to notify, to communicate; as answers.

    A processor owes neither: it tells the controllers.
    """
    if is_for_controllers(result):
        return "no", "no"
    return str(result["notify_authority"]), str(result["communicate_to_data_subjects"])


def departs_from_rules(
    result: Mapping[str, object], *, notify: bool, communicate: Communicate
) -> bool:
    """Whether a choice says less than the rules, or the contrary, and so needs a reason.

    Where the rules say "depends", to notify is the CNIL's own advice and needs none.
    Telling people voluntarily where it is not owed never needs one.
    """
    verdict_notify, verdict_communicate = duties_of_our_own(result)
    if (verdict_notify == "no" and notify) or (verdict_notify != "no" and not notify):
        return True
    if verdict_communicate == "yes":
        return communicate is not Communicate.OWED
    if verdict_communicate == "no":
        return communicate is Communicate.OWED
    return communicate is Communicate.NONE


def advise(
    session: Session,
    incident: Incident,
    *,
    assessment_id: int,
    notify: bool,
    communicate: Communicate,
    reason: str = "",
    by: Acting,
    now: datetime,
) -> Advice:
    """Advise on the latest assessment.

    Raises:
        WrongStep: there is no assessment.
        ChangedMeanwhile: there is a newer assessment than the one advised on.
        InvalidInput: the advice departs from the rules' verdict without a reason.
    """
    by.demand(Action.ADVISE)
    case = open_breach(session, incident)
    if case.assessment is None:
        raise WrongStep("not_assessed", reference=incident.reference)
    if case.assessment.id != assessment_id:
        raise ChangedMeanwhile("newer_assessment", version=case.assessment.version)
    overrides = departs_from_rules(case.assessment.result, notify=notify, communicate=communicate)
    if overrides:
        reason = demand_reason(reason, field="reason", code="override_reason_missing")
    advice = Advice(
        assessment_id=assessment_id,
        notify=notify,
        communicate=communicate.value,
        reason=reason.strip(),
        overrides=overrides,
        by=by.user,
        at=now,
    )
    session.add(advice)
    write_journal(
        session,
        incident,
        Entry.ADVISED,
        by=by.user,
        at=now,
        reason=advice.reason,
        notify=notify,
        communicate=communicate.value,
        overrides=overrides,
    )
    refresh_stage(session, incident)
    session.commit()
    return advice


def decide(
    session: Session,
    incident: Incident,
    *,
    advice_id: int,
    notify: bool,
    communicate: Communicate,
    reason: str = "",
    by: Acting,
    now: datetime,
) -> Decision:
    """Sign the decision on the advice. A signed "no" stops the clock.

    Raises:
        WrongStep: there is no advice on the latest assessment, or it is decided already.
        ChangedMeanwhile: there is newer advice than the one decided on.
        InvalidInput: the decision departs from the advice without a reason.
    """
    by.demand(Action.DECIDE)
    case = open_breach(session, incident)
    if case.advice is None:
        raise WrongStep("not_advised", reference=incident.reference)
    if case.advice.id != advice_id:
        raise ChangedMeanwhile("newer_advice")
    if case.decision is not None:
        raise WrongStep("already_decided", reference=incident.reference)
    overrides = (notify, communicate.value) != (case.advice.notify, case.advice.communicate)
    if overrides:
        reason = demand_reason(reason, field="reason", code="override_reason_missing")
    decision = Decision(
        incident_id=incident.id,
        advice_id=advice_id,
        notify=notify,
        communicate=communicate.value,
        reason=reason.strip(),
        overrides=overrides,
        by=by.user,
        at=now,
    )
    session.add(decision)
    write_journal(
        session,
        incident,
        Entry.DECIDED,
        by=by.user,
        at=now,
        reason=decision.reason,
        notify=notify,
        communicate=communicate.value,
        overrides=overrides,
    )
    _move_clock(session, case, notify=notify, by=by, now=now)
    call_off_calendars(session, incident, now=now)
    refresh_stage(session, incident)
    session.commit()
    return decision


def _move_clock(session: Session, case: Case, *, notify: bool, by: Acting, now: datetime) -> None:
    incident, clock = case.incident, case.clock
    if not notify:
        stop_clock(
            session,
            incident,
            StopReason.DECIDED_NOT_TO_NOTIFY,
            stopped_at=now,
            by=by.user,
            now=now,
        )
    elif (
        clock is not None
        and clock.stop_reason in (StopReason.DECIDED_NOT_TO_NOTIFY, StopReason.FILED)
        and not case.is_filed
        # A processor that notifies all the same owes no hour: see `follow_role`.
        and not is_processor(session, incident)
    ):
        # A "no" was overturned, or what was filed has been taken back. The strictest reading:
        # it counts from the first awareness.
        start_clock(
            session,
            incident,
            GDPR_ART_33,
            started_at=clock.started_at,
            by=by.user,
            now=now,
        )
