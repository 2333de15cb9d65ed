"""The databases in use, kept in the state folder: whatever becomes of the configured files, the
old ones answer until new ones are taken into use. One small file says which they are, and servers
look at it every two seconds; so nothing has to be restarted.
"""

import dataclasses
import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from shudi.geo.gateway import Health, Kind, SourceSpec, bundled_path

_CHUNK = 1 << 20
# name: kind, path, and inode, bytes and nanoseconds of the last change (None without a file)
Seen = dict[str, list[Any]]


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """A database: its `file` in the folder, named by its content, and how large it is."""

    name: str
    kind: Kind
    file: str
    size: int


@dataclasses.dataclass(frozen=True, slots=True)
class InUse:
    """What is used. `trial` of update `trial_of` is looked up beside it, to see what would
    change. `seen` is how the configured files were when it was last decided what to use;
    `faults` say what is wrong with those that are not used.
    """

    sources: tuple[Kept, ...]
    seen: Seen
    trial: tuple[Kept, ...] = ()
    trial_of: int = 0
    faults: dict[str, Health] = dataclasses.field(default_factory=dict)


def folder_of(var: Path) -> Path:
    """Where they are kept."""
    return var / "geo"


def manifest(folder: Path) -> Path:
    """The file that says which are in use."""
    return folder / "in-use.json"


def read(folder: Path) -> InUse | None:
    """What is in use; None where nothing was kept yet."""
    try:
        raw: dict[str, Any] = json.loads(manifest(folder).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    kept = {name: as_kept(raw[name]) for name in ("sources", "trial")}
    return InUse(**(raw | kept))


def as_kept(rows: Iterable[dict[str, Any]]) -> tuple[Kept, ...]:
    """As they were written down."""
    return tuple(Kept(**row) for row in rows)


def write(folder: Path, in_use: InUse) -> None:
    """Say what is in use, at once for all."""
    path = manifest(folder)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(dataclasses.asdict(in_use), file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def sweep(folder: Path, needed: Iterable[Kept]) -> None:
    """Remove the databases that nothing needs any more."""
    keep = {one.file for one in needed} | {manifest(folder).name, "lock"}
    for path in folder.iterdir():
        if path.name not in keep:
            with suppress(OSError):
                path.unlink()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One process at a time changes what is kept."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def seen(specs: Iterable[SourceSpec]) -> Seen:
    """How the configured files are now."""
    found: Seen = {}
    for spec in specs:
        try:
            facts = spec.path.stat()
            stamp = [facts.st_ino, facts.st_size, facts.st_mtime_ns]
        except OSError:
            stamp = None
        found[spec.name] = [spec.kind, str(spec.path), stamp]
    return found


def put(folder: Path, spec: SourceSpec) -> Kept:
    """Keep a copy of a database file; OSError where it cannot be read."""
    draft = folder / f".{secrets.token_hex(8)}"
    try:
        digest, size = _copy(spec.path, draft)
        file = f"{digest}.{'xdb' if spec.kind == 'ip2region' else 'mmdb'}"
        draft.replace(folder / file)
    finally:
        draft.unlink(missing_ok=True)
    return Kept(spec.name, spec.kind, file, size)


def _copy(source: Path, target: Path) -> tuple[str, int]:
    """Digest and size of what is there now; the installed database is never written in place, so
    a link to it stays what it is.
    """
    digest, size, linked = hashlib.sha256(), 0, False
    if source == bundled_path():
        with suppress(OSError):
            os.link(source, target)
            linked = True
    into = Path(os.devnull) if linked else target
    with source.open("rb") as file, into.open("wb") as out:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            out.write(chunk)
            size += len(chunk)
        if not linked:
            out.flush()
            os.fsync(out.fileno())
    return digest.hexdigest()[:32], size
