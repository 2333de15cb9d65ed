"""SQLite as Shudi runs it: every pragma on every connection, no upgrade of a read into a write."""

import importlib
import random
import sqlite3
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.pool import QueuePool

BUSY_MS = 5000
# Seconds between two tries to become the writer: for whoever has just come, at the least, and the
# wait after which it is half of the first.
_ASK_AGAIN, _ASK_AT_LEAST, _HALVED_BY = 0.004, 0.0002, 0.01
# Rows in these tables are only ever added (reliability reference, finding 5).
APPEND_ONLY = frozenset({"audit", "audit_checkpoints"})
# What `prepare` sets stays set, and nothing opens the schema to ordinary writes.
_DENIED_PRAGMAS = frozenset(
    {
        "foreign_keys",
        "ignore_check_constraints",
        "journal_mode",
        "query_only",
        "recursive_triggers",
        "secure_delete",
        "synchronous",
        "trusted_schema",
        "writable_schema",
    }
)


def driver() -> ModuleType:
    """The newest SQLite at hand: `pysqlite3` where its wheel exists, else the standard library."""
    try:
        module = importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        return sqlite3
    return module if module.sqlite_version_info > sqlite3.sqlite_version_info else sqlite3


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether `version` is outside the WAL-reset bug (https://sqlite.org/wal.html).

    Fixed in 3.51.3, and in 3.50.7 and 3.44.6 for their lines. A distribution may have
    backported the fix; that cannot be seen from here, so such a version counts as unsafe.
    """
    if version >= (3, 51, 3):
        return True
    return (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def journal_mode() -> str:
    """`WAL`, or `DELETE` (rollback journal) where WAL could lose a commit."""
    return "WAL" if wal_is_safe(driver().sqlite_version_info) else "DELETE"


def engines(url: URL, *, pool_size: int) -> tuple[sa.Engine, sa.Engine]:
    """(write engine, read engine) over the same file."""
    if not url.database or url.database == ":memory:":
        raise ValueError("Shudi needs a SQLite file: an in-memory store has no second connection.")
    Path(url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _engine(url, pool_size, write=True), _engine(url, pool_size, write=False)


def _engine(url: URL, pool_size: int, *, write: bool) -> sa.Engine:
    module = driver()
    engine = sa.create_engine(
        url,
        module=module,
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=5,
        pool_timeout=2,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000},
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, record: object) -> None:
        del record
        connection.isolation_level = None  # we say BEGIN ourselves, and which kind
        prepare(connection, module, write=write)

    @event.listens_for(engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        if write:
            _take_turn(connection, module)
        else:
            connection.exec_driver_sql("BEGIN")

    return engine


def _take_turn(connection: sa.Connection, module: Any) -> None:
    """`BEGIN IMMEDIATE`, with a better chance the longer one has waited.

    SQLite's own waiting asks ever more rarely, so that under steady writing whoever waits longest
    is served last: of 4,000 writes by eight processes one waited for more than five seconds. Here
    whoever waits longest asks most often (decision 0003 holds the figures).
    """
    raw: Any = connection.connection.dbapi_connection
    raw.execute("PRAGMA busy_timeout=0")
    try:
        asked = time.monotonic()
        while time.monotonic() < asked + BUSY_MS / 1000:
            try:
                raw.execute("BEGIN IMMEDIATE")
            except module.OperationalError as error:
                if "locked" not in str(error):
                    break  # the last try below says what is wrong, in SQLAlchemy's words
                time.sleep(_until_next_try(time.monotonic() - asked))
            else:
                return
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        raw.execute(f"PRAGMA busy_timeout={BUSY_MS}")


def _until_next_try(waited: float) -> float:
    """Seconds to sleep for whoever has waited for `waited` seconds so far."""
    pause = _ASK_AGAIN / (1 + waited / _HALVED_BY)
    return max(_ASK_AT_LEAST, pause) * random.uniform(0.5, 1)


def prepare(connection: Any, module: Any, *, write: bool) -> None:
    """Set every pragma (all but the journal mode hold per connection) and the authorizer."""
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_MS}",
        f"journal_mode={journal_mode()}",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "secure_delete=ON",
        "trusted_schema=OFF",
        "temp_store=MEMORY",
        # a batch of sightings touches thousands of pages: do not copy them back at each commit
        "wal_autocheckpoint=16000",
        "cache_size=-65536",
        f"query_only={'OFF' if write else 'ON'}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    connection.set_authorizer(_authorizer(module))


def _authorizer(module: Any) -> Any:
    """Deny what would let the application rewrite its own audit log."""
    rewriting = {module.SQLITE_UPDATE, module.SQLITE_DELETE}
    reshaping = {
        module.SQLITE_ALTER_TABLE,
        module.SQLITE_DROP_TABLE,
        module.SQLITE_DROP_TRIGGER,
        module.SQLITE_CREATE_TRIGGER,
        module.SQLITE_CREATE_TEMP_TRIGGER,
        module.SQLITE_ATTACH,
        module.SQLITE_DETACH,
    }

    # A temporary table of that name would swallow what is meant for the log.
    shadowing = {module.SQLITE_CREATE_TEMP_TABLE, module.SQLITE_CREATE_TEMP_VIEW}

    def allowed(action: int, first: str | None, second: str | None, *rest: object) -> int:
        del rest
        if action in reshaping or (action in rewriting and first in APPEND_ONLY):
            return int(module.SQLITE_DENY)
        if action in shadowing and str(first).lower() in APPEND_ONLY:
            return int(module.SQLITE_DENY)
        # sqlite_master is touched by every DDL statement; the app runs none.
        if action in rewriting | {module.SQLITE_INSERT} and str(first).startswith("sqlite_m"):
            return int(module.SQLITE_DENY)
        # SQLite hands over a pragma's name as it was written.
        if action == module.SQLITE_PRAGMA and second is not None:
            return int(
                module.SQLITE_DENY if str(first).lower() in _DENIED_PRAGMAS else module.SQLITE_OK
            )
        return int(module.SQLITE_OK)

    return allowed
