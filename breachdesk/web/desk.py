"""The first page of an organisation: what is to be done, the most urgent first."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from breachdesk.domain.access import Action
from breachdesk.domain.deadlines import Deadline
from breachdesk.domain.errors import NotFound
from breachdesk.domain.single_sign_on import OrganisationClosed
from breachdesk.models import Incident
from breachdesk.services.acting import Acting
from breachdesk.services.cases import Case, list_due
from breachdesk.services.register import list_own_reports
from breachdesk.services.reminder_ledger import quiet_reminders
from breachdesk.web.case_pages import next_step_of, roles_for
from breachdesk.web.language import say
from breachdesk.web.request import now, seat_or_404, session, usual_seat

pages = Blueprint("desk", __name__)

LONGEST_LIST = 50


@dataclass(frozen=True)
class DueCase:
    """One line: the incident, what is due next and after it, the next step and whose turn it is."""

    incident: Incident
    deadline: Deadline | None
    later: list[Deadline]
    step: str
    step_url: str | None
    waits_for: str | None


@pages.get("/")
def home() -> str | Response:
    """Go to the organisation chosen last, or the first; the operator to the installation.

    Whoever came by a way that opens none of theirs is told which way does.
    """
    seat = usual_seat()
    if seat is not None:
        return redirect(url_for("desk.due", code=seat.organisation.code))
    if g.person.is_operator:
        return redirect(url_for("installation.show"))
    if g.signed_in.closed:
        return render_template("desk/closed.html", closed=g.signed_in.closed)
    raise NotFound


@pages.app_errorhandler(OrganisationClosed)
def closed(error: OrganisationClosed) -> tuple[str, int]:
    """Say which way opens the organisation that this one does not."""
    asked = str(error.parameters["shown"]).upper()
    closed_ones = [each for each in g.signed_in.closed if each.code == asked]
    return render_template("desk/closed.html", closed=closed_ones), HTTPStatus.NOT_FOUND


@pages.get("/organisations/<code>")
def due(code: str) -> str:
    """What is to be done here; to somebody who only reports, their own reports."""
    seat = seat_or_404(code)
    if seat.may(Action.SEE_REGISTER):
        cases = [due_line(case, seat) for case in list_due(session(), seat, limit=LONGEST_LIST)]
        quiet = quiet_reminders(session(), seat)
        return render_template(
            "desk/due.html", seat=seat, cases=cases, quiet=quiet, limit=LONGEST_LIST
        )
    reports = list_own_reports(session(), seat)
    return render_template("desk/reports.html", seat=seat, reports=reports)


def due_line(case: Case, seat: Acting) -> DueCase:
    """How a case stands in a list of what is due."""
    step = next_step_of(case, seat) or {"title": say("Plus rien à faire")}
    waits_for = roles_for(Action(step["action"])) if "action" in step else None
    return DueCase(
        case.incident,
        case.next_deadline(now()),
        case.later_deadlines(now()),
        step["title"],
        step.get("url"),
        waits_for,
    )
