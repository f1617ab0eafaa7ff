"""Signing in through an organisation's own identity provider: what is taken, what refused.

Source: OpenID Connect Core 1.0, 3.1.3.7 (what to check of an ID token) and 15.1; OpenID
Connect Discovery 1.0, 4.3; RFC 9700 (OAuth 2.0 security best current practice); RFC 8176
(what an `amr` says).
"""

import hmac
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from breachdesk.domain.errors import DeskError, InvalidInput, NotAllowed, NotFound
from breachdesk.domain.outside_addresses import is_this_machine

# How far the provider's clock and ours may be apart.
CLOCK_SKEW = timedelta(minutes=2)
# Between leaving for the provider and coming back.
ROUND_TRIP_WITHIN = timedelta(minutes=15)
# How long what a provider published is taken as it was: a key it withdrew is refused after.
FOUND_LASTS = timedelta(hours=1)

# Signatures by a key pair alone. None without a signature; none by a shared secret, for which
# a provider's public key could be passed off (RFC 8725, 2.1 and 3.1).
SIGNATURES = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
SMALLEST_RSA_BITS = 2048
# RFC 8176, 2: what says that more was asked than something one knows. What a provider means
# by its own `acr` values it alone knows, so they count for nothing here.
SECOND_FACTOR_METHODS = frozenset(
    {"mfa", "otp", "hwk", "swk", "sc", "sms", "tel", "fpt", "face", "iris", "vbm", "retina"}
)

WELL_KNOWN = "/.well-known/openid-configuration"
LONGEST_ISSUER = 300
LONGEST_SUBJECT = 255
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class ProviderFault(InvalidInput):
    """An identity provider cannot be used as it is set, or does not answer as it must."""

    code = "provider_unreachable"


class SignOnRefused(DeskError):
    """A sign-in through an identity provider was refused."""

    code = "sign_on_not_trusted"


class AccountOfSeveral(NotAllowed):
    """A sign-in that speaks for one organisation would change an account that opens more."""

    code = "account_of_several"


class OrganisationClosed(NotFound):
    """Their own organisation, which the way they signed in does not open."""

    code = "organisation_closed"


class Purpose(StrEnum):
    """Why somebody is sent to their provider."""

    SIGN_IN = "sign_in"
    # To prove again who they are, in the session in hand.
    PROOF = "proof"


@dataclass(frozen=True)
class Discovered:
    """What a provider publishes about itself, as far as we use it."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    takes_secret_in_form: bool = False


@dataclass(frozen=True)
class Expected:
    """What an ID token must match: it is for us, for this sign-in, and for now.

    Args:
        again_since: the person must have proven who they are after this instant.
    """

    issuer: str
    client_id: str
    nonce: str
    now: datetime
    again_since: datetime | None = None


@dataclass(frozen=True)
class Vouched:
    """Whom a provider vouches for.

    Args:
        subject: the provider's own name for the person, which never changes.
        email: empty unless the provider says that the address is theirs.
        has_email: it gave an address, confirmed or not.
        proven_at: when they last proved who they are, where the provider tells.
    """

    subject: str
    email: str
    has_email: bool
    has_second_factor: bool
    proven_at: datetime | None


# --- The provider's addresses ----------------------------------------------------------------


def checked_issuer(text: str, *, private_too: bool) -> str:
    """The issuer as it is kept: as the provider writes it, without what leads to its document.

    Raises:
        ProviderFault: it is no https address that could be one.
    """
    issuer = text.strip()
    if issuer.endswith(WELL_KNOWN):
        issuer = issuer.removesuffix(WELL_KNOWN)
    if len(issuer) > LONGEST_ISSUER:
        raise ProviderFault("text_too_long", field="issuer", longest=LONGEST_ISSUER)
    if not is_safe_url(issuer, private_too=private_too) or urlsplit(issuer).query:
        raise ProviderFault("issuer_form", field="issuer")
    return issuer


def is_safe_url(url: str, *, private_too: bool) -> bool:
    """Whether an address is https to a host, with nothing hidden in it.

    This machine may be called without encryption where the operator opened its network.
    """
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url or "#" in url:
        return False
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or port == 0 or "@" in parts.netloc:
        return False
    is_plain = parts.scheme == "http" and private_too and is_this_machine(host)
    return parts.scheme == "https" or is_plain


def discovery_url(issuer: str) -> str:
    """Where a provider publishes its document."""
    return issuer.rstrip("/") + WELL_KNOWN


def read_discovery(document: Any, issuer: str, *, private_too: bool) -> Discovered:
    """What a provider's document says.

    Raises:
        ProviderFault: it is another provider's, lacks something or leads to an unsafe address.
    """
    if not isinstance(document, Mapping):
        raise ProviderFault("provider_not_json")
    if document.get("issuer") != issuer:
        raise ProviderFault(
            "provider_issuer_differs", field="issuer", shown=_short(document.get("issuer"))
        )
    missing = [name for name in ENDPOINTS if not _text(document, name)]
    if missing:
        raise ProviderFault("provider_lacks", names=", ".join(missing))
    for name in (*ENDPOINTS, "userinfo_endpoint"):
        url = _text(document, name)
        if url and not is_safe_url(url, private_too=private_too):
            raise ProviderFault("provider_endpoint_unsafe", name=name)
    _demand_what_we_speak(document)
    return Discovered(
        issuer=issuer,
        authorization_endpoint=_text(document, "authorization_endpoint"),
        token_endpoint=_text(document, "token_endpoint"),
        jwks_uri=_text(document, "jwks_uri"),
        userinfo_endpoint=_text(document, "userinfo_endpoint"),
        takes_secret_in_form="client_secret_post"
        in _list(document, "token_endpoint_auth_methods_supported"),
    )


def _demand_what_we_speak(document: Mapping[str, Any]) -> None:
    """Refuse a provider that says it has no code flow, no PKCE or no signature we take.

    What it does not say is tried: only a list that leaves ours out rules it out.
    """
    flows = _list(document, "response_types_supported")
    if flows and "code" not in flows:
        raise ProviderFault("provider_without_code")
    challenges = _list(document, "code_challenge_methods_supported")
    if challenges and "S256" not in challenges:
        raise ProviderFault("provider_without_pkce")
    signatures = _list(document, "id_token_signing_alg_values_supported")
    if signatures and not set(signatures) & set(SIGNATURES):
        raise ProviderFault("provider_signatures", names=", ".join(map(_short, signatures[:5])))


def read_keys(document: Any) -> list[dict[str, Any]]:
    """The public keys of a provider that may have signed an ID token.

    Raises:
        ProviderFault: there are none.
    """
    keys = document.get("keys") if isinstance(document, Mapping) else None
    usable = [
        dict(key)
        for key in (keys if isinstance(keys, list) else [])
        if isinstance(key, Mapping)
        and key.get("kty") in ("RSA", "EC", "OKP")
        and key.get("use", "sig") == "sig"
    ]
    if not usable:
        raise ProviderFault("provider_without_keys")
    return usable


# --- The ID token ----------------------------------------------------------------------------


def read_claims(claims: Mapping[str, Any], expected: Expected) -> Vouched:
    """Whom a signed ID token vouches for.

    Raises:
        SignOnRefused: it is not for us, not for this sign-in, not for now.
    """
    _demand_for_us(claims, expected)
    _demand_for_now(claims, expected.now)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise SignOnRefused("sign_on_not_trusted", why="sub")
    proven_at = _instant(claims, "auth_time")
    if expected.again_since is not None:
        _demand_again(proven_at, expected.again_since)
    email, has_email = read_email(claims)
    return Vouched(
        subject=subject,
        email=email,
        has_email=has_email,
        has_second_factor=not SECOND_FACTOR_METHODS.isdisjoint(_list(claims, "amr")),
        # A clock ahead of ours has not seen the future.
        proven_at=min(proven_at, expected.now) if proven_at else None,
    )


def read_email(claims: Mapping[str, Any]) -> tuple[str, bool]:
    """The address that the provider confirmed, or nothing; and whether it gave one at all.

    Microsoft Entra ID never says `email_verified`; its `xms_edov`, which an administrator
    adds to the token, says that the owner of the domain is verified. It counts only where
    the other is absent.
    """
    email = claims.get("email")
    if not isinstance(email, str) or not email.strip():
        return "", False
    said = claims["email_verified"] if "email_verified" in claims else claims.get("xms_edov")
    is_verified = said is True or said in ("true", "1") or (said == 1 and type(said) is int)
    return (email.strip().lower() if is_verified else ""), True


def _demand_for_us(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise SignOnRefused("sign_on_not_trusted", why="iss")
    audience = claims.get("aud")
    meant_for = [audience] if isinstance(audience, str) else audience
    if not isinstance(meant_for, list) or expected.client_id not in meant_for:
        raise SignOnRefused("sign_on_not_trusted", why="aud")
    # With several audiences, it must be us whom it was made for.
    party = claims.get("azp", None if len(meant_for) > 1 else expected.client_id)
    if party != expected.client_id:
        raise SignOnRefused("sign_on_not_trusted", why="azp")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(
        nonce.encode(), expected.nonce.encode()
    ):
        raise SignOnRefused("sign_on_not_trusted", why="nonce")


def _demand_for_now(claims: Mapping[str, Any], now: datetime) -> None:
    expires_at, issued_at = _instant(claims, "exp"), _instant(claims, "iat")
    if expires_at is None or issued_at is None:
        raise SignOnRefused("sign_on_not_trusted", why="exp")
    not_before = _instant(claims, "nbf") or issued_at
    if now >= expires_at + CLOCK_SKEW or now < max(issued_at, not_before) - CLOCK_SKEW:
        raise SignOnRefused("sign_on_clocks_differ")


def _demand_again(proven_at: datetime | None, since: datetime) -> None:
    if proven_at is None:
        raise SignOnRefused("sign_on_time_unknown")
    if proven_at < since - CLOCK_SKEW:
        raise SignOnRefused("sign_on_not_again")


def _instant(claims: Mapping[str, Any], name: str) -> datetime | None:
    seconds = claims.get(name)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    # Until the year 9999: beyond it there is no datetime.
    if not math.isfinite(seconds) or not 0 < seconds < 253_402_300_800:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""


def _list(document: Mapping[str, Any], name: str) -> list[str]:
    value = document.get(name)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _short(value: object) -> str:
    """What somebody else wrote, short enough for a sentence of ours."""
    text = value if isinstance(value, str) else ""
    return "".join(character for character in text if character.isprintable())[:120]
