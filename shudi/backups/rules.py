"""What a backup says of itself, and which acts must be done again after one is restored. Pure.

A store that is restored knows nothing of what ended since: a deleted account would be back, and
so would whoever was shut out. So these acts are also noted outside the store, in the state folder
(`codec.journal`), without a name in clear: only a keyed pseudonym of whom they were about.
"""

import dataclasses
import enum
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta

from shudi.errors import Refused

LAYOUT = 1  # of the archive
PURPOSE = "ends"  # what the journal's keys are derived for
# An act's instant is taken when it begins: one that a copy just missed may seem older than it.
_MARGIN = timedelta(minutes=5)


class End(enum.StrEnum):
    """What ended, and so must not come back."""

    ACCOUNT = "account"  # an account's data were deleted
    STANDING = "standing"  # somebody was disabled, or may do something else here
    WAYS_IN = "ways_in"  # somebody changed how they sign in
    KEY = "key"  # a program's key was revoked
    SITE = "site"  # a site was closed
    SEEN = "seen"  # nothing ended: so far the log was read, or began anew


ENDING = {
    "account.deleted": End.ACCOUNT,
    "staff.disabled": End.STANDING,
    "staff.role_set": End.STANDING,
    "staff.scope_set": End.STANDING,
    "staff.app_changed": End.WAYS_IN,
    "staff.passkey_removed": End.WAYS_IN,
    "staff.password_changed": End.WAYS_IN,
    "staff.recovery_renewed": End.WAYS_IN,
    "staff.recovery_used": End.WAYS_IN,
    "staff.reset": End.WAYS_IN,
    "key.revoked": End.KEY,
    "site.closed": End.SITE,
}


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One line of the journal. `seq` and `at` are the audit row's; `key` names the key of `mac`."""

    end: End
    seq: int
    at: datetime
    key: str = ""
    mac: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an archive says of itself: which store, at which revision, how far its log went."""

    layout: int
    dialect: str
    revision: str
    made_at: datetime
    rows: int  # of the audit log


def key_name(key: bytes) -> str:
    """What tells that a line was written under `key`, and nothing of it."""
    return hmac.new(key, b"which", hashlib.sha256).hexdigest()[:8]


def pseudonym(key: bytes, *parts: str) -> str:
    """128 bits for whom or what a line is about; the parts hold no NUL."""
    return hmac.new(key, "\0".join(parts).encode(), hashlib.sha256).hexdigest()[:32]


def since(lines: Iterable[Line], made_at: datetime) -> list[Line]:
    """The lines of acts that a copy made at `made_at` may not hold."""
    return [line for line in lines if line.end is not End.SEEN and line.at > made_at - _MARGIN]


def check_kin(manifest: Manifest, *, dialect: str, revisions: Iterable[str]) -> None:
    """Refused where this version, or this kind of store, cannot take the copy in."""
    if manifest.layout != LAYOUT:
        raise Refused("backup-layout", "A newer version of Shudi made this backup.")
    if manifest.dialect != dialect:
        raise Refused("backup-dialect", f"This backup is of a {manifest.dialect} store.")
    if manifest.revision not in set(revisions):
        raise Refused("backup-revision", "A newer version of Shudi made this backup.")


def check_noted(*, is_there: bool) -> None:
    """Refused without a journal: nobody could say what was deleted since."""
    if not is_there:
        raise Refused(
            "journal-missing",
            "ended.jsonl is not in the state folder: bring its newest copy (--ended FILE), or take"
            " what comes back: --accept-lost.",
        )


def check_age(manifest: Manifest, *, now: datetime, days: int) -> None:
    """Refused where the copy is older than what is noted of deletions: they would come back."""
    if now - manifest.made_at > timedelta(days=days):
        raise Refused(
            "backup-old",
            f"This backup is older than {days} days: what was deleted since may come back."
            " To take it nevertheless: --accept-lost.",
        )


def check_keys(lines: Iterable[Line], known: Iterable[str]) -> None:
    """Refused where a line was written under a key that is not at hand."""
    if {line.key for line in lines} - set(known):
        raise Refused(
            "journal-key",
            "What was deleted since is noted under another secret key: give that one as a"
            " fallback (SHUDI_SECRET_KEY_FALLBACKS), or take what comes back: --accept-lost.",
        )
