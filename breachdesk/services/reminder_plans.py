"""The reminder plan of an organisation: read, changed, and laid upon the clocks that run.

A change can leave what is planned on running clocks as it is; they can be planned anew later.
How unread reminders go up, quiet hours and the pace of what is late are always those of the plan
as it is: they are looked up when something rings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from breachdesk.domain.access import Action
from breachdesk.domain.journal import Entry
from breachdesk.domain.reminder_plans import DEFAULT_PLAN, ReminderPlan, plan_in_force
from breachdesk.models import Clock, Incident, Organisation, User
from breachdesk.services.acting import Acting
from breachdesk.services.held_reminders import look_again_everywhere
from breachdesk.services.journal import look_up_heads, write_journal
from breachdesk.services.reminder_planning import (
    PlanChange,
    changes_by,
    hold_running_clocks,
    replan_clocks,
)
from breachdesk.services.visibility import is_visible_to


@dataclass(frozen=True)
class RunningClocks:
    """The running clocks that somebody may know of, and what a plan would change of them.

    Args:
        changes: the soonest due first; those without a figure last.
    """

    count: int
    changes: tuple[PlanChange, ...]


def plan_of(organisation: Organisation) -> ReminderPlan:
    """The plan of an organisation, or the one we propose."""
    return plan_in_force(organisation.reminder_plan)


def running_clocks(
    session: Session, plan: ReminderPlan, *, seat: Acting, now: datetime
) -> RunningClocks:
    """What a plan would change of what is planned on the clocks that run; two queries.

    Of cases that the person may not know of nothing is told, not even how many: a number that
    rises would tell them.
    """
    clocks = session.scalars(
        select(Clock)
        .join(Clock.incident)
        .where(
            Incident.organisation_id == seat.organisation.id,
            Clock.stopped_at.is_(None),
            is_visible_to(seat.user.id),
        )
        .order_by(Clock.due_at.is_(None), Clock.due_at, Clock.id)
        .options(contains_eager(Clock.incident))
    ).all()
    return RunningClocks(len(clocks), tuple(changes_by(session, clocks, plan, now=now)))


def change_plan(
    session: Session,
    plan: ReminderPlan,
    *,
    by: Acting,
    now: datetime,
    replans: bool = True,
) -> None:
    """Keep a plan, and commit.

    The plan we propose is kept as none, so that it follows when we propose a better one. What
    quiet hours hold is looked at again: they may be others.

    Args:
        replans: plan every running clock of the organisation anew, as `replan_running`; if not,
            they keep what is planned.

    Raises:
        NotAllowed: their roles do not permit it.
    """
    by.demand(Action.MANAGE_REMINDER_PLAN)
    if plan == plan_of(by.organisation):
        session.commit()
        return
    # The cases before the organisation: whoever emits reminders holds them in that order.
    clocks = hold_running_clocks(session, by.organisation)
    write_journal(session, by.organisation, Entry.REMINDER_PLAN_CHANGED, by=by.user, at=now)
    by.organisation.reminder_plan = {} if plan == DEFAULT_PLAN else plan.as_record()
    if replans:
        _replan(session, clocks, plan, by.user, now)
    look_again_everywhere(session, by.organisation.id, now=now)
    session.commit()


def replan_running(session: Session, *, by: Acting, now: datetime) -> None:
    """Plan every running clock of an organisation anew by its plan, and commit.

    What was sent, what has fallen due and what goes up stays as it is; what the plan would have
    had before now is not made up for. The journal of each case says what changed.

    Raises:
        NotAllowed: their roles do not permit it.
    """
    by.demand(Action.MANAGE_REMINDER_PLAN)
    clocks = hold_running_clocks(session, by.organisation)
    _replan(session, clocks, plan_of(by.organisation), by.user, now)
    session.commit()


def _replan(
    session: Session, clocks: Sequence[Clock], plan: ReminderPlan, by: User, now: datetime
) -> None:
    changes = replan_clocks(session, clocks, plan, now=now)
    ids = {each.clock.incident_id for each in changes}
    look_up_heads(session, ids)
    cases = {
        case.id: case for case in session.scalars(select(Incident).where(Incident.id.in_(ids)))
    }
    for each in changes:
        write_journal(
            session,
            cases[each.clock.incident_id],
            Entry.REMINDERS_REPLANNED,
            by=by,
            at=now,
            regime=each.clock.regime,
            cancelled=len(each.gone),
            planned=len(each.new),
        )
