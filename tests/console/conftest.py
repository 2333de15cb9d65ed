"""An app on a fresh SQLite store with the cast hired, and a clock that tests can turn."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from console import create_app
from shudi import clock
from shudi.cases.actions.batches.running import run_some
from shudi.db import Database
from shudi.geo.actions import Locator
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.staff.actions.sessions import open_session
from shudi.staff.rules import Actor
from shudi.staff.store.identities import Identity
from shudi.worker import Worker
from tests import factories, people
from tests.console.browser import BASE, Browser
from tests.console.desk import Desk, build
from tests.console.furnish import NEEDED, Furnisher
from tests.console.trips import come_back, set_out
from tests.forger import Forger


class Turnable:
    """The time as the app sees it."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def time(now: datetime, monkeypatch: pytest.MonkeyPatch) -> Turnable:
    turnable = Turnable(now)
    monkeypatch.setattr(clock, "now", turnable)
    return turnable


@pytest.fixture
def app(
    sqlite_database: Database,
    make_settings: Callable[..., Settings],
    vocabulary: Vocabulary,
    time: Turnable,
) -> Flask:
    with sqlite_database.transaction() as session:
        people.hire_everybody(session)
    settings = make_settings(base_url=BASE)
    built = create_app(settings, database=sqlite_database, vocabulary=vocabulary)
    built.testing = False  # errors become pages, as in life
    return built


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def signed_in(app: Flask, sqlite_database: Database, time: Turnable) -> Callable[[Actor], Browser]:
    """A browser in which this person has signed in already."""

    def sign_in(who: Actor) -> Browser:
        with sqlite_database.transaction() as session:
            token = open_session(session, staff_id=who.staff_id or 0, now=time.now, hours=12)
        browser = Browser(app)
        browser.hold(token)
        return browser

    return sign_in


@pytest.fixture
def desk(
    app: Flask,
    sqlite_database: Database,
    vocabulary: Vocabulary,
    locator: Locator,
    time: Turnable,
) -> Desk:
    """The review desk behind `app`, with something on it."""
    settings: Settings = app.extensions["settings"]
    return build(sqlite_database, settings, vocabulary, locator, time.now)


@pytest.fixture
def work(desk):
    """The worker, until nothing is left."""

    def run(limit: int = 25, turns: int = 99) -> None:
        for _ in range(turns):
            with desk.database.transaction() as session:
                if not run_some(
                    session, vocabulary=desk.vocabulary, settings=desk.settings, now=desk.now,
                    limit=limit,
                ):  # fmt: skip
                    return

    return run


@pytest.fixture
def many(desk, locator):
    """More accounts than one person decides on by a batch, on a site of their own."""
    names = [f"more-{at}" for at in range(desk.settings.batch_second + 1)]
    with desk.database.transaction() as session:
        factories.make_site(session, now=desk.now, key="tea")
        for start in range(0, len(names), 15):
            some = [(name, "CN-GD") for name in names[start : start + 15]]
            factories.see(
                session,
                places=some,
                locator=locator,
                settings=desk.settings,
                now=desk.now,
                site="tea",
            )
    return "\n".join(names)


@pytest.fixture
def move(desk, locator, time):
    """An account of `many` is seen elsewhere, a minute later each time."""

    def see(name: str, place: str) -> None:
        time.turn(minutes=1)
        with desk.database.transaction() as session:
            factories.see(
                session, places=[(name, place)], locator=locator, settings=desk.settings,
                now=time.now, site="tea",
            )  # fmt: skip

    return see


@pytest.fixture
def furnish(desk, sqlite_database, vocabulary, locator):
    """Make one thing of each kind, on new accounts."""
    made = Furnisher(sqlite_database, desk.settings, vocabulary, people.ALICE, people.SAM, desk.now)

    def more(batch):
        names = [f"user-{batch}-{at}" for at in range(NEEDED)]
        key = f"tea-{batch}"  # the desk's own site has a brake that holds what comes in
        with sqlite_database.transaction() as session:
            site = factories.make_site(session, key=key, now=desk.now)
            ids = [
                factories.make_account(session, site_id=site, account=name, now=desk.now)
                for name in names
            ]
            factories.see(
                session, places=[(name, "CN-GD") for name in names], locator=locator,
                settings=desk.settings, now=desk.now, site=key,
            )  # fmt: skip
        made.furnish(ids)
        worker = Worker(desk.settings, sqlite_database, vocabulary)
        worker.tick(desk.now, worker.counting)

    return more


@pytest.fixture
def forger() -> Iterator[Forger]:
    """A provider of single sign-on that says what a test wants."""
    made = Forger()
    yield made
    made.close()


@pytest.fixture
def make_app(
    app: Flask,
    sqlite_database: Database,
    make_settings: Callable[..., Settings],
    vocabulary: Vocabulary,
    forger: Forger,
    time: Turnable,
) -> Callable[..., Flask]:
    """An app that believes the forger, whose clock is the machine's; Alice is `somebody` to it."""
    time.now = datetime.now(UTC)
    known = {"staff_id": people.ALICE.staff_id, "subject": "somebody"}
    with sqlite_database.transaction() as session:
        session.add(Identity(issuer=forger.issuer, linked_at=time.now, **known))

    def make(**more: Any) -> Flask:
        chosen = {"roles": (("desk", "moderator"),), "factors": ("mfa",), **more}
        settings = make_settings(base_url=BASE, **forger.settings(**chosen))
        built = create_app(settings, database=sqlite_database, vocabulary=vocabulary)
        built.testing = False
        return built

    return make


@pytest.fixture
def trip(make_app: Callable[..., Flask], forger: Forger) -> Callable[..., Any]:
    """Go out and come back, all in one browser: the last answer, and the browser."""

    def go(browser=None, spoil_return=lambda back: back, **more):
        browser = browser or Browser(make_app(**more))
        back = set_out(browser, forger)
        return come_back(browser, spoil_return(back)), browser

    return go
