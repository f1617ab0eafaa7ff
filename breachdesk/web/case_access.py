"""Who sees a case and why; restricting it, naming people, opening it again to all."""

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, TextAreaField

from breachdesk.domain.access import Action
from breachdesk.domain.errors import ChangedMeanwhile
from breachdesk.services.acting import Acting
from breachdesk.services.case_access import (
    LONGEST_REASON,
    Reader,
    open_case_to_all,
    proposed,
    readers_of,
    restrict_case,
)
from breachdesk.services.cases import Case
from breachdesk.web.case_pages import case_page
from breachdesk.web.forms import AtMost, DeskForm, Needed, faults_on
from breachdesk.web.language import say, say_later
from breachdesk.web.named_people import people_choices, people_field, roles_said
from breachdesk.web.request import case_or_404, now, session
from breachdesk.wording import N_

pages = Blueprint("case_access", __name__, url_prefix="/incidents/<reference>/access")


class AccessForm(DeskForm):
    """The people who alone shall know of the case."""

    named = people_field(say_later("Personnes qui pourront lire ce dossier"))
    reason = TextAreaField(
        say_later("Pourquoi (facultatif)"),
        [AtMost(LONGEST_REASON)],
        description=say_later("Entre dans le journal du dossier, que ces personnes lisent."),
    )
    # Who was named when the page was shown.
    seen = HiddenField(default="")

    @property
    def seen_ids(self) -> list[int]:
        """Those who were named then, by their ids."""
        return [int(part) for part in (self.seen.data or "").split(",") if part.isdecimal()]


class OpeningForm(DeskForm):
    """Why a restricted case is opened to all again."""

    reason = TextAreaField(
        say_later("Pourquoi il n’a plus à être réservé"),
        [
            Needed(N_("Dites en une phrase pourquoi ce dossier n’a plus à être réservé.")),
            AtMost(LONGEST_REASON),
        ],
        description=say_later("Une phrase. Elle entre dans le journal du dossier."),
    )


@pages.route("", methods=["GET", "POST"])
def show(reference: str) -> str | Response | tuple[str, int]:
    """Say who sees the case and why; change it."""
    case, seat = case_or_404(reference, Action.RESTRICT_CASE)
    readers = readers_of(session(), case.incident)
    form = AccessForm()
    form.named.choices = people_choices(readers)
    if not form.is_submitted():
        _fill_in(form, seat, readers)
        return _page(case, seat, form, readers)
    if form.validate():
        try:
            with faults_on(form) as attempt:
                _restrict(case, seat, form)
        except ChangedMeanwhile:
            return _changed_meanwhile(reference)
        if attempt.succeeded:
            return _restricted(case, seat, form.named.data)
        case, seat = case_or_404(reference, Action.RESTRICT_CASE)
        readers = readers_of(session(), case.incident)
    return _page(case, seat, form, readers), 422


def _fill_in(form: AccessForm, seat: Acting, readers: list[Reader]) -> None:
    """Those named now; before any is, who leads and whoever is about to choose."""
    named = [reader.user.id for reader in readers if reader.named]
    form.seen.data = ",".join(map(str, named))
    form.named.data = named or sorted(proposed(readers) | {seat.user.id})


def _restrict(case: Case, seat: Acting, form: AccessForm) -> None:
    restrict_case(
        session(),
        case.incident,
        form.named.data or [],
        seen=form.seen_ids,
        reason=form.reason.data or "",
        by=seat,
        now=now(),
    )


def _restricted(case: Case, seat: Acting, named: list[int]) -> Response:
    if seat.user.id in named:
        flash(say("C’est enregistré : seules les personnes désignées voient ce dossier."))
        return redirect(url_for("case_access.show", reference=case.incident.reference))
    flash(
        say("C’est enregistré. Vous ne vous êtes pas désigné : ce dossier ne vous est plus montré.")
    )
    return redirect(url_for("desk.due", code=seat.organisation.code))


def _changed_meanwhile(reference: str) -> Response:
    session().rollback()
    flash(
        say("Quelqu’un a changé entre-temps les personnes désignées. Relisez, puis recommencez."),
        "problem",
    )
    return redirect(url_for("case_access.show", reference=reference))


def _page(case: Case, seat: Acting, form: AccessForm, readers: list[Reader]) -> str:
    seeing = [each for each in readers if each.named or not case.incident.is_restricted]
    opener = case.incident.opened_by
    sees_it = opener is None or any(each.user.id == opener.id for each in seeing)
    return case_page(
        "case_access/show.html",
        case,
        seat,
        form=form,
        seeing=[(reader, roles_said(reader.roles)) for reader in seeing],
        others=len(readers),
        reporter="" if opener is None or sees_it else opener.name,
    )


@pages.route("/opening", methods=["GET", "POST"])
def lift(reference: str) -> str | Response | tuple[str, int]:
    """Say who will see the case, then open it to all again."""
    case, seat = case_or_404(reference, Action.RESTRICT_CASE)
    form = OpeningForm()
    if form.validate_on_submit():
        with faults_on(form) as attempt:
            open_case_to_all(
                session(), case.incident, reason=form.reason.data or "", by=seat, now=now()
            )
        if attempt.succeeded:
            flash(say("Le dossier est de nouveau ouvert à tous ceux qui lisent les dossiers."))
            return redirect(url_for("case_access.show", reference=case.incident.reference))
        case, seat = case_or_404(reference, Action.RESTRICT_CASE)
    elif not case.incident.is_restricted:
        return redirect(url_for("case_access.show", reference=case.incident.reference))
    newcomers = [
        (reader, roles_said(reader.roles))
        for reader in readers_of(session(), case.incident)
        if not reader.named
    ]
    page = case_page("case_access/lift.html", case, seat, form=form, newcomers=newcomers)
    return (page, 422) if form.errors else page
