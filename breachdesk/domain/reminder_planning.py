"""When a clock rings, by an organisation's plan: before the deadline, at it, and while late.

Pure and deterministic: the same clock, plan and instant give the same reminders.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from breachdesk.domain.access import Role
from breachdesk.domain.regimes import PROVISIONAL
from breachdesk.domain.reminder_plans import PlannedNotice, ReminderPlan
from breachdesk.domain.reminders import LINE, ReminderCause, ReminderChannel

# Whom a clock without a figure reminds; what they leave unread goes up like the rest.
OPEN_ENDED_ROLES = (Role.HANDLER, Role.DPO)


@dataclass(frozen=True)
class PlannedReminder:
    """One reminder wanted at an instant (UTC) by the holders of some roles."""

    planned_for: datetime
    roles: tuple[Role, ...]
    cause: ReminderCause = ReminderCause.PLANNED
    channel: ReminderChannel = ReminderChannel.MAIL


def plan_reminders(
    plan: ReminderPlan,
    *,
    regime: str,
    started_at: datetime,
    due_at: datetime | None,
    planned_at: datetime,
) -> list[PlannedReminder]:
    """Plan every reminder still ahead of a clock that starts, in time order.

    What should already have gone out when the clock is started late is not lost: one reminder
    at `planned_at` stands for all of it. The deadline itself always rings, whatever the plan;
    and where nothing of the plan does before it, once half of the time is left, or `near`.
    What goes on without end, late or without a figure, is planned one at a time
    (`next_reminder`).
    """
    if due_at is None:
        return [_first_open_ended(plan, started_at=started_at, planned_at=planned_at)]
    moments = _moments(plan, regime=regime, started_at=started_at, due_at=due_at)
    ahead = [reminder for reminder in moments if reminder.planned_for > planned_at]
    gone = [reminder for reminder in moments if reminder.planned_for <= planned_at]
    return [_all_in_one(gone, planned_at), *ahead] if gone else ahead


def reminders_ahead(
    plan: ReminderPlan,
    *,
    regime: str,
    started_at: datetime,
    due_at: datetime | None,
    after: datetime,
) -> list[PlannedReminder]:
    """What a plan wants of a clock that runs already, past `after`; never nothing."""
    ahead = (
        []
        if due_at is None
        else [
            reminder
            for reminder in _moments(plan, regime=regime, started_at=started_at, due_at=due_at)
            if reminder.planned_for > after
        ]
    )
    following = next_reminder(plan, started_at=started_at, due_at=due_at, after=after)
    return ahead or ([following] if following else [])


def next_reminder(
    plan: ReminderPlan, *, started_at: datetime, due_at: datetime | None, after: datetime
) -> PlannedReminder | None:
    """What comes after the last planned reminder: a step of the pace, the first past `after`.

    Late, every `late_every` from the deadline on; without a figure, every `open_ended_every`
    from the start on. None while a deadline is still ahead. Counted in steps, so that an
    outage gives one reminder and not one for each step it slept through.
    """
    if due_at is None:
        moment = _next_step(started_at, plan.open_ended_every, after)
        return PlannedReminder(moment, OPEN_ENDED_ROLES)
    if after < due_at:
        return None
    return PlannedReminder(_next_step(due_at, plan.late_every, after), LINE, ReminderCause.LATE)


def _next_step(first: datetime, every: timedelta, after: datetime) -> datetime:
    return first + (max(after - first, timedelta(0)) // every + 1) * every


def _first_open_ended(
    plan: ReminderPlan, *, started_at: datetime, planned_at: datetime
) -> PlannedReminder:
    first = started_at + plan.open_ended_every
    return PlannedReminder(max(first, planned_at), OPEN_ENDED_ROLES)


def _moments(
    plan: ReminderPlan, *, regime: str, started_at: datetime, due_at: datetime
) -> list[PlannedReminder]:
    notices = plan.chase if regime == PROVISIONAL else plan.notices
    runs = due_at - started_at
    fitting = [notice for notice in notices if notice.before <= runs]
    if not any(_warns(notice, runs) for notice in fitting):
        fitting.append(PlannedNotice(min(plan.near, runs / 2), LINE))
    if all(notice.before for notice in fitting):
        fitting.append(PlannedNotice(timedelta(0), LINE))
    return sorted(
        (
            PlannedReminder(due_at - notice.before, in_line(notice.roles), channel=notice.channel)
            for notice in fitting
        ),
        key=lambda reminder: reminder.planned_for,
    )


def _warns(notice: PlannedNotice, runs: timedelta) -> bool:
    """Whether a notice comes by mail while a clock that runs so long can still be kept."""
    return notice.channel is ReminderChannel.MAIL and timedelta(0) < notice.before < runs


def _all_in_one(reminders: list[PlannedReminder], at: datetime) -> PlannedReminder:
    is_quiet = all(reminder.channel is ReminderChannel.DESK for reminder in reminders)
    return PlannedReminder(
        at,
        in_line(role for reminder in reminders for role in reminder.roles),
        channel=ReminderChannel.DESK if is_quiet else ReminderChannel.MAIL,
    )


def in_line(roles: Iterable[Role]) -> tuple[Role, ...]:
    """Each role once, in the order of the line."""
    wanted = set(roles)
    return tuple(role for role in LINE if role in wanted)
