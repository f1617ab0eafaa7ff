"""The files of a dossier, and the ZIP that holds them beside the PDF.

A pure function of the record and the bytes of the case's attachments: the same gives the
same bytes. `domain.dossier_files` fixes the names.
"""

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from breachdesk.domain.case_record import (
    AttachmentRecord,
    CaseRecord,
    JournalRecord,
    PhaseRecord,
)
from breachdesk.domain.dossier_files import (
    ATTACHMENTS_FOLDER,
    CASE_NAME,
    JOURNAL_NAME,
    MANIFEST_NAME,
    PDF_NAME,
    PHASES_FOLDER,
    DossierFile,
    DossierKind,
    manifest_of,
)
from breachdesk.domain.journal import Line
from breachdesk.domain.journal_file import FiledLine, JournalFile, TextState, journal_as_json
from breachdesk.domain.journal_file import state_of_text as state_of_kept_text
from breachdesk.domain.phase_document import PHASE_FORMAT
from breachdesk.domain.redacted_names import MARK
from breachdesk.domain.stored_zip import write_zip
from breachdesk.wording import Wording

JSON = "application/json"
# Longer ones gain nothing, and some readers cut them.
LONGEST_FILE_NAME = 60


def dossier_files(
    record: CaseRecord, attachments: Mapping[int, bytes], wording: Wording
) -> tuple[DossierFile, ...]:
    """Every file of the dossier but the PDF, the manifest last.

    Args:
        attachments: the bytes of each, counted from 1 in the order of the record; what is
            missing, because it was removed or erased, is left out and the record says so.
    """
    journal = JournalFile(record.chain, tuple(_filed(line, record) for line in record.journal))
    files = (
        DossierFile(CASE_NAME, JSON, json_bytes(record.as_json()), wording.text("Toute l’affaire")),
        DossierFile(
            JOURNAL_NAME,
            JSON,
            json_bytes(journal_as_json(journal.chain, journal.lines)),
            wording.text("Le journal et sa chaîne d’empreintes"),
        ),
        *_phases(record, wording),
        *_attachments(record, attachments, wording),
    )
    manifest = manifest_of(
        files,
        reference=record.reference,
        number=record.dossier_number,
        locale=wording.locale,
        made_at=record.made_at.isoformat(),
        kind=DossierKind.REDACTED if record.removed else DossierKind.WHOLE,
        journal=journal.head,
        removed=({"what": each.what, "why": each.why} for each in record.removed),
    )
    title = wording.text("Ce que le dossier contient, avec l’empreinte de chaque fichier")
    return (*files, DossierFile(MANIFEST_NAME, JSON, json_bytes(manifest), title))


def json_bytes(value: object) -> bytes:
    """A JSON value as it is filed: one thing a line, UTF-8 even where a text is half a character.

    Indented throughout it takes four times as long: ten thousand lines of a journal are many.
    """
    text = _by_lines(value)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value).encode()


def _by_lines(value: object) -> str:
    """An object with a key a line, and its lists with an element a line."""
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    parts = (
        f"{json.dumps(str(key), ensure_ascii=False)}: {_list_by_lines(held)}"
        for key, held in value.items()
    )
    return "{\n" + ",\n".join(parts) + "\n}"


def _list_by_lines(value: object) -> str:
    if not isinstance(value, list) or not value:
        return json.dumps(value, ensure_ascii=False)
    return "[\n" + ",\n".join(json.dumps(each, ensure_ascii=False) for each in value) + "\n]"


def _filed(line: JournalRecord, record: CaseRecord) -> FiledLine:
    reason: str | None = line.reason if line.salt else None
    state = state_of_kept_text(line.commitment, reason)
    # Erased since leaves nothing; what a copy leaves out has its mark.
    if state is TextState.ERASED and line.reason == MARK:
        state = TextState.REMOVED
    return FiledLine(
        Line(
            chain=record.chain,
            sequence=line.sequence,
            at=line.at,
            actor_id=line.actor_id,
            code=line.code,
            parameters=line.parameters,
            commitment=line.commitment,
            previous=line.previous,
        ),
        hash=line.hash,
        actor_name=line.actor,
        reason=reason,
        salt=line.salt or None,
        state=state,
    )


def _phases(record: CaseRecord, wording: Wording) -> Iterator[DossierFile]:
    for number, phase in enumerate(record.phases, 1):
        if has_phase_file(phase):
            yield DossierFile(
                f"{PHASES_FOLDER}/{number}.json",
                JSON,
                json_bytes(phase.content),
                wording.text("Le dépôt n° %(number)s, tel que fait", number=number),
            )


def has_phase_file(phase: PhaseRecord) -> bool:
    """Whether a filing is a file of the dossier: it is in this copy, and was kept whole.

    One filed before they were kept whole has another shape; `case.json` holds it.
    """
    return phase.content.get("format") == PHASE_FORMAT


def _attachments(
    record: CaseRecord, attachments: Mapping[int, bytes], wording: Wording
) -> Iterator[DossierFile]:
    for number, attachment in enumerate(record.attachments, 1):
        if number in attachments:
            yield DossierFile(
                attachment_name(number, attachment),
                attachment.media_type,
                attachments[number],
                wording.text("Pièce jointe n° %(number)s", number=number),
            )


def attachment_name(number: int, attachment: AttachmentRecord) -> str:
    """Where an attachment lies in the dossier: its place, and its name in plain letters."""
    path = PurePosixPath(attachment.name)
    stem, suffix = _plain(path.stem)[:LONGEST_FILE_NAME], _plain(path.suffix)[:10]
    return f"{ATTACHMENTS_FOLDER}/{number:02}-{stem or 'file'}{'.' + suffix if suffix else ''}"


def _plain(text: str) -> str:
    """Letters, digits, "-" and "_" of ASCII; accents dropped, the rest a hyphen."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in bare)
    return kept.strip("-")


def zip_dossier(pdf: bytes, files: Iterable[tuple[str, bytes]]) -> bytes:
    """The ZIP: the sealed PDF, and the same files that it holds, each with its name.

    Not compressed, so that it can be rebuilt byte for byte by whoever checks it.
    """
    return write_zip([(PDF_NAME, pdf), *files])
