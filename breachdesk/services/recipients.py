"""Recipients of a communication: a CSV file previewed, then taken in; all encrypted."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session, defer

from breachdesk.domain.access import Action
from breachdesk.domain.errors import NotFound, WrongStep
from breachdesk.domain.journal import Entry
from breachdesk.domain.notices import NoticeState
from breachdesk.domain.recipient_list import ColumnMapping, RecipientList, read_recipients
from breachdesk.domain.recipient_list import Recipient as Person
from breachdesk.models import Incident, Notice, Recipient, RecipientImport, reading
from breachdesk.services.acting import Acting, Desk
from breachdesk.services.attachments import Upload, safe_name
from breachdesk.services.cases import case_of, lock_case
from breachdesk.services.journal import write_journal

# A million rows at once would stand in memory twice.
ROWS_PER_STATEMENT = 10_000


@dataclass(frozen=True)
class ImportResult:
    """What came of a recipients file: new people, lines refused, people already there."""

    added: int
    bad: int
    duplicates: int


def upload_recipients(
    session: Session, desk: Desk, incident: Incident, upload: Upload, *, by: Acting, now: datetime
) -> RecipientImport:
    """Keep a recipients file, encrypted, for its preview.

    Raises:
        WrongStep: no communication is drafted yet, or it has been sent.
        InvalidInput: the file cannot be read as a list (see `domain.recipient_list`).
    """
    by.demand(Action.IMPORT_RECIPIENTS)
    notice = _notice_open_for_recipients(session, incident)
    found = read_recipients(upload.content, None)
    kept = RecipientImport(
        notice_id=notice.id,
        file_name=safe_name(upload.name),
        sha256=hashlib.sha256(upload.content).hexdigest(),
        content=desk.vault.seal(upload.content),
        mapping=found.mapping.as_record(),
        good=len(found.good),
        bad=len(found.bad),
        duplicates=found.duplicates,
        uploaded_by_id=by.user.id,
        uploaded_at=now,
    )
    session.add(kept)
    session.commit()
    return kept


def _notice_open_for_recipients(session: Session, incident: Incident) -> Notice:
    lock_case(session, incident)
    notice = case_of(session, incident).notice
    if notice is None:
        raise WrongStep("no_notice", reference=incident.reference)
    if notice.state not in (NoticeState.DRAFT, NoticeState.APPROVED):
        raise WrongStep("notice_already_sent", reference=incident.reference)
    return notice


def preview_recipients(
    session: Session,
    desk: Desk,
    incident: Incident,
    import_id: int,
    mapping: ColumnMapping | None,
    *,
    by: Acting,
) -> tuple[RecipientImport, RecipientList]:
    """Read a kept file again, with the columns as chosen.

    Raises:
        NotFound: no such file in this case, or it has been taken in already.
    """
    by.demand(Action.IMPORT_RECIPIENTS)
    kept = session.scalars(
        select(RecipientImport)
        .join(Notice, Notice.id == RecipientImport.notice_id)
        .where(RecipientImport.id == import_id, Notice.incident_id == incident.id)
    ).first()
    if kept is None or kept.content is None:
        raise NotFound("unknown_import")
    return kept, read_recipients(desk.vault.open(kept.content), mapping)


def discard_recipients(session: Session, incident: Incident, import_id: int, *, by: Acting) -> None:
    """Erase a kept file that will not be taken in; doing so twice changes nothing."""
    by.demand(Action.IMPORT_RECIPIENTS)
    lock_case(session, incident)
    of_case = select(Notice.id).where(Notice.incident_id == incident.id)
    session.execute(
        update(RecipientImport)
        .where(RecipientImport.id == import_id, RecipientImport.notice_id.in_(of_case))
        .values(content=None)
    )
    session.commit()


def confirm_recipients(
    session: Session,
    desk: Desk,
    incident: Incident,
    import_id: int,
    mapping: ColumnMapping | None,
    *,
    by: Acting,
    now: datetime,
    with_it: Callable[[ImportResult], object] = lambda _result: None,
) -> ImportResult:
    """Take in the good lines of a kept file; the file itself is emptied.

    Somebody already among the recipients is not added again.

    Args:
        with_it: what else is written in the transaction that takes them in.

    Raises:
        WrongStep: the communication has been sent.
        NotFound: no such file, or it has been taken in already.
    """
    by.demand(Action.IMPORT_RECIPIENTS)
    _notice_open_for_recipients(session, incident)
    # A million lines take seconds to read and half a minute to seal: nobody who writes need
    # wait for it.
    session.commit()
    with reading():
        kept, found = preview_recipients(session, desk, incident, import_id, mapping, by=by)
    session.commit()
    people = [_sealed(desk, person) for person in found.good]
    notice = _notice_open_for_recipients(session, incident)
    session.refresh(kept)
    if kept.content is None:
        raise NotFound("unknown_import")
    if people and not desk.vault.is_current(people[0].sealed):
        # The key was turned meanwhile, and its rotation waits for transactions, not for us.
        people = [_sealed(desk, person) for person in found.good]
    added = _add(session, notice, kept, people)
    duplicates = found.duplicates + len(people) - added
    kept.good, kept.bad, kept.duplicates = added, len(found.bad), duplicates
    kept.mapping, kept.content, kept.confirmed_at = found.mapping.as_record(), None, now
    write_journal(
        session,
        incident,
        Entry.RECIPIENTS_IMPORTED,
        by=by.user,
        at=now,
        count=added,
        rejected=len(found.bad),
        duplicates=duplicates,
        sha256=kept.sha256,
    )
    result = ImportResult(added, len(found.bad), duplicates)
    with_it(result)
    session.commit()
    return result


@dataclass(frozen=True, slots=True)
class _Sealed:
    """One person ready to be kept: under each index they may be known by, the first is theirs."""

    line: int
    index: str
    indexes: frozenset[str]
    sealed: bytes


def _sealed(desk: Desk, person: Person) -> _Sealed:
    return _Sealed(
        person.line,
        desk.vault.index(person.identity),
        frozenset(desk.vault.indexes(person.identity)),
        desk.vault.seal_json(
            {"address": person.address, "name": person.name, "locale": person.locale}
        ),
    )


def _add(session: Session, notice: Notice, kept: RecipientImport, people: Sequence[_Sealed]) -> int:
    """Add whoever is not there yet; how many."""
    known = set(
        session.scalars(select(Recipient.address_index).where(Recipient.notice_id == notice.id))
    )
    rows = []
    for person in people:
        if known.isdisjoint(person.indexes):
            known.add(person.index)
            rows.append(
                {
                    "notice_id": notice.id,
                    "import_id": kept.id,
                    "line": person.line,
                    "address_index": person.index,
                    "sealed": person.sealed,
                }
            )
    for start in range(0, len(rows), ROWS_PER_STATEMENT):
        session.execute(insert(Recipient), rows[start : start + ROWS_PER_STATEMENT])
    return len(rows)


def imports_of(session: Session, notice: Notice) -> list[tuple[RecipientImport, bool]]:
    """The files of a notice, the latest last, each with whether it awaits its confirmation.

    What they hold is not read.
    """
    rows = session.execute(
        select(RecipientImport, RecipientImport.content.is_not(None))
        .where(RecipientImport.notice_id == notice.id)
        .order_by(RecipientImport.id)
        .options(defer(RecipientImport.content))
    )
    return [(row[0], bool(row[1])) for row in rows]
