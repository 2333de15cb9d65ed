"""Where somebody knocks: what the acts of signing in need besides what was typed."""

import dataclasses
from datetime import datetime
from urllib.parse import urlsplit

from argon2 import PasswordHasher

from shudi.staff.codec import passwords
from shudi.staff.codec.keyring import IPAddress, Keyring


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """`origin` is the console's own (scheme, host and port); `holder` stands for the person, or
    else for the browser, whom a challenge is given to; `device` is the token of a known device.
    """

    keyring: Keyring
    client: IPAddress | None
    now: datetime
    request_id: str = ""
    hours: int = 12
    origin: str = "http://localhost:8000"
    holder: str = ""
    device: str = ""
    hasher: PasswordHasher = passwords.HASHER

    @property
    def host(self) -> str:
        """Its name alone."""
        return urlsplit(self.origin).hostname or ""
