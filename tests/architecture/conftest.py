"""The doors, opened on a store of each kind where what they do differs by store."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shudi.db import Database, connect
from shudi.geo.actions import Locator
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from tests.architecture.doors import Doors


@pytest.fixture
def doors(
    database: Database,
    make_settings: Callable[..., Settings],
    locator: Locator,
    vocabulary: Vocabulary,
) -> Doors:
    return Doors(database, make_settings(), locator, vocabulary)


@pytest.fixture(scope="module")
def still_doors(
    sqlite_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
    locator: Locator,
    vocabulary: Vocabulary,
) -> Iterator[Doors]:
    """One for all tests of a module: for those that ask who may, and change nothing that counts."""
    var = tmp_path_factory.mktemp("doors")
    path = shutil.copyfile(sqlite_template, var / "shudi.db")
    database = connect(f"sqlite:///{path}")
    settings = Settings(var=var, database_url=f"sqlite:///{path}", secret_key="not-a-secret" * 4)
    yield Doors(database, settings, locator, vocabulary)
    database.dispose()
