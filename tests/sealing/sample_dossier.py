"""A dossier of La Girandole with a chain that holds, printed and sealed as the desk does."""

import hashlib
import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import typst

from breachdesk.documents.dossier_bundle import dossier_files, json_bytes, zip_dossier
from breachdesk.documents.printing import print_dossier
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.authority_form_files import form_named
from breachdesk.domain.authority_forms import lay_out
from breachdesk.domain.case_record import AttachmentRecord, CaseRecord, JournalRecord
from breachdesk.domain.dossier_files import MANIFEST_NAME, DossierFile
from breachdesk.domain.journal import (
    FIRST_LINK,
    Entry,
    Line,
    canonical_value,
    commitment_to,
    line_hash,
)
from breachdesk.domain.phase_document import FiledPhase, content_hash, phase_as_json
from breachdesk.sealing.keys import SealKey, make_certificate, make_private_key, read_seal_key
from breachdesk.sealing.sealer import seal
from breachdesk.sealing.time_stamps import request_for, token_from
from breachdesk.wording import FRENCH
from tests.documents.sample_case import ANNE, MADE, sample_case
from tests.sealing.authority import make_authority

CHAIN = "incident:7"
SALT = "5a" * 16
ATTACHED = (b"%PDF-1.4 captured page", b"id;nom\r\n1;Dupont\r\n")


@cache
def sample_key(name: str = "desk.girandole.example") -> SealKey:
    """A seal as an installation makes it; the same for the same name, in one run."""
    key = make_private_key()
    return read_seal_key(key, make_certificate(key, name=name, now=MADE - timedelta(days=3650)))


@dataclass
class Chain:
    """Writes the journal of a sample."""

    lines: list[JournalRecord] = field(default_factory=list)

    def write(self, code: str, reason: str = "", *, is_erased: bool = False, **said: object):
        previous = self.lines[-1].hash if self.lines else FIRST_LINK
        commitment = commitment_to(reason, SALT) if reason else ""
        line = Line(CHAIN, len(self.lines) + 1, MADE, 3, code, said, commitment, previous)
        is_kept = bool(reason) and not is_erased
        self.lines.append(
            JournalRecord(
                line.sequence,
                line.at,
                ANNE,
                code,
                said,
                reason if is_kept else "",
                line_hash(line),
                3,
                commitment,
                previous,
                SALT if is_kept else "",
            )
        )


def chained_case(
    *, erased: Iterable[str] = (), lines: int = 0, advice: str = "Le lien était public."
) -> CaseRecord:
    """The sample case with a journal that commits to its facts, attachments and filings.

    Args:
        erased: facts whose value is gone; "reason" is the text of a line.
        lines: how many more lines the journal has.
        advice: the text of the line before the last.
    """
    record, chain, gone = sample_case(), Chain(), set(erased)
    chain.write(Entry.OPENED)
    facts = []
    for fact in record.facts:
        committed = commitment_to(canonical_value(fact.value), SALT)
        chain.write(
            Entry.FACT_RECORDED,
            key=fact.key,
            version=fact.version,
            state=fact.state,
            value=committed,
        )
        is_gone = fact.key in gone
        facts.append(
            replace(fact, value=None if is_gone else fact.value, salt="" if is_gone else SALT)
        )
    attachments = tuple(
        AttachmentRecord(name, kind, len(held), hashlib.sha256(held).hexdigest(), ANNE, MADE)
        for name, kind, held in zip(
            ("Capture d’écran.pdf", "liste.csv"),
            ("application/pdf", "text/plain"),
            ATTACHED,
            strict=True,
        )
    )
    for each in attachments:
        chain.write(Entry.ATTACHMENT_ADDED, sha256=each.sha256, size=each.size)
    for number, _ in enumerate(record.phases, 1):
        content = content_hash(_filed(record, number))
        chain.write(Entry.PHASE_FILED, sequence=number, content=content)
    chain.write(Entry.ADVISED, advice, notify=True)
    chain.write(Entry.DECIDED, "Je suis l’avis.", is_erased="reason" in gone)
    for number in range(lines):
        chain.write(Entry.REMINDER_SENT, f"Rappel n° {number}", number=number)
    phases = tuple(
        replace(each, content=_filed(record, number))
        for number, each in enumerate(record.phases, 1)
    )
    return replace(
        record,
        chain=CHAIN,
        facts=tuple(facts),
        attachments=attachments,
        phases=phases,
        journal=tuple(chain.lines),
    )


def _held(record: CaseRecord) -> dict[int, bytes]:
    return {
        number: ATTACHED[number - 1]
        for number, each in enumerate(record.attachments, 1)
        if each.is_in_dossier
    }


def _filed(record: CaseRecord, number: int) -> dict[str, Any]:
    """A filing as it is frozen, with one form."""
    filed = FiledPhase(
        reference=record.reference,
        organisation=record.organisation.name,
        authority="cnil",
        sequence=number,
        kind=NotificationKind.INITIAL,
        is_complete=True,
        filed_at=MADE,
        was_late=False,
        recorded_by=ANNE,
        recorded_at=MADE,
    )
    return phase_as_json(filed, [lay_out(form_named("cnil_2023"), record)])


def files_of(record: CaseRecord) -> tuple[DossierFile, ...]:
    """The files of the dossier, the manifest last."""
    return dossier_files(record, _held(record), FRENCH)


def printed(record: CaseRecord) -> bytes:
    """The PDF with its files, not sealed."""
    return print_dossier(record, "fr", _held(record))


def bare(files: Iterable[DossierFile]) -> bytes:
    """A PDF of one word that embeds the files as a dossier does: small, soon made, not sealed."""
    with tempfile.TemporaryDirectory() as folder:
        lines = ['#set document(title: "Dossier", date: datetime(year: 2026, month: 11, day: 24))']
        for place, each in enumerate(files):
            Path(folder, str(place)).write_bytes(each.content)
            lines.append(
                f'#pdf.attach("{each.name}", read("/{place}", encoding: none), '
                f'relationship: "data", mime-type: "{each.media_type}", description: "x")'
            )
        source: Any = {"main.typ": "\n".join([*lines, "Dossier"]).encode()}
        return typst.compile(
            source, root=folder, ignore_system_fonts=True, pdf_standards=["a-3a", "ua-1"]
        )


def sealed(pdf: bytes, key: SealKey | None = None) -> bytes:
    """The PDF under a seal."""
    return seal(pdf, key or sample_key(), at=MADE).content


@cache
def sample_pdf() -> bytes:
    """A dossier that holds."""
    return sealed(printed(chained_case()))


@cache
def sample_zip() -> bytes:
    """The same as a ZIP."""
    files = files_of(chained_case())
    return zip_dossier(sample_pdf(), [(each.name, each.content) for each in files])


def with_files(changes: Mapping[str, bytes | None], *, restated: bool = True) -> bytes:
    """A dossier with other files than its case gives, sealed by its own key.

    Args:
        changes: the new content by name; None takes the file out.
        restated: the manifest tells of the new files, as a careful forger's would.
    """
    record = chained_case()
    files = []
    for each in files_of(record):
        content = changes.get(each.name, each.content)
        if content is not None:
            files.append(replace(each, content=content))
    known = {each.name for each in files}
    for name, content in changes.items():
        if content is not None and name not in known:
            files.append(DossierFile(name, "application/octet-stream", content, "Pièce"))
    if restated:
        files = _restated(files)
    return sealed(bare(files))


def _restated(files: list[DossierFile]) -> list[DossierFile]:
    manifest = json.loads(next(each for each in files if each.name == MANIFEST_NAME).content)
    others = [each for each in files if each.name != MANIFEST_NAME]
    manifest["files"] = [
        {
            "name": each.name,
            "media_type": each.media_type,
            "size": len(each.content),
            "sha256": each.sha256,
        }
        for each in others
    ]
    stated = DossierFile(MANIFEST_NAME, "application/json", json_bytes(manifest), "Manifeste")
    return [*others, stated]


def content_of(name: str) -> bytes:
    """A file of the sample dossier."""
    return next(each.content for each in files_of(chained_case()) if each.name == name)


# --- Small ones, to alter every bit of ------------------------------------------------------


@cache
def small_case() -> CaseRecord:
    """A case of few words: two lines in its journal, one fact, one attachment."""
    record, chain = chained_case(), Chain()
    fact, attachment = record.facts[0], record.attachments[1]
    chain.write(Entry.OPENED)
    committed = commitment_to(canonical_value(fact.value), SALT)
    chain.write(
        Entry.FACT_RECORDED,
        key=fact.key,
        version=fact.version,
        state=fact.state,
        value=committed,
    )
    chain.write(Entry.ATTACHMENT_ADDED, sha256=attachment.sha256, size=attachment.size)
    chain.write(Entry.ADVISED, "Le lien était public.", notify=True)
    bare_record = replace(
        record,
        facts=(fact,),
        attachments=(attachment,),
        journal=tuple(chain.lines),
        **dict.fromkeys(
            ("phases", "notices", "reminders", "decisions", "assessments", "clocks"), ()
        ),
    )
    return bare_record


@cache
def small_files() -> tuple[DossierFile, ...]:
    """The files of the small case, the manifest last."""
    return dossier_files(small_case(), {1: ATTACHED[1]}, FRENCH)


@cache
def small_pdf() -> bytes:
    """The smallest dossier that holds everything a dossier must."""
    return sealed(bare(small_files()))


@cache
def small_stamped_pdf() -> bytes:
    """The same with a time stamp."""
    with tempfile.TemporaryDirectory() as folder:
        authority = make_authority(Path(folder))
        made = seal(
            bare(small_files()),
            sample_key(),
            at=MADE,
            stamp=lambda content: token_from(authority.answer(request_for(content, 7)), content, 7),
        )
    assert made.is_timestamped
    return made.content


@cache
def small_zip() -> bytes:
    """The same as a ZIP."""
    return zip_dossier(small_pdf(), [(each.name, each.content) for each in small_files()])
