import dataclasses
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
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A store seeded with fewer accounts than usual; what happens in it is the same."""
    var = tmp_path_factory.mktemp("demo")
    path = var / "shudi.db"
    settings = Settings(var=var, database_url=f"sqlite:///{path}", secret_key="not-a-secret-" * 4)
    migrate(settings.database_url)
    database = connect(settings.database_url)
    seed.seed(settings, database, accounts=seed.LEAST, now=SEEDED_AT)
    yield Demo(settings, database, path)
    database.dispose()
