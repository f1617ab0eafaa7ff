"""Whose duty a breach is: the clocks of Art. 33 follow what the organisation is in it.

A controller notifies the authority (GDPR Art. 33(1)); a processor owes it nothing, and tells
its controllers (Art. 33(2)). Which of the two it is may be known, or corrected, at any time.
"""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from breachdesk.domain.clock_offers import Situation
from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.regimes import GDPR_ART_33, GDPR_ART_33_2
from breachdesk.domain.vocabulary import ProcessingRole
from breachdesk.models import Clock, ClockRefusal, Fact, Incident, User
from breachdesk.services.clock_calendars import call_off_calendars
from breachdesk.services.clocks import main_clock, start_clock, stop_clock
from breachdesk.services.known_facts import answers_from


def is_processor(session: Session, incident: Incident) -> bool:
    """Whether somebody said that we are the processor here; a controller until then."""
    newest = select(Fact).where(Fact.incident_id == incident.id, Fact.key == "role")
    fact = session.scalars(newest.order_by(Fact.version.desc()).limit(1)).first()
    known = Situation(answers_from({"role": fact} if fact else {}), moments={})
    return known.role == ProcessingRole.PROCESSOR


def start_main_duty(
    session: Session,
    incident: Incident,
    *,
    aware_at: datetime,
    by: User,
    now: datetime,
    replaces: Clock | None = None,
) -> None:
    """Start the clock of what is owed first for a breach known since `aware_at`; no commit.

    That of Art. 33(1), or of Art. 33(2) where we are the processor: with none of the two
    nobody would be reminded of anything.
    """
    regime = GDPR_ART_33_2 if is_processor(session, incident) else GDPR_ART_33
    if regime == GDPR_ART_33_2 and not _is_open(session, incident, regime):
        return
    start_clock(session, incident, regime, started_at=aware_at, by=by, now=now, replaces=replaces)


def _is_open(session: Session, incident: Incident, regime: str) -> bool:
    """Whether a regime is still to be answered: not running, done, nor said not to be owed."""
    answered = select(Clock.id).where(
        Clock.incident_id == incident.id,
        Clock.regime == regime,
        or_(Clock.stopped_at.is_(None), Clock.stop_reason == StopReason.DONE),
    )
    refused = select(ClockRefusal.id).where(
        ClockRefusal.incident_id == incident.id, ClockRefusal.regime == regime
    )
    return all(session.scalars(each).first() is None for each in (answered, refused))


def follow_role(session: Session, incident: Incident, *, by: User, now: datetime) -> None:
    """Let the clocks of a breach follow the role that was just recorded; does not commit.

    Nothing happens before an incident is qualified. Art. 33(1) once answered stays so; a
    processor owes Art. 33(2) all the same: it knows of no breach that is no risk.
    """
    main = main_clock(session, incident)
    if main is None or incident.aware_at is None:
        return
    # That of a decision taken up again counts from what was learnt then.
    aware_at = main.started_at if main.regime == GDPR_ART_33 else incident.aware_at
    if is_processor(session, incident):
        replaced = main if main.stopped_at is None else None
        stop_clock(session, incident, StopReason.PROCESSOR, stopped_at=now, by=by, now=now)
        start_main_duty(session, incident, aware_at=aware_at, by=by, now=now, replaces=replaced)
    elif main.stopped_at is not None:
        replaced = _stop_alert(session, incident, by=by, now=now)
        if main.stop_reason in (StopReason.PROCESSOR, StopReason.QUALIFIED):
            start_main_duty(session, incident, aware_at=aware_at, by=by, now=now, replaces=replaced)
    call_off_calendars(session, incident, now=now)


def _stop_alert(session: Session, incident: Incident, *, by: User, now: datetime) -> Clock | None:
    """Nobody is told as by a processor any more, of what is still untold; what was stopped."""
    running = select(Clock).where(
        Clock.incident_id == incident.id,
        Clock.regime == GDPR_ART_33_2,
        Clock.stopped_at.is_(None),
    )
    alert = session.scalars(running.order_by(Clock.id).limit(1)).first()
    if alert is not None:
        stop_clock(
            session, incident, StopReason.NOT_OWED, stopped_at=now, by=by, now=now, clock=alert
        )
    return alert
