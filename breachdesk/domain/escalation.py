"""What goes up when nobody says that they have read: handler, DPO, decider, manager.

A reminder that stays unread is followed by another, to one more step of the line; at the top
it is repeated, until somebody acknowledges or the clock stops. What the plan emits meanwhile
neither puts it off nor takes it down a step.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from breachdesk.domain.access import Role
from breachdesk.domain.reminder_planning import PlannedReminder
from breachdesk.domain.reminder_plans import ReminderPlan
from breachdesk.domain.reminders import LINE, ReminderCause

_LEVELS = {role: level for level, role in enumerate(LINE)}


def level_of(roles: Iterable[Role]) -> int:
    """How far up the line the highest of these roles stands; the first step is 0."""
    return max([_LEVELS.get(role, 0) for role in roles], default=0)


def patience(plan: ReminderPlan, *, due_at: datetime | None, now: datetime) -> timedelta:
    """How long a reminder sent now may stay unread: less within `near` of the deadline.

    On either side of it: whoever is late by a day is late, and not helped by a mail an hour.
    """
    is_near = due_at is not None and abs(due_at - now) <= plan.near
    return plan.escalate_after_when_near if is_near else plan.escalate_after


def escalation_after(
    plan: ReminderPlan,
    told: Iterable[Role],
    *,
    due_at: datetime | None,
    now: datetime,
    pending: PlannedReminder | None = None,
) -> PlannedReminder:
    """The escalation that follows a reminder sent now, should nobody acknowledge it.

    Args:
        told: the roles that the reminder is for.
        pending: the escalation already planned for the same clock; it is never put off, and
            never lowered.
    """
    moment = now + patience(plan, due_at=due_at, now=now)
    level = min(level_of(told) + 1, len(LINE) - 1)
    if pending is not None:
        moment = min(moment, pending.planned_for)
        level = max(level, level_of(pending.roles))
    return PlannedReminder(moment, LINE[: level + 1], ReminderCause.ESCALATION)


def reaching_somebody_new(
    escalation: PlannedReminder,
    told: Collection[int],
    whom: Callable[[tuple[Role, ...]], Collection[int]],
) -> PlannedReminder:
    """The same, as many steps further up as it takes to reach somebody who was not told.

    Where one person holds several roles, or stands in for the holders, a step up would tell
    the same people once more, and hours would be lost. At the top, whoever is there.

    Args:
        told: who has been told by what it follows.
        whom: who would be told what is for some roles.
    """
    first = level = level_of(escalation.roles)
    while level < len(LINE) - 1 and set(whom(LINE[: level + 1])) <= set(told):
        level += 1
    return escalation if level == first else replace(escalation, roles=LINE[: level + 1])
