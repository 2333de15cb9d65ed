"""Passwords: which are taken, how they are hashed and compared.

Argon2id above the minimum of OWASP ASVS 5.0 appendix C (19 MiB, t=2, p=1). Long and unguessable
is asked for, composition is not (NIST SP 800-63B, 3.1.1).
"""

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterable
from importlib import resources

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shudi.errors import Invalid

MINIMUM = 15  # characters
MAXIMUM = 1024  # bytes; more is never hashed
_OWN_WORDS = ("shudi", "属地", "admin", "auditor", "console", "iplocation", "label", "moderator")
_OWN_PART = 8  # characters that must remain when our own words and digits are taken out
HASHER = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)


def normal(password: str) -> str:
    """NFKC: the same keys give the same password on every keyboard and system."""
    return unicodedata.normalize("NFKC", password)


def check_new(password: str, *, words: Iterable[str] = ()) -> str:
    """The password as it will be hashed. Invalid says what is wrong with it.

    `words`: what an attacker would try here first, such as the person's and the host's name.
    """
    password = normal(password)
    if too_long(password):
        raise Invalid("password-too-long", "The password is too long.")
    if len(password) < MINIMUM:
        raise Invalid("password-too-short", "The password needs at least 15 characters.")
    folded = password.casefold()
    if folded in _common() or _joined(folded) or _repeats(folded) or not _remains(folded, words):
        raise Invalid("password-common", "This password is too easy to guess.")
    return password


def too_long(password: str) -> bool:
    """Whether hashing it would only waste time."""
    return len(password.encode("utf-8", "surrogatepass")) > MAXIMUM


def hash_new(password: str, *, hasher: PasswordHasher = HASHER) -> str:
    """The Argon2id hash to keep."""
    return hasher.hash(normal(password).encode("utf-8", "surrogatepass"))


def verify(stored: str, password: str, *, hasher: PasswordHasher = HASHER) -> bool:
    """Whether `password` is the one behind `stored`.

    An empty `stored` (nobody of that name, or not enrolled) costs the same time and is never
    right, so that answers do not tell who works here.
    """
    password = normal(password)
    if too_long(password):
        return False
    try:
        known = hasher.verify(
            stored or _stand_in(hasher), password.encode("utf-8", "surrogatepass")
        )
    except (VerificationError, InvalidHashError):
        return False
    return known and bool(stored)


def needs_rehash(stored: str, *, hasher: PasswordHasher = HASHER) -> bool:
    """Whether `stored` was made with other costs than today's."""
    return hasher.check_needs_rehash(stored)


@functools.cache
def _stand_in(hasher: PasswordHasher) -> str:
    return hasher.hash("nobody has this password")


def _common() -> frozenset[str]:
    return _listed("common_passwords.txt")


@functools.cache
def _listed(name: str) -> frozenset[str]:
    text = resources.files("shudi.staff").joinpath(name).read_text("utf-8")
    return frozenset(line.casefold() for line in text.splitlines() if line)


def _joined(text: str) -> bool:
    """Whether it is two of the 3,000 commonest passwords, with digits and signs about them."""
    pieces = _listed("common_pieces.txt")
    for bare in (text, re.sub(r"[\W\d_]+", "", text)):
        if bare in pieces or any(
            bare[:at] in pieces and bare[at:] in pieces for at in range(1, len(bare))
        ):
            return True
    return False


def _repeats(text: str) -> bool:
    """Whether it is one piece over and over, or a run along the alphabet or the digits."""
    half = len(text) // 2 + 1
    if any(text == (text[:size] * len(text))[: len(text)] for size in range(1, half)):
        return True
    steps = {ord(after) - ord(before) for before, after in itertools.pairwise(text)}
    return steps in ({1}, {-1})


def _remains(text: str, words: Iterable[str]) -> bool:
    for word in sorted((*_OWN_WORDS, *words), key=len, reverse=True):
        if len(word) > 1:
            text = text.replace(normal(word).casefold(), "")
    return len(re.sub(r"[\W\d_]+", "", text)) >= _OWN_PART or len(text) >= MINIMUM
