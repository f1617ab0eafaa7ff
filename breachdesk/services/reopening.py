"""Taking up a signed decision not to notify: the clock question is asked again."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from breachdesk.domain.access import Action
from breachdesk.domain.assessment_changes import AssessmentChanges, compare
from breachdesk.domain.duties import assess as assess_facts
from breachdesk.domain.errors import ChangedMeanwhile, InvalidInput, WrongStep
from breachdesk.domain.facts import facts_for_assessment
from breachdesk.domain.journal import Entry
from breachdesk.domain.regimes import GDPR_ART_33
from breachdesk.models import Decision, Incident, Reopening
from breachdesk.services.acting import Acting
from breachdesk.services.cases import Case, case_of, lock_case, refresh_stage
from breachdesk.services.clocks import start_clock
from breachdesk.services.journal import write_journal
from breachdesk.services.known_facts import answers_from, latest_facts
from breachdesk.services.processing_role import is_processor
from breachdesk.services.qualification import demand_reason


def reopen_decision(
    session: Session,
    incident: Incident,
    *,
    decision_id: int,
    aware_at: datetime,
    reason: str,
    by: Acting,
    now: datetime,
) -> Reopening:
    """Take up a signed decision not to notify: the clock runs again, from a new awareness.

    Whoever may say since when a breach is known may say it of what changed: the DPO as well
    as the decider, so that the absence of either never holds the clock. Whether to notify
    is then advised and decided anew. A case closed on that decision is open again.

    Args:
        decision_id: the decision that the person had before them.
        aware_at: when the organisation learnt of the change, Art. 33(1) and EDPB 9/2022: a
            breach that was no risk may become one, such as once the key is compromised.

    Raises:
        WrongStep: no decision not to notify holds the clock, or it was taken up already; or we
            are the processor, and owe the authority nothing (Art. 33(2)).
        ChangedMeanwhile: another decision was signed since.
        InvalidInput: awareness to come, or before the breach itself was known; no reason.
    """
    by.demand(Action.QUALIFY)
    lock_case(session, incident)
    case = case_of(session, incident)
    decision = _decision_to_reopen(case, decision_id)
    if is_processor(session, incident):
        raise WrongStep("processor_owes_no_filing", reference=incident.reference)
    _check_awareness(incident, aware_at, now=now)
    reason = demand_reason(reason, field="reason", code="reopening_reason_missing")
    write_journal(
        session,
        incident,
        Entry.REOPENED,
        by=by.user,
        at=now,
        reason=reason,
        aware_at=aware_at.isoformat(),
    )
    _open_again(session, incident, by=by, now=now)
    clock = start_clock(session, incident, GDPR_ART_33, started_at=aware_at, by=by.user, now=now)
    reopening = Reopening(
        incident_id=incident.id,
        decision_id=decision.id,
        clock_id=clock.id,
        aware_at=aware_at,
        reason=reason,
        by=by.user,
        at=now,
    )
    session.add(reopening)
    refresh_stage(session, incident)
    session.commit()
    return reopening


def _decision_to_reopen(case: Case, decision_id: int) -> Decision:
    reference = case.incident.reference
    if case.signed is not None and case.signed.id != decision_id:
        raise ChangedMeanwhile("newer_decision")
    if case.reopening is not None:
        raise WrongStep("already_reopened", reference=reference)
    if case.signed is None or not case.holds_no:
        raise WrongStep("nothing_to_reopen", reference=reference)
    return case.signed


def _check_awareness(incident: Incident, aware_at: datetime, *, now: datetime) -> None:
    if aware_at > now:
        raise InvalidInput("aware_in_future", field="aware_at")
    # Compared by the minute: that is what the form shows and takes.
    first = incident.aware_at
    if first is not None and aware_at < first.replace(second=0, microsecond=0):
        raise InvalidInput("reopened_before_aware", field="aware_at")


def _open_again(session: Session, incident: Incident, *, by: Acting, now: datetime) -> None:
    if incident.closed_at is None:
        return
    incident.closed_at = None
    write_journal(session, incident, Entry.CASE_OPENED_AGAIN, by=by.user, at=now)


def changes_since_decision(session: Session, decision: Decision) -> AssessmentChanges:
    """What the signed decision rested on, beside what is known by now."""
    assessment = decision.advice.assessment
    incident = session.get_one(Incident, decision.incident_id)
    known = facts_for_assessment(answers_from(latest_facts(session, incident)))
    return compare(assessment.facts, assessment.result, known, assess_facts(known).as_record())


def reopenings_of(session: Session, incident: Incident) -> list[Reopening]:
    """Every decision taken up again, the first one first, with who did it; one query."""
    return list(
        session.scalars(
            select(Reopening)
            .where(Reopening.incident_id == incident.id)
            .order_by(Reopening.id)
            .options(joinedload(Reopening.by))
        )
    )
