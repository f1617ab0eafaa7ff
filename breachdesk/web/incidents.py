"""Opening an incident, the case at a glance, one's own report, closing."""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from breachdesk.domain.access import ALLOWED, Action
from breachdesk.domain.errors import NotAllowed, NotFound, WrongStep
from breachdesk.domain.facts import Answer, FactState
from breachdesk.domain.mail_accounts import Way
from breachdesk.models import Incident
from breachdesk.services.acting import Acting
from breachdesk.services.case_access import names_for, people_to_name, proposed
from breachdesk.services.cases import Case, answers_from, find_case, latest_facts
from breachdesk.services.incidents import Report, close_incident, open_incident
from breachdesk.services.mail_routes import route_of
from breachdesk.services.register import find_own_report
from breachdesk.web.case_pages import StepShown, case_page, next_step_of, roles_for
from breachdesk.web.forms import DeskForm, faults_on, local_text
from breachdesk.web.language import labels, say, timezone, wording
from breachdesk.web.named_people import people_choices
from breachdesk.web.own_report import own_report
from breachdesk.web.report_form import TOO_LARGE, DeskReportForm
from breachdesk.web.request import case_or_404, desk, now, seat_or_404, seats, session
from breachdesk.wording import N_

pages = Blueprint("incidents", __name__)


# --- Opening ---------------------------------------------------------------------------------


@pages.route("/organisations/<code>/incidents/new", methods=["GET", "POST"])
def new(code: str) -> str | Response | tuple[str, int]:
    """Ask what happened, then open the incident."""
    seat = seat_or_404(code, Action.OPEN_INCIDENT)
    asked = DeskReportForm()
    people = people_to_name(session(), seat.organisation.id)
    asked.named.choices = people_choices(people)
    if not asked.is_submitted():
        asked.named.data = sorted(proposed(people))
        asked.noticed_at.data = local_text(now())
        return _form(asked, seat)
    if asked.validate():
        with faults_on(asked) as attempt:
            report = asked.report()
            incident = open_incident(session(), desk(), report, by=seat, now=now())
        if attempt.succeeded:
            return _opened(incident, seat, report)
        if attempt.code == TOO_LARGE:
            return _form(asked, seat), HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return _form(asked, seat), 422


def _form(asked: DeskReportForm, seat: Acting) -> str:
    limit = desk().largest_upload // 1_000_000
    return render_template("incidents/new.html", form=asked, seat=seat, limit=limit)


def _opened(incident: Incident, seat: Acting, report: Report) -> Response:
    leaves = route_of(session(), desk(), seat.organisation).way is not Way.NONE
    receipt = (
        N_("Un accusé de réception part à %(email)s.")
        if leaves
        else N_("L’envoi de messages n’est pas réglé : notez cette référence.")
    )
    reference = say("C’est enregistré. Référence : %(shown)s.", shown=incident.reference)
    flash(f"{reference} {say(receipt, email=seat.user.email)}")
    # Whoever kept it to others, and is not among them, reads their report and not the file.
    is_theirs = seat.may(Action.SEE_CASE) and (not report.named or seat.user.id in report.named)
    page = "incidents.show" if is_theirs else "incidents.own"
    return redirect(url_for(page, reference=incident.reference))


# --- One's own report ------------------------------------------------------------------------


@pages.route("/incidents/<reference>/report", methods=["GET", "POST"])
def own(reference: str) -> str | Response | tuple[str, int]:
    """What somebody reported and how far it has come, not the file; they add to it.

    Also where the case is restricted to others.
    """
    found = find_own_report(session(), seats(), reference)
    if found is None:
        return _not_their_own(reference)
    incident, seat = found
    g.seat = seat
    return own_report(incident, seat)


def _not_their_own(reference: str) -> Response:
    """The case itself to who may read it; to everybody else there is no such page."""
    case = find_case(session(), seats(), reference)
    if case.seat is not None and case.seat.may(Action.SEE_CASE):
        return redirect(url_for("incidents.show", reference=case.incident.reference))
    raise NotFound("unknown_reference", shown=reference)


# --- The case at a glance --------------------------------------------------------------------


@pages.get("/incidents/<reference>")
def show(reference: str) -> str | Response:
    """The next step, what to remember, the story."""
    try:
        case, seat = case_or_404(reference)
    except (NotFound, NotAllowed):
        # Whoever may not read the file may still have reported it.
        if find_own_report(session(), seats(), reference) is None:
            raise
        return redirect(url_for("incidents.own", reference=reference.upper()))
    answers = answers_from(latest_facts(session(), case.incident))
    return case_page(
        "incidents/show.html",
        case,
        seat,
        step=_next_step(case, seat),
        remembered=_remembered(case, answers),
        unknown=sum(answer.state is FactState.NOT_KNOWN_YET for answer in answers.values()),
        open_questions=len(case.assessment.result["open_questions"]) if case.assessment else 0,
        description=answers.get("description", Answer(FactState.NOT_ASKED)).value,
    )


def _next_step(case: Case, seat: Acting) -> StepShown | None:
    """The next step, with the names of those it waits for where it is not the reader's."""
    step = next_step_of(case, seat)
    if step and "action" in step:
        action = Action(step["action"])
        holders = names_for(session(), case, seat.organisation.id)
        names = {name for role in ALLOWED[action] for name in holders.get(role, ())}
        step["waits_for"] = say(" ou ").join(sorted(names)) or roles_for(action)
        if not names and case.incident.is_restricted:
            step["waits_for"] = say("quelqu’un à désigner (%(roles)s)", roles=roles_for(action))
    return step


def _remembered(case: Case, answers: Mapping[str, Answer]) -> list[tuple[str, str]]:
    """ "À retenir": risk, people, data, decision; what nobody has said yet is left out."""
    pairs = [
        (say("Risque"), _risk(case)),
        (say("Personnes"), _answer("n_subjects", answers)),
        (say("Données"), _answer("data", answers)),
        (say("Accès"), _answer("access", answers)),
        (say("Décision"), _decision(case)),
    ]
    return [(label, value) for label, value in pairs if value]


def _risk(case: Case) -> str:
    if case.assessment is None:
        return ""
    risk = labels.risk_label(str(case.assessment.result["risk"]), wording())
    return say("%(risk)s (évaluation %(version)s)", risk=risk, version=case.assessment.version)


def _answer(key: str, answers: Mapping[str, Answer]) -> str:
    answer = answers.get(key)
    if answer is None or answer.state is FactState.NOT_ASKED:
        return ""
    if not answer.is_known:
        return labels.state_label(answer.state, wording())
    value = labels.value_text(key, answer.value, wording(), timezone())
    if answer.state is FactState.ESTIMATED:
        return say("%(value)s (estimé)", value=value)
    return value


def _decision(case: Case) -> str:
    if case.qualification is not None and not case.qualification.is_breach:
        return say("Pas une violation de données personnelles")
    if case.decision is None:
        return ""
    notify = N_("Notifier la CNIL") if case.decision.notify else N_("Ne pas notifier la CNIL")
    communicate = {
        "owed": N_("informer les personnes (obligatoire)"),
        "voluntary": N_("informer les personnes (volontaire)"),
    }.get(case.decision.communicate, N_("ne pas informer les personnes"))
    return say("%(notify)s ; %(communicate)s", notify=say(notify), communicate=say(communicate))


# --- Closing ---------------------------------------------------------------------------------


@pages.route("/incidents/<reference>/closing", methods=["GET", "POST"])
def close(reference: str) -> str | Response:
    """Say what closing means, then close."""
    case, seat = case_or_404(reference, Action.CLOSE)
    asked = DeskForm()
    if asked.validate_on_submit():
        close_incident(session(), case.incident, by=seat, now=now())
        flash(say("Le dossier est clos."))
        return redirect(url_for("incidents.show", reference=case.incident.reference))
    if case.incident.closed_at is not None:
        raise WrongStep("case_closed", reference=case.incident.reference)
    step = next_step_of(case, seat)
    return case_page("incidents/close.html", case, seat, form=asked, step=step)
