"""How long the organisation keeps the files of its dossiers."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import StringField

from breachdesk.domain.access import Action
from breachdesk.domain.dossier_retention import PROPOSED_MONTHS
from breachdesk.services.acting import Acting
from breachdesk.services.dossier_retention import set_dossier_retention
from breachdesk.web.forms import DeskForm, faults_on
from breachdesk.web.language import say, say_later
from breachdesk.web.request import now, seat_or_404, session

pages = Blueprint("dossier_retention", __name__, url_prefix="/organisations/<code>/retention")


class RetentionForm(DeskForm):
    """The months that the dossiers of a case are kept once it is closed."""

    months = StringField(
        say_later("Mois de conservation, après la clôture de l’incident"),
        render_kw={"inputmode": "numeric", "class": "short", "size": "4", "autocomplete": "off"},
    )


@pages.route("", methods=["GET", "POST"])
def show(code: str) -> str | Response | tuple[str, int]:
    """Show how long, and take another number of months."""
    seat = seat_or_404(code, Action.EDIT_ORGANISATION)
    form = RetentionForm()
    if not form.is_submitted():
        form.months.data = str(seat.organisation.dossiers_kept_months)
        return _page(seat, form)
    if form.validate():
        with faults_on(form) as attempt:
            changed = set_dossier_retention(session(), form.months.data or "", by=seat, now=now())
        if attempt.succeeded:
            flash(say("C’est enregistré.") if changed else say("Rien n’a changé."))
            return redirect(url_for("dossier_retention.show", code=code))
    return _page(seat, form), 422


def _page(seat: Acting, form: RetentionForm) -> str:
    return render_template(
        "dossiers/retention.html", seat=seat, form=form, proposed=PROPOSED_MONTHS
    )
