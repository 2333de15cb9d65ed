"""A device that makes passkeys, in software, so that each thing it says can be spoilt."""

import hashlib
import json
import secrets
import struct

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, KEY_FOLLOWS = 0x01, 0x04, 0x40


class Device:
    """One key pair. `count` is what it says of how often it was used; 0: it does not count."""

    def __init__(self, origin: str = "http://localhost:8000", rp: str = "localhost") -> None:
        self.origin, self.rp = origin, rp
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.handle, self.count = "", 1

    def make(self, options: str, **changes: str) -> str:
        """The answer to an offer."""
        told = json.loads(options)
        self.handle = told["user"]["id"]
        point = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        held = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor2.dumps(public)
        data = self._data(PRESENT | VERIFIED | KEY_FOLLOWS) + held
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(
            {
                "clientDataJSON": self._client("webauthn.create", told, changes),
                "attestationObject": attestation,
            }
        )

    def sign(self, options: str, *, flags: int = PRESENT | VERIFIED, **changes: str) -> str:
        """The answer to a challenge; `changes` spoil what the browser says of it."""
        client = self._client("webauthn.get", json.loads(options), changes)
        data = self._data(flags)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {"clientDataJSON": client, "authenticatorData": data, "signature": signature},
            handle=changes.get("handle", self.handle),
        )

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _client(self, kind: str, told: dict[str, str], changes: dict[str, str]) -> bytes:
        said = {"type": kind, "challenge": told["challenge"], "origin": self.origin}
        said |= {name: value for name, value in changes.items() if name != "handle"}
        return json.dumps(said).encode()

    def _answer(self, parts: dict[str, bytes], *, handle: str = "") -> str:
        response = {name: bytes_to_base64url(part) for name, part in parts.items()}
        if handle:
            response["userHandle"] = handle
        name = bytes_to_base64url(self.id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
