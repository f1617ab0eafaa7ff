"""The exchange with whoever reported, as the case team sees it."""

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from breachdesk.domain.access import Action
from breachdesk.services.acting import Acting
from breachdesk.services.cases import Case
from breachdesk.services.outside_reports import Identity, identity_of, outside_report_of
from breachdesk.services.report_messages import ask_reporter, messages_of
from breachdesk.web.case_pages import case_page
from breachdesk.web.forms import faults_on
from breachdesk.web.language import say
from breachdesk.web.outside_forms import QuestionForm
from breachdesk.web.request import case_or_404, desk, now, session

pages = Blueprint("report_messages", __name__, url_prefix="/incidents/<reference>/messages")


@pages.route("", methods=["GET", "POST"])
def listing(reference: str) -> str | Response | tuple[str, int]:
    """What was said on both sides; one question more."""
    case, seat = case_or_404(reference, Action.ANSWER_REPORTER)
    asked = QuestionForm()
    if not asked.is_submitted():
        return _page(case, seat, asked)
    if asked.validate():
        with faults_on(asked) as attempt:
            ask_reporter(session(), case.incident, asked.text.data or "", by=seat, now=now())
        if attempt.succeeded:
            flash(say("La question est posée."))
            return redirect(url_for("report_messages.listing", reference=reference))
    return _page(case, seat, asked), 422


def _page(case: Case, seat: Acting, asked: QuestionForm) -> str:
    outside = outside_report_of(session(), case.incident)
    return case_page(
        "report_messages/listing.html",
        case,
        seat,
        form=asked,
        identity=identity_of(desk(), outside, by=seat) if outside else Identity(),
        messages=messages_of(session(), case.incident),
        may_ask=case.incident.closed_at is None,
    )
