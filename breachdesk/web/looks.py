"""Writing down who looked at a case that is none of their usual work."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, Response, g, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from breachdesk.models import begin_as_reader
from breachdesk.services.case_looks import must_note_look, note_look
from breachdesk.services.cases import Case
from breachdesk.web.request import now, session

log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Look at every answer that shows a case. After `security`: before its own last write."""
    app.after_request(_note_look)


@contextmanager
def writing_aside() -> Iterator[Session]:
    """A transaction of its own, for a page that only read: all that it needs has been read.

    What was read stays readable, apart from the session.
    """
    session().expunge_all()
    session().rollback()
    begin_as_reader(False)
    yield session()


def _note_look(response: Response) -> Response:
    case: Case | None = g.get("case")
    is_a_look = request.method in ("GET", "HEAD") and response.status_code == 200
    if case is None or not is_a_look or g.get("without_database"):
        return response
    try:
        _note(case)
    except DBAPIError:
        # The page is there and must not be lost for it. The next look today is written down.
        assert case.seat is not None
        log.error(
            "The look of person %s at incident %s could not be written down",
            case.seat.user.id,
            case.incident.reference,
        )
    return response


def _note(case: Case) -> None:
    assert case.seat is not None
    if must_note_look(session(), case, by=case.seat, now=now()):
        with writing_aside() as writing:
            note_look(writing, case.incident.id, by=case.seat, now=now())
