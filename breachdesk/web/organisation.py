"""The organisation's own page: what the authority's form will ask of it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from breachdesk.domain.access import Action
from breachdesk.domain.organisation_details import DETAILS
from breachdesk.services.acting import Acting
from breachdesk.services.organisation_details import update_organisation
from breachdesk.web.case_pages import roles_for
from breachdesk.web.forms import choices, faults_on
from breachdesk.web.language import safe_target, say, wording
from breachdesk.web.organisation_form import OrganisationForm
from breachdesk.web.request import now, seat_or_404, session
from breachdesk.wording.organisation import zone_label

pages = Blueprint("organisation", __name__, url_prefix="/organisations/<code>/details")


class DetailsForm(OrganisationForm):
    """What may change of an organisation: everything but its code."""

    code = None


@pages.route("", methods=["GET", "POST"])
def details(code: str) -> str | Response | tuple[str, int]:
    """Show the details; those who may change them get the form."""
    seat = seat_or_404(code, Action.SEE_ORGANISATION)
    asked = _form_of(seat)
    if not asked.is_submitted():
        return _page(seat, asked)
    seat.demand(Action.EDIT_ORGANISATION)
    if asked.validate():
        typed = {name: asked[name].data or "" for name in DETAILS}
        with faults_on(asked) as attempt:
            changed = update_organisation(session(), seat.organisation, typed, by=seat, now=now())
        if attempt.succeeded:
            return _kept(code, changed)
    return _page(seat, asked), 422


def _form_of(seat: Acting) -> DetailsForm:
    """The form as the organisation stands; a zone that is not offered stays its own."""
    asked = DetailsForm(obj=seat.organisation)
    zone = seat.organisation.timezone
    if zone not in {choice.value for choice in asked.timezone.choices}:
        asked.timezone.choices += choices((zone, zone_label(zone, wording())))
    return asked


def _kept(code: str, changed: list[str]) -> Response:
    flash(
        say("La fiche de l’organisation est enregistrée.")
        if changed
        else say("Rien n’a changé dans la fiche de l’organisation.")
    )
    return redirect(_back() or url_for("organisation.details", code=code))


def _back() -> str:
    """The page that asked for a detail, if one did."""
    return safe_target(request.args.get("back", ""))


def _page(seat: Acting, asked: DetailsForm) -> str:
    return render_template(
        "organisation/details.html",
        seat=seat,
        form=asked,
        names=DETAILS,
        may_edit=seat.may(Action.EDIT_ORGANISATION),
        editors=roles_for(Action.EDIT_ORGANISATION),
        zone=zone_label(seat.organisation.timezone, wording()),
        back=_back(),
    )
