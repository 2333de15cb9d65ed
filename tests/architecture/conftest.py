"""The doors, opened on a store of each kind where what they do differs by store."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shudi.db import Database, connect
from shudi.geo.actions import Locator
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from tests import postgres
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
    yield from standing(f"sqlite:///{path}", var, locator, vocabulary)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def both_still_doors(request: pytest.FixtureRequest) -> Iterator[Doors]:
    """The same on a store of each kind in turn."""
    if request.param == "sqlite":
        yield request.getfixturevalue("still_doors")
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    var = request.getfixturevalue("tmp_path_factory").mktemp("doors")
    parts = (request.getfixturevalue(name) for name in ("locator", "vocabulary"))
    with contextlib.contextmanager(server.database)() as urls:
        yield from standing(urls.app_url, var, *parts)


def standing(url: str, var: Path, locator: Locator, vocabulary: Vocabulary) -> Iterator[Doors]:
    """The doors over the store at `url`, closed afterwards."""
    database = connect(url)
    settings = Settings(var=var, database_url=url, secret_key="not-a-secret" * 4)
    yield Doors(database, settings, locator, vocabulary)
    database.dispose()
