"""The doors, opened on a store of each kind where what they do differs by store."""

from collections.abc import Callable

import pytest

from shudi.db import Database
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
