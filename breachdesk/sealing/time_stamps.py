"""A time stamp (RFC 3161): asking for one, bringing it into one form, checking it.

An authority may write its answer in many ways, and much in it is not signed. What is kept is
rebuilt from what it signed: the statement, the signed attributes, its certificate, which they
name by its hash, and the signature. Other certificates and whatever else came along are left
out: nothing would bind them.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import ExtendedKeyUsage, ExtensionNotFound, load_der_x509_certificate
from cryptography.x509.oid import ExtendedKeyUsageOID

from breachdesk.sealing import names
from breachdesk.sealing.cms import enter_signed_data, issuer_and_serial, signed_data
from breachdesk.sealing.der import (
    FIRST,
    GENERAL_TIME,
    INTEGER,
    NULL,
    OBJECT_ID,
    OCTETS,
    SECOND,
    SEQUENCE,
    SET,
    NotDer,
    Reader,
    der,
    instant_of,
    integer,
    number_of,
)
from breachdesk.sealing.signatures import (
    PublicKey,
    is_signed,
    public_key_of,
    smaller_twin,
)

REQUEST_TYPE = "application/timestamp-query"
_GRANTED = (0, 1)
_TRUE = der(0x01, b"\xff")
_DIGESTS: dict[bytes, tuple[str, hashes.HashAlgorithm]] = {
    names.SHA256: ("sha256", hashes.SHA256()),
    names.SHA384: ("sha384", hashes.SHA384()),
    names.SHA512: ("sha512", hashes.SHA512()),
}
_RSA = {
    names.SHA256: names.RSA_SHA256,
    names.SHA384: names.RSA_SHA384,
    names.SHA512: names.RSA_SHA512,
}
_ECDSA = {
    names.SHA256: names.ECDSA_SHA256,
    names.SHA384: names.ECDSA_SHA384,
    names.SHA512: names.ECDSA_SHA512,
}


class TokenRefused(ValueError):
    """An answer is no time stamp of what was asked, or none that can be kept in one form."""


@dataclass(frozen=True)
class TimeStamp:
    """What a token says. `certificate` is the authority's, as DER."""

    at: datetime
    certificate: bytes

    @property
    def authority(self) -> str:
        """The name in the authority's certificate."""
        return load_der_x509_certificate(self.certificate).subject.rfc4514_string()


@dataclass(frozen=True)
class _Parts:
    statement: bytes
    certificate: bytes
    attributes: bytes
    digest: bytes
    algorithm: bytes
    signature: bytes


# --- Asking ---------------------------------------------------------------------------------


def request_for(content: bytes, nonce: int) -> bytes:
    """The request for a time stamp on a content: it holds its hash alone."""
    imprint = der(SEQUENCE, names.SHA256, der(OCTETS, hashlib.sha256(content).digest()))
    return der(SEQUENCE, integer(1), imprint, integer(nonce), _TRUE)


def token_from(answer: bytes, content: bytes, nonce: int) -> bytes:
    """The token of an authority's answer, in our form, checked.

    Raises:
        TokenRefused: there is none, or it is not of this content and this request.
    """
    try:
        reply = Reader(answer).enter(SEQUENCE)
        if number_of(reply.enter(SEQUENCE).take(INTEGER)) not in _GRANTED:
            raise TokenRefused("the authority refused")
        token = reply.take_whole(SEQUENCE)
        parts = _normalised(token)
        ours = _write(parts)
        read_token(ours, content)
        if _statement_of(parts.statement, content)[1] != nonce:
            raise TokenRefused("an answer to another request")
    except NotDer as error:
        raise TokenRefused(f"not in canonical form: {error}") from error
    return ours


def _normalised(token: bytes) -> _Parts:
    """The parts of a token as an authority wrote it, each in our form."""
    data = enter_signed_data(Reader(token))
    for tag in (INTEGER, SET):
        data.take(tag)
    content = data.enter(SEQUENCE)
    content.take(OBJECT_ID)
    statement = content.enter(FIRST).take(OCTETS)
    certificates = list(data.enter(FIRST).wholes())
    if data.next_tag == SECOND:
        data.take(SECOND)
    signer = data.enter(SET).enter(SEQUENCE)
    signer.take(INTEGER)
    # The name of its certificate: by issuer and number, or by the key.
    signer.take_whole()
    digest = _without_parameters(signer.take_whole(SEQUENCE))
    attributes = signer.take(FIRST)
    signer.take(SEQUENCE)
    signature = signer.take(OCTETS)
    certificate = _named(certificates, attributes)
    key = _key_of(certificate)
    return _Parts(
        statement,
        certificate,
        attributes,
        digest,
        _algorithm(attributes, digest, key),
        smaller_twin(key, signature),
    )


def _without_parameters(algorithm: bytes) -> bytes:
    """An algorithm with NULL for its parameters, or none: without."""
    inner = Reader(algorithm).enter(SEQUENCE)
    name = inner.take_whole(OBJECT_ID)
    if not inner.is_at_end and inner.take(NULL):
        raise NotDer("parameters")
    return der(SEQUENCE, name)


def _named(certificates: list[bytes], attributes: bytes) -> bytes:
    for certificate in certificates:
        if _names(attributes, certificate):
            return certificate
    raise TokenRefused("no certificate that the authority's signature names")


def _key_of(certificate: bytes) -> PublicKey:
    key = public_key_of(certificate)
    if key is None:
        raise TokenRefused("the authority's key is of a kind that is not taken")
    return key


def _algorithm(attributes: bytes, digest: bytes, key: PublicKey) -> bytes:
    """How the signature's algorithm is named: as the authority signed it, else in one way."""
    protected = _values(attributes).get(names.ALGORITHM_PROTECTION)
    if protected is not None:
        inner = Reader(protected).enter(SEQUENCE)
        inner.take(SEQUENCE)
        return der(SEQUENCE, inner.take(SECOND))
    kind = _RSA if isinstance(key, rsa.RSAPublicKey) else _ECDSA
    if digest not in kind:
        raise TokenRefused("a hash that is not taken")
    return kind[digest]


def _write(parts: _Parts) -> bytes:
    signer = der(
        SEQUENCE,
        integer(1),
        issuer_and_serial(parts.certificate),
        parts.digest,
        der(FIRST, parts.attributes),
        parts.algorithm,
        der(OCTETS, parts.signature),
    )
    content = (names.TST_INFO, der(FIRST, der(OCTETS, parts.statement)))
    return signed_data(integer(3), parts.digest, content, parts.certificate, signer)


# --- Checking -------------------------------------------------------------------------------


def read_token(token: bytes, content: bytes) -> TimeStamp:
    """Check a token on a content, which must be in our form.

    Whether its authority is one to trust is not looked at.

    Raises:
        TokenRefused: it is not the authority's, not of this content, or written otherwise.
    """
    try:
        parts = _normalised(token)
        if _write(parts) != token:
            raise TokenRefused("not in canonical form")
        _demand_signed(parts)
        at, _ = _statement_of(parts.statement, content)
    except NotDer as error:
        raise TokenRefused(f"not in canonical form: {error}") from error
    _demand_authority(parts.certificate, at)
    return TimeStamp(at, parts.certificate)


def _demand_signed(parts: _Parts) -> None:
    key = _key_of(parts.certificate)
    name, digest = _DIGESTS.get(parts.digest, ("", None))
    kind = _RSA if isinstance(key, rsa.RSAPublicKey) else _ECDSA
    allowed = {kind.get(parts.digest), names.RSA if kind is _RSA else None}
    if digest is None or parts.algorithm not in allowed:
        raise TokenRefused("an algorithm that is not taken")
    values = _values(parts.attributes)
    hashed = der(OCTETS, hashlib.new(name, parts.statement).digest())
    if values.get(names.CONTENT_TYPE) != names.TST_INFO:
        raise TokenRefused("the authority signed something else")
    if values.get(names.MESSAGE_DIGEST) != hashed:
        raise TokenRefused("the authority signed another statement")
    if not is_signed(key, parts.signature, der(SET, parts.attributes), digest):
        raise TokenRefused("the authority's signature does not hold")


def _values(attributes: bytes) -> dict[bytes, bytes]:
    """The signed attributes by name; each must have one value and stand in DER's order."""
    wholes = list(Reader(attributes).wholes())
    if wholes != sorted(wholes):
        raise NotDer("attributes out of order")
    found: dict[bytes, bytes] = {}
    for whole in wholes:
        attribute = Reader(whole).enter(SEQUENCE)
        name, values = attribute.take_whole(OBJECT_ID), attribute.enter(SET)
        value = values.take_whole()
        values.end()
        attribute.end()
        if name in found:
            raise NotDer("an attribute stands twice")
        found[name] = value
    return found


def _names(attributes: bytes, certificate: bytes) -> bool:
    """Whether the signed attributes name the certificate by its hash (RFC 5816, RFC 2634)."""
    values = _values(attributes)
    for name, usual in ((names.SIGNING_CERTIFICATE_V2, "sha256"), (names.SIGNING_CERTIFICATE, "")):
        if name in values:
            first = Reader(values[name]).enter(SEQUENCE).enter(SEQUENCE).enter(SEQUENCE)
            hashed = usual or "sha1"
            if usual and first.next_tag == SEQUENCE:
                algorithm = _without_parameters(first.take_whole(SEQUENCE))
                hashed = _DIGESTS.get(algorithm, ("", None))[0]
            if not hashed:
                return False
            found = hashlib.new(hashed, certificate, usedforsecurity=False).digest()
            return first.take(OCTETS) == found
    return False


def _statement_of(statement: bytes, content: bytes) -> tuple[datetime, int | None]:
    """When the authority had the content's hash, and the number of the request (TSTInfo)."""
    whole = Reader(statement)
    inner = whole.enter(SEQUENCE)
    whole.end()
    version, _policy = inner.take_whole(INTEGER), inner.take(OBJECT_ID)
    imprint = inner.enter(SEQUENCE)
    algorithm = _without_parameters(imprint.take_whole(SEQUENCE))
    hashed = imprint.take(OCTETS)
    if version != integer(1) or algorithm != names.SHA256:
        raise TokenRefused("a statement of another kind")
    if hashed != hashlib.sha256(content).digest():
        raise TokenRefused("a time stamp of something else")
    inner.take(INTEGER)
    at = instant_of(inner.take(GENERAL_TIME))
    nonce = None
    while not inner.is_at_end:
        if inner.next_tag == INTEGER:
            nonce = number_of(inner.take(INTEGER))
        else:
            inner.take_whole()
    return at, nonce


def _demand_authority(certificate: bytes, at: datetime) -> None:
    """RFC 3161, 2.3: a certificate for time stamps alone, valid when it made one."""
    read = load_der_x509_certificate(certificate)
    try:
        usage = read.extensions.get_extension_for_class(ExtendedKeyUsage)
    except (ExtensionNotFound, ValueError):
        raise TokenRefused("its certificate is not one of a time-stamping authority") from None
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise TokenRefused("its certificate is not one of a time-stamping authority")
    if not read.not_valid_before_utc <= at <= read.not_valid_after_utc:
        raise TokenRefused("its certificate was not valid then")
