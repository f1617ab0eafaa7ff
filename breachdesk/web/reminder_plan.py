"""The reminder plan of an organisation: who is reminded when, and what it would do on a Friday."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from breachdesk.domain.access import Action
from breachdesk.domain.plan_preview import late_firsts, preview
from breachdesk.domain.reminder_plans import DEFAULT_PLAN, ReminderPlan
from breachdesk.domain.reminders import LINE
from breachdesk.services.acting import Acting
from breachdesk.services.duty_outlook import outlook_of
from breachdesk.services.reminder_plans import (
    RunningClocks,
    change_plan,
    plan_of,
    replan_running,
    running_clocks,
)
from breachdesk.web.case_pages import roles_for
from breachdesk.web.language import say, wording
from breachdesk.web.reminder_plan_form import PlanForm, hours_text, plan_form
from breachdesk.web.request import now, seat_or_404, session

# Of the clocks that a plan changes: the soonest due say enough.
SHOWN_AT_MOST = 20

pages = Blueprint("reminder_plan", __name__, url_prefix="/organisations/<code>/reminders")


@pages.route("", methods=["GET", "POST"])
def show(code: str) -> str | Response | tuple[str, int]:
    """Show the plan with what it would do; those who may change it get the form."""
    seat = seat_or_404(code, Action.SEE_ORGANISATION)
    plan = plan_of(seat.organisation)
    if request.method == "GET":
        return _page(seat, plan, plan_form(_to_show(plan)))
    seat.demand(Action.MANAGE_REMINDER_PLAN)
    if "replan" in request.form:
        return _replanned(seat)
    asked = plan_form(plan, request.form)
    asked.validate()
    typed = asked.plan()
    if typed is None:
        return _page(seat, plan, asked), 422
    if "look" in request.form:
        return _page(seat, typed, asked, is_look=True)
    change_plan(session(), typed, by=seat, now=now(), replans=asked.replans)
    flash(_said_of(running_clocks(session(), typed, seat=seat, now=now())))
    return redirect(url_for("reminder_plan.show", code=code))


def _replanned(seat: Acting) -> Response:
    """Plan the clocks that run anew, by the plan that is kept."""
    replan_running(session(), by=seat, now=now())
    flash(say("Les rappels à venir des délais qui courent suivent maintenant ce plan."))
    return redirect(url_for("reminder_plan.show", code=seat.organisation.code))


def _said_of(running: RunningClocks) -> str:
    if not running.changes:
        return say(
            "Le plan de rappels est enregistré ; les rappels à venir suivent déjà le nouveau plan."
        )
    return wording().plural(
        "Le plan de rappels est enregistré. Un délai qui court garde les rappels déjà prévus.",
        "Le plan de rappels est enregistré. %(n)s délais qui courent gardent les rappels déjà "
        "prévus.",
        len(running.changes),
    )


def _to_show(plan: ReminderPlan) -> ReminderPlan:
    """The plan kept, or the one that we propose where it is asked for."""
    return DEFAULT_PLAN if "proposed" in request.args else plan


def _page(seat: Acting, plan: ReminderPlan, asked: PlanForm, *, is_look: bool = False) -> str:
    shown = _to_show(plan)
    outlook = outlook_of(session(), seat.organisation, now=now(), plan=shown)
    planned = preview(outlook.around, now=now())
    may_edit = seat.may(Action.MANAGE_REMINDER_PLAN)
    running = running_clocks(session(), shown, seat=seat, now=now()) if may_edit else None
    return render_template(
        "reminder_plan/show.html",
        seat=seat,
        form=asked,
        plan=shown,
        may_edit=may_edit,
        running=running,
        sees_cases=seat.may(Action.SEE_CASE),
        shown_at_most=SHOWN_AT_MOST,
        editors=roles_for(Action.MANAGE_REMINDER_PLAN),
        is_proposed=plan == DEFAULT_PLAN,
        is_look=is_look,
        is_asked_for="proposed" in request.args,
        preview=planned,
        late_firsts=late_firsts(outlook.around, now=now()),
        names_of=outlook.names_of,
        first_told=outlook.addressees(planned.first_mail.told, whoever_is_away=True),
        line=LINE,
        hours_text=hours_text,
    )
