"""What an e-mail address must look like before we write to it.

Narrower than RFC 5321 on purpose: no quoted local part, no address literal, no local
part beyond ASCII (few servers take one). A domain may be written in any script.
"""

import re
from enum import StrEnum

LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1.3: a path of 256 octets with its angle brackets
LONGEST_LOCAL_PART = 64  # RFC 5321, 4.5.3.1.1
LONGEST_LABEL = 63  # RFC 1035, 2.3.4

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL_PART = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
# Hyphens in third and fourth place are kept for punycode (RFC 5891, 4.2.3.1).
_LABEL = re.compile(r"(?!(?!xn)..--)[^\W_](?:[^\W_]|-)*(?<!-)", re.IGNORECASE)
# Nearly every address: told in one step, which a list of 100,000 lines feels.
_ORDINARY = re.compile(
    r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*"
    r"@(?:(?!..--)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)


class AddressFault(StrEnum):
    """Why an address cannot be written to."""

    NOT_AN_ADDRESS = "not_an_address"
    TOO_LONG = "address_too_long"
    NON_ASCII_LOCAL_PART = "non_ascii_local_part"
    BAD_DOMAIN = "bad_domain"


def address_fault(address: str) -> AddressFault | None:
    """Say what is wrong with an address, or None when it can be written to.

    The domain must have a dot: nobody receives a notice at "localhost".
    """
    if len(address) <= LONGEST_LOCAL_PART and _ORDINARY.fullmatch(address):
        return None
    local_part, at, domain = address.rpartition("@")
    if not (local_part and at and domain) or any(c.isspace() for c in address):
        return AddressFault.NOT_AN_ADDRESS
    return _local_part_fault(local_part) or _domain_fault(domain, longest=_room(local_part))


def _room(local_part: str) -> int:
    return LONGEST_ADDRESS - len(local_part) - 1


def _local_part_fault(local_part: str) -> AddressFault | None:
    if "@" in local_part:
        return AddressFault.NOT_AN_ADDRESS
    if not local_part.isascii():
        return AddressFault.NON_ASCII_LOCAL_PART
    if len(local_part) > LONGEST_LOCAL_PART:
        return AddressFault.TOO_LONG
    return None if _LOCAL_PART.fullmatch(local_part) else AddressFault.NOT_AN_ADDRESS


def _domain_fault(domain: str, *, longest: int) -> AddressFault | None:
    labels = domain.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        return AddressFault.BAD_DOMAIN
    try:
        encoded = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return AddressFault.BAD_DOMAIN
    if any(len(label) > LONGEST_LABEL for label in labels) or encoded.split(".")[-1].isdigit():
        return AddressFault.BAD_DOMAIN
    return AddressFault.TOO_LONG if len(encoded) > longest else None
