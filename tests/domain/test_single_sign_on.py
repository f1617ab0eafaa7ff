"""What is taken of an identity provider: its description, and what it says of a person."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.single_sign_on import (
    CLOCK_SKEW,
    Expected,
    ProviderFault,
    SignOnRefused,
    checked_issuer,
    is_safe_url,
    read_claims,
    read_discovery,
    read_email,
    read_keys,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ISSUER = "https://id.maison.example/realms/gir"
EXPECTED = Expected(ISSUER, "desk", "n0nce", NOW)
SOUND = {
    "iss": ISSUER,
    "sub": "7f3a",
    "aud": "desk",
    "exp": NOW.timestamp() + 300,
    "iat": NOW.timestamp(),
    "nonce": "n0nce",
    "email": "Anne@Gir.example",
    "email_verified": True,
}


def refused(expected=EXPECTED, **changed):
    claims = {name: value for name, value in (SOUND | changed).items() if value is not None}
    with pytest.raises(SignOnRefused) as caught:
        read_claims(claims, expected)
    return caught.value.parameters.get("why", caught.value.code)


# --- The ID token ----------------------------------------------------------------------------


def test_a_sound_token_says_who_it_is():
    vouched = read_claims(SOUND, EXPECTED)

    assert (vouched.subject, vouched.email) == ("7f3a", "anne@gir.example")
    assert vouched.proven_at is None
    assert not vouched.has_second_factor


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        pytest.param({"iss": ISSUER + "/"}, "iss", id="another issuer, were it by a slash"),
        pytest.param({"iss": None}, "iss", id="no issuer"),
        pytest.param({"aud": "another"}, "aud", id="for another application"),
        pytest.param({"aud": []}, "aud", id="for nobody"),
        pytest.param({"aud": None}, "aud", id="no audience"),
        pytest.param({"aud": {"desk": 1}}, "aud", id="an audience of no known form"),
        pytest.param({"aud": ["desk", "another"]}, "azp", id="for two, without saying whose"),
        pytest.param({"aud": ["desk", "other"], "azp": "other"}, "azp", id="for two, another's"),
        pytest.param({"azp": "another"}, "azp", id="made for another"),
        pytest.param({"nonce": "other"}, "nonce", id="of another sign-in"),
        pytest.param({"nonce": None}, "nonce", id="of no sign-in"),
        pytest.param({"nonce": ["n0nce"]}, "nonce", id="a nonce of no known form"),
        pytest.param({"exp": None}, "exp", id="never expiring"),
        pytest.param({"exp": "soon"}, "exp", id="expiring in words"),
        pytest.param({"exp": True}, "exp", id="expiring truly"),
        pytest.param({"exp": float("nan")}, "exp", id="expiring at no number"),
        pytest.param({"exp": 1e300}, "exp", id="expiring beyond time"),
        pytest.param({"iat": None}, "exp", id="made at no time"),
        pytest.param({"sub": None}, "sub", id="about nobody"),
        pytest.param({"sub": ""}, "sub", id="about an empty name"),
        pytest.param({"sub": 7}, "sub", id="about a number"),
        pytest.param({"sub": "x" * 256}, "sub", id="a name that no column holds"),
    ],
)
def test_a_token_that_is_not_for_us_is_refused(changed, why):
    assert refused(**changed) == why


def test_several_audiences_are_taken_when_it_was_made_for_us():
    assert read_claims(SOUND | {"aud": ["desk", "other"], "azp": "desk"}, EXPECTED).subject


@pytest.mark.parametrize(
    ("name", "seconds", "is_taken"),
    [
        pytest.param("exp", -CLOCK_SKEW.total_seconds() + 1, True, id="expired within the skew"),
        pytest.param("exp", -CLOCK_SKEW.total_seconds(), False, id="expired"),
        pytest.param("iat", CLOCK_SKEW.total_seconds(), True, id="made ahead within the skew"),
        pytest.param("iat", CLOCK_SKEW.total_seconds() + 1, False, id="made in the future"),
        pytest.param("nbf", CLOCK_SKEW.total_seconds() + 1, False, id="not valid yet"),
    ],
)
def test_clocks_may_differ_by_two_minutes(name, seconds, is_taken):
    claims = SOUND | {name: NOW.timestamp() + seconds}

    if is_taken:
        assert read_claims(claims, EXPECTED)
    else:
        assert refused(**claims) == "sign_on_clocks_differ"


@pytest.mark.parametrize(
    ("said", "email"),
    [
        pytest.param({"email_verified": True}, "anne@gir.example", id="verified"),
        pytest.param({"email_verified": "true"}, "anne@gir.example", id="in words, as AWS does"),
        pytest.param({"email_verified": False}, "", id="not verified"),
        pytest.param({"email_verified": "false"}, "", id="not verified, in words"),
        pytest.param({}, "", id="not said"),
        pytest.param({"xms_edov": True}, "anne@gir.example", id="as Microsoft says it"),
        pytest.param({"xms_edov": "1"}, "anne@gir.example", id="as Microsoft says it, in text"),
        pytest.param({"xms_edov": 1}, "anne@gir.example", id="as Microsoft says it, as number"),
        pytest.param({"xms_edov": False}, "", id="Microsoft says no"),
        pytest.param({"email_verified": False, "xms_edov": True}, "", id="the standard one wins"),
        pytest.param({"email_verified": ["true"]}, "", id="of no known form"),
        pytest.param({"email_verified": 1.0}, "", id="nearly"),
    ],
)
def test_only_a_confirmed_address_counts(said, email):
    assert read_email({"email": " Anne@gir.example", **said}) == (email, True)


@pytest.mark.parametrize("email", [None, "", "  ", 7, ["anne@gir.example"]])
def test_no_address_is_none(email):
    assert read_email({"email": email, "email_verified": True}) == ("", False)


@pytest.mark.parametrize(
    ("amr", "counts"),
    [
        (["pwd", "mfa"], True),
        (["pwd", "otp"], True),
        (["hwk"], True),
        (["pwd", "sms"], True),
        (["pwd"], False),
        (["pin"], False),
        (["rba", "geo"], False),
        ([], False),
        (None, False),
        ("mfa", False),
        ([["mfa"]], False),
    ],
)
def test_a_second_factor_is_one_that_the_provider_names(amr, counts):
    assert read_claims(SOUND | {"amr": amr}, EXPECTED).has_second_factor is counts


def test_what_a_provider_means_by_its_acr_counts_for_nothing():
    assert not read_claims(SOUND | {"acr": "gold-mfa"}, EXPECTED).has_second_factor


def test_to_prove_again_the_person_must_have_been_asked_since():
    again = Expected(ISSUER, "desk", "n0nce", NOW, again_since=NOW - timedelta(minutes=1))
    before = NOW - timedelta(minutes=1) - CLOCK_SKEW

    assert read_claims(SOUND | {"auth_time": before.timestamp()}, again).proven_at == before
    assert refused(again, auth_time=before.timestamp() - 1) == "sign_on_not_again"
    assert refused(again) == "sign_on_time_unknown"


def test_a_proof_is_never_of_the_future():
    ahead = SOUND | {"auth_time": NOW.timestamp() + 60}

    assert read_claims(ahead, EXPECTED).proven_at == NOW


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from([*SOUND, "azp", "nbf", "amr", "auth_time"]), _ANYTHING))
def test_whatever_a_provider_says_it_is_taken_or_refused_by_name(claims):
    try:
        vouched = read_claims(SOUND | claims, EXPECTED)
    except SignOnRefused:
        return
    assert (SOUND | claims)["nonce"] == "n0nce"
    assert vouched.subject == (SOUND | claims)["sub"]


# --- Addresses -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        pytest.param(f" {ISSUER} ", ISSUER, id="spaces around"),
        pytest.param(f"{ISSUER}/", f"{ISSUER}/", id="a last slash is the provider's own"),
        pytest.param(f"{ISSUER}/.well-known/openid-configuration", ISSUER, id="its document"),
        pytest.param("https://id.example:8443", "https://id.example:8443", id="a port"),
    ],
)
def test_an_issuer_is_kept_as_the_provider_writes_it(typed, kept):
    assert checked_issuer(typed, private_too=False) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "id.example",
        "http://id.example",
        "ftp://id.example",
        "javascript:alert(1)",
        "https://",
        "https:///path",
        "https://user:secret@id.example",
        "https://id.example@evil.example",
        "https://id.example/#part",
        "https://id.example/?a=b",
        "https://id.example:0",
        "https://id.example:99999",
        "https://id.exa mple",
        "https://id.example\\@evil.example",
        "https://íd.example",
        "https://[::1",
        "https://id.example/\nX: y",
        "http://127.0.0.1:8080",
    ],
)
def test_an_issuer_that_is_no_https_address_is_refused(typed):
    with pytest.raises(ProviderFault) as caught:
        checked_issuer(typed, private_too=False)
    assert (caught.value.code, caught.value.field) == ("issuer_form", "issuer")


def test_only_this_machine_is_called_without_encryption_and_only_if_the_operator_allows():
    assert is_safe_url("http://127.0.0.1:8080/x", private_too=True)
    assert is_safe_url("http://localhost/x", private_too=True)
    assert not is_safe_url("http://127.0.0.1:8080/x", private_too=False)
    assert not is_safe_url("http://10.0.0.1/x", private_too=True)
    assert not is_safe_url("http://127.0.0.1.evil.example/x", private_too=True)


# --- What a provider publishes ---------------------------------------------------------------

DOCUMENT = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": "https://keys.example/jwks",
}


def test_a_description_is_read():
    found = read_discovery(DOCUMENT, ISSUER, private_too=False)

    assert found.token_endpoint == f"{ISSUER}/token"
    assert found.jwks_uri == "https://keys.example/jwks"
    assert (found.userinfo_endpoint, found.takes_secret_in_form) == ("", False)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        pytest.param({"issuer": "https://other.example"}, "provider_issuer_differs", id="other"),
        pytest.param({"issuer": None}, "provider_issuer_differs", id="nameless"),
        pytest.param({"token_endpoint": None}, "provider_lacks", id="no token endpoint"),
        pytest.param({"jwks_uri": 7}, "provider_lacks", id="keys at a number"),
        pytest.param(
            {"authorization_endpoint": "javascript:alert(1)"},
            "provider_endpoint_unsafe",
            id="script",
        ),
        pytest.param({"jwks_uri": "http://id.example/k"}, "provider_endpoint_unsafe", id="http"),
        pytest.param(
            {"userinfo_endpoint": "https://a@b.example/"}, "provider_endpoint_unsafe", id="userinfo"
        ),
        pytest.param(
            {"response_types_supported": ["id_token"]}, "provider_without_code", id="flow"
        ),
        pytest.param(
            {"code_challenge_methods_supported": ["plain"]}, "provider_without_pkce", id="PKCE"
        ),
        pytest.param(
            {"id_token_signing_alg_values_supported": ["HS256", "none"]},
            "provider_signatures",
            id="signatures",
        ),
    ],
)
def test_a_description_that_cannot_serve_is_refused_by_name(changed, code):
    document = {name: value for name, value in (DOCUMENT | changed).items() if value is not None}

    with pytest.raises(ProviderFault) as caught:
        read_discovery(document, ISSUER, private_too=False)

    assert caught.value.code == code


@pytest.mark.parametrize("document", [None, [], "x", 3, [DOCUMENT]])
def test_what_is_no_description_is_refused(document):
    with pytest.raises(ProviderFault, match="provider_not_json"):
        read_discovery(document, ISSUER, private_too=False)


def test_what_another_wrote_is_shown_short_and_without_control_characters():
    with pytest.raises(ProviderFault) as caught:
        read_discovery(DOCUMENT | {"issuer": "x\u202e" * 500}, ISSUER, private_too=False)

    assert caught.value.parameters["shown"] == "x" * 120


def test_keys_that_cannot_have_signed_are_left_out():
    good = {"kty": "RSA", "kid": "1"}
    others = [{"kty": "oct"}, {"kty": "RSA", "use": "enc"}, "key", None]

    assert read_keys({"keys": [*others, good]}) == [good]
    for document in ({"keys": others}, {"keys": {}}, {}, [], None):
        with pytest.raises(ProviderFault, match="provider_without_keys"):
            read_keys(document)
