"""Starting and stopping clocks, with the reminders that hang on them."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.clock_offers import OF_A_BREACH
from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.journal import Entry
from breachdesk.domain.regimes import (
    GDPR_ART_33,
    PROVISIONAL,
    Binding,
    Regime,
    Rule,
    StartEvent,
    StopEvent,
    regime_of,
    regimes,
)
from breachdesk.models import Clock, Incident, Organisation, User
from breachdesk.services.journal import write_journal
from breachdesk.services.reminder_planning import cancel_plan, plan_clock

# The clocks that every page of a case shows: the desk starts them itself.
MAIN_REGIMES = frozenset({GDPR_ART_33, PROVISIONAL})


def main_clock(session: Session, incident: Incident) -> Clock | None:
    """The clock every page of the case shows."""
    return session.scalars(
        select(Clock).where(Clock.incident_id == incident.id, Clock.is_main)
    ).first()


def rule_counted_by(regime: Regime, organisation: Organisation, day: datetime) -> Rule:
    """The rule of a day, with the hours that the organisation has set itself for a target.

    Raises:
        LookupError: none was in force yet.
    """
    rule = regime.rule_on(day.date())
    own = organisation.targets.get(regime.code) if regime.binding is Binding.TARGET else None
    return replace(rule, hours=int(own), months=None) if own else rule


def start_clock(
    session: Session,
    incident: Incident,
    regime: str,
    *,
    started_at: datetime,
    by: User | None,
    now: datetime,
    replaces: Clock | None = None,
) -> Clock:
    """Start a clock of a case and plan its reminders; does not commit.

    It counts by the rule of the day on which it starts. One of `MAIN_REGIMES` becomes the
    main clock: an incident not yet qualified counts the same 72 hours from the moment it was
    noticed, the earliest that awareness can turn out to be.
    """
    rule = rule_counted_by(regimes()[regime], incident.organisation, started_at)
    is_main = regime in MAIN_REGIMES
    previous = main_clock(session, incident) if is_main else None
    if previous is not None:
        previous.is_main = False
        session.flush()
    clock = Clock(
        incident_id=incident.id,
        regime=regime,
        rule_version=rule.version,
        is_main=is_main,
        started_at=started_at,
        due_at=rule.due_at(started_at, incident.organisation.timezone),
        started_by_id=by.id if by else None,
        replaces_id=replaces.id if replaces else None,
        created_at=now,
    )
    session.add(clock)
    session.flush()
    plan_clock(session, clock, now=now)
    write_journal(
        session,
        incident,
        Entry.CLOCK_STARTED,
        by=by,
        at=now,
        regime=regime,
        started_at=started_at.isoformat(),
        **_moved(clock, replaces),
        **_counted(clock),
    )
    return clock


def _moved(clock: Clock, replaces: Clock | None) -> dict[str, Any]:
    """What the journal says of a start that was corrected; another regime's corrects nothing."""
    if replaces is None or replaces.regime != clock.regime:
        return {}
    return {"was_started_at": replaces.started_at.isoformat()}


def _counted(clock: Clock) -> dict[str, Any]:
    """What the journal says of how long; nothing where there is no figure."""
    if clock.due_at is None:
        return {}
    hours = (clock.due_at - clock.started_at).total_seconds() // 3600
    return {"due_at": clock.due_at.isoformat(), "hours": int(hours)}


def stop_clock(
    session: Session,
    incident: Incident,
    reason: StopReason,
    *,
    stopped_at: datetime,
    by: User | None,
    now: datetime,
    clock: Clock | None = None,
    remark: str = "",
) -> None:
    """Stop a clock, the main one if none is given, and whatever was still to be sent for it.

    Does not commit; nothing happens to a clock that has stopped. See `cancel_plan`.
    """
    clock = clock or main_clock(session, incident)
    if clock is None or clock.stopped_at is not None:
        return
    clock.stopped_at, clock.stop_reason, clock.stop_remark = stopped_at, reason, remark
    clock.stopped_by_id = by.id if by else None
    cancel_plan(session, clock, now=now)
    write_journal(
        session,
        incident,
        Entry.CLOCK_STOPPED,
        by=by,
        at=now,
        reason=remark,
        regime=clock.regime,
        stop_reason=reason.value,
        stopped_at=stopped_at.isoformat(),
    )


# --- What the desk sees itself ----------------------------------------------------------------


def _others_running(session: Session, incident: Incident) -> list[tuple[Clock, Regime]]:
    """The clocks beside the main one that run, with their regimes, where they still exist."""
    found = session.scalars(
        select(Clock)
        .where(
            Clock.incident_id == incident.id,
            Clock.stopped_at.is_(None),
            Clock.is_main.is_(False),
        )
        .order_by(Clock.id)
    ).all()
    return [(clock, regime) for clock in found if (regime := regime_of(clock.regime)) is not None]


def move_along(
    session: Session,
    incident: Incident,
    event: StartEvent,
    *,
    before: datetime,
    after: datetime,
    remark: str,
    by: User | None,
    now: datetime,
) -> None:
    """Let the clocks beside the main one follow an event that turns out to have been at another
    time: those that count from it, and started when it was thought to be. Does not commit.

    Each is replaced, as when a person corrects its start. One that somebody started at another
    time was meant so; one whose regime was in no force yet by then stays.
    """
    for clock, regime in _others_running(session, incident):
        if regime.starts_with is not event or _minute(clock.started_at) != _minute(before):
            continue
        try:
            regime.rule_on(after.date())
        except LookupError:
            continue
        replace_clock(session, incident, clock, after, remark=remark, by=by, now=now)


def _minute(instant: datetime) -> datetime:
    """Compared by the minute: that is what the forms show and take."""
    return instant.replace(second=0, microsecond=0)


def replace_clock(
    session: Session,
    incident: Incident,
    clock: Clock,
    started_at: datetime,
    *,
    remark: str = "",
    by: User | None,
    now: datetime,
) -> Clock:
    """Stop a clock whose start was wrong and start another in its place; does not commit."""
    stop_clock(
        session,
        incident,
        StopReason.CORRECTED,
        stopped_at=now,
        by=by,
        now=now,
        clock=clock,
        remark=remark,
    )
    return start_clock(
        session, incident, clock.regime, started_at=started_at, by=by, now=now, replaces=clock
    )


def stop_what_is_filed(
    session: Session,
    incident: Incident,
    *,
    authority: str,
    kind: NotificationKind,
    is_first: bool,
    filed_at: datetime,
    by: User,
    now: datetime,
) -> None:
    """Stop every clock that a filing with an authority answers; does not commit.

    A follow-up, or a whole notification, completes an initial one; nothing is left to complete
    of one that is withdrawn. `authority` is a code of `domain/law`.

    Args:
        is_first: nothing stood with the authority before it.
    """
    if is_first:
        _open_what_was_withdrawn(session, incident)
    stop_clock(session, incident, StopReason.FILED, stopped_at=filed_at, by=by, now=now)
    for clock, regime in _others_running(session, incident):
        reason = _answer_of(regime, authority, kind)
        if reason is not None:
            stopped_at = filed_at if reason is StopReason.FILED else now
            stop_clock(
                session, incident, reason, stopped_at=stopped_at, by=by, now=now, clock=clock
            )


def _open_what_was_withdrawn(session: Session, incident: Incident) -> None:
    """Let the main clock be answered anew: the filing that had stopped it was taken back."""
    clock = main_clock(session, incident)
    if clock is not None and clock.stop_reason is StopReason.FILED:
        clock.stopped_at, clock.stop_reason, clock.stopped_by_id = None, None, None


def _answer_of(regime: Regime, authority: str, kind: NotificationKind) -> StopReason | None:
    """Why a filing with an authority stops a clock of a regime; None where it does not."""
    if regime.authority != authority:
        return None
    if regime.stops_with is StopEvent.FILED:
        return StopReason.FILED
    if regime.stops_with is not StopEvent.FOLLOW_UP_FILED:
        return None
    if kind is NotificationKind.WITHDRAWAL:
        return StopReason.NOT_OWED
    completes = kind in (NotificationKind.FOLLOW_UP, NotificationKind.COMPLETE)
    return StopReason.FILED if completes else None


def is_filed_late(
    session: Session,
    incident: Incident,
    *,
    authority: str,
    kind: NotificationKind,
    filed_at: datetime,
) -> bool:
    """Whether a filing answers a clock beside the main one after it was due: say why."""
    return any(
        _answer_of(regime, authority, kind) is StopReason.FILED
        and clock.due_at is not None
        and filed_at > clock.due_at
        for clock, regime in _others_running(session, incident)
    )


def stop_what_is_communicated(session: Session, incident: Incident, *, at: datetime) -> None:
    """Stop every clock that waited for the communication, once it has left; does not commit."""
    for clock, regime in _others_running(session, incident):
        if regime.stops_with is StopEvent.COMMUNICATED:
            stop_clock(
                session,
                incident,
                StopReason.COMMUNICATED,
                stopped_at=at,
                by=None,
                now=at,
                clock=clock,
            )


def stop_clocks_of_breach(session: Session, incident: Incident, *, by: User, now: datetime) -> None:
    """Stop every clock that counts from a breach, once there is none; does not commit.

    A complaint after an attack, or an early warning, is owed all the same: those run on.
    """
    for clock, regime in _others_running(session, incident):
        if regime.starts_with in OF_A_BREACH:
            stop_clock(
                session,
                incident,
                StopReason.NOT_A_BREACH,
                stopped_at=now,
                by=by,
                now=now,
                clock=clock,
            )
