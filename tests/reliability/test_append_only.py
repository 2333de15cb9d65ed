"""Acceptance test 10: the app's own connection cannot rewrite the log, whatever it says."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import make_url

from shudi.audit.actions import append, checkpoint, erase_texts
from shudi.audit.queries import verify
from shudi.db import Database
from shudi.db.migrate import owner_engine
from tests.conftest import NOW, Store
from tests.reliability.signing import KEY
from tests.reliability.work import entry

ROW = "at, actor_id, actor_name, action, target_type, target_id, before, after, request_id"
AGAIN = f"SELECT 1, {ROW}, text_mac, prev_hash, row_hash FROM audit WHERE seq = 1"
EVERYWHERE = (
    "UPDATE audit SET actor_id = 'nobody'",
    "UPDATE audit SET seq = seq + 100",
    "DELETE FROM audit",
    "DELETE FROM audit WHERE seq = 3",
    "UPDATE audit_checkpoints SET signature = ''",
    "DELETE FROM audit_checkpoints",
    "DROP TABLE audit",
    "ALTER TABLE audit RENAME TO attic",
    "ALTER TABLE audit DROP COLUMN text_mac",
    f"INSERT INTO audit {AGAIN} ON CONFLICT (seq) DO UPDATE SET actor_id = 'nobody'",
)
SQLITE = (
    f"INSERT OR REPLACE INTO audit {AGAIN}",
    f"REPLACE INTO audit {AGAIN}",
    f"INSERT OR REPLACE INTO audit SELECT 9, {ROW}, text_mac, prev_hash, 'x' FROM audit LIMIT 1",
    "UPDATE OR REPLACE audit SET seq = 2 WHERE seq = 1",
    "UPDATE audit SET actor_id = other.key FROM audit_texts AS other",
    "DROP TRIGGER audit_no_update",
    "DROP TRIGGER audit_no_delete",
    "CREATE TRIGGER gone AFTER INSERT ON sites BEGIN DELETE FROM audit; END",
    "CREATE TEMP TRIGGER gone AFTER INSERT ON sites BEGIN DELETE FROM audit; END",
    "CREATE TEMP TABLE audit (seq INTEGER)",
    "CREATE TEMP VIEW audit AS SELECT 1 AS seq",
    "ATTACH ':memory:' AS other",
    "PRAGMA writable_schema = ON",
    "PRAGMA WRITABLE_SCHEMA = ON",
    "PRAGMA recursive_triggers = OFF",
    "PRAGMA main.Recursive_Triggers(0)",
    "PRAGMA ignore_check_constraints = ON",
    "PRAGMA journal_mode = OFF",
    "PRAGMA query_only = OFF",
    "UPDATE sqlite_master SET sql = '' WHERE name = 'audit_no_update'",
    "DELETE FROM sqlite_master WHERE name = 'audit_no_delete'",
    "INSERT INTO sqlite_master VALUES ('table', 'x', 'x', 0, '')",
)
POSTGRESQL = (
    "TRUNCATE audit",
    "TRUNCATE audit_checkpoints CASCADE",
    "ALTER TABLE audit DISABLE TRIGGER ALL",
    "ALTER TABLE audit OWNER TO CURRENT_USER",
    "DROP TRIGGER audit_no_change ON audit",
    "DROP FUNCTION shudi_append_only CASCADE",
    (
        "CREATE OR REPLACE FUNCTION shudi_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RETURN NEW; END$$"
    ),
    "CREATE RULE gone AS ON INSERT TO audit DO INSTEAD NOTHING",
    "SET session_replication_role = replica",
    "SET SESSION AUTHORIZATION {owner}",
    "SET ROLE {owner}",
    "GRANT {owner} TO CURRENT_USER",
    "COPY audit FROM PROGRAM 'true'",
    "COPY audit TO '/tmp/audit'",
    "UPDATE pg_trigger SET tgenabled = 'D'",
    "LOCK TABLE audit IN ACCESS EXCLUSIVE MODE",
    "SELECT * FROM audit FOR UPDATE",
    "MERGE INTO audit USING sites ON true WHEN MATCHED THEN DELETE",
    "ALTER SYSTEM SET session_replication_role = replica",
    "UPDATE alembic_version SET version_num = '0000'",
)


@pytest.fixture
def logged(database: Database) -> Database:
    """A store with a short log and a checkpoint."""
    with database.transaction() as session:
        for target in range(5):
            append(session, entry(target, text="why"), now=NOW)
        checkpoint(session, key=KEY, now=NOW)
    return database


def _snapshot(database: Database) -> list[list[tuple]]:
    with database.read_session() as session:
        assert verify(session, public_key=KEY.public_key()).ok
        return [
            list(session.execute(sa.text(f"SELECT * FROM {table} ORDER BY seq")))
            for table in ("audit", "audit_checkpoints")
        ]


def _refused(database: Database, statement: str) -> bool:
    for engine in (database.write_engine, database.read_engine):
        try:
            with engine.begin() as connection:
                connection.exec_driver_sql(statement)
        except exc.DBAPIError:
            continue
        return False
    return True


def test_the_apps_connection_cannot_rewrite_the_log(logged: Database, store: Store):
    before = _snapshot(logged)
    own = SQLITE if store.dialect == "sqlite" else POSTGRESQL
    statements = [
        statement.format(owner=make_url(store.owner_url).username)
        for statement in (*EVERYWHERE, *own)
    ]
    assert len(statements) >= 20
    assert [each for each in statements if not _refused(logged, each)] == []
    assert _snapshot(logged) == before


def test_the_apps_connection_still_appends_and_erases(logged: Database):
    with logged.transaction() as session:
        erase_texts(session, [1, 2])
        assert append(session, entry(text="after"), now=NOW) == 6
    with logged.read_session() as session:
        assert verify(session).rows == 6


@pytest.fixture
def owner(store: Store, logged: Database) -> Iterator[sa.Engine]:
    del logged
    engine = owner_engine(make_url(store.owner_url))
    yield engine
    engine.dispose()


@pytest.mark.parametrize("statement", EVERYWHERE[:6])
def test_even_the_owner_meets_the_triggers(owner: sa.Engine, statement: str):
    with pytest.raises(exc.DBAPIError, match="append-only"), owner.begin() as connection:
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize("statement", EVERYWHERE[:6])
def test_control_without_triggers_the_owner_rewrites_the_log(
    owner: sa.Engine, store: Store, statement: str
):
    with owner.begin() as connection:
        drop_guards(connection)
        assert connection.exec_driver_sql(statement).rowcount > 0
    assert store.dialect in owner.dialect.name


def drop_guards(connection: sa.Connection) -> None:
    """Take the append-only triggers away, as only the owner can."""
    sqlite = connection.dialect.name == "sqlite"
    for table in ("audit", "audit_checkpoints"):
        for name in ("no_update", "no_delete") if sqlite else ("no_change", "no_truncate"):
            on = "" if sqlite else f" ON {table}"
            connection.exec_driver_sql(f"DROP TRIGGER {table}_{name}{on}")
