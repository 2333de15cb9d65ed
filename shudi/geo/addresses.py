"""IP addresses as text and as numbers: what is well-formed, what is wrapped, what has no place.

Nothing here puts an address into an exception, so that none can reach a log.
"""

import ipaddress
from bisect import bisect_right
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Final

from shudi.errors import Invalid

Address = IPv4Address | IPv6Address

_MAPPED: Final = 0xFFFF  # ::ffff:0:0/96
_NAT64: Final = 0x64FF9B << 64  # 64:ff9b::/96; 64:ff9b:1::/48 is local use and stays special
_TEREDO: Final = 0x20010000  # 2001::/32
_6TO4: Final = 0x2002  # 2002::/16
_LOW32: Final = 0xFFFFFFFF

# IANA special-purpose registries: what is not one site's place on the public Internet.
_SPECIAL_V4: Final = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
)
# Only 2000::/3 is given out; these are the parts of it that are not.
_SPECIAL_V6: Final = ("::/3", "2001::/23", "2001:db8::/32", "3fff::/20", "4000::/2", "8000::/1")


def parse_ip(text: str) -> Address:
    """The address that the text spells; Invalid("ip-zone" | "ip-port" | "ip-malformed").

    Strict: no zone, brackets, port, white space, leading zeros in IPv4, or digits beyond ASCII.
    """
    try:
        if isinstance(text, str) and text.isascii() and "%" not in text and "/" not in text:
            return ipaddress.ip_address(text)
    except ValueError:
        pass
    raise _refusal(text) from None


def _refusal(text: object) -> Invalid:
    words = text if isinstance(text, str) else ""
    if "%" in words:
        return Invalid("ip-zone", "An address with a zone is not a public address.")
    if "[" in words or "]" in words or (words.count(":") == 1 and "." in words):
        return Invalid("ip-port", "Give the address alone, without brackets or port.")
    return Invalid("ip-malformed", "That is not an IP address.")


def unwrap_v6(number: int) -> int | None:
    """The IPv4 number inside a v4-mapped, NAT64, Teredo or 6to4 address; None for any other."""
    high = number >> 32
    if high in (_MAPPED, _NAT64):
        return number & _LOW32
    if number >> 96 == _TEREDO:
        return (number & _LOW32) ^ _LOW32
    if number >> 112 == _6TO4:
        return (number >> 80) & _LOW32
    return None


def unwrap(ip: Address) -> Address:
    """The client's own address: the IPv4 inside a transition address, else the address itself."""
    inner = None if ip.version == 4 else unwrap_v6(int(ip))  # noqa: PLR2004 - the IP version
    return ip if inner is None else IPv4Address(inner)


def _bounds(networks: Iterable[str]) -> tuple[int, ...]:
    """Sorted edges: a number is inside where an odd count of edges is not above it."""
    parsed = [ipaddress.ip_network(network) for network in networks]
    edges: list[int] = []
    for network in sorted(parsed, key=lambda one: int(one.network_address)):
        first, after = int(network.network_address), int(network.broadcast_address) + 1
        if edges and edges[-1] == first:
            edges[-1] = after
        else:
            edges += [first, after]
    return tuple(edges)


_EDGES_V4: Final = _bounds(_SPECIAL_V4)
_EDGES_V6: Final = _bounds(_SPECIAL_V6)


Block = tuple[int, int]  # the first number of a block, and its prefix length


def public_blocks(bits: int) -> list[Block]:
    """The blocks of 32 or 128 bits that have a place of their own, in order: nothing special,
    and nothing that wraps IPv4.
    """
    if bits == 32:  # noqa: PLR2004 - the width of IPv4
        return _without(_SPECIAL_V4, ipaddress.ip_network((0, 0)))
    return _without((*_SPECIAL_V6, f"{_6TO4:x}::/16"), ipaddress.ip_network("::/0"))


def _without(
    special: Iterable[str], whole: ipaddress.IPv4Network | ipaddress.IPv6Network
) -> list[Block]:
    left: list[Any] = [whole]
    for text in special:
        gone: Any = ipaddress.ip_network(text)
        left = [
            part
            for block in left
            for part in (block.address_exclude(gone) if gone.subnet_of(block) else [block])
        ]
    return sorted((int(block.network_address), block.prefixlen) for block in left)


def is_special_number(number: int, bits: int) -> bool:
    """Whether a number of 32 or 128 bits lies in a range that has no place."""
    edges = _EDGES_V4 if bits == 32 else _EDGES_V6  # noqa: PLR2004 - the width of IPv4
    return bisect_right(edges, number) % 2 == 1


def is_special(ip: Address) -> bool:
    """Private, CGNAT, loopback, link-local, documentation, benchmarking, multicast, reserved."""
    return is_special_number(int(ip), ip.max_prefixlen)
