"""Checking what a dossier holds: the manifest against the files, and the journal's chain."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from breachdesk.domain.dossier_check import Findings, Subject
from breachdesk.domain.dossier_files import (
    CASE_NAME,
    DOSSIER_FORMAT,
    JOURNAL_NAME,
    MANIFEST_NAME,
    DossierKind,
)
from breachdesk.domain.journal import first_broken_line
from breachdesk.domain.journal_file import (
    FiledLine,
    JournalFile,
    TextState,
    UnreadableJournal,
    read_journal_file,
    strict_json,
)

# A finding for each would say no more.
MOST_NAMED = 20


@dataclass(frozen=True)
class Manifest:
    """What the manifest says, of the shape that `manifest_of` gives."""

    reference: str
    number: int
    made_at: str
    kind: DossierKind
    chain: str
    lines: int
    head: str
    files: Mapping[str, tuple[int, str]]
    removed: tuple[tuple[str, str], ...]

    def is_removed(self, what: str) -> bool:
        """Whether this part was left out of a redacted copy, by its own word."""
        return any(each == what for each, _ in self.removed)


def read_manifest(content: bytes) -> Manifest:
    """Read a manifest. Raises ValueError: it is none, or of a later format."""
    value = strict_json(content)
    try:
        # Of any other type than a mapping, the first look-up raises.
        return _read_manifest(value)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("no manifest") from error


def _read_manifest(value: Any) -> Manifest:
    journal = value["journal"]
    files = {row["name"]: (row["size"], row["sha256"]) for row in value["files"]}
    if value["format"] != DOSSIER_FORMAT or len(files) != len(value["files"]):
        raise ValueError("no manifest")
    if not all(
        isinstance(name, str) and type(size) is int and isinstance(sha256, str)
        for name, (size, sha256) in files.items()
    ):
        raise ValueError("no manifest")
    texts = (value["reference"], value["made_at"], journal["chain"], journal["head"])
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("no manifest")
    if type(value["number"]) is not int or type(journal["lines"]) is not int:
        raise ValueError("no manifest")
    return Manifest(
        reference=value["reference"],
        number=value["number"],
        made_at=value["made_at"],
        kind=DossierKind(value["kind"]),
        chain=journal["chain"],
        lines=journal["lines"],
        head=journal["head"],
        files=files,
        removed=tuple((str(each["what"]), str(each["why"])) for each in value["removed"]),
    )


def check_files(files: Mapping[str, bytes], found: Findings) -> Manifest | None:
    """Check each file against the manifest: none missing, none more, none other."""
    try:
        manifest = read_manifest(files[MANIFEST_NAME])
    except KeyError:
        found.fails(Subject.FILES, "no_manifest")
        return None
    except ValueError:
        found.fails(Subject.FILES, "manifest_unreadable")
        return None
    named, held = set(manifest.files) | {CASE_NAME, JOURNAL_NAME}, set(files) - {MANIFEST_NAME}
    for name in sorted(named - held)[:MOST_NAMED]:
        found.fails(Subject.FILES, "file_missing", name=name)
    for name in sorted(held - set(manifest.files))[:MOST_NAMED]:
        found.fails(Subject.FILES, "file_not_listed", name=name)
    for name in sorted(held & set(manifest.files)):
        if manifest.files[name] != (len(files[name]), hashlib.sha256(files[name]).hexdigest()):
            found.fails(Subject.FILES, "file_differs", name=name)
    if found.is_well(Subject.FILES):
        found.holds(
            Subject.FILES,
            "files_hold",
            count=len(manifest.files),
            reference=manifest.reference,
            number=manifest.number,
        )
    if manifest.kind is DossierKind.REDACTED:
        parts = [what for what, _ in manifest.removed]
        found.open(Subject.FILES, "redacted", parts=parts)
    return manifest


def check_journal(
    files: Mapping[str, bytes], manifest: Manifest, found: Findings
) -> JournalFile | None:
    """Recompute the chain line by line, and check its head and its texts."""
    if JOURNAL_NAME not in files:
        return None
    try:
        journal = read_journal_file(files[JOURNAL_NAME])
        broken = first_broken_line((each.line, each.hash) for each in journal.lines)
    except UnreadableJournal as error:
        found.fails(Subject.JOURNAL, "journal_unreadable", line=error.line)
        return None
    except (ValueError, RecursionError):
        # Half a character, which has no hash; or parameters nested too deep.
        found.fails(Subject.JOURNAL, "journal_unreadable", line=0)
        return None
    if broken is not None:
        found.fails(Subject.JOURNAL, "chain_broken", line=broken)
        return None
    head = journal.head
    if (head.chain, head.lines, head.head) != (manifest.chain, manifest.lines, manifest.head):
        found.fails(Subject.JOURNAL, "head_differs", head=head.head, stated=manifest.head)
        return None
    found.holds(Subject.JOURNAL, "chain_holds", lines=head.lines, head=head.head, chain=head.chain)
    _check_texts(journal.lines, manifest, found)
    return journal


def _check_texts(lines: tuple[FiledLine, ...], manifest: Manifest, found: Findings) -> None:
    wrong = [each.line.sequence for each in lines if not _is_text_right(each)]
    for line in wrong[:MOST_NAMED]:
        found.fails(Subject.TEXTS, "text_differs", line=line)
    kept = [each for each in lines if each.reason is not None]
    if not wrong:
        found.holds(Subject.TEXTS, "texts_hold", count=len(kept))
    erased = [each.line.sequence for each in lines if each.state is TextState.ERASED]
    removed = [each.line.sequence for each in lines if each.state is TextState.REMOVED]
    if erased:
        found.open(Subject.TEXTS, "texts_erased", count=len(erased), lines=erased[:MOST_NAMED])
    if removed and manifest.kind is DossierKind.WHOLE:
        found.fails(Subject.TEXTS, "removed_from_whole", count=len(removed))
    elif removed:
        found.open(Subject.TEXTS, "texts_removed", count=len(removed))


def _is_text_right(filed: FiledLine) -> bool:
    try:
        return filed.is_text_as_committed
    except UnicodeEncodeError:
        return False


def check_head(journal: JournalFile, head: str, found: Findings) -> None:
    """Look for a hash that somebody was given earlier, such as in a mail, among the lines."""
    for each in journal.lines:
        if each.hash == head:
            found.holds(
                Subject.HEAD,
                "head_found",
                line=each.line.sequence,
                lines=len(journal.lines),
                at=each.line.at.isoformat(),
            )
            return
    found.fails(Subject.HEAD, "head_not_found")
