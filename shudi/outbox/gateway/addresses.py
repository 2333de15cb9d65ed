"""Which addresses a webhook may reach, so that an address typed into the console cannot be used
to ask what listens inside our own network.
"""

import ipaddress
import socket
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from shudi.errors import Invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
URL_MOST: Final = 500
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_SCHEMES: Final = {"https": 443, "http": 80}


class OutOfBounds(OSError):
    """The name leads to an address that webhooks may not reach."""


def check_url(url: str) -> SplitResult:
    """A receiver's URL in its parts: https, or http to this machine itself; no name, password or
    fragment in it. Invalid for anything else.
    """
    parts = (
        urlsplit(url) if url.isascii() and url.isprintable() else SplitResult("", "", "", "", "")
    )
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    fine = (
        len(url) <= URL_MOST
        and " " not in url
        and parts.scheme in _SCHEMES
        and host
        and port != 0
        and "@" not in parts.netloc
        and not parts.fragment
        and (parts.scheme == "https" or names_loopback(host))
    )
    if not fine:
        raise Invalid("receiver-url", "A receiver is https://host/path.")
    return parts


def names_loopback(host: str) -> bool:
    """Whether `host` says by itself that it is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def port_of(parts: SplitResult) -> int:
    """The port that the URL names, or its scheme's."""
    return parts.port or _SCHEMES[parts.scheme]


def reachable(host: str, port: int, *, private: bool, loopback: bool) -> list[str]:
    """The addresses of `host`, all of them allowed. OutOfBounds if a single one is not: a name
    that leads to both is no mistake. The caller connects to these, and asks no one again.
    """
    found = {str(entry[4][0]) for entry in resolve(host, port)}
    for text in found:
        address = _meant(ipaddress.ip_address(text.partition("%")[0]))
        if address.is_loopback:
            fine = loopback
        elif address.is_multicast or address.is_unspecified or address.is_reserved:
            fine = False
        elif address.is_link_local:
            fine = False  # where clouds keep the credentials of the machine: no platform is there
        else:
            fine = private or address.is_global
        if not fine:
            raise OutOfBounds
    return sorted(found)


def resolve(host: str, port: int) -> list[tuple[Any, ...]]:
    """What the system's resolver says; a seam for tests."""
    return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))


def _meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    inside = address.ipv4_mapped or address.sixtofour
    if inside is None and address.teredo is not None:
        inside = address.teredo[1]
    if inside is None and address in _NAT64:
        inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return inside or address
