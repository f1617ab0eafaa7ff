"""What a person does with the clocks of a case: start, refuse, stop, correct their start."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.domain.access import Action
from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.errors import InvalidInput, NotFound, WrongStep
from breachdesk.domain.journal import Entry
from breachdesk.domain.regimes import GDPR_ART_33, PROVISIONAL, Regime, StartEvent, regime_of
from breachdesk.models import Clock, ClockRefusal, Incident, Reopening
from breachdesk.services.acting import Acting
from breachdesk.services.cases import lock_case, refresh_stage
from breachdesk.services.clock_calendars import call_off_calendars
from breachdesk.services.clocks import move_along, replace_clock, start_clock, stop_clock
from breachdesk.services.journal import write_journal
from breachdesk.services.qualification import (
    check_awareness,
    demand_reason,
    record_qualification,
)

# What a person may say of a clock, see `stop_by_hand`.
SAID = (StopReason.DONE, StopReason.NOT_OWED)


def find_clock(session: Session, incident: Incident, clock_id: int) -> Clock:
    """A clock of a case by its id. Raises NotFound."""
    clock = session.get(Clock, clock_id)
    if clock is None or clock.incident_id != incident.id:
        raise NotFound("unknown_clock")
    return clock


def regime_to_start(code: str) -> Regime:
    """A regime that a person may start or refuse. Raises NotFound."""
    regime = regime_of(code)
    if regime is None or regime.offer.by_desk:
        raise NotFound("unknown_regime", shown=code)
    return regime


def start_by_hand(
    session: Session,
    incident: Incident,
    code: str,
    *,
    started_at: datetime,
    by: Acting,
    now: datetime,
) -> Clock:
    """Start the clock of a regime, be it called for or not.

    Raises:
        NotFound: there is no such regime, or the desk alone starts it.
        WrongStep: it runs already, or the case is closed.
        InvalidInput: the start is to come, or before any rule of the regime.
    """
    regime = _prepare(session, incident, code, by=by)
    _check_start(regime, started_at, now=now)
    clock = start_clock(session, incident, code, started_at=started_at, by=by.user, now=now)
    session.commit()
    return clock


def refuse(
    session: Session, incident: Incident, code: str, *, reason: str, by: Acting, now: datetime
) -> ClockRefusal:
    """Record that a regime is not owed in this case, with the reason: it is offered no more.

    Raises:
        NotFound: there is no such regime, or the desk alone starts it.
        WrongStep: its clock runs: it is stopped instead; or the case is closed.
        InvalidInput: no reason.
    """
    _prepare(session, incident, code, by=by)
    reason = demand_reason(reason, field="reason", code="refusal_reason_missing")
    refusal = ClockRefusal(incident_id=incident.id, regime=code, reason=reason, by=by.user, at=now)
    session.add(refusal)
    write_journal(
        session, incident, Entry.CLOCK_REFUSED, by=by.user, at=now, reason=reason, regime=code
    )
    session.commit()
    return refusal


def _prepare(session: Session, incident: Incident, code: str, *, by: Acting) -> Regime:
    regime = regime_to_start(code)
    by.demand(Action.MANAGE_CLOCKS)
    _hold_open(session, incident)
    running = select(Clock.id).where(
        Clock.incident_id == incident.id, Clock.regime == code, Clock.stopped_at.is_(None)
    )
    if session.scalars(running).first() is not None:
        raise WrongStep("clock_already_running", reference=incident.reference)
    return regime


def _hold_open(session: Session, incident: Incident) -> None:
    lock_case(session, incident)
    if incident.closed_at is not None:
        raise WrongStep("case_closed", reference=incident.reference)


def _check_start(regime: Regime, started_at: datetime, *, now: datetime) -> None:
    if started_at > now:
        raise InvalidInput("start_in_future", field="started_at")
    try:
        regime.rule_on(started_at.date())
    except LookupError:
        raise InvalidInput("no_rule_then", field="started_at") from None


def may_stop_by_hand(clock: Clock) -> bool:
    """Whether a person can say of a clock that it is done: not of those that the desk steers.

    They end with the qualification, the filing or the decision.
    """
    return clock.stopped_at is None and clock.regime not in (GDPR_ART_33, PROVISIONAL)


def stop_by_hand(
    session: Session,
    incident: Incident,
    clock_id: int,
    *,
    why: StopReason,
    stopped_at: datetime | None,
    remark: str,
    number: str = "",
    by: Acting,
    now: datetime,
) -> None:
    """Stop a clock: what it asked for was done at `stopped_at`, or is not owed after all.

    Args:
        why: one of `SAID`.
        stopped_at: of DONE, when it was done.
        remark: what was done. Demanded where it is not owed, and where it was done late:
            there it gives the reasons for the delay.
        number: of a complaint or a receipt, in words, or that there is none; it is kept before
            the remark.

    Raises:
        NotFound: the case has no such clock.
        WrongStep: it runs no more, or ends otherwise; the case is closed.
        InvalidInput: done in the future or before its start; no reason where one is due.
    """
    by.demand(Action.MANAGE_CLOCKS)
    _hold_open(session, incident)
    clock = find_clock(session, incident, clock_id)
    session.refresh(clock)
    if not may_stop_by_hand(clock):
        raise WrongStep("clock_ends_otherwise", reference=incident.reference)
    if why is StopReason.DONE:
        stopped_at = _check_done(clock, stopped_at, now=now)
        if clock.due_at is not None and stopped_at > clock.due_at:
            remark = demand_reason(remark, field="remark", code="late_remark_missing")
    elif why is StopReason.NOT_OWED:
        stopped_at = now
        remark = demand_reason(remark, field="remark", code="refusal_reason_missing")
    else:
        raise InvalidInput("choice_missing", field="why")
    stop_clock(
        session,
        incident,
        why,
        stopped_at=stopped_at,
        by=by.user,
        now=now,
        clock=clock,
        remark=" · ".join(part for part in (number.strip(), remark.strip()) if part),
    )
    call_off_calendars(session, incident, now=now)
    refresh_stage(session, incident)
    session.commit()


def _check_done(clock: Clock, stopped_at: datetime | None, *, now: datetime) -> datetime:
    if stopped_at is None:
        raise InvalidInput("done_at_missing", field="stopped_at")
    if stopped_at > now:
        raise InvalidInput("done_in_future", field="stopped_at")
    # Compared by the minute: that is what the form shows and takes.
    if stopped_at < clock.started_at.replace(second=0, microsecond=0):
        raise InvalidInput("done_before_start", field="stopped_at")
    return stopped_at


def may_correct(clock: Clock, seat: Acting) -> bool:
    """Whether a person may say that a clock started at another time.

    The main one only who may qualify: its start is the awareness. The provisional one follows
    the fact of when the incident was noticed.
    """
    if clock.stopped_at is not None or clock.regime == PROVISIONAL:
        return False
    return seat.may(Action.QUALIFY if clock.regime == GDPR_ART_33 else Action.MANAGE_CLOCKS)


def correct_start(
    session: Session,
    incident: Incident,
    clock_id: int,
    *,
    started_at: datetime,
    reason: str,
    by: Acting,
    now: datetime,
) -> Clock:
    """Let a clock count from another time: another clock counts in its place, planned anew.

    Of the main clock the same is asked as of a qualification, and the incident's awareness
    moves with it, unless it counts from what was learnt after a reopening. Other clocks that
    count from that awareness move along.

    Raises:
        NotAllowed: the main clock moves with the awareness, which others say.
        NotFound: the case has no such clock.
        WrongStep: it runs no more, or is the provisional one; the case is closed.
        InvalidInput: a start that cannot be; no reason.
    """
    by.demand(Action.MANAGE_CLOCKS)
    _hold_open(session, incident)
    clock = find_clock(session, incident, clock_id)
    session.refresh(clock)
    if clock.stopped_at is not None or clock.regime == PROVISIONAL:
        raise WrongStep("clock_ends_otherwise", reference=incident.reference)
    is_main, is_again = clock.regime == GDPR_ART_33, False
    if is_main:
        by.demand(Action.QUALIFY)
        check_awareness(incident, started_at, now=now, field="started_at")
        is_again = _counts_from_reopening(session, incident, clock)
        _check_after_first(incident, started_at, is_again=is_again)
    elif (regime := regime_of(clock.regime)) is not None:
        _check_start(regime, started_at, now=now)
    else:
        raise NotFound("unknown_regime", shown=clock.regime)
    reason = demand_reason(reason, field="reason", code="correction_reason_missing")
    moved = replace_clock(session, incident, clock, started_at, remark=reason, by=by.user, now=now)
    if is_main:
        move_along(
            session,
            incident,
            StartEvent.AWARE,
            before=clock.started_at,
            after=started_at,
            remark=reason,
            by=by.user,
            now=now,
        )
    if is_main and not is_again:
        incident.aware_at = started_at
        record_qualification(session, incident, True, started_at, reason, by=by, now=now)
    refresh_stage(session, incident)
    session.commit()
    return moved


def _check_after_first(incident: Incident, aware_at: datetime, *, is_again: bool) -> None:
    first = incident.aware_at
    if is_again and first is not None and aware_at < first.replace(second=0, microsecond=0):
        raise InvalidInput("reopened_before_aware", field="started_at")


def _counts_from_reopening(session: Session, incident: Incident, clock: Clock) -> bool:
    """Whether the clock, or the first of those that it replaces, was started by a reopening."""
    started = set(
        session.scalars(select(Reopening.clock_id).where(Reopening.incident_id == incident.id))
    )
    seen: Clock | None = clock
    while seen is not None and seen.id not in started and seen.replaces_id is not None:
        seen = session.get(Clock, seen.replaces_id)
    if not started or (seen is not None and seen.id in started):
        return bool(started)
    # One started anew since, by a "no" overturned or a role corrected, counts from the same.
    return clock.started_at != incident.aware_at
