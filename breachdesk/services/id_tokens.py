"""The signature of an ID token: made by a key that the provider publishes, or refused.

joserfc, on which Authlib stands, does the arithmetic; which algorithms and keys it may be
given is decided here.
"""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from breachdesk.domain.single_sign_on import SIGNATURES, SMALLEST_RSA_BITS, SignOnRefused

LONGEST_TOKEN = 64 * 1024
LONGEST_HEADER = 16 * 1024
# The kind of key that an algorithm's name begins with.
_KIND_OF = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


class UnknownKey(Exception):
    """No key at hand can have signed it: the provider may have changed its keys."""


def signed_claims(token: str, keys: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a token claims, once its signature holds; nothing of it is checked yet.

    Args:
        keys: the provider's public keys, as JWK.

    Raises:
        UnknownKey: none of the keys is the one it names.
        SignOnRefused: it is no token, not signed as we take it, or by somebody else.
    """
    header = _header(token)
    algorithm, name = header.get("alg"), header.get("kid")
    if algorithm not in SIGNATURES:
        raise SignOnRefused("sign_on_not_trusted", why="alg")
    candidates = [key for key in keys if _may_have_signed(key, str(algorithm), name)]
    if not candidates:
        raise UnknownKey
    claims = _verified(token, str(algorithm), candidates)
    if claims is None and name is None:
        raise UnknownKey
    if claims is None:
        raise SignOnRefused("sign_on_not_trusted", why="signature")
    return claims


def _header(token: str) -> dict[str, Any]:
    first = token.partition(".")[0]
    try:
        if token.count(".") != 2 or len(token) > LONGEST_TOKEN:
            raise ValueError
        header = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except (ValueError, RecursionError):
        raise SignOnRefused("sign_on_not_trusted", why="token") from None
    if not isinstance(header, dict):
        raise SignOnRefused("sign_on_not_trusted", why="token")
    return header


def _may_have_signed(key: Mapping[str, Any], algorithm: str, name: object) -> bool:
    is_of_kind = key.get("kty") == _KIND_OF[algorithm[:2]] and not _is_weak(key)
    return is_of_kind and key.get("alg", algorithm) == algorithm and name in (None, key.get("kid"))


def _verified(
    token: str, algorithm: str, candidates: Iterable[Mapping[str, Any]]
) -> dict[str, Any] | None:
    """The claims of a token that one of these keys signed. joserfc takes 0.1 s to import."""
    from joserfc import jwk, jwt
    from joserfc.errors import JoseError
    from joserfc.jws import JWSRegistry

    # Headers of a provider's own, such as Microsoft's x5t, are let be; `crit` is not.
    registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    registry.max_header_length = LONGEST_HEADER
    for candidate in candidates:
        try:
            key = jwk.import_key(dict(candidate))
            return dict(jwt.decode(token, key, [algorithm], registry).claims)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return None


def _is_weak(key: Mapping[str, Any]) -> bool:
    """Whether it is an RSA key that could be broken: its modulus says how long it is."""
    modulus = key.get("n", "")
    if key.get("kty") != "RSA":
        return False
    try:
        number = int.from_bytes(base64.urlsafe_b64decode(modulus + "=" * (-len(modulus) % 4)))
    except (ValueError, TypeError):
        return True
    return number.bit_length() < SMALLEST_RSA_BITS
