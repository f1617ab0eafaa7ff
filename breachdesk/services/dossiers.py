"""Making the dossier: read, print outside any transaction, keep under a number."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from breachdesk.documents.printing import print_dossier
from breachdesk.domain.access import Action
from breachdesk.domain.errors import NotFound
from breachdesk.domain.journal import Entry
from breachdesk.models import Dossier, Incident
from breachdesk.services.acting import Acting, Desk
from breachdesk.services.case_records import read_case_record
from breachdesk.services.cases import lock_case
from breachdesk.services.journal import write_journal

# Two people may ask at once: whoever comes second prints again under the next number.
TRIES = 5


def make_dossier(
    session: Session,
    desk: Desk,
    incident: Incident,
    *,
    by: Acting,
    now: datetime,
    locale: str = "fr",
    with_it: Callable[[Dossier], object] = lambda _dossier: None,
) -> Dossier:
    """Make the next dossier of a case; its SHA-256 goes into the journal.

    Args:
        with_it: what else is written in the transaction that keeps the dossier; what it
            raises keeps nothing.

    Raises:
        DocumentFailed: the document could not be typeset.
    """
    by.demand(Action.MAKE_DOSSIER)
    for attempt in range(TRIES):
        number = _last_number(session, incident) + 1
        record = read_case_record(session, incident, by=by.user, now=now, dossier_number=number)
        # Printing takes half a second: nobody who writes need wait for it.
        session.commit()
        pdf = print_dossier(record, locale)
        try:
            return _keep(session, desk, incident, number, pdf, locale, with_it, by=by, now=now)
        except IntegrityError:
            session.rollback()
            if attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _last_number(session: Session, incident: Incident) -> int:
    number = session.scalar(
        select(func.max(Dossier.number)).where(Dossier.incident_id == incident.id)
    )
    return number or 0


def _keep(
    session: Session,
    desk: Desk,
    incident: Incident,
    number: int,
    pdf: bytes,
    locale: str,
    with_it: Callable[[Dossier], object],
    *,
    by: Acting,
    now: datetime,
) -> Dossier:
    # Held before the row that points to it is written: see `journal._hold`.
    lock_case(session, incident)
    dossier = Dossier(
        incident_id=incident.id,
        number=number,
        locale=locale,
        size=len(pdf),
        sha256=hashlib.sha256(pdf).hexdigest(),
        stored_as=desk.files.keep(pdf),
        made_by_id=by.user.id,
        made_at=now,
    )
    session.add(dossier)
    session.flush()
    write_journal(
        session,
        incident,
        Entry.DOSSIER_MADE,
        by=by.user,
        at=now,
        number=number,
        sha256=dossier.sha256,
        size=dossier.size,
    )
    with_it(dossier)
    session.commit()
    return dossier


def dossiers_of(session: Session, incident: Incident) -> Sequence[Dossier]:
    """The dossiers of a case, the latest last."""
    return session.scalars(
        select(Dossier)
        .where(Dossier.incident_id == incident.id)
        .order_by(Dossier.number)
        .options(joinedload(Dossier.made_by))
    ).all()


def read_dossier(
    session: Session, desk: Desk, incident: Incident, number: int
) -> tuple[Dossier, bytes]:
    """A dossier of the case with its bytes.

    Raises:
        NotFound: the case has no dossier of that number, or its file was erased.
    """
    dossier = session.scalars(
        select(Dossier).where(Dossier.incident_id == incident.id, Dossier.number == number)
    ).first()
    if dossier is None or dossier.stored_as is None:
        raise NotFound("unknown_dossier", number=number)
    return dossier, desk.files.read(dossier.stored_as)
