import dataclasses
import fcntl
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from demo import seed
from shudi.db import Database, connect
from shudi.db.migrate import migrate
from shudi.settings import Settings

SEEDED_AT = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)


@dataclasses.dataclass(frozen=True)
class Demo:
    settings: Settings
    database: Database
    path: Path


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A state folder seeded with fewer accounts than usual; one for all of pytest's workers."""
    base = tmp_path_factory.getbasetemp()
    var = (base if worker_id == "master" else base.parent) / "demo-seeded"
    with var.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (var / seed.KEY_FILE).exists():  # written last
            var.mkdir(mode=0o700, exist_ok=True)
            settings = _settings(var)
            migrate(settings.database_url)
            database = connect(settings.database_url)
            seed.seed(settings, database, accounts=seed.LEAST, now=SEEDED_AT)
            database.truncate_log()
            database.dispose()
    return var


def _settings(var: Path) -> Settings:
    url = f"sqlite:///{var / 'shudi.db'}"
    return Settings(var=var, database_url=url, secret_key="not-a-secret-" * 4)


@pytest.fixture(scope="session")
def demo(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A copy of the seeded store for this worker; what happens in it is the same as always."""
    var = tmp_path_factory.mktemp("demo")
    for name in ("shudi.db", seed.KEY_FILE):
        shutil.copy(seeded / name, var / name)
    settings = _settings(var)
    database = connect(settings.database_url)
    yield Demo(settings, database, var / "shudi.db")
    database.dispose()
