"""The first page of an organisation: what is to be done, the most urgent first."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from breachdesk.domain.access import Action
from breachdesk.domain.deadlines import Deadline
from breachdesk.domain.errors import NotFound
from breachdesk.models import Incident
from breachdesk.services.acting import Acting
from breachdesk.services.cases import Case, list_due
from breachdesk.services.register import list_own_reports
from breachdesk.web.case_pages import next_step_of, roles_for
from breachdesk.web.language import say
from breachdesk.web.request import now, seat_or_404, seats, session

pages = Blueprint("desk", __name__)

LONGEST_LIST = 50


@dataclass(frozen=True)
class DueCase:
    """One line: the incident, its clock, what comes next and whose turn it is."""

    incident: Incident
    deadline: Deadline | None
    step: str
    step_url: str | None
    waits_for: str | None


@pages.get("/")
def home() -> Response:
    """Go to the first organisation the person sits in."""
    if not seats():
        raise NotFound
    return redirect(url_for("desk.due", code=seats()[0].organisation.code))


@pages.get("/organisations/<code>")
def due(code: str) -> str:
    """What is to be done here; to somebody who only reports, their own reports."""
    seat = seat_or_404(code)
    if seat.may(Action.SEE_REGISTER):
        cases = [_line(case, seat) for case in list_due(session(), seat, limit=LONGEST_LIST)]
        return render_template("desk/due.html", seat=seat, cases=cases, limit=LONGEST_LIST)
    reports = list_own_reports(session(), seat)
    return render_template("desk/reports.html", seat=seat, reports=reports)


def _line(case: Case, seat: Acting) -> DueCase:
    step = next_step_of(case, seat) or {"title": say("Plus rien à faire")}
    waits_for = roles_for(Action(step["action"])) if "action" in step else None
    return DueCase(case.incident, case.deadline(now()), step["title"], step.get("url"), waits_for)
