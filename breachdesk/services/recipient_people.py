"""Looking at the recipients of a communication, who are encrypted; every look is journaled."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import ColumnElement, String, cast, func, literal, select
from sqlalchemy.orm import Session

from breachdesk.documents.recipients_csv import recipients_csv
from breachdesk.domain.access import Action
from breachdesk.domain.deliveries import DeliveryState, RecipientLine
from breachdesk.domain.errors import WrongStep
from breachdesk.domain.journal import Entry
from breachdesk.domain.recipient_list import mailbox_identity
from breachdesk.models import Delivery, Incident, JournalEntry, Notice, Recipient, reading
from breachdesk.models.vault import Vault
from breachdesk.services.acting import Acting, Desk
from breachdesk.services.journal import chain_of, write_journal

PER_PAGE = 50
# How many are held decrypted at a time while a file is written.
EXPORT_BATCH = 500


@dataclass(frozen=True)
class PeoplePage:
    """One page of recipients, in the order of their lists, and how many there are."""

    people: Sequence[RecipientLine]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PER_PAGE))


def list_recipients(
    session: Session,
    desk: Desk,
    notice: Notice,
    *,
    state: DeliveryState | None = None,
    page: int = 1,
    by: Acting,
) -> PeoplePage:
    """A page of the recipients of a communication; a page past the last is the last.

    Three queries, however many there are. `note_recipients_seen` must follow.

    Args:
        state: only those whose message is there; None: all.
    """
    by.demand(Action.SEE_RECIPIENTS)
    conditions = [Recipient.notice_id == notice.id]
    if state is not None:
        of_state = select(Delivery.recipient_id).where(
            Delivery.notice_id == notice.id, Delivery.state == state
        )
        conditions.append(Recipient.id.in_(of_state))
    total = session.scalar(select(func.count(Recipient.id)).where(*conditions)) or 0
    page = min(max(1, page), max(1, -(-total // PER_PAGE)))
    ids = session.scalars(
        select(Recipient.id)
        .where(*conditions)
        .order_by(Recipient.id)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    ).all()
    return PeoplePage(_read(session, desk.vault, notice.id, ids), total, page)


def find_recipient(
    session: Session, desk: Desk, notice: Notice, address: str, *, by: Acting
) -> list[RecipientLine]:
    """The recipient with exactly this address, if there is one.

    By the keyed index: addresses are nowhere in the clear, so nothing like it is found.
    """
    by.demand(Action.SEE_RECIPIENTS)
    try:
        identity = mailbox_identity(address.strip())
    except UnicodeError:
        return []
    ids = session.scalars(
        select(Recipient.id).where(
            Recipient.notice_id == notice.id,
            Recipient.address_index.in_(desk.vault.indexes(identity)),
        )
    ).all()
    return _read(session, desk.vault, notice.id, ids)


def _read(
    session: Session, vault: Vault, notice_id: int, ids: Sequence[int]
) -> list[RecipientLine]:
    """These recipients, decrypted, each with their delivery; one query."""
    rows = session.execute(
        select(
            Recipient.sealed,
            Delivery.state,
            Delivery.answer_code,
            Delivery.answer,
            Delivery.queued_at,
            Delivery.finished_at,
        )
        .outerjoin(Delivery, _is_delivery_of_recipient(notice_id))
        .where(Recipient.id.in_(ids))
        .order_by(Recipient.id)
    )
    return [_line(vault, row) for row in rows]


def _is_delivery_of_recipient(notice_id: int) -> ColumnElement[bool]:
    """By the key under which it was queued, which is indexed: see `notices.start_sending`."""
    return Delivery.dedup_key == literal(f"notice:{notice_id}:") + cast(Recipient.id, String)


def _line(vault: Vault, row: Any) -> RecipientLine:
    try:
        person = vault.open_json(row.sealed)
    except InvalidTag:
        person = None
    return RecipientLine(
        name=person["name"] if person else "",
        address=person["address"] if person else "",
        locale=(person["locale"] or "") if person else "",
        state=row.state,
        answer_code=row.answer_code,
        answer=row.answer or "",
        queued_at=row.queued_at,
        finished_at=row.finished_at,
        is_readable=person is not None,
    )


def note_recipients_seen(
    session: Session,
    incident_id: int,
    *,
    by: Acting,
    now: datetime,
    count: int,
    **where: Any,
) -> None:
    """Write down that somebody looked at recipients, and commit.

    Args:
        count: how many they saw.
        where: the page of the list, or the id of the import that was previewed.
    """
    by.demand(Action.SEE_RECIPIENTS)
    incident = session.get_one(Incident, incident_id)
    write_journal(
        session, incident, Entry.RECIPIENTS_SEEN, by=by.user, at=now, count=count, **where
    )
    session.commit()


def must_note_preview(session: Session, incident: Incident, import_id: int, *, by: Acting) -> bool:
    """Whether the person looks at this list for the first time: that is noted once."""
    by.demand(Action.SEE_RECIPIENTS)
    seen = session.scalars(
        select(JournalEntry.parameters).where(
            JournalEntry.chain == chain_of(incident),
            JournalEntry.actor_id == by.user.id,
            JournalEntry.code == Entry.RECIPIENTS_SEEN.value,
        )
    )
    return not any(parameters.get("list") == import_id for parameters in seen)


def export_recipients(
    session: Session,
    desk: Desk,
    incident: Incident,
    notice: Notice | None,
    *,
    by: Acting,
    now: datetime,
    locale: str,
) -> Iterator[bytes]:
    """All recipients as a CSV file, in pieces; the journal says so before the first of them.

    Args:
        locale: of the heads and the states, "fr" or "en".

    Raises:
        WrongStep: there is nobody to export.
    """
    by.demand(Action.EXPORT_RECIPIENTS)
    notice_id = notice.id if notice else 0
    # Eight bytes for each: a million hold in eight megabytes.
    ids = array(
        "q",
        session.scalars(
            select(Recipient.id).where(Recipient.notice_id == notice_id).order_by(Recipient.id)
        ),
    )
    if not ids:
        raise WrongStep("no_recipients", reference=incident.reference)
    timezone = incident.organisation.timezone
    write_journal(session, incident, Entry.RECIPIENTS_EXPORTED, by=by.user, at=now, count=len(ids))
    session.commit()
    lines = _read_all(session, desk.vault, notice_id, ids)
    return _in_pieces(recipients_csv(lines, locale=locale, timezone=timezone))


def _read_all(
    session: Session, vault: Vault, notice_id: int, ids: Sequence[int]
) -> Iterator[RecipientLine]:
    """Batch by batch, each in a transaction of its own: a slow reader holds up nobody."""
    for start in range(0, len(ids), EXPORT_BATCH):
        with reading():
            found = _read(session, vault, notice_id, ids[start : start + EXPORT_BATCH])
            session.rollback()
        yield from found


def _in_pieces(records: Iterable[str]) -> Iterator[bytes]:
    """Records put together: a write for each of a million would take its time."""
    piece: list[str] = []
    for record in records:
        piece.append(record)
        if len(piece) >= EXPORT_BATCH:
            yield "".join(piece).encode()
            piece = []
    yield "".join(piece).encode()
