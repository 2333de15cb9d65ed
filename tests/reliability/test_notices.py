"""Notices outlive the worker that sends them: real processes, SIGKILL, two workers at once, and a
receiver that fails half the time. With controls that show what the tests would see otherwise.
"""

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from shudi.db import Database
from shudi.outbox.actions import put
from shudi.outbox.rules import Topic
from shudi.outbox.store import Message, MessageState
from tests.conftest import NOW, Store
from tests.receivers import KEY, Platform, half, verify

COUNT = 60


class Watched(Platform):
    """Notes when two calls about one notice are in it at once."""

    def __init__(self, behaviour: Callable[[int], int | str], slow: float = 0) -> None:
        self.inside: set[str] = set()
        self.together: list[str] = []
        self.slow = slow
        self.door = threading.Lock()
        super().__init__(behaviour)

    def _answer(self, handler, body) -> None:
        uid = handler.headers["webhook-id"]
        with self.door:
            if uid in self.inside:
                self.together.append(uid)
            self.inside.add(uid)
        time.sleep(self.slow)
        with self.door:
            self.inside.discard(uid)
        super()._answer(handler, body)


@contextlib.contextmanager
def sender(store: Store, platform: Platform, var: Path, lease: float) -> Iterator[subprocess.Popen]:
    """A process that sends until it is killed, which it is at the end."""
    command = [sys.executable, "-m", "tests.reliability.sender"]
    process = subprocess.Popen(
        [*command, store.url, platform.url, str(var), str(lease)], stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def queue(database: Database, site: int, count: int = COUNT) -> set[str]:
    with database.transaction() as session:
        for case in range(count):
            put(session, topic=Topic.CASE_DECIDED, site_id=site, payload={"case": case}, now=NOW)
    with database.read_session() as session:
        return set(session.scalars(sa.select(Message.uid)))


def sent(database: Database) -> int:
    query = sa.select(sa.func.count()).where(Message.state == MessageState.SENT)
    with database.read_session() as session:
        return session.scalar(query) or 0


def until(true: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_worker_killed_in_the_middle_loses_no_notice(database, store, site_id, tmp_path, seed):
    platform = Watched(half(seed, hanging=True))
    uids = queue(database, site_id)
    with sender(store, platform, tmp_path, 4) as first:
        until(lambda: len(platform.taken) >= 8)
        first.kill()  # SIGKILL, while some are on their way
        first.wait()
    left = COUNT - sent(database)
    assert left > 0
    with sender(store, platform, tmp_path, 4), sender(store, platform, tmp_path, 4):
        until(lambda: sent(database) == COUNT)
    platform.close()
    # exactly once in effect: the platform files by webhook-id, and each id is filed
    assert set(platform.taken) == uids
    assert all(verify(headers, body, KEY) for headers, body in platform.calls)
    # control: it was rude enough to get some twice, which only the id mends
    assert max(platform.taken.values()) > 1
    assert len(platform.calls) > COUNT


def test_two_workers_never_send_one_notice_at_once(database, store, site_id, tmp_path):
    platform = Watched(lambda _: 200, slow=0.05)
    uids = queue(database, site_id, 40)
    with sender(store, platform, tmp_path, 30), sender(store, platform, tmp_path, 30):
        until(lambda: sent(database) == len(uids))
    platform.close()
    assert platform.together == []
    assert set(platform.taken) == uids
    assert set(platform.taken.values()) == {1}


def test_without_the_lease_they_would(database, store, site_id, tmp_path):
    """Negative control."""
    platform = Watched(lambda _: 200, slow=0.3)
    uids = queue(database, site_id, 6)
    with sender(store, platform, tmp_path, 0), sender(store, platform, tmp_path, 0):
        until(lambda: sent(database) == len(uids))
    platform.close()
    assert max(platform.taken.values()) > 1
