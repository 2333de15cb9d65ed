"""Acceptance test 4's last figure: the write-ahead log stays small while somebody always reads."""

import contextlib
import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from shudi.db import connect, wal
from shudi.db.migrate import owner_engine
from tests.conftest import Store

PAGES = 100  # megabytes that are written, one a transaction
MOST = 64 << 20


@pytest.fixture
def table(sqlite_store: Store) -> str:
    """A table for what is written here."""
    owner = owner_engine(sa.make_url(sqlite_store.owner_url))
    with owner.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE heap (value BLOB)")
    owner.dispose()
    return sqlite_store.url


@contextlib.contextmanager
def always_read(url: str) -> Iterator[None]:
    """From beginning to end somebody has a snapshot open; none is open for long."""
    over = threading.Event()

    def read() -> None:
        database = connect(url)
        before = contextlib.ExitStack()
        while not over.wait(0.02):
            now = contextlib.ExitStack()
            now.enter_context(database.read_session()).execute(sa.text("SELECT 1 FROM sites"))
            before.close()  # the one before ends once this one has begun
            before = now
        before.close()
        database.dispose()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield
    finally:
        over.set()
        reader.join()


def largest(url: str, store: Store) -> int:
    """The log's size at its largest."""
    database, most = connect(url), 0
    for _ in range(PAGES):
        with database.transaction() as session:
            session.execute(sa.text("INSERT INTO heap VALUES (zeroblob(1048576))"))
        assert store.path is not None
        most = max(most, store.path.with_name(f"{store.path.name}-wal").stat().st_size)
    database.dispose()
    return most


def test_the_log_stays_small_under_steady_reading(table: str, sqlite_store: Store) -> None:
    with always_read(table):
        assert largest(table, sqlite_store) <= MOST


def test_control_by_itself_it_grows(
    table: str, sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wal, "MOST", 1 << 40)
    with always_read(table):
        assert largest(table, sqlite_store) > MOST
