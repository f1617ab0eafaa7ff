"""What is said to authenticators and what they answer: W3C Web Authentication, level 2.

Nothing here asks the database. The library is imported where it is used: it takes a quarter
of a second.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.second_factor import RelyingParty
from breachdesk.models import Passkey, User

log = logging.getLogger(__name__)

# Under which authenticators list the passkey.
RELYING_PARTY_NAME = "breachdesk"
# Web Authentication, level 2, 4: "Credential IDs … at most 1023 bytes".
LONGEST_CREDENTIAL_ID = 1023

Options = dict[str, Any]
# What a browser answers, as JSON, its binary parts in base64url. Written by whoever likes.
Response = Mapping[str, Any]


@dataclass(frozen=True)
class NewCredential:
    """What an authenticator made, checked."""

    id: bytes
    public_key: bytes
    sign_count: int
    transports: list[str]


def registration_options(
    we: RelyingParty, user: User, known: Sequence[Passkey], challenge: bytes
) -> Options:
    """What a browser needs to make a passkey for a person on a device that has none of them."""
    from webauthn import generate_registration_options
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    made = generate_registration_options(
        rp_id=we.id,
        rp_name=RELYING_PARTY_NAME,
        user_id=handle_of(user),
        user_name=user.email,
        user_display_name=user.name,
        challenge=challenge,
        # Kept on the device where it can be: then it signs in without a password.
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=_descriptors(known),
    )
    return _as_json(made)


def registered(we: RelyingParty, response: Response, challenge: bytes) -> NewCredential:
    """The credential in an authenticator's answer.

    Raises:
        InvalidInput: it was not made for us, or not for this challenge, or it is no such answer.
    """
    from webauthn import verify_registration_response

    try:
        made = verify_registration_response(
            credential=_only(response, "clientDataJSON", "attestationObject"),
            expected_challenge=challenge,
            expected_rp_id=we.id,
            expected_origin=we.origin,
        )
    # The parsers below raise whatever they stumble upon: CBOR, keys, lengths, certificates.
    except Exception as fault:
        raise _refused(fault) from fault
    if len(made.credential_id) > LONGEST_CREDENTIAL_ID:
        raise InvalidInput("passkey_refused")
    return NewCredential(
        made.credential_id, made.credential_public_key, made.sign_count, _transports(response)
    )


def request_options(
    we: RelyingParty, challenge: bytes, *, known: Sequence[Passkey] = (), is_alone: bool
) -> Options:
    """What a browser needs to ask for a passkey.

    Args:
        known: the ones to choose from; none: whatever the device holds of ours.
        is_alone: it stands for the password too, so its owner must be verified.
    """
    from webauthn import generate_authentication_options
    from webauthn.helpers.structs import UserVerificationRequirement as Verification

    return _as_json(
        generate_authentication_options(
            rp_id=we.id,
            challenge=challenge,
            allow_credentials=_descriptors(known),
            user_verification=Verification.REQUIRED if is_alone else Verification.PREFERRED,
        )
    )


def signed_count(
    we: RelyingParty, response: Response, challenge: bytes, *, public_key: bytes, is_alone: bool
) -> int:
    """The count of signatures that an authenticator tells in an answer with a good one.

    Raises:
        InvalidInput: not for us, not for this challenge, not by this key; or its owner was
            not verified where the passkey is all there is.
    """
    from webauthn import verify_authentication_response

    try:
        told = verify_authentication_response(
            credential=_only(response, "clientDataJSON", "authenticatorData", "signature"),
            expected_challenge=challenge,
            expected_rp_id=we.id,
            expected_origin=we.origin,
            credential_public_key=public_key,
            # Whoever calls compares the counts: only a good signature says something of copies.
            credential_current_sign_count=0,
            require_user_verification=is_alone,
        )
    except Exception as fault:
        raise _refused(fault) from fault
    return told.new_sign_count


def named_credential(response: Response) -> bytes | None:
    """The id of the credential that an answer names, if it names one."""
    named = _bytes_of(response.get("rawId"))
    return named if named and len(named) <= LONGEST_CREDENTIAL_ID else None


def told_handle(response: Response) -> bytes | None:
    """Whose credential the authenticator says it is; None where it does not say."""
    return _bytes_of(_inner(response).get("userHandle"))


def handle_of(user: User) -> bytes:
    """Who a person is to an authenticator: a number that says nothing of them."""
    return user.id.to_bytes(8)


def _only(response: Response, *parts: str) -> dict[str, Any]:
    """Of an answer what is checked: words of next year's browsers are no fault."""
    inner = _inner(response)
    return {
        "id": response.get("id"),
        "rawId": response.get("rawId"),
        "type": response.get("type"),
        "response": {part: inner.get(part) for part in parts},
    }


def _inner(response: Response) -> Mapping[str, Any]:
    inner = response.get("response")
    return inner if isinstance(inner, Mapping) else {}


def _bytes_of(text: object) -> bytes | None:
    from webauthn.helpers import base64url_to_bytes

    try:
        return base64url_to_bytes(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _transports(response: Response) -> list[str]:
    """How the authenticator is reached, as far as we know the words for it."""
    from webauthn.helpers.structs import AuthenticatorTransport

    told = _inner(response).get("transports")
    known = {each.value for each in AuthenticatorTransport}
    return [each for each in sorted(known) if isinstance(told, list) and each in told]


def _descriptors(known: Sequence[Passkey]) -> list[Any]:
    from webauthn.helpers.structs import AuthenticatorTransport, PublicKeyCredentialDescriptor

    return [
        PublicKeyCredentialDescriptor(
            id=passkey.credential_id,
            transports=[AuthenticatorTransport(each) for each in passkey.transports] or None,
        )
        for passkey in known
    ]


def _as_json(options: Any) -> Options:
    from webauthn import options_to_json

    read: Options = json.loads(options_to_json(options))
    return read


def _refused(fault: Exception) -> InvalidInput:
    log.info("An authenticator's answer was refused: %s", type(fault).__name__)
    return InvalidInput("passkey_refused")
