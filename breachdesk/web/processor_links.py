"""Links handed to processors: made, listed, taken back."""

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import StringField

from breachdesk.domain.access import Action
from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.processor_links import LinkState
from breachdesk.domain.reporting import LONGEST_LINK_DAYS, PROCESSOR_LINK_LASTS
from breachdesk.services.acting import Acting
from breachdesk.services.processor_links import (
    LONGEST_NAME,
    links_of,
    make_link,
    revoke_link,
    state_of,
)
from breachdesk.web.forms import AtMost, DeskForm, Needed, faults_on
from breachdesk.web.language import say, say_later
from breachdesk.web.request import desk, now, seat_or_404, session
from breachdesk.wording import N_

pages = Blueprint("processor_links", __name__, url_prefix="/organisations/<code>/processor-links")

# Each state as a word, and the shape it is drawn with.
STATES = {
    LinkState.OPEN: (N_("à utiliser"), "running"),
    LinkState.USED: (N_("a servi"), "done"),
    LinkState.REVOKED: (N_("annulé"), "not_owed"),
    LinkState.EXPIRED: (N_("expiré"), "none"),
}


class LinkForm(DeskForm):
    """For whom, and for how long."""

    processor = StringField(
        say_later("Nom du sous-traitant"),
        [Needed(N_("Indiquez le nom du sous-traitant.")), AtMost(LONGEST_NAME)],
        description=say_later("La société qui traite des données pour vous : hébergeur, routeur…"),
    )
    days = StringField(
        say_later("Le lien sert pendant combien de jours ?"),
        [Needed(N_("Indiquez un nombre de jours."))],
        default=str(PROCESSOR_LINK_LASTS.days),
        render_kw={"inputmode": "numeric", "class": "short"},
    )


@pages.route("", methods=["GET", "POST"])
def listing(code: str) -> str | tuple[str, int]:
    """The links so far; one more, whose address is shown once."""
    seat = seat_or_404(code, Action.INVITE_PROCESSOR)
    asked = LinkForm()
    if not asked.is_submitted():
        return _page(seat, asked)
    if asked.validate():
        with faults_on(asked) as attempt:
            token = make_link(
                session(), asked.processor.data or "", lasts=_lasts(asked), by=seat, now=now()
            )
        if attempt.succeeded:
            return _made(seat, token, asked.processor.data or "", now() + _lasts(asked))
    return _page(seat, asked), 422


def _lasts(asked: LinkForm) -> timedelta:
    typed = (asked.days.data or "").strip()
    # Longer figures than a year's are no number of days.
    if not (typed.isascii() and typed.isdigit() and len(typed) <= len(str(LONGEST_LINK_DAYS))):
        raise InvalidInput("link_lasts_wrong", field="days", most=LONGEST_LINK_DAYS)
    return timedelta(days=int(typed))


def _made(seat: Acting, token: str, processor: str, expires_at: object) -> str:
    path = url_for("processor_report.form", token=token)
    return render_template(
        "processor_links/made.html",
        seat=seat,
        processor=processor.strip(),
        expires_at=expires_at,
        link=f"{desk().public_url}{path}",
    )


def _page(seat: Acting, asked: LinkForm) -> str:
    links = [
        (link, reference, STATES[state_of(link, now=now())], state_of(link, now=now()))
        for link, reference in links_of(session(), seat)
    ]
    return render_template("processor_links/listing.html", seat=seat, form=asked, links=links)


@pages.post("/<int:link_id>/revocation")
def revoke(code: str, link_id: int) -> Response:
    """Take a link back."""
    seat = seat_or_404(code, Action.INVITE_PROCESSOR)
    revoke_link(session(), link_id, by=seat, now=now())
    flash(say("Le lien est annulé : il n’ouvre plus rien."))
    return redirect(url_for("processor_links.listing", code=seat.organisation.code))
