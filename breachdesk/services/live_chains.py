"""Every journal of the installation walked line by line, and what it attests compared.

Read as it streams: neither long chains nor many of them take more memory.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
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
from breachdesk.models import Attachment, Dossier, Fact, Incident, JournalEntry, reading
from breachdesk.models.vault import FileStore

ROWS_AT_ONCE = 500
# What the file store and the vault raise: gone, cut, or sealed by another key.
UNREADABLE = (OSError, ValueError, InvalidTag)


@dataclass
class LiveVerdict:
    """What was found. A chain is named as in the journal, such as `incident:7`.

    Args:
        broken: the first line of each chain that does not hold.
        faults: whole sentences on what else does not agree.
    """

    chains: int = 0
    lines: int = 0
    erased: int = 0
    facts: int = 0
    facts_erased: int = 0
    attachments: int = 0
    dossiers: int = 0
    dossiers_erased: int = 0
    broken: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing was found altered."""
        return not self.broken and not self.faults


def walk_chains(
    session: Session,
    files: FileStore,
    *,
    tell: Callable[[str], None] = lambda _words: None,
) -> LiveVerdict:
    """Walk every chain; compare facts, attachments and dossiers with what it attests."""
    with reading():
        return _walk(session, files, tell)


def _walk(session: Session, files: FileStore, tell: Callable[[str], None]) -> LiveVerdict:
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
        tell(f"{found.chains} journals walked")
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

    def take(self, line: Line) -> None:
        """Note what a line says; one whose codes were altered breaks the chain anyway."""
        said = line.parameters
        if line.code == Entry.FACT_RECORDED and "value" in said:
            self.facts[str(said.get("key")), _number(said.get("version"))] = str(said["value"])
        elif line.code == Entry.ATTACHMENT_ADDED:
            self.attachments.append((str(said.get("sha256")), _number(said.get("size"))))
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
            found.faults.append(f"{chain}, line {sequence}: its text is not the one written.")
        yield line, link


# --- What a case holds ----------------------------------------------------------------------


def _check_case(
    session: Session, files: FileStore, incident_id: int, attested: _Attested, found: LiveVerdict
) -> None:
    reference = session.scalar(select(Incident.reference).where(Incident.id == incident_id))
    if reference is None:
        found.faults.append(f"incident:{incident_id}: its case is gone.")
        return
    _check_facts(session, incident_id, reference, attested, found)
    _check_attachments(session, files, incident_id, reference, attested, found)
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
            found.faults.append(f"{reference}: {key}, version {version}, is not what was recorded.")
    for key, version in sorted(missing):
        found.faults.append(f"{reference}: {key}, version {version}, is gone.")


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
            found.faults.append(f"{reference}: the journal knows nothing of attachment {number}.")
        if _hash_of(files, stored_as) != sha256:
            found.faults.append(
                f"{reference}: attachment {number} is altered, or its file is gone."
            )
    if missing:
        found.faults.append(f"{reference}: {len(missing)} attachments are gone.")


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
            found.faults.append(f"{reference}: dossier {number} is not the one of the journal.")
        if stored_as is None:
            found.dossiers_erased += 1
        elif _hash_of(files, stored_as) != sha256:
            found.faults.append(f"{reference}: dossier {number} is altered, or its file is gone.")
    for number in sorted(missing):
        found.faults.append(f"{reference}: dossier {number} is gone.")


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
        found.faults.append(f"{reference}: its journal is gone, or lacks its beginning.")
