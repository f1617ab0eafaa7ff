"""A file locked with a passphrase, written and read piece by piece.

Two lines of text, then pieces. The second line says how the passphrase becomes a key
(Argon2id, RFC 9106) and holds, wrapped under it, a random key of the file's own. Each
piece is AES-256-GCM under that key; its nonce is its number and whether it is the last
(the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015): a piece that is
altered, moved, repeated or missing, at the end too, is found.
"""

import json
import os
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from typing import IO

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from breachdesk.services.backup.faults import DamagedBackup, NotABackup, WrongPassphrase

MAGIC = b"breachdesk backup 1\n"
PIECE_BYTES = 65_536
# RFC 9106, section 4: the second recommended choice, for machines short of memory.
MEMORY_KIB, PASSES, LANES = 65_536, 3, 4
_KEY_BYTES = 32
_TAG_BYTES = 16
_SALT_BYTES = 16
_COUNTER_BYTES = 11
_NO_NONCE = bytes(12)
# The second line is far shorter.
_LONGEST_HEADER = 1_000
# What a file may ask of the machine that opens it: it is read before it is trusted.
_MOST_MEMORY_KIB, _MOST_PASSES, _MOST_LANES = 2_097_152, 20, 16


@dataclass(frozen=True)
class Lock:
    """How the passphrase becomes a key."""

    salt: str
    memory_kib: int
    passes: int
    lanes: int

    def key(self, passphrase: str) -> bytes:
        """The key that this passphrase gives; takes a quarter of a second, on purpose."""
        return hash_secret_raw(
            passphrase.encode(),
            b64decode(self.salt),
            time_cost=self.passes,
            memory_cost=self.memory_kib,
            parallelism=self.lanes,
            hash_len=_KEY_BYTES,
            type=Type.ID,
        )

    def bound(self) -> bytes:
        """What the wrapped key is bound to."""
        return MAGIC + json.dumps(asdict(self), sort_keys=True).encode()


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(_COUNTER_BYTES, "big") + bytes([is_last])


class SealedWriter:
    """Writes to `file` what only the passphrase opens. Not whole before `close`."""

    def __init__(self, file: IO[bytes], passphrase: str) -> None:
        salt = b64encode(os.urandom(_SALT_BYTES)).decode()
        lock = Lock(salt, MEMORY_KIB, PASSES, LANES)
        key = os.urandom(_KEY_BYTES)
        # The passphrase's key wraps one thing only, so its nonce need not differ.
        wrapped = AESGCM(lock.key(passphrase)).encrypt(_NO_NONCE, key, lock.bound())
        header = {**asdict(lock), "key": b64encode(wrapped).decode()}
        file.write(MAGIC + json.dumps(header).encode() + b"\n")
        self._file, self._cipher = file, AESGCM(key)
        self._waiting, self._number = bytearray(), 0

    def write(self, content: bytes) -> int:
        """Add bytes; the last piece waits, for it may be the last of all."""
        self._waiting += content
        while len(self._waiting) > PIECE_BYTES:
            self._put(bytes(self._waiting[:PIECE_BYTES]), is_last=False)
            del self._waiting[:PIECE_BYTES]
        return len(content)

    def close(self) -> None:
        """Write what waits, as the end. The file itself stays open."""
        self._put(bytes(self._waiting), is_last=True)

    def _put(self, piece: bytes, *, is_last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, is_last), piece, None))
        self._number += 1


class SealedReader:
    """Reads what a `SealedWriter` wrote.

    Raises, here and in `read`:
        NotABackup, WrongPassphrase, DamagedBackup.
    """

    def __init__(self, file: IO[bytes], passphrase: str) -> None:
        if file.read(len(MAGIC)) != MAGIC:
            raise NotABackup("This file is not a backup of breachdesk.")
        lock, wrapped = _read_header(file.readline(_LONGEST_HEADER))
        try:
            key = AESGCM(lock.key(passphrase)).decrypt(_NO_NONCE, wrapped, lock.bound())
        except InvalidTag:
            raise WrongPassphrase("The passphrase does not open this backup.") from None
        self._file, self._cipher = file, AESGCM(key)
        self._number, self._open = 0, bytearray()
        self._next = file.read(PIECE_BYTES + _TAG_BYTES)
        self._is_over = False

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, all of them if negative; b"" at the end, once it is proven."""
        while (size < 0 or len(self._open) < size) and not self._is_over:
            self._open += self._piece()
        taken = bytes(self._open if size < 0 else self._open[:size])
        del self._open[: len(taken)]
        return taken

    def _piece(self) -> bytes:
        sealed, self._next = self._next, self._file.read(PIECE_BYTES + _TAG_BYTES)
        self._is_over = not self._next
        try:
            piece = self._cipher.decrypt(_nonce(self._number, self._is_over), sealed, None)
        except InvalidTag:
            # Nothing more comes out of it, whoever asks again.
            self._is_over = True
            raise DamagedBackup(
                "This backup is damaged or cut short: nothing can be restored from it."
            ) from None
        self._number += 1
        return piece


def _read_header(line: bytes) -> tuple[Lock, bytes]:
    try:
        header = json.loads(line)
        wrapped = b64decode(header.pop("key"), validate=True)
        lock = Lock(**header)
        salt = b64decode(lock.salt, validate=True)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise DamagedBackup("The first lines of this backup are damaged.") from None
    asked = (lock.memory_kib, lock.passes, lock.lanes)
    if not all(isinstance(number, int) for number in asked) or len(salt) < 8:
        raise DamagedBackup("The first lines of this backup are damaged.")
    most = (_MOST_MEMORY_KIB, _MOST_PASSES, _MOST_LANES)
    least = (8 * lock.lanes, 1, 1)
    if not all(low <= number <= high for low, number, high in zip(least, asked, most, strict=True)):
        raise DamagedBackup("The first lines of this backup ask too much of the machine.")
    return lock, wrapped
