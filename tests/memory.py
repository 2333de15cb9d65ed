"""A folder in memory: stores that wait for no disk. What kills processes is tested there as well; of
lost power no test of ours speaks.
"""

import contextlib
import shutil
from pathlib import Path

_FOLDER = Path("/dev/shm")
_ROOM = 2 * 1024**3  # bytes


def memory() -> Path | None:
    """The folder, if this machine has one with room enough."""
    with contextlib.suppress(OSError):
        if shutil.disk_usage(_FOLDER).free >= _ROOM:
            return _FOLDER
    return None
