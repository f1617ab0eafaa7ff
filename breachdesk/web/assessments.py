"""Assessing a breach, advising on the assessment, signing the decision."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from breachdesk.domain.access import Action, Role
from breachdesk.domain.assessment_changes import compare
from breachdesk.domain.authority_form import Gravity
from breachdesk.domain.duties import RULES_VERSION
from breachdesk.domain.errors import ChangedMeanwhile, NotFound
from breachdesk.domain.facts import ASSESSED_FACTS, FACTS
from breachdesk.domain.flips import flips_of
from breachdesk.models import Assessment, db
from breachdesk.services.acting import Acting
from breachdesk.services.assessments import assess_incident, assessments_of
from breachdesk.services.case_access import names_for
from breachdesk.services.cases import Case
from breachdesk.services.decisions import advise, decide, decisions_of
from breachdesk.services.known_facts import latest_facts
from breachdesk.services.reopening import reopenings_of
from breachdesk.web.assessment_changes import fact_lines, fact_text, outcome_lines
from breachdesk.web.assessment_forms import AdviceForm, DecisionForm, hidden_id
from breachdesk.web.case_pages import case_page, next_step_of
from breachdesk.web.facts import may_record
from breachdesk.web.forms import faults_on
from breachdesk.web.language import say, wording
from breachdesk.web.published_notifications import published_block
from breachdesk.web.request import case_or_404, now, session
from breachdesk.wording import labels
from breachdesk.wording.assessment import describe, flip_text
from breachdesk.wording.errors import error_sentence

pages = Blueprint("assessments", __name__, url_prefix="/incidents/<reference>")

Verdict = Mapping[str, object]


def verdict_of(assessment: Assessment) -> Verdict:
    """An assessment's record in words, with what the templates ask beside it."""
    said = describe(assessment.result, wording())
    scale = {
        name: labels.code_label(Gravity, str(said[name]), wording())
        for name in ("gravity", "likelihood")
        if said.get(name) in set(Gravity)
    }
    return {
        **said,
        "id": assessment.id,
        "version": assessment.version,
        "made_at": assessment.made_at,
        "made_by": assessment.made_by.name,
        "risk_text": labels.risk_label(str(said["risk"]), wording()),
        "scale": scale,
        "flips": _flips(assessment),
        "sections": {key: fact.section.value for key, fact in FACTS.items()},
    }


def _flips(assessment: Assessment) -> list[str]:
    """What would flip it; nothing where it was made by other rules than those of today."""
    if assessment.rules_version != RULES_VERSION:
        return []
    return [flip_text(flip, assessment.facts, wording()) for flip in flips_of(assessment.facts)]


# --- The assessment --------------------------------------------------------------------------


@pages.route("/assessment", methods=["GET", "POST"])
def show(reference: str) -> str | Response:
    """The latest verdict; a POST assesses the facts as they stand."""
    case, seat = case_or_404(reference)
    if request.method == "POST":
        made = assess_incident(session(), case.incident, by=seat, now=now())
        flash(say("L’évaluation n° %(version)s est faite.", version=made.version))
        return redirect(url_for("assessments.show", reference=reference))
    if case.assessment is None:
        return _nothing_yet(case, seat)
    return _verdict_page(case, seat, case.assessment.version)


def _nothing_yet(case: Case, seat: Acting) -> str:
    known = latest_facts(session(), case.incident)
    unknown = sum(not (key in known and known[key].value is not None) for key in ASSESSED_FACTS)
    return case_page(
        "assessments/first.html",
        case,
        seat,
        unknown=unknown,
        may_assess=_may(case, seat, Action.ASSESS),
        may_record=may_record(case, seat),
    )


@pages.get("/assessment/<int:version>")
def version(reference: str, version: int) -> str:
    """One version of the assessment, as it was made."""
    case, seat = case_or_404(reference)
    return _verdict_page(case, seat, version)


def _verdict_page(case: Case, seat: Acting, version: int) -> str:
    versions = assessments_of(session(), case.incident)
    shown = _version(versions, version)
    is_latest = shown is versions[0]
    changed = case.changed if is_latest else ()
    return case_page(
        "assessments/show.html",
        case,
        seat,
        said=verdict_of(shown),
        versions=versions,
        is_latest=is_latest,
        facts=_facts_taken(shown),
        changed=[labels.fact_label(key, wording()) for key in changed],
        is_by_older_rules=is_latest and shown.rules_version != RULES_VERSION,
        may_assess=_may(case, seat, Action.ASSESS),
        may_record=may_record(case, seat),
        next_url=_next_url(case, seat) if is_latest else None,
        published=published_block(shown, seat) if is_latest else None,
    )


def _facts_taken(assessment: Assessment) -> list[tuple[str, str]]:
    """The facts that an assessment took, in words and in the order of the file."""
    return [
        (labels.fact_label(key, wording()), fact_text(key, assessment.facts[key]))
        for key in ASSESSED_FACTS
        if key in assessment.facts
    ]


def _next_url(case: Case, seat: Acting) -> str | None:
    """Where the verdict leads: to the advice, then to the decision."""
    if case.advice is None and not _may(case, seat, Action.ADVISE):
        return None
    page = "assessments.decision" if case.advice else "assessments.advice"
    return url_for(page, reference=case.incident.reference)


def _may(case: Case, seat: Acting, action: Action) -> bool:
    """Whether the person may do it, on a breach still open."""
    is_open_breach = bool(case.progress.is_breach) and case.incident.closed_at is None
    return is_open_breach and seat.may(action)


@pages.get("/assessment/<int:version>/changes")
def changes(reference: str, version: int) -> str:
    """A version beside the one before it, or beside the one that `with` names."""
    case, seat = case_or_404(reference)
    versions = assessments_of(session(), case.incident)
    after = _version(versions, version)
    chosen = request.args.get("with", type=int)
    if chosen is None and version == 1:
        return case_page("assessments/changes.html", case, seat, after=verdict_of(after))
    before = _version(versions, chosen if chosen is not None else version - 1)
    said_before, said_after = verdict_of(before), verdict_of(after)
    found = compare(before.facts, said_before, after.facts, said_after)
    return case_page(
        "assessments/changes.html",
        case,
        seat,
        before=said_before,
        after=said_after,
        changes=found,
        facts=fact_lines(found),
        outcomes=outcome_lines(found),
        others=[each.version for each in versions if each not in (before, after)],
    )


def _version(versions: Sequence[Assessment], number: int) -> Assessment:
    found = next((each for each in versions if each.version == number), None)
    if found is None:
        raise NotFound("unknown_assessment", number=number)
    return found


# --- The advice ------------------------------------------------------------------------------


@pages.route("/advice", methods=["GET", "POST"])
def advice(reference: str) -> str | Response | tuple[str, int]:
    """Ask for the advice on the latest assessment, then record it."""
    case, seat = case_or_404(reference)
    asked = AdviceForm()
    if asked.is_submitted():
        seat.demand(Action.ADVISE)
    if not asked.is_submitted() or case.assessment is None:
        if request.method == "POST":
            return redirect(url_for("assessments.show", reference=reference))
        if case.assessment is not None:
            asked.suggest(case.assessment.result)
            asked.assessment_id.data = str(case.assessment.id)
        return _advice_page(case, seat, asked)
    try:
        if asked.validate():
            with faults_on(asked) as attempt:
                _advise(case, seat, asked)
            if attempt.succeeded:
                return _advised(reference, seat)
    except ChangedMeanwhile as fault:
        db.session.rollback()
        asked.form_errors = [*asked.form_errors, error_sentence(fault, wording())]
        case, seat = case_or_404(reference)
        asked.assessment_id.data = str(case.assessment.id) if case.assessment else ""
        return _advice_page(case, seat, asked), 409
    return _advice_page(case, seat, asked), 422


def _advise(case: Case, seat: Acting, asked: AdviceForm) -> None:
    notify, communicate = asked.choice()
    advise(
        session(),
        case.incident,
        assessment_id=hidden_id(asked.assessment_id.data),
        notify=notify,
        communicate=communicate,
        reason=asked.reason.data or "",
        by=seat,
        now=now(),
    )


def _advised(reference: str, seat: Acting) -> Response:
    flash(say("L’avis est rendu. La décision peut être signée."))
    page = "assessments.decision" if seat.may(Action.DECIDE) else "incidents.show"
    return redirect(url_for(page, reference=reference))


def _advice_page(case: Case, seat: Acting, asked: AdviceForm) -> str:
    people = names_for(session(), case, seat.organisation.id)
    return case_page(
        "assessments/advice.html",
        case,
        seat,
        form=asked,
        said=verdict_of(case.assessment) if case.assessment else None,
        advised=case.advice,
        is_decided=case.decision is not None,
        may_advise=_may(case, seat, Action.ADVISE),
        has_dpo=Role.DPO in people,
        waits_for=_names(people, Role.DPO, Role.DECIDER),
    )


def _names(people: Mapping[Role, list[str]], *roles: Role) -> str:
    """The holders of the first of these roles that somebody holds."""
    return ", ".join(next((people[role] for role in roles if role in people), []))


# --- The decision ----------------------------------------------------------------------------


@pages.route("/decision", methods=["GET", "POST"])
def decision(reference: str) -> str | Response | tuple[str, int]:
    """Ask for the decision on the advice, then sign it; signed, it is only shown."""
    case, seat = case_or_404(reference)
    asked = DecisionForm()
    if not asked.is_submitted():
        asked.advice_id.data = str(case.advice.id) if case.advice else ""
        return _decision_page(case, seat, asked)
    seat.demand(Action.DECIDE)
    try:
        if asked.validate():
            with faults_on(asked) as attempt:
                _decide(case, seat, asked)
            if attempt.succeeded:
                flash(say("La décision est signée."))
                return redirect(url_for("assessments.decision", reference=reference))
    except ChangedMeanwhile as fault:
        db.session.rollback()
        asked.form_errors = [*asked.form_errors, error_sentence(fault, wording())]
        case, seat = case_or_404(reference)
        asked.advice_id.data = str(case.advice.id) if case.advice else ""
        return _decision_page(case, seat, asked), 409
    return _decision_page(case, seat, asked), 422


def _decide(case: Case, seat: Acting, asked: DecisionForm) -> None:
    advice_id = hidden_id(asked.advice_id.data)
    if case.advice is None or case.advice.id != advice_id:
        raise ChangedMeanwhile("newer_advice")
    notify, communicate = asked.choice(case.advice)
    decide(
        session(),
        case.incident,
        advice_id=advice_id,
        notify=notify,
        communicate=communicate,
        reason=asked.reason.data or "",
        by=seat,
        now=now(),
    )


def _decision_page(case: Case, seat: Acting, asked: DecisionForm) -> str:
    people = names_for(session(), case, seat.organisation.id)
    signed = decisions_of(session(), case.incident)
    reopened = reopenings_of(session(), case.incident) if case.reopening or len(signed) > 1 else ()
    return case_page(
        "assessments/decision.html",
        case,
        seat,
        form=asked,
        said=verdict_of(case.assessment) if case.assessment else None,
        advised=case.advice,
        signed=case.decision,
        earlier=[each for each in signed if each is not case.decision],
        reopened={each.decision_id: each for each in reopened},
        may_decide=_may(case, seat, Action.DECIDE),
        waits_for=_names(people, Role.DECIDER),
        advice_waits_for=_names(people, Role.DPO, Role.DECIDER),
        next=next_step_of(case, seat),
    )
