"""Folders for copies on their way. What a killed process left in one is deleted a day later: it is
a copy of the store that no retention knows of.
"""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

_PREFIX = ".shudi-unfinished-"
_KEPT = timedelta(days=1)  # longer than any copy takes


@contextlib.contextmanager
def folder(beside: Path) -> Iterator[Path]:
    """A folder in `beside`, for its owner only, gone with the block."""
    with tempfile.TemporaryDirectory(dir=beside, prefix=_PREFIX) as made:
        yield Path(made)


def sweep(place: Path, *, now: datetime) -> int:
    """Delete such folders in `place` in which nothing was written for a day; returns how many.
    What somebody else put there under such a name stays, and stops nothing.
    """
    gone = 0
    for left in place.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # it ended meanwhile, or is not ours to delete
            if left.is_symlink() or not left.is_dir():
                continue
            written = max(one.lstat().st_mtime for one in (left, *left.iterdir()))
            if written < (now - _KEPT).timestamp():
                shutil.rmtree(left)
                gone += 1
    return gone
