"""The archive: a ZIP of a manifest, the store's copy, the evidence files and the checkpoints.

No key is in it. It appears whole and for its owner only: whoever finds a file under its name
finds a complete one.
"""

import contextlib
import dataclasses
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from shudi.backups.codec import scratch
from shudi.backups.rules import Manifest
from shudi.errors import Refused

STORE, NOTES, FILES, _MANIFEST = "store", "audit-checkpoints.txt", "attachments/", "manifest.json"


@contextlib.contextmanager
def made(path: Path) -> Iterator[zipfile.ZipFile]:
    """An archive to fill, which appears at `path` when the block ends well. Refused if something
    is there.
    """
    if path.exists():
        raise Refused("file-there", f"{path} is there already.")
    with scratch.folder(path.parent) as place:
        draft = place / path.name
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                yield archive
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # not over a file that came meanwhile


@contextlib.contextmanager
def opened(path: Path) -> Iterator[tuple[Manifest, zipfile.ZipFile]]:
    """An archive to read. Refused if it is none, or if a byte of it was spoilt."""
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.testzip() is not None:
                raise Refused("backup-spoilt", f"{path} is damaged.")
            yield _manifest(archive), archive
    except FileNotFoundError:
        raise Refused("backup-missing", f"{path} is not there.") from None
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError) as error:
        raise Refused("backup-spoilt", f"{path} is no backup, or damaged.") from error


def add_manifest(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """The last thing written."""
    text = json.dumps(dataclasses.asdict(manifest), default=datetime.isoformat, indent=2)
    archive.writestr(_MANIFEST, text)


def take(archive: zipfile.ZipFile, name: str, target: Path) -> None:
    """One of its files, as `target`, which is new and for its owner only."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file, archive.open(name) as member:
        shutil.copyfileobj(member, file, 1 << 20)
        file.flush()
        os.fsync(file.fileno())


def made_at(path: Path) -> datetime | None:
    """When the archive at `path` was made, or None if it is none of ours."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _manifest(archive).made_at
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError):
        return None


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    found = json.loads(archive.read(_MANIFEST))
    found["made_at"] = datetime.fromisoformat(found["made_at"])
    return Manifest(**found)
