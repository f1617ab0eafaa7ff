"""The journal of an organisation itself, and whether its chain holds."""

from flask import Blueprint, render_template, request, url_for

from breachdesk.domain.access import Action
from breachdesk.services.organisation_journal import read_organisation_journal
from breachdesk.web.journal import line_of
from breachdesk.web.request import seat_or_404, session

# Fewer than of a case: a line names a person, and perhaps every role they hold.
LINES_PER_PAGE = 100

pages = Blueprint("organisation_journal", __name__, url_prefix="/organisations/<code>/journal")


@pages.get("")
def listing(code: str) -> str:
    """The lines, the latest first."""
    seat = seat_or_404(code, Action.SEE_ORGANISATION_JOURNAL)
    journal = read_organisation_journal(session(), by=seat)
    last = max(1, -(-len(journal.entries) // LINES_PER_PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), last)
    shown = journal.entries[::-1][(page - 1) * LINES_PER_PAGE : page * LINES_PER_PAGE]
    return render_template(
        "organisation_journal/listing.html",
        lines=[line_of(entry, whom=journal.whom[entry.sequence]) for entry in shown],
        total=len(journal.entries),
        broken=journal.broken,
        page=page,
        last=last,
        page_url=lambda number: url_for("organisation_journal.listing", code=code, page=number),
    )
