"""Codes of an authenticator app: RFC 6238, 30 seconds, SHA-1, 6 digits, what every app can do."""

import hmac
from datetime import datetime

import pyotp

PERIOD = 30
DIGITS = 6


def new_secret() -> str:
    """160 random bits, base32."""
    return pyotp.random_base32(32)


def provisioning_uri(secret: str, *, name: str) -> str:
    """What the QR code says."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name="Shudi")


def code_at(secret: str, now: datetime) -> str:
    """The code that an app shows at `now`."""
    return pyotp.HOTP(secret).at(step_at(now))


def step_at(now: datetime) -> int:
    """The time step that `now` falls into."""
    return int(now.timestamp()) // PERIOD


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The step whose code this is: the present one or the one before, else None.

    One step back covers a slow typist and a clock that is late; a code therefore lives at most
    60 s. ASVS 6.5.5 asks for 30 s or this, written down.
    """
    typed = "".join(code.split())
    present = step_at(now)
    found = None
    for step in (present - 1, present):
        right = pyotp.HOTP(secret).at(step)
        if hmac.compare_digest(right.encode(), typed.encode("utf-8", "surrogatepass")):
            found = step
    return found
