"""The dossiers of a case: making the next one, listing and downloading them."""

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from breachdesk.domain.access import Action
from breachdesk.domain.errors import DocumentFailed, NotFound
from breachdesk.models import db
from breachdesk.services.acting import Acting
from breachdesk.services.cases import Case
from breachdesk.services.dossiers import dossiers_of, make_dossier, read_dossier
from breachdesk.web.case_pages import case_page
from breachdesk.web.language import say, wording
from breachdesk.web.proof import demand_recent_proof
from breachdesk.web.request import case_or_404, desk, now, session
from breachdesk.wording.errors import error_sentence

pages = Blueprint("dossiers", __name__, url_prefix="/incidents/<reference>/dossiers")


@pages.route("", methods=["GET", "POST"])
def listing(reference: str) -> str | AnyResponse | tuple[str, int]:
    """The dossiers made so far; a POST makes the next one."""
    case, seat = case_or_404(reference)
    if request.method == "GET":
        return _page(case, seat)
    seat.demand(Action.MAKE_DOSSIER)
    demand_recent_proof()
    try:
        made = make_dossier(
            session(), desk(), case.incident, by=seat, now=now(), locale=wording().locale
        )
    except DocumentFailed as fault:
        db.session.rollback()
        case, seat = case_or_404(reference)
        return _page(case, seat, error_sentence(fault, wording())), 503
    flash(
        {  # type: ignore[arg-type]
            "text": say("Le dossier n° %(number)s est établi.", number=made.number),
            "next_url": url_for("dossiers.download", reference=reference, number=made.number),
            "next_label": say("Le télécharger"),
        }
    )
    return redirect(url_for("dossiers.listing", reference=reference))


def _page(case: Case, seat: Acting, fault: str = "") -> str:
    return case_page(
        "dossiers/listing.html",
        case,
        seat,
        dossiers=list(reversed(dossiers_of(session(), case.incident))),
        fault=fault,
        may_make=seat.may(Action.MAKE_DOSSIER),
    )


@pages.get("/<int:number>.pdf")
def download(reference: str, number: int) -> Response:
    """A dossier as it was made, byte for byte."""
    case, _ = case_or_404(reference)
    demand_recent_proof()
    try:
        _, content = read_dossier(session(), desk(), case.incident, number)
    except FileNotFoundError:
        raise NotFound("unknown_dossier", number=number) from None
    name = f"{case.incident.reference}-dossier-{number}.pdf"
    answer = Response(content, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
