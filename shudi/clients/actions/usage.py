"""How much each key asks: counted in memory, written beside, never waited for.

A request leaves a key's id in a queue; a thread writes the sums some seconds later, with the hour
of the last one. A store that is busy is tried again with the next request, and what a process
that is killed had not written yet is lost: these are figures, not acts.
"""

import collections
import contextlib
import logging
import threading
from datetime import datetime

import sqlalchemy as sa

from shudi import clock
from shudi.clients.store import ApiKey, ApiKeyDay
from shudi.db import Database, bulk_upsert
from shudi.errors import Unavailable

EVERY = 20.0  # seconds
log = logging.getLogger("shudi.clients")


class Usage:
    """Counts the requests of keys for one process."""

    def __init__(self, database: Database, *, every: float = EVERY) -> None:
        self._database = database
        self._every = every
        self._seen: collections.deque[int] = collections.deque()
        self._clerk: threading.Timer | None = None
        self._closed = False
        self._lock = threading.Lock()
        self._writing = threading.Lock()

    def note(self, key_id: int) -> None:
        """One request more; costs next to nothing and waits for nobody."""
        self._seen.append(key_id)
        if self._clerk is None:
            self._start()

    def write(self, now: datetime) -> int:
        """Add what was counted to the store; returns how many requests. Raises Unavailable, and
        keeps them then.
        """
        with self._writing:
            counts = collections.Counter(self._seen.popleft() for _ in range(len(self._seen)))
            if not counts:
                return 0
            try:
                self._add(counts, now)
            except Unavailable:
                self._seen.extend(counts.elements())
                raise
            return counts.total()

    def close(self) -> None:
        """Write what is left, if the store answers."""
        self._closed = True
        if self._clerk is not None:
            self._clerk.cancel()
        with contextlib.suppress(Unavailable):
            self.write(clock.now())

    def _add(self, counts: collections.Counter[int], now: datetime) -> None:
        hour, day = now.replace(minute=0, second=0, microsecond=0), now.date()
        with self._database.transaction() as session:
            known = sa.select(ApiKeyDay.key_id, ApiKeyDay.requests).where(
                ApiKeyDay.day == day, ApiKeyDay.key_id.in_(counts)
            )
            before = {row.key_id: row.requests for row in session.execute(known)}
            rows = [
                {"key_id": key_id, "day": day, "requests": before.get(key_id, 0) + count}
                for key_id, count in sorted(counts.items())
            ]
            bulk_upsert(
                session,
                ApiKeyDay.__table__,
                rows,
                key=("key_id", "day"),
                update=("requests",),
            )
            stale = sa.or_(ApiKey.used_at.is_(None), ApiKey.used_at < hour)
            session.execute(
                sa.update(ApiKey).where(ApiKey.id.in_(counts), stale).values(used_at=hour)
            )

    def _start(self) -> None:
        with self._lock:
            if self._clerk is None and not self._closed:
                self._clerk = threading.Timer(self._every, self._run)
                self._clerk.daemon = True
                self._clerk.start()

    def _run(self) -> None:
        self._clerk = None
        try:
            self.write(clock.now())
        except Exception:  # the last handler of this thread; the requests were answered
            log.exception("the use of keys was not written")
