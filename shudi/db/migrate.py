"""Bringing a store to today's schema, on a connection that may (the app's own may not)."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from shudi.db import sqlite
from shudi.db.postgres import WRITE_LOCK

ROOT = Path(__file__).resolve().parent.parent.parent
_SQLITE_GUARDS = """
CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
"""
_POSTGRES_GUARDS = """
CREATE OR REPLACE FUNCTION shudi_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION 'append-only'; END$$;
CREATE OR REPLACE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION shudi_append_only();
CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION shudi_append_only();
"""


def configuration() -> Config:
    """Alembic's configuration for this tree."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("prepend_sys_path", str(ROOT))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def migrate(url: str, *, app_url: str | None = None, revision: str = "head") -> None:
    """Bring the store at `url` to `revision`; `app_url` names PostgreSQL's lesser role."""
    engine = owner_engine(make_url(url))
    try:
        with engine.begin() as connection:
            _lock(connection)
            config = configuration()
            config.attributes["connection"] = connection
            if revision == "base":
                command.downgrade(config, revision)
                return
            command.upgrade(config, revision)
            _guard(connection)
            if connection.dialect.name == "sqlite":
                _check_foreign_keys(connection)
            elif app_url:
                _grant(connection, make_url(app_url).username)
    finally:
        engine.dispose()


def revision_of(connection: sa.Connection) -> str | None:
    """The revision the store is at, or None where it was never migrated."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return str(found) if found else None


def head() -> str | None:
    """The revision this code needs."""
    return ScriptDirectory.from_config(configuration()).get_current_head()


def known_revisions() -> set[str]:
    """Every revision that this code can bring forward."""
    return {one.revision for one in ScriptDirectory.from_config(configuration()).walk_revisions()}


def owner_engine(url: URL) -> sa.Engine:
    """An engine that may reshape tables: no authorizer, foreign keys off while rebuilding."""
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url.set(drivername="postgresql+psycopg"), poolclass=NullPool)
    Path(url.database or "").parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = sa.create_engine(
        url, module=sqlite.driver(), poolclass=NullPool, connect_args={"timeout": 30}
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, record: object) -> None:
        del record
        connection.isolation_level = None
        for pragma in (
            f"journal_mode={sqlite.journal_mode()}",
            "synchronous=FULL",
            "foreign_keys=OFF",
            "recursive_triggers=ON",
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _lock(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL lock_timeout = '4s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})")


def _guard(connection: sa.Connection) -> None:
    """Put the append-only triggers (back): rebuilding a SQLite table drops them."""
    for table in sorted(sqlite.APPEND_ONLY):
        if connection.dialect.name == "sqlite":
            for statement in _SQLITE_GUARDS.format(table=table).split("END;"):
                if statement.strip():
                    connection.exec_driver_sql(f"{statement}END;")
        else:
            connection.exec_driver_sql(_POSTGRES_GUARDS.format(table=table))


def _check_foreign_keys(connection: sa.Connection) -> None:
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise RuntimeError("A migration left a row that refers to nothing; nothing was changed.")


def _grant(connection: sa.Connection, role: str | None) -> None:
    """SELECT and INSERT on the audit tables, ordinary rights on the others, to the app's role."""
    if role is None or role == connection.engine.url.username:
        return
    quoted = connection.dialect.identifier_preparer.quote(role)
    ddl = connection.exec_driver_sql
    ddl(f"GRANT USAGE ON SCHEMA public TO {quoted}")
    ddl(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {quoted}")
    ddl(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {quoted}")
    for table in sorted(sqlite.APPEND_ONLY):
        ddl(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {quoted}")
    ddl(f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {quoted}")
