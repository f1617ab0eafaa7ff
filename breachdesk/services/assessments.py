"""Assessing a breach: each version is kept with the facts it took."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from breachdesk.domain.access import Action
from breachdesk.domain.duties import assess as assess_facts
from breachdesk.domain.facts import facts_for_assessment
from breachdesk.domain.journal import Entry
from breachdesk.models import Assessment, Incident
from breachdesk.services.acting import Acting
from breachdesk.services.cases import open_breach, refresh_stage
from breachdesk.services.journal import write_journal
from breachdesk.services.known_facts import answers_from, latest_facts


def assess_incident(
    session: Session, incident: Incident, *, by: Acting, now: datetime
) -> Assessment:
    """Assess the facts as they stand; a new version, none is ever overwritten.

    Raises:
        WrongStep: the incident is not qualified as a breach, or the case is closed.
    """
    by.demand(Action.ASSESS)
    case = open_breach(session, incident)
    known = latest_facts(session, incident)
    facts = facts_for_assessment(answers_from(known))
    result = assess_facts(facts).as_record()
    assessment = Assessment(
        incident_id=incident.id,
        version=case.assessment.version + 1 if case.assessment else 1,
        facts=facts,
        result=result,
        rules_version=str(result["rules_version"]),
        seen_fact_id=max((fact.id for fact in known.values()), default=None),
        made_by=by.user,
        made_at=now,
    )
    session.add(assessment)
    write_journal(
        session,
        incident,
        Entry.ASSESSED,
        by=by.user,
        at=now,
        version=assessment.version,
        risk=result["risk"],
        notify=result["notify_authority"],
        communicate=result["communicate_to_data_subjects"],
    )
    refresh_stage(session, incident)
    session.commit()
    return assessment


def assessments_of(session: Session, incident: Incident) -> Sequence[Assessment]:
    """Every version of the assessment, the latest first, with who made it; one query."""
    return session.scalars(
        select(Assessment)
        .where(Assessment.incident_id == incident.id)
        .order_by(Assessment.version.desc())
        .options(joinedload(Assessment.made_by))
    ).all()
