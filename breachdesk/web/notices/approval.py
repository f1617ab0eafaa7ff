"""The mail as a person gets it, and its approval by somebody other than its author."""

from dataclasses import dataclass

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, TextAreaField

from breachdesk.domain.access import Action
from breachdesk.domain.errors import ChangedMeanwhile
from breachdesk.domain.notices import NoticeParts, missing_parts
from breachdesk.models import NoticeVersion
from breachdesk.services.acting import Acting
from breachdesk.services.cases import Case
from breachdesk.services.letters import preview_communication
from breachdesk.services.notices import approve
from breachdesk.web.case_pages import case_page
from breachdesk.web.forms import DeskForm, faults_on
from breachdesk.web.language import say, say_later
from breachdesk.web.notices.drafting import basis_of, is_under_way
from breachdesk.web.proof import demand_recent_proof
from breachdesk.web.request import case_or_404, desk, now, session
from breachdesk.wording import N_, wording_for
from breachdesk.wording.notices import PART_HEADINGS


@dataclass(frozen=True)
class MailShown:
    """The communication as one person gets it: `text` is that of the mail, to the letter."""

    sender_name: str
    sender: str
    subject: str
    text: str
    version: NoticeVersion


def mail_shown(case: Case, version: NoticeVersion) -> MailShown:
    """The mail of this wording, greeting somebody by a name that says it is one."""
    name = wording_for(version.locale).text(N_("Prénom Nom"))
    mail = preview_communication(session(), desk(), case.incident, version, name=name)
    sender_name = case.incident.organisation.name
    return MailShown(sender_name, mail.sender, mail.subject, mail.text, version)


def _nothing_yet(reference: str) -> Response:
    flash(say("Aucun message n’est encore rédigé."), "notice")
    return redirect(url_for("incidents.show", reference=reference))


def preview(reference: str) -> str | Response:
    """Show the mail exactly as a person gets it."""
    case, seat = case_or_404(reference)
    if case.notice_version is None:
        return _nothing_yet(reference)
    return case_page(
        "notices/preview.html",
        case,
        seat,
        mail=mail_shown(case, case.notice_version),
        may_change=seat.may(Action.DRAFT_NOTICE) and not is_under_way(case),
    )


class ApprovalForm(DeskForm):
    """Approve the wording that was read; its author can only waive, with a reason."""

    version_id = HiddenField()
    waiver_reason = TextAreaField(
        say_later("Pourquoi personne d’autre ne peut approuver ce message"),
        description=say_later(
            "Une phrase. Elle entre dans le journal et dans le dossier, avec votre nom."
        ),
    )


def approval(reference: str) -> str | Response | tuple[str, int]:
    """Read the message and approve it, as somebody other than its author; or waive that."""
    case, seat = case_or_404(reference, Action.APPROVE_NOTICE)
    version = case.notice_version
    if version is None:
        return _nothing_yet(reference)
    form = ApprovalForm()
    if form.is_submitted():
        demand_recent_proof()
        return _approve(case, seat, form, version)
    form.version_id.data = str(version.id)
    return _approval_page(case, seat, form, version)


def _approve(
    case: Case, seat: Acting, form: ApprovalForm, version: NoticeVersion
) -> str | Response | tuple[str, int]:
    reference = case.incident.reference
    shown_id = form.version_id.data or ""
    if form.validate():
        try:
            with faults_on(form) as attempt:
                approve(
                    session(),
                    case.incident,
                    version_id=int(shown_id) if shown_id.isdecimal() else 0,
                    waiver_reason=form.waiver_reason.data or "",
                    by=seat,
                    now=now(),
                )
        except ChangedMeanwhile:
            session().rollback()
            flash(say("Le message a changé entre-temps. Relisez la nouvelle version."), "problem")
            return redirect(url_for("notices.approval", reference=reference))
        if attempt.succeeded:
            flash(say("Le message est approuvé."))
            return redirect(url_for(_after_approval(case, seat), reference=reference))
    return _approval_page(case, seat, form, version), 422


def _after_approval(case: Case, seat: Acting) -> str:
    if not case.counts["recipients"]:
        return "recipients.upload"
    return "notices.sending" if seat.may(Action.SEND_NOTICE) else "incidents.show"


def _approval_page(case: Case, seat: Acting, form: ApprovalForm, version: NoticeVersion) -> str:
    return case_page(
        "notices/approval.html",
        case,
        seat,
        form=form,
        mail=mail_shown(case, version),
        basis=basis_of(case),
        part_headings=PART_HEADINGS,
        missing=missing_parts(NoticeParts.from_record(version.parts)),
        is_author=version.author_id == seat.user.id,
    )
