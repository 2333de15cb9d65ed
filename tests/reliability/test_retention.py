"""Acceptance test 32: what is promised to go is gone after one run, also if an earlier one was
killed half-way; on SQLite its bytes are gone from the file and the log.
"""

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from shudi.audit.queries import verify
from shudi.cases.actions import upkeep
from shudi.db import Database, connect, sqlite
from shudi.labels.store import Tally
from shudi.regions.codec import load_vocabulary
from shudi.settings import Settings
from shudi.worker import Worker
from tests.actions.desk import DAY
from tests.conftest import NOW, Store
from tests.reliability import work

ROWS = 30 * upkeep.BATCH
CANARY = "canary-that-was-seen-in"
_CONTEXT = multiprocessing.get_context("forkserver")


@pytest.fixture
def overdue(database: Database, site_id: int) -> Database:
    """A store whose tallies are all a day too old, but one of yesterday."""
    fill(database, ROWS, "CN-GD")
    with database.transaction() as session:
        row = {"account_id": 1, "day": (NOW - DAY).date(), "region": "CN-GD"}
        session.execute(sa.insert(Tally), [row])
    return database


def fill(database: Database, count: int, region: str) -> None:
    """Tallies that should have gone yesterday, one an account."""
    day = (NOW - 91 * DAY).date()
    with database.transaction() as session:
        session.execute(
            sa.insert(Tally),
            [{"account_id": number, "day": day, "region": region} for number in range(count)],
        )


def left(database: Database) -> int:
    """How many tallies there are."""
    with database.read_session() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Tally)) or 0


def clear(settings: Settings, url: str) -> None:
    """The worker's retention job, once."""
    database = connect(url)
    worker = Worker(settings, database, load_vocabulary())
    [job] = [one for one in worker.jobs if one.name == "retention"]
    job.run(NOW)
    worker.close()
    database.dispose()


def test_one_run_clears_all_though_another_was_killed(overdue, store: Store, settings, site_id):
    process = _CONTEXT.Process(target=clear, args=(settings, store.url))
    process.start()
    while left(overdue) > ROWS - upkeep.BATCH and process.is_alive():
        time.sleep(0.005)
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    remaining = left(overdue)
    assert 1 < remaining <= ROWS + 1 - upkeep.BATCH
    assert (remaining - 1) % upkeep.BATCH == 0, "a portion was done by half"
    with overdue.transaction() as session:  # nobody is kept waiting by the dead
        work.edit(session, site_id)
    clear(settings, store.url)
    assert left(overdue) == 1
    with overdue.read_session() as session:
        assert verify(session).ok


def traces(path: Path) -> list[str]:
    """The store's files that hold a canary's bytes."""
    files = [path, path.with_name(f"{path.name}-wal")]
    return [file.name for file in files if file.exists() and CANARY.encode() in file.read_bytes()]


def test_the_bytes_are_gone_too(sqlite_store: Store, sqlite_database, settings):
    path = sqlite_store.path
    assert path is not None
    fill(sqlite_database, 2000, CANARY)
    assert traces(path)
    clear(settings, sqlite_store.url)
    assert traces(path) == []


def test_control_without_secure_deletion_they_stay(
    sqlite_store: Store, sqlite_database, settings, monkeypatch
):
    path, prepare = sqlite_store.path, sqlite.prepare
    assert path is not None

    def carelessly(connection, module, *, write):
        prepare(connection, module, write=write)
        connection.set_authorizer(None)  # it would refuse the next line
        connection.execute("PRAGMA secure_delete=OFF")

    fill(sqlite_database, 2000, CANARY)
    monkeypatch.setattr(sqlite, "prepare", carelessly)
    clear(settings, sqlite_store.url)
    assert traces(path) == [path.name]
