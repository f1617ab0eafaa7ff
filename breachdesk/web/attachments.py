"""The files of a case: listed, added, downloaded; never shown by the browser in our name."""

from http import HTTPStatus
from io import BytesIO

from flask import Blueprint, flash, redirect, send_file, url_for
from werkzeug.wrappers import Response
from wtforms import MultipleFileField

from breachdesk.domain.access import Action
from breachdesk.domain.errors import InvalidInput
from breachdesk.services.acting import Acting
from breachdesk.services.attachments import add_attachments, attachments_of, read_attachment
from breachdesk.services.cases import Case
from breachdesk.web.case_pages import case_page
from breachdesk.web.forms import DeskForm, faults_on
from breachdesk.web.language import say, say_later, wording
from breachdesk.web.report_form import TOO_LARGE, uploads_of
from breachdesk.web.request import case_or_404, desk, now, session
from breachdesk.wording.times import number

pages = Blueprint("attachments", __name__, url_prefix="/incidents/<reference>/attachments")

# Whatever the file is, it runs nothing and loads nothing.
SANDBOX = "default-src 'none'; sandbox"


class AttachmentForm(DeskForm):
    """One or several files."""

    attachments = MultipleFileField(
        say_later("Ajouter des pièces"),
        description=say_later("Une capture d’écran, un courriel, un journal du serveur."),
    )


@pages.route("", methods=["GET", "POST"])
def listing(reference: str) -> str | Response | tuple[str, int]:
    """The files so far; one or several more."""
    case, seat = case_or_404(reference)
    asked = AttachmentForm()
    if not asked.is_submitted():
        return _page(case, seat, asked)
    seat.demand(Action.ATTACH)
    if asked.validate():
        with faults_on(asked) as attempt:
            count = _add(case, seat, asked)
        if attempt.succeeded:
            flash(say("Pièces ajoutées : %(count)s.", count=count))
            return redirect(url_for("attachments.listing", reference=reference))
        if attempt.code == TOO_LARGE:
            return _page(case, seat, asked), HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return _page(case, seat, asked), 422


@pages.get("/<int:attachment_id>")
def download(reference: str, attachment_id: int) -> Response:
    """A file as it was given, to keep; the browser is told not to open it here."""
    case, _ = case_or_404(reference)
    file, content = read_attachment(session(), desk(), case.incident, attachment_id)
    response = send_file(
        BytesIO(content), mimetype=file.media_type, as_attachment=True, download_name=file.name
    )
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = "no-store"
    return response


def _add(case: Case, seat: Acting, asked: AttachmentForm) -> int:
    uploads = uploads_of(asked.attachments)
    if not uploads:
        raise InvalidInput("no_file", field="attachments")
    add_attachments(session(), desk(), case.incident, uploads, by=seat, now=now())
    return len(uploads)


def _page(case: Case, seat: Acting, asked: AttachmentForm) -> str:
    return case_page(
        "attachments/listing.html",
        case,
        seat,
        form=asked,
        files=attachments_of(session(), case.incident),
        limit=desk().largest_upload // 1_000_000,
        size_words=_size_words,
        may_add=seat.may(Action.ATTACH) and case.incident.closed_at is None,
    )


def _size_words(size: int) -> str:
    """A size in thousands of bytes, as the files of a computer are listed."""
    return say("%(size)s Ko", size=number(max(1, round(size / 1000)), wording()))
