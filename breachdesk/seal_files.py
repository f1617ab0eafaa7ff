"""The seal on dossiers: given by settings, or kept in two files of the instance folder.

`seal.key` holds the private key, `seal.pem` its certificate; the first start makes both. The
key comes first: whoever is interrupted, or comes second, gives the same key a certificate.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from breachdesk.config import PREFIX, Settings, SettingsError
from breachdesk.key_files import keep_first, kept_if_all_goes_well
from breachdesk.sealing.keys import (
    SealFault,
    SealKey,
    make_certificate,
    make_private_key,
    read_seal_key,
)

SEAL_KEY_FILE = "seal.key"
SEAL_CERTIFICATE_FILE = "seal.pem"


@dataclass(frozen=True)
class SealTexts:
    """The key and the certificate as PEM, as a backup holds them."""

    key: str = field(repr=False)
    certificate: str


def instance_seal(settings: Settings, *, clock: Callable[[], datetime]) -> SealKey:
    """The installation's seal: the one given, else that of the instance folder.

    The first start makes it. Several processes may start at once: all end up with the same.

    Raises:
        SettingsError: it cannot be made, read or used; with what to do.
    """
    if settings.seal_key is not None and settings.seal_certificate is not None:
        return _given(settings, settings.seal_key, settings.seal_certificate)
    key, certificate = _places(settings)
    if certificate.exists() and not key.exists():
        raise SettingsError(
            [
                f"The key {key} is gone, and its certificate is not. Restore it from a backup; "
                f"or move {certificate} away as well: a new seal is then made, which others "
                "must be told of."
            ]
        )
    try:
        _make_missing(settings, key, certificate, clock)
        return read_seal_key(key.read_bytes(), certificate.read_bytes())
    except OSError as error:
        raise SettingsError([f"The seal {key} cannot be used: {error.strerror}."]) from error
    except SealFault as fault:
        raise SettingsError(
            [f"The seal {key} with {certificate.name} {fault} Restore both from a backup."]
        ) from fault


def _places(settings: Settings) -> tuple[Path, Path]:
    return settings.instance / SEAL_KEY_FILE, settings.instance / SEAL_CERTIFICATE_FILE


def _make_missing(
    settings: Settings, key: Path, certificate: Path, clock: Callable[[], datetime]
) -> None:
    if not key.exists():
        keep_first(key, make_private_key().decode())
    if not certificate.exists():
        name = urlsplit(settings.public_url).hostname or "localhost"
        made = make_certificate(key.read_bytes(), name=name, now=clock())
        keep_first(certificate, made.decode())


def _given(settings: Settings, key: Path, certificate: Path) -> SealKey:
    texts = []
    for name, path in (("SEAL_KEY", key), ("SEAL_CERTIFICATE", certificate)):
        try:
            texts.append(path.read_bytes())
        except OSError as error:
            raise SettingsError(
                [f"{PREFIX}{name}: {path} cannot be read: {error.strerror}."]
            ) from error
    try:
        return read_seal_key(texts[0], texts[1], settings.seal_passphrase)
    except SealFault as fault:
        raise SettingsError([f"{PREFIX}{fault.setting} {fault}"]) from fault


# --- Backup and restoration -----------------------------------------------------------------


def kept_seal(settings: Settings) -> SealTexts | None:
    """The seal as a backup holds it; None where settings give it, or there is none yet."""
    key, certificate = _places(settings)
    if settings.seal_key is not None or not key.exists() or not certificate.exists():
        return None
    return SealTexts(key.read_text("ascii"), certificate.read_text("ascii"))


@contextmanager
def restored_seal(settings: Settings, texts: SealTexts | None) -> Iterator[list[str]]:
    """Give this installation the seal of a backup; taken back if what follows fails.

    Yields:
        What was done, in sentences.

    Raises:
        SettingsError: the installation has another seal already.
    """
    with kept_if_all_goes_well() as written:
        if texts is not None and settings.seal_key is None:
            for path, text in zip(_places(settings), (texts.key, texts.certificate), strict=True):
                if path.exists() and path.read_text("ascii") != text:
                    raise SettingsError(
                        [
                            f"{path} is not the seal of this backup. If no dossier was given out "
                            "under it, move it away, then restore again."
                        ]
                    )
                written.keep(path, text)
        yield written.said
