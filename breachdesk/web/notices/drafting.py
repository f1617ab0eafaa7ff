"""The communication to data subjects: drafted, checked by the parts of Art. 34(2)."""

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectField, StringField, TextAreaField

from breachdesk.domain.access import Action
from breachdesk.domain.errors import ChangedMeanwhile, InvalidInput
from breachdesk.domain.lifecycle import Communicate
from breachdesk.domain.notices import NoticeParts, NoticeState, Part, missing_parts
from breachdesk.models import NoticeVersion
from breachdesk.services.acting import Acting
from breachdesk.services.cases import Case
from breachdesk.services.notices import LONGEST_PART, record_to_draft_from, save_draft
from breachdesk.web.case_pages import case_page
from breachdesk.web.forms import DeskForm, Needed, choices, faults_on
from breachdesk.web.frame import LANGUAGES
from breachdesk.web.language import say, say_later
from breachdesk.web.request import case_or_404, now, session
from breachdesk.wording import N_, wording_for
from breachdesk.wording.notices import PART_HEADINGS, draft_parts, draft_subject


def _part_field(part: Part, hint: str) -> TextAreaField:
    return TextAreaField(
        say_later(PART_HEADINGS[part]),
        description=say_later(hint),
        render_kw={"maxlength": LONGEST_PART},
    )


class DraftForm(DeskForm):
    """The wording of a communication: a subject, and a text for each part.

    The fields are named after the parts with a prefix: a form's `data` is something else.
    """

    subject = StringField(
        say_later("Objet du message"),
        [Needed(N_("Donnez un objet au message."))],
        description=say_later("Simple et reconnaissable, sans alarme."),
    )
    part_nature = _part_field(
        Part.NATURE, N_("Ce qui est arrivé et quand, sans jargon et sans minimiser.")
    )
    part_data = _part_field(
        Part.DATA, N_("Les données de la personne qui lit, et celles qui ne sont pas touchées.")
    )
    part_consequences = _part_field(Part.CONSEQUENCES, N_("Ce qui peut lui arriver, concrètement."))
    part_measures = _part_field(
        Part.MEASURES, N_("Ce que vous avez fait et ce que vous allez faire.")
    )
    part_advice = _part_field(
        Part.ADVICE, N_("Des gestes précis. Ne demandez ni clic, ni mot de passe, ni paiement.")
    )
    part_contact = _part_field(
        Part.CONTACT, N_("Une adresse électronique ou un numéro de téléphone où quelqu’un répond.")
    )
    locale = SelectField(say_later("Langue du message"), choices=choices(*LANGUAGES))
    seen_version = HiddenField(default="0")

    @property
    def parts(self) -> NoticeParts:
        """The texts as typed."""
        texts = {part.value: self[f"part_{part.value}"].data or "" for part in Part}
        return NoticeParts.from_record(texts)

    def show(self, subject: str, parts: NoticeParts, locale: str) -> None:
        """Fill the form in."""
        self.subject.data, self.locale.data = subject, locale
        for name, text in parts.as_record().items():
            self[f"part_{name}"].data = text


def draft(reference: str) -> str | Response | tuple[str, int]:
    """Write the communication; a first draft is built from the case."""
    case, seat = case_or_404(reference)
    form = DraftForm()
    if form.is_submitted():
        return _save(case, seat, form)
    if is_under_way(case):
        return redirect(url_for("notices.delivery", reference=reference))
    if not case.progress.is_breach:
        return case_page("notices/too_early.html", case, seat)
    if not seat.may(Action.DRAFT_NOTICE):
        return redirect(url_for("notices.preview", reference=reference))
    _prefill(case, seat, form)
    return _page(case, seat, form)


def _prefill(case: Case, seat: Acting, form: DraftForm) -> None:
    version = case.notice_version
    if version is not None:
        form.show(version.subject, NoticeParts.from_record(version.parts), version.locale)
        form.seen_version.data = str(version.version)
        return
    locale = seat.organisation.locale
    words = wording_for(locale)
    record = record_to_draft_from(session(), case.incident, by=seat, now=now())
    form.show(draft_subject(record, words), draft_parts(record, words), locale)


def _save(case: Case, seat: Acting, form: DraftForm) -> str | Response | tuple[str, int]:
    seat.demand(Action.DRAFT_NOTICE)
    if form.validate():
        try:
            with faults_on(form) as attempt:
                version = _keep(case, seat, form)
        except ChangedMeanwhile:
            return _newer_version(case.incident.reference, form)
        if attempt.succeeded:
            return _saved(case, version)
    return _page(case, seat, form), 422


def _keep(case: Case, seat: Acting, form: DraftForm) -> NoticeVersion:
    seen = form.seen_version.data or ""
    try:
        return save_draft(
            session(),
            case.incident,
            subject=form.subject.data or "",
            parts=form.parts,
            locale=form.locale.data,
            seen_version=int(seen) if seen.isdecimal() else 0,
            by=seat,
            now=now(),
        )
    except InvalidInput as fault:
        if fault.field in set(Part):
            fault.field = f"part_{fault.field}"
        raise


def _newer_version(reference: str, form: DraftForm) -> tuple[str, int]:
    """Show the newer text beside what was typed; saving again then replaces it knowingly."""
    session().rollback()
    case, seat = case_or_404(reference, Action.DRAFT_NOTICE)
    newer = case.notice_version
    form.seen_version.data = str(newer.version if newer else 0)
    return _page(case, seat, form, newer), 409


def _saved(case: Case, version: NoticeVersion) -> Response:
    reference = case.incident.reference
    missing = missing_parts(NoticeParts.from_record(version.parts))
    if missing:
        flash(say("Le texte est enregistré. Il n’est pas encore complet."), "notice")
        return redirect(url_for("notices.draft", reference=reference))
    flash(say("Le texte est enregistré : il dit tout ce que demande l’article 34(2) du RGPD."))
    following = "notices.approval" if case.counts["recipients"] else "recipients.upload"
    return redirect(url_for(following, reference=reference))


def _page(case: Case, seat: Acting, form: DraftForm, newer: NoticeVersion | None = None) -> str:
    return case_page(
        "notices/draft.html",
        case,
        seat,
        form=form,
        basis=basis_of(case),
        part_headings=PART_HEADINGS,
        parts=list(Part),
        missing=missing_parts(form.parts),
        newer=newer,
        newer_parts=NoticeParts.from_record(newer.parts).as_record() if newer else {},
    )


def basis_of(case: Case) -> Communicate | None:
    """What was decided about telling people; None while nothing is."""
    return Communicate(case.decision.communicate) if case.decision else None


def is_under_way(case: Case) -> bool:
    """Whether the sending has begun: nothing can be changed any more."""
    notice = case.notice
    return notice is not None and notice.state in (NoticeState.SENDING, NoticeState.SENT)
