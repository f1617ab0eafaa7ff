"""The plan of a clock as rows: made, called off and made again with what moves the clock."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import UNDER_WAY, DeliveryState, MailKind
from breachdesk.domain.escalation import escalation_after
from breachdesk.domain.lifecycle import Channel
from breachdesk.domain.regimes import PROVISIONAL
from breachdesk.domain.reminder_mails import CLOCK_MAILS, clocks_told
from breachdesk.domain.reminder_planning import PlannedReminder, plan_reminders, reminders_ahead
from breachdesk.domain.reminder_plans import ReminderPlan, plan_in_force
from breachdesk.domain.reminders import LINE, ReminderCause, people_to_remind
from breachdesk.domain.standing_in import capacity_of, people_told
from breachdesk.models import Clock, Delivery, Incident, Organisation, Reminder
from breachdesk.services.deliveries import queue_to_user
from breachdesk.services.many_rows import among, as_json, insert_rows
from breachdesk.services.standing_in import Watch, watch_over

log = logging.getLogger(__name__)

# How many clocks found without a plan are taken in hand at once.
FORGOTTEN_AT_ONCE = 100

_reminders: Any = Reminder.__table__


def plan_clock(session: Session, clock: Clock, *, now: datetime) -> None:
    """Plan every reminder of a clock that has just started; does not commit.

    Everybody whom the plan may tell is sent the whole of it, once, as a calendar that rings
    even where the desk itself is lost. That mail is the first reminder: what is due already is
    said in it, and unless somebody of the line has started the clock, it goes up like any
    other when nobody says that they have read it.
    """
    plan = plan_in_force(clock.incident.organisation.reminder_plan)
    counted: dict[str, Any] = {
        "regime": clock.regime,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
    }
    wanted = plan_reminders(plan, **counted, planned_at=now)
    watch = watch_over(session, clock.incident, now=now)
    told = _told_of_start(clock, plan, watch)
    going_up: list[dict[str, Any]] = []
    if told:
        start = _first_reminder(session, clock, plan, now)
        _send_the_plan(session, clock, start, told, watch, now)
        gone = [each for each in wanted if each.planned_for <= now]
        wanted = reminders_ahead(plan, **counted, after=now)
        _count_as_told(session, start, gone, now)
        if _is_known(clock, watch):
            start.acknowledged_at = now
        else:
            first = (gone or wanted)[0].roles
            up = escalation_after(plan, first, due_at=clock.due_at, now=now)
            # Last: of two that fall due together it is the one told, and says what nobody read.
            going_up = [row_of(clock.id, clock.incident_id, up, escalates_id=start.id)]
    planned = [row_of(clock.id, clock.incident_id, each) for each in wanted]
    insert_reminders(session, [*planned, *going_up])


def _told_of_start(clock: Clock, plan: ReminderPlan, watch: Watch) -> dict[int, tuple[Role, ...]]:
    """Who is sent the plan, each with the roles they are told for."""
    # To the absent as well as to their deputies: the clock may outlast the absence.
    told = {
        **people_to_remind(plan.roles, watch.holders),
        **people_told(plan.roles, watch.holders, watch.duty.away),
    }
    # Whoever opens cases in fifty organisations at once need not be told fifty times.
    if clock.started_by_id in told and _is_of_shared_opening(clock.incident, clock):
        del told[clock.started_by_id]
    return told


def _first_reminder(session: Session, clock: Clock, plan: ReminderPlan, now: datetime) -> Reminder:
    start = PlannedReminder(now, tuple(plan.roles), ReminderCause.START)
    made = Reminder(**row_of(clock.id, clock.incident_id, start), emitted_at=now)
    session.add(made)
    session.flush()
    return made


def _send_the_plan(
    session: Session,
    clock: Clock,
    start: Reminder,
    told: Mapping[int, tuple[Role, ...]],
    watch: Watch,
    now: datetime,
) -> None:
    # Whoever is on duty is told for that of what rings, not of a start.
    duty = replace(watch.duty, on_duty=())
    for user_id, roles in told.items():
        queue_to_user(
            session,
            clock.incident,
            user_id,
            MailKind.CLOCK_STARTED,
            key=f"{_started_key(clock)}{user_id}",
            now=now,
            reminder_id=start.id,
            clock_id=clock.id,
            regime=clock.regime,
            due_at=clock.due_at.isoformat() if clock.due_at else None,
            roles=[role.value for role in roles],
            capacity=capacity_of(user_id, roles, watch.holders, duty).as_record(),
        )


def _count_as_told(
    session: Session, start: Reminder, gone: Iterable[PlannedReminder], now: datetime
) -> None:
    """What is due at the start is told in its mail, and the ledger says so."""
    for each in gone:
        row = row_of(start.clock_id, start.incident_id, each)
        session.add(Reminder(**row, cancelled_at=now, covered_by_id=start.id))


def _is_known(clock: Clock, watch: Watch) -> bool:
    """Whether somebody of the line has started a clock, and so knows of it."""
    return any(clock.started_by_id in watch.holders.get(role, ()) for role in LINE)


def sent_the_start(session: Session, clock: Clock) -> frozenset[int]:
    """The ids of the people to whom the mail of a clock's start goes."""
    return frozenset(
        session.scalars(
            select(Delivery.user_id).where(
                Delivery.incident_id == clock.incident_id,
                Delivery.dedup_key.startswith(_started_key(clock), autoescape=True),
            )
        )
    )


def _is_of_shared_opening(incident: Incident, clock: Clock) -> bool:
    """Whether the clock is the one that starts with each of many cases opened at once."""
    return (
        incident.channel is Channel.SHARED
        and clock.regime == PROVISIONAL
        and clock.created_at == incident.opened_at
        and clock.replaces_id is None
    )


def _started_key(clock: Clock) -> str:
    return f"clock:{clock.id}:"


def cancel_plan(session: Session, clock: Clock, *, now: datetime) -> None:
    """Call off what is still to be reminded of a clock, and what is still to be sent.

    Does not commit. A reminder already in a worker's hands may still arrive; it is then
    recorded as sent, but refused for now it is not tried again.
    """
    session.execute(
        update(Reminder).where(Reminder.clock_id == clock.id, *IS_OPEN).values(cancelled_at=now)
    )
    waiting = session.execute(
        select(Delivery.id, Delivery.parameters, Reminder.clock_id)
        .outerjoin(Reminder, Reminder.id == Delivery.reminder_id)
        .where(
            Delivery.incident_id == clock.incident_id,
            Delivery.kind.in_(CLOCK_MAILS),
            Delivery.state.in_(UNDER_WAY),
        )
    ).all()
    told = {
        row.id: {*clocks_told(row.parameters), *([row.clock_id] if row.clock_id else [])}
        for row in waiting
    }
    others = {key for clocks in told.values() if clock.id in clocks for key in clocks} - {clock.id}
    still_run = _running_of(session, others) if others else frozenset()
    # A mail that tells of several clocks leaves as long as one of them runs, without the others.
    gone = [key for key, clocks in told.items() if clock.id in clocks and not clocks & still_run]
    if gone:
        session.execute(
            update(Delivery)
            .where(Delivery.id.in_(gone), Delivery.state.in_(UNDER_WAY))
            .values(state=DeliveryState.CANCELLED, finished_at=now)
        )


def _running_of(session: Session, clock_ids: Iterable[int]) -> frozenset[int]:
    running = select(Clock.id).where(Clock.id.in_(clock_ids), Clock.stopped_at.is_(None))
    return frozenset(session.scalars(running))


def replan_clock(session: Session, clock: Clock, *, now: datetime) -> None:
    """Plan a running clock anew by its organisation's plan as it is now; does not commit.

    See `replan_clocks`.
    """
    replan_clocks(
        session, [clock], plan_in_force(clock.incident.organisation.reminder_plan), now=now
    )


def hold_running_clocks(session: Session, organisation: Organisation) -> Sequence[Clock]:
    """The running clocks of an organisation, with their cases held until the transaction ends."""
    running = (Incident.organisation_id == organisation.id, Clock.stopped_at.is_(None))
    session.execute(
        select(Incident.id)
        .where(
            Incident.id.in_(
                select(Clock.incident_id)
                .join(Incident, Incident.id == Clock.incident_id)
                .where(*running)
            )
        )
        .order_by(Incident.id)
        .with_for_update()
    )
    return session.scalars(
        select(Clock)
        .join(Incident, Incident.id == Clock.incident_id)
        .where(*running)
        .order_by(Clock.id)
        .execution_options(populate_existing=True)
    ).all()


@dataclass(frozen=True)
class PlanChange:
    """What another plan changes of what lies ahead of a running clock, each in time order.

    Args:
        gone: the ids of reminders that it does not want.
        new: what it wants and is not planned.
        next_before, next_after: when it rings next; None: nothing was planned.
    """

    clock: Clock
    gone: tuple[int, ...]
    new: tuple[PlannedReminder, ...]
    next_before: datetime | None
    next_after: datetime | None


def changes_by(
    session: Session, clocks: Sequence[Clock], plan: ReminderPlan, *, now: datetime
) -> list[PlanChange]:
    """What a plan would change of these clocks, those of which it changes something; one query."""
    running = [clock for clock in clocks if clock.stopped_at is None]
    ahead: dict[int, dict[PlannedReminder, int]] = {}
    for row in session.execute(
        select(
            Reminder.id,
            Reminder.clock_id,
            Reminder.planned_for,
            Reminder.roles,
            Reminder.cause,
            Reminder.channel,
        )
        .where(
            among(Reminder.clock_id, "clocks"),
            Reminder.cause != ReminderCause.ESCALATION,
            Reminder.planned_for > now,
            *IS_OPEN,
        )
        .order_by(Reminder.planned_for, Reminder.id),
        {"clocks": as_json([clock.id for clock in running])},
    ):
        roles = tuple(Role(role) for role in row.roles)
        planned = PlannedReminder(row.planned_for, roles, row.cause, row.channel)
        ahead.setdefault(row.clock_id, {})[planned] = row.id
    changes = [_change(clock, ahead.get(clock.id, {}), plan, now) for clock in running]
    return [each for each in changes if each.gone or each.new]


def _change(
    clock: Clock, planned: Mapping[PlannedReminder, int], plan: ReminderPlan, now: datetime
) -> PlanChange:
    wanted = reminders_ahead(
        plan, regime=clock.regime, started_at=clock.started_at, due_at=clock.due_at, after=now
    )
    return PlanChange(
        clock,
        tuple(key for each, key in planned.items() if each not in wanted),
        tuple(each for each in wanted if each not in planned),
        min((each.planned_for for each in planned), default=None),
        min((each.planned_for for each in wanted), default=None),
    )


def replan_clocks(
    session: Session, clocks: Sequence[Clock], plan: ReminderPlan, *, now: datetime
) -> list[PlanChange]:
    """Plan clocks anew by a plan: what is ahead of each; does not commit.

    What has fallen due already, held or not yet emitted, stays; and so does what goes up for
    want of an answer, and what both plans want. Nothing rings because of a change of plan alone:
    what the new one would have had before now is not made up for. The caller holds the cases.

    Returns:
        What has changed, of the clocks of which something did.
    """
    changes = changes_by(session, clocks, plan, now=now)
    gone = [key for each in changes for key in each.gone]
    if gone:
        session.connection().execute(
            update(_reminders).where(among(_reminders.c.id, "ids")).values(cancelled_at=now),
            {"ids": as_json(gone)},
        )
    insert_reminders(
        session,
        [
            row_of(each.clock.id, each.clock.incident_id, wanted)
            for each in changes
            for wanted in each.new
        ],
    )
    return changes


def plan_forgotten_clocks(session: Session, *, now: datetime) -> int:
    """Plan anew every clock that runs and that nothing is planned for; return how many.

    None should be: what rings plans what comes next, in its own transaction. But a clock that
    lost its plan, to a fault or to a hand in the database, would be silent for good. Commits.
    Cases that somebody holds are looked at the next time.
    """
    has_plan = select(Reminder.id).where(
        Reminder.clock_id == Clock.id, Reminder.cause != ReminderCause.ESCALATION, *IS_OPEN
    )
    forgotten = (
        select(Clock)
        .join(Incident, Incident.id == Clock.incident_id)
        .where(Clock.stopped_at.is_(None), ~has_plan.exists())
        .order_by(Clock.id)
        .limit(FORGOTTEN_AT_ONCE)
        .execution_options(populate_existing=True)
    )
    # Found without holding anything: there is nearly always nothing.
    found = {clock.incident_id for clock in session.scalars(forgotten)}
    clocks: Sequence[Clock] = ()
    if found:
        here = Incident.id.in_(found)
        lock = select(Incident.id).where(here).order_by(Incident.id)
        held = session.scalars(lock.with_for_update(skip_locked=True)).all()
        clocks = session.scalars(forgotten.where(Incident.id.in_(held))).all()
    for clock in clocks:
        replan_clock(session, clock, now=now)
        reference = clock.incident.reference
        log.error("a clock of %s had nothing planned: planned anew", reference)
    session.commit()
    return len(clocks)


# --- Rows ------------------------------------------------------------------------------------

# Planned, and neither emitted nor called off.
IS_OPEN = (Reminder.emitted_at.is_(None), Reminder.cancelled_at.is_(None))


def row_of(
    clock_id: int, incident_id: int, wanted: PlannedReminder, *, escalates_id: int | None = None
) -> dict[str, Any]:
    """A planned reminder as a row of the ledger."""
    return {
        "clock_id": clock_id,
        "incident_id": incident_id,
        "cause": wanted.cause,
        "channel": wanted.channel,
        "planned_for": wanted.planned_for,
        "remind_at": wanted.planned_for,
        "roles": [role.value for role in wanted.roles],
        "escalates_id": escalates_id,
    }


def insert_reminders(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows of the ledger in one statement; one that is wanted already is left as it is."""
    if rows:
        insert_rows(
            session,
            Reminder,
            list(rows[0]),
            [list(row.values()) for row in rows],
            unless="ON CONFLICT (clock_id, cause, planned_for) WHERE cancelled_at IS NULL"
            " DO NOTHING",
        )
