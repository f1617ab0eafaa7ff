"""Reporting without an account, and coming back with the secret reference.

Nothing of where a report comes from is written down, here or in any log of ours.
"""

from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response

from breachdesk.domain.errors import NotFound, TooManyAttempts
from breachdesk.domain.reporting import MOST_FILES, VISIT_LASTS
from breachdesk.models import Organisation, OutsideReport
from breachdesk.services.acting import Stranger
from breachdesk.services.outside_reports import (
    Received,
    find_by_index,
    find_by_secret,
    find_public_organisation,
    report_publicly,
)
from breachdesk.services.report_messages import complete_report, messages_of
from breachdesk.web.forms import faults_on, local_text
from breachdesk.web.language import say, timezone, wording
from breachdesk.web.outside_forms import AdditionForm, PublicReportForm, SecretForm
from breachdesk.web.own_report import files_of_reporter, said_by_reporter, state_of
from breachdesk.web.report_form import TOO_LARGE, uploads_of
from breachdesk.web.request import desk, now, session
from breachdesk.wording.errors import error_sentence
from breachdesk.wording.times import local_time

pages = Blueprint("public_report", __name__, url_prefix="/report")

# Where the cookie keeps whose report is open: an index that opens nothing elsewhere.
VISIT = "report_visit"

Answer = str | Response | tuple[str, int]


# --- Reporting -------------------------------------------------------------------------------


@pages.route("/<address>", methods=["GET", "POST"])
def form(address: str) -> Answer:
    """Ask what happened; on success show the secret, once."""
    organisation = _organisation(address)
    asked = PublicReportForm()
    if not asked.is_submitted():
        asked.noticed_at.data = local_text(now())
        asked.ask()
        return _form(asked, organisation)
    # Both, so that all there is to mend is said at once.
    is_complete, is_from_person = asked.validate(), asked.is_from_person()
    if not (is_complete and is_from_person):
        return _form(asked, organisation), 422
    return _report(asked, organisation)


def _report(asked: PublicReportForm, organisation: Organisation) -> Answer:
    try:
        with faults_on(asked) as attempt:
            received = _taken_in(asked, organisation)
    except TooManyAttempts as fault:
        asked.form_errors = [*asked.form_errors, too_many(fault)]
        return _form(asked, organisation), HTTPStatus.TOO_MANY_REQUESTS
    if attempt.succeeded:
        return _received(received)
    too_large = attempt.code == TOO_LARGE
    return _form(asked, organisation), HTTPStatus.REQUEST_ENTITY_TOO_LARGE if too_large else 422


def _taken_in(asked: PublicReportForm, organisation: Organisation) -> Received:
    return report_publicly(
        session(),
        desk(),
        organisation,
        asked.report(),
        identity=asked.identity(),
        accuses=bool(asked.accuses.data),
        ticket=asked.ticket(),
        address=request.remote_addr or "",
        now=now(),
    )


def _organisation(address: str) -> Organisation:
    """The organisation of a public address, whose local time the page then tells."""
    organisation = find_public_organisation(session(), address)
    g.stranger = Stranger(organisation)
    return organisation


def _form(asked: PublicReportForm, organisation: Organisation) -> str:
    return render_template(
        "public_report/form.html",
        form=asked,
        organisation=organisation,
        limit=desk().largest_upload // 1_000_000,
        most_files=MOST_FILES,
    )


def _received(received: Received) -> str:
    return render_template(
        "public_report/received.html",
        secret=received.secret,
        outside=received.outside,
        organisation=received.outside.incident.organisation,
        back=back_url(),
    )


def back_url() -> str:
    """Where anybody comes back with a secret, whatever the form's address is by then."""
    return f"{desk().public_url}{url_for('public_report.back')}"


def too_many(fault: TooManyAttempts) -> str:
    """When a form will be taken again, on the page that still holds it."""
    until = fault.parameters.get("until")
    if not isinstance(until, datetime):
        return error_sentence(fault, wording())
    return say(
        "Trop d’envois en peu de temps. Gardez cette page ouverte et recommencez après %(until)s.",
        until=local_time(until, timezone(), wording()),
    )


# --- Coming back -----------------------------------------------------------------------------


@pages.route("/back", methods=["GET", "POST"], defaults={"address": ""})
@pages.route("/<address>/back", methods=["GET", "POST"])
def back(address: str) -> Answer:
    """Ask for the secret; whoever has just given it goes on to their report."""
    organisation = _organisation(address) if address else None
    asked = SecretForm()
    if not asked.is_submitted():
        if _visit() is not None:
            return redirect(url_for("public_report.own"))
        return _ask_secret(asked, organisation)
    if not asked.validate():
        return _ask_secret(asked, organisation), 422
    return _come_back(asked, organisation)


def _come_back(asked: SecretForm, organisation: Organisation | None) -> Answer:
    origin = request.remote_addr or ""
    try:
        found = find_by_secret(session(), desk(), asked.secret.data, address=origin, now=now())
    except NotFound as fault:
        asked.secret.errors = [*asked.secret.errors, error_sentence(fault, wording())]
        return _ask_secret(asked, organisation), 422
    except TooManyAttempts as fault:
        asked.form_errors = [*asked.form_errors, too_many(fault)]
        return _ask_secret(asked, organisation), HTTPStatus.TOO_MANY_REQUESTS
    _note_visit(found.secret_index)
    return redirect(url_for("public_report.own"))


def _ask_secret(asked: SecretForm, organisation: Organisation | None) -> str:
    return render_template("public_report/back.html", form=asked, organisation=organisation)


def _note_visit(secret_index: str) -> None:
    cookie[VISIT] = [secret_index, int(now().timestamp())]


def _visit() -> OutsideReport | None:
    """The report that is open in this browser, if its reporter was here a moment ago."""
    kept = cookie.get(VISIT)
    if not kept or now() - datetime.fromtimestamp(kept[1], UTC) > VISIT_LASTS:
        cookie.pop(VISIT, None)
        return None
    with suppress(NotFound):
        return find_by_index(session(), kept[0])
    return None


@pages.route("/back/open", methods=["GET", "POST"])
def own() -> Answer:
    """The report as its reporter sees it; they add to it."""
    outside = _visit()
    if outside is None:
        return redirect(url_for("public_report.back"))
    g.stranger = Stranger(outside.incident.organisation, outside.incident.channel)
    _note_visit(outside.secret_index)
    asked = AdditionForm()
    if not asked.is_submitted():
        return _own(asked, outside)
    return _add(asked, outside)


def _add(asked: AdditionForm, outside: OutsideReport) -> Answer:
    if not asked.validate():
        return _own(asked, outside), 422
    try:
        with faults_on(asked) as attempt:
            complete_report(
                session(),
                desk(),
                outside.incident,
                asked.text.data or "",
                uploads_of(asked.attachments),
                by=g.stranger,
                now=now(),
            )
    except TooManyAttempts as fault:
        asked.form_errors = [*asked.form_errors, too_many(fault)]
        return _own(asked, outside), HTTPStatus.TOO_MANY_REQUESTS
    if attempt.succeeded:
        flash(say("C’est ajouté à votre signalement. L’équipe est prévenue."))
        return redirect(url_for("public_report.own"))
    too_large = attempt.code == TOO_LARGE
    return _own(asked, outside), HTTPStatus.REQUEST_ENTITY_TOO_LARGE if too_large else 422


def _own(asked: AdditionForm, outside: OutsideReport) -> str:
    incident = outside.incident
    return render_template(
        "public_report/own.html",
        form=asked,
        outside=outside,
        incident=incident,
        organisation=incident.organisation,
        state=state_of(incident),
        said=said_by_reporter(incident),
        files=files_of_reporter(incident),
        messages=messages_of(session(), incident),
        limit=desk().largest_upload // 1_000_000,
    )


@pages.post("/back/leave")
def leave() -> Response:
    """Close the report in this browser."""
    cookie.pop(VISIT, None)
    flash(say("Votre signalement est refermé. Pour y revenir, redonnez votre référence."))
    return redirect(url_for("public_report.back"))
