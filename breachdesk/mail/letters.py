"""A letter, and the bytes it becomes.

`email.message` takes about 8 ms to build and flatten a message; a notice to a hundred
thousand people needs our own writer. A property test holds both to the same reading.
"""

import binascii
import hashlib
import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache

import idna

from breachdesk.domain.epoch import microseconds
from breachdesk.domain.errors import InvalidInput, InvalidInstant
from breachdesk.domain.mail_address import LONGEST_ADDRESS, LONGEST_LOCAL_PART

# RFC 5322, 2.1.1: lines should hold 78 characters and must not hold more than 998; a
# plain value keeps well under the second even when it has no space to fold at.
LINE_WIDTH = 76
LONGEST_PLAIN_VALUE = 800
# RFC 2047, 2: an encoded word has 75 characters at most; 45 bytes make 60 in base64.
ENCODED_WORD_BYTES = 45

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9._+=-]+@[A-Za-z0-9.-]+>")
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_WORD = re.compile(" *[^ ]+")
_ALREADY_SET = frozenset(
    [
        *("from", "to", "reply-to", "subject", "date", "message-id", "auto-submitted"),
        *("mime-version", "content-type", "content-transfer-encoding"),
    ]
)
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+(?:; ?[a-z-]+=[A-Za-z0-9-]+)*")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_TEXT_PART = (
    b"Content-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
)
_ORIGIN = (
    b"MIME-Version: 1.0\r\n"
    # RFC 3834, 5: nobody's holiday notice answers us.
    b"Auto-Submitted: auto-generated\r\n"
)
_FRAME = _ORIGIN + _TEXT_PART


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter.

    Args:
        name: of ASCII letters, digits, dots and dashes.
        media_type: with its parameters, such as `text/calendar; charset=utf-8`.
    """

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """One plain-text mail from one sender to one person, with the files that go with it.

    Args:
        message_id: with its angle brackets, as `message_id_for` gives it.
        sent_at: timezone-aware; written in UTC.
        headers: further headers as (name, value) pairs.
    """

    message_id: str
    sender_name: str
    sender_address: str
    recipient_name: str
    recipient_address: str
    subject: str
    text: str
    sent_at: datetime
    reply_to: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attachment, ...] = ()


def message_id_for(key: str, domain: str) -> str:
    """The Message-ID of whatever `key` names: the same each time it is sent.

    A mail repeated after a crash can so be known for the same one.
    """
    digest = hashlib.sha256(key.encode()).hexdigest()[:40]
    return f"<{digest}@{ascii_domain(domain)}>"


def mail_key(about: str, dedup_key: str, queued_at: datetime) -> str:
    """What names a queued mail for good: however often it is sent, it is the same.

    Its `dedup_key` holds numbers of rows, which are given again after a backup has been
    restored; no second mail is queued under one key at the same instant.

    Args:
        about: the reference of a case, or `account`.
    """
    return f"{about}:{dedup_key}:{microseconds(queued_at)}"


def serialise(letter: Letter) -> bytes:
    """Write a letter as a message of RFC 5322, with CRLF line ends.

    Lines that begin with a dot are left as they are: the SMTP client doubles them.

    Raises:
        InvalidInput: a header value holds a control character, an address or the name of
            an attachment cannot be written, or a header is named twice; `field` names the
            part at fault.
        InvalidInstant: `sent_at` has no timezone.
    """
    parts = [
        _mailbox_header("From", letter.sender_name, letter.sender_address),
        _write_mailbox("To", letter.recipient_name, letter.recipient_address),
        _subject_header(letter.subject),
        _date_and_id(letter),
    ]
    if letter.reply_to:
        parts.append(_mailbox_header("Reply-To", "", letter.reply_to))
    parts.extend(_extra_header(name, value) for name, value in letter.headers)
    if letter.attachments:
        parts.extend(_mixed(letter))
        return b"".join(parts)
    return b"".join([*parts, _FRAME, quoted_printable(letter.text)])


def _mixed(letter: Letter) -> Iterator[bytes]:
    """The text and its attachments as the parts of one message (RFC 2046, 5.1.3)."""
    # RFC 2045, 6.7: "=_" comes up in neither of the encodings used here. Of the Message-ID:
    # a mail that is repeated is the same to the last byte.
    boundary = b"=_" + hashlib.sha256(letter.message_id.encode()).hexdigest()[:32].encode()
    yield _ORIGIN
    yield b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\r\n\r\n'
    yield b"--" + boundary + b"\r\n" + _TEXT_PART + quoted_printable(letter.text)
    for attachment in letter.attachments:
        yield b"\r\n--" + boundary + b"\r\n" + _attached(attachment)
    yield b"\r\n--" + boundary + b"--\r\n"


def _attached(attachment: Attachment) -> bytes:
    if not _FILE_NAME.fullmatch(attachment.name):
        raise InvalidInput("mail_header_name_invalid", field="attachments", shown=attachment.name)
    if not _MEDIA_TYPE.fullmatch(attachment.media_type):
        shown = attachment.media_type
        raise InvalidInput("mail_header_name_invalid", field="attachments", shown=shown)
    lines = _base64_lines(attachment.content)
    return (
        f"Content-Type: {attachment.media_type}\r\n"
        f'Content-Disposition: attachment;\r\n filename="{attachment.name}"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    ).encode() + b"\r\n".join(lines)


def _base64_lines(content: bytes) -> Iterator[bytes]:
    """RFC 2045, 6.8: lines of 76 characters at most, which 57 bytes make."""
    for start in range(0, len(content), 57):
        yield b64encode(content[start : start + 57])


def check_letter(letter: Letter) -> None:
    """Refuse, before anything is queued, a letter that could not be written."""
    serialise(letter)


def quoted_printable(text: str) -> bytes:
    """Encode a text for transport; it ends with one line end at least, as mail does.

    Raises:
        InvalidInput: the text holds half of a surrogate pair, which no encoding can carry.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.endswith("\n"):
        text += "\n"
    try:
        content = text.replace("\n", "\r\n").encode()
    except UnicodeEncodeError:
        raise InvalidInput("mail_text_not_encodable", field="text") from None
    return binascii.b2a_qp(content, istext=True)


def ascii_address(address: str, *, field: str = "address") -> str:
    """An address as SMTP carries it: its domain in punycode.

    Raises:
        InvalidInput: a local part beyond ASCII, or anything that is no plain address.
    """
    local_part, _, domain = address.rpartition("@")
    if local_part and not local_part.isascii():
        raise InvalidInput("mail_address_non_ascii_local_part", field=field, shown=address)
    if len(local_part) > LONGEST_LOCAL_PART or not _LOCAL_PART.fullmatch(local_part):
        raise InvalidInput("mail_address_invalid", field=field, shown=address)
    written = f"{local_part}@{ascii_domain(domain, field=field)}"
    if len(written) > LONGEST_ADDRESS:
        raise InvalidInput("mail_address_too_long", field=field, shown=address)
    return written


@lru_cache(maxsize=4096)
def ascii_domain(domain: str, *, field: str = "address") -> str:
    """A domain as DNS carries it: `bücher.example` becomes `xn--bcher-kva.example`."""
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise InvalidInput("mail_domain_invalid", field=field, shown=domain) from None


def _write_mailbox(header: str, name: str, address: str) -> bytes:
    field = {"From": "sender", "To": "recipient", "Reply-To": "reply_to"}[header]
    _refuse_control_characters(name, field=f"{field}_name")
    written = f"<{ascii_address(address, field=f'{field}_address')}>"
    if not name:
        return f"{header}: {written[1:-1]}\r\n".encode()
    if _is_plain(name):
        # A quoted string: commas and brackets in a name are no syntax there.
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
        words = [name]
    else:
        words = list(_encoded_words(name))
    fits = len(words) == 1 and len(header) + len(words[0]) + len(written) + 3 <= LINE_WIDTH
    gap = " " if fits else "\r\n "
    return (f"{header}: " + "\r\n ".join(words) + gap + written + "\r\n").encode()


@lru_cache(maxsize=256)
def _mailbox_header(header: str, name: str, address: str) -> bytes:
    """A mailbox that many letters share: our own, not a recipient's."""
    return _write_mailbox(header, name, address)


@lru_cache(maxsize=256)
def _subject_header(subject: str) -> bytes:
    _refuse_control_characters(subject, field="subject")
    return _unstructured("Subject", subject)


def _date_and_id(letter: Letter) -> bytes:
    if letter.sent_at.tzinfo is None:
        raise InvalidInstant(field="sent_at")
    if not _MESSAGE_ID.fullmatch(letter.message_id) or len(letter.message_id) > 250:
        raise InvalidInput("mail_message_id_invalid", field="message_id", shown=letter.message_id)
    date = format_datetime(letter.sent_at.astimezone(UTC))
    return f"Date: {date}\r\nMessage-ID: {letter.message_id}\r\n".encode()


def _extra_header(name: str, value: str) -> bytes:
    if not _HEADER_NAME.fullmatch(name) or name.lower() in _ALREADY_SET:
        raise InvalidInput("mail_header_name_invalid", field="headers", shown=name)
    _refuse_control_characters(value, field=name)
    return _unstructured(name, value)


def _unstructured(name: str, value: str) -> bytes:
    """A header of free text: folded at its spaces when plain, else in encoded words."""
    if _is_plain(value):
        return "\r\n".join([*_folded(f"{name}: {value}"), ""]).encode()
    return (f"{name}: " + "\r\n ".join(_encoded_words(value)) + "\r\n").encode()


def _is_plain(value: str) -> bool:
    """Whether a value can stand as it is and be read back the same."""
    tidy = value.isascii() and value == value.strip() and len(value) <= LONGEST_PLAIN_VALUE
    return tidy and "=?" not in value


def _folded(line: str) -> list[str]:
    """Fold a line before words so that it fits the width, keeping every space."""
    lines = [""]
    for word in _WORD.findall(line):
        if len(lines[-1]) + len(word) > LINE_WIDTH and len(lines[-1].split()) > 1:
            lines.append("")
        lines[-1] += word
    return lines


def _encoded_words(value: str) -> Iterator[str]:
    """RFC 2047 words, each of whole characters: a reader may decode them one by one."""
    raw = value.encode()
    start = 0
    while start < len(raw):
        end = min(start + ENCODED_WORD_BYTES, len(raw))
        while end < len(raw) and raw[end] & 0xC0 == 0x80:
            end -= 1
        yield f"=?utf-8?b?{b64encode(raw[start:end]).decode()}?="
        start = end


def _refuse_control_characters(value: str, *, field: str) -> None:
    """Control characters could end a header and begin another of the attacker's choice."""
    if _CONTROL.search(value):
        raise InvalidInput("mail_header_control_character", field=field, header=field)
