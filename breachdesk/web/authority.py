"""The notification to the authority: its form laid out from the case, its filing recorded."""

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_wtf.file import FileField
from werkzeug.wrappers import Response
from wtforms import RadioField, StringField, TextAreaField

from breachdesk.domain.access import Action
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.errors import InvalidInput
from breachdesk.services.acting import Acting
from breachdesk.services.attachments import Upload
from breachdesk.services.authority import (
    Filing,
    kinds_on_offer,
    lay_out_form,
    record_filing,
    stands,
)
from breachdesk.services.cases import Case
from breachdesk.services.clock_offers import read_case_clocks
from breachdesk.web.authority_fields import (
    chosen_form,
    form_choices,
    form_shown,
    proposed_kind_of,
)
from breachdesk.web.case_pages import case_page
from breachdesk.web.forms import (
    AtMost,
    DeskForm,
    LocalTimeField,
    choices,
    faults_on,
    instant_of,
    local_text,
    second_time_field,
)
from breachdesk.web.language import say, say_later, wording
from breachdesk.web.report_form import TOO_LARGE
from breachdesk.web.request import case_or_404, desk, now, session
from breachdesk.wording import N_
from breachdesk.wording.labels import enum_label

pages = Blueprint("authority", __name__, url_prefix="/incidents/<reference>/notification")

TELESERVICE = "https://notifications.cnil.fr"


@pages.get("")
def assistant(reference: str) -> str:
    """An authority's form, section by section, to be copied: the CNIL's, or the EDPB's."""
    case, seat = case_or_404(reference)
    chosen = chosen_form(request.args.get("form", ""), request.args.get("language", ""))
    if chosen is None:
        abort(404)
    code, language = chosen
    record, layout = lay_out_form(session(), case.incident, by=seat, now=now(), form=code)
    return case_page(
        "authority/assistant.html",
        case,
        seat,
        form=form_shown(layout, language, case, seat),
        choices=form_choices(reference, chosen),
        found=layout.completeness(),
        phases=record.phases,
        teleservice=TELESERVICE,
        may_file=seat.may(Action.RECORD_FILING) and _can_be_filed(case),
    )


def _can_be_filed(case: Case) -> bool:
    return bool(case.progress.is_breach) and case.incident.closed_at is None


# --- Recording a filing ----------------------------------------------------------------------


LONGEST_NUMBER = 60
LONGEST_REASONS = 5000


class FilingForm(DeskForm):
    """What the human did on the authority's site."""

    kind = RadioField(say_later("Type de notification"), validate_choice=False)
    filed_at = LocalTimeField(
        say_later("Quand l’avez-vous déposée ?"),
        message=N_("Indiquez quand la notification a été déposée, comme 02/03/2026 14:30."),
        description=say_later("L’heure de l’accusé de réception de la CNIL."),
    )
    second_time = second_time_field()
    number = StringField(
        say_later("Numéro de la notification"),
        [AtMost(LONGEST_NUMBER)],
        description=say_later("Celui que la CNIL vous a donné, si vous l’avez."),
    )
    reasons_for_delay = TextAreaField(
        say_later("Motifs du retard"),
        [AtMost(LONGEST_REASONS)],
        description=say_later(
            "À donner si le dépôt est postérieur aux 72 heures (RGPD, art. 33(1)), dans les "
            "mêmes termes que sur le téléservice."
        ),
    )
    withdrawal_reason = TextAreaField(
        say_later("Motif du retrait"),
        [AtMost(LONGEST_REASONS)],
        description=say_later(
            "Pour un retrait seulement : pourquoi la notification n’avait pas lieu d’être, dans "
            "les mêmes termes que sur le téléservice."
        ),
    )
    receipt = FileField(
        say_later("Accusé de réception"),
        description=say_later("Le récapitulatif que la CNIL vous remet ; il est joint au dossier."),
    )


@pages.route("/filing", methods=["GET", "POST"])
def filing(reference: str) -> str | Response | tuple[str, int]:
    """Record a filing made on the authority's site; the first one stops the clock."""
    case, seat = case_or_404(reference, Action.RECORD_FILING)
    if not _can_be_filed(case):
        flash(say("Un dépôt s’enregistre pour une violation qualifiée et non close."), "notice")
        return redirect(url_for("authority.assistant", reference=reference))
    form = _form_for(case)
    if not form.is_submitted():
        form.filed_at.data = local_text(now())
        return _filing_page(case, seat, form)
    if form.validate():
        is_first = not stands(case)
        with faults_on(form) as attempt:
            _record(case, seat, form)
        if attempt.succeeded:
            _say_recorded(is_first=is_first)
            return redirect(url_for("incidents.show", reference=reference))
        if attempt.code == TOO_LARGE:
            return _filing_page(case, seat, form), 413
    return _filing_page(case, seat, form), 422


def _form_for(case: Case) -> FilingForm:
    """The form with what can be filed now: a follow-up follows something."""
    form = FilingForm()
    kinds = kinds_on_offer(case)
    form.kind.choices = choices(*((kind.value, enum_label(kind, wording())) for kind in kinds))
    if stands(case) and not read_case_clocks(session(), case).has_late_filing(now()):
        del form.reasons_for_delay
    if NotificationKind.WITHDRAWAL not in kinds:
        del form.withdrawal_reason
    return form


def _record(case: Case, seat: Acting, form: FilingForm) -> None:
    try:
        record_filing(session(), desk(), case.incident, _filing_of(form), by=seat, now=now())
    except InvalidInput as fault:
        if fault.field == "attachments":
            fault.field = "receipt"
        raise


def _filing_of(form: FilingForm) -> Filing:
    if form.kind.data not in {choice.value for choice in form.kind.choices}:
        raise InvalidInput("choice_missing", field="kind")
    file = form.receipt.data
    return Filing(
        kind=NotificationKind(form.kind.data),
        filed_at=instant_of(form, "filed_at"),
        number=form.number.data or "",
        reasons_for_delay=form.reasons_for_delay.data or "" if form.reasons_for_delay else "",
        withdrawal_reason=form.withdrawal_reason.data or "" if form.withdrawal_reason else "",
        receipt=Upload(file.filename or "", file.read()) if file else None,
    )


def _say_recorded(*, is_first: bool) -> None:
    flash(
        say("Le dépôt est enregistré : le délai est arrêté.")
        if is_first
        else say("Le dépôt est enregistré.")
    )


def _filing_page(case: Case, seat: Acting, form: FilingForm) -> str:
    _, layout = lay_out_form(session(), case.incident, by=seat, now=now())
    if not form.is_submitted():
        form.kind.data = proposed_kind_of(layout)
    return case_page(
        "authority/filing.html",
        case,
        seat,
        form=form,
        teleservice=TELESERVICE,
        is_first=not stands(case),
        open_ends=len(layout.open_ends()),
    )
