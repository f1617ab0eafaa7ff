"""Signing and checking, in the one form of a signature that we take.

An ECDSA signature (r, s) has a twin (r, n - s) that anybody can work out and that checks as
well: of the two, the one with the smaller s is ours. With RSA (PKCS #1 v1.5) there is one.
"""

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import load_der_x509_certificate

from breachdesk.sealing.der import INTEGER, SEQUENCE, NotDer, Reader, der, integer, number_of

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def sign(key: PrivateKey, content: bytes) -> bytes:
    """The signature of a content's SHA-256 hash."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(content, padding.PKCS1v15(), hashes.SHA256())
    return smaller_twin(key.public_key(), key.sign(content, ec.ECDSA(hashes.SHA256())))


def smaller_twin(key: PublicKey, signature: bytes) -> bytes:
    """The signature in our form. Raises NotDer: it is none of this key's kind."""
    if isinstance(key, rsa.RSAPublicKey):
        return signature
    r, s = _numbers(signature)
    return der(SEQUENCE, integer(r), integer(min(s, key.curve.group_order - s)))


def _numbers(signature: bytes) -> tuple[int, int]:
    reader = Reader(signature)
    pair = reader.enter(SEQUENCE)
    reader.end()
    r, s = number_of(pair.take(INTEGER)), number_of(pair.take(INTEGER))
    pair.end()
    return r, s


def is_signed(
    key: PublicKey, signature: bytes, content: bytes, digest: hashes.HashAlgorithm
) -> bool:
    """Whether this is the key's signature of the content, in our form."""
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, content, padding.PKCS1v15(), digest)
        elif smaller_twin(key, signature) != signature:
            return False
        else:
            key.verify(signature, content, ec.ECDSA(digest))
    except (InvalidSignature, NotDer, ValueError):
        return False
    return True


def public_key_of(certificate: bytes) -> PublicKey | None:
    """The key that a certificate names; None where it is none of the kinds taken."""
    try:
        key = load_der_x509_certificate(certificate).public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) else None
