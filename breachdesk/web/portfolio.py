"""For somebody with several organisations: everything that is due, in one list."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template

from breachdesk.domain.access import Action
from breachdesk.services.cases import Case, list_due_everywhere
from breachdesk.web.desk import DueCase, due_line
from breachdesk.web.language import timezone
from breachdesk.web.request import now, seats, session
from breachdesk.wording.times import short_time, zone_name

pages = Blueprint("portfolio", __name__)

LONGEST_LIST = 100


@dataclass(frozen=True)
class DueSomewhere:
    """One line: as in one organisation, with whose case it is and its time in their zone."""

    organisation: str
    code: str
    line: DueCase
    when: str


@pages.get("/due")
def due() -> str:
    """The open cases of every organisation the person reads, the most urgent first."""
    readable = [seat for seat in seats() if seat.may(Action.SEE_REGISTER)]
    cases = list_due_everywhere(session(), readable, limit=LONGEST_LIST)
    return render_template(
        "portfolio/due.html",
        lines=[_line(case) for case in cases],
        organisations=readable,
        limit=LONGEST_LIST,
    )


def _line(case: Case) -> DueSomewhere:
    assert case.seat is not None
    organisation = case.seat.organisation
    return DueSomewhere(
        organisation.name, organisation.code, due_line(case, case.seat), _when(case)
    )


def _when(case: Case) -> str:
    """The instant that the badge shows, with its zone where it is not the reader's."""
    deadline = case.next_deadline(now())
    if deadline is None:
        return ""
    zone = case.incident.organisation.timezone
    instant = deadline.stopped_at or deadline.due_at or deadline.started_at
    said = short_time(instant, zone)
    if zone == timezone():
        return said
    return f"{said} ({zone_name(instant.astimezone(ZoneInfo(zone)))})"
