"""What every view asks of its request: the time, the person, the case in hand."""

from datetime import datetime

from flask import current_app, g
from flask import session as cookie
from sqlalchemy.orm import Session

from breachdesk.domain.access import Action
from breachdesk.domain.errors import NotFound
from breachdesk.domain.single_sign_on import OrganisationClosed
from breachdesk.models import db
from breachdesk.services.acting import Acting, Desk, seat_in
from breachdesk.services.cases import Case, find_case

# In the cookie: the code of the organisation worked in last.
CHOSEN = "organisation"


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
        raise _not_open(code)
    if action is not None:
        seat.demand(action)
    g.seat, g.organisation_code = seat, seat.organisation.code
    return seat


def _not_open(code: str) -> NotFound:
    """Their own organisation, closed to the way in which they signed in, or none of theirs."""
    closed = g.signed_in.closed if "signed_in" in g else []
    is_theirs = any(each.code == code.upper() for each in closed)
    fault = OrganisationClosed if is_theirs else NotFound
    return fault(None if is_theirs else "unknown_organisation", shown=code)


def usual_seat() -> Acting | None:
    """The person's seat in the organisation they chose last, or in their first; if any."""
    held = seats()
    chosen = seat_in(held, str(cookie.get(CHOSEN, "")))
    return chosen or (held[0] if held else None)


def keep_choice() -> None:
    """Keep in the cookie which organisation the person works in, for pages that are of none."""
    code = g.get("organisation_code")
    if code and cookie.get(CHOSEN) != code:
        cookie[CHOSEN] = code


def case_or_404(reference: str, action: Action = Action.SEE_CASE) -> tuple[Case, Acting]:
    """The case in hand and the person's seat in its organisation.

    Raises:
        NotFound: no such case for this person.
        NotAllowed: their roles do not permit the action.
    """
    case = find_case(session(), seats(), reference)
    assert case.seat is not None
    g.seat, g.organisation_code = case.seat, case.seat.organisation.code
    case.seat.demand(action)
    # Whoever looks at a case out of their usual work is written down: see web.looks.
    g.case = case
    return case, case.seat
