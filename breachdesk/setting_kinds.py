"""How a setting is read: text to value.

What is wrong comes back as a ValueError that holds the rest of a sentence which begins
with the setting's name.
"""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

PROJECT_FOLDER = Path(__file__).resolve().parent.parent

# 43 characters of URL-safe Base64 hold 256 random bits; half a secret is no secret.
KEY_LENGTH_MIN = 32
KEY_VARIETY_MIN = 10
# A key made by `rotate-key`: it carries a part of the one before (see docs/adr/0006).
FOLLOWING_KEY = re.compile(r"v2\.[A-Za-z0-9_-]{43}\.[0-9a-f]{64}")
PASSPHRASE_LENGTH_MIN = 12
# Without these the system decides, and a page or a tick may hang for minutes, or for hours, on
# a database whose machine is lost without a word. The last one is in milliseconds: how long
# what was sent may stay without a sign of life. A long statement gives one.
PATIENCE_WITH_POSTGRESQL = {
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def whole_number(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}, not “{text}”.")
        return int(text)

    return parse


def one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}, not “{text}”.")
        return text.lower()

    return parse


def yes_or_no(text: str) -> bool:
    answers = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    if text.lower() not in answers:
        raise ValueError(f"must be yes or no, not “{text}”.")
    return answers[text.lower()]


def folder(text: str) -> Path:
    """A folder; a relative one counts from the project, wherever the server is started."""
    path = (PROJECT_FOLDER / Path(text).expanduser()).resolve()
    if path.exists() and not path.is_dir():
        raise ValueError(f"must name a folder; “{text}” is a file.")
    return path


def file(text: str) -> Path:
    """A file that is there; a relative one counts from the project."""
    path = (PROJECT_FOLDER / Path(text).expanduser()).resolve()
    if not path.is_file():
        raise ValueError(f"must name a file that is there, not “{text}”.")
    return path


def web_address(text: str) -> str:
    """An address to ask something that is no secret, and whose answer is signed."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or "@" in parts.netloc or not re.fullmatch(r"[!-~]+", text) or "#" in text:
        raise ValueError(f"must look like https://authority.example/tsr, not “{text}”.")
    return text


def host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._:-]+", text):
        raise ValueError(f"must be a host name or an address without a port, not “{text}”.")
    return text


def database_url(text: str) -> str:
    """A SQLAlchemy URL; the value is not repeated in a fault, for it may hold a password.

    A PostgreSQL that does not answer is given up after `PATIENCE_WITH_POSTGRESQL`; what the URL
    itself says of it stands.
    """
    rewritten = re.sub(r"^(postgres|postgresql)://", "postgresql+psycopg://", text)
    if rewritten.startswith("postgresql+psycopg://") and urlsplit(rewritten).path.strip("/"):
        given = urlsplit(rewritten).query
        missing = {
            name: limit
            for name, limit in PATIENCE_WITH_POSTGRESQL.items()
            if name not in parse_qs(given)
        }
        if not missing:
            return rewritten
        return f"{rewritten}{'&' if given else '?'}{urlencode(missing)}"
    if re.match(r"^sqlite:///.", rewritten) and ":memory:" not in rewritten:
        return rewritten
    raise ValueError(
        "must look like postgresql://user:password@host/database or sqlite:////folder/file.db."
    )


def public_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.path not in ("", "/") or parts.query or parts.fragment or "@" in text:
        raise ValueError(f"must look like https://desk.example.com, without a path, not “{text}”.")
    return text.rstrip("/")


def monitor_url(text: str) -> str:
    """An address to call; the value is not repeated in a fault: whoever has it may call too."""
    try:
        parts = urlsplit(text)
        is_local = parts.hostname in ("localhost", "127.0.0.1", "::1")
        good = parts.scheme == "https" or (parts.scheme == "http" and is_local)
        good = good and bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        good = False
    if not good or not re.fullmatch(r"[!-~]+", text) or set(text) & {"\\", "#"}:
        raise ValueError(
            "must look like https://monitor.example.com/ping/…; "
            "http is taken for this machine alone."
        )
    return text


def address(text: str) -> str:
    if not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+", text):
        raise ValueError(f"must be a mail address like desk@example.com, not “{text}”.")
    return text


def key(text: str) -> str:
    if len(text) < KEY_LENGTH_MIN or len(set(text)) < KEY_VARIETY_MIN:
        raise ValueError(f"must be at least {KEY_LENGTH_MIN} random characters.")
    if text.startswith("v2.") and not FOLLOWING_KEY.fullmatch(text):
        raise ValueError("must be the whole key that rotate-key printed: it is cut or altered.")
    return text


def keys(text: str) -> tuple[str, ...]:
    """Keys with spaces between."""
    return tuple(key(part) for part in text.split())


def passphrase(text: str) -> str:
    """What a backup is locked with. Length is what counts: no rule on what is in it."""
    if len(text) < PASSPHRASE_LENGTH_MIN:
        raise ValueError(f"must be at least {PASSPHRASE_LENGTH_MIN} characters.")
    return text
