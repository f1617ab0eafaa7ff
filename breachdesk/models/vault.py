"""What is encrypted at rest: recipients, imported files, attachments, dossiers."""

import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class Vault:
    """Seals and opens bytes under one installation key (32 bytes, any source).

    Each use has a key of its own, derived from the installation's.
    """

    def __init__(self, key: bytes) -> None:
        self._sealing = AESGCM(_derive(key, b"breachdesk sealing"))
        self._indexing = _derive(key, b"breachdesk index")

    def seal(self, content: bytes) -> bytes:
        """Encrypt and authenticate `content` (AES-256-GCM, random nonce in front)."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._sealing.encrypt(nonce, content, None)

    def open(self, sealed: bytes) -> bytes:
        """Decrypt. Raises cryptography's InvalidTag if anything was altered."""
        return self._sealing.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)

    def seal_json(self, value: Any) -> bytes:
        """Encrypt a JSON value."""
        return self.seal(json.dumps(value, ensure_ascii=False).encode())

    def open_json(self, sealed: bytes) -> Any:
        """Decrypt a JSON value."""
        return json.loads(self.open(sealed))

    def index(self, text: str) -> str:
        """A keyed index for equality (HMAC-SHA256, hexadecimal): it reveals no address."""
        return hmac.new(self._indexing, text.encode(), hashlib.sha256).hexdigest()


class FileStore:
    """Files outside the web root, sealed, under random names that say nothing."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self._folder = folder
        self._vault = vault

    def keep(self, content: bytes) -> str:
        """Write `content` and return the name it is stored as. On disk when it returns.

        Written before the row that names it: a crash between the two leaves a file that
        nothing names, never a row without its file.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = secrets.token_hex(32)
        descriptor = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(self._vault.seal(content))
            file.flush()
            os.fsync(file.fileno())
        return name

    def read(self, name: str) -> bytes:
        """The content stored as `name`. Raises FileNotFoundError, or InvalidTag if altered."""
        return self._vault.open((self._folder / Path(name).name).read_bytes())


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key)
