"""The ground every test stands on: stores, a fixed now, a browser, and a closed network."""

import contextlib
import dataclasses
import gc
import ipaddress
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import hypothesis
import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from shudi.db import Database, connect
from shudi.db.migrate import migrate
from shudi.geo.actions import Locator, open_locator
from shudi.regions.codec import load_vocabulary
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from tests import factories, postgres
from tests.memory import memory

NOW = datetime(2026, 3, 14, 9, 26, 53, 589793, tzinfo=UTC)
CHROMIUM_VARIABLE = "SHUDI_TEST_CHROMIUM"
DOWNLOAD_SECONDS = 240  # less than a test may take
NO_CHROMIUM = f"Chromium not found: set {CHROMIUM_VARIABLE}, or run `playwright install chromium`"


# Where pytest keeps what tests write, unless it is told so from outside.
if memory():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory()))

# How long an example takes says something about this machine, not about the code.
hypothesis.settings.register_profile("shudi", deadline=None)
hypothesis.settings.load_profile("shudi")

# -- the network is closed, but for this machine --------------------------------------------------


def _refuse_strangers(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
    elif event == "socket.getaddrinfo":
        address = arguments[:1]
    else:
        return
    if not isinstance(address, tuple) or not address[0] or address[0] == "localhost":
        return  # a unix socket, or this machine
    host = address[0].decode() if isinstance(address[0], bytes) else str(address[0])
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(host.partition("%")[0]).is_loopback:
            return
    raise RuntimeError("tests open no connection beyond this machine")


sys.addaudithook(_refuse_strangers)


# -- what a machine may lack ----------------------------------------------------------------------


def find_chromium() -> str | None:
    """The browser on this machine, else Playwright's own, else None."""
    named = os.environ.get(CHROMIUM_VARIABLE)
    if named:
        return named
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    if not Path(path).exists():  # its own download, where the network allows it
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(command, check=False, capture_output=True, timeout=DOWNLOAD_SECONDS)
    return path if Path(path).exists() else None


def under_ci() -> bool:
    """Whether nothing may be skipped."""
    return os.environ.get("CI", "").lower() in ("true", "1")


def left_out(missing: str) -> NoReturn:
    """Skip the test for what is missing; under CI that is a failure.

    A server named in SHUDI_TEST_POSTGRES_URL does for most tests, but not for those that stop,
    kill or look into a cluster of their own.
    """
    if under_ci():
        pytest.fail(f"CI=true allows no skipping. {missing}")
    pytest.skip(missing)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Under CI what is missing is said at once, not test by test."""
    if not under_ci() or hasattr(session.config, "workerinput"):
        return
    missing = [] if postgres.available() else [postgres.MISSING]
    missing += [] if find_chromium() else [NO_CHROMIUM]
    if missing:
        pytest.exit("CI=true allows no skipping. " + ". ".join(missing), returncode=1)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The full-length runs are asked for by name: `-m long`."""
    if "long" in (config.getoption("markexpr") or ""):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


def pytest_collection_finish() -> None:
    """What is loaded by now stays, so the collector need not look at it again: a tenth of all time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One visible line for each thing whose tests were skipped."""
    reasons = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    for missing in (postgres.MISSING, NO_CHROMIUM):
        count = sum(missing in reason for reason in reasons)
        if count:
            terminalreporter.write_line(f"SKIPPED {count} tests. {missing}.", yellow=True)


@pytest.fixture(scope="session")
def _all_that_was_refused() -> list[str]:
    from tests.policy import listen

    return listen()


@pytest.fixture(scope="session")
def chromium_path(_all_that_was_refused: list[str]) -> str:
    """A Chromium to drive; run it with --no-sandbox when root."""
    return find_chromium() or left_out(NO_CHROMIUM)


@pytest.fixture(autouse=True)
def refused(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """What pages asked for against their policy in this test's browsers: nothing, or it fails."""
    asks = "chromium_path" in request.fixturenames or request.node.get_closest_marker("browser")
    if not asks:
        yield []
        return
    found: list[str] = request.getfixturevalue("_all_that_was_refused")
    found.clear()
    yield found
    assert found == []


# -- stores ---------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, slots=True)
class Store:
    """Where a store is: as the app reaches it, and as its owner does."""

    dialect: str
    url: str
    owner_url: str
    path: Path | None = None  # SQLite's file


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file; tests get copies."""
    path = tmp_path_factory.mktemp("template") / "shudi.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_server(worker_id: str) -> Iterator[postgres.Server]:
    """A server that makes databases; started when first asked for."""
    with contextlib.ExitStack() as stack:
        url = os.environ.get(postgres.URL_VARIABLE)
        if not url:
            folder = postgres.binaries() or left_out(postgres.MISSING)
            cluster = postgres.Cluster(folder)
            stack.callback(cluster.close)
            url = cluster.url()
        server = postgres.Server(url, worker_id)
        stack.callback(server.close)
        yield server


@pytest.fixture
def postgres_cluster() -> Iterator[postgres.Cluster]:
    """A cluster of this test's own, to stop, kill or look into."""
    cluster = postgres.Cluster(postgres.binaries() or left_out(postgres.MISSING))
    yield cluster
    cluster.close()


@pytest.fixture
def sqlite_store(sqlite_template: Path, tmp_path: Path) -> Store:
    """A fresh SQLite store in the test's state folder."""
    path = tmp_path / "var" / "shudi.db"
    path.parent.mkdir(mode=0o700)
    shutil.copyfile(sqlite_template, path)
    return Store("sqlite", f"sqlite:///{path}", f"sqlite:///{path}", path)


@pytest.fixture
def postgres_store(postgres_server: postgres.Server) -> Iterator[Store]:
    """A fresh PostgreSQL store, reached as the lesser role."""
    with contextlib.contextmanager(postgres_server.database)() as urls:
        yield Store("postgresql", urls.app_url, urls.owner_url)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Store:
    """A fresh store of each kind in turn."""
    kind = "sqlite" if request.param == "sqlite" else "postgres"
    return request.getfixturevalue(f"{kind}_store")


@pytest.fixture
def store_url(store: Store) -> str:
    """The address of `store` as the app knows it."""
    return store.url


@pytest.fixture
def database(store: Store) -> Iterator[Database]:
    """`store`, opened by the product's own engine factory."""
    with _opened(store) as opened:
        yield opened


@pytest.fixture
def sqlite_database(sqlite_store: Store) -> Iterator[Database]:
    """For what cannot differ between the stores."""
    with _opened(sqlite_store) as opened:
        yield opened


@contextlib.contextmanager
def _opened(store: Store) -> Iterator[Database]:
    opened = connect(store.url)
    try:
        yield opened
    finally:
        opened.dispose()


# -- templates, compiled once for all of pytest's workers and not once a test ---------------------


@pytest.fixture(scope="session", autouse=True)
def _compiled_templates(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> None:
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "compiled-templates"
    folder.mkdir(mode=0o700, exist_ok=True)
    # a template's source is part of what its compiled form is found by
    Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(str(folder))}


# -- values ---------------------------------------------------------------------------------------


@pytest.fixture
def make_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Settings]:
    """Settings for the test's own store; name what should differ."""
    wanted = next(
        (name for name in ("store", "postgres_store") if name in request.fixturenames), ""
    )
    place: Store = request.getfixturevalue(wanted or "sqlite_store")

    def make(**changes: Any) -> Settings:
        var = tmp_path / "var"
        var.mkdir(mode=0o700, exist_ok=True)
        values = {
            "var": var,
            "database_url": place.url,
            "migrate_database_url": place.owner_url,
            "secret_key": "not-a-secret-" * 4,
        }
        return Settings(**(values | changes))

    return make


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    """The defaults, on the test's own store and state folder."""
    return make_settings()


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """The regions as shipped."""
    return load_vocabulary()


@pytest.fixture(scope="session")
def locator(tmp_path_factory: pytest.TempPathFactory, vocabulary: Vocabulary) -> Locator:
    """A locator over the few places of tests.factories.ADDRESSES."""
    path = factories.write_places(tmp_path_factory.mktemp("geo") / "places.mmdb")
    return open_locator(f"test=mmdb:{path}", vocabulary)


@pytest.fixture
def site(database: Database) -> int:
    """The usual start: the cast of tests.people, and the site `forum`."""
    return factories.world(database, now=NOW)


@pytest.fixture
def now() -> datetime:
    """The instant at which a test happens, unless it says otherwise."""
    return NOW
