"""Passkeys as browsers speak of them: WebAuthn level 3, in JSON both ways.

Attestation is not asked for: which make a device is says nothing about whose it is.
"""

import dataclasses
import hashlib
import ipaddress
import json
from collections.abc import Sequence
from typing import Never
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from shudi.errors import Refused

_NONSENSE = (
    WebAuthnException, ValueError, KeyError, TypeError, AttributeError, RecursionError,
)  # fmt: skip
_WAIT = 300_000  # milliseconds for the person to find their key


@dataclasses.dataclass(frozen=True, slots=True)
class NewKey:
    """What a device made: kept, it lets the device be known again."""

    credential_id: str
    public_key: bytes
    sign_count: int
    synced: bool


def possible(origin: str) -> bool:
    """Whether browsers take passkeys for this address: not for one without a name."""
    host = urlsplit(origin).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(host)
    return False


def registration(
    *, origin: str, staff_id: int, name: str, known: Sequence[str], challenge: bytes
) -> str:
    """What a device is told to make a key; it refuses if it holds one of `known`."""
    options = webauthn.generate_registration_options(
        rp_id=_rp(origin),
        rp_name="Shudi",
        user_name=name,
        user_id=_handle(staff_id),
        challenge=challenge,
        timeout=_WAIT,
        exclude_credentials=_named(known),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return webauthn.options_to_json(options)


def request(*, origin: str, known: Sequence[str], challenge: bytes, alone: bool) -> str:
    """What a device is asked to sign. `alone`: the passkey is to stand for both factors, so the
    device must know its owner, by a finger or a PIN.
    """
    options = webauthn.generate_authentication_options(
        rp_id=_rp(origin),
        challenge=challenge,
        timeout=_WAIT,
        allow_credentials=_named(known),
        user_verification=UserVerificationRequirement.REQUIRED
        if alone
        else UserVerificationRequirement.PREFERRED,
    )
    return webauthn.options_to_json(options)


def challenge_of(response: str) -> bytes:
    """The challenge that `response` says it answers."""
    try:
        data = json.loads(base64url_to_bytes(json.loads(response)["response"]["clientDataJSON"]))
        return base64url_to_bytes(data["challenge"])
    except _NONSENSE as error:
        _refuse(error)


def credential_of(response: str) -> str:
    """The id of the credential that `response` says it comes from."""
    try:
        return str(json.loads(response)["id"])
    except _NONSENSE as error:
        _refuse(error)


def is_of(response: str, staff_id: int) -> bool:
    """Whether the device knows its owner by this person's handle, or says no handle at all."""
    try:
        said: str | None = json.loads(response)["response"].get("userHandle")
        return not said or base64url_to_bytes(said) == _handle(staff_id)
    except _NONSENSE as error:
        _refuse(error)


def registered(response: str, *, origin: str, challenge: bytes) -> NewKey:
    """The key that a device made for us, here and now, its owner verified."""
    try:
        made = webauthn.verify_registration_response(
            credential=response,
            expected_challenge=challenge,
            expected_rp_id=_rp(origin),
            expected_origin=origin,
            require_user_verification=True,
        )
    except _NONSENSE as error:
        _refuse(error)
    return NewKey(
        bytes_to_base64url(made.credential_id),
        made.credential_public_key,
        made.sign_count,
        made.credential_backed_up,
    )


def asserted(
    response: str, *, origin: str, challenge: bytes, public_key: bytes, count: int, alone: bool
) -> int:
    """The device's new count, if it signed the challenge for us with that key.

    Refused for another origin, another challenge, a count that did not grow (a copied key), or,
    `alone`, an owner that was not verified.
    """
    try:
        done = webauthn.verify_authentication_response(
            credential=response,
            expected_challenge=challenge,
            expected_rp_id=_rp(origin),
            expected_origin=origin,
            credential_public_key=public_key,
            credential_current_sign_count=count,
            require_user_verification=alone,
        )
    except _NONSENSE as error:
        _refuse(error)
    return done.new_sign_count


def _handle(staff_id: int) -> bytes:
    return hashlib.sha256(f"shudi/passkey/{staff_id}".encode()).digest()


def _rp(origin: str) -> str:
    return urlsplit(origin).hostname or ""


def _named(known: Sequence[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known]


def _refuse(error: Exception) -> Never:
    raise Refused("passkey-refused", "This passkey was not accepted.") from error
