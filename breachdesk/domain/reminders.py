"""Whom to remind, and when, so that a deadline is not missed in silence.

The plan is our own service to the organisation; no law prescribes it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from breachdesk.domain.access import Role
from breachdesk.domain.regimes import PROVISIONAL


class ReminderKind(StrEnum):
    """What a reminder says; ESCALATION goes to those the first line answers to."""

    CHASE = "chase"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    LATE = "late"


class ReminderCause(StrEnum):
    """Why a reminder is there: the plan, nobody's answer to one, or a deadline missed."""

    PLANNED = "planned"
    ESCALATION = "escalation"
    LATE = "late"


class ReminderChannel(StrEnum):
    """How a reminder is told: by mail, or quietly, on the desk's own pages alone."""

    MAIL = "mail"
    DESK = "desk"


class AcknowledgedVia(StrEnum):
    """Where somebody said that they had read a reminder: the link in a mail, or a page."""

    LINK = "link"
    PAGE = "page"


def _hours(*values: int) -> tuple[timedelta, ...]:
    return tuple(timedelta(hours=value) for value in values)


# How long before the deadline each reminder goes out; zero is the deadline itself.
NOTIFICATION_OFFSETS = _hours(48, 24, 12, 6, 3, 1, 0)
# An incident nobody has qualified is chased sooner: every day lost here is lost for good.
CHASE_OFFSETS = _hours(68, 60, 48, 36, 24, 12, 6, 3, 1, 0)
LATE_REPEAT = timedelta(hours=12)
DPO_FROM = timedelta(hours=24)
MANAGEMENT_FROM = timedelta(hours=6)
# Where nobody holds a role, the next in this line is told instead: a shop without a
# DPO still has somebody who decides.
SUCCESSION = (Role.HANDLER, Role.DPO, Role.DECIDER, Role.MANAGER, Role.ADMIN)
# Whom a reminder goes to, and whom what stays unread goes up to.
LINE = SUCCESSION[:-1]


@dataclass(frozen=True)
class PlannedReminder:
    """One reminder to be sent at an instant (UTC) to the holders of some roles."""

    remind_at: datetime
    roles: tuple[Role, ...]


def roles_to_remind(regime: str, before: timedelta) -> tuple[Role, ...]:
    """Whom to tell, this long before the deadline (negative: after it)."""
    if regime == PROVISIONAL:
        first = (Role.HANDLER, Role.DPO)
        return (*first, Role.DECIDER, Role.MANAGER) if before <= DPO_FROM else first
    if before <= MANAGEMENT_FROM:
        return (Role.HANDLER, Role.DPO, Role.DECIDER, Role.MANAGER)
    return (Role.HANDLER, Role.DPO) if before <= DPO_FROM else (Role.HANDLER,)


def plan_reminders(due_at: datetime, *, regime: str, planned_at: datetime) -> list[PlannedReminder]:
    """Plan every reminder still ahead of a clock, in time order.

    What should already have gone out when the clock is started late is not lost: one
    reminder at `planned_at` stands for all of it. Past the deadline the reminders go on
    every 12 hours, each planned when the one before is sent (`next_late_reminder`).
    """
    offsets = CHASE_OFFSETS if regime == PROVISIONAL else NOTIFICATION_OFFSETS
    moments = sorted(due_at - offset for offset in offsets)
    ahead = [moment for moment in moments if moment > planned_at]
    if len(ahead) < len(moments):
        ahead.insert(0, planned_at)
    return [PlannedReminder(moment, roles_to_remind(regime, due_at - moment)) for moment in ahead]


def next_late_reminder(due_at: datetime, *, regime: str, after: datetime) -> PlannedReminder | None:
    """The next reminder of a missed clock: the first 12-hour step past `after`.

    None while the deadline is still ahead. Counted from the deadline, so that an outage
    gives one reminder and not one for each step it slept through.
    """
    if after < due_at:
        return None
    steps = (after - due_at) // LATE_REPEAT + 1
    moment = due_at + steps * LATE_REPEAT
    return PlannedReminder(moment, roles_to_remind(regime, due_at - moment))


def kind_of_reminder(
    regime: str, roles_held: Iterable[Role], *, due_at: datetime, at: datetime
) -> ReminderKind:
    """What the reminder says to a person told because of these roles."""
    if at > due_at:
        return ReminderKind.LATE
    if regime == PROVISIONAL:
        return ReminderKind.CHASE
    return ReminderKind.REMINDER if Role.HANDLER in set(roles_held) else ReminderKind.ESCALATION


def people_to_remind(
    roles: Iterable[Role], holders: Mapping[Role, Iterable[int]]
) -> dict[int, tuple[Role, ...]]:
    """Who holds the roles to remind, each person once, with the roles they are told for.

    A role nobody holds passes to the next in `SUCCESSION` that somebody does; after the
    last it is passed back towards the first, so that as long as anyone is there, someone
    is told.
    """
    told: dict[int, tuple[Role, ...]] = {}
    for role in roles:
        for person in holders.get(_standing_in(role, holders), ()):
            told[person] = (*told.get(person, ()), role)
    return told


def _standing_in(role: Role, holders: Mapping[Role, Iterable[int]]) -> Role:
    start = SUCCESSION.index(role)
    line = SUCCESSION[start:] + tuple(reversed(SUCCESSION[:start]))
    return next((candidate for candidate in line if list(holders.get(candidate, ()))), role)
