"""What a reporter sees of their report, with an account or without: its state, their words."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from breachdesk.domain.facts import FactState
from breachdesk.domain.lifecycle import Channel, Stage
from breachdesk.models import Attachment, Fact, Incident
from breachdesk.services.acting import Acting
from breachdesk.services.attachments import attachments_of
from breachdesk.services.facts import fact_histories
from breachdesk.services.report_messages import complete_report, messages_of
from breachdesk.web.forms import faults_on
from breachdesk.web.language import labels, say, timezone, wording
from breachdesk.web.outside_forms import AdditionForm
from breachdesk.web.report_form import TOO_LARGE, uploads_of
from breachdesk.web.request import desk, now, session
from breachdesk.wording import N_

REPORTED = ("description", "noticed_at", "system", "access", "data")
DECLARED = (
    *("description", "system", "access", "data"),
    *("data_subjects", "n_subjects", "measures_taken"),
)
# What somebody who reported is told of the state of their report, and no more.
TOLD_TO_REPORTER: Mapping[Stage, str] = {
    Stage.OPENED: N_("Reçu. L’équipe va l’examiner et vous demandera ce qui lui manque."),
    Stage.NOT_A_BREACH: N_("Examiné : aucune donnée personnelle n’est touchée."),
    Stage.CLOSED: N_("Examiné et clos."),
}
TAKEN_IN_HAND = N_("Pris en charge : l’équipe fait le nécessaire.")


def state_of(incident: Incident) -> str:
    """How far the report has come, in the reader's language."""
    return say(TOLD_TO_REPORTER.get(incident.stage, TAKEN_IN_HAND))


def said_by_reporter(incident: Incident) -> list[tuple[str, str]]:
    """What the report held, question by question: later versions belong to the file."""
    keys = DECLARED if incident.channel is Channel.PROCESSOR_LINK else REPORTED
    histories = fact_histories(session(), incident, keys)
    first = [(key, history.versions[0]) for key, history in histories.items() if history.versions]
    return [
        (labels.fact_question(key, wording()), _value(key, fact))
        for key, fact in first
        if fact.author_id == incident.opened_by_id and fact.recorded_at == incident.opened_at
    ]


def _value(key: str, fact: Fact) -> str:
    if fact.state in (FactState.KNOWN, FactState.ESTIMATED):
        return labels.value_text(key, fact.value, wording(), timezone())
    return labels.state_label(fact.state, wording())


def files_of_reporter(incident: Incident) -> Sequence[Attachment]:
    """The files that the reporter gave, then or later."""
    files = attachments_of(session(), incident)
    return [file for file in files if file.added_by_id == incident.opened_by_id]


def own_report(incident: Incident, seat: Acting) -> str | Response | tuple[str, int]:
    """The report of somebody who has an account, as they see it; what they add is taken in."""
    asked = AdditionForm()
    if not asked.is_submitted():
        return _page(incident, seat, asked)
    if asked.validate():
        with faults_on(asked) as attempt:
            complete_report(
                session(),
                desk(),
                incident,
                asked.text.data or "",
                uploads_of(asked.attachments),
                by=seat,
                now=now(),
            )
        if attempt.succeeded:
            flash(say("C’est ajouté à votre signalement. L’équipe est prévenue."))
            return redirect(url_for("incidents.own", reference=incident.reference))
        if attempt.code == TOO_LARGE:
            return _page(incident, seat, asked), HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return _page(incident, seat, asked), 422


def _page(incident: Incident, seat: Acting, asked: AdditionForm) -> str:
    return render_template(
        "incidents/own.html",
        incident=incident,
        seat=seat,
        form=asked,
        state=state_of(incident),
        said=said_by_reporter(incident),
        files=files_of_reporter(incident),
        messages=messages_of(session(), incident),
        limit=desk().largest_upload // 1_000_000,
    )
