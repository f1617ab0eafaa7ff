"""Qualifying: a personal data breach, aware at an instant; or not one, with the reason."""

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response
from wtforms import RadioField, TextAreaField

from breachdesk.domain.access import Action
from breachdesk.domain.errors import InvalidInput
from breachdesk.services.acting import Acting
from breachdesk.services.cases import Case
from breachdesk.services.qualification import qualify_as_breach, qualify_as_no_breach
from breachdesk.web.case_pages import case_page
from breachdesk.web.forms import (
    DeskForm,
    LocalTimeField,
    choices,
    faults_on,
    instant_of,
    local_text,
    second_time_field,
)
from breachdesk.web.language import say, say_later
from breachdesk.web.request import case_or_404, now, session
from breachdesk.wording import N_

pages = Blueprint("qualification", __name__, url_prefix="/incidents/<reference>")


class QualificationForm(DeskForm):
    """A breach or not, since when it is known, and why."""

    is_breach = RadioField(
        say_later("Est-ce une violation de données personnelles ?"),
        choices=choices(
            ("yes", say_later("Oui, des données personnelles ont été perdues, modifiées ou vues")),
            ("no", say_later("Non, aucune donnée personnelle n’est touchée")),
        ),
        validate_choice=False,
    )
    aware_at = LocalTimeField(
        say_later("Quand l’organisation en a-t-elle pris connaissance ?"),
        message=N_("Indiquez quand l’organisation en a pris connaissance, comme 02/03/2026 14:30."),
        description=say_later(
            "Le moment où il est devenu raisonnablement certain que des données personnelles "
            "étaient touchées. Les 72 h se comptent à partir de là."
        ),
    )
    second_time = second_time_field()
    reason = TextAreaField(
        say_later("Votre raison"),
        description=say_later(
            "À donner si ce n’est pas une violation, ou si la prise de connaissance est plus "
            "tardive que le constat."
        ),
    )


@pages.route("/qualification", methods=["GET", "POST"])
def form(reference: str) -> str | Response | tuple[str, int]:
    """Ask, then record the qualification."""
    case, seat = case_or_404(reference, Action.QUALIFY)
    asked = QualificationForm()
    if not asked.is_submitted():
        asked.aware_at.data = local_text(case.incident.noticed_at)
        return _page(case, seat, asked)
    if asked.is_breach.data == "no":
        del asked.aware_at
    if asked.validate():
        with faults_on(asked) as attempt:
            _qualify(case, seat, asked)
        if attempt.succeeded:
            flash(say("L’incident est qualifié."))
            return redirect(url_for("incidents.show", reference=reference))
    return _page(case, seat, asked), 422


def _qualify(case: Case, seat: Acting, asked: QualificationForm) -> None:
    reason = asked.reason.data or ""
    if asked.is_breach.data == "no":
        qualify_as_no_breach(session(), case.incident, reason=reason, by=seat, now=now())
    elif asked.is_breach.data == "yes":
        qualify_as_breach(
            session(),
            case.incident,
            aware_at=instant_of(asked, "aware_at"),
            reason=reason,
            by=seat,
            now=now(),
        )
    else:
        raise InvalidInput("choice_missing", field="is_breach")


def _page(case: Case, seat: Acting, asked: QualificationForm) -> str:
    return case_page("qualification/form.html", case, seat, form=asked)
