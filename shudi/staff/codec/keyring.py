"""Keys drawn from the deployment's secret key, one per purpose, and what is sealed with them."""

import base64
import dataclasses
import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Sequence
from datetime import date

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shudi.daykeys import DayKeys
from shudi.errors import Refused
from shudi.staff.store import LinkPurpose

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_LINK_PATHS = {LinkPurpose.ENROL: "/enrol/", LinkPurpose.DEMO: "/demo-sign-in/"}
_CLIENT_PREFIX = {4: 32, 6: 64}  # one reader at home is a /64 in IPv6


@dataclasses.dataclass(frozen=True, slots=True)
class Keyring:
    """The secret key, and the ones it replaced, which still open what they sealed. `days` hold what
    addresses are compared under; a keyring without them compares none.
    """

    secret_key: str
    fallbacks: tuple[str, ...] = ()
    days: DayKeys | None = None

    def derive(self, purpose: str) -> list[bytes]:
        """32-byte keys for `purpose`, the present one first (HKDF-SHA-256)."""
        return [
            HKDF(algorithm=SHA256(), length=32, salt=None, info=f"shudi/{purpose}".encode()).derive(
                key.encode()
            )
            for key in (self.secret_key, *self.fallbacks)
        ]

    def seal(self, text: str) -> str:
        """`text` encrypted and authenticated under the present key."""
        return self._fernet().encrypt(text.encode()).decode()

    def unseal(self, sealed: str, *, ttl: int | None = None) -> str:
        """What `seal` was given. Refused if no key opens it, or it is older than `ttl` seconds."""
        try:
            return self._fernet().decrypt(sealed.encode(), ttl=ttl).decode()
        except (InvalidToken, UnicodeError) as error:
            raise Refused("unreadable", "This was not sealed here, or too long ago.") from error

    def is_present(self, sealed: str) -> bool:
        """Whether the present key alone opens `sealed`."""
        try:
            Keyring(self.secret_key).unseal(sealed)
        except Refused:
            return False
        return True

    def reseal(self, sealed: str) -> str:
        """`sealed` under the present key, so that a replaced key can be retired."""
        return self._fernet().rotate(sealed.encode()).decode()

    def pseudonyms(self, client: IPAddress | None, days: Sequence[date]) -> list[str]:
        """What stands for a client on each day: an HMAC of its address block, never the address,
        under a key that is destroyed when the next day is over.

        None (a peer without an address) is one client of its own, so limits still hold.
        """
        if self.days is None:
            raise ValueError("this keyring compares no addresses")
        block = "unknown"
        if client is not None:
            prefix = _CLIENT_PREFIX[client.version]
            block = str(ipaddress.ip_network((client, prefix), strict=False))
        return [
            hmac.new(
                self.days.key(day), f"client/{day.isoformat()}/{block}".encode(), hashlib.sha256
            ).hexdigest()
            for day in days
        ]

    def mark(self, purpose: str, value: str) -> str:
        """HMAC-SHA-256 (hex) of `value` under the present key of `purpose`."""
        return hmac.new(self.derive(purpose)[0], value.encode(), hashlib.sha256).hexdigest()

    def _fernet(self) -> MultiFernet:
        return MultiFernet(
            [Fernet(base64.urlsafe_b64encode(key)) for key in self.derive("staff-secrets")]
        )


def new_token() -> str:
    """256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is kept of a token. Its 256 bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def link_path(purpose: LinkPurpose, token: str) -> str:
    """Where a link of that purpose leads, below the base URL."""
    return f"{_LINK_PATHS[purpose]}{token}"
