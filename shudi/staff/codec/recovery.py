"""Recovery codes: what is written down for the day on which the app is gone.

140 random bits each, so that the hash needs no salt that is slow to try (ASVS 5.0, 6.5.2 asks for
a password hash below 112) and no key: a code written down for years outlives the secret key.
"""

import hashlib
import secrets

COUNT = 10
_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ0123456789"  # no I, L, O, U: none is read as another
_GROUPS, _GROUP = 7, 4
_ALIKE = str.maketrans("ILO", "110")


def new_codes() -> list[str]:
    """Fresh codes as a person writes them down: `7F3K-…`, seven groups of four."""
    return ["-".join(_group() for _ in range(_GROUPS)) for _ in range(COUNT)]


def code_hash(staff_id: int, code: str) -> str:
    """What is kept of a code: the same however it is typed, and of use to this person only."""
    typed = "".join(letter for letter in code.upper() if letter.isalnum()).translate(_ALIKE)
    data = f"shudi/recovery/{staff_id}/{typed}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()


def _group() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP))
