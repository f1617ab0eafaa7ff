"""The installation's keys: given by settings, or kept in files of the instance folder.

`encryption.key` holds one key, a line of text; while a rotation is under way it holds the
new one and, below it, the former. `session.key` always holds one.
"""

import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from breachdesk import setting_kinds as kinds
from breachdesk.config import PREFIX, Settings, SettingsError

GENERATED_KEY_BYTES = 32
ENCRYPTION_KEY_FILE = "encryption.key"
SESSION_KEY_FILE = "session.key"


@dataclass(frozen=True)
class Keys:
    """The installation's secrets, as bytes; `former` encryption keys open, and no more."""

    session: bytes = field(repr=False)
    encryption: bytes = field(repr=False)
    former: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def opening(self) -> tuple[bytes, ...]:
        """Every encryption key, the newest first."""
        return (self.encryption, *self.former)


def instance_keys(settings: Settings, *, may_make: Callable[[], bool] = lambda: True) -> Keys:
    """The installation's keys: those given, else those of the instance folder.

    The first start makes the files that are not there yet, readable by their owner only.
    Several processes may start at once: all end up with the same keys.

    Args:
        may_make: asked when there is no encryption key: whether nothing is sealed yet.

    Raises:
        SettingsError: a file cannot be made or read, or holds no key; or the encryption key
            is gone, and with it what the database holds.
    """
    newest, *former = _encryption_keys(settings, may_make)
    return Keys(_session_key(settings), newest, tuple(former))


def _encryption_keys(settings: Settings, may_make: Callable[[], bool]) -> list[bytes]:
    if settings.encryption_key is not None:
        return [settings.encryption_key.encode(), *_given_former(settings)]
    path = settings.instance / ENCRYPTION_KEY_FILE
    if not path.exists() and not may_make():
        raise SettingsError(
            [
                f"The key {path} is gone, and the database holds what only it opens. "
                "No new one was made: restore it from a backup."
            ]
        )
    return _kept(path)


def _given_former(settings: Settings) -> list[bytes]:
    return [key.encode() for key in settings.old_encryption_keys]


def _session_key(settings: Settings) -> bytes:
    if settings.secret_key is not None:
        return settings.secret_key.encode()
    return _kept(settings.instance / SESSION_KEY_FILE)[0]


def _kept(path: Path) -> list[bytes]:
    """The keys of a file, made now if there is none."""
    try:
        if not path.exists():
            _make_first(path, secrets.token_urlsafe(GENERATED_KEY_BYTES))
        return _read(path)
    except OSError as error:
        raise SettingsError([f"The key {path} cannot be used: {error.strerror}."]) from error
    except ValueError as error:
        raise SettingsError([f"The key {path} is damaged: restore it from a backup."]) from error


def _read(path: Path) -> list[bytes]:
    """The keys of a file. Raises ValueError if a line is none, or there is no line."""
    lines = path.read_text(encoding="ascii").split()
    if not lines:
        raise ValueError("is empty")
    return [kinds.key(line).encode() for line in lines]


# --- Writing --------------------------------------------------------------------------------


def keep_first(path: Path, text: str) -> bool:
    """Give a secret text its file unless there is one; whether it was ours.

    Several processes may: one is first, and its text is the installation's.
    """
    with _draft_of(path, [text.removesuffix("\n")]) as draft:
        try:
            os.link(draft, path)
        except FileExistsError:
            return False
    _sync(path.parent)
    return True


@contextmanager
def _draft_of(path: Path, keys: Sequence[str]) -> Iterator[str]:
    """A file with these keys, on the disk, under another name; gone afterwards."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # mkstemp makes the file with mode 600.
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.writelines(f"{key}\n" for key in keys)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        Path(draft).unlink(missing_ok=True)


def _make_first(path: Path, *keys: str) -> bool:
    """Give the keys their file unless there is one; whether it was ours."""
    return keep_first(path, "\n".join(keys))


def _replace(path: Path, *keys: str) -> None:
    with _draft_of(path, keys) as draft:
        os.replace(draft, path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# --- A process that runs while keys change --------------------------------------------------


class KeyWatch:
    """Tells a running process of new keys: one look at the file's date each time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = self._signature()

    def __call__(self) -> Sequence[bytes] | None:
        """The keys if the file has changed since the last call, else None."""
        signature = self._signature()
        if signature is None or signature == self._seen:
            return None
        try:
            keys = _read(self._path)
        except (OSError, ValueError):
            # Whoever writes it renames it whole: this is somebody's hand. We keep what we have.
            return None
        self._seen = signature
        return keys

    def _signature(self) -> tuple[int, int, int] | None:
        try:
            status = os.stat(self._path)
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino, status.st_size


def key_watch(settings: Settings) -> KeyWatch | None:
    """What watches the encryption key's file; None where settings give the key."""
    if settings.encryption_key is not None:
        return None
    return KeyWatch(settings.instance / ENCRYPTION_KEY_FILE)


# --- Rotation -------------------------------------------------------------------------------


def add_encryption_key(settings: Settings, new: bytes) -> None:
    """Put a new key above the one in the file: from now on it seals, and both open."""
    path = settings.instance / ENCRYPTION_KEY_FILE
    _replace(path, new.decode(), *(key.decode() for key in _read(path)))


def drop_former_keys(settings: Settings) -> None:
    """Leave the newest key alone in the file."""
    path = settings.instance / ENCRYPTION_KEY_FILE
    _replace(path, _read(path)[0].decode())


def replace_session_key(settings: Settings) -> None:
    """Put a new key in the place of the session's; processes read it when they start."""
    _replace(settings.instance / SESSION_KEY_FILE, secrets.token_urlsafe(GENERATED_KEY_BYTES))


# --- Restoring ------------------------------------------------------------------------------


class FirstFiles:
    """Secret texts that were given their files here, where there were none."""

    def __init__(self) -> None:
        self.paths: list[Path] = []

    def keep(self, path: Path, text: str) -> None:
        """Give a text its file unless there is one."""
        if keep_first(path, text):
            self.paths.append(path)

    @property
    def said(self) -> list[str]:
        """What was done, in sentences."""
        return [f"{path} was written." for path in self.paths]


@contextmanager
def kept_if_all_goes_well() -> Iterator[FirstFiles]:
    """Files that are taken back if what follows fails."""
    written = FirstFiles()
    try:
        yield written
    except BaseException:
        for path in written.paths:
            path.unlink(missing_ok=True)
        raise


@contextmanager
def restored_keys(settings: Settings, keys: Keys) -> Iterator[list[str]]:
    """Give this installation the keys of a backup; taken back if what follows fails.

    Yields:
        What was done, in sentences.

    Raises:
        SettingsError: the installation has another encryption key already.
    """
    wanted: Mapping[str, tuple[str | None, tuple[bytes, ...]]] = {
        ENCRYPTION_KEY_FILE: (settings.encryption_key, keys.opening),
        SESSION_KEY_FILE: (settings.secret_key, (keys.session,)),
    }
    _demand_room(settings, keys)
    with kept_if_all_goes_well() as written:
        for name, (given, texts) in wanted.items():
            if given is None:
                written.keep(settings.instance / name, "\n".join(map(bytes.decode, texts)))
        yield written.said


def _demand_room(settings: Settings, keys: Keys) -> None:
    """Refuse where another encryption key lies: it may open something."""
    path = settings.instance / ENCRYPTION_KEY_FILE
    if settings.encryption_key is not None:
        here = (settings.encryption_key.encode(), *_given_former(settings))
        if not set(keys.opening) <= set(here):
            raise SettingsError(
                [f"{PREFIX}ENCRYPTION_KEY is not the key of this backup: unset it, or set that."]
            )
    elif path.exists() and tuple(_kept(path)) != keys.opening:
        raise SettingsError(
            [
                f"{path} is not the key of this backup. If nothing here was sealed with it, "
                "move it away, then restore again."
            ]
        )
