"""A database of a few places, and a locator over it."""

import pytest

from tests.fixtures.geo_mmdb import write_mmdb
from tests.geo.databases import BUILD, RECORDS, locator_over


@pytest.fixture
def city(tmp_path):
    return write_mmdb(tmp_path / "city.mmdb", RECORDS, build=BUILD)


@pytest.fixture
def locator(city):
    return locator_over([("mmdb", city)])
