"""The desk that the act tests work at."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shudi.sites.actions import create_site
from shudi.staff.actions import set_role
from shudi.staff.rules import Role
from tests import factories
from tests.actions.desk import Desk, two_sources
from tests.conftest import NOW
from tests.people import SONJA, SYSTEM
from tests.receivers import SECRET, Platform


@pytest.fixture
def desk(database, settings, locator, vocabulary, site) -> Desk:
    """The usual desk: one geo source, default settings."""
    return Desk(
        database=database, settings=settings, locator=locator, vocabulary=vocabulary, site=site
    )


@pytest.fixture(scope="session")
def doubting(tmp_path_factory):
    """A locator over two sources that disagree about a few addresses."""
    return two_sources(tmp_path_factory.mktemp("sources"))


@pytest.fixture
def make_desk(database, make_settings, locator, vocabulary, site) -> Callable[..., Desk]:
    """A desk under other settings, or with another locator."""

    def make(with_locator: Any = None, **changes: Any) -> Desk:
        return Desk(
            database=database,
            settings=make_settings(**changes),
            locator=with_locator or locator,
            vocabulary=vocabulary,
            site=site,
        )

    return make


@pytest.fixture
def sqlite_desk(sqlite_database, make_settings, locator, vocabulary) -> Desk:
    """For what cannot differ between the stores."""
    return Desk(
        database=sqlite_database,
        settings=make_settings(),
        locator=locator,
        vocabulary=vocabulary,
        site=factories.world(sqlite_database, now=NOW),
    )


@pytest.fixture
def platform() -> Iterator[Platform]:
    made = Platform()
    yield made
    made.close()


@pytest.fixture
def hooked(make_desk: Callable[..., Desk], platform: Platform) -> Desk:
    """A desk whose platform listens."""
    return make_desk(webhook_url=platform.url, webhook_secret=SECRET)


@pytest.fixture
def house(make_desk: Callable[..., Desk]) -> Desk:
    """A desk with two sites and two admins: Bob and Sonja."""
    desk = make_desk(brake_minimum=10**6)
    desk.act(set_role, actor=SYSTEM, staff_id=SONJA.staff_id, role=Role.ADMIN)
    desk.act(create_site, actor=SYSTEM, key="shop", name="Shop", match=["https://shop.example/*"])
    return desk
