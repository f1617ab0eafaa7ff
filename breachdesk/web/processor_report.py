"""A processor declares a breach to us by a link that serves once (GDPR Art. 33(2))."""

from http import HTTPStatus

from flask import Blueprint, g, render_template
from werkzeug.wrappers import Response

from breachdesk.domain.errors import WrongStep
from breachdesk.domain.processor_links import LinkState
from breachdesk.domain.reporting import MOST_FILES
from breachdesk.models import ProcessorLink
from breachdesk.services.acting import Stranger
from breachdesk.services.outside_reports import Received
from breachdesk.services.processor_links import declare, find_link, state_of
from breachdesk.web.forms import faults_on
from breachdesk.web.outside_forms import DeclarationForm
from breachdesk.web.public_report import back_url
from breachdesk.web.report_form import TOO_LARGE
from breachdesk.web.request import desk, now, session

pages = Blueprint("processor_report", __name__, url_prefix="/declare/<token>")

Answer = str | Response | tuple[str, int]


@pages.route("", methods=["GET", "POST"])
def form(token: str) -> Answer:
    """Ask what happened and since when they know; on success give a receipt."""
    link = find_link(session(), token)
    g.stranger = Stranger(link.organisation)
    asked = DeclarationForm()
    ticket = asked.ticket() if asked.is_submitted() else ""
    if not asked.is_submitted():
        asked.ask()
        return _form(asked, link) if _is_open(link) else _shut(link)
    if not asked.validate():
        return _form(asked, link), 422
    try:
        with faults_on(asked) as attempt:
            declaration = asked.declaration()
            received = declare(session(), desk(), link, declaration, ticket=ticket, now=now())
    except WrongStep:
        return _shut(link)
    if attempt.succeeded:
        return _received(received)
    too_large = attempt.code == TOO_LARGE
    return _form(asked, link), HTTPStatus.REQUEST_ENTITY_TOO_LARGE if too_large else 422


def _is_open(link: ProcessorLink) -> bool:
    return state_of(link, now=now()) is LinkState.OPEN


def _form(asked: DeclarationForm, link: ProcessorLink) -> str:
    return render_template(
        "processor_report/form.html",
        form=asked,
        link=link,
        organisation=link.organisation,
        limit=desk().largest_upload // 1_000_000,
        most_files=MOST_FILES,
    )


def _shut(link: ProcessorLink) -> tuple[str, int]:
    """Why the link no longer serves, and what to do: what was typed may still be sent."""
    state = state_of(link, now=now())
    page = render_template(
        "processor_report/shut.html", state=state, organisation=link.organisation
    )
    return page, HTTPStatus.GONE


def _received(received: Received) -> str:
    incident = received.outside.incident
    return render_template(
        "processor_report/received.html",
        secret=received.secret,
        outside=received.outside,
        incident=incident,
        organisation=incident.organisation,
        back=back_url(),
    )
