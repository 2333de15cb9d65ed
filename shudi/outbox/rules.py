"""How a webhook is signed, and when it is tried again. Pure."""

import base64
import hashlib
import hmac
from datetime import timedelta

SECRET_PREFIX = "whsec_"  # noqa: S105 -- the layout's prefix, not a secret
KEPT = timedelta(days=30)
# After the last of these the message waits for a person.
RETRIES = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
)


def signature(secret: str, *, uid: str, timestamp: int, body: bytes) -> str:
    """The `webhook-signature` header of the Standard Webhooks layout (symmetric, `v1`)."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{uid}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def retry_after(attempts: int) -> timedelta | None:
    """How long to wait after that many failed attempts; None: give up until a person replays."""
    return RETRIES[attempts - 1] if attempts <= len(RETRIES) else None
