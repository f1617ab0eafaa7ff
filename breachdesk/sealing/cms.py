"""The seal itself: a CMS signature that can be written in one way only.

RFC 5652 leaves many ways to say the same, and most of what lies around the signature is not
signed. Ours has three parts that cannot be worked out: the certificate, the signature, and
the time stamp's token if there is one. All else follows from them and from the hash of what
is sealed, so a check rebuilds the whole and compares it byte for byte.

Source: ETSI EN 319 142-1 (PAdES B-B, B-T), EN 319 122-1, RFC 5035.
"""

import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import rsa

from breachdesk.sealing import names
from breachdesk.sealing.der import (
    FIRST,
    INTEGER,
    OBJECT_ID,
    OCTETS,
    SECOND,
    SEQUENCE,
    SET,
    NotDer,
    Reader,
    der,
    integer,
    set_of,
)
from breachdesk.sealing.signatures import PublicKey

_VERSION_1 = integer(1)


@dataclass(frozen=True)
class SealParts:
    """What of a seal cannot be worked out. `certificate` and `token` are DER."""

    certificate: bytes
    signature: bytes
    token: bytes | None = None


def signed_attributes(digest: bytes, certificate: bytes) -> bytes:
    """What the signature is over: the hash of what is sealed, and the certificate's (a SET)."""
    certificate_hash = der(OCTETS, hashlib.sha256(certificate).digest())
    return set_of(
        _attribute(names.CONTENT_TYPE, names.DATA),
        _attribute(names.MESSAGE_DIGEST, der(OCTETS, digest)),
        _attribute(
            names.SIGNING_CERTIFICATE_V2,
            der(SEQUENCE, der(SEQUENCE, der(SEQUENCE, certificate_hash))),
        ),
    )


def _attribute(name: bytes, value: bytes) -> bytes:
    return der(SEQUENCE, name, der(SET, value))


def write_seal(parts: SealParts, digest: bytes, key: PublicKey) -> bytes:
    """The seal on what has this SHA-256 hash; `key` is the certificate's."""
    attributes = Reader(signed_attributes(digest, parts.certificate)).take(SET)
    is_rsa = isinstance(key, rsa.RSAPublicKey)
    after = b""
    if parts.token is not None:
        after = der(SECOND, _attribute(names.TIME_STAMP_TOKEN, parts.token))
    signer = der(
        SEQUENCE,
        _VERSION_1,
        issuer_and_serial(parts.certificate),
        names.SHA256,
        der(FIRST, attributes),
        names.RSA_SHA256 if is_rsa else names.ECDSA_SHA256,
        der(OCTETS, parts.signature),
        after,
    )
    return signed_data(_VERSION_1, names.SHA256, (names.DATA,), parts.certificate, signer)


def signed_data(
    version: bytes, digest: bytes, content: tuple[bytes, ...], certificate: bytes, signer: bytes
) -> bytes:
    """A ContentInfo with one certificate and one signer."""
    inner = der(
        SEQUENCE,
        version,
        der(SET, digest),
        der(SEQUENCE, *content),
        der(FIRST, certificate),
        der(SET, signer),
    )
    return der(SEQUENCE, names.SIGNED_DATA, der(FIRST, inner))


def read_seal(content: bytes) -> SealParts:
    """The parts of a seal. What lies around them is not looked at: rebuild it, and compare.

    Raises:
        NotDer: no seal.
    """
    outer = Reader(content)
    data = enter_signed_data(outer)
    outer.end()
    for tag in (INTEGER, SET, SEQUENCE):
        data.take(tag)
    certificate = data.enter(FIRST).take_whole(SEQUENCE)
    signer = data.enter(SET).enter(SEQUENCE)
    for tag in (INTEGER, SEQUENCE, SEQUENCE, FIRST, SEQUENCE):
        signer.take(tag)
    signature = signer.take(OCTETS)
    if signer.is_at_end:
        return SealParts(certificate, signature)
    attribute = signer.enter(SECOND).enter(SEQUENCE)
    attribute.take(OBJECT_ID)
    return SealParts(certificate, signature, attribute.enter(SET).take_whole(SEQUENCE))


def enter_signed_data(outer: Reader) -> Reader:
    """The SignedData of the next value. Raises NotDer."""
    info = outer.enter(SEQUENCE)
    if info.take_whole(OBJECT_ID) != names.SIGNED_DATA:
        raise NotDer("no signed data")
    return info.enter(FIRST).enter(SEQUENCE)


def issuer_and_serial(certificate: bytes) -> bytes:
    """What names a certificate: who gave it, and its number there. Raises NotDer."""
    whole = Reader(certificate)
    inner = whole.enter(SEQUENCE).enter(SEQUENCE)
    if inner.next_tag == FIRST:
        inner.take(FIRST)
    serial = inner.take_whole(INTEGER)
    inner.take(SEQUENCE)
    return der(SEQUENCE, inner.take_whole(SEQUENCE), serial)
