"""What a second factor is made of: codes by the minute, codes on paper, passkeys.

Source: RFC 6238 (codes by the minute); NIST SP 800-63B, 5.1.2 and 5.1.4; OWASP ASVS 4.0.3,
V2.6 and V2.8; W3C Web Authentication, level 2.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

# RFC 6238, 4.1 and 5.2: a step of 30 seconds, and one more either way for clocks that differ.
TOTP_STEP = timedelta(seconds=30)
TOTP_DRIFT_STEPS = 1
TOTP_DIGITS = 6
# RFC 4226, 4, R6: 160 bits.
TOTP_SECRET_LETTERS = 32
# How long a page with a secret to scan may stay open.
TOTP_OFFER_LASTS = timedelta(minutes=30)

RECOVERY_CODES = 10
# 80 bits in Crockford's base 32, in groups that an eye can hold.
RECOVERY_CODE_LETTERS, RECOVERY_CODE_GROUP = 16, 4
RECOVERY_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_MISREAD = str.maketrans({"o": "0", "i": "1", "l": "1"})
# ASVS 2.6.2 asks for 32 random bits beside a code of less than 112.
_SALT_LETTERS = 8

# A challenge is answered while the page that asked is still looked at.
PASSKEY_CHALLENGE_LASTS = timedelta(minutes=5)


def totp_step(instant: datetime) -> int:
    """The number of the 30-second step in which an instant lies, counted from 1970."""
    return int(instant.timestamp()) // int(TOTP_STEP.total_seconds())


def step_begins_at(step: int) -> datetime:
    """When a step begins, in UTC."""
    return datetime.fromtimestamp(step * TOTP_STEP.total_seconds(), UTC)


def steps_accepted(instant: datetime) -> range:
    """The steps whose code is taken at an instant: the current one and one either way."""
    current = totp_step(instant)
    return range(current - TOTP_DRIFT_STEPS, current + TOTP_DRIFT_STEPS + 1)


def typed_totp(text: str) -> str:
    """The six figures of a code as somebody typed it, or nothing where it is no such code."""
    figures = "".join(text.split())
    is_code = len(figures) == TOTP_DIGITS and figures.isascii() and figures.isdigit()
    return figures if is_code else ""


def in_groups(text: str, separator: str = " ") -> str:
    """A long code in groups of four: easier to read, and to copy by hand."""
    size = RECOVERY_CODE_GROUP
    return separator.join(text[start : start + size] for start in range(0, len(text), size))


def new_recovery_code() -> str:
    """A recovery code as it is shown: `7k3m-q0xd-…`, letters nobody takes for figures."""
    letters = "".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(RECOVERY_CODE_LETTERS))
    return in_groups(letters, "-")


def typed_recovery_code(text: str) -> str:
    """A recovery code as somebody typed it, in its plain form; nothing where it is none."""
    plain = "".join(letter for letter in text.lower() if letter.isalnum()).translate(_MISREAD)
    is_code = len(plain) == RECOVERY_CODE_LETTERS and set(plain) <= set(RECOVERY_ALPHABET)
    return plain if is_code else ""


def recovery_code_hash(code: str, *, salt: str = "") -> str:
    """What is kept of a recovery code: a salt and a salted hash, 64 characters in all.

    Args:
        code: as shown or as typed.
        salt: of the hash to compare with; a new one where it is empty.
    """
    salt = salt or secrets.token_hex(_SALT_LETTERS // 2)
    return salt + hashlib.sha224(f"{salt}{typed_recovery_code(code)}".encode()).hexdigest()


def is_recovery_code_of(kept_hash: str, typed: str) -> bool:
    """Whether what somebody typed is the code of which this was kept."""
    if not typed_recovery_code(typed):
        return False
    again = recovery_code_hash(typed, salt=kept_hash[:_SALT_LETTERS])
    return hmac.compare_digest(again, kept_hash)


@dataclass(frozen=True)
class RelyingParty:
    """What passkeys are bound to: a domain, and the one address that may ask for them."""

    id: str
    origin: str


def relying_party(public_url: str) -> RelyingParty | None:
    """Who we are to an authenticator; None where browsers take no passkey at this address.

    They demand a name instead of an IP address, and https everywhere but on this machine.

    Source: Web Authentication, level 2, 5.1.3, step 7; Secure Contexts, 3.1.
    """
    parts = urlsplit(public_url)
    host = _as_browsers_say(parts.hostname or "")
    is_local = host == "localhost" or host.endswith(".localhost")
    if not host or _is_address(host) or (parts.scheme != "https" and not is_local):
        return None
    usual_port = {"https": 443, "http": 80}[parts.scheme]
    port = f":{parts.port}" if parts.port not in (None, usual_port) else ""
    return RelyingParty(host, f"{parts.scheme}://{host}{port}")


def _as_browsers_say(host: str) -> str:
    """A host name in ASCII; nothing where it is none."""
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


class Ceremony(StrEnum):
    """What a challenge was made for: an answer to one is no answer to another."""

    REGISTER = "register"
    SIGN_IN = "sign_in"
    PROVE = "prove"
