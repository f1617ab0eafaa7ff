"""Writing the journal, in the same transaction as the change it tells of."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import String, cast, event, literal, select
from sqlalchemy.orm import Session, SessionTransaction, joinedload

from breachdesk.domain.dossier_files import JournalHead
from breachdesk.domain.journal import (
    FIRST_LINK,
    Entry,
    Line,
    commitment_to,
    first_broken_line,
    line_hash,
)
from breachdesk.models import Incident, JournalEntry, Organisation, User
from breachdesk.services.many_rows import among, as_json, insert_rows

# What the lines that the desk writes together have in common.
_OF_ALL = ("at", "actor_id", "commitment")
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
    _hold_chain(session, owner, chain)
    salt = secrets.token_hex(16) if reason else None
    written = _next_line(
        session,
        chain,
        code,
        by_id=by.id if by else None,
        at=at,
        parameters=parameters,
        commitment=commitment_to(reason, salt) if salt else "",
    )
    entry = JournalEntry(**written, reason=reason or None, reason_salt=salt)
    session.add(entry)
    return entry


def write_journal_lines(
    session: Session,
    lines: Sequence[tuple[int, Entry, Mapping[str, object]]],
    *,
    at: datetime,
) -> None:
    """Add lines of the desk's own to the chains of many incidents; does not commit.

    Two statements, however many lines; one after `look_up_heads`. The caller holds the
    incidents: nobody else adds to their chains.

    Args:
        lines: of each the id of its incident, what it records, and its parameters; those of
            one incident in the order in which they are to be read.
    """
    if not lines:
        return
    session.flush()
    look_up_heads(session, {incident_id for incident_id, _, _ in lines})
    rows = [
        _next_line(
            session,
            f"incident:{incident_id}",
            code,
            by_id=None,
            at=at,
            parameters=parameters,
            commitment="",
        )
        for incident_id, code, parameters in lines
    ]
    columns = [name for name in rows[0] if name not in _OF_ALL]
    insert_rows(
        session,
        JournalEntry,
        columns,
        [[row[name] for name in columns] for row in rows],
        same={name: rows[0][name] for name in _OF_ALL},
    )


def look_up_heads(session: Session, incident_ids: Collection[int]) -> None:
    """Know the last line of the chain of each of these incidents, which the caller holds.

    One statement, none where they are known: `write_journal_lines` then asks nothing more.
    """
    heads = _heads(session)
    unknown = [key for key in incident_ids if f"incident:{key}" not in heads]
    if not unknown:
        return
    asked = {"incidents": as_json(unknown)}
    for key, sequence, link in session.connection().execute(_last_lines(), asked).all():
        heads[f"incident:{key}"] = (sequence or 0, link or FIRST_LINK)


def heads_of(session: Session, incident_ids: Collection[int]) -> dict[int, JournalHead]:
    """The last line of each case's journal, by the incident's id; one query for all of them."""
    if not incident_ids:
        return {}
    found = session.connection().execute(
        _last_lines(), {"incidents": as_json(sorted(incident_ids))}
    )
    return {
        key: JournalHead(f"incident:{key}", sequence or 0, link or FIRST_LINK)
        for key, sequence, link in found
    }


@cache
def _last_lines() -> Any:
    """The last line of each chain, by its index: neither long chains nor many others cost more.

    Two questions for each incident and no join: a join a planner may turn into reading all.
    """
    incidents: Any = Incident.__table__
    entries: Any = JournalEntry.__table__
    chain = literal("incident:").concat(cast(incidents.c.id, String))
    last = [
        select(column)
        .where(entries.c.chain == chain)
        .order_by(entries.c.sequence.desc())
        .limit(1)
        .scalar_subquery()
        for column in (entries.c.sequence, entries.c.hash)
    ]
    return select(incidents.c.id, *last).where(among(incidents.c.id, "incidents"))


def _next_line(
    session: Session,
    chain: str,
    code: Entry,
    *,
    by_id: int | None,
    at: datetime,
    parameters: Mapping[str, object],
    commitment: str,
) -> dict[str, Any]:
    """The next line of a chain whose head is known, as a row; it is the head from now on."""
    heads = _heads(session)
    sequence, previous = heads[chain]
    line = Line(
        chain=chain,
        sequence=sequence + 1,
        at=at,
        actor_id=by_id,
        code=code.value,
        parameters=parameters,
        commitment=commitment,
        previous=previous,
    )
    link = line_hash(line)
    heads[chain] = (line.sequence, link)
    return {
        "chain": line.chain,
        "sequence": line.sequence,
        "at": line.at,
        "actor_id": line.actor_id,
        "code": line.code,
        "parameters": dict(line.parameters),
        "commitment": line.commitment,
        "previous": line.previous,
        "hash": link,
    }


def _heads(session: Session) -> dict[str, tuple[int, str]]:
    heads: dict[str, tuple[int, str]] = session.info.setdefault(HEADS, {})
    return heads


def _hold_chain(session: Session, owner: Incident | Organisation, chain: str) -> None:
    """Know the last line of a chain, held by us until the transaction ends.

    Looked up once a transaction: nobody else can add to a chain that we hold.
    """
    heads = _heads(session)
    if chain not in heads:
        _hold(session, owner)
        last = session.execute(
            select(JournalEntry.sequence, JournalEntry.hash)
            .where(JournalEntry.chain == chain)
            .order_by(JournalEntry.sequence.desc())
            .limit(1)
        ).first()
        heads[chain] = (last.sequence, last.hash) if last else (0, FIRST_LINK)


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
