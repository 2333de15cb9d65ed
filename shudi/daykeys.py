"""Keys that each serve one UTC day and are then destroyed.

An address that has to be compared (how often it knocked, which reports came from one sender) is
known by its HMAC under the key of the day. The key of a day is the HMAC of the key of the day
before, and only yesterday's is kept: whoever takes the store, its backups and all secrets away
finds nothing to try the addresses of an earlier day with. Machines that began with the same file
agree without asking each other (reliability reference, section 6 and acceptance test 31).
"""

import contextlib
import fcntl
import hashlib
import hmac
import logging
import os
import secrets
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from shudi.settings import Settings, kept_secret

_log = logging.getLogger("shudi.daykeys")
_STEP = b"shudi/next-day"
_DAY = timedelta(days=1)


class DayKeys:
    """The keys of yesterday and today, from the file at `path` (mode 0600)."""

    def __init__(self, path: Path) -> None:
        self._path, self._turn = path, threading.Lock()
        self._oldest: tuple[date, bytes] | None = None

    @classmethod
    def of(cls, settings: Settings) -> "DayKeys":
        """The keys of a deployment, beside its other secrets."""
        return cls(settings.var / "pseudonym-key")

    def key(self, day: date) -> bytes:
        """32 bytes for `day`; for a day before yesterday the oldest key left, under which nothing
        was ever written for that day. Destroys what came before the day before `day`.
        """
        with self._turn:
            if self._oldest is None or self._oldest[0] < day - _DAY:
                self._oldest = self._moved_to(day - _DAY)
            return _forward(*self._oldest, day)[1]

    def _moved_to(self, oldest: date) -> tuple[date, bytes]:
        """Keep no key from before `oldest`, here and in the file."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept_secret(self._path, lambda: _written(oldest, secrets.token_bytes(32)))
        with _locked(self._path.with_name(f"{self._path.name}.lock")):
            found = _read(self._path)
            moved = _forward(*found, oldest)
            try:
                if moved != found:
                    _replace(self._path, _written(*moved))
            except OSError:
                _log.exception("The day's key could not be written: an older one is still there.")
        return moved


def _forward(day: date, key: bytes, until: date) -> tuple[date, bytes]:
    while day < until:
        day, key = day + _DAY, hmac.digest(key, _STEP, hashlib.sha256)
    return day, key


def _written(day: date, key: bytes) -> str:
    return f"{day.isoformat()} {key.hex()}"


def _read(path: Path) -> tuple[date, bytes]:
    day, key = path.read_text(encoding="ascii").split()
    return date.fromisoformat(day), bytes.fromhex(key)


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One process at a time: a late one must not put an older key back."""
    with path.open("a", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
