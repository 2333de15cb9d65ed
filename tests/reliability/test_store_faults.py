"""Acceptance tests 12 and 13: a store that is full, gone or stopped is a refusal, not a wreck."""

import shutil
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from shudi.audit.queries import verify
from shudi.db import Database, connect
from shudi.db.migrate import migrate
from shudi.db.sqlite import driver
from shudi.errors import Unavailable
from shudi.sites.actions import create_site
from shudi.staff.rules import Actor
from tests.conftest import NOW, Store
from tests.reliability import work
from tests.reliability.harness import at_once

ONLY_SQLITE = pytest.mark.parametrize("store", ["sqlite"], indirect=True)
LONG = (pytest.mark.long, pytest.mark.timeout(1800))


def _agree(database: Database) -> int:
    """Edits and audit rows are the same number; returns it."""
    with database.read_session() as session:
        edits = session.scalar(sa.text("SELECT account_count FROM sites"))
        verdict = verify(session)
    assert verdict.ok
    assert verdict.rows == edits
    return verdict.rows


def _limit(database: Database, pages: int) -> None:
    with database.transaction() as session:
        session.execute(sa.text(f"PRAGMA max_page_count = {pages}"))


@ONLY_SQLITE
def test_a_full_disk_refuses_writes_and_then_recovers(database: Database, site_id: int):
    with database.read_session() as session:
        pages = session.scalar(sa.text("PRAGMA page_count")) or 0
    _limit(database, pages + 3)
    tally = work.Tally()
    for _ in range(120):
        work.timed_edit(database, site_id, tally)
    assert len(tally.errors) >= 20
    assert all("database or disk is full" in error for error in tally.errors)
    stuck = _agree(database)
    _limit(database, 1 << 20)
    with database.transaction() as session:
        work.edit(session, site_id)
    assert _agree(database) == stuck + 1


@ONLY_SQLITE
def test_a_file_that_may_not_grow_refuses_writes_and_then_recovers(
    database: Database, store: Store, site_id: int
):
    database.dispose()
    [(done, causes, after)] = at_once(work.edits_in_little_space, [(store.url, site_id, 200)])
    assert causes, "the limit was never met"
    assert all("disk I/O error" in cause or "full" in cause for cause in causes), causes[:2]
    assert after == 1
    assert _agree(database) == 1 + done + after


@ONLY_SQLITE
def test_a_store_that_is_gone_or_garbage_is_unavailable(database: Database, store: Store):
    assert store.path
    aside = store.path.with_suffix(".aside")
    database.dispose()
    store.path.rename(aside)
    for content in (b"", b"this is no database at all" * 400):
        store.path.write_bytes(content)
        with pytest.raises(Unavailable), database.read_session() as session:
            session.execute(sa.text("SELECT count(*) FROM audit"))
        with pytest.raises(Unavailable), database.transaction() as session:
            session.execute(sa.text("UPDATE sites SET account_count = 0"))
        database.dispose()
        for name in store.path.parent.glob("shudi.db*"):
            if name != aside:
                name.unlink()
    shutil.move(aside, store.path)
    with database.transaction() as session:
        session.execute(sa.text("UPDATE sites SET account_count = 0"))


@ONLY_SQLITE
def test_a_store_locked_for_longer_than_the_wait_is_unavailable(database, store, site_id):
    other = driver().connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    with pytest.raises(Unavailable), database.transaction() as session:
        work.edit(session, site_id)
    assert 4 < time.monotonic() - begun < 8
    with database.read_session() as session:  # readers wait for nobody
        assert verify(session).ok
    other.execute("ROLLBACK")
    other.close()
    with database.transaction() as session:
        work.edit(session, site_id)


def _stopped(url: str) -> list[float]:
    """Seconds that a read and a write took to be refused."""
    database, waits = connect(url), []
    for opened in (database.read_session, database.transaction):
        begun = time.monotonic()
        with pytest.raises(Unavailable), opened() as session:
            session.execute(sa.text("SELECT 1"))
        waits.append(time.monotonic() - begun)
    database.dispose()
    return waits


def test_a_stopped_postgresql_is_unavailable_at_once_and_then_back(postgres_cluster):
    cluster = postgres_cluster
    migrate(cluster.url())
    database = connect(cluster.url())
    with database.transaction() as session:
        site_id = _site(session)
    for end in (cluster.stop, cluster.kill):
        end()
        assert max(_stopped(cluster.url())) <= 1
        with pytest.raises(Unavailable), database.transaction() as session:
            work.edit(session, site_id)
        cluster.start()
        with database.transaction() as session:  # the pool notices dead connections by itself
            work.edit(session, site_id)
    assert _agree(database) == 3
    database.dispose()


@pytest.mark.parametrize("seconds", [2, pytest.param(30, marks=LONG)])
def test_a_postgresql_stopped_under_load_loses_nothing(postgres_cluster, seconds):
    cluster = postgres_cluster
    migrate(cluster.url())
    database = connect(cluster.url())
    with database.transaction() as session:
        site_id = _site(session)
    database.dispose()

    length = seconds + 6
    tasks = [(cluster.url(), site_id, length, "product")] * 3
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(at_once, work.edits_for, tasks, seconds=length + 60)
        time.sleep(1.5)
        cluster.kill()
        time.sleep(seconds)
        cluster.start()
        tallies = running.result()
    acknowledged = sum(tally.done for tally in tallies)
    errors = [error for tally in tallies for error in tally.errors]
    slowest = max(wait for tally in tallies for wait in tally.seconds)
    assert errors
    assert all(error.startswith("store-unavailable") for error in errors)
    assert slowest <= 5
    # An edit may have been committed without the answer getting through: at most one a process.
    assert acknowledged + 1 <= _agree(database) <= acknowledged + 1 + len(tallies)
    database.dispose()


def _site(session) -> int:
    made = create_site(
        session,
        actor=Actor.system("test"),
        key="forum",
        name="Forum",
        match=["https://forum.example/*"],
        now=NOW,
    )
    session.execute(sa.text("UPDATE sites SET account_count = 1"))
    return made
