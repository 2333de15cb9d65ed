"""Engines, transactions and the types every table shares.

Writers queue: SQLite opens `BEGIN IMMEDIATE`, PostgreSQL takes one advisory lock as the first
statement. Anything later would let two writers read the same audit head or the same label
(docs/decisions/0003-one-writer-at-a-time.md holds the figures). Readers never wait for them.
"""

import contextlib
import copy
import enum
import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import exc, orm
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.types import TypeDecorator

from shudi import clock
from shudi.db import limits, postgres, sqlite, wal
from shudi.db.ahead import READS_ONLY
from shudi.errors import Stale, Unavailable

__all__ = [
    "OUTAGES",
    "Base",
    "Database",
    "Microseconds",
    "UTCDateTime",
    "bulk_upsert",
    "connect",
    "primary_key",
]


_log = logging.getLogger("shudi.db")
# What says that the store is locked, full or gone, whatever was asked of it.
OUTAGES = (exc.OperationalError, exc.InterfaceError, exc.InternalError, exc.TimeoutError)
_MISSING = frozenset({"42P01", "42703"})  # PostgreSQL's undefined_table, undefined_column


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC instant, microseconds; naive values are refused, not guessed."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Microseconds(TypeDecorator[datetime]):
    """An aware UTC instant as whole microseconds since 1970: eight bytes that sort as it does."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        del dialect
        return None if value is None else clock.microseconds(value)

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:
        del dialect
        return None if value is None else clock.from_microseconds(value)


def _enum_values(members: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in members]


primary_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Base(orm.DeclarativeBase):
    """All tables. Enums are stored by value, instants as aware UTC."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 -- SQLAlchemy reads it as declared
        datetime: UTCDateTime(),
        date: sa.Date(),
        dict[str, Any]: sa.JSON(),
        list[str]: sa.JSON(),
        enum.Enum: sa.Enum(enum.Enum, native_enum=False, length=40, values_callable=_enum_values),
    }


class Database:
    """The write engine and the read engine of one store."""

    _sites: frozenset[int] | None = None

    def __init__(self, write_engine: sa.Engine, read_engine: sa.Engine) -> None:
        self.write_engine = write_engine
        self.read_engine = read_engine
        self._write = orm.sessionmaker(write_engine, expire_on_commit=False)
        self._log = wal.Log(write_engine, sqlite.BUSY_MS) if self.dialect == "sqlite" else None
        self._read = orm.sessionmaker(
            read_engine, expire_on_commit=False, autoflush=False, info={READS_ONLY: True}
        )

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.write_engine.dialect.name

    def limited_to(self, sites: frozenset[int] | None) -> "Database":
        """The same store for somebody who reaches only these sites; None: all."""
        if sites is None:
            return self
        limited = copy.copy(self)
        limited._sites = sites  # noqa: SLF001 -- of our own kind
        return limited

    @contextlib.contextmanager
    def transaction(self) -> Iterator[orm.Session]:
        """One write transaction: leaving commits, raising rolls back.

        Raises Unavailable when the store is locked, full or gone, and Stale when a constraint
        says that somebody else was first.
        """
        with _refusals(), self._write() as session, session.begin():
            self._limit(session)
            yield session
        if self._log is not None:
            self._log.keep_small()

    @contextlib.contextmanager
    def read_session(self) -> Iterator[orm.Session]:
        """One read-only snapshot."""
        with _refusals(), self._read() as session:
            self._limit(session)
            yield session

    def _limit(self, session: orm.Session) -> None:
        if self._sites is not None:
            limits.limit(session, Base.registry, self._sites)

    def truncate_log(self) -> None:
        """Empty SQLite's write-ahead log, so that deleted bytes are gone from it too."""
        if self._log is not None:
            with _refusals():
                self._log.empty()

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.write_engine.dispose()
        self.read_engine.dispose()


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except exc.IntegrityError as error:
        raise Stale("conflict", "Somebody else changed this at the same moment.") from error
    except orm.exc.StaleDataError as error:
        raise Stale("conflict", "Somebody else changed this at the same moment.") from error
    except OUTAGES as error:
        _say_if_not_migrated(error)
        raise Unavailable("store-unavailable", "The store does not answer.") from error
    except exc.DatabaseError as error:
        # SQLite says «file is not a database», «disk image …» without a kind of error
        if type(error) is exc.DatabaseError or _say_if_not_migrated(error):
            raise Unavailable("store-unavailable", "The store does not answer.") from error
        raise


def _say_if_not_migrated(error: exc.SQLAlchemyError) -> bool:
    """Whether a table or column is missing that this code knows; says so in the log."""
    cause = getattr(error, "orig", None)
    missing = getattr(cause, "sqlstate", None) in _MISSING or str(cause).startswith(
        ("no such table", "no such column")
    )
    if missing:
        _log.error("The store lacks a table or column: run `shudi migrate`.", exc_info=error)
    return missing


def connect(url: str, *, pool_size: int = 5) -> Database:
    """Open the store at `url` (sqlite:///… or postgresql://…). Connects lazily."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engines = sqlite.engines(parsed, pool_size=pool_size)
    else:
        engines = postgres.engines(parsed, pool_size=pool_size)
    return Database(*engines)


def bulk_upsert(
    session: orm.Session,
    table: sa.FromClause,
    rows: list[dict[str, Any]],
    *,
    key: tuple[str, ...],
    update: tuple[str, ...] = (),
) -> None:
    """Insert `rows`, or set the `update` columns where `key` exists (none: leave it be)."""
    if not rows:
        return
    sqlite_store = session.get_bind().dialect.name == "sqlite"
    target = cast("sa.Table", table)  # mapped classes type their __table__ loosely
    statement: Any = sqlite_insert(target) if sqlite_store else postgres_insert(target)
    if update:
        statement = statement.on_conflict_do_update(
            index_elements=list(key), set_={name: statement.excluded[name] for name in update}
        )
    else:
        statement = statement.on_conflict_do_nothing(index_elements=list(key))
    session.execute(statement, rows)
