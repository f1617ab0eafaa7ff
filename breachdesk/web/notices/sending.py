"""Sending the communication: one page that says what will happen, one that shows it happen."""

from dataclasses import dataclass
from datetime import timedelta

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField

from breachdesk.domain.access import Action
from breachdesk.domain.deliveries import UNDER_WAY, DeliveryState, time_left, with_kept_apart
from breachdesk.domain.errors import ChangedMeanwhile
from breachdesk.domain.lifecycle import Communicate
from breachdesk.domain.mail_accounts import Way
from breachdesk.domain.notices import NoticeParts, NoticeState, missing_parts
from breachdesk.services.acting import Acting
from breachdesk.services.cases import Case
from breachdesk.services.deliveries import ServerAnswer, answers_to_notice, delivery_counts
from breachdesk.services.job_requests import lists_being_taken_in
from breachdesk.services.kept_mail import kept_of_notice
from breachdesk.services.mail_routes import route_of
from breachdesk.services.notices import start_sending
from breachdesk.web.case_pages import case_page
from breachdesk.web.forms import DeskForm
from breachdesk.web.language import say
from breachdesk.web.notices.approval import mail_shown
from breachdesk.web.notices.drafting import basis_of, is_under_way
from breachdesk.web.proof import demand_recent_proof
from breachdesk.web.request import case_or_404, desk, now, session


class SendingForm(DeskForm):
    """What the person agrees to send: this wording, to this many people."""

    version_id = HiddenField()
    recipients = HiddenField()

    @property
    def seen(self) -> tuple[int, int]:
        """The wording and the number of recipients on the page; (0, 0) if tampered with."""
        numbers = (self.version_id.data or "", self.recipients.data or "")
        if not all(number.isdecimal() for number in numbers):
            return 0, 0
        return int(numbers[0]), int(numbers[1])


def sending(reference: str) -> str | Response:
    """Say exactly what will be sent, to how many; then start."""
    case, seat = case_or_404(reference, Action.SEND_NOTICE)
    form = SendingForm()
    if form.validate_on_submit():
        demand_recent_proof()
        return _start(case, seat, form)
    if is_under_way(case):
        return redirect(url_for("notices.delivery", reference=reference))
    version = case.notice_version
    if version is not None:
        form.version_id.data = str(version.id)
        form.recipients.data = str(case.counts["recipients"])
    return case_page(
        "notices/sending.html",
        case,
        seat,
        form=form,
        obstacles=_obstacles(case),
        basis=basis_of(case),
        mail=mail_shown(case, version) if version else None,
        mail_waits=_mail_waits(seat),
    )


def _start(case: Case, seat: Acting, form: SendingForm) -> Response:
    reference = case.incident.reference
    try:
        start_sending(session(), case.incident, by=seat, now=now(), seen=form.seen)
    except ChangedMeanwhile:
        session().rollback()
        flash(
            say("Le message ou ses destinataires ont changé entre-temps. Rien n’est parti."),
            "problem",
        )
        return redirect(url_for("notices.sending", reference=reference))
    flash(say("L’envoi a commencé. Il continue même si vous quittez cette page."))
    return redirect(url_for("notices.delivery", reference=reference))


def _obstacles(case: Case) -> list[tuple[str, str, str]]:
    """What stands in the way of sending: a sentence, the page that mends it, its link."""
    version = case.notice_version
    found = [
        (
            basis_of(case) in (None, Communicate.NONE),
            say("Il n’est pas décidé d’informer les personnes."),
            "assessments.decision",
            say("Voir la décision"),
        ),
        (
            version is None or bool(missing_parts(NoticeParts.from_record(version.parts))),
            say("Le message n’est pas complet."),
            "notices.draft",
            say("Compléter le message"),
        ),
        (
            not case.counts["recipients"],
            say("Personne n’est encore destinataire."),
            "recipients.upload",
            say("Ajouter les destinataires"),
        ),
        (
            bool(lists_being_taken_in(session(), case.incident)),
            say("Une liste de destinataires est en cours de reprise."),
            "recipients.upload",
            say("Voir les listes jointes"),
        ),
        (
            case.approval is None,
            say("Le message n’est pas approuvé."),
            "notices.approval",
            say("Relire et approuver"),
        ),
    ]
    return [
        (sentence, url_for(page, reference=case.incident.reference), label)
        for stands, sentence, page, label in found
        if stands
    ]


def _mail_waits(seat: Acting) -> bool:
    """Whether nothing would leave. The mail of an example is caught, in whatever process."""
    return route_of(session(), desk(), seat.organisation).way is Way.NONE


# --- What became of it -----------------------------------------------------------------------


@dataclass(frozen=True)
class Delivering:
    """How far the sending has come: numbers of mails, and what the server said."""

    total: int
    sent: int
    kept_here: int
    waiting: int
    refused: int
    failed: int
    cancelled: int
    time_left: timedelta | None
    answers: list[ServerAnswer]
    is_running: bool
    mail_waits: bool

    @property
    def done(self) -> int:
        """How many have their final state."""
        return self.total - self.waiting


def delivery(reference: str) -> str:
    """Show how far the sending has come."""
    case, seat = case_or_404(reference)
    return case_page("notices/delivery.html", case, seat, delivering=_delivering(case, seat))


def counts(reference: str) -> str:
    """The part of the page that changes, asked for again while the sending lasts."""
    case, seat = case_or_404(reference)
    return render_template("notices/_counts.html", case=case, delivering=_delivering(case, seat))


def _delivering(case: Case, seat: Acting) -> Delivering | None:
    notice = case.notice
    if notice is None or notice.sending_started_at is None:
        return None
    kept = kept_of_notice(session(), notice)
    by_state = with_kept_apart(delivery_counts(session(), notice), kept)
    total = sum(by_state.values())
    waiting = sum(by_state.get(state.value, 0) for state in UNDER_WAY)
    started_at = notice.sending_started_at
    return Delivering(
        total=total,
        sent=by_state.get(DeliveryState.SENT, 0),
        kept_here=kept,
        waiting=waiting,
        refused=by_state.get(DeliveryState.REFUSED, 0),
        failed=by_state.get(DeliveryState.FAILED, 0),
        cancelled=by_state.get(DeliveryState.CANCELLED, 0),
        time_left=time_left(total - waiting, total, started_at=started_at, now=now()),
        answers=answers_to_notice(session(), notice),
        is_running=notice.state is NoticeState.SENDING,
        mail_waits=_mail_waits(seat),
    )
