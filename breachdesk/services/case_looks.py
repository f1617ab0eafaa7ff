"""Looks at a case by people whose work it is not: one line a day in the case's journal."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from breachdesk.domain.access import Action
from breachdesk.domain.journal import Entry
from breachdesk.domain.visibility import LOOKS, day_began_at, is_usual
from breachdesk.models import Incident, JournalEntry
from breachdesk.services.acting import Acting
from breachdesk.services.cases import Case
from breachdesk.services.journal import chain_of, write_journal


def must_note_look(session: Session, case: Case, *, by: Acting, now: datetime) -> bool:
    """Whether a look at this case is out of the person's usual work and not noted today.

    One query, and none for the team at work on an open case.
    """
    by.demand(Action.SEE_CASE)
    incident = case.incident
    # Of a restricted case whoever sees it is named.
    has_part = incident.opened_by_id == by.user.id or incident.is_restricted
    if is_usual(by.roles, is_closed=incident.closed_at is not None, has_worked=has_part):
        return False
    return _is_first_today(session, incident, by=by, now=now)


def note_look(session: Session, incident_id: int, *, by: Acting, now: datetime) -> None:
    """Write down that somebody looked at a case, unless it is written down already today.

    The incident is held while we look: two pages opened at once are one look.
    """
    by.demand(Action.SEE_CASE)
    incident = session.get_one(
        Incident, incident_id, with_for_update={"of": Incident}, populate_existing=True
    )
    if _is_first_today(session, incident, by=by, now=now):
        write_journal(session, incident, Entry.CASE_READ, by=by.user, at=now)
    session.commit()


def _is_first_today(session: Session, incident: Incident, *, by: Acting, now: datetime) -> bool:
    """Whether they neither acted in the case ever, nor are written down as a reader today."""
    whose = {"chain": chain_of(incident), "actor_id": by.user.id}
    last = {code: at for code, at in session.execute(_last_lines_of(), whose)}
    if last.keys() - {look.value for look in LOOKS}:
        return False
    read_at: datetime | None = last.get(Entry.CASE_READ.value)
    return read_at is None or read_at < day_began_at(now, by.organisation.timezone)


@cache
def _last_lines_of() -> Any:
    return (
        select(JournalEntry.code, func.max(JournalEntry.at))
        .where(
            JournalEntry.chain == bindparam("chain"),
            JournalEntry.actor_id == bindparam("actor_id"),
        )
        .group_by(JournalEntry.code)
    )
