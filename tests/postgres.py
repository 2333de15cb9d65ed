"""A PostgreSQL for the tests: the one named in SHUDI_TEST_POSTGRES_URL, else a throwaway cluster.

The cluster lives in a folder of its own, answers on a unix socket only and, when the tests run
as root, belongs to an unprivileged user (PostgreSQL refuses to run as root).
"""

import contextlib
import ctypes
import dataclasses
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from shudi.db.migrate import migrate
from tests.memory import memory

URL_VARIABLE = "SHUDI_TEST_POSTGRES_URL"
MISSING = f"PostgreSQL not found: set {URL_VARIABLE}, or put initdb and postgres on the machine"
_HOME = "shudi-pg-"
_PR_SET_PDEATHSIG = 1
_STRATEGIES = 150_000  # the server version from which CREATE DATABASE is told how to copy


def binaries() -> Path | None:
    """The newest folder that holds both `initdb` and `postgres`, or None."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name)
    )
    on_path = shutil.which("initdb")
    candidates = [*reversed(debian), *([Path(on_path).parent] if on_path else [])]
    for folder in candidates:
        if all((folder / name).exists() for name in ("initdb", "postgres")):
            return folder
    return None


def available() -> bool:
    """Whether the PostgreSQL variants can run here."""
    return bool(os.environ.get(URL_VARIABLE)) or binaries() is not None


@dataclasses.dataclass(frozen=True, slots=True)
class Databases:
    """One database as its owner and as the lesser role of the app reach it."""

    owner_url: str
    app_url: str


class Cluster:
    """A throwaway cluster of this test run. `data` and `log` are what it left on disk."""

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self._bin = folder
        place = Path("/tmp") if durable else memory() or Path("/tmp")
        _forget_the_dead(place)
        self._account = _unprivileged()
        self.home = Path(tempfile.mkdtemp(prefix=_HOME, dir=place))
        self.data = self.home / "data"
        self.log = self.home / "log"
        self._durable = durable
        self._server: subprocess.Popen[bytes] | None = None
        if self._account:
            os.chown(self.home, self._account["user"], self._account["group"])
        self._run(
            "initdb",
            "-D",
            self.data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        )
        self.start()
        self._admin("CREATE ROLE shudi_owner LOGIN CREATEDB CREATEROLE")
        self._admin("CREATE DATABASE shudi OWNER shudi_owner")

    def url(self, role: str = "shudi_owner", database: str = "shudi") -> str:
        """A libpq URL over the socket."""
        return f"postgresql://{role}@/{database}?host={self.home}"

    def start(self) -> None:
        """Start the server (crash recovery included) and wait until it answers."""
        options = [
            "-c",
            "listen_addresses=",
            "-c",
            f"unix_socket_directories={self.home}",
            "-c",
            "max_connections=120",
            "-c",
            "shared_buffers=32MB",
        ]
        if not self._durable:
            options += ["-c", "fsync=off", "-c", "full_page_writes=off"]
        deadline = time.monotonic() + 30
        while not self._answers():
            if time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL does not start: {self.log.read_text()[-500:]}")
            if self._server is None or self._server.poll() is not None:
                # After `kill` the old backends hold the cluster's memory for a moment.
                self._launch(options)
            time.sleep(0.05)

    def _launch(self, options: list[str]) -> None:
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(
                [self._bin / "postgres", "-D", self.data, *options],
                stdout=log,
                stderr=log,
                cwd=self.home,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 -- runs before any thread of ours
                **self._account,
            )

    def stop(self) -> None:
        """Stop at once, cutting connections; nothing committed is lost."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """`kill -9` of the postmaster and, with it, of every backend."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        """Stop and remove everything."""
        self._end(signal.SIGQUIT)
        shutil.rmtree(self.home, ignore_errors=True)

    def _end(self, how: signal.Signals) -> None:
        if self._server is not None:
            self._server.send_signal(how)
            self._server.wait(30)
            self._server = None

    def _run(self, name: str, *arguments: object) -> None:
        command = [str(self._bin / name), *map(str, arguments)]
        done = subprocess.run(
            command, check=False, capture_output=True, cwd=self.home, **self._account
        )
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stderr.decode(errors='replace')[-500:]}")

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres", "postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _admin(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(statement)


class Server:
    """Hands out databases, each a copy of one migrated template. One a test process."""

    def __init__(self, admin_url: str, worker: str) -> None:
        self._admin_url = make_url(admin_url).set(drivername="postgresql")
        self._prefix = f"shudi_test_{worker}_{secrets.token_hex(3)}"
        self._role = f"{self._prefix}_app"
        self._password = secrets.token_hex(16)
        self._count = 0
        with psycopg.connect(_text(self._admin_url)) as connection:
            version = connection.info.server_version
        # Block by block through the log, as is usual since version 15, takes ten times as long.
        self._strategy = " STRATEGY file_copy" if version >= _STRATEGIES else ""
        # No placeholders in utility statements; both names are our own.
        self._admin(f"CREATE ROLE {self._role} LOGIN PASSWORD '{self._password}'")
        template = self._create("template0")
        migrate(template.owner_url, app_url=template.app_url)
        self._template = make_url(template.owner_url).database

    def database(self) -> Iterator[Databases]:
        """A fresh database, dropped afterwards."""
        databases = self._create(self._template or "")
        yield databases
        self._drop(make_url(databases.owner_url).database or "")

    def copy(self, filled: Databases) -> Iterator[Databases]:
        """A copy of one that this server gave out and nobody is connected to; dropped afterwards."""
        databases = self._create(make_url(filled.owner_url).database or "")
        yield databases
        self._drop(make_url(databases.owner_url).database or "")

    def empty(self) -> Iterator[Databases]:
        """A database without a table, dropped afterwards."""
        databases = self._create("template0")
        yield databases
        self._drop(make_url(databases.owner_url).database or "")

    def close(self) -> None:
        """Drop the template and the role."""
        self._drop(self._template or "")
        self._admin(f"DROP ROLE {self._role}")

    def _create(self, template: str) -> Databases:
        self._count += 1
        name = f"{self._prefix}_{self._count}"
        self._admin(f"CREATE DATABASE {name} TEMPLATE {template}{self._strategy}")
        owner = self._admin_url.set(database=name)
        app = owner.set(username=self._role, password=self._password)
        return Databases(_text(owner), _text(app))

    def _drop(self, name: str) -> None:
        for pause in (0.05, 0.2, 1, 3, 10):
            try:
                return self._admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            except psycopg.errors.InsufficientPrivilege:
                time.sleep(pause)  # autovacuum is in it, and is not ours to end
        return self._admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _admin(self, statement: str) -> None:
        with psycopg.connect(_text(self._admin_url), autocommit=True) as connection:
            connection.execute(sql.SQL(statement))  # type: ignore[arg-type]


def _forget_the_dead(place: Path) -> None:
    """Remove the clusters of test runs that were killed hours ago: no test lasts so long."""
    for home in place.glob(f"{_HOME}*"):
        with contextlib.suppress(OSError):
            server = home / "data" / "postmaster.pid"
            old = home.stat().st_mtime < time.time() - 3 * 3600
            alive = server.exists() and Path("/proc", server.read_text().split("\n")[0]).exists()
            if old and not alive:
                shutil.rmtree(home, ignore_errors=True)


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def _unprivileged() -> dict[str, Any]:
    """Arguments of Popen that drop root's rights; none where there are none to drop."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise RuntimeError("no unprivileged user to run PostgreSQL as")


def _die_with_parent() -> None:
    """A killed test run leaves no server behind. (Ends with the thread that started it, too.)"""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
