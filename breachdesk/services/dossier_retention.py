"""Erasing the files of dossiers whose time is up; what proves that they were made stays."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, or_, select
from sqlalchemy.orm import Session

from breachdesk.domain.access import Action
from breachdesk.domain.dossier_retention import checked_months, kept_until
from breachdesk.domain.journal import Entry
from breachdesk.models import Dossier, Incident, Organisation
from breachdesk.models.vault import FileStore
from breachdesk.services.acting import Acting
from breachdesk.services.cases import lock_case
from breachdesk.services.journal import write_journal

# Cases at a time: each is held while its dossiers go.
CASES_AT_ONCE = 50
# No month is shorter: what was closed since so many is not looked at.
SHORTEST = timedelta(days=28)

log = logging.getLogger(__name__)


def set_dossier_retention(session: Session, typed: str, *, by: Acting, now: datetime) -> bool:
    """Keep how many months after its closing the dossiers of a case stay; whether it changed.

    Raises:
        NotAllowed: their roles do not permit it.
        InvalidInput: no number of months from 1 to 360.
    """
    by.demand(Action.EDIT_ORGANISATION)
    months = checked_months(typed)
    organisation = by.organisation
    if months == organisation.dossiers_kept_months:
        return False
    write_journal(
        session,
        organisation,
        Entry.DOSSIER_RETENTION_CHANGED,
        by=by.user,
        at=now,
        months=months,
        before=organisation.dossiers_kept_months,
    )
    organisation.dossiers_kept_months = months
    session.commit()
    return True


def erase_old_dossiers(session: Session, files: FileStore, *, now: datetime) -> int:
    """Erase the files of dossiers whose time is up; how many. Commits case by case.

    The file goes first: killed before its row says so, the next run finds the row again. The
    other way round, a file that nothing names any more would stay for ever.
    """
    erased = 0
    for incident_id in _over(session, now):
        try:
            erased += _erase_of(session, files, incident_id, now)
        except OSError:
            # One file that cannot be removed keeps no other from going.
            session.rollback()
            log.exception("Dossiers of incident %s not erased; will retry", incident_id)
    return erased


def is_time_up(connection: Connection, stored_as: str, now: datetime) -> bool:
    """Whether a file is a dossier's that is erased at any moment, or was just now."""
    row = connection.execute(
        select(Incident.closed_at, Organisation.dossiers_kept_months, Dossier.made_at)
        .join(Dossier, Dossier.incident_id == Incident.id)
        .join(Organisation, Organisation.id == Incident.organisation_id)
        .where(Dossier.stored_as == stored_as)
    ).first()
    return row is not None and _is_over(*row, now=now)


def _over(session: Session, now: datetime) -> Sequence[int]:
    """The closed cases with a dossier whose time is up, at most `CASES_AT_ONCE`."""
    kept = session.scalars(select(Organisation.dossiers_kept_months).distinct()).all()
    if not kept:
        return []
    rows = session.execute(
        select(Incident.id, Incident.closed_at, Organisation.dossiers_kept_months, Dossier.made_at)
        .join(Organisation, Organisation.id == Incident.organisation_id)
        .join(Dossier, Dossier.incident_id == Incident.id)
        .where(
            Dossier.stored_as.is_not(None),
            or_(
                *(
                    and_(
                        Organisation.dossiers_kept_months == months,
                        Incident.closed_at < now - months * SHORTEST,
                    )
                    for months in kept
                )
            ),
        )
        .order_by(Incident.closed_at, Dossier.id)
    )
    over = dict.fromkeys(
        key
        for key, closed_at, months, made_at in rows
        if _is_over(closed_at, months, made_at, now=now)
    )
    return list(over)[:CASES_AT_ONCE]


def _is_over(closed_at: datetime | None, months: int, made_at: datetime, *, now: datetime) -> bool:
    until = kept_until(closed_at, months, made_at)
    return until is not None and until <= now


def _erase_of(session: Session, files: FileStore, incident_id: int, now: datetime) -> int:
    incident = session.get_one(Incident, incident_id)
    lock_case(session, incident)
    months = incident.organisation.dossiers_kept_months
    # Opened again, or kept for longer, since we looked.
    dossiers = [
        dossier
        for dossier in _kept_of(session, incident)
        if _is_over(incident.closed_at, months, dossier.made_at, now=now)
    ]
    for dossier in dossiers:
        assert dossier.stored_as is not None
        files.remove(dossier.stored_as)
        write_journal(
            session,
            incident,
            Entry.DOSSIER_ERASED,
            by=None,
            at=now,
            number=dossier.number,
            sha256=dossier.sha256,
            months=months,
        )
        dossier.stored_as = None
    session.commit()
    return len(dossiers)


def _kept_of(session: Session, incident: Incident) -> Iterable[Dossier]:
    return session.scalars(
        select(Dossier)
        .where(Dossier.incident_id == incident.id, Dossier.stored_as.is_not(None))
        .order_by(Dossier.number)
    ).all()
