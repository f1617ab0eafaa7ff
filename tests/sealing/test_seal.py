"""The seal: PAdES as others read it, by any key that an organisation may have."""

import asyncio
import subprocess
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from breachdesk.domain.dossier_check import Findings
from breachdesk.sealing.check_seal import check_seal
from breachdesk.sealing.cms import read_seal, write_seal
from breachdesk.sealing.keys import (
    SealFault,
    make_certificate,
    make_private_key,
    read_seal_key,
)
from breachdesk.sealing.pdf import find_seal
from breachdesk.sealing.sealer import seal
from breachdesk.sealing.signatures import is_signed, sign, smaller_twin
from tests.documents.sample_case import MADE
from tests.sealing.sample_dossier import (
    bare,
    sample_key,
    sample_pdf,
    small_files,
    small_pdf,
    small_stamped_pdf,
)

SINCE = datetime(2020, 1, 1, tzinfo=UTC)


def pem_of(key, passphrase: bytes | None = None) -> bytes:
    locked = (
        serialization.BestAvailableEncryption(passphrase)
        if passphrase
        else serialization.NoEncryption()
    )
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)


def given_certificate(key, *, usage: x509.KeyUsage | None = None) -> bytes:
    """A certificate as an authority of the organisation's could give it."""
    issuer_key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Autorité d’essai")])
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "La Girandole"),
            x509.NameAttribute(NameOID.COMMON_NAME, "Sceau de La Girandole"),
        ]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(2**63 + 7)
        .not_valid_before(SINCE)
        .not_valid_after(SINCE + timedelta(days=7300))
    )
    if usage is not None:
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: ec.generate_private_key(ec.SECP256R1()), id="P-256"),
        pytest.param(lambda: ec.generate_private_key(ec.SECP384R1()), id="P-384"),
        pytest.param(lambda: ec.generate_private_key(ec.SECP521R1()), id="P-521"),
        pytest.param(lambda: rsa.generate_private_key(65537, 2048), id="RSA 2048"),
        pytest.param(lambda: rsa.generate_private_key(65537, 4096), id="RSA 4096"),
    ],
)
def test_a_given_key_seals_and_its_certificate_is_found_again(make, tmp_path):
    key = make()
    given = read_seal_key(pem_of(key), given_certificate(key))
    made = seal(bare(()), given, at=MADE)
    found = check_seal(made.content, Findings())

    assert found is not None
    assert found.fingerprint == given.fingerprint == made.fingerprint
    assert found.name == "Sceau de La Girandole"
    assert "Signature is Valid" in pdfsig(made.content, tmp_path)


def pdfsig(pdf: bytes, folder) -> str:
    """What poppler's own check says (NSS)."""
    path = folder / "sealed.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["pdfsig", path], capture_output=True, text=True, check=False)
    return done.stdout


def test_other_programs_find_the_seal_whole(tmp_path):
    said = pdfsig(sample_pdf(), tmp_path)

    assert "Signature Type: ETSI.CAdES.detached" in said
    assert "Total document signed" in said
    assert "Signature is Valid" in said


@pytest.mark.parametrize("pdf", [small_pdf, small_stamped_pdf], ids=["B-B", "B-T"])
def test_the_library_that_knows_the_norm_finds_it_valid(pdf):
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import async_validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    signature = PdfFileReader(BytesIO(pdf())).embedded_signatures[0]
    context = ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)
    status = asyncio.run(async_validate_pdf_signature(signature, context))

    assert status.intact
    assert status.valid
    assert status.coverage.name == "ENTIRE_FILE"
    assert status.docmdp_ok
    if pdf is small_stamped_pdf:
        assert status.timestamp_validity.intact
        assert status.timestamp_validity.valid


def test_it_stays_an_archive_that_everybody_can_read():
    with pikepdf.open(BytesIO(sample_pdf())) as pdf, pdf.open_metadata() as metadata:
        assert metadata["pdfaid:part"] == "3"
        assert metadata["pdfaid:conformance"] == "A"
        assert metadata["pdfuaid:part"] == "1"
        assert pdf.Root.MarkInfo.Marked
        assert len(pdf.Root.AF) == len(pdf.attachments) == 6
        # No program that keeps to the norm changes a certified file.
        assert pdf.Root.Perms.DocMDP.Reference[0].TransformParams.P == 1


def test_the_moment_it_says_is_the_one_it_was_given():
    with pikepdf.open(BytesIO(small_pdf())) as pdf:
        assert str(pdf.Root.AcroForm.Fields[0].V.M) == "D:20261124081500Z"
        assert "ModDate" not in pdf.docinfo or "2026112" in str(pdf.docinfo["/ModDate"])


def test_of_two_signatures_that_check_only_one_is_taken():
    key = sample_key().private_key
    signature = sign(key, b"content")
    public = key.public_key()
    twin = larger_twin(public, signature)

    public.verify(twin, b"content", ec.ECDSA(hashes.SHA256()))
    assert is_signed(public, signature, b"content", hashes.SHA256())
    assert not is_signed(public, twin, b"content", hashes.SHA256())


def larger_twin(public, signature: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.utils import (
        decode_dss_signature,
        encode_dss_signature,
    )

    r, s = decode_dss_signature(smaller_twin(public, signature))
    return encode_dss_signature(r, public.curve.group_order - s)


def test_a_seal_is_what_its_parts_make():
    place = find_seal(small_stamped_pdf())
    parts = read_seal(place.seal)
    import hashlib

    digest = hashlib.sha256(bytes(place.before) + bytes(place.after)).digest()

    assert write_seal(parts, digest, sample_key().private_key.public_key()) == place.seal


# --- Keys that cannot seal ------------------------------------------------------------------


def test_a_key_with_a_passphrase_opens_with_it_alone():
    key = ec.generate_private_key(ec.SECP256R1())
    pem, certificate = pem_of(key, b"motdepasse"), given_certificate(key)

    assert read_seal_key(pem, certificate, "motdepasse").name == "Sceau de La Girandole"
    for passphrase, setting, said in (
        (None, "SEAL_PASSPHRASE", "must be set"),
        ("autre", "SEAL_KEY", "this passphrase"),
    ):
        with pytest.raises(SealFault, match=said) as fault:
            read_seal_key(pem, certificate, passphrase)
        assert fault.value.setting == setting


def _usage(**given: bool) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
        "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: given.get(name, False) for name in names})


def test_what_cannot_seal_is_named_with_what_is_wrong():
    key, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    certificate = given_certificate(key)
    weak = rsa.generate_private_key(65537, 1024)
    strange = ed25519.Ed25519PrivateKey.generate()
    forbidden = given_certificate(key, usage=_usage(key_agreement=True))
    cases = [
        (pem_of(other), certificate, None, "SEAL_CERTIFICATE", "not the certificate of the key"),
        (b"x", certificate, None, "SEAL_KEY", "no private key"),
        (pem_of(key), b"x", None, "SEAL_CERTIFICATE", "no certificate"),
        (pem_of(weak), certificate, None, "SEAL_KEY", "2048 bits"),
        (pem_of(strange), certificate, None, "SEAL_KEY", "RSA key"),
        (pem_of(key), forbidden, None, "SEAL_CERTIFICATE", "key usage"),
        (pem_of(key), certificate, "x" * 12, "SEAL_PASSPHRASE", "must not be set"),
    ]

    for pem, given, passphrase, setting, said in cases:
        with pytest.raises(SealFault, match=said) as fault:
            read_seal_key(pem, given, passphrase)
        assert fault.value.setting == setting


def test_a_certificate_made_here_says_whose_it_is_and_outlives_its_dossiers():
    key = make_private_key()
    made = read_seal_key(key, make_certificate(key, name="d" * 200, now=MADE))

    assert made.name.startswith("breachdesk ddd")
    assert made.ends_at > MADE + timedelta(days=39 * 365)
    assert len(made.fingerprint) == 64
    assert made.shown_fingerprint.replace(" ", "") == made.fingerprint


def test_the_files_of_the_small_dossier_are_those_of_any():
    assert [each.name for each in small_files()] == [
        "case.json",
        "journal.json",
        "attachments/01-liste.csv",
        "manifest.json",
    ]
