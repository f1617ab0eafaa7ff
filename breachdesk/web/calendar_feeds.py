"""The addresses at which one's own calendar reads the deadlines; and what it reads there."""

from contextlib import suppress

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Response as AnyResponse

from breachdesk.models import begin_as_reader
from breachdesk.services.calendar_feeds import (
    clocks_for,
    feeds_of,
    find_feed,
    make_feed,
    must_note_read,
    note_read,
    revoke_feed,
    written,
)
from breachdesk.web.forms import DeskForm, faults_on
from breachdesk.web.language import say
from breachdesk.web.proof import demand_recent_proof
from breachdesk.web.request import desk, now, session

pages = Blueprint("calendar_feeds", __name__)


class NewFeedForm(DeskForm):
    """Asks for nothing: one more address."""


# --- One's own page --------------------------------------------------------------------------


@pages.get("/account/calendar")
def listing() -> str:
    """The addresses that serve, and one more."""
    return _page(NewFeedForm())


@pages.post("/account/calendar")
def make() -> str | tuple[str, int]:
    """Make an address, and show it this once."""
    demand_recent_proof()
    asked = NewFeedForm()
    if asked.validate():
        with faults_on(asked) as attempt:
            token = make_feed(session(), desk(), g.person, now=now())
        if attempt.succeeded:
            address = f"{desk().public_url}{url_for('calendar_feeds.feed', token=token)}"
            return render_template(
                "calendar_feeds/made.html", link=address, subscribe=_subscribing(address)
            )
    return _page(asked), 422


@pages.post("/account/calendar/<int:feed_id>/revoke")
def revoke(feed_id: int) -> AnyResponse:
    """Take an address back."""
    revoke_feed(session(), g.person, feed_id, now=now())
    flash(say("Cette adresse ne sert plus. Retirez-la aussi de votre agenda."))
    return redirect(url_for("calendar_feeds.listing"))


def _page(asked: NewFeedForm) -> str:
    held = feeds_of(session(), g.person)
    shown = len(clocks_for(session(), desk(), g.person))
    return render_template("calendar_feeds/listing.html", form=asked, feeds=held, shown=shown)


def _subscribing(address: str) -> str:
    """The same address as calendars on a telephone or a computer take it at a click."""
    return f"webcal://{address.split('://', 1)[1]}"


# --- What a calendar reads -------------------------------------------------------------------


@pages.get("/calendar/<token>.ics")
def feed(token: str) -> Response:
    """Every running clock that its person may know of; nobody is signed in."""
    found = find_feed(session(), token)
    clocks = clocks_for(session(), desk(), found.user)
    calendar = written(clocks, locale=found.user.locale, now=now())
    if request.if_none_match.contains(calendar.fingerprint):
        response = Response(status=304)
    else:
        response = Response(calendar.content(), mimetype="text/calendar")
        response.headers["Content-Disposition"] = 'inline; filename="breachdesk.ics"'
    response.set_etag(calendar.fingerprint)
    # Kept by that one calendar alone, and asked for again each time.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    if must_note_read(found, now=now()):
        _note(found.id)
    return response


def _note(feed_id: int) -> None:
    """In a transaction of its own: the answer only reads, and need not be lost for this."""
    session().rollback()
    begin_as_reader(False)
    with suppress(DBAPIError):
        note_read(session(), feed_id, now=now())
