"""The engine factory keeps its promises on every connection."""

import contextlib
import json
import sqlite3
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import orm

from shudi.db import Base, Database, UTCDateTime, bulk_upsert, connect, sqlite
from shudi.db.bulk import instant, listed, many
from shudi.db.migrate import migrate
from shudi.errors import Stale, Unavailable
from shudi.sites.store import Site
from shudi.staff.store import Attempts, OwnAccount
from tests import factories
from tests.conftest import NOW, Store

PRAGMAS = {
    "busy_timeout": sqlite.BUSY_MS,
    "foreign_keys": 1,
    "recursive_triggers": 1,
    "secure_delete": 1,
    "synchronous": 2,
    "temp_store": 2,
    "trusted_schema": 0,
}
ONLY_SQLITE = pytest.mark.parametrize("store", ["sqlite"], indirect=True)
ONLY_POSTGRESQL = pytest.mark.parametrize("store", ["postgresql"], indirect=True)


@ONLY_SQLITE
def test_every_connection_has_every_pragma(database: Database):
    with contextlib.ExitStack() as stack:
        for engine, query_only in ((database.write_engine, 0), (database.read_engine, 1)):
            # More connections than the pool keeps, so that overflow is looked at too.
            for _ in range(7):
                raw = stack.enter_context(contextlib.closing(engine.raw_connection()))
                expected = PRAGMAS | {"query_only": query_only}
                found = {
                    name: raw.cursor().execute(f"PRAGMA {name}").fetchone()[0] for name in expected
                }
                assert found == expected
                mode = raw.cursor().execute("PRAGMA journal_mode").fetchone()[0]
                assert mode.upper() == sqlite.journal_mode()


@ONLY_POSTGRESQL
def test_every_connection_has_every_time_out(database: Database):
    for engine, isolation in (
        (database.write_engine, "read committed"),
        (database.read_engine, "repeatable read"),
    ):
        with engine.connect() as connection:
            for name in (
                "statement_timeout",
                "lock_timeout",
                "idle_in_transaction_session_timeout",
            ):
                assert connection.exec_driver_sql(f"SHOW {name}").scalar() != "0"
            assert connection.exec_driver_sql("SHOW timezone").scalar() == "UTC"
            level = connection.exec_driver_sql("SHOW transaction_isolation").scalar()
            assert level == isolation


def test_reading_cannot_write(database: Database, site: int):
    with pytest.raises((Unavailable, sa.exc.DBAPIError)), database.read_session() as session:
        session.execute(sa.update(Site).values(name="changed"))
    with database.read_session() as session:
        assert session.scalar(sa.select(Site.name)) == "Forum"


def test_a_read_session_is_one_snapshot(database: Database, site: int):
    with database.read_session() as reading:
        before = reading.scalar(sa.select(Site.account_count))
        with database.transaction() as writing:
            writing.execute(sa.update(Site).values(account_count=7))
        assert reading.scalar(sa.select(Site.account_count)) == before
    with database.read_session() as reading:
        assert reading.scalar(sa.select(Site.account_count)) == 7


def test_raising_rolls_everything_back(database: Database):
    with pytest.raises(ZeroDivisionError), database.transaction() as session:  # noqa: PT012
        factories.make_site(session, now=NOW)
        raise ZeroDivisionError
    with database.read_session() as session:
        for table in ("sites", "audit"):
            assert session.scalar(sa.text(f"SELECT count(*) FROM {table}")) == 0


def test_a_broken_constraint_is_stale(database: Database, site: int):
    with pytest.raises(Stale) as caught, database.transaction() as session:
        session.execute(
            sa.insert(OwnAccount), {"staff_id": 99, "account_id": 1, "declared_at": NOW}
        )
    assert caught.value.code == "conflict"


def test_two_entities_of_one_version_are_stale(database: Database, site: int):
    with database.read_session() as session:
        seen = session.scalars(sa.select(Site)).one()
    with database.transaction() as session:
        session.execute(sa.update(Site).values(version=Site.version + 1))
    with pytest.raises(Stale), database.transaction() as session:
        session.merge(seen, load=False).name = "Late"


def test_foreign_keys_hold(database: Database, site: int):
    with pytest.raises(Stale), database.transaction() as session:
        session.execute(sa.text("INSERT INTO case_excluded (case_id, staff_id) VALUES (9, 9)"))


# -- the WAL-reset bug ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 6, 23), False),
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 44, 9), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
        ((4, 0, 0), True),
    ],
)
def test_which_versions_may_use_wal(version, safe):
    assert sqlite.wal_is_safe(version) is safe


def test_the_newest_driver_is_taken():
    module = sqlite.driver()
    assert module.sqlite_version_info >= sqlite3.sqlite_version_info


def test_without_the_wheel_an_unsafe_system_library_runs_without_wal(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pysqlite3.dbapi2", None)  # as if it were not installed
    assert sqlite.driver() is sqlite3
    url = f"sqlite:///{tmp_path / 'shudi.db'}"
    migrate(url)
    database = connect(url)
    expected = "wal" if sqlite.wal_is_safe(sqlite3.sqlite_version_info) else "delete"
    factories.world(database, now=NOW)
    with database.read_session() as session:
        assert session.scalar(sa.text("SELECT count(*) FROM audit")) == 1
        assert session.scalar(sa.text("PRAGMA journal_mode")) == expected
    with pytest.raises(Unavailable), database.transaction() as session:
        session.execute(sa.text("DELETE FROM audit"))
    database.dispose()


def test_a_store_in_memory_is_refused():
    for url in ("sqlite://", "sqlite:///:memory:"):
        with pytest.raises(ValueError, match="file"):
            connect(url)


# -- instants -------------------------------------------------------------------------------------

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(
    datetime(1990, 1, 1),  # noqa: DTZ001 -- bounds are naive, the values are not
    datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=OFFSETS,
)


@given(INSTANTS)
def test_an_instant_comes_back_as_the_same_utc_instant(instant):
    column = UTCDateTime()
    for name in ("sqlite", "postgresql"):
        dialect = sa.make_url(f"{name}://").get_dialect()()
        stored = column.process_bind_param(instant, dialect)
        back = column.process_result_value(stored, dialect)
        assert back == instant
        assert back.tzinfo is UTC


def test_a_naive_instant_is_refused(database: Database):
    with pytest.raises(sa.exc.StatementError, match="naive"), database.transaction() as session:
        factories.make_site(session, now=NOW.replace(tzinfo=None))
    with database.read_session() as session:
        assert session.scalar(sa.text("SELECT count(*) FROM sites")) == 0


def test_microseconds_survive_the_store(database: Database, site: int):
    with database.read_session() as session:
        assert session.scalar(sa.select(Site.created_at)) == NOW


# -- many rows at once ----------------------------------------------------------------------------


def test_an_upsert_inserts_updates_or_leaves_be(database: Database):
    with database.transaction() as session:
        rows = [{"key": f"k{at}", "window": 1, "count": 1} for at in range(3)]
        bulk_upsert(session, Attempts, rows, key=("key", "window"))
        rows = [{"key": f"k{at}", "window": 1, "count": 9} for at in range(1, 5)]
        bulk_upsert(session, Attempts, rows[:2], key=("key", "window"))
        bulk_upsert(session, Attempts, rows[1:], key=("key", "window"), update=("count",))
        bulk_upsert(session, Attempts, [], key=("key", "window"))
    with database.read_session() as session:
        found = dict(session.execute(sa.select(Attempts.key, Attempts.count)).all())
    assert found == {"k0": 1, "k1": 1, "k2": 9, "k3": 9, "k4": 9}


def test_many_rows_go_in_as_they_are(database: Database):
    words = ["a", "名" * 20, "it's", '"quoted"', "back\\slash", "%s", "?", ":name"]
    words += [str(at) for at in range(25_000)]  # more than one chunk
    with database.transaction() as session:
        sql = 'INSERT INTO staff_attempts ("key", "window", "count") VALUES (?, ?, ?)'
        many(session, sql, [(word, 1, 1) for word in words])
        many(session, sql, [])
    with database.read_session() as session:
        assert set(session.scalars(sa.select(Attempts.key))) == set(words)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.integers()))
def test_a_list_is_one_value(values):
    assert json.loads(listed(values)) == values


def test_an_instant_as_text_is_the_same_instant(database: Database, site: int):
    with database.transaction() as session:
        many(session, "UPDATE sites SET as_of = ?", [(instant(NOW),)])
    with database.read_session() as session:
        assert session.scalar(sa.select(Site.as_of)) == NOW


def test_every_enum_is_stored_by_value():
    for mapper in Base.registry.mappers:
        for column in mapper.columns:
            if isinstance(column.type, sa.Enum):
                values = [str(member.value) for member in column.type.enum_class]
                assert column.type.enums == values, column


def test_whatever_two_people_touch_has_a_version():
    versioned = {
        mapper.local_table.name
        for mapper in Base.registry.mappers
        if mapper.version_id_col is not None
    }
    assert versioned >= {"accounts", "brakes", "cases", "corrections", "sites", "staff"}


def test_the_store_type_is_known(database: Database, store: Store):
    assert database.dialect == store.dialect
    assert isinstance(database, Database)
    with database.transaction() as session:
        assert isinstance(session, orm.Session)
