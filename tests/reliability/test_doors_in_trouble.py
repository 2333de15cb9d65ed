"""A store that is locked, full or gone, as people and programs meet it at both doors.

Writing is refused with 503 and a word on when to come back; reading goes on where there is
something to read; nothing is left half done; afterwards everything works without a restart.
"""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from shudi import clock
from shudi.audit.queries import verify
from shudi.db import connect, postgres, sqlite
from shudi.db.migrate import migrate
from tests import factories, people
from tests.architecture.doors import Doors
from tests.postgres import Cluster

WAIT_MS = 300
# What PostgreSQL says when its disk is full; here a trigger says it, in the same class of error.
DISK_FULL = """
CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER disk_full BEFORE INSERT ON audit EXECUTE FUNCTION disk_full();
"""


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_MS", WAIT_MS)
    monkeypatch.setitem(postgres._TIMEOUTS, "lock_timeout", str(WAIT_MS))


@contextlib.contextmanager
def opened(url: str, make_settings, locator, vocabulary) -> Iterator[Doors]:
    database = connect(url)
    settings = make_settings(database_url=url, migrate_database_url=url, report_limit=10**6)
    doors = Doors(database, settings, locator, vocabulary)
    signed_in = doors.session_of(people.ALICE)
    doors.session_of = lambda who, hours=12: signed_in  # type: ignore[method-assign]
    try:
        yield doors
    finally:
        database.dispose()


def reading(doors: Doors) -> list[TestResponse]:
    return [
        doors.person(people.ALICE, "GET", "/queue"),
        doors.program("GET", f"/api/v1/labels?site=forum&account={doors.found.names[0]}"),
    ]


def writing(doors: Doors) -> list[TestResponse]:
    sighting = {
        "site": "forum",
        "account": doors.found.names[0],
        "ip": factories.ADDRESSES["GB"],
        "at": clock.now().isoformat(),
        "kind": "post",
    }
    report = {"site": "forum", "account": doors.found.names[1], "kind": "other", "text": "No"}
    case = doors.found.cases[2][0]
    return [
        doors.person(people.ALICE, "POST", f"/cases/{case}/note", {"text": "A word. " * 40}),
        doors.program("POST", "/api/v1/sightings", json={"sightings": [sighting]}),
        doors.program("POST", "/api/v1/reports", key="", json=report),
    ]


def expect_refused(answers: list[TestResponse]) -> None:
    assert [answer.status_code for answer in answers] == [503] * len(answers)
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)


def expect_trouble(doors: Doors, trouble: str) -> None:
    begun = time.monotonic()
    expect_refused(writing(doors))
    if trouble == "gone":
        expect_refused(reading(doors))
    else:
        assert [answer.status_code for answer in reading(doors)] == [200, 200]
    assert time.monotonic() - begun < 10


def rows(doors: Doors) -> int:
    with doors.database.read_session() as session:
        verdict = verify(session)
    assert verdict.ok
    return verdict.rows


def expect_well_again(doors: Doors, before: int) -> None:
    assert rows(doors) == before  # nothing of what was refused is there
    assert [answer.status_code for answer in writing(doors)] == [303, 200, 202]
    assert [answer.status_code for answer in reading(doors)] == [200, 200]
    assert rows(doors) > before


@contextlib.contextmanager
def sqlite_in(trouble: str, doors: Doors, path: Path) -> Iterator[None]:
    engine = doors.database.write_engine
    if trouble == "locked":
        with contextlib.closing(sqlite.driver().connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
    elif trouble == "full":
        with engine.connect() as connection:
            limit = [connection.scalar(sa.text("PRAGMA page_count"))]

        def checked_out(connection, *_):
            connection.execute(f"PRAGMA max_page_count = {limit[0]}")

        sa.event.listen(engine, "checkout", checked_out)
        while any(answer.status_code != 503 for answer in writing(doors)):
            pass  # until the room on the file's own pages is used up
        yield
        limit[0] = 1 << 20
    else:
        doors.database.dispose()
        kept = path.rename(path.with_suffix(".away"))
        path.mkdir()
        yield
        doors.database.dispose()
        path.rmdir()
        kept.rename(path)


@pytest.mark.parametrize("trouble", ["locked", "full", "gone"])
def test_with_sqlite(sqlite_store, make_settings, locator, vocabulary, trouble):
    with opened(sqlite_store.url, make_settings, locator, vocabulary) as doors:
        before = rows(doors)
        with sqlite_in(trouble, doors, sqlite_store.path):
            before = rows(doors) if trouble == "full" else before
            expect_trouble(doors, trouble)
        expect_well_again(doors, before)


@contextlib.contextmanager
def postgres_in(trouble: str, cluster: Cluster) -> Iterator[None]:
    if trouble == "gone":
        cluster.stop()
        yield
        cluster.start()
        return
    owner = sa.create_engine(sa.make_url(cluster.url()).set(drivername="postgresql+psycopg"))
    with owner.connect() as connection:
        if trouble == "locked":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({postgres.WRITE_LOCK})")
            yield
        else:
            connection.exec_driver_sql(DISK_FULL)
            connection.commit()
            yield
            connection.exec_driver_sql("DROP TRIGGER disk_full ON audit")
            connection.commit()
    owner.dispose()


@pytest.mark.parametrize("trouble", ["locked", "full", "gone"])
def test_with_postgresql(postgres_cluster, make_settings, locator, vocabulary, trouble):
    migrate(postgres_cluster.url())
    with opened(postgres_cluster.url(), make_settings, locator, vocabulary) as doors:
        before = rows(doors)
        with postgres_in(trouble, postgres_cluster):
            expect_trouble(doors, trouble)
        expect_well_again(doors, before)
