"""A time stamp says when, by an authority of any make, and holds nothing up."""

import logging
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from breachdesk.domain.dossier_check import Findings
from breachdesk.sealing.check_seal import check_seal
from breachdesk.sealing.time_stamps import TokenRefused, read_token, request_for, token_from
from breachdesk.services import provider_requests
from breachdesk.services.sealing import seal_pdf
from tests.documents.sample_case import MADE
from tests.sealing.authority import make_authority, served
from tests.sealing.sample_dossier import bare, sample_key

CONTENT = b"what is to be stamped"


@pytest.mark.parametrize(
    "make",
    [
        {"key": "rsa"},
        {"key": "ec"},
        {"key": "rsa", "digest": "sha512"},
        {"key": "ec", "digest": "sha384"},
        {"named_by": "sha1"},
        {"named_by": "sha512", "chain": "yes"},
    ],
    ids=lambda made: " ".join(made.values()),
)
def test_an_authority_of_any_make_gives_a_token_in_one_form(make, tmp_path):
    authority = make_authority(tmp_path / "tsa", **make)
    token = token_from(authority.answer(request_for(CONTENT, 5)), CONTENT, 5)
    stamp = read_token(token, CONTENT)

    assert abs(stamp.at - datetime.now(UTC)) < timedelta(hours=1)
    assert stamp.authority == "CN=Horodatage d’essai"
    with pytest.raises(TokenRefused):
        read_token(token, b"something else")


def test_what_is_no_stamp_of_this_request_is_refused(tmp_path):
    authority = make_authority(tmp_path / "tsa")
    reply = authority.answer(request_for(CONTENT, 5))

    for answer, content, nonce in (
        (reply, CONTENT, 6),
        (reply, b"other", 5),
        (reply[:-1], CONTENT, 5),
        (b"", CONTENT, 5),
        (b"<html>", CONTENT, 5),
        (b"\x30\x05\x30\x03\x02\x01\x02", CONTENT, 5),
    ):
        with pytest.raises(TokenRefused):
            token_from(answer, content, nonce)


@pytest.mark.parametrize(
    ("extension", "is_taken"),
    [
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.BasicConstraints(ca=False, path_length=None), False),
    ],
    ids=["time stamps", "a web server", "nothing said"],
)
def test_only_a_certificate_for_time_stamps_makes_an_authority(extension, is_taken):
    answer = stamper(extension).request_tsa_response(tsp_request()).dump()

    if is_taken:
        assert read_token(token_from(answer, CONTENT, 5), CONTENT).at.year >= 2026
    else:
        with pytest.raises(TokenRefused, match="authority"):
            token_from(answer, CONTENT, 5)


def tsp_request():
    from asn1crypto import tsp

    return tsp.TimeStampReq.load(request_for(CONTENT, 5))


def stamper(extension):
    """Another make: the authority that pyHanko brings for tests."""
    from asn1crypto import keys
    from asn1crypto import x509 as asn1_x509
    from pyhanko.sign.timestamps import DummyTimeStamper

    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Horodatage")])
    since = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=20_000))
        .add_extension(extension, critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return DummyTimeStamper(
        asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER)),
        keys.PrivateKeyInfo.load(private),
    )


def test_a_dossier_is_sealed_with_a_time_stamp_over_http(tmp_path):
    authority = make_authority(tmp_path / "tsa")
    with served(authority.answer) as url:
        made = seal_pdf(bare(()), sample_key(), at=MADE, timestamp_url=url)
    found = check_seal(made.content, Findings())

    assert made.is_timestamped
    assert found is not None
    assert found.time is not None
    # Of the dossier, only a hash leaves the desk.
    assert [len(asked) < 100 for asked in authority.asked] == [True]


@pytest.mark.parametrize("said", [500, 404, 302, b"", b"<html>maintenance</html>"])
def test_an_authority_that_gives_none_holds_nothing_up(said, caplog):
    with served(lambda _request: said) as url, caplog.at_level(logging.WARNING):
        made = seal_pdf(bare(()), sample_key(), at=MADE, timestamp_url=url)
    found = check_seal(made.content, Findings())

    assert not made.is_timestamped
    assert found is not None
    assert found.time is None
    assert "without a time stamp" in caplog.text


def test_an_authority_out_of_reach_holds_nothing_up():
    with served(lambda _request: 500) as url:
        pass
    made = seal_pdf(bare(()), sample_key(), at=MADE, timestamp_url=url)

    assert not made.is_timestamped


def test_an_authority_that_never_answers_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(provider_requests, "LONGEST", timedelta(seconds=0.3))

    def slow(_request):
        time.sleep(1)
        return 500

    with served(slow) as url:
        made = seal_pdf(bare(()), sample_key(), at=MADE, timestamp_url=url)

    assert not made.is_timestamped
