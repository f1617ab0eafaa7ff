"""Links that open something: a random token goes out, its hash is all that is kept."""

import hashlib
import secrets

TOKEN_BYTES = 32


def new_token() -> str:
    """A token of 256 random bits, fit for an address."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """What is kept of a token. Without salt: nobody guesses 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()
