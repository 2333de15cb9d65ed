"""PostgreSQL as Shudi runs it: time-outs on everything, one writer's lock, snapshots for reads."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL

# pg_advisory_xact_lock key of the one writer's queue: the bytes of «shudi».
WRITE_LOCK = 0x7368756469
_TIMEOUTS = {
    "statement_timeout": "15000",
    "lock_timeout": "5000",
    "idle_in_transaction_session_timeout": "30000",
    "timezone": "UTC",
}


def engines(url: URL, *, pool_size: int) -> tuple[sa.Engine, sa.Engine]:
    """(write engine, read engine) over the same database."""
    url = url.set(drivername="postgresql+psycopg")
    write = _engine(url, pool_size, "READ COMMITTED")
    read = _engine(url, pool_size, "REPEATABLE READ")

    @event.listens_for(write, "begin")
    def _queue(connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})")

    @event.listens_for(read, "connect")
    def _reads_only(connection: Any, record: object) -> None:
        del record
        connection.read_only = True  # said in BEGIN itself, which saves a round trip each time

    return write, read


def _engine(url: URL, pool_size: int, isolation: Any) -> sa.Engine:
    options = " ".join(f"-c {name}={value}" for name, value in _TIMEOUTS.items())
    return sa.create_engine(
        url,
        isolation_level=isolation,
        pool_size=pool_size,
        max_overflow=5,
        pool_timeout=2,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"connect_timeout": 3, "options": options},
    )
