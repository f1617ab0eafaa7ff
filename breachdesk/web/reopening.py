"""Taking up a decision not to notify: since when is it known, and what changed."""

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, TextAreaField

from breachdesk.domain.access import Action, Role
from breachdesk.domain.errors import ChangedMeanwhile
from breachdesk.models import db
from breachdesk.services.acting import Acting
from breachdesk.services.case_access import names_for
from breachdesk.services.cases import Case
from breachdesk.services.decisions import decisions_of
from breachdesk.services.reopening import changes_since_decision, reopen_decision, reopenings_of
from breachdesk.web.assessment_changes import fact_lines, outcome_lines
from breachdesk.web.assessment_forms import LONGEST_REASON, hidden_id
from breachdesk.web.case_pages import case_page
from breachdesk.web.forms import (
    AtMost,
    DeskForm,
    LocalTimeField,
    faults_on,
    instant_of,
    second_time_field,
)
from breachdesk.web.language import say, say_later, wording
from breachdesk.web.request import case_or_404, now, session
from breachdesk.wording import N_
from breachdesk.wording.errors import error_sentence

pages = Blueprint("reopening", __name__, url_prefix="/incidents/<reference>")


class ReopeningForm(DeskForm):
    """Since when what changed is known, and what it is."""

    decision_id = HiddenField()
    aware_at = LocalTimeField(
        say_later("Depuis quand le savez-vous ?"),
        message=N_("Indiquez quand l’organisation a appris ce qui change, comme 02/03/2026 14:30."),
        description=say_later(
            "Le moment où l’organisation a appris ce qui change. Les 72 h se comptent à partir de "
            "là."
        ),
    )
    second_time = second_time_field()
    reason = TextAreaField(
        say_later("Ce qui a changé, et comment vous l’avez appris"),
        [AtMost(LONGEST_REASON)],
        description=say_later("En une phrase. Elle est gardée avec la décision et au dossier."),
    )


@pages.route("/reopening", methods=["GET", "POST"])
def form(reference: str) -> str | Response | tuple[str, int]:
    """Ask since when, then take up the decision; taken up, it is only shown."""
    case, seat = case_or_404(reference)
    asked = ReopeningForm()
    if not asked.is_submitted():
        asked.decision_id.data = str(case.signed.id) if case.signed else ""
        return _page(case, seat, asked)
    seat.demand(Action.QUALIFY)
    try:
        if asked.validate():
            with faults_on(asked) as attempt:
                _reopen(case, seat, asked)
            if attempt.succeeded:
                flash(say("La décision est reprise : le délai court de nouveau."))
                return redirect(url_for("incidents.show", reference=reference))
    except ChangedMeanwhile as fault:
        db.session.rollback()
        asked.form_errors = [*asked.form_errors, error_sentence(fault, wording())]
        case, seat = case_or_404(reference)
        asked.decision_id.data = str(case.signed.id) if case.signed else ""
        return _page(case, seat, asked), 409
    return _page(case, seat, asked), 422


def _reopen(case: Case, seat: Acting, asked: ReopeningForm) -> None:
    reopen_decision(
        session(),
        case.incident,
        decision_id=hidden_id(asked.decision_id.data),
        aware_at=instant_of(asked, "aware_at"),
        reason=asked.reason.data or "",
        by=seat,
        now=now(),
    )


def _page(case: Case, seat: Acting, asked: ReopeningForm) -> str:
    may_reopen = seat.may(Action.QUALIFY)
    signed = decisions_of(session(), case.incident)[0] if case.signed else None
    changes = changes_since_decision(session(), signed) if signed and case.holds_no else None
    people = {} if may_reopen else names_for(session(), case, seat.organisation.id)
    return case_page(
        "reopening/form.html",
        case,
        seat,
        form=asked,
        signed=signed,
        facts=fact_lines(changes) if changes else [],
        outcomes=outcome_lines(changes)[:3] if changes else [],
        reopened=reopenings_of(session(), case.incident)[-1] if case.reopening else None,
        may_reopen=may_reopen,
        waits_for=", ".join(people.get(Role.DPO) or people.get(Role.DECIDER, [])),
    )
