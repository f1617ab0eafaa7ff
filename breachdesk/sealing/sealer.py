"""Sealing a PDF: PAdES B-B, or B-T where somebody outside says when.

Source: ETSI EN 319 142-1 V1.2.1, 6.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from breachdesk.sealing.cms import SealParts, signed_attributes, write_seal
from breachdesk.sealing.keys import SealKey
from breachdesk.sealing.pdf import Unsealed
from breachdesk.sealing.signatures import sign

# What a seal takes beside its certificate: 530 bytes with RSA of 4096 bits, twice that to spare.
ROOM = 1_536
# A token with its authority’s certificate takes 2 to 4 kB.
ROOM_FOR_TOKEN = 6_144


@dataclass(frozen=True)
class SealedPdf:
    """A sealed file; `fingerprint` is that of the certificate (SHA-256, hexadecimal)."""

    content: bytes
    fingerprint: str
    is_timestamped: bool


def seal(
    pdf: bytes,
    key: SealKey,
    *,
    at: datetime,
    stamp: Callable[[bytes], bytes | None] | None = None,
) -> SealedPdf:
    """Seal a PDF as a whole: no byte can be changed without it being found.

    Args:
        at: the moment that the seal claims (timezone-aware); only a time stamp proves one.
        stamp: gets a time stamp on what it is handed: its token in our form
            (`time_stamps.token_from`), or None where none is to be had.
    """
    room = ROOM + len(key.certificate) + (ROOM_FOR_TOKEN if stamp else 0)
    unsealed = Unsealed(pdf, at=at, name=key.name, room=room)
    attributes = signed_attributes(unsealed.digest, key.certificate)
    parts = SealParts(key.certificate, sign(key.private_key, attributes))
    public = key.private_key.public_key()
    if stamp is not None:
        token = stamp(parts.signature)
        # One that does not fit is as good as none.
        if token is not None and len(token) <= ROOM_FOR_TOKEN - 256:
            parts = replace(parts, token=token)
    content = unsealed.sealed_with(write_seal(parts, unsealed.digest, public))
    return SealedPdf(content, key.fingerprint, parts.token is not None)
