"""Who is away and who is on duty: absences with a deputy, shifts, and who is told right now."""

from collections.abc import Iterable
from datetime import date, datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import DateInput

from breachdesk.domain.access import Action
from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.plan_preview import right_now
from breachdesk.domain.time_zones import zone_or_utc
from breachdesk.models import Absence, DutyShift, User
from breachdesk.services import duty
from breachdesk.services.acting import Acting
from breachdesk.services.duty_outlook import outlook_of
from breachdesk.web.case_pages import roles_for
from breachdesk.web.forms import (
    DeskForm,
    LocalTimeField,
    Needed,
    choices,
    faults_on,
    local_instant,
    second_time_field,
)
from breachdesk.web.language import say, say_later
from breachdesk.web.request import now, seat_or_404, session
from breachdesk.wording import N_

pages = Blueprint("duty", __name__, url_prefix="/organisations/<code>/duty")

NOBODY = ""


class AbsenceForm(DeskForm):
    """Who is away, from which day to which, and who stands in."""

    user_id = SelectField(say_later("Qui est absent ?"), validate_choice=False)
    starts_on = StringField(
        say_later("Premier jour"),
        [Needed(N_("Indiquez le premier jour de l’absence."))],
        widget=DateInput(),
    )
    ends_on = StringField(
        say_later("Dernier jour"),
        [Needed(N_("Indiquez le dernier jour de l’absence."))],
        widget=DateInput(),
        description=say_later("Ce jour est encore un jour d’absence."),
    )
    deputy_id = SelectField(
        say_later("Qui remplace ?"),
        validate_choice=False,
        description=say_later(
            "Cette personne reçoit les rappels à sa place. Sans remplaçant, ils vont aux autres "
            "personnes du même rôle, ou au rang suivant."
        ),
    )


class ShiftForm(DeskForm):
    """Who is on duty, from when to when."""

    user_id = SelectField(
        say_later("Qui est d’astreinte ?"),
        [Needed(N_("Choisissez une personne."))],
        validate_choice=False,
    )
    starts_at = LocalTimeField(
        say_later("Début"), message=N_("Indiquez quand l’astreinte commence.")
    )
    starts_at_second = second_time_field()
    ends_at = LocalTimeField(say_later("Fin"), message=N_("Indiquez quand l’astreinte finit."))
    ends_at_second = second_time_field()


@pages.get("")
def show(code: str) -> str:
    """Who would be told right now, who is away, who is on duty."""
    seat = seat_or_404(code, Action.RECORD_OWN_ABSENCE)
    organisation, may_see = seat.organisation, seat.may(Action.SEE_ORGANISATION)
    outlook = outlook_of(session(), organisation, now=now()) if may_see else None
    absences = [
        each
        for each in duty.absences_ahead(session(), organisation, now=now())
        if _concerns(each, seat)
    ]
    shifts = duty.shifts_ahead(session(), organisation, now=now()) if may_see else []
    return render_template(
        "duty/show.html",
        seat=seat,
        outlook=outlook,
        right_now=right_now(outlook.around, now=now()) if outlook else None,
        absences=absences,
        shifts=shifts,
        away={each.id: _away_during(each, absences, organisation.timezone) for each in shifts},
        may_manage=seat.may(Action.MANAGE_DUTY),
        managers=roles_for(Action.MANAGE_DUTY),
        now=now(),
    )


def _concerns(absence: Absence, seat: Acting) -> bool:
    """Whether an absence is shown to somebody: their own, where they stand in, or all."""
    theirs = (absence.user_id, absence.deputy_id)
    return seat.may(Action.MANAGE_DUTY) or seat.user.id in theirs


def _away_during(shift: DutyShift, absences: list[Absence], timezone: str) -> Absence | None:
    """The absence, of those shown, in which somebody on duty is away for some of their shift."""
    zone = zone_or_utc(timezone)
    first, last = (each.astimezone(zone).date() for each in (shift.starts_at, shift.ends_at))
    theirs = (each for each in absences if each.user_id == shift.user_id)
    return next((each for each in theirs if each.starts_on <= last and first <= each.ends_on), None)


# --- Absences --------------------------------------------------------------------------------


@pages.route("/absences/new", methods=["GET", "POST"])
def absence(code: str) -> str | Response | tuple[str, int]:
    """Ask who is away and when; one's own, or anybody's for who manages duty."""
    seat = seat_or_404(code, Action.RECORD_OWN_ABSENCE)
    asked = _absence_form(seat)
    if not asked.is_submitted():
        return _absence_page(seat, asked)
    if asked.validate():
        with faults_on(asked) as attempt:
            duty.record_absence(
                session(),
                user_id=_person(asked, "user_id"),
                deputy_id=_person(asked, "deputy_id") if asked.deputy_id.data else None,
                starts_on=_day(asked, "starts_on"),
                ends_on=_day(asked, "ends_on"),
                by=seat,
                now=now(),
            )
        if attempt.succeeded:
            flash(say("L’absence est enregistrée."))
            return redirect(url_for("duty.show", code=code))
    return _absence_page(seat, asked), 422


@pages.post("/absences/<int:absence_id>/end")
def cancel_absence(code: str, absence_id: int) -> Response:
    """Cancel an absence: one's own, or anybody's for who manages duty."""
    seat = seat_or_404(code, Action.RECORD_OWN_ABSENCE)
    duty.cancel_absence(session(), absence_id, by=seat, now=now())
    flash(say("L’absence est supprimée."))
    return redirect(url_for("duty.show", code=code))


def _absence_form(seat: Acting) -> AbsenceForm:
    """The form, with the people who may be chosen; oneself alone where others are not ours."""
    asked = AbsenceForm()
    people = duty.people_who_can_stand_in(session(), seat.organisation)
    absent = [seat.user]
    if seat.may(Action.MANAGE_DUTY):
        absent += [user for user in people if user.id != seat.user.id]
    asked.user_id.choices = _names(absent)
    asked.deputy_id.choices = [
        *choices((NOBODY, say_later("Personne"))),
        *_names(user for user in people if len(absent) > 1 or user.id != seat.user.id),
    ]
    return asked


def _absence_page(seat: Acting, asked: AbsenceForm) -> str:
    return render_template(
        "duty/absence.html",
        seat=seat,
        form=asked,
        may_manage=seat.may(Action.MANAGE_DUTY),
    )


# --- Shifts ----------------------------------------------------------------------------------


@pages.route("/shifts/new", methods=["GET", "POST"])
def shift(code: str) -> str | Response | tuple[str, int]:
    """Ask who is on duty, from when to when by the organisation's clock."""
    seat = seat_or_404(code, Action.MANAGE_DUTY)
    asked = ShiftForm()
    people = duty.people_who_can_stand_in(session(), seat.organisation)
    asked.user_id.choices = [*choices((NOBODY, say_later("Choisissez"))), *_names(people)]
    if not asked.is_submitted():
        return render_template("duty/shift.html", seat=seat, form=asked)
    if asked.validate():
        with faults_on(asked) as attempt:
            duty.add_shift(
                session(),
                user_id=_person(asked, "user_id"),
                starts_at=_instant(asked, "starts_at"),
                ends_at=_instant(asked, "ends_at"),
                by=seat,
                now=now(),
            )
        if attempt.succeeded:
            flash(say("L’astreinte est ajoutée."))
            return redirect(url_for("duty.show", code=code))
    return render_template("duty/shift.html", seat=seat, form=asked), 422


@pages.post("/shifts/<int:shift_id>/end")
def cancel_shift(code: str, shift_id: int) -> Response:
    """Take somebody off duty."""
    seat = seat_or_404(code, Action.MANAGE_DUTY)
    duty.cancel_shift(session(), shift_id, by=seat, now=now())
    flash(say("L’astreinte est retirée."))
    return redirect(url_for("duty.show", code=code))


# --- What was typed --------------------------------------------------------------------------


def _names(people: Iterable[User]) -> list[SelectChoice]:
    return choices(*((str(user.id), user.name) for user in people))


def _person(asked: DeskForm, name: str) -> int:
    """The id of the person chosen.

    Raises:
        InvalidInput: nobody is, or somebody who is not offered.
    """
    chosen = str(asked[name].data or "")
    if not chosen or chosen not in {choice.value for choice in asked[name].choices}:
        raise InvalidInput("person_not_chosen", field=name)
    return int(chosen)


def _day(asked: DeskForm, name: str) -> date:
    """The day typed. Raises InvalidInput for what is none."""
    typed = asked[name].data or ""
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise InvalidInput("not_a_date", field=name, shown=typed) from None


def _instant(asked: DeskForm, name: str) -> datetime:
    """The instant typed, which of two is meant asked beside it where it came twice.

    Raises:
        InvalidInput: with the field to mend.
    """
    second = f"{name}_second"
    try:
        return local_instant(asked[name].data or "", asked[second].data or "")
    except InvalidInput as fault:
        fault.field = second if fault.code == "local_time_twice" else name
        raise
