"""The files of a dossier, by name: the same inside the PDF and in the ZIP.

The manifest names every other file with its size and hash, and the head of the journal's
chain; the seal on the PDF covers the manifest. What a reader must find to check a dossier
from the file alone is fixed here and in `docs/dossier-format.md`.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

DOSSIER_FORMAT = "breachdesk-dossier/1"
JOURNAL_FORMAT = "breachdesk-journal/1"

# In the ZIP alone: the PDF does not hold itself.
PDF_NAME = "dossier.pdf"
MANIFEST_NAME = "manifest.json"
CASE_NAME = "case.json"
JOURNAL_NAME = "journal.json"
PHASES_FOLDER = "notifications"
ATTACHMENTS_FOLDER = "attachments"


class DossierKind(StrEnum):
    """WHOLE holds everything; REDACTED is a copy for somebody else, with parts removed."""

    WHOLE = "whole"
    REDACTED = "redacted"


@dataclass(frozen=True)
class DossierFile:
    """One file of a dossier. `content` are its bytes as they are.

    Args:
        name: with "/" between folders, ASCII, unique in the dossier; never begins with "/" or
            holds "..".
        media_type: such as `application/json`.
        title: what a reader of the PDF is told it is, in the dossier's language.
    """

    name: str
    media_type: str
    content: bytes
    title: str

    @property
    def sha256(self) -> str:
        """SHA-256 of the content, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class JournalHead:
    """The last line of a chain: how many lines it has, and the hash of the last."""

    chain: str
    lines: int
    head: str


def manifest_of(
    files: Iterable[DossierFile],
    *,
    reference: str,
    number: int,
    locale: str,
    made_at: str,
    kind: DossierKind,
    journal: JournalHead,
    removed: Iterable[Mapping[str, str]] = (),
) -> dict[str, object]:
    """The manifest as a JSON value.

    Args:
        files: every file but the manifest itself and the PDF.
        made_at: ISO 8601, UTC.
        removed: of a redacted copy, what was removed: `{"what": a path such as
            "facts/description", "why": a code or a text}`; never the text itself.
    """
    return {
        "format": DOSSIER_FORMAT,
        "reference": reference,
        "number": number,
        "locale": locale,
        "made_at": made_at,
        "kind": kind.value,
        "journal": {"chain": journal.chain, "lines": journal.lines, "head": journal.head},
        "files": [
            {
                "name": file.name,
                "media_type": file.media_type,
                "size": len(file.content),
                "sha256": file.sha256,
            }
            for file in files
        ],
        "removed": [dict(each) for each in removed],
    }
