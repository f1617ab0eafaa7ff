"""Writing the journal, in the same transaction as the change it tells of."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import event, select
from sqlalchemy.orm import Session, SessionTransaction, joinedload

from breachdesk.domain.journal import (
    FIRST_LINK,
    Entry,
    Line,
    commitment_to,
    first_broken_line,
    line_hash,
)
from breachdesk.models import Incident, JournalEntry, Organisation, User

# Where a session keeps the heads of the chains that its transaction writes.
HEADS = "journal heads"


def chain_of(owner: Incident | Organisation) -> str:
    """The name of the chain that an incident or an organisation writes."""
    return f"{'incident' if isinstance(owner, Incident) else 'organisation'}:{owner.id}"


def write_journal(
    session: Session,
    owner: Incident | Organisation,
    code: Entry,
    /,
    *,
    by: User | None,
    at: datetime,
    reason: str = "",
    **parameters: object,
) -> JournalEntry:
    """Add a line to the chain of an incident or an organisation; does not commit.

    Args:
        by: who did it; None for the desk itself.
        reason: free text, kept erasable; the line holds a salted commitment to it.
        parameters: codes, counts and hashes only, never personal data.
    """
    if owner in session.new:
        session.flush()
    chain = chain_of(owner)
    sequence, previous = _head(session, owner, chain)
    salt = secrets.token_hex(16) if reason else None
    line = Line(
        chain=chain,
        sequence=sequence + 1,
        at=at,
        actor_id=by.id if by else None,
        code=code.value,
        parameters=parameters,
        commitment=commitment_to(reason, salt) if salt else "",
        previous=previous,
    )
    entry = JournalEntry(
        chain=line.chain,
        sequence=line.sequence,
        at=line.at,
        actor_id=line.actor_id,
        code=line.code,
        parameters=dict(line.parameters),
        reason=reason or None,
        reason_salt=salt,
        commitment=line.commitment,
        previous=line.previous,
        hash=line_hash(line),
    )
    session.add(entry)
    session.info[HEADS][chain] = (entry.sequence, entry.hash)
    return entry


def _head(session: Session, owner: Incident | Organisation, chain: str) -> tuple[int, str]:
    """The last line of a chain, held by us until the transaction ends.

    Looked up once a transaction: nobody else can add to a chain that we hold.
    """
    heads: dict[str, tuple[int, str]] = session.info.setdefault(HEADS, {})
    if chain not in heads:
        _hold(session, owner)
        last = session.execute(
            select(JournalEntry.sequence, JournalEntry.hash)
            .where(JournalEntry.chain == chain)
            .order_by(JournalEntry.sequence.desc())
            .limit(1)
        ).first()
        heads[chain] = (last.sequence, last.hash) if last else (0, FIRST_LINK)
    return heads[chain]


@event.listens_for(Session, "after_transaction_end")
def _forget_heads(session: Session, transaction: SessionTransaction) -> None:
    # A flush is a transaction within ours: our hold outlives it.
    if transaction.parent is None:
        session.info.pop(HEADS, None)


def _hold(session: Session, owner: Incident | Organisation) -> None:
    """Let the writers of one chain go one by one: each line names the one before.

    Before anything else is written: a row that points to the owner holds it too, in part,
    and two who hold it in part would wait for each other.
    """
    kind = type(owner)
    with session.no_autoflush:
        session.execute(select(kind.id).where(kind.id == owner.id).with_for_update())


def journal_of(session: Session, owner: Incident | Organisation) -> Sequence[JournalEntry]:
    """Every line of a chain with who wrote it, in order; one query."""
    return session.scalars(
        select(JournalEntry)
        .where(JournalEntry.chain == chain_of(owner))
        .order_by(JournalEntry.sequence)
        .options(joinedload(JournalEntry.actor))
    ).all()


def first_broken_entry(entries: Sequence[JournalEntry]) -> int | None:
    """The sequence number of the first line that was altered, or None if all hold.

    A reason still kept must match the commitment in its line.
    """
    for entry in entries:
        text, salt = entry.reason, entry.reason_salt
        # A text without its salt was put there by somebody else.
        if text is not None and commitment_to(text, salt or "") != entry.commitment:
            return entry.sequence
    return first_broken_line((_as_line(entry), entry.hash) for entry in entries)


def _as_line(entry: JournalEntry) -> Line:
    return Line(
        chain=entry.chain,
        sequence=entry.sequence,
        at=entry.at,
        actor_id=entry.actor_id,
        code=entry.code,
        parameters=entry.parameters,
        commitment=entry.commitment,
        previous=entry.previous,
    )
