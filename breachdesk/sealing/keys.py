"""The key that seals, and the certificate that names it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID, ObjectIdentifier

from breachdesk.sealing.signatures import PrivateKey

# Longer than any dossier is kept; nobody renews a key whose fingerprint is written down.
VALID_FOR = timedelta(days=365 * 40)
# A clock that was a little ahead when the key was made, or is behind where it is checked.
BACKDATED = timedelta(days=1)
RSA_BITS_MIN = 2048
CURVES = ("secp256r1", "secp384r1", "secp521r1")
# RFC 9336: for signing documents.
DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")
LONGEST_COMMON_NAME = 64
_NO_CERTIFICATE = "holds no certificate in PEM that can be read."


class SealFault(ValueError):
    """A key or certificate cannot seal: the rest of a sentence that begins with its name.

    `setting` names which of the settings is at fault, without their prefix.
    """

    def __init__(self, rest: str, setting: str = "SEAL_KEY") -> None:
        self.setting = setting
        super().__init__(rest)


@dataclass(frozen=True)
class SealKey:
    """What seals: the private key, and the certificate as DER."""

    private_key: PrivateKey = field(repr=False)
    certificate: bytes

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, in hexadecimal: what an outsider compares."""
        return fingerprint_of(self.certificate)

    @property
    def shown_fingerprint(self) -> str:
        """The fingerprint as people compare it: in groups of four."""
        return in_groups(self.fingerprint)

    @property
    def certificate_pem(self) -> str:
        """The certificate as PEM: no secret."""
        read = x509.load_der_x509_certificate(self.certificate)
        return read.public_bytes(serialization.Encoding.PEM).decode("ascii")

    @property
    def name(self) -> str:
        """Whose the certificate says it is."""
        return name_in(self.certificate)

    @property
    def ends_at(self) -> datetime:
        """The last moment at which the certificate is valid."""
        return x509.load_der_x509_certificate(self.certificate).not_valid_after_utc


def fingerprint_of(certificate: bytes) -> str:
    """SHA-256 of a certificate's DER, in hexadecimal."""
    return sha256(certificate).hexdigest()


def name_in(certificate: bytes) -> str:
    """Whose a certificate says it is: its common name, else its whole subject."""
    subject = x509.load_der_x509_certificate(certificate).subject
    common = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value) if common else subject.rfc4514_string()


def in_groups(fingerprint: str) -> str:
    """A hash as people compare it: in groups of four."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))


# --- Making ---------------------------------------------------------------------------------


def make_private_key() -> bytes:
    """A new key as PEM (EC P-256, PKCS #8, not encrypted)."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def make_certificate(key_pem: bytes, *, name: str, now: datetime) -> bytes:
    """A certificate of the key's own, as PEM. Raises SealFault: the key cannot be read.

    Args:
        name: of the installation, such as its host.
    """
    key = _private_key(key_pem, None)
    common = f"breachdesk {name}"[:LONGEST_COMMON_NAME]
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(own)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + VALID_FOR)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([DOCUMENT_SIGNING]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


def passing_seal() -> SealKey:
    """A seal that nobody keeps, for a desk that has no installation around it."""
    key = make_private_key()
    made = make_certificate(key, name="without installation", now=datetime(2026, 1, 1, tzinfo=UTC))
    return read_seal_key(key, made)


# --- Reading --------------------------------------------------------------------------------


def read_seal_key(key_pem: bytes, certificate_pem: bytes, passphrase: str | None = None) -> SealKey:
    """The key and certificate of two PEM files; of several certificates, the first.

    Raises:
        SealFault: they cannot be read, do not belong together, or may not seal.
    """
    key = _private_key(key_pem, passphrase)
    try:
        certificate = x509.load_pem_x509_certificates(certificate_pem)[0]
        public = certificate.public_key()
    except (ValueError, IndexError) as error:
        raise SealFault(_NO_CERTIFICATE, "SEAL_CERTIFICATE") from error
    if public != key.public_key():
        raise SealFault("is not the certificate of the key beside it.", "SEAL_CERTIFICATE")
    _demand_may_sign(certificate)
    return SealKey(key, certificate.public_bytes(serialization.Encoding.DER))


def _private_key(key_pem: bytes, passphrase: str | None) -> PrivateKey:
    secret = passphrase.encode() if passphrase else None
    try:
        key = serialization.load_pem_private_key(key_pem, secret)
    except TypeError as error:
        if passphrase:
            raise SealFault(
                "must not be set: the key is not encrypted.", "SEAL_PASSPHRASE"
            ) from error
        raise SealFault("must be set: the key is encrypted.", "SEAL_PASSPHRASE") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        if passphrase:
            raise SealFault("holds no private key that this passphrase opens.") from error
        raise SealFault("holds no private key in PEM that can be read.") from error
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= RSA_BITS_MIN:
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in CURVES:
        return key
    raise SealFault(
        f"must be an RSA key of {RSA_BITS_MIN} bits or more, or an EC key on P-256, P-384 or P-521."
    )


def _demand_may_sign(certificate: x509.Certificate) -> None:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    except ValueError as error:
        raise SealFault(_NO_CERTIFICATE, "SEAL_CERTIFICATE") from error
    if not (usage.digital_signature or usage.content_commitment):
        raise SealFault(
            "is not a certificate for signing: its key usage forbids it.", "SEAL_CERTIFICATE"
        )
