"""The records that hold a key, and those that say what to do with forgeries."""

from base64 import b64encode
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.dkim_dmarc import (
    DmarcPolicy,
    dmarc_names,
    is_dmarc,
    is_selector,
    looks_like_dkim,
    read_dkim,
    read_dmarc,
    tags_of,
)


def rsa_key(bits: int, form: PublicFormat = PublicFormat.SubjectPublicKeyInfo) -> str:
    """A real public key, as a record holds it."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return b64encode(made.public_key().public_bytes(Encoding.DER, form)).decode()


ED25519 = b64encode(
    ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
).decode()
LONG_ENOUGH, SHORT = rsa_key(2048), rsa_key(1024)
# RFC 6376, A.2, as published then: 1024 bits.
OF_THE_STANDARD = (
    "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYt"
    "IxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhi"
    "tdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"
)


@pytest.mark.parametrize(
    ("record", "kind", "bits", "fault"),
    [
        pytest.param(f"v=DKIM1; k=rsa; p={LONG_ENOUGH}", "rsa", 2048, None, id="as it should be"),
        pytest.param(f"p={LONG_ENOUGH}", "rsa", 2048, None, id="nothing but the key"),
        pytest.param(f"k=rsa;p={LONG_ENOUGH};", "rsa", 2048, None, id="a last semicolon"),
        pytest.param(
            f"v=DKIM1; p={rsa_key(2048, PublicFormat.PKCS1)}", "rsa", 2048, None, id="bare PKCS 1"
        ),
        pytest.param(
            f"v=DKIM1; p={LONG_ENOUGH[:90]} {LONG_ENOUGH[90:]}", "rsa", 2048, None, id="folded"
        ),
        pytest.param(f"v=DKIM1; k=ed25519; p={ED25519}", "ed25519", 256, None, id="Ed25519"),
        pytest.param(OF_THE_STANDARD, "rsa", 1024, "dkim_short", id="RFC 6376"),
        pytest.param(f"v=DKIM1; p={SHORT}", "rsa", 1024, "dkim_short", id="1024 bits"),
        pytest.param("v=DKIM1; p=", "rsa", 0, "dkim_revoked", id="revoked"),
        pytest.param("v=DKIM1; k=rsa", "", 0, "dkim_syntax", id="no key at all"),
        pytest.param(f"p={SHORT}; v=DKIM1", "", 0, "dkim_syntax", id="the version not first"),
        pytest.param(f"v=DKIM2; p={SHORT}", "", 0, "dkim_syntax", id="another version"),
        pytest.param(f"v=DKIM1; p={SHORT}; p={SHORT}", "", 0, "dkim_syntax", id="two keys"),
        pytest.param(f"v=DKIM1 p={SHORT}", "", 0, "dkim_syntax", id="no semicolon"),
        pytest.param(f"v=DKIM1; k=dsa; p={SHORT}", "dsa", 0, "dkim_unknown_kind", id="DSA"),
        pytest.param(f"v=DKIM1; p={LONG_ENOUGH[:200]}", "rsa", 0, "dkim_not_a_key", id="cut off"),
        pytest.param(f"v=DKIM1; p={LONG_ENOUGH[:-1]}", "rsa", 0, "dkim_not_a_key", id="cut by one"),
        pytest.param("v=DKIM1; p=&&&&", "rsa", 0, "dkim_not_a_key", id="no base64"),
        pytest.param(f"v=DKIM1; p={ED25519}", "rsa", 0, "dkim_not_a_key", id="no RSA key"),
        pytest.param(
            f"v=DKIM1; k=ed25519; p={SHORT}", "ed25519", 0, "dkim_not_a_key", id="no Ed25519 key"
        ),
        pytest.param(
            f"v=DKIM1; h=sha1; p={LONG_ENOUGH}", "rsa", 2048, "dkim_only_sha1", id="SHA-1 alone"
        ),
        pytest.param(f"v=DKIM1; h=sha1:sha256; p={LONG_ENOUGH}", "rsa", 2048, None, id="both"),
        pytest.param(
            f"v=DKIM1; s=tlsrpt; p={LONG_ENOUGH}", "rsa", 2048, "dkim_not_for_mail", id="no mail"
        ),
        pytest.param(f"v=DKIM1; s=email; p={LONG_ENOUGH}", "rsa", 2048, None, id="for mail"),
        pytest.param(
            f"v=DKIM1; t=y:s; p={LONG_ENOUGH}", "rsa", 2048, "dkim_testing", id="on trial"
        ),
        pytest.param(f"v=DKIM1; t=s; p={LONG_ENOUGH}", "rsa", 2048, None, id="strict"),
    ],
)
def test_a_key_is_read_with_the_worst_that_is_wrong(record, kind, bits, fault):
    found = read_dkim(record)

    assert looks_like_dkim(record) or fault in ("dkim_syntax",)
    assert (found.kind, found.bits, found.fault) == (kind, bits, fault)


def test_a_key_below_1024_bits_is_no_key_any_more():
    # Made by hand: no library makes one so short today.
    modulus = (1 << 511) | 1
    number = b"\x02\x41\x00" + modulus.to_bytes(64, "big")
    inside = number + b"\x02\x03\x01\x00\x01"
    record = f"v=DKIM1; p={b64encode(b'0' + bytes([len(inside)]) + inside).decode()}"

    found = read_dkim(record)

    assert (found.bits, found.fault) == (512, "dkim_too_short")


@given(st.binary(max_size=80))
def test_no_bytes_break_the_reading_of_a_key(raw):
    found = read_dkim(f"v=DKIM1; p={b64encode(raw).decode()}")

    assert found.fault is not None or found.bits >= 2048


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_records(text):
    read_dkim(text)
    with suppress(ValueError):
        read_dmarc(text)
    is_dmarc(text)


@given(
    st.dictionaries(
        st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,8}", fullmatch=True),
        st.from_regex(r"[!-:<-~]{0,12}", fullmatch=True),
        max_size=6,
    )
)
def test_tags_are_read_as_they_were_written(tags):
    record = "; ".join(f"{name} = {value}" for name, value in tags.items())

    assert tags_of(record) == tags


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("default", True),
        ("s1", True),
        ("mail._2026", True),
        ("a.b", True),
        ("", False),
        ("a..b", False),
        (".a", False),
        ("-a", False),
        ("a b", False),
        ("clé", False),
        ("a" * 64, False),
        ("a." * 64 + "a", False),
    ],
)
def test_what_names_a_key(text, is_one):
    assert is_selector(text) is is_one


# --- DMARC -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "policy", "below", "percent"),
    [
        ("v=DMARC1; p=none", "none", "none", 100),
        ("v=DMARC1;p=reject;", "reject", "reject", 100),
        ("v=DMARC1; p=Quarantine; sp=none; pct=25", "quarantine", "none", 25),
        ("v = DMARC1 ; P = reject ; adkim=s; rua=mailto:a@b.example,mailto:c@d.example",
         "reject", "reject", 100),
    ],
)  # fmt: skip
def test_a_policy_is_read(record, policy, below, percent):
    assert is_dmarc(record)
    found = read_dmarc(record)

    assert (found.policy, found.below, found.percent) == (policy, below, percent)


@pytest.mark.parametrize(
    "record",
    [
        pytest.param("v=DMARC1", id="no policy"),
        pytest.param("v=DMARC1; p=block", id="no such policy"),
        pytest.param("v=DMARC1; p=none; sp=maybe", id="nor for those below"),
        pytest.param("v=DMARC1; p=none; pct=101", id="more than all"),
        pytest.param("v=DMARC1; p=none; pct=few", id="no number"),
        pytest.param("v=DMARC1; p=none; p=reject", id="twice"),
    ],
)
def test_a_policy_that_breaks_the_syntax_is_refused(record):
    assert is_dmarc(record)
    with pytest.raises(ValueError, match=r"."):
        read_dmarc(record)


@pytest.mark.parametrize("text", ["v=dmarc1; p=none", "p=none; v=DMARC1", "v=DMARC10; p=none", ""])
def test_what_is_no_policy_at_all(text):
    assert not is_dmarc(text)


@pytest.mark.parametrize(
    ("domain", "names"),
    [
        ("exemple.fr", ["_dmarc.exemple.fr"]),
        ("info.exemple.fr", ["_dmarc.info.exemple.fr", "_dmarc.exemple.fr"]),
        (
            "a.b.c.d.e.fr",
            ["_dmarc.a.b.c.d.e.fr", "_dmarc.b.c.d.e.fr", "_dmarc.c.d.e.fr", "_dmarc.d.e.fr"],
        ),
    ],
)
def test_a_policy_is_looked_for_upwards_and_never_at_a_top_level(domain, names):
    assert dmarc_names(domain) == names
    assert DmarcPolicy.NONE == "none"
