"""Reporting without an account: the address of the form, the secret to come back with.

Both are written in letters and figures that nobody takes for one another (Crockford's
base 32: no I, L, O or U), since people read them out and copy them by hand.
"""

import hashlib
import re
from datetime import timedelta

from breachdesk.domain.errors import InvalidInput

READABLE = "0123456789abcdefghjkmnpqrstvwxyz"
BITS_PER_LETTER = 5

# OWASP ASVS 4.0.3, V3.2.2 asks 64 bits of what nobody may guess; an address that is the only
# lock of a form gets 140, in groups that can be read out.
ADDRESS_LETTERS = 28
ADDRESS_BYTES = 18
SHORTEST_ADDRESS, LONGEST_ADDRESS = 4, 40
_ADDRESS = re.compile(r"[a-z0-9][a-z0-9-]{2,38}[a-z0-9]")
# What would be taken for a page of the desk, or for somebody else.
RESERVED_ADDRESSES = frozenset(
    (
        *("account", "admin", "back", "breachdesk", "cnil", "confirm", "declare", "incidents"),
        *("installation", "invitations", "language", "leave", "mine", "operator", "organisations"),
        *("password", "police", "report", "setup", "sign-in", "sign-out", "static", "support"),
    )
)

# 80 bits: at the 20 guesses an hour that we take, never; four groups of four to write down.
SECRET_LETTERS = 16
_GROUP = 4
# How long the answer to a form sent twice shows the same secret again: a line that dropped,
# a hand that pressed twice. After that it is gone.
RECEIPT_LASTS = timedelta(minutes=10)
# A reporter who came back is let out after this, as anybody who signed in is.
VISIT_LASTS = timedelta(minutes=30)

# Files of one report, or of one addition to it, from somebody without an account.
MOST_FILES = 5
# Far over what anybody types into one message; a log that is pasted belongs into a file.
LONGEST_MESSAGE = 5_000

# A processor has as long to use its link; we set the usual length of a notice period.
PROCESSOR_LINK_LASTS = timedelta(days=30)
LONGEST_LINK_DAYS = 365


def readable(content: bytes, letters: int) -> str:
    """The first bits of `content` as letters, 5 bits each. It must hold that many."""
    bits = int.from_bytes(content)
    if len(content) * 8 < letters * BITS_PER_LETTER:
        raise ValueError(f"{len(content)} bytes do not fill {letters} letters.")
    return "".join(READABLE[(bits >> (BITS_PER_LETTER * i)) & 31] for i in range(letters))


def random_address(content: bytes) -> str:
    """An address that nobody can guess, made of ADDRESS_BYTES random bytes."""
    return _grouped(readable(content, ADDRESS_LETTERS))


def checked_address(typed: str) -> str:
    """The address of a public form as it is kept: lower case letters, digits, hyphens.

    Raises:
        InvalidInput: it has another form, or is a reserved word.
    """
    address = typed.strip().lower()
    if not _ADDRESS.fullmatch(address):
        raise InvalidInput("public_address_form", field="address", shown=typed.strip())
    if address in RESERVED_ADDRESSES:
        raise InvalidInput("public_address_reserved", field="address", shown=address)
    return address


def secret_of(ticket: str) -> str:
    """The secret of the report sent with a ticket, like "7KQX-M2P9-0ACD-Z4TV".

    Whoever sends the same form twice gets the same secret, and so one report. The ticket is
    128 random bits that only their page holds.
    """
    digest = hashlib.sha256(f"breachdesk reporter's secret\n{ticket}".encode()).digest()
    return _grouped(readable(digest, SECRET_LETTERS).upper())


def normalised_secret(typed: str) -> str:
    """A secret as somebody typed it from paper, in the form in which it was shown.

    Spaces, hyphens and case do not count; O is read as 0, I and L as 1. What can be no
    secret becomes an empty text.
    """
    plain = re.sub(r"[\s\-‐‑–—]", "", typed).lower().translate(_ALIKE)
    if len(plain) != SECRET_LETTERS or not set(plain) <= set(READABLE):
        return ""
    return _grouped(plain.upper())


_ALIKE = str.maketrans({"o": "0", "i": "1", "l": "1"})


def _grouped(letters: str) -> str:
    return "-".join(letters[i : i + _GROUP] for i in range(0, len(letters), _GROUP))
