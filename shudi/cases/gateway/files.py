"""The folder of evidence files: outside the web root and the store, each under a random name.

Order against crashes: a file is on the disk before its row commits, and gone from the disk before
its row is deleted. So a row always has its file, and a file without a row is old rubbish.
"""

import contextlib
import os
import re
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from shudi.errors import NotFound
from shudi.settings import Settings

_NAME = re.compile(r"[0-9a-f]{48}")
# No upload takes this long between writing the file and committing its row.
_ORPHAN_AFTER = timedelta(hours=1)


def folder(settings: Settings) -> Path:
    """Where the files lie; made (mode 0700) at first need."""
    path = settings.var / "attachments"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


@contextlib.contextmanager
def written(settings: Settings, data: bytes) -> Iterator[str]:
    """Write a file (mode 0600), on the disk when the block begins; yields its name. Leaving the
    block by an error removes it.
    """
    place = folder(settings)
    name = secrets.token_hex(24)
    path = place / name
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _sync(place)
        yield name
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def read(settings: Settings, name: str) -> bytes:
    """The file's bytes; NotFound if it is not there."""
    try:
        return (folder(settings) / name).read_bytes()
    except FileNotFoundError:
        raise NotFound("file-gone", "This file is not kept any more.") from None


def remove(settings: Settings, names: list[str]) -> None:
    """Remove these files for good; one that is gone already is no error."""
    place = folder(settings)
    for name in names:
        (place / name).unlink(missing_ok=True)
    if names:
        _sync(place)


def old(settings: Settings, *, now: datetime) -> list[str]:
    """Names of files old enough to have a row, if they ever get one."""
    before = (now - _ORPHAN_AFTER).timestamp()
    return [
        path.name
        for path in folder(settings).iterdir()
        if _NAME.fullmatch(path.name) and path.stat().st_mtime < before
    ]


def _sync(place: Path) -> None:
    """Have the folder's own entries on the disk, too."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
