"""What every view asks of its request: the time, the person, the case in hand."""

from datetime import datetime

from flask import current_app, g
from sqlalchemy.orm import Session

from breachdesk.domain.access import Action
from breachdesk.domain.errors import NotFound
from breachdesk.models import db
from breachdesk.services.acting import Acting, Desk, seat_in
from breachdesk.services.cases import Case, find_case


def session() -> Session:
    """The database session of this request."""
    return db.session()


def desk() -> Desk:
    """What the services act with."""
    found: Desk = current_app.extensions["desk"]
    return found


def now() -> datetime:
    """The time of this request: one instant, however often it is asked."""
    if "now" not in g:
        g.now = current_app.extensions["clock"]()
    instant: datetime = g.now
    return instant


def seats() -> list[Acting]:
    """Every organisation the person acts in."""
    held: list[Acting] = g.get("seats", [])
    return held


def seat_or_404(code: str, action: Action | None = None) -> Acting:
    """The person's seat in an organisation, which becomes the one in hand.

    Raises:
        NotFound: they have no seat there.
        NotAllowed: their roles there do not permit the action.
    """
    seat = seat_in(seats(), code)
    if seat is None:
        raise NotFound("unknown_organisation", shown=code)
    if action is not None:
        seat.demand(action)
    g.seat = seat
    return seat


def case_or_404(reference: str, action: Action = Action.SEE_CASE) -> tuple[Case, Acting]:
    """The case in hand and the person's seat in its organisation.

    Raises:
        NotFound: no such case for this person.
        NotAllowed: their roles do not permit the action.
    """
    case = find_case(session(), seats(), reference)
    assert case.seat is not None
    g.seat, g.case = case.seat, case
    case.seat.demand(action)
    return case, case.seat
