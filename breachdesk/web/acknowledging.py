"""Confirming that one has read a reminder, by the link in the mail and without signing in.

Opening the link changes nothing: scanners of mail open every link, and press no button.
Whoever holds it acts for one person, in this one thing; no session is asked for or made.
"""

from http import HTTPStatus

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from breachdesk.domain.deadlines import Deadline
from breachdesk.domain.errors import NotFound
from breachdesk.domain.regimes import PROVISIONAL
from breachdesk.services.acknowledging import (
    ClockSeen,
    LinkSeen,
    LinkState,
    acknowledge_by_link,
    look_at_link,
)
from breachdesk.services.acting import Stranger
from breachdesk.web.language import say, wording
from breachdesk.web.request import desk, now, session
from breachdesk.wording.labels import regime_label

pages = Blueprint("acknowledging", __name__, url_prefix="/acknowledge")

Answer = tuple[str, int] | AnyResponse

STATUS = {
    LinkState.STOPPED: HTTPStatus.GONE,
    LinkState.OVER: HTTPStatus.GONE,
    LinkState.LEFT: HTTPStatus.FORBIDDEN,
    # As every page of a case that somebody may not know of.
    LinkState.HIDDEN: HTTPStatus.NOT_FOUND,
}


@pages.get("/<token>")
def show(token: str) -> Answer:
    """What the link is for, with its one button; or why there is nothing to confirm."""
    try:
        seen = look_at_link(session(), desk(), token, now=now())
    except NotFound:
        return _nothing()
    return _page(seen, token)


@pages.post("/<token>")
def confirm(token: str) -> Answer:
    """Confirm, and show that it is done."""
    origin = request.remote_addr or ""
    try:
        acknowledge_by_link(session(), desk(), token, address=origin, now=now())
    except NotFound:
        return _nothing()
    return redirect(url_for("acknowledging.show", token=token), HTTPStatus.SEE_OTHER)


@pages.after_request
def _keep_secret(response: Response) -> Response:
    """The address is the secret: no other site hears of it, no search engine keeps it."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _page(seen: LinkSeen, token: str) -> tuple[str, int]:
    if seen.organisation is not None:
        # Whose local time the page tells.
        g.stranger = Stranger(seen.organisation)
    is_open = seen.state is LinkState.OPEN
    page = render_template(
        f"acknowledging/{'confirm' if is_open else 'done'}.html",
        seen=seen,
        cases=[
            (case.reference, [(_what(each.regime), each, _deadline(each)) for each in case.clocks])
            for case in seen.cases
        ],
        token=token,
    )
    return page, STATUS.get(seen.state, HTTPStatus.OK)


def _what(regime: str) -> str:
    if regime == PROVISIONAL:
        return say("Dire si l’incident est une violation de données personnelles")
    return regime_label(regime, wording())


def _deadline(clock: ClockSeen) -> Deadline | None:
    """A clock that still runs, with the time left: as the frame of its case says it."""
    if clock.is_stopped:
        return None
    return Deadline(clock.regime, clock.started_at, clock.due_at, now())


def _nothing() -> tuple[str, int]:
    return render_template("acknowledging/nothing.html"), HTTPStatus.NOT_FOUND
