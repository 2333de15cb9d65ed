"""Keeping SQLite's write-ahead log small while somebody is always reading.

SQLite starts its log anew when no reader needs it at that moment. Under steady reading that moment
does not come by itself: ten minutes of four writers and eight readers left a log of 778 MB
(reliability reference, WAL growth). Here a writer makes the moment: it holds the others for as long
as the reads that are under way take, and no longer than fifty milliseconds.
"""

import contextlib
import time
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import exc

MOST = 32 << 20  # bytes; by itself SQLite copies its pages back from 64 MB on
_WAIT_MS = 50
_PAUSE = 1.0  # seconds until a process tries again whose try a long reader was in the way of


class Log:
    """The write-ahead log beside the file that `engine` writes to."""

    def __init__(self, engine: sa.Engine, busy_ms: int) -> None:
        self._engine, self._busy_ms = engine, busy_ms
        self._path = Path(f"{engine.url.database}-wal")
        self._next = 0.0

    def keep_small(self) -> None:
        """Empty the log if it has grown; where a long reader is in the way, another time."""
        if time.monotonic() < self._next or self._size() <= MOST:
            return
        done = False
        errors = (exc.SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error)
        with contextlib.suppress(*errors):  # what was to be written is committed
            done = self.empty(wait_ms=_WAIT_MS)
        if not done:
            self._next = time.monotonic() + _PAUSE

    def empty(self, *, wait_ms: int | None = None) -> bool:
        """Copy everything back and cut the log to nothing, so that deleted bytes are gone from it
        too. Returns whether it is empty: a reader may be in the way for longer than that.
        """
        connection = self._engine.raw_connection()
        try:
            cursor = connection.cursor()
            if wait_ms is not None:
                cursor.execute(f"PRAGMA busy_timeout={wait_ms}")
            try:
                busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                return not busy
            finally:
                cursor.execute(f"PRAGMA busy_timeout={self._busy_ms}")
        finally:
            connection.close()

    def _size(self) -> int:
        try:
            return self._path.stat().st_size
        except FileNotFoundError:
            return 0
