"""The keyed lookup's short way: raw driver connections and labels kept ready in this process.

Every lookup still reads the store, in one transaction: SQLite's `data_version` says whether
anything at all was committed since, and if so the key, the site and what changed on it (by `seq`)
are read again. So a revoked key and a corrected label show in the next answer, not after a delay.
"""

import contextlib
import itertools
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from shudi import clock
from shudi.clients.rules import Client, Scope, ends, key_hash
from shudi.db import Database
from shudi.errors import Unavailable
from shudi.labels.queries.served import NOTHING_SHOWN, Shown, shown
from shudi.sites.rules import is_key

_KEY = (
    "SELECT id, name, scopes, site_id, minute_limit, expires_at,"
    " CASE WHEN key_hash <> ? THEN before_until END"
    " FROM api_keys WHERE (key_hash = ? OR hash_before = ?) AND revoked_at IS NULL"
)
_SITE = "SELECT id, seq, as_of FROM sites WHERE key = ? AND closed_at IS NULL"
_MOVED = "SELECT account FROM labels WHERE site_id = ? AND seq > ? ORDER BY seq LIMIT ?"
_LABELS = (
    "SELECT account, state, region, basis, corrected, disputed, since, version, hidden"
    " FROM labels WHERE site_id = ? AND account IN "
)
_MOVED_MOST = 20_000
_REMEMBERED_MOST = 1000


class _Site:
    """The shelf of one site: rendered labels as of `seq`."""

    def __init__(self, seq: int) -> None:
        self.seq = seq
        self.labels: dict[str, bytes] = {}
        self.lock = threading.Lock()


class _Line:
    """One raw connection, and what it knows to be true at `version`."""

    def __init__(self, connection: Any, dialect: sa.Dialect) -> None:
        self.connection = connection
        self.cursor = connection.cursor()
        self.sqlite = dialect.name == "sqlite"
        self.errors: type[Exception] = dialect.loaded_dbapi.Error
        self.version: int | None = None
        self.keys: dict[str, Client | None] = {}
        self.sites: dict[str, tuple[int, int, datetime] | None] = {}

    def begin(self) -> None:
        """Open a snapshot; forget what may have changed since the last."""
        if self.sqlite:
            self.cursor.execute("BEGIN")
            version = self.cursor.execute("PRAGMA data_version").fetchone()[0]
            if version == self.version and len(self.keys) + len(self.sites) < _REMEMBERED_MOST:
                return
            self.version = version
        else:
            self.cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self.keys.clear()
        self.sites.clear()

    def rows(self, sql: str, parameters: Sequence[object]) -> list[Any]:
        """All rows of `sql` (written with `?`)."""
        if not self.sqlite:
            sql = sql.replace("?", "%s")
        self.cursor.execute(sql, parameters)
        return list(self.cursor.fetchall())

    def end(self) -> None:
        """Close the snapshot."""
        self.cursor.execute("COMMIT")


class Shelf:
    """Answers keyed lookups for one process; safe for its threads.

    `render` makes the bytes of a label once; `most` bounds how many accounts are kept ready
    (about 130 bytes each). `turns` is held by who looks up: by one thread at a time in a file, by
    some where a server is waited for. In a tenth of a millisecond a look-up gives the interpreter
    away three times, for a statement each; threads that do so at once spend more on taking turns
    than on the answers (docs/performance.md).
    """

    def __init__(
        self, database: Database, render: Callable[[Shown], bytes], *, most: int = 1_000_000
    ) -> None:
        self._database = database
        self._render = render
        self._most = most
        self._idle: list[_Line] = []
        self._sites: dict[int, _Site] = {}
        self._nothing = render(NOTHING_SHOWN)
        one = database.dialect == "sqlite"
        self.turns = threading.Lock() if one else threading.BoundedSemaphore(4)

    def lookup(
        self, key: str, site_key: str, accounts: Sequence[str]
    ) -> tuple[Client, datetime, list[bytes]] | None:
        """(program, as_of, rendered labels in order), or None where the long way must say why."""
        with self._line() as line:
            client = self._client(line, key)
            if client is None or Scope.LABELS_READ not in client.scopes:
                return None
            if client.until is not None and not client.live(clock.now()):
                return None
            site = self._site(line, site_key)
            if site is None or client.site_id not in (None, site[0]):
                return None
            return client, site[2], self._labels(line, site, accounts)

    def close(self) -> None:
        """Close the connections that are not in use."""
        while self._idle:
            self._idle.pop().connection.close()

    @contextlib.contextmanager
    def _line(self) -> Iterator[_Line]:
        try:
            line = self._idle.pop()
        except IndexError:
            line = self._open()
        try:
            line.begin()
            yield line
            line.end()
        except BaseException as error:
            line.connection.close()  # whatever went wrong, a fresh one knows nothing of it
            if isinstance(error, line.errors):
                raise Unavailable("store-unavailable", "The store does not answer.") from error
            raise
        self._idle.append(line)

    def _open(self) -> _Line:
        engine = self._database.read_engine
        try:
            pooled = engine.raw_connection()
        except (exc.SQLAlchemyError, engine.dialect.loaded_dbapi.Error) as error:
            raise Unavailable("store-unavailable", "The store does not answer.") from error
        connection: Any = pooled.driver_connection
        pooled.detach()  # it stays ours, the pool opens another for others
        if engine.dialect.name != "sqlite":
            connection.autocommit = True  # BEGIN and COMMIT are said here
        return _Line(connection, engine.dialect)

    def _client(self, line: _Line, key: str) -> Client | None:
        if key not in line.keys:
            rows = line.rows(_KEY, (key_hash(key),) * 3)
            line.keys[key] = _client(rows[0]) if rows else None
        return line.keys[key]

    def _site(self, line: _Line, site_key: str) -> tuple[int, int, datetime] | None:
        if site_key not in line.sites:
            rows = line.rows(_SITE, (site_key,)) if is_key(site_key) else []
            line.sites[site_key] = (*rows[0][:2], _instant(rows[0][2])) if rows else None
        return line.sites[site_key]

    def _labels(
        self, line: _Line, site: tuple[int, int, datetime], accounts: Sequence[str]
    ) -> list[bytes]:
        site_id, seq, _ = site
        shelf = self._sites.setdefault(site_id, _Site(seq))
        if shelf.seq < seq:
            self._catch_up(line, shelf, site_id, seq)
        ready = shelf.labels
        found = [ready.get(account) for account in accounts]
        if None in found:
            missing = [account for account, one in zip(accounts, found, strict=True) if one is None]
            fetched = self._fetch(line, site_id, missing)
            self._keep(shelf, seq, fetched)
            found = [
                fetched[account] if one is None else one
                for account, one in zip(accounts, found, strict=True)
            ]
        return found  # type: ignore[return-value]

    def _catch_up(self, line: _Line, shelf: _Site, site_id: int, seq: int) -> None:
        """Take down what changed between the shelf's seq and this snapshot's."""
        moved = line.rows(_MOVED, (site_id, shelf.seq, _MOVED_MOST))
        with shelf.lock:
            if len(moved) == _MOVED_MOST:
                shelf.labels = {}
            for row in moved:
                shelf.labels.pop(row[0], None)
            shelf.seq = max(shelf.seq, seq)

    def _fetch(self, line: _Line, site_id: int, accounts: list[str]) -> dict[str, bytes]:
        marks = ",".join("?" * len(accounts))
        fetched = dict.fromkeys(accounts, self._nothing)
        for account, *columns in line.rows(f"{_LABELS}({marks})", (site_id, *accounts)):
            fetched[account] = self._render(shown(columns))
        return fetched

    def _keep(self, shelf: _Site, seq: int, fetched: dict[str, bytes]) -> None:
        with shelf.lock:
            if shelf.seq != seq:
                return  # another thread knows more; what this snapshot saw may be old
            over = len(shelf.labels) + len(fetched) - self._most
            if over > 0:  # the oldest go, an eighth at a time
                oldest = itertools.islice(shelf.labels, max(over, self._most // 8))
                for account in list(oldest):
                    del shelf.labels[account]
            shelf.labels.update(fetched)


def _client(row: Any) -> Client:
    scopes = row[2]
    if isinstance(scopes, str):
        scopes = json.loads(scopes)
    until = ends(*(_instant(one) for one in row[5:7] if one is not None))
    return Client(row[0], row[1], frozenset(scopes), row[3], row[4], until)


def _instant(value: datetime | str) -> datetime:
    parsed = datetime.fromisoformat(value) if isinstance(value, str) else value
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
