"""Rate limits that hold across processes: each leases blocks of the allowance and spends locally.

The table `allowances` says how much of a window was handed out. A block is a twentieth of the
allowance, so a lookup costs a dictionary access and one write in thousands of requests, and the
sum over all processes never passes the limit.
"""

import concurrent.futures
import dataclasses
import threading
from datetime import datetime

import sqlalchemy as sa

from shudi.clients.rules import Policy
from shudi.clients.store import Allowance
from shudi.db import Database, bulk_upsert
from shudi.errors import Unavailable

_BLOCKS = 20
_SUBJECTS_MOST = 50_000


@dataclasses.dataclass(frozen=True, slots=True)
class Taken:
    """Whether the request may pass; `remaining` of what this process knows of, `reset` seconds."""

    allowed: bool
    remaining: int
    reset: int


@dataclasses.dataclass(slots=True)
class _Purse:
    window: int
    left: int = 0
    unleased: int = 0
    empty: bool = False
    asked: bool = False


class Limiter:
    """Counts subjects (`key:7`, a day's pseudonym) against policies."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._purses: dict[tuple[str, str], _Purse] = {}
        self._lock = threading.Lock()
        self._clerk: concurrent.futures.ThreadPoolExecutor | None = None

    def take(self, subject: str, policy: Policy, *, now: datetime) -> Taken:
        """Spend one, leasing first if need be; Unavailable if the store does not answer."""
        stamp = int(now.timestamp())
        purse = self._purse(subject, policy, stamp)
        while not self._spend(purse):
            if purse.empty:
                return Taken(allowed=False, remaining=0, reset=_reset(purse, policy, stamp))
            self._lease(subject, policy, purse)
        return Taken(True, purse.left + purse.unleased, _reset(purse, policy, stamp))

    def take_reading(self, subject: str, policy: Policy, stamp: int) -> Taken:
        """Like `take`, but never waits: leases run beside, the first block is on credit.

        Readers never wait for writers. A store that does not answer leaves reading open.
        """
        purse = self._purses.get((subject, policy.name))
        if purse is None or purse.window != stamp - stamp % policy.seconds:
            purse = self._purse(subject, policy, stamp)
            purse.left = max(1, policy.limit // _BLOCKS)
            purse.unleased = policy.limit - purse.left
            self._ask(subject, policy, purse, debt=purse.left)
        if purse.left <= 0:
            if purse.empty:
                return Taken(allowed=False, remaining=0, reset=_reset(purse, policy, stamp))
            self._ask(subject, policy, purse, debt=0)
        purse.left -= 1  # below zero it is owed, and taken off the next block
        remaining = max(0, purse.left + purse.unleased)
        return Taken(True, remaining, _reset(purse, policy, stamp))

    def close(self) -> None:
        """Let leases under way finish."""
        if self._clerk is not None:
            self._clerk.shutdown()

    def _purse(self, subject: str, policy: Policy, stamp: int) -> _Purse:
        window = stamp - stamp % policy.seconds
        with self._lock:
            purse = self._purses.get((subject, policy.name))
            if purse is None or purse.window != window:
                if len(self._purses) >= _SUBJECTS_MOST:
                    self._purses.clear()
                purse = self._purses[subject, policy.name] = _Purse(window)
            return purse

    def _spend(self, purse: _Purse) -> bool:
        with self._lock:
            if purse.left <= 0:
                return False
            purse.left -= 1
            return True

    def _ask(self, subject: str, policy: Policy, purse: _Purse, *, debt: int) -> None:
        """Have the clerk lease, unless already asked."""
        with self._lock:
            if purse.asked:
                return
            purse.asked = True
            if self._clerk is None:
                self._clerk = concurrent.futures.ThreadPoolExecutor(1, "shudi-limits")
        self._clerk.submit(self._settle, subject, policy, purse, debt)

    def _settle(self, subject: str, policy: Policy, purse: _Purse, debt: int) -> None:
        try:
            self._lease(subject, policy, purse, debt=debt)
        except Unavailable:
            purse.left += max(1, policy.limit // _BLOCKS)
        finally:
            purse.asked = False

    def _lease(self, subject: str, policy: Policy, purse: _Purse, *, debt: int = 0) -> None:
        """Take one block (or book `debt`, a block already handed out) from the window."""
        with self._database.transaction() as session:
            spent = session.scalar(
                sa.select(Allowance.spent).filter_by(subject=subject, window=purse.window)
            )
            block = max(1, policy.limit // _BLOCKS)
            granted = min(block, policy.limit - (spent or 0))
            if granted > 0:
                total = (spent or 0) + granted
                row = {"subject": subject, "window": purse.window, "spent": total}
                bulk_upsert(
                    session,
                    Allowance.__table__,
                    [row],
                    key=("subject", "window"),
                    update=("spent",),
                )
        with self._lock:
            purse.empty = granted <= 0
            purse.left += max(0, granted) - debt
            purse.unleased = max(0, policy.limit - (spent or 0) - max(0, granted))


def _reset(purse: _Purse, policy: Policy, stamp: int) -> int:
    return max(1, purse.window + policy.seconds - stamp)
