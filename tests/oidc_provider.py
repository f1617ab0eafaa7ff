"""An OpenID Connect provider that really runs on this machine, and can be made to lie.

Discovery, a page to sign in on, tokens against PKCE, keys that rotate. It remembers who signed
in at a browser, as providers do. Each lie is a knob; a test turns one and holds the desk to it.
"""

import base64
import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from html import escape
from http.client import HTTPConnection
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from warnings import catch_warnings

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Flask, Response, abort, redirect, request
from flask import session as cookie
from joserfc import jws
from joserfc.jwk import ECKey, Key, RSAKey
from werkzeug.serving import make_server
from werkzeug.wrappers import Response as AnyResponse

CLIENT_ID, CLIENT_SECRET = "breachdesk", "s3cret of the desk~%+"
LASTS = timedelta(minutes=5)
# How often the server looks whether it is to stop.
SECONDS_TO_STOP = 0.01

Claims = dict[str, Any]


def _unchanged(claims: Claims) -> Claims:
    return claims


@dataclass
class Grant:
    """What a code is good for, once."""

    person: str
    asked: Mapping[str, str]
    proven_at: datetime


@dataclass
class Provider:
    """The provider's people, keys and lies.

    Args:
        people: the claims of each person, by the name they type.
        clock: tells it the time.
        bend: changes the claims before they are signed.
        alg: how tokens are signed: "none" and "HS256" are attacks.
        tells_auth_time, tells_email: whether ID tokens hold these.
        describe: changes the discovery document.
        reuses_codes: takes a code twice.
        answers: what comes instead of a path's answer.
    """

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    people: dict[str, Claims] = field(default_factory=dict)
    issuer: str = ""
    bend: Callable[[Claims], Claims] = _unchanged
    describe: Callable[[Claims], Claims] = _unchanged
    alg: str = "RS256"
    header: Claims = field(default_factory=dict)
    signs_with: Key | None = None
    tells_auth_time: bool = True
    tells_email: bool = True
    reuses_codes: bool = False
    forgets_prompt: bool = False
    answers: dict[str, Callable[[], Any]] = field(default_factory=dict)
    # What it was asked, in order: paths.
    asked: list[str] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    grants: dict[str, Grant] = field(default_factory=dict)
    spent: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.rotate(_usual_key())

    def rotate(self, key: Key | None = None) -> None:
        """Sign with a new key from now on; publish that one alone."""
        self.keys = [key or _rsa_key()]

    def add(self, name: str, **claims: Any) -> None:
        """Let somebody sign in under this name."""
        self.people[name] = {"sub": f"sub-of-{name}", **claims}

    # --- What a browser does there, for tests without one ---------------------------------

    def sign_in(self, url: str, name: str) -> str:
        """Sign in on the page at `url`; where the provider sends the browser back to."""
        parts = urlsplit(url)
        line = HTTPConnection("127.0.0.1", parts.port, timeout=10)
        try:
            line.request(
                "POST",
                f"{parts.path}?{parts.query}",
                urlencode({"name": name}),
                {"Content-Type": "application/x-www-form-urlencoded"},
            )
            answer = line.getresponse()
            answer.read()
            assert answer.status == 302, answer.status
            return answer.headers["Location"]
        finally:
            line.close()

    # --- Tokens ---------------------------------------------------------------------------

    def id_token(self, grant: Grant) -> str:
        """A signed ID token, bent as the knobs say."""
        now = self.clock()
        claims: Claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "exp": int((now + LASTS).timestamp()),
            "iat": int(now.timestamp()),
            "nonce": grant.asked.get("nonce"),
            **self.people[grant.person],
        }
        if self.tells_auth_time:
            claims["auth_time"] = int(grant.proven_at.timestamp())
        if not self.tells_email:
            claims = {name: value for name, value in claims.items() if "email" not in name}
        return self.signed(self.bend(claims))

    def signed(self, claims: Claims) -> str:
        """Sign claims by the algorithm of the day."""
        key = self.keys[0]
        header = {"alg": self.alg, "kid": key.kid, **self.header}
        header = {name: value for name, value in header.items() if value is not None}
        payload = json.dumps(claims).encode()
        if self.alg in ("none", "HS256"):
            return _forged(header, payload, key)
        if self.alg == "RS256":
            return _signed_by_rsa(header, payload, self.signs_with or key)
        registry = jws.JWSRegistry(algorithms=[self.alg], strict_check_header=False)
        return jws.serialize_compact(header, payload, self.signs_with or key, registry=registry)


@cache
def _usual_key() -> RSAKey:
    """The first key of each provider: making one takes a while."""
    return _rsa_key()


def _rsa_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig"})


def ec_key() -> ECKey:
    """A key for ES256."""
    return ECKey.generate_key("P-256", {"kid": secrets.token_hex(4), "use": "sig"})


def weak_key() -> RSAKey:
    """An RSA key shorter than anybody should take."""
    weak = generate_private_key(65537, 1024)
    pem = weak.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with catch_warnings(action="ignore"):
        return RSAKey.import_key(pem, {"kid": "weak", "use": "sig"})


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _forged(header: Claims, payload: bytes, key: Key) -> str:
    """Not signed, or "signed" with the public key, which anybody has, as a shared secret."""
    content = ".".join(map(_base64, (json.dumps(header).encode(), payload)))
    if header["alg"] != "HS256":
        return f"{content}."
    public = key.as_pem(private=False)
    return f"{content}.{_base64(hmac.new(public, content.encode(), hashlib.sha256).digest())}"


def _signed_by_rsa(header: Claims, payload: bytes, key: Key) -> str:
    """By the arithmetic alone: joserfc refuses to sign some of what a test must send."""
    content = ".".join(map(_base64, (json.dumps(header).encode(), payload)))
    signature = key.private_key.sign(content.encode(), PKCS1v15(), SHA256())
    return f"{content}.{_base64(signature)}"


# --- Its pages -------------------------------------------------------------------------------


def _site(provider: Provider) -> Flask:
    site = Flask("provider", static_folder=None)
    site.secret_key = secrets.token_hex(16)
    # Two servers on one machine share the browser's cookies, whatever their ports.
    site.config["SESSION_COOKIE_NAME"] = "provider"

    @site.before_request
    def _overruled() -> Any:
        provider.asked.append(request.path)
        instead = provider.answers.get(request.path)
        return instead() if instead else None

    @site.get("/.well-known/openid-configuration")
    def discovery() -> Claims:
        issuer = provider.issuer
        return provider.describe(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "userinfo_endpoint": f"{issuer}/userinfo",
                "jwks_uri": f"{issuer}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256", "ES256"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        )

    @site.get("/keys")
    def keys() -> Claims:
        return {"keys": [key.as_dict(private=False) for key in provider.keys]}

    @site.route("/authorize", methods=["GET", "POST"])
    def authorize() -> str | AnyResponse:
        asked = request.args.to_dict()
        if asked.get("client_id") != CLIENT_ID or asked.get("response_type") != "code":
            abort(400)
        must_ask = asked.get("prompt") == "login" and not provider.forgets_prompt
        if request.method == "POST":
            if "refuse" in request.form:
                return _back(asked, error="access_denied")
            cookie["name"] = request.form["name"]
            cookie["at"] = provider.clock().isoformat()
        elif must_ask or cookie.get("name") not in provider.people:
            return _PAGE.format(names="".join(map(_BUTTON.format, map(escape, provider.people))))
        code = secrets.token_urlsafe(16)
        at = datetime.fromisoformat(cookie["at"])
        provider.grants[code] = Grant(cookie["name"], asked, at)
        return _back(asked, code=code, iss=provider.issuer)

    @site.post("/token")
    def token() -> tuple[Claims, int] | Claims:
        sent = request.form
        if (sent.get("client_id"), sent.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return {"error": "invalid_client"}, 401
        code = sent.get("code", "")
        grant = provider.grants.get(code)
        is_spent = code in provider.spent and not provider.reuses_codes
        if grant is None or is_spent or not _fits(grant, sent):
            return {"error": "invalid_grant"}, 400
        provider.spent.add(code)
        return {
            "access_token": f"access-{grant.person}",
            "token_type": "Bearer",
            "id_token": provider.id_token(grant),
        }

    @site.get("/userinfo")
    def userinfo() -> Claims:
        name = request.headers["Authorization"].removeprefix("Bearer access-")
        return provider.people[name]

    return site


def _fits(grant: Grant, sent: Mapping[str, str]) -> bool:
    """Whether the code comes back from who asked for it (RFC 7636, 4.6)."""
    digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
    is_same = grant.asked.get("code_challenge") == _base64(digest)
    is_s256 = grant.asked.get("code_challenge_method") == "S256"
    return is_same and is_s256 and grant.asked.get("redirect_uri") == sent.get("redirect_uri")


def _back(asked: Mapping[str, str], **answer: str) -> AnyResponse:
    return redirect(f"{asked['redirect_uri']}?{urlencode({**answer, 'state': asked['state']})}")


_PAGE = (
    "<!doctype html><html lang=fr><title>Connexion de la maison</title>"
    "<link rel=icon href='data:,'><h1>Connexion de la maison</h1>"
    "<form method=post>{names}<button name=refuse>Annuler</button></form></html>"
)
_BUTTON = "<p><button name=name value='{0}'>{0}</button></p>"


@contextmanager
def providing(provider: Provider) -> Iterator[Provider]:
    """Serve a provider on a free port of this machine."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server("127.0.0.1", 0, _site(provider), threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(SECONDS_TO_STOP,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def asked_in(url: str) -> dict[str, str]:
    """What a desk asks of a provider in the address it leads to."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def text(content: bytes | str, status: int = 200, **headers: str) -> Callable[[], Response]:
    """An answer to put instead of a path's own."""
    return lambda: Response(content, status, headers)
