"""What a reminder is, and who is told: nobody is left without a reminder for want of a role.

Reminders are our own service to the organisation; no law prescribes them. When they go out
is in `reminder_plans` and `reminder_planning`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from breachdesk.domain.access import Role
from breachdesk.domain.codes import GrowingCode
from breachdesk.domain.regimes import PROVISIONAL


class ReminderKind(StrEnum):
    """What a reminder says; ESCALATION goes to those the first line answers to."""

    CHASE = "chase"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    LATE = "late"


class ReminderCause(GrowingCode):
    """Why a reminder is there: the plan, nobody's answer to one, or a deadline missed.

    START: the mail of a clock that starts, which counts as its first reminder.
    """

    START = "start"
    PLANNED = "planned"
    ESCALATION = "escalation"
    LATE = "late"


class ReminderChannel(GrowingCode):
    """How a reminder is told: by mail, or quietly, on the desk's own pages alone."""

    MAIL = "mail"
    DESK = "desk"


class AcknowledgedVia(GrowingCode):
    """Where somebody said that they had read a reminder: the link in a mail, or a page.

    START: they started the clock themselves, and so know of it.
    """

    LINK = "link"
    PAGE = "page"
    START = "start"


# Whom a reminder goes to, and whom what stays unread goes up to. Where nobody holds a role,
# the next in this line is told instead: a shop without a DPO still has somebody who decides.
LINE = (Role.HANDLER, Role.DPO, Role.DECIDER, Role.MANAGER)
# After them, the admin, who can give somebody a role: told only where the line is empty, since
# an admin may neither read a case nor confirm a reminder.
SUCCESSION = (*LINE, Role.ADMIN)


def kind_of_reminder(
    regime: str, roles_held: Iterable[Role], *, due_at: datetime | None, at: datetime
) -> ReminderKind:
    """What the reminder says to a person told because of these roles."""
    if due_at is not None and at > due_at:
        return ReminderKind.LATE
    if regime == PROVISIONAL:
        return ReminderKind.CHASE
    return ReminderKind.REMINDER if Role.HANDLER in set(roles_held) else ReminderKind.ESCALATION


def people_to_remind(
    roles: Iterable[Role], holders: Mapping[Role, Iterable[int]]
) -> dict[int, tuple[Role, ...]]:
    """Who holds the roles to remind, each person once, with the roles they are told for.

    A role nobody holds passes to the next in `LINE` that somebody does; after the last it is
    passed back towards the first, and to the admin where nobody holds any of them, so that as
    long as anyone is there, someone is told.
    """
    told: dict[int, tuple[Role, ...]] = {}
    for role in roles:
        for person in holders.get(_standing_in(role, holders), ()):
            told[person] = (*told.get(person, ()), role)
    return told


def _standing_in(role: Role, holders: Mapping[Role, Iterable[int]]) -> Role:
    if holders.get(role):
        return role
    start = SUCCESSION.index(role)
    line = (*SUCCESSION[start:-1], *reversed(LINE[:start]), SUCCESSION[-1])
    return next((candidate for candidate in line if list(holders.get(candidate, ()))), role)
