"""A small demo community, seeded once a test run; each test gets a copy and processes of its own."""

import fcntl
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from demo.seed import KEY_FILE, seed
from shudi.db import connect
from shudi.db.migrate import migrate
from shudi.settings import load
from tests.conftest import Store
from tests.e2e.desk import Installation, installation

ACCOUNTS = 500


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A state folder over the demo community, its secrets included; one for all of pytest's
    workers.
    """
    base = tmp_path_factory.getbasetemp()
    var = (base if worker_id == "master" else base.parent) / "desk-seeded"
    with var.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (var / KEY_FILE).exists():  # written last
            var.mkdir(mode=0o700, exist_ok=True)
            url = f"sqlite:///{var / 'shudi.db'}"
            migrate(url)
            database = connect(url)
            settings = load({"SHUDI_VAR": str(var), "SHUDI_DATABASE_URL": url})
            seed(settings, database, accounts=ACCOUNTS)
            database.truncate_log()
            database.dispose()
    return var


@pytest.fixture
def desk(seeded: Path, tmp_path: Path) -> Iterator[Installation]:
    """A whole installation over a small demo community."""
    var = tmp_path / "var"
    shutil.copytree(seeded, var)
    url = f"sqlite:///{var / 'shudi.db'}"
    with installation(Store("sqlite", url, url, var / "shudi.db"), tmp_path) as made:
        yield made


@pytest.fixture
def browser(chromium_path: str) -> Iterator[Browser]:
    """Chromium, gone after the test."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield made
        made.close()
