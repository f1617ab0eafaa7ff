"""What is encrypted at rest: recipients, imported files, attachments, dossiers, secrets."""

import hashlib
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
# Of what is sealed today: a version, then which key. What was sealed before has neither.
_VERSION = b"\x01"
_KEY_ID_BYTES = 8
_PREFIX_BYTES = len(_VERSION) + _KEY_ID_BYTES
# A key that follows another carries the lasting index of the first (docs/adr/0006).
_FOLLOWER = b"v2."
# What the check of a key is an index of.
_CHECK = "breachdesk key check"
# Drafts: of a file on its way in, and of one under its new key. They get their name whole.
_KEPT, _RESEALED = ".kept-", ".resealed-"


@dataclass(frozen=True)
class _Key:
    """What one key of the installation gives: each use has a key of its own."""

    sealing: AESGCM
    prefix: bytes
    indexing: bytes
    lasting: bytes


def _key(material: bytes) -> _Key:
    root, lasting = material, _derive(material, b"breachdesk lasting index")
    if material.startswith(_FOLLOWER) and material.count(b".") == 2:
        _, root, kept = material.split(b".")
        lasting = bytes.fromhex(kept.decode("ascii"))
    return _Key(
        sealing=AESGCM(_derive(root, b"breachdesk sealing")),
        prefix=_VERSION + _derive(root, b"breachdesk key id")[:_KEY_ID_BYTES],
        indexing=_derive(root, b"breachdesk index"),
        lasting=lasting,
    )


def following_key(newest: bytes) -> bytes:
    """A new random key to follow `newest`: it seals by itself, and indexes secrets like it."""
    lasting = _key(newest).lasting.hex().encode()
    return _FOLLOWER + secrets.token_urlsafe(32).encode() + b"." + lasting


class Vault:
    """Seals and opens bytes under the keys of one installation.

    The first key seals and indexes. The others, former ones, only open: there are some
    while a rotation is under way.

    Args:
        keys: the newest first; 32 bytes or more each, from any source.
        reread: gives the keys anew once they have changed, else None; asked before each use,
            so that a process which runs for weeks seals with the newest key.
    """

    def __init__(self, *keys: bytes, reread: Callable[[], Sequence[bytes] | None] | None = None):
        self._keys = [_key(material) for material in keys]
        self._former: list[_Key] = []
        self._reread = reread or (lambda: None)

    def _newest(self) -> _Key:
        changed = self._reread()
        if changed:
            keys = [_key(material) for material in changed]
            prefixes = {key.prefix for key in keys}
            # A row read before the change is opened after it: former keys go with the process.
            known = [*self._keys, *self._former]
            self._former = [key for key in known if key.prefix not in prefixes]
            self._keys = keys
        return self._keys[0]

    def seal(self, content: bytes) -> bytes:
        """Encrypt and authenticate `content`.

        Version and key id, random nonce, AES-256-GCM over all of it.
        """
        key, nonce = self._newest(), os.urandom(_NONCE_BYTES)
        return key.prefix + nonce + key.sealing.encrypt(nonce, content, key.prefix)

    def open(self, sealed: bytes) -> bytes:
        """Decrypt. Raises cryptography's InvalidTag if anything was altered."""
        self._newest()
        keys = [*self._keys, *self._former]
        for key in keys:
            if sealed.startswith(key.prefix):
                nonce, rest = _split(sealed, _PREFIX_BYTES)
                return key.sealing.decrypt(nonce, rest, key.prefix)
        return _open_old(keys, sealed)

    def is_current(self, sealed: bytes) -> bool:
        """Whether it was sealed under the newest key."""
        return sealed.startswith(self._newest().prefix)

    def seal_json(self, value: Any) -> bytes:
        """Encrypt a JSON value."""
        return self.seal(json.dumps(value, ensure_ascii=False).encode())

    def open_json(self, sealed: bytes) -> Any:
        """Decrypt a JSON value."""
        return json.loads(self.open(sealed))

    def index(self, text: str) -> str:
        """A keyed index for equality (HMAC-SHA256, hexadecimal): it reveals no address.

        It changes with the key: only for what the rotation can read and index again.
        """
        return _index(self._newest().indexing, text)

    def indexes(self, text: str) -> frozenset[str]:
        """Every index that a row may have for this text while a rotation is under way."""
        self._newest()
        return frozenset(_index(key.indexing, text) for key in self._keys)

    def lasting_index(self, text: str) -> str:
        """A keyed index that outlives the sealing key: for a secret of which only this is kept.

        The text must be random, 80 bits or more: its key may be as old as the installation.
        """
        return _index(self._newest().lasting, text)

    def check(self) -> str:
        """What tells the newest key, and its lasting index, from any other."""
        return _check(self._newest(), self._newest().lasting)

    def is_checked_by(self, check: str) -> bool:
        """Whether a check was made by one of the keys, under the lasting index at hand."""
        lasting = self._newest().lasting
        return any(hmac.compare_digest(_check(key, lasting), check) for key in self._keys)


def _split(sealed: bytes, start: int) -> tuple[bytes, memoryview]:
    if len(sealed) < start + _NONCE_BYTES:
        raise InvalidTag
    return sealed[start : start + _NONCE_BYTES], memoryview(sealed)[start + _NONCE_BYTES :]


def _open_old(keys: Sequence[_Key], sealed: bytes) -> bytes:
    """Open what was sealed before keys had an id: a nonce and the rest."""
    nonce, rest = _split(sealed, 0)
    for key in keys:
        try:
            return key.sealing.decrypt(nonce, rest, None)
        except InvalidTag:
            continue
    raise InvalidTag


def _check(key: _Key, lasting: bytes) -> str:
    return _index(key.indexing, f"{_CHECK} {lasting.hex()}")


def _index(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


class FileStore:
    """Files outside the web root, sealed, under random names that say nothing."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self.folder = folder
        self._vault = vault

    def keep(self, content: bytes) -> str:
        """Write `content` and return the name it is stored as. On disk when it returns.

        Written before the row that names it: a crash between the two leaves a file that
        nothing names, never a row without its file.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = secrets.token_hex(32)
        self._put(name, _KEPT, self._vault.seal(content))
        return name

    def _put(self, name: str, draft_prefix: str, sealed: bytes) -> None:
        """Write a file that is whole from the moment it has its name."""
        # mkstemp makes the file with mode 600.
        descriptor, draft = tempfile.mkstemp(dir=self.folder, prefix=draft_prefix)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, self._path(name))
        finally:
            Path(draft).unlink(missing_ok=True)
        sync_folder(self.folder)

    def read(self, name: str) -> bytes:
        """The content stored as `name`. Raises FileNotFoundError, or InvalidTag if altered."""
        return self._vault.open(self._path(name).read_bytes())

    def remove(self, name: str) -> None:
        """Remove what is stored as `name`, for good; nothing happens where it is gone already."""
        self._path(name).unlink(missing_ok=True)
        if self.folder.exists():
            sync_folder(self.folder)

    def open_sealed(self, name: str) -> IO[bytes]:
        """What is stored as `name`, as it lies there. Raises FileNotFoundError."""
        return self._path(name).open("rb")

    def names(self) -> Iterator[str]:
        """The name of every file kept; what else lies in the folder is passed by."""
        if not self.folder.exists():
            return
        with os.scandir(self.folder) as entries:
            yield from (entry.name for entry in entries if is_stored_name(entry.name))

    def is_current(self, name: str) -> bool:
        """Whether a file is sealed under the newest key. Raises FileNotFoundError."""
        with self.open_sealed(name) as file:
            return self._vault.is_current(file.read(_PREFIX_BYTES))

    def reseal(self, name: str) -> None:
        """Put a file under the newest key; it is whole under one key or the other at any time.

        Raises:
            FileNotFoundError, InvalidTag: there is nothing to open; nothing is changed.
        """
        self._put(name, _RESEALED, self._vault.seal(self.read(name)))

    def remove_drafts(self) -> None:
        """Remove what was killed before it had a name; only who holds the rotation's lock may.

        A file on its way in just now begins with the newest key's id, or is still empty.
        """
        for draft in self.folder.glob(f"{_RESEALED}*"):
            draft.unlink(missing_ok=True)
        for draft in self.folder.glob(f"{_KEPT}*"):
            if self._is_of_a_former_key(draft):
                draft.unlink(missing_ok=True)

    def _is_of_a_former_key(self, path: Path) -> bool:
        try:
            with path.open("rb") as file:
                start = file.read(_PREFIX_BYTES)
        except FileNotFoundError:
            return False
        return len(start) == _PREFIX_BYTES and not self._vault.is_current(start)

    def remove_rubbish(self, name: str) -> bool:
        """Remove a file that opens with no key and that no row names, if it is of a former key."""
        is_rubbish = self._is_of_a_former_key(self._path(name))
        if is_rubbish:
            self._path(name).unlink(missing_ok=True)
        return is_rubbish

    def _path(self, name: str) -> Path:
        return self.folder / Path(name).name


def is_stored_name(name: str) -> bool:
    """Whether a file kept may have this name: 64 hexadecimal digits, and no path."""
    return len(name) == 64 and set(name) <= set("0123456789abcdef")


def sync_folder(folder: Path) -> None:
    """Make what was made, renamed or removed in a folder outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key)
