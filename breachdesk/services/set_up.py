"""The token of the set-up page: made on a start without an organisation, good once."""

import os
import secrets
from pathlib import Path

TOKEN_FILE = "setup.token"  # noqa: S105 - the name of a file
TOKEN_BYTES = 24


def setup_token(instance: Path) -> str:
    """The token to print on the console, made on the first call; only its owner reads it."""
    path = instance / TOKEN_FILE
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(TOKEN_BYTES))
    return path.read_text(encoding="ascii")


def is_setup_token(instance: Path, given: str) -> bool:
    """Whether this is the token; takes as long wherever it differs. Never, once used."""
    try:
        token = (instance / TOKEN_FILE).read_bytes()
    except FileNotFoundError:
        return False
    return bool(token) and secrets.compare_digest(token, given.encode())


def discard_setup_token(instance: Path) -> None:
    """End the token: the desk is set up."""
    (instance / TOKEN_FILE).unlink(missing_ok=True)
