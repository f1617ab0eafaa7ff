"""Making the dossier: read, print and seal outside any transaction, keep under a number."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from breachdesk.documents.dossier_bundle import zip_dossier
from breachdesk.documents.printing import print_dossier
from breachdesk.domain.access import Action
from breachdesk.domain.case_record import CaseRecord, RemovedRecord
from breachdesk.domain.dossier_files import DossierKind
from breachdesk.domain.errors import InvalidInput, NotFound
from breachdesk.domain.journal import Entry
from breachdesk.domain.redaction import Redaction, redact
from breachdesk.models import Attachment, Dossier, Incident
from breachdesk.sealing.embedded import embedded_files
from breachdesk.sealing.sealer import SealedPdf
from breachdesk.services.acting import Acting, Desk
from breachdesk.services.case_records import read_case_record
from breachdesk.services.cases import lock_case
from breachdesk.services.journal import write_journal
from breachdesk.services.sealing import seal_printed

# Two people may ask at once: whoever comes second prints again under the next number.
TRIES = 5
# Bytes of attachments that one dossier holds: printing takes some times that in memory. The
# others are listed with their hashes, and lie in the desk.
LARGEST_ATTACHED = 100_000_000
LONGEST_FOR_WHOM = 200


@dataclass(frozen=True)
class RedactedCopy:
    """A copy for somebody else: who that is, and what is removed from it."""

    for_whom: str
    redaction: Redaction

    def checked(self) -> "RedactedCopy":
        """The same without blanks around.

        Raises:
            InvalidInput: nobody is named, nothing is to be removed, or a fact there is not.
        """
        Redaction.from_record(self.redaction.as_record())
        for_whom = self.for_whom.strip()
        if not for_whom:
            raise InvalidInput("for_whom_missing", field="for_whom")
        if self.redaction.is_empty:
            raise InvalidInput("nothing_to_remove", field="parts")
        return replace(self, for_whom=for_whom[:LONGEST_FOR_WHOM])

    def as_record(self) -> dict[str, Any]:
        """As a JSON value; `from_record` reads it back."""
        return {"for_whom": self.for_whom, **self.redaction.as_record()}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "RedactedCopy":
        """Read it back. Raises InvalidInput: it names a fact that there is not."""
        return cls(record["for_whom"], Redaction.from_record(record))


@dataclass(frozen=True)
class _Printed:
    record: CaseRecord
    sealed: SealedPdf


def make_dossier(
    session: Session,
    desk: Desk,
    incident: Incident,
    *,
    by: Acting,
    now: datetime,
    locale: str = "fr",
    copy: RedactedCopy | None = None,
    with_it: Callable[[Dossier], object] = lambda _dossier: None,
) -> Dossier:
    """Make the next dossier of a case; its SHA-256 goes into the journal.

    Args:
        copy: what is removed from it, and for whom; None: nothing.
        with_it: what else is written in the transaction that keeps the dossier; what it
            raises keeps nothing.

    Raises:
        DocumentFailed: the document could not be typeset.
        InvalidInput: a copy for nobody, or with nothing removed.
    """
    by.demand(Action.MAKE_DOSSIER)
    copy = copy.checked() if copy else None
    for attempt in range(TRIES):
        number = _last_number(session, incident) + 1
        record = read_case_record(session, incident, by=by.user, now=now, dossier_number=number)
        stored = _stored_attachments(session, incident)
        # Printing and sealing take half a second: nobody who writes need wait for it.
        session.commit()
        printed = _print(desk, record, stored, copy, locale)
        try:
            return _keep(session, desk, incident, printed, copy, locale, with_it, by=by, now=now)
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


def _stored_attachments(session: Session, incident: Incident) -> list[tuple[str, int]]:
    """Under which name each lies, and its size, in the order of the record."""
    rows = session.execute(
        select(Attachment.stored_as, Attachment.size)
        .where(Attachment.incident_id == incident.id)
        .order_by(Attachment.id)
    )
    return [(name, size) for name, size in rows]


def _print(
    desk: Desk,
    record: CaseRecord,
    stored: Sequence[tuple[str, int]],
    copy: RedactedCopy | None,
    locale: str,
) -> _Printed:
    record = redact(record, copy.redaction) if copy else record
    if copy and not record.removed:
        # Of a file that there is not: a copy that says it is one, with nothing removed.
        raise InvalidInput("nothing_to_remove", field="parts")
    attached = _attached(desk, stored, record)
    held = tuple(
        replace(each, is_in_dossier=number in attached)
        for number, each in enumerate(record.attachments, 1)
    )
    record = replace(record, attachments=held)
    printed = print_dossier(record, locale, attached)
    return _Printed(record, seal_printed(desk, printed, at=record.made_at))


def _attached(
    desk: Desk, stored: Sequence[tuple[str, int]], record: CaseRecord
) -> dict[int, bytes]:
    """The bytes of the attachments that the dossier holds, counted from 1."""
    held: dict[int, bytes] = {}
    room = LARGEST_ATTACHED
    pairs = zip(stored, record.attachments, strict=True)
    for number, ((name, size), told) in enumerate(pairs, 1):
        if not told.is_in_dossier or size > room:
            continue
        held[number] = desk.files.read(name)
        room -= size
    return held


def _keep(
    session: Session,
    desk: Desk,
    incident: Incident,
    printed: _Printed,
    copy: RedactedCopy | None,
    locale: str,
    with_it: Callable[[Dossier], object],
    *,
    by: Acting,
    now: datetime,
) -> Dossier:
    # Held before the row that points to it is written: see `journal._hold`.
    lock_case(session, incident)
    sealed = printed.sealed
    pdf = sealed.content
    dossier = Dossier(
        incident_id=incident.id,
        number=printed.record.dossier_number,
        locale=locale,
        kind=DossierKind.REDACTED if copy else DossierKind.WHOLE,
        for_whom=copy.for_whom if copy else "",
        removed=[_as_json(each) for each in printed.record.removed],
        size=len(pdf),
        sha256=hashlib.sha256(pdf).hexdigest(),
        sealed_by=sealed.fingerprint,
        is_timestamped=sealed.is_timestamped,
        stored_as=desk.files.keep(pdf),
        made_by_id=by.user.id,
        made_at=now,
    )
    session.add(dossier)
    session.flush()
    # Of a copy alone: lines written before there were any have neither.
    about: dict[str, Any] = {"kind": dossier.kind.value, "removed": len(dossier.removed)}
    write_journal(
        session,
        incident,
        Entry.DOSSIER_MADE,
        by=by.user,
        at=now,
        number=dossier.number,
        sha256=dossier.sha256,
        size=dossier.size,
        **(about if copy else {}),
    )
    with_it(dossier)
    session.commit()
    return dossier


def _as_json(removed: RemovedRecord) -> dict[str, str]:
    return {"what": removed.what, "why": removed.why}


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


def zip_of(pdf: bytes) -> bytes:
    """A dossier as a ZIP: the PDF as it was made, and the files it holds beside it."""
    return zip_dossier(pdf, embedded_files(pdf))
