"""Opening an incident, the case at a glance, one's own report, closing."""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from breachdesk.domain.access import ALLOWED, Action
from breachdesk.domain.errors import NotFound, WrongStep
from breachdesk.domain.facts import Answer, FactState
from breachdesk.domain.lifecycle import Stage
from breachdesk.models import Fact, Incident
from breachdesk.services.acting import Acting, names_by_role
from breachdesk.services.attachments import attachments_of
from breachdesk.services.cases import Case, answers_from, find_case, latest_facts
from breachdesk.services.facts import fact_histories
from breachdesk.services.incidents import close_incident, open_incident
from breachdesk.web.case_pages import case_page, next_step_of, roles_for
from breachdesk.web.forms import DeskForm, faults_on, local_text
from breachdesk.web.language import labels, say, timezone, wording
from breachdesk.web.report_form import TOO_LARGE, ReportForm
from breachdesk.web.request import case_or_404, desk, now, seat_or_404, seats, session
from breachdesk.wording import N_

pages = Blueprint("incidents", __name__)

REPORTED = ("description", "noticed_at", "system", "access", "data")
# What somebody who reported is told of the state of their report, and no more.
TOLD_TO_REPORTER: Mapping[Stage, str] = {
    Stage.OPENED: N_("Reçu. L’équipe va l’examiner et vous demandera ce qui lui manque."),
    Stage.NOT_A_BREACH: N_("Examiné : aucune donnée personnelle n’est touchée."),
    Stage.CLOSED: N_("Examiné et clos."),
}
TAKEN_IN_HAND = N_("Pris en charge : l’équipe fait le nécessaire.")


# --- Opening ---------------------------------------------------------------------------------


@pages.route("/organisations/<code>/incidents/new", methods=["GET", "POST"])
def new(code: str) -> str | Response | tuple[str, int]:
    """Ask what happened, then open the incident."""
    seat = seat_or_404(code, Action.OPEN_INCIDENT)
    asked = ReportForm()
    if not asked.is_submitted():
        asked.noticed_at.data = local_text(now())
        return _form(asked, seat)
    if asked.validate():
        with faults_on(asked) as attempt:
            incident = open_incident(session(), desk(), asked.report(), by=seat, now=now())
        if attempt.succeeded:
            return _opened(incident, seat)
        if attempt.code == TOO_LARGE:
            return _form(asked, seat), HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return _form(asked, seat), 422


def _form(asked: ReportForm, seat: Acting) -> str:
    limit = desk().largest_upload // 1_000_000
    return render_template("incidents/new.html", form=asked, seat=seat, limit=limit)


def _opened(incident: Incident, seat: Acting) -> Response:
    leaves = desk().server_for(seat.organisation) is not None
    receipt = (
        N_("Un accusé de réception part à %(email)s.")
        if leaves
        else N_("L’envoi de messages n’est pas réglé : notez cette référence.")
    )
    reference = say("C’est enregistré. Référence : %(shown)s.", shown=incident.reference)
    flash(f"{reference} {say(receipt, email=seat.user.email)}")
    page = "incidents.show" if seat.may(Action.SEE_CASE) else "incidents.own"
    return redirect(url_for(page, reference=incident.reference))


# --- One's own report ------------------------------------------------------------------------


@pages.get("/incidents/<reference>/report")
def own(reference: str) -> str | Response:
    """What somebody reported and how far it has come: the state, not the file."""
    case, seat = _case_and_seat(reference)
    if case.incident.opened_by_id != seat.user.id:
        return _not_their_own(case, seat)
    incident = case.incident
    return render_template(
        "incidents/own.html",
        incident=incident,
        seat=seat,
        state=say(TOLD_TO_REPORTER.get(incident.stage, TAKEN_IN_HAND)),
        said=_said_by_reporter(incident),
        files=[
            file for file in attachments_of(session(), incident) if file.added_by_id == seat.user.id
        ],
    )


def _not_their_own(case: Case, seat: Acting) -> Response:
    """The case itself to who may read it; to everybody else there is no such page."""
    reference = case.incident.reference
    if seat.may(Action.SEE_CASE):
        return redirect(url_for("incidents.show", reference=reference))
    raise NotFound("unknown_reference", shown=reference)


def _case_and_seat(reference: str) -> tuple[Case, Acting]:
    """A case of an organisation the person sits in, before their roles are asked."""
    case = find_case(session(), seats(), reference)
    return case, seat_or_404(case.incident.organisation.code)


def _said_by_reporter(incident: Incident) -> list[tuple[str, str]]:
    """What the report held, question by question: later versions belong to the file."""
    histories = fact_histories(session(), incident, REPORTED)
    first = [(key, history.versions[0]) for key, history in histories.items() if history.versions]
    return [
        (labels.fact_question(key, wording()), _value(key, fact))
        for key, fact in first
        if fact.author_id == incident.opened_by_id and fact.recorded_at == incident.opened_at
    ]


def _value(key: str, fact: Fact) -> str:
    if fact.state is FactState.KNOWN:
        return labels.value_text(key, fact.value, wording(), timezone())
    return labels.state_label(fact.state, wording())


# --- The case at a glance --------------------------------------------------------------------


@pages.get("/incidents/<reference>")
def show(reference: str) -> str | Response:
    """The next step, what to remember, the story."""
    case, seat = _case_and_seat(reference)
    if not seat.may(Action.SEE_CASE) and case.incident.opened_by_id == seat.user.id:
        return redirect(url_for("incidents.own", reference=case.incident.reference))
    seat.demand(Action.SEE_CASE)
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


def _next_step(case: Case, seat: Acting) -> dict[str, str] | None:
    """The next step, with the names of those it waits for where it is not the reader's."""
    step = next_step_of(case, seat)
    if step and "action" in step:
        action = Action(step["action"])
        holders = names_by_role(session(), seat.organisation.id)
        names = dict.fromkeys(name for role in ALLOWED[action] for name in holders.get(role, ()))
        step["waits_for"] = say(" ou ").join(sorted(names)) or roles_for(action)
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
    return case_page("incidents/close.html", case, seat, form=asked)
