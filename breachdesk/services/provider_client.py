"""Going to an organisation's identity provider and coming back, through Authlib's client.

Authorization code with PKCE, state and nonce (RFC 9700). No transaction is held while the
provider is asked: `find_way` reads, `depart` asks nothing, `redeem` asks and reads nothing.
"""

import secrets
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Self
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.domain.single_sign_on import (
    ROUND_TRIP_WITHIN,
    Expected,
    ProviderFault,
    Purpose,
    SignOnRefused,
    Vouched,
    read_claims,
    read_email,
)
from breachdesk.models import IdentityProvider, Organisation
from breachdesk.services.acting import Desk
from breachdesk.services.id_tokens import UnknownKey, signed_claims
from breachdesk.services.identity_providers import (
    Found,
    discover,
    fetch_keys,
    found_of,
    secret_of,
)
from breachdesk.services.provider_requests import Answer, ask

SCOPE = "openid email"
_TOKEN_BYTES = 32
# RFC 7636, 4.1: from 43 characters.
_VERIFIER_BYTES = 48


@dataclass(frozen=True)
class Way:
    """The way in through one organisation's provider, as it stands; holds no transaction."""

    provider_id: int
    organisation_id: int
    code: str
    organisation: str
    issuer: str
    client_id: str
    redirect_uri: str
    found: Found
    demands_second_factor: bool
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class Departure:
    """What the browser keeps between leaving for the provider and coming back."""

    code: str
    state: str
    nonce: str
    verifier: str
    purpose: Purpose
    left_at: datetime

    def kept(self) -> dict[str, str]:
        """As the cookie holds it."""
        return {**asdict(self), "left_at": self.left_at.isoformat()}

    @classmethod
    def read(cls, kept: Any) -> Self | None:
        """What a cookie holds; None where it holds nothing of the kind."""
        try:
            return cls(
                **{
                    **kept,
                    "purpose": Purpose(kept["purpose"]),
                    "left_at": datetime.fromisoformat(kept["left_at"]),
                }
            )
        except (TypeError, KeyError, ValueError):
            return None

    def is_answered_by(self, code: str, state: str, *, now: datetime) -> bool:
        """Whether somebody who comes back is who left, in time."""
        is_same = self.code == code and secrets.compare_digest(self.state.encode(), state.encode())
        return is_same and now <= self.left_at + ROUND_TRIP_WITHIN


# --- Leaving ---------------------------------------------------------------------------------


def find_way(session: Session, desk: Desk, code: str) -> Way:
    """The way in through an organisation's provider, in one query.

    Raises:
        SignOnRefused: there is none, for whichever reason: the answer does not tell whether
            an organisation of that code exists.
    """
    row = session.execute(
        select(IdentityProvider, Organisation)
        .join(IdentityProvider.organisation)
        .where(Organisation.code == code.strip().upper(), IdentityProvider.is_enabled)
    ).first()
    found = found_of(row[0]) if row else None
    if row is None or found is None:
        raise SignOnRefused("sign_on_no_way")
    provider, organisation = row
    return Way(
        provider_id=provider.id,
        organisation_id=organisation.id,
        code=organisation.code,
        organisation=organisation.name,
        issuer=provider.issuer,
        client_id=provider.client_id,
        redirect_uri=redirect_uri(desk, organisation.code),
        found=found,
        demands_second_factor=organisation.demands_second_factor,
        client_secret=secret_of(desk, provider),
    )


def redirect_uri(desk: Desk, code: str) -> str:
    """Where an organisation's provider sends people back to: to be registered with it."""
    return f"{desk.public_url}/sign-in/organisation/{code}/callback"


def depart(way: Way, purpose: Purpose, *, now: datetime) -> tuple[Departure, str]:
    """Leave for the provider: what the browser keeps, and the address to go to."""
    departure = Departure(
        code=way.code,
        state=secrets.token_urlsafe(_TOKEN_BYTES),
        nonce=secrets.token_urlsafe(_TOKEN_BYTES),
        verifier=secrets.token_urlsafe(_VERIFIER_BYTES),
        purpose=purpose,
        left_at=now,
    )
    # To prove again: whatever the provider remembers of the browser does not count.
    again = {"prompt": "login", "max_age": "0"} if purpose is Purpose.PROOF else {}
    url, _ = _client(way).create_authorization_url(
        way.found.about.authorization_endpoint,
        state=departure.state,
        code_verifier=departure.verifier,
        nonce=departure.nonce,
        **again,
    )
    return departure, str(url)


# --- Coming back -----------------------------------------------------------------------------


def redeem(
    desk: Desk, way: Way, departure: Departure, code: str, *, now: datetime
) -> tuple[Vouched, Way]:
    """Ask the provider whom its code vouches for. Outside of any transaction.

    Returns:
        The person, and the way as it stands now: the provider may have changed its keys.

    Raises:
        ProviderFault: it does not answer as it must.
        SignOnRefused: what it answers does not hold.
    """
    way = _refreshed(desk, way, now)
    token = _fetch_token(desk, way, departure, code)
    id_token = token.get("id_token")
    if not isinstance(id_token, str):
        raise SignOnRefused("sign_on_not_trusted", why="id_token")
    try:
        claims = signed_claims(id_token, way.found.keys)
    except UnknownKey:
        way = replace(way, found=replace(way.found, keys=fetch_keys(desk, way.found.about)))
        try:
            claims = signed_claims(id_token, way.found.keys)
        except UnknownKey:
            raise SignOnRefused("sign_on_not_trusted", why="kid") from None
    again_since = departure.left_at if departure.purpose is Purpose.PROOF else None
    expected = Expected(way.issuer, way.client_id, departure.nonce, now, again_since)
    vouched = read_claims(claims, expected)
    return _with_email(desk, way, vouched, token.get("access_token")), way


def _refreshed(desk: Desk, way: Way, now: datetime) -> Way:
    if way.found.is_fresh(now):
        return way
    return replace(way, found=discover(desk, way.issuer, now=now))


def _with_email(desk: Desk, way: Way, vouched: Vouched, access_token: object) -> Vouched:
    """Whom it vouches for, with the address that some providers tell only when asked for it."""
    url = way.found.about.userinfo_endpoint
    if vouched.has_email or not url or not isinstance(access_token, str):
        return vouched
    if not (access_token.isascii() and access_token.isprintable()):
        return vouched
    answer = ask(
        url,
        private_too=desk.calls_private_network,
        headers={"Authorization": f"Bearer {access_token}"},
    )
    told = answer.json() if answer.status == 200 else None
    # OpenID Connect Core, 5.3.2: of another person it must not be used.
    if not isinstance(told, dict) or told.get("sub") != vouched.subject:
        return vouched
    email, has_email = read_email(told)
    return replace(vouched, email=email, has_email=has_email)


# --- Through Authlib -------------------------------------------------------------------------


class _Outside:
    """What Authlib's client sends its requests by: ours, with all their limits."""

    def __init__(self, private_too: bool) -> None:
        self._private_too = private_too

    def post(
        self, url: str, *, data: dict[str, str], headers: dict[str, str], auth: Any
    ) -> "_Response":
        url, headers, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        return _Response(
            ask(url, private_too=self._private_too, body=body.encode(), headers=headers)
        )


class _Response:
    """An answer as Authlib reads it."""

    def __init__(self, answer: Answer) -> None:
        self.status_code, self.json = answer.status, answer.json

    def raise_for_status(self) -> None:
        raise ProviderFault("provider_status", status=self.status_code)


def _client(way: Way, private_too: bool = False) -> Any:
    """Authlib's client of a provider. It takes half a second to import."""
    from authlib.oauth2.client import OAuth2Client

    how = "client_secret_post" if way.found.about.takes_secret_in_form else "client_secret_basic"
    return OAuth2Client(
        _Outside(private_too),
        client_id=way.client_id,
        client_secret=way.client_secret or None,
        token_endpoint_auth_method=how if way.client_secret else "none",
        scope=SCOPE,
        redirect_uri=way.redirect_uri,
        code_challenge_method="S256",
    )


def _fetch_token(desk: Desk, way: Way, departure: Departure, code: str) -> dict[str, Any]:
    from authlib.oauth2.base import OAuth2Error

    try:
        token = _client(way, desk.calls_private_network).fetch_token(
            way.found.about.token_endpoint,
            grant_type="authorization_code",
            code=code,
            code_verifier=departure.verifier,
        )
    except OAuth2Error as fault:
        # Our own name or secret is refused, or the code that the person brought.
        is_ours = fault.error in ("invalid_client", "unauthorized_client")
        raise SignOnRefused("sign_on_client" if is_ours else "sign_on_code") from None
    return dict(token)
