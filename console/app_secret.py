"""The secret of an authenticator app on its way to the person and back: shown, sealed, bound."""

import dataclasses

import segno

from console.parts import keyring
from shudi.errors import Refused
from shudi.staff.codec import totp

_SEAL_SECONDS = 24 * 60 * 60


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of a secret: a QR code, the key in groups of four, and what goes back."""

    picture: str
    groups: list[str]
    sealed: str


def show(secret: str, *, name: str, bound: str) -> Shown:
    """The secret for the app of `name`; what goes back is good for `bound` only."""
    uri = totp.provisioning_uri(secret, name=name)
    picture: str = segno.make(uri, error="m").svg_data_uri(scale=5, border=3, light="#fff")
    groups = [secret[start : start + 4] for start in range(0, len(secret), 4)]
    return Shown(picture, groups, keyring().seal(f"app {bound} {secret}"))


def unsealed(sealed: str, *, bound: str) -> str:
    """The secret of a page that was shown for `bound` within a day, or nothing."""
    try:
        parts = keyring().unseal(sealed, ttl=_SEAL_SECONDS).split(" ")
    except Refused:
        return ""
    return parts[2] if parts[:2] == ["app", bound] else ""
