"""Qualifying: a personal data breach, aware at an instant; or not one, with the reason."""

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response
from wtforms import RadioField, TextAreaField

from breachdesk.domain.access import Action, Role
from breachdesk.domain.errors import InvalidInput
from breachdesk.services.acting import Acting
from breachdesk.services.case_access import names_for
from breachdesk.services.cases import Case
from breachdesk.services.qualification import qualify_as_breach, qualify_as_no_breach
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
from breachdesk.web.language import say, say_later, timezone, wording
from breachdesk.web.request import case_or_404, now, session
from breachdesk.wording import N_
from breachdesk.wording.times import local_time

pages = Blueprint("qualification", __name__, url_prefix="/incidents/<reference>")

LONGEST_REASON = 10_000


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
            "À indiquer si c’est une violation : le moment où il est devenu raisonnablement "
            "certain que des données personnelles étaient touchées. Les 72 h se comptent à partir "
            "de là."
        ),
    )
    second_time = second_time_field()
    reason = TextAreaField(
        say_later("Votre raison"),
        [AtMost(LONGEST_REASON)],
    )


@pages.route("/qualification", methods=["GET", "POST"])
def form(reference: str) -> str | Response | tuple[str, int]:
    """Ask, then record the qualification; once recorded, show it."""
    case, seat = case_or_404(reference)
    asked = QualificationForm()
    if not asked.is_submitted():
        asked.aware_at.data = local_text(case.incident.noticed_at)
        if case.qualification is not None:
            asked.is_breach.data = "yes"
        return _page(case, seat, asked)
    seat.demand(Action.QUALIFY)
    if asked.is_breach.data == "no":
        # Kept as typed, and not asked for: who changes their mind finds it again.
        asked.aware_at.validators = ()
    if asked.validate():
        with faults_on(asked) as attempt:
            _qualify(case, seat, asked)
        if attempt.succeeded:
            return _qualified(reference, is_breach=asked.is_breach.data == "yes")
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


def _qualified(reference: str, *, is_breach: bool) -> Response:
    if is_breach:
        flash(say("L’incident est qualifié de violation. Évaluez maintenant le risque."))
        return redirect(url_for("assessments.show", reference=reference))
    flash(say("L’incident est écarté : ce n’est pas une violation. Le délai est arrêté."))
    return redirect(url_for("incidents.show", reference=reference))


def _page(case: Case, seat: Acting, asked: QualificationForm) -> str:
    recorded = case.qualification
    is_settled = recorded is not None and recorded.is_breach
    # Demanded of a breach alone: the form must not say that it always is.
    asked.aware_at.flags.required = recorded is not None or None
    may_qualify = seat.may(Action.QUALIFY) and case.incident.closed_at is None
    people = {} if may_qualify else names_for(session(), case, seat.organisation.id)
    return case_page(
        "qualification/form.html",
        case,
        seat,
        form=asked,
        recorded=recorded,
        may_qualify=may_qualify and not is_settled,
        reason_hint=_reason_hint(case, asked),
        waits_for=", ".join(people.get(Role.DPO) or people.get(Role.DECIDER, [])),
    )


def _reason_hint(case: Case, asked: QualificationForm) -> str:
    """When a reason is needed, as far as the answers tell."""
    if asked.is_submitted() and asked.is_breach.data == "no":
        return say("Dites en une phrase pourquoi ce n’est pas une violation : c’est gardé.")
    noticed = local_time(case.incident.noticed_at, timezone(), wording())
    if asked.is_submitted() and asked.is_breach.data == "yes":
        return say(
            "À donner si l’organisation l’a su plus tard que le constat, fait le %(noticed)s : "
            "ce qu’il a fallu vérifier entre les deux.",
            noticed=noticed,
        )
    return say(
        "À donner dans deux cas : ce n’est pas une violation, ou l’organisation l’a su plus tard "
        "que le constat, fait le %(noticed)s.",
        noticed=noticed,
    )
