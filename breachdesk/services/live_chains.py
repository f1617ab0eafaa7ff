"""Every journal of the installation walked line by line, and what it attests compared.

Read as it streams: neither long chains nor many of them take more memory.
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import String, cast, literal, select
from sqlalchemy.orm import Session

from breachdesk.domain.journal import (
    Entry,
    Line,
    canonical_value,
    commitment_to,
    first_broken_line,
)
from breachdesk.domain.live_check import LiveVerdict
from breachdesk.domain.phase_document import content_hash
from breachdesk.models import (
    Attachment,
    AuthorityPhase,
    Dossier,
    Fact,
    Incident,
    JournalEntry,
    reading,
)
from breachdesk.models.vault import FileStore

ROWS_AT_ONCE = 500
# What the file store and the vault raise: gone, cut, or sealed by another key.
UNREADABLE = (OSError, ValueError, InvalidTag)


def walk_chains(
    session: Session,
    files: FileStore,
    *,
    tell: Callable[[int], None] = lambda _chains: None,
) -> LiveVerdict:
    """Walk every chain; compare facts, attachments, filings and dossiers with what it attests.

    Args:
        tell: how many chains were walked so far.
    """
    with reading():
        return _walk(session, files, tell)


def _walk(session: Session, files: FileStore, tell: Callable[[int], None]) -> LiveVerdict:
    found = LiveVerdict()
    for chain in _chains(session):
        found.chains += 1
        attested = _Attested()
        lines = _lines(session, chain, attested, found)
        broken = first_broken_line(lines)
        # It stops where the chain does; what the other lines attest is compared all the same.
        for _ in lines:
            pass
        if broken is not None:
            found.broken[chain] = broken
        kind, _, number = chain.partition(":")
        if kind == "incident" and number.isdecimal():
            _check_case(session, files, int(number), attested, found)
        # Each chain in a transaction of its own: nobody who writes waits for the whole walk.
        session.rollback()
        tell(found.chains)
    _check_without_journal(session, found)
    return found


def _chains(session: Session) -> Iterator[str]:
    """The name of every chain, a page at a time."""
    last = ""
    while True:
        names = session.scalars(
            select(JournalEntry.chain)
            .where(JournalEntry.chain > last)
            .distinct()
            .order_by(JournalEntry.chain)
            .limit(ROWS_AT_ONCE)
        ).all()
        yield from names
        if len(names) < ROWS_AT_ONCE:
            return
        last = names[-1]


class _Attested:
    """What the lines of one chain attest to."""

    def __init__(self) -> None:
        self.facts: dict[tuple[str, int], str] = {}
        self.attachments: list[tuple[str, int]] = []
        self.dossiers: dict[int, str] = {}
        # None: of a filing that was recorded before its content had a hash.
        self.filings: dict[int, str | None] = {}

    def take(self, line: Line) -> None:
        """Note what a line says; one whose codes were altered breaks the chain anyway."""
        said = line.parameters
        if line.code == Entry.FACT_RECORDED and "value" in said:
            self.facts[str(said.get("key")), _number(said.get("version"))] = str(said["value"])
        elif line.code == Entry.ATTACHMENT_ADDED:
            self.attachments.append((str(said.get("sha256")), _number(said.get("size"))))
        elif line.code == Entry.PHASE_FILED:
            content = said.get("content")
            self.filings[_number(said.get("sequence"))] = None if content is None else str(content)
        elif line.code == Entry.DOSSIER_MADE:
            self.dossiers[_number(said.get("number"))] = str(said.get("sha256"))


def _number(value: object) -> int:
    return value if isinstance(value, int) else -1


def _lines(
    session: Session, chain: str, attested: _Attested, found: LiveVerdict
) -> Iterator[tuple[Line, str]]:
    rows = session.execute(
        select(
            JournalEntry.sequence,
            JournalEntry.at,
            JournalEntry.actor_id,
            JournalEntry.code,
            JournalEntry.parameters,
            JournalEntry.commitment,
            JournalEntry.previous,
            JournalEntry.hash,
            JournalEntry.reason,
            JournalEntry.reason_salt,
        )
        .where(JournalEntry.chain == chain)
        .order_by(JournalEntry.sequence),
        execution_options={"yield_per": ROWS_AT_ONCE},
    )
    for sequence, at, actor, code, parameters, commitment, previous, link, text, salt in rows:
        line = Line(chain, sequence, at, actor, code, parameters, commitment, previous)
        found.lines += 1
        attested.take(line)
        if text is None and commitment:
            found.erased += 1
        elif text is not None and commitment_to(text, salt or "") != commitment:
            found.fault("text_differs", chain=chain, line=sequence)
        yield line, link


# --- What a case holds ----------------------------------------------------------------------


def _check_case(
    session: Session, files: FileStore, incident_id: int, attested: _Attested, found: LiveVerdict
) -> None:
    reference = session.scalar(select(Incident.reference).where(Incident.id == incident_id))
    if reference is None:
        found.fault("case_gone", chain=f"incident:{incident_id}")
        return
    _check_facts(session, incident_id, reference, attested, found)
    _check_attachments(session, files, incident_id, reference, attested, found)
    _check_filings(session, incident_id, reference, attested, found)
    _check_dossiers(session, files, incident_id, reference, attested, found)


def _of(session: Session, incident_id: int, table: Any, *columns: Any) -> Any:
    return session.execute(
        select(*columns).where(table.incident_id == incident_id).order_by(table.id),
        execution_options={"yield_per": ROWS_AT_ONCE},
    )


def _check_facts(
    session: Session, incident_id: int, reference: str, attested: _Attested, found: LiveVerdict
) -> None:
    missing = set(attested.facts)
    for key, version, value, salt in _of(
        session, incident_id, Fact, Fact.key, Fact.version, Fact.value, Fact.salt
    ):
        found.facts += 1
        missing.discard((key, version))
        committed = attested.facts.get((key, version))
        if salt is None and value is None:
            found.facts_erased += 1
        elif salt is None or commitment_to(canonical_value(value), salt) != committed:
            found.fault("fact_differs", reference=reference, fact=key, version=version)
    for key, version in sorted(missing):
        found.fault("fact_gone", reference=reference, fact=key, version=version)


def _check_attachments(
    session: Session,
    files: FileStore,
    incident_id: int,
    reference: str,
    attested: _Attested,
    found: LiveVerdict,
) -> None:
    missing = list(attested.attachments)
    for number, sha256, size, stored_as in _of(
        session,
        incident_id,
        Attachment,
        Attachment.id,
        Attachment.sha256,
        Attachment.size,
        Attachment.stored_as,
    ):
        found.attachments += 1
        if (sha256, size) in missing:
            missing.remove((sha256, size))
        else:
            found.fault("attachment_unknown", reference=reference, number=number)
        if _hash_of(files, stored_as) != sha256:
            found.fault("attachment_altered", reference=reference, number=number)
    if missing:
        found.fault("attachments_gone", reference=reference, count=len(missing))


def _check_filings(
    session: Session, incident_id: int, reference: str, attested: _Attested, found: LiveVerdict
) -> None:
    missing = dict(attested.filings)
    for number, content in _of(
        session, incident_id, AuthorityPhase, AuthorityPhase.sequence, AuthorityPhase.content
    ):
        found.filings += 1
        committed = missing.pop(number, "")
        if committed is not None and _hash_of_content(content) != committed:
            found.fault("filing_differs", reference=reference, number=number)
    for number in sorted(missing):
        found.fault("filing_gone", reference=reference, number=number)


def _hash_of_content(content: Any) -> str:
    try:
        return content_hash(content)
    # Half a character, which has no hash.
    except UnicodeEncodeError:
        return ""


def _check_dossiers(
    session: Session,
    files: FileStore,
    incident_id: int,
    reference: str,
    attested: _Attested,
    found: LiveVerdict,
) -> None:
    missing = dict(attested.dossiers)
    for number, sha256, stored_as in _of(
        session, incident_id, Dossier, Dossier.number, Dossier.sha256, Dossier.stored_as
    ):
        found.dossiers += 1
        if missing.pop(number, None) != sha256:
            found.fault("dossier_differs", reference=reference, number=number)
        if stored_as is None:
            found.dossiers_erased += 1
        elif _hash_of(files, stored_as) != sha256:
            found.fault("dossier_altered", reference=reference, number=number)
    for number in sorted(missing):
        found.fault("dossier_gone", reference=reference, number=number)


def _hash_of(files: FileStore, stored_as: str) -> str:
    try:
        return hashlib.sha256(files.read(stored_as)).hexdigest()
    except UNREADABLE:
        return ""


def _check_without_journal(session: Session, found: LiveVerdict) -> None:
    """A case whose whole chain was taken out has no first line."""
    has_line = (
        select(JournalEntry.id)
        .where(
            JournalEntry.chain == literal("incident:").concat(cast(Incident.id, String)),
            JournalEntry.sequence == 1,
        )
        .exists()
    )
    for reference in session.scalars(
        select(Incident.reference).where(~has_line).order_by(Incident.id)
    ):
        found.fault("journal_gone", reference=reference)
