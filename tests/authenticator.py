"""An authenticator in software: makes passkeys and signs with them, also as an attacker would.

It speaks the JSON that a browser's `PublicKeyCredential.toJSON` gives. What a browser and a
device see to (origin, domain, challenge, counter, verification) can each be told otherwise.
"""

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

USER_PRESENT, USER_VERIFIED, HAS_CREDENTIAL = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One passkey on one device.

    Args:
        origin: the address that the browser says it is at.
        counts: whether it counts its signatures; synchronised passkeys do not.
        verifies: whether it asks for a PIN or a finger.
    """

    origin: str = "https://desk.example"
    counts: bool = True
    verifies: bool = True
    count: int = 0
    credential_id: bytes = field(default_factory=lambda: os.urandom(16))
    handle: bytes = b""
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def register(self, options: dict[str, Any], **otherwise: Any) -> dict[str, Any]:
        """What a browser answers to the options for a new passkey."""
        self.handle = base64url_to_bytes(options["user"]["id"])
        client = self._client_data("webauthn.create", options["challenge"], **otherwise)
        credential = (
            bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + self._cose_key()
        )
        authenticator = self._data(
            otherwise.get("rp_id", options["rp"]["id"]), HAS_CREDENTIAL, credential
        )
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": authenticator})
        return self._answer(
            clientDataJSON=client, attestationObject=attestation, transports=["internal", "usb"]
        )

    def sign(self, options: dict[str, Any], **otherwise: Any) -> dict[str, Any]:
        """What a browser answers to a request for a passkey."""
        if self.counts:
            self.count += 1
        client = self._client_data("webauthn.get", options["challenge"], **otherwise)
        data = self._data(otherwise.get("rp_id", options["rpId"]))
        signed = data + hashlib.sha256(client).digest()
        return self._answer(
            clientDataJSON=client,
            authenticatorData=data,
            signature=self.key.sign(signed, ec.ECDSA(hashes.SHA256())),
            userHandle=otherwise.get("handle", self.handle),
        )

    def _client_data(self, kind: str, asked: str, **otherwise: Any) -> bytes:
        told = {
            "type": otherwise.get("type", kind),
            "challenge": otherwise.get("challenge", asked),
            "origin": otherwise.get("origin", self.origin),
            "crossOrigin": False,
        }
        return json.dumps(told).encode()

    def _data(self, rp_id: str, flags: int = 0, credential: bytes = b"") -> bytes:
        flags |= USER_PRESENT | (USER_VERIFIED if self.verifies else 0)
        return (
            hashlib.sha256(rp_id.encode()).digest()
            + bytes([flags])
            + self.count.to_bytes(4)
            + credential
        )

    def _cose_key(self) -> bytes:
        public = self.key.public_key().public_numbers()
        return cbor2.dumps(
            {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32), -3: public.y.to_bytes(32)}
        )

    def _answer(self, **parts: Any) -> dict[str, Any]:
        name = bytes_to_base64url(self.credential_id)
        said = {
            part: bytes_to_base64url(value) if isinstance(value, bytes) else value
            for part, value in parts.items()
            if value is not None
        }
        return {"id": name, "rawId": name, "type": "public-key", "response": said}
