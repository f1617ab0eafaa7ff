"""Files of a case: checked by content, sealed outside the web root, hashed."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath, PureWindowsPath

import puremagic
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from breachdesk.domain.access import Action
from breachdesk.domain.errors import InvalidInput, NotFound, WrongStep
from breachdesk.domain.journal import Entry
from breachdesk.models import Attachment, Incident
from breachdesk.services.acting import Acting, Desk, Stranger, channel_of
from breachdesk.services.cases import lock_case
from breachdesk.services.journal import write_journal

LONGEST_NAME = 120
# What a browser could run if it ever showed the file; the media type is ours, not theirs.
BINARY = "application/octet-stream"
# Programs are evidence too, but not for a web form: an investigator keeps them elsewhere.
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"#!")


@dataclass(frozen=True)
class Upload:
    """A file as it was sent: its name is the sender's word, its content the truth."""

    name: str
    content: bytes


def add_attachments(
    session: Session,
    desk: Desk,
    incident: Incident,
    uploads: Iterable[Upload],
    *,
    by: Acting,
    now: datetime,
) -> list[Attachment]:
    """Add files to a case, all of them or none.

    Raises:
        InvalidInput: one is empty, over the limit, or a program.
        WrongStep: the case is closed.
    """
    by.demand(Action.ATTACH)
    lock_case(session, incident)
    if incident.closed_at is not None:
        raise WrongStep("case_closed", reference=incident.reference)
    kept = [keep_attachment(session, desk, incident, upload, by=by, now=now) for upload in uploads]
    session.commit()
    return kept


def keep_attachment(
    session: Session,
    desk: Desk,
    incident: Incident,
    upload: Upload,
    *,
    by: Acting | Stranger,
    now: datetime,
) -> Attachment:
    """Check, seal and record a file; does not commit."""
    name = safe_name(upload.name)
    _check(name, upload.content, desk.largest_upload)
    attachment = Attachment(
        incident_id=incident.id,
        name=name,
        media_type=media_type_of(upload.content),
        size=len(upload.content),
        sha256=hashlib.sha256(upload.content).hexdigest(),
        stored_as=desk.files.keep(upload.content),
        added_by=by.user,
        added_at=now,
    )
    session.add(attachment)
    write_journal(
        session,
        incident,
        Entry.ATTACHMENT_ADDED,
        by=by.user,
        at=now,
        sha256=attachment.sha256,
        size=attachment.size,
        media_type=attachment.media_type,
        **channel_of(by),
    )
    return attachment


def _check(name: str, content: bytes, largest: int) -> None:
    if not content:
        raise InvalidInput("file_empty", field="attachments", shown=name)
    if len(content) > largest:
        limit = largest // 1_000_000
        raise InvalidInput("file_too_large", field="attachments", shown=name, limit_mb=limit)
    if content.startswith(_PROGRAMS):
        raise InvalidInput("file_is_program", field="attachments", shown=name)


def safe_name(name: str) -> str:
    """The file's own name, without folders, control characters or excess length."""
    bare = PureWindowsPath(PurePosixPath(name).name).name
    kept = "".join(character for character in bare if character.isprintable()).strip(" .")
    if len(kept) <= LONGEST_NAME:
        return kept or "piece-jointe"
    stem, dot, suffix = kept.rpartition(".")
    if not dot or len(suffix) > 10:
        return kept[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(suffix) - 1]}.{suffix}"


def media_type_of(content: bytes) -> str:
    """What the content is, by its signature; plain text and the rest by what they hold.

    The name of a file is not asked: a page named .pdf is text.
    """
    try:
        found: str = puremagic.from_string(content, mime=True)
    except (puremagic.PureError, ValueError):
        found = ""
    if found and not found.startswith("text/"):
        return found
    return "text/plain" if _is_text(content) else BINARY


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return "\x00" not in text


def attachments_of(session: Session, incident: Incident) -> list[Attachment]:
    """The files of a case, in order, with who added each."""
    return list(
        session.scalars(
            select(Attachment)
            .where(Attachment.incident_id == incident.id)
            .order_by(Attachment.id)
            .options(joinedload(Attachment.added_by))
        )
    )


def read_attachment(
    session: Session, desk: Desk, incident: Incident, attachment_id: int
) -> tuple[Attachment, bytes]:
    """A file of the case with its content.

    Raises:
        NotFound: the case has no such file.
    """
    attachment = session.get(Attachment, attachment_id)
    if attachment is None or attachment.incident_id != incident.id:
        raise NotFound("unknown_attachment")
    return attachment, desk.files.read(attachment.stored_as)
