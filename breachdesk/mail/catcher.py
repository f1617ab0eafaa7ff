"""A real mail server that delivers nothing: every message becomes a file to be read.

The demonstration sends to it, and an example organisation without an SMTP server.
"""

import asyncio
import email
import email.policy
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from breachdesk.domain.deliveries import KEPT_HERE
from breachdesk.domain.errors import NotFound
from breachdesk.mail.local_server import LocalSmtpServer

LARGEST_MESSAGE = 10 * 1024 * 1024
_ID = re.compile(r"(\d{8}T\d{6}\.\d{6})Z-[0-9a-f]{12}")
_TIME = "%Y%m%dT%H%M%S.%f"
_LONGEST_FOLDER_NAME = 200


@dataclass(frozen=True, slots=True)
class CaughtMessage:
    """One line in the list of caught messages. `at`: when it came in (UTC)."""

    id: str
    at: datetime
    to: str
    subject: str
    size: int
    message_id: str


@dataclass(frozen=True, slots=True)
class CaughtLetter:
    """A caught message, read. `date`: as its sender wrote it."""

    id: str
    at: datetime
    sender: str
    to: str
    subject: str
    date: str
    message_id: str
    text: str
    # The names of the files that went with it.
    attachments: tuple[str, ...] = ()


class MailCatcher:
    """Takes mail on 127.0.0.1 and keeps each message as a file, by envelope sender.

    Args:
        folder: where the files go; made when missing.
        largest_message: in bytes; a larger one is refused with 552.
    """

    def __init__(self, folder: Path, *, largest_message: int = LARGEST_MESSAGE) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._server = LocalSmtpServer(
            _FileKeeper(folder), data_size_limit=largest_message, ident="breachdesk mail catcher"
        )

    @property
    def host(self) -> str:
        """Where it listens."""
        return self._server.host

    @property
    def port(self) -> int:
        """The port the system chose; 0 until started."""
        return self._server.port

    def start(self) -> Self:
        """Listen; host and port are known when this returns."""
        self._server.start()
        return self

    def stop(self) -> None:
        """Stop listening; the files stay."""
        self._server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class _FileKeeper:
    """The aiosmtpd handler: a message is taken once it is safely on the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        name = f"{datetime.now(UTC).strftime(_TIME)}Z-{secrets.token_hex(6)}"
        folder = self._folder / _folder_name(envelope.mail_from)
        await asyncio.to_thread(_keep, folder, name, envelope.content)
        return f"{KEPT_HERE}{name}"


def _keep(folder: Path, name: str, content: bytes) -> None:
    """Write a file so that whoever looks sees it whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{name}.part"
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(folder / f"{name}.eml")


def _folder_name(sender: str | None) -> str:
    """A folder for a sender: a stranger's envelope must not choose a path."""
    name = quote((sender or "no-sender").lower(), safe="@+")
    return name.replace("..", "%2E%2E")[:_LONGEST_FOLDER_NAME].lstrip(".") or "no-sender"


def caught_messages(
    folder: Path, sender: str, *, limit: int = 50, offset: int = 0
) -> list[CaughtMessage]:
    """The messages caught from a sender's address, newest first.

    Only the files on the page asked for are opened.
    """
    names = sorted(_names(folder / _folder_name(sender)), reverse=True)
    return [_summary(folder / _folder_name(sender), name) for name in names[offset:][:limit]]


def count_caught(folder: Path, sender: str) -> int:
    """How many messages were caught from a sender's address."""
    return sum(1 for _ in _names(folder / _folder_name(sender)))


def _names(folder: Path) -> Iterator[str]:
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            name, dot, _ = entry.name.rpartition(".eml")
            if dot and _ID.fullmatch(name):
                yield name


def _summary(folder: Path, name: str) -> CaughtMessage:
    path = folder / f"{name}.eml"
    message = _parse(path.read_bytes())
    return CaughtMessage(
        id=name,
        at=_caught_at(name),
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        size=path.stat().st_size,
        message_id=str(message["Message-ID"] or ""),
    )


def read_caught(folder: Path, sender: str, message_id: str) -> CaughtLetter:
    """Read one caught message by the `id` of its line in the list.

    Raises:
        NotFound: no such message from this sender.
    """
    path = folder / _folder_name(sender) / f"{message_id}.eml"
    if not _ID.fullmatch(message_id) or not path.is_file():
        raise NotFound("unknown_message")
    message = _parse(path.read_bytes())
    body = message.get_body(("plain",))
    return CaughtLetter(
        id=message_id,
        at=_caught_at(message_id),
        sender=str(message["From"] or ""),
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        date=str(message["Date"] or ""),
        message_id=str(message["Message-ID"] or ""),
        text=str(body.get_content()).replace("\r\n", "\n") if body else "",
        attachments=tuple(
            part.get_filename() or part.get_content_type() for part in message.iter_attachments()
        ),
    )


def _parse(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, _class=EmailMessage, policy=email.policy.default)


def _caught_at(name: str) -> datetime:
    match = _ID.fullmatch(name)
    return datetime.strptime(match[1] if match else "", _TIME).replace(tzinfo=UTC)
