"""Who may know of a restricted case, and which looks at a case are out of the ordinary.

Of a restricted case only the people named in it know that it exists: it may concern a
colleague. Of any case, whoever works on it looks at it without a word; everybody else's
look is written down, once a day.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from breachdesk.domain.access import ALLOWED, Action, Role
from breachdesk.domain.deliveries import ACCOUNT_MAILS, MailKind
from breachdesk.domain.journal import Entry
from breachdesk.domain.reminders import SUCCESSION

# Whose work a case is: the roles that may record what is known of it.
CASE_TEAM = ALLOWED[Action.RECORD_FACTS]
# Who may read a case that is open to all: the people that a restricted one may be shown to.
READERS = ALLOWED[Action.SEE_CASE]
# One of these must be named in every restricted case: without them it could not be decided.
LEADS = ALLOWED[Action.RESTRICT_CASE]
# Journal lines by which somebody only looked.
LOOKS = frozenset({Entry.CASE_READ, Entry.RECIPIENTS_SEEN, Entry.RECIPIENTS_EXPORTED})
# Mails that tell one of our people of a case without their asking: all but those which only
# tell reporters of their own report.
TELLING = (
    frozenset(MailKind)
    - ACCOUNT_MAILS
    - {MailKind.RECEIPT, MailKind.REPORT_QUESTION, MailKind.COMMUNICATION}
)


def leads(roles: Iterable[Role]) -> bool:
    """Whether somebody with these roles can lead a restricted case to its decision."""
    return not LEADS.isdisjoint(roles)


def first_named(roles: Mapping[int, Collection[Role]]) -> frozenset[int]:
    """Whom to propose for a restricted case: the DPOs, or the deciders where there is none.

    Args:
        roles: the people who can work on cases, by id, each with their roles.
    """
    for wanted in (Role.DPO, Role.DECIDER):
        found = frozenset(person for person, held in roles.items() if wanted in held)
        if found:
            return found
    return frozenset()


def told_of(named: Collection[int], holders: Mapping[Role, list[int]]) -> dict[Role, list[int]]:
    """Of those who hold each role, the ones named; who stands in for a role comes after.

    Where no named person holds any role that somebody can stand in with, all named people
    do: a restricted case is never left without anybody told.
    """
    told = {role: [user for user in users if user in named] for role, users in holders.items()}
    if not any(told.get(role) for role in SUCCESSION):
        there = {user for users in holders.values() for user in users}
        told[SUCCESSION[0]] = sorted(there & set(named))
    return told


def is_usual(roles: Iterable[Role], *, is_closed: bool, has_worked: bool) -> bool:
    """Whether a look at a case belongs to somebody's usual work.

    Args:
        has_worked: they opened it, are named in it, or have acted in it.
    """
    return has_worked or (not is_closed and not CASE_TEAM.isdisjoint(roles))


def day_began_at(now: datetime, timezone: str) -> datetime:
    """When the day of `now` began where the organisation is, in UTC."""
    local = now.astimezone(ZoneInfo(timezone))
    return datetime.combine(local.date(), time(), ZoneInfo(timezone)).astimezone(UTC)
