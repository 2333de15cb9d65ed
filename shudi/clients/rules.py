"""What a program may do, how its key looks, and under which name an address is counted. Pure."""

import dataclasses
import enum
import hashlib
import hmac
import ipaddress
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from shudi.errors import Invalid

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

KEY_PREFIX = "shudi_"
_KEY = re.compile(r"shudi_[A-Za-z0-9_-]{43}\Z")
_BEARER = re.compile(r"[Bb]earer +(\S+)\Z")
# One token of visible ASCII, as draft-ietf-httpapi-idempotency-key-header wants a unique string.
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}\Z")
_ZONE = r"(?:%[A-Za-z0-9._~-]{1,32})?"
_PORT = r"(?::[0-9]{1,5})?"
_WRITTEN = re.compile(
    rf"(?:\[([0-9A-Fa-f:.]+){_ZONE}\]{_PORT}|([0-9.]+){_PORT}|([0-9A-Fa-f:.]+){_ZONE})\Z"
)
ANSWERS_KEPT = timedelta(hours=24)
OVERLAP_MOST = timedelta(days=30)  # both secrets open the door so long, at most
LIFE_MOST = timedelta(days=730)
MINUTE_MOST = 10_000_000
DAYS_KEPT = timedelta(days=90)


class Scope(enum.StrEnum):
    """What a key opens. A key holds those it was made with and no other."""

    ACCOUNTS_WRITE = "accounts:write"
    HOLDERS_LINK = "holders:link"
    LABELS_READ = "labels:read"
    SIGHTINGS_WRITE = "sightings:write"


@dataclasses.dataclass(frozen=True, slots=True)
class Client:
    """A program that brought a live key. `site_id` is the one site it may touch, or None; `limit`
    its own requests a minute, or None; what it brought opens nothing from `until` on.
    """

    id: int
    name: str
    scopes: frozenset[str]
    site_id: int | None
    limit: int | None = None
    until: datetime | None = None

    def live(self, now: datetime) -> bool:
        """Whether what it brought still opens anything."""
        return self.until is None or now < self.until


def ends(*instants: datetime | None) -> datetime | None:
    """The first of `instants` that are known."""
    return min((one for one in instants if one is not None), default=None)


@dataclasses.dataclass(frozen=True, slots=True)
class Policy:
    """`limit` requests in any window of `seconds`, counted from the epoch."""

    name: str
    limit: int
    seconds: int


def parse_scopes(names: Iterable[str]) -> list[str]:
    """The scopes in order, each once; Invalid for none, or one that is none of ours."""
    try:
        scopes = sorted({Scope(name).value for name in names})
    except ValueError:
        raise Invalid("scope-unknown", f"Scopes are {', '.join(Scope)}.") from None
    if not scopes:
        raise Invalid("scope-needed", "A key needs at least one scope.")
    return scopes


def bearer(header: str | None) -> str | None:
    """The key in an Authorization header, if it looks like one of ours."""
    match = _BEARER.match(header or "")
    return match[1] if match and _KEY.match(match[1]) else None


def key_hash(key: str) -> str:
    """What is kept of a key. Plain SHA-256 does: 256 random bits cannot be guessed back."""
    return hashlib.sha256(key.encode()).hexdigest()


def check_idempotency_key(text: str) -> str:
    """`text` if it is 1 to 255 visible ASCII characters; Invalid otherwise."""
    if not _IDEMPOTENCY_KEY.match(text):
        raise Invalid("idempotency-key-invalid", "Idempotency-Key has 1 to 255 visible characters.")
    return text


def _derived(secret: str, purpose: str) -> bytes:
    return hmac.new(secret.encode(), f"shudi/{purpose}".encode(), hashlib.sha256).digest()


def body_macs(secrets: Sequence[str], route: str, body: bytes) -> list[str]:
    """The keyed hash of a request's body under each secret, the present one first."""
    return [
        hmac.new(_derived(one, f"idempotency/{route}"), body, hashlib.sha256).hexdigest()
        for one in secrets
    ]


def pseudonym(key: bytes, address: IPAddress | None, *, purpose: str, day: date) -> str:
    """The name under which an address is counted on `day` (UTC), whose key is `key`, and never
    again.

    IPv6 counts by /64, which one household holds. No address at all is one shared subject.
    """
    block = ""
    if address is not None:
        bits = 64 if isinstance(address, ipaddress.IPv6Address) else 32
        block = str(ipaddress.ip_network(f"{address}/{bits}", strict=False))
    named = f"{purpose}/{day.isoformat()}/{block}"
    return f"{purpose}:{hmac.new(key, named.encode(), hashlib.sha256).hexdigest()[:40]}"


def client_address(
    peer: str, forwarded: Sequence[str], trusted: Sequence[IPNetwork]
) -> IPAddress | None:
    """Who really asks: `peer`, or whom trusted proxies say they speak for.

    `forwarded` are X-Forwarded-For lines as received. They are read from the right, and only
    as long as the hop before is in `trusted`; a value that is no address ends the walk at the hop
    that reported it. None if even `peer` is none, as behind a Unix socket.
    """
    client = _plain_address(peer)
    hops = [hop.strip() for line in forwarded for hop in line.split(",")]
    while client is not None and hops and any(client in network for network in trusted):
        reported = _plain_address(hops.pop())
        if reported is None:
            break
        client = reported
    return client


def _plain_address(text: str) -> IPAddress | None:
    """An address as proxies write it, without brackets, port and zone."""
    match = _WRITTEN.match(text)
    try:
        address = ipaddress.ip_address(match[1] or match[2] or match[3] if match else "")
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
