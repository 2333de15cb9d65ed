"""Addresses that must leave no trace, in every spelling a careless line of code could store."""

import base64
import hashlib
import ipaddress
import os
import random
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import quote

AGENT = "Canary/1.0 (a reader's browser)"
PORT = 51234
_WINDOW = 24  # bytes of a digest that are looked for: a shortened one is found, too
_DIGESTS = ("md5", "sha1", "sha256", "sha512")


def draw(count: int, seed: int) -> list[str]:
    """Public addresses, IPv4 and every fourth IPv6.

    Their bytes are none that UTF-8 has in this order, and neither NUL nor newline: the packed form
    occurs in no text. Among random bytes four of them do occur: see `lasting`.
    """
    chance = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        if len(found) % 4 == 3:
            tail = bytes(chance.choice(range(0xA1, 0xFF)) for _ in range(14))
            found[str(ipaddress.IPv6Address(b"\x2a\x02" + tail))] = None
        else:
            octets = (chance.randint(193, 222), *(chance.randint(248, 254) for _ in range(3)))
            found[".".join(map(str, octets))] = None
    return list(found)


def spellings(ip: str) -> set[bytes]:
    """What to look for: text, numbers, packed bytes, encodings and unsalted digests of `ip`."""
    address = ipaddress.ip_address(ip)
    texts = {ip, ip.upper(), address.exploded, address.reverse_pointer, str(int(address)), ip[::-1]}
    packed = address.packed
    texts |= {
        packed.hex(),
        packed.hex().upper(),
        packed[::-1].hex(),
        packed.hex(":"),
        hex(int(address)),
    }
    if isinstance(address, ipaddress.IPv4Address):
        mapped = ipaddress.IPv6Address(b"\0" * 10 + b"\xff\xff" + packed)
        texts |= {f"::ffff:{ip}", mapped.compressed, mapped.exploded}
        texts |= {".".join(f"{octet:#x}" for octet in packed), "-".join(map(str, packed))}
    else:
        texts |= {":".join(address.exploded.split(":")[:4]), packed[:8].hex()}
    texts |= {quote(text, safe="").replace(".", "%2E") for text in (ip, address.exploded)}
    found = {text.encode() for text in texts} | _packed(ip)
    for content in (ip.encode(), packed):
        found |= _base64(content)
    for content in _hashed(ip, packed):
        found |= _digests(content)
    return {each for each in found if each}


def _base64(content: bytes) -> set[bytes]:
    """As it looks at each of the three places it can have in a longer text."""
    found = set()
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + content)
        start, end = (8 * before + 5) // 6, (8 * (before + len(content))) // 6
        part = whole[start:end]
        if len(part) > 6:
            found |= {part, part.replace(b"+", b"-").replace(b"/", b"_")}
    return found


def _hashed(ip: str, packed: bytes) -> list[bytes]:
    plain = [ip, f"{ip}:{PORT}", f"{ip}|{AGENT}", f"{ip}{AGENT}", f'"{ip}"']
    return [text.encode() for text in plain] + [packed]


def _digests(content: bytes) -> set[bytes]:
    found = set()
    for name in _DIGESTS:
        digest = hashlib.new(name, content).digest()
        found |= {digest.hex()[:_WINDOW].encode(), digest.hex().upper()[:_WINDOW].encode()}
        found.add(base64.b64encode(digest)[:_WINDOW])
        found.add(_greppable(digest[:_WINDOW]))
    return found


def _greppable(data: bytes) -> bytes:
    """The longest stretch that a line of patterns can hold; empty if it is short."""
    stretches = data.replace(b"\0", b"\n").split(b"\n")
    longest = max(stretches, key=len)
    return longest if len(longest) >= 6 else b""


def find(needles: Iterable[bytes], places: Iterable[Path], scratch: Path) -> dict[bytes, str]:
    """Which needles occur in the files below `places`, and in which file first."""
    patterns = scratch / "patterns"
    patterns.write_bytes(b"\n".join(sorted(needles)) + b"\n")
    done = subprocess.run(
        ["grep", "-r", "-H", "-a", "-o", "-Z", "-F", "-f", patterns, *places],
        check=False,
        capture_output=True,
        env=os.environ | {"LC_ALL": "C"},
    )
    if done.returncode > 1:
        raise RuntimeError(done.stderr.decode(errors="replace")[-500:])
    found: dict[bytes, str] = {}
    for line in done.stdout.split(b"\n"):
        name, _, needle = line.partition(b"\0")
        if needle:
            found.setdefault(needle, os.fsdecode(name))
    return found


def lasting(
    live: Callable[[list[str]], dict[bytes, str]], addresses: list[str]
) -> dict[bytes, str]:
    """What is found after `live`, which sends these addresses through a fresh store and searches.

    Hashes, signatures and checksums are random: in each three megabytes of them, one of a thousand
    addresses has its four bytes somewhere. What is found by four bytes alone is therefore lived
    once more, with those addresses only: what is kept is found again, and chance is not (one in
    some thousands).
    """
    found = live(addresses)
    by_chance = {needle for needle in found if len(needle) == 4}
    if not found or by_chance != found.keys():
        return found
    return live([ip for ip in addresses if not by_chance.isdisjoint(_packed(ip))])


def _packed(ip: str) -> set[bytes]:
    packed = ipaddress.ip_address(ip).packed
    return {packed, packed[::-1]}
