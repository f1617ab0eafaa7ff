"""Checking a dossier from its file alone: a PDF, or the ZIP that holds it; or a filing's PDF.

What is cheap and decides comes first. Where the seal does not hold, nothing inside is read:
its words would be worth nothing.
"""

from breachdesk.domain.dossier_check import DossierCheck, Findings, Limit, Subject
from breachdesk.domain.dossier_files import PDF_NAME
from breachdesk.domain.filing_files import filing_among
from breachdesk.domain.stored_zip import NotStoredZip, read_zip
from breachdesk.sealing.check_case import check_case
from breachdesk.sealing.check_files import MOST_NAMED, check_files, check_head, check_journal
from breachdesk.sealing.check_filing import check_filing
from breachdesk.sealing.check_seal import PDF_START, FoundSeal, check_seal
from breachdesk.sealing.embedded import LARGEST_UNPACKED, UnreadablePdf, embedded_files
from breachdesk.sealing.keys import fingerprint_of
from breachdesk.sealing.pdf import find_seal

ZIP_START = b"PK"
# What is not looked at inside, by what the file is; of what could not be read, all of it.
OF_A_DOSSIER = (Limit.PAGES, Limit.NAMES, Limit.RECORDS)
OF_A_FILING = (Limit.PAGES, Limit.REST_OF_JOURNAL, Limit.RECEIVED)
UNREAD = (Limit.CONTENT,)


def check_dossier(
    content: bytes,
    *,
    trust: str | None = None,
    head: str | None = None,
    largest: int = LARGEST_UNPACKED,
) -> DossierCheck:
    """Check a dossier, or a filing's own PDF; the file is all that is looked at.

    Args:
        content: the PDF or the ZIP.
        trust: the fingerprint of the certificate that the reader trusts
            (`domain.dossier_check.read_hash` reads what a person typed).
        head: a line's hash that the reader was given earlier, such as in a mail.
        largest: how much is unpacked at most, in bytes.
    """
    found = Findings()
    pdf, beside = _pdf_of(content, found)
    seal = check_seal(pdf, found) if pdf is not None else None
    if pdf is None or seal is None:
        return DossierCheck(tuple(found.found), (Limit.CONTENT,))
    _check_origin(seal, trust, found)
    _say_time(seal, found)
    inside = _check_inside(pdf, beside, head, largest, found)
    return DossierCheck(tuple(found.found), _limits(seal, trust, inside))


def _pdf_of(content: bytes, found: Findings) -> tuple[bytes | None, dict[str, bytes] | None]:
    """The PDF, and the files beside it in the ZIP; of a PDF alone, none."""
    if content.startswith(PDF_START):
        return content, None
    if not content.startswith(ZIP_START):
        found.fails(Subject.ARCHIVE, "not_a_dossier")
        return None, None
    try:
        beside = read_zip(content)
    except NotStoredZip:
        found.fails(Subject.ARCHIVE, "archive_altered")
        return None, None
    pdf = beside.pop(PDF_NAME, None)
    if pdf is None:
        found.fails(Subject.ARCHIVE, "archive_without_pdf", name=PDF_NAME)
    return pdf, beside


def _check_origin(seal: FoundSeal, trust: str | None, found: Findings) -> None:
    about = {"fingerprint": seal.fingerprint, "name": seal.name}
    if trust is None:
        found.open(Subject.ORIGIN, "origin_not_proven", **about)
    elif trust == seal.fingerprint:
        found.holds(Subject.ORIGIN, "origin_proven", **about)
    else:
        found.fails(Subject.ORIGIN, "origin_other", trusted=trust, **about)


def _say_time(seal: FoundSeal, found: Findings) -> None:
    if seal.time is None:
        found.open(Subject.TIME, "no_time_stamp")
        return
    about = {
        "at": seal.time.at.isoformat(),
        "authority": seal.time.authority,
        "fingerprint": fingerprint_of(seal.time.certificate),
    }
    if seal.valid_from <= seal.time.at <= seal.valid_until:
        found.holds(Subject.TIME, "time_stamp_holds", **about)
    else:
        found.fails(Subject.TIME, "certificate_not_valid_then", **about)


def _check_inside(
    pdf: bytes,
    beside: dict[str, bytes] | None,
    head: str | None,
    largest: int,
    found: Findings,
) -> tuple[Limit, ...]:
    """Check what the PDF holds; what was not looked at there."""
    try:
        files = dict(embedded_files(pdf, seal=find_seal(pdf).seal, largest=largest))
    except UnreadablePdf:
        found.fails(Subject.FILES, "pdf_unreadable")
        return UNREAD
    if beside is not None:
        _check_beside(beside, files, found)
    filing = filing_among(files)
    if filing is not None:
        return OF_A_FILING if check_filing(files, *filing, head, found) else UNREAD
    manifest = check_files(files, found)
    journal = check_journal(files, manifest, found) if manifest else None
    if manifest is None or journal is None:
        return UNREAD
    if head is not None:
        check_head(journal, head, found)
    check_case(files, manifest, journal, found)
    return OF_A_DOSSIER


def _check_beside(beside: dict[str, bytes], files: dict[str, bytes], found: Findings) -> None:
    """The ZIP's files are those inside its PDF, byte for byte, and nothing else."""
    for name in sorted(set(files) - set(beside))[:MOST_NAMED]:
        found.fails(Subject.ARCHIVE, "archive_lacks", name=name)
    for name in sorted(set(beside) - set(files))[:MOST_NAMED]:
        found.fails(Subject.ARCHIVE, "archive_has_more", name=name)
    for name in sorted(set(beside) & set(files)):
        if beside[name] != files[name]:
            found.fails(Subject.ARCHIVE, "archive_differs", name=name)
    if found.is_well(Subject.ARCHIVE):
        found.holds(Subject.ARCHIVE, "archive_agrees", count=len(beside))


def _limits(seal: FoundSeal, trust: str | None, inside: tuple[Limit, ...]) -> tuple[Limit, ...]:
    origin = Limit.IDENTITY if trust else Limit.ORIGIN
    time = Limit.AUTHORITY if seal.time else Limit.CLOCK
    first, rest = (inside, ()) if inside == UNREAD else ((), inside)
    return (*first, origin, time, *rest, Limit.TRUTH, Limit.LATER)
