"""Which deadlines concern the organisation: what it says of itself, and its own targets."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField

from breachdesk.domain.access import Action
from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.regimes import Regime
from breachdesk.services.acting import Acting
from breachdesk.services.clocks import rule_counted_by
from breachdesk.services.deadline_settings import (
    MOST_TARGET_HOURS,
    regimes_of_trait,
    set_deadlines,
    targets_set,
    traits_asked,
)
from breachdesk.web.clocks import regime_name, said
from breachdesk.web.forms import DeskForm, faults_on
from breachdesk.web.language import say, wording
from breachdesk.web.request import now, seat_or_404, session
from breachdesk.wording.clock_words import question_of, rule_length

pages = Blueprint("deadline_settings", __name__, url_prefix="/organisations/<code>/deadlines")


@pages.route("", methods=["GET", "POST"])
def show(code: str) -> str | Response | tuple[str, int]:
    """Ask what is true of the organisation, and how long it gives itself."""
    seat = seat_or_404(code, Action.MANAGE_REMINDER_PLAN)
    asked = _form_of(seat)
    if not asked.is_submitted():
        return _page(seat, asked)
    if asked.validate():
        with faults_on(asked) as attempt:
            changed = set_deadlines(
                session(),
                traits=[trait for trait in traits_asked() if asked[trait].data],
                targets={each.code: _hours(asked, each.code) for each in targets_set()},
                by=seat,
                now=now(),
            )
        if attempt.succeeded:
            flash(say("C’est enregistré.") if changed else say("Rien n’a changé."))
            return redirect(url_for("deadline_settings.show", code=code))
    return _page(seat, asked), 422


def _form_of(seat: Acting) -> DeskForm:
    """A form with a field for each trait and target that the files of the regimes ask for."""

    class SettingsForm(DeskForm):
        """What is asked of an organisation; of the files, so made when it is asked."""

    for trait in traits_asked():
        question = question_of(trait)
        label = said(question) if question else trait
        setattr(SettingsForm, trait, BooleanField(label))
    for regime in targets_set():
        label = say("%(name)s, en heures", name=regime_name(regime.code))
        short = {"inputmode": "numeric", "class": "short", "size": "4", "autocomplete": "off"}
        setattr(SettingsForm, regime.code, StringField(label, render_kw=short))
    asked = SettingsForm()
    if not asked.is_submitted():
        for trait in traits_asked():
            asked[trait].data = trait in seat.organisation.traits
        for regime in targets_set():
            rule = rule_counted_by(regime, seat.organisation, now())
            asked[regime.code].data = str(rule.hours or "")
    return asked


def _hours(asked: DeskForm, code: str) -> int:
    typed = (asked[code].data or "").strip()
    if not typed.isascii() or not typed.isdigit() or len(typed) > len(str(MOST_TARGET_HOURS)):
        raise InvalidInput("target_hours_wrong", field=code, most=MOST_TARGET_HOURS)
    return int(typed)


def _with_length(regime: Regime) -> str:
    """A regime by name, and how long it gives today: "Alerte précoce NIS 2 (24 h)"."""
    length = rule_length(regime.rule_on(now().date()), wording())
    return f"{said(regime.name)} ({length})"


def _page(seat: Acting, asked: DeskForm) -> str:
    return render_template(
        "deadline_settings/show.html",
        seat=seat,
        form=asked,
        traits=[
            (asked[trait], [_with_length(each) for each in regimes_of_trait(trait)])
            for trait in traits_asked()
        ],
        targets=[(asked[each.code], said(each.explanation)) for each in targets_set()],
    )
