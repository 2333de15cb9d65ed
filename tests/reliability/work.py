"""What the processes of these tests do, with Shudi's discipline and with it taken away."""

import contextlib
import dataclasses
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, exc, orm
from sqlalchemy.pool import NullPool

from shudi.audit.actions import Entry, append
from shudi.audit.store import AuditRow
from shudi.db import connect, sqlite
from shudi.errors import ShudiError
from shudi.settings import kept_secret
from shudi.sites.store import Site
from tests.reliability.harness import Wait

NOW = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)


@dataclasses.dataclass
class Tally:
    """What one process did: commits, refusals by code, and how long each transaction took."""

    done: int = 0
    errors: list[str] = dataclasses.field(default_factory=list)
    seconds: list[float] = dataclasses.field(default_factory=list)


@contextlib.contextmanager
def opened(url: str, discipline: str) -> Iterator[Any]:
    """Something with `.transaction()`: the product's store, or one without its discipline.

    `driver` is SQLAlchemy's own default for either database; `deferred` says a plain BEGIN.
    """
    if discipline == "product":
        database = connect(url)
        try:
            yield database
        finally:
            database.dispose()
        return
    engine = _undisciplined(url, discipline)

    class Undisciplined:
        @contextlib.contextmanager
        def transaction(self) -> Iterator[orm.Session]:
            with orm.Session(engine) as session, session.begin():
                yield session

    yield Undisciplined()
    engine.dispose()


def _undisciplined(url: str, discipline: str) -> sa.Engine:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return sa.create_engine(parsed.set(drivername="postgresql+psycopg"), poolclass=NullPool)
    engine = sa.create_engine(
        url, module=sqlite.driver(), poolclass=NullPool, connect_args={"timeout": 5}
    )
    if discipline == "deferred":

        @event.listens_for(engine, "connect")
        def _connected(connection: Any, record: object) -> None:
            del record
            connection.isolation_level = None

        @event.listens_for(engine, "begin")
        def _begun(connection: sa.Connection) -> None:
            connection.exec_driver_sql("BEGIN")

    return engine


def entry(target: int = 0, text: str = "") -> Entry:
    """An audit entry of no meaning."""
    return Entry(
        actor_id="staff:1",
        actor_name="alice",
        action="test.edited",
        target_type="site",
        target_id=target,
        after={"count": target},
        text=text,
    )


def edit(session: orm.Session, site_id: int) -> None:
    """Read, think, write, and say so in the log: the shape of every act."""
    count = session.scalar(sa.select(Site.account_count).where(Site.id == site_id)) or 0
    append(session, entry(count), now=NOW)
    session.execute(sa.update(Site).where(Site.id == site_id).values(account_count=count + 1))


def edits(wait: Wait, url: str, site_id: int, count: int, discipline: str) -> Tally:
    """`count` edits of one site, as fast as they go."""
    tally = Tally()
    with opened(url, discipline) as database:
        with database.transaction() as session:  # connect before the start
            session.execute(sa.text("SELECT 1"))
        wait()
        for _ in range(count):
            timed_edit(database, site_id, tally)
    return tally


def edits_for(wait: Wait, url: str, site_id: int, seconds: float, discipline: str) -> Tally:
    """Edits of one site until the time is over."""
    tally = Tally()
    with opened(url, discipline) as database:
        wait()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            timed_edit(database, site_id, tally)
    return tally


def timed_edit(database: Any, site_id: int, tally: Tally) -> None:
    """One edit, its time and its refusal written down."""
    begun = time.monotonic()
    try:
        with database.transaction() as session:
            edit(session, site_id)
    except ShudiError as error:
        tally.errors.append(f"{error.code}: {error.__cause__}")
    except exc.SQLAlchemyError as error:
        tally.errors.append(str(error))
    else:
        tally.done += 1
    tally.seconds.append(time.monotonic() - begun)


def edits_in_little_space(
    wait: Wait, url: str, site_id: int, count: int
) -> tuple[int, list[str], int]:
    """Edits under a limit on file size, and one more once it is gone: (done, causes, after)."""
    wait()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    path = Path(sa.make_url(url).database or "")
    space = path.stat().st_size + (32 << 10)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (space, hard))
    little, enough = Tally(), Tally()
    with opened(url, "product") as database:
        for _ in range(count):
            timed_edit(database, site_id, little)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        timed_edit(database, site_id, enough)
    return little.done, little.errors, enough.done


def reads_for(wait: Wait, url: str, seconds: float) -> Tally:
    """Page views, each a snapshot: the count and the log must agree."""
    tally = Tally()
    database = connect(url)
    wait()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with database.read_session() as session:
                edits_seen = session.scalar(sa.select(sa.func.sum(Site.account_count)))
                rows = session.scalar(sa.select(sa.func.max(AuditRow.seq))) or 0
            if edits_seen != rows:
                tally.errors.append(f"torn read: {edits_seen} edits, {rows} audit rows")
        except ShudiError as error:
            tally.errors.append(f"{error.code}: {error.__cause__}")
        else:
            tally.done += 1
    database.dispose()
    return tally


def backups_for(wait: Wait, path: Path, folder: Path, seconds: float) -> Tally:
    """`VACUUM INTO` again and again; every copy must be whole."""
    tally = Tally()
    module = sqlite.driver()
    wait()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        copy = folder / f"backup-{tally.done}.db"
        try:
            with contextlib.closing(module.connect(path, timeout=5)) as connection:
                connection.execute("VACUUM INTO ?", (str(copy),))
            with contextlib.closing(module.connect(copy)) as connection:
                verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
                seen, rows = connection.execute(
                    "SELECT (SELECT sum(account_count) FROM sites), (SELECT count(*) FROM audit)"
                ).fetchone()
        except module.Error as error:
            tally.errors.append(str(error))
            continue
        if verdict != "ok" or seen != rows:
            tally.errors.append(f"bad copy: {verdict}, {seen} edits, {rows} audit rows")
        copy.unlink()
        tally.done += 1
    return tally


def dumps_for(wait: Wait, program: Path, url: str, seconds: float) -> Tally:
    """`pg_dump` again and again; every copy must be whole."""
    tally = Tally()
    wait()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done = subprocess.run(
            [program, "--dbname", url], check=False, capture_output=True, text=True
        )
        if done.returncode or "database dump complete" not in done.stdout:
            tally.errors.append(f"bad copy: {done.stderr[-300:]}")
            continue
        tally.done += 1
    return tally


def secrets_kept(wait: Wait, paths: list[Path], which: int) -> list[str]:
    """The secret in each of `paths`, made by whichever process was first."""
    found = []
    for path in paths:
        wait()
        found.append(kept_secret(path, lambda: f"secret-of-{which}" * 100))
    return found


def one_of(wait: Wait, task: Callable[..., Tally], *arguments: Any) -> Tally:
    """Whatever this process was given to do."""
    return task(wait, *arguments)
