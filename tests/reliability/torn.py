"""Shudi with its transactions taken away: every statement commits by itself. For controls.

Served as `tests.reliability.torn:app` in place of `wsgi:app`.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

import wsgi
from shudi import settings as settings_module
from shudi.db import connect
from shudi.db.postgres import WRITE_LOCK


def _commit_each(connection: sa.Connection, _cursor: Any, statement: str, *_: Any) -> None:
    """End the transaction behind each write, and begin the next with its lock."""
    text = statement.lstrip().upper()
    if not text.startswith(("INSERT", "UPDATE", "DELETE")) or "RETURNING" in text:
        return
    raw: Any = connection.connection.dbapi_connection
    raw.commit()
    if connection.dialect.name == "sqlite":
        raw.execute("BEGIN IMMEDIATE")
    else:
        raw.execute(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})")


def __getattr__(name: str) -> wsgi.WSGI:
    if name != "app":
        raise AttributeError(name)
    settings = settings_module.load()
    database = connect(settings.database_url)
    event.listen(database.write_engine, "after_cursor_execute", _commit_each)
    built = globals()["app"] = wsgi.build(settings, database=database)
    return built
