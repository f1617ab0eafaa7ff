"""Reading the records by which a domain signs its mail and says what to do with forgeries.

Sources: RFC 6376 and RFC 8301 (DKIM), RFC 8463 (Ed25519), RFC 7489 (DMARC).
"""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass
from enum import StrEnum

# RFC 8301, 3.2: signers must use 1024 bits at least, and should use 2048.
FEWEST_KEY_BITS = 1024
ENOUGH_KEY_BITS = 2048
ED25519_KEY_BYTES = 32  # RFC 8463, 4.2
# RFC 7489, 6.6.3 asks for the organisational domain; we walk up instead, as its successor
# does, for that needs no list of public suffixes. Never up to a single label.
MOST_STEPS_UP = 4

_TAG = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*(.*?)\s*", re.S)
_SELECTOR = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?", re.A)
_LONGEST_SELECTOR = 128
_LONGEST_LABEL = 63
# Asked for when nobody names one: what mail hosts commonly set up.
COMMON_SELECTORS = (
    *("default", "mail", "dkim", "google", "selector1", "selector2", "k1", "k2", "s1", "s2"),
    *("smtp", "key1", "mail1", "gm1", "gm2", "ovhmo-selector-1", "20230601", "brevo1", "brevo2"),
)


class DkimFault(StrEnum):
    """What is wrong with the record of a key."""

    SYNTAX = "dkim_syntax"
    REVOKED = "dkim_revoked"
    UNKNOWN_KIND = "dkim_unknown_kind"
    NOT_A_KEY = "dkim_not_a_key"
    TOO_SHORT = "dkim_too_short"
    ONLY_SHA1 = "dkim_only_sha1"
    NOT_FOR_MAIL = "dkim_not_for_mail"
    # Not wrong, but to be mended.
    SHORT = "dkim_short"
    TESTING = "dkim_testing"


ADVICE_ONLY = frozenset({DkimFault.SHORT, DkimFault.TESTING})


@dataclass(frozen=True)
class DkimKey:
    """A key as its record gives it; `bits` is 0 where it cannot be read."""

    kind: str
    bits: int
    fault: DkimFault | None = None


def is_selector(text: str) -> bool:
    """Whether it can name a key: one or more labels with dots between."""
    labels = text.split(".")
    fits = len(text) <= _LONGEST_SELECTOR and all(len(part) <= _LONGEST_LABEL for part in labels)
    return fits and all(_SELECTOR.fullmatch(part) for part in labels)


def tags_of(text: str) -> dict[str, str]:
    """The tags of a record, like `v=DKIM1; k=rsa; p=…`, in their order (RFC 6376, 3.2).

    Raises:
        ValueError: it is no list of tags, or one stands twice.
    """
    found: dict[str, str] = {}
    parts = text.split(";")
    if not parts[-1].strip():
        parts.pop()
    for part in parts:
        match = _TAG.fullmatch(part)
        if not match or match[1] in found:
            raise ValueError(part.strip())
        found[match[1]] = match[2]
    return found


def looks_like_dkim(text: str) -> bool:
    """Whether a TXT record is meant to hold a key."""
    return bool(re.search(r"(?:^|;)\s*(?:p\s*=|v\s*=\s*DKIM1)", text))


def read_dkim(text: str) -> DkimKey:
    """The key in a record, with the worst that is wrong with it."""
    try:
        tags = tags_of(text)
    except ValueError:
        return DkimKey("", 0, DkimFault.SYNTAX)
    # "v" must come first where it stands, and "p" must stand (3.6.1).
    if "p" not in tags or ("v" in tags and (next(iter(tags)), tags["v"]) != ("v", "DKIM1")):
        return DkimKey("", 0, DkimFault.SYNTAX)
    kind = tags.get("k", "rsa").lower()
    bits, fault = _strength(kind, re.sub(r"\s", "", tags["p"]))
    return DkimKey(kind, bits, fault or _limits(tags) or _weakness(kind, bits, tags))


def _strength(kind: str, encoded: str) -> tuple[int, DkimFault | None]:
    if not encoded:
        return 0, DkimFault.REVOKED
    if kind not in ("rsa", "ed25519"):
        return 0, DkimFault.UNKNOWN_KIND
    try:
        raw = b64decode(encoded, validate=True)
        bits = _rsa_bits(raw) if kind == "rsa" else _ed25519_bits(raw)
    except (NotBase64, ValueError):
        return 0, DkimFault.NOT_A_KEY
    is_short = kind == "rsa" and bits < FEWEST_KEY_BITS
    return bits, DkimFault.TOO_SHORT if is_short else None


def _limits(tags: dict[str, str]) -> DkimFault | None:
    """What the record says the key is not for."""
    hashes = _listed(tags.get("h", ""))
    services = _listed(tags.get("s", ""))
    if hashes and "sha256" not in hashes:
        return DkimFault.ONLY_SHA1
    if services and not {"*", "email"} & services:
        return DkimFault.NOT_FOR_MAIL
    return None


def _weakness(kind: str, bits: int, tags: dict[str, str]) -> DkimFault | None:
    if "y" in _listed(tags.get("t", "")):
        return DkimFault.TESTING
    return DkimFault.SHORT if kind == "rsa" and bits < ENOUGH_KEY_BITS else None


def _listed(text: str) -> set[str]:
    return {part.strip().lower() for part in text.split(":") if part.strip()}


def _ed25519_bits(raw: bytes) -> int:
    if len(raw) != ED25519_KEY_BYTES:
        raise ValueError("An Ed25519 key has 32 bytes.")
    return ED25519_KEY_BYTES * 8


# --- The length of an RSA key, out of its DER ------------------------------------------------

_INTEGER, _BIT_STRING, _SEQUENCE = 0x02, 0x03, 0x30


def _rsa_bits(raw: bytes) -> int:
    """How long the modulus is, of a SubjectPublicKeyInfo or a bare RSAPublicKey."""
    tag, content = _element(_inside(raw, _SEQUENCE))
    if tag == _SEQUENCE:
        rest = _after_first(_inside(raw, _SEQUENCE))
        # The first byte of a bit string counts the bits left unused: none.
        _, content = _element(_inside(_inside(rest, _BIT_STRING)[1:], _SEQUENCE))
    elif tag != _INTEGER:
        raise ValueError("No RSA key.")
    return int.from_bytes(content, "big").bit_length()


def _inside(raw: bytes, wanted: int) -> bytes:
    tag, content = _element(raw)
    if tag != wanted:
        raise ValueError("No RSA key.")
    return content


def _element(raw: bytes) -> tuple[int, bytes]:
    start, length = _header(raw)
    if len(raw) < start + length:
        raise ValueError("Cut short.")
    return raw[0], raw[start : start + length]


def _after_first(raw: bytes) -> bytes:
    start, length = _header(raw)
    return raw[start + length :]


def _header(raw: bytes) -> tuple[int, int]:
    """Where the content of the first element begins, and how long it is."""
    if len(raw) < 2:
        raise ValueError("Cut short.")
    if raw[1] < 0x80:
        return 2, raw[1]
    count = raw[1] & 0x7F
    return 2 + count, int.from_bytes(raw[2 : 2 + count], "big")


# --- DMARC -----------------------------------------------------------------------------------


class DmarcPolicy(StrEnum):
    """What receivers are asked to do with a forgery."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"


@dataclass(frozen=True)
class DmarcRecord:
    """A policy: of the domain itself and of those below it, for a share of the mail."""

    policy: DmarcPolicy
    below: DmarcPolicy
    percent: int
    reports_to: str


def is_dmarc(text: str) -> bool:
    """Whether a TXT record is one: it begins with the version, in these letters (6.3)."""
    return bool(re.match(r"v\s*=\s*DMARC1\s*(?:;|$)", text))


def read_dmarc(text: str) -> DmarcRecord:
    """Read a policy.

    Raises:
        ValueError: it breaks the syntax, or has no policy that is known.
    """
    tags = {name.lower(): value for name, value in tags_of(text).items()}
    policy = DmarcPolicy(tags.get("p", "").lower())
    below = DmarcPolicy(tags.get("sp", policy).lower())
    percent = tags.get("pct", "100")
    if not percent.isdecimal() or int(percent) > 100:
        raise ValueError(f"pct={percent}")
    return DmarcRecord(policy, below, int(percent), tags.get("rua", ""))


def dmarc_names(domain: str) -> list[str]:
    """Where a policy for a domain may stand, the nearest first."""
    labels = domain.rstrip(".").split(".")
    ups = range(min(len(labels) - 1, MOST_STEPS_UP))
    return [f"_dmarc.{'.'.join(labels[up:])}" for up in ups]
