"""The messages of an example organisation: what would have left, as pages."""

from flask import Blueprint, render_template, request

from breachdesk.domain.access import Action
from breachdesk.services.caught_mail import list_caught_mail, read_caught_mail
from breachdesk.web.request import desk, seat_or_404, session

pages = Blueprint("messages", __name__, url_prefix="/organisations/<code>/messages")


@pages.get("")
def listing(code: str) -> str:
    """The messages kept back, newest first."""
    seat = seat_or_404(code, Action.SEE_CAUGHT_MAIL)
    caught = list_caught_mail(session(), desk(), seat, page=request.args.get("page", 1, int))
    return render_template("messages/listing.html", seat=seat, caught=caught)


@pages.get("/<message_id>")
def show(code: str, message_id: str) -> str:
    """One message, as its recipient would have read it."""
    seat = seat_or_404(code, Action.SEE_CAUGHT_MAIL)
    letter = read_caught_mail(session(), desk(), seat, message_id)
    return render_template("messages/show.html", seat=seat, letter=letter)
