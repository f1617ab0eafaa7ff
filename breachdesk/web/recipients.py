"""Whom the communication goes to: a file, its columns, a preview, and a yes."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_wtf.file import FileField
from werkzeug.wrappers import Response
from wtforms import BooleanField, SelectField

from breachdesk.domain.access import Action
from breachdesk.domain.column_mapping import ColumnMapping
from breachdesk.domain.csv_text import LARGEST_FILE
from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.recipient_list import FIELD, RecipientList
from breachdesk.domain.work import JobState
from breachdesk.models import RecipientImport
from breachdesk.services.acting import Acting
from breachdesk.services.attachments import Upload
from breachdesk.services.cases import Case
from breachdesk.services.job_requests import (
    latest_job_of_list,
    lists_being_taken_in,
    take_in_recipients,
)
from breachdesk.services.recipient_people import must_note_preview, note_recipients_seen
from breachdesk.services.recipients import (
    ImportResult,
    discard_recipients,
    imports_of,
    preview_recipients,
    upload_recipients,
)
from breachdesk.web import recipient_people
from breachdesk.web.case_pages import case_page
from breachdesk.web.forms import DeskForm, choices, faults_on
from breachdesk.web.job_state import coming_again, failure, is_unfinished
from breachdesk.web.language import say, say_later, wording
from breachdesk.web.looks import writing_aside
from breachdesk.web.notices.drafting import is_under_way
from breachdesk.web.request import case_or_404, desk, now, session
from breachdesk.wording.recipients import line_reason
from breachdesk.wording.times import number

pages = Blueprint(
    "recipients", __name__, url_prefix="/incidents/<reference>/communication/recipients"
)

pages.add_url_rule("/people", view_func=recipient_people.people, methods=["GET", "POST"])
pages.add_url_rule("/export", view_func=recipient_people.export, methods=["POST"])

LARGEST_MB = LARGEST_FILE // 1024**2
PEOPLE_SHOWN = 10
BAD_LINES_PER_PAGE = 100


class UploadForm(DeskForm):
    """A file of people to write to; its field has the name that the rules give its faults."""

    recipients = FileField(say_later("Liste des destinataires"))


@pages.route("", methods=["GET", "POST"])
def upload(reference: str) -> str | Response | tuple[str, int]:
    """Take a list for its preview; say what became of the earlier ones."""
    case, seat = case_or_404(reference, Action.IMPORT_RECIPIENTS)
    form = UploadForm()
    if form.validate_on_submit():
        with faults_on(form) as attempt:
            kept = upload_recipients(
                session(), desk(), case.incident, _uploaded(form), by=seat, now=now()
            )
        if attempt.succeeded:
            return redirect(
                url_for("recipients.preview", reference=reference, import_id=kept.id), 303
            )
        return _upload_page(case, seat, form), 422
    if is_under_way(case):
        return redirect(url_for("notices.delivery", reference=reference))
    return _upload_page(case, seat, form)


def _uploaded(form: UploadForm) -> Upload:
    file = form.recipients.data
    if not file:
        raise InvalidInput("list_missing", field=FIELD)
    return Upload(file.filename or "", file.read())


def _upload_page(case: Case, seat: Acting, form: UploadForm) -> str:
    earlier = imports_of(session(), case.notice) if case.notice else []
    return case_page(
        "recipients/upload.html",
        case,
        seat,
        form=form,
        earlier=earlier,
        under_way=lists_being_taken_in(session(), case.incident),
        limit=LARGEST_MB,
    )


# --- The preview -----------------------------------------------------------------------------


class ColumnsForm(DeskForm):
    """Which column is what. Sent by GET: the address of a preview says what it shows."""

    class Meta(DeskForm.Meta):
        """Changes nothing, so needs no token."""

        csrf = False

    address = SelectField(say_later("Adresse électronique"), coerce=int)
    name_1 = SelectField(say_later("Nom, ou prénom"), coerce=int)
    name_2 = SelectField(say_later("Suite du nom"), coerce=int)
    locale = SelectField(say_later("Langue"), coerce=int)
    titles = BooleanField(say_later("La première ligne donne les titres des colonnes"))


# What a select sends for "no such column".
NO_COLUMN = -1


@pages.route("/<int:import_id>", methods=["GET", "POST"])
def preview(reference: str, import_id: int) -> str | Response:
    """Show what a list holds with the columns as chosen; take it in, or put it aside."""
    case, seat = case_or_404(reference, Action.IMPORT_RECIPIENTS)
    if request.method == "POST" and "discard" in request.form:
        discard_recipients(session(), case.incident, import_id, by=seat)
        flash(say("La liste est écartée et le fichier est effacé."))
        return redirect(url_for("recipients.upload", reference=reference))
    mapping = _chosen_columns(request.args)
    if request.method == "POST":
        return _confirm(case, seat, import_id, mapping)
    job = latest_job_of_list(session(), case.incident, import_id)
    if job is not None and job.state is JobState.DONE:
        return _are_taken_in(case, ImportResult(**job.result))
    if job is not None and is_unfinished(job):
        page = case_page("recipients/under_way.html", case, seat)
        return coming_again(page, job)
    kept, found = preview_recipients(session(), desk(), case.incident, import_id, mapping, by=seat)
    page = _preview_page(case, seat, kept, found, fault=failure(job, case.incident))
    if must_note_preview(session(), case.incident, import_id, by=seat):
        with writing_aside() as writing:
            seen = min(len(found.good), PEOPLE_SHOWN)
            note_recipients_seen(
                writing, case.incident.id, by=seat, now=now(), count=seen, list=import_id
            )
    return page


def _chosen_columns(sent: Any) -> ColumnMapping | None:
    """The columns that the address of the page names; None where it names none."""
    address = sent.get("address", NO_COLUMN, int)
    if address < 0:
        return None
    locale = sent.get("locale", NO_COLUMN, int)
    names = [sent.get(name, NO_COLUMN, int) for name in ("name_1", "name_2")]
    return ColumnMapping(
        address=address,
        name=tuple(column for column in names if column >= 0),
        locale=locale if locale >= 0 else None,
        has_titles=bool(sent.get("titles")),
    )


def _confirm(case: Case, seat: Acting, import_id: int, mapping: ColumnMapping | None) -> Response:
    result = take_in_recipients(
        session(), desk(), case.incident, import_id, mapping, by=seat, now=now()
    )
    if isinstance(result, ImportResult):
        return _are_taken_in(case, result)
    here = url_for("recipients.preview", reference=case.incident.reference, import_id=import_id)
    return redirect(here, 303)


def _are_taken_in(case: Case, result: ImportResult) -> Response:
    said = wording().plural(
        "%(count)s destinataire ajouté.",
        "%(count)s destinataires ajoutés.",
        result.added,
        count=number(result.added, wording()),
    )
    if result.bad:
        said += " " + wording().plural(
            "%(count)s ligne écartée.",
            "%(count)s lignes écartées.",
            result.bad,
            count=number(result.bad, wording()),
        )
    flash(said)
    return redirect(url_for("notices.approval", reference=case.incident.reference), 303)


def _preview_page(
    case: Case, seat: Acting, kept: RecipientImport, found: RecipientList, *, fault: str
) -> str:
    last = max(1, -(-len(found.bad) // BAD_LINES_PER_PAGE))
    page = min(max(1, request.args.get("page", 1, int)), last)
    shown = found.bad[(page - 1) * BAD_LINES_PER_PAGE :][:BAD_LINES_PER_PAGE]
    here: dict[str, Any] = {"reference": case.incident.reference, "import_id": kept.id}
    columns = _columns_as_arguments(found.mapping)
    return case_page(
        "recipients/preview.html",
        case,
        seat,
        form=_columns_form(found),
        kept=kept,
        found=found,
        fault=fault,
        people=found.good[:PEOPLE_SHOWN],
        bad=[(line, line_reason(line.reason, wording())) for line in shown],
        page=page,
        last=last,
        page_url=lambda wanted: url_for("recipients.preview", **here, **columns, page=wanted),
        confirm_url=url_for("recipients.preview", **here, **columns),
    )


def _columns_as_arguments(mapping: ColumnMapping) -> dict[str, Any]:
    first, second = (*mapping.name, NO_COLUMN, NO_COLUMN)[:2]
    return {
        "address": mapping.address,
        "name_1": first,
        "name_2": second,
        "locale": NO_COLUMN if mapping.locale is None else mapping.locale,
        "titles": "yes" if mapping.has_titles else None,
    }


def _columns_form(found: RecipientList) -> ColumnsForm:
    form = ColumnsForm(formdata=None, data=_columns_as_arguments(found.mapping))
    columns = [
        (n, say("Colonne %(number)s", number=n + 1) + (f" : {title}" if title else ""))
        for n, title in enumerate(found.columns)
    ]
    form.address.choices = choices(*columns)
    for field in (form.name_1, form.name_2, form.locale):
        field.choices = choices((NO_COLUMN, say("Aucune")), *columns)
    return form
