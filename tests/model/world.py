"""The product that is played with: a store of each kind with a desk in it, copied for each story.

People's names are words that stand in no page by chance.
"""

import contextlib
import dataclasses
import shutil
import types
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

import extension_api
from console import create_app
from extension_api import hot, with_short_way
from shudi import clock, worker
from shudi.accounts.rules import AccountInfo
from shudi.cases.actions.intake import put_account
from shudi.clients.actions import create_key
from shudi.clients.rules import Scope
from shudi.db import Database, connect
from shudi.geo.actions import Locator, open_locator
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.sites.actions import create_site
from shudi.staff.actions.people import declare_own_account
from shudi.staff.actions.sessions import open_session
from shudi.staff.rules import AGREEMENT, Actor, Role
from shudi.staff.store import Staff, StaffState
from shudi.worker import Worker
from tests import factories, postgres
from tests.console.browser import BASE
from tests.fixtures.geo_mmdb import dbip, write_mmdb
from tests.model.arriving import LEAST, SHARE
from tests.model.batching import LARGE
from tests.model.state import Account, Desk, Person

SITE = "forum"
ACCOUNTS = ("ann", "ben", "cat", "eve")
CAST = {
    "Alicequill": "moderator",
    "Amirstone": "moderator",
    "Samriver": "senior",
    "Sonjafern": "senior",
    "Odilebrook": "senior",
    "Audreyhall": "auditor",
    "Bobtower": "admin",
}
OWNER = ("Amirstone", "eve")  # who has an account of their own here
ADDRESSES = {
    "CN-GD": "36.1.2.3",
    "CN-ZJ": "36.2.3.4",
    "US": "11.2.3.4",
    "HK": "43.1.2.3",
    "split": "36.9.1.2",
    "clash": "26.9.1.2",
    "nowhere": "10.1.2.3",
}
_FIRST = factories.NETWORKS | {"36.9.0.0/16": dbip("CN", "Guangdong"), "26.9.0.0/16": dbip("GB")}
_OTHER = {"36.9.0.0/16": dbip("CN", "Zhejiang"), "26.9.0.0/16": dbip("NL")}
DECIDING = "As the evidence says."  # why somebody decided
LONG = 24 * 365 * 40  # hours: what ends a session is another test's matter


@dataclasses.dataclass(frozen=True)
class Filled:
    """What is in the template that a person or a program needs to know."""

    key: str
    tokens: dict[str, str]  # of sessions, by the person's name
    people: dict[str, int]
    accounts: dict[str, int]


@dataclasses.dataclass(frozen=True)
class Place:
    """One copy of the world, open for business."""

    database: Database
    console: Flask
    api: Flask
    short_way: object
    worker: Worker
    filled: Filled

    def desk(self, now: datetime) -> Desk:
        """The model at the start."""
        people = [
            Person(
                name,
                self.filled.people[name],
                role,
                own=frozenset({OWNER[1]} if name == OWNER[0] else ()),
            )
            for name, role in CAST.items()
        ]
        accounts = [Account(name, self.filled.accounts[name]) for name in ACCOUNTS]
        return Desk(now, people, accounts)


@dataclasses.dataclass
class World:
    """Copies of one filled store. `dialect` is what it runs on."""

    dialect: str
    settings: Settings
    vocabulary: Vocabulary
    locator: Locator
    filled: Filled
    copy: Callable[[], contextlib.AbstractContextManager[str]]
    console: Flask
    start: datetime

    @contextlib.contextmanager
    def place(self) -> Iterator[Place]:
        """A fresh copy."""
        with self.copy() as url, contextlib.closing(_Opened(url)) as opened:
            database = opened.database
            self.console.extensions["db"] = database
            api = extension_api.create_app(
                self.settings, database=database, vocabulary=self.vocabulary, locator=self.locator
            )
            worker = Worker(self.settings, database, self.vocabulary)
            place = Place(database, self.console, api, with_short_way(api), worker, self.filled)
            try:
                yield place
            finally:
                worker.close()
                api.extensions["shudi"].usage.close()  # its clerk would outlive the copy
                api.extensions["shudi"].limiter.close()
                api.extensions["shudi"].shelf.close()


class _Opened:
    def __init__(self, url: str) -> None:
        self.database = connect(url)

    def close(self) -> None:
        self.database.dispose()


def settings_for(folder: Path) -> Settings:
    """Limits of programs and sessions are out of the way; brake and batches know a site of four."""
    return Settings(
        var=folder,
        secret_key="not-a-secret-" * 4,
        base_url=BASE,
        session_hours=LONG,
        session_idle_minutes=LONG * 60,
        report_limit=1_000_000,
        second_look_share=0.0,
        batch_second=LARGE,
        brake_share=SHARE,
        brake_minimum=LEAST,
    )


def fill(database: Database, settings: Settings, now: datetime) -> Filled:
    """The cast, one site, its accounts, a key and a session for everybody."""
    system = Actor.system("test")
    with database.transaction() as session:
        people = {}
        for name, role in CAST.items():
            row = Staff(
                name=name,
                role=Role(role),
                state=StaffState.ACTIVE,
                agreement=AGREEMENT,
                agreed_at=now,
                created_at=now,
            )
            session.add(row)
            session.flush()  # the id is needed
            people[name] = row.id
        site = create_site(
            session, actor=system, key=SITE, name="Forum", match=["https://forum.example/*"],
            now=now,
        )  # fmt: skip
        _, key = create_key(session, actor=system, name="forum", scopes=[*Scope], now=now)
        accounts = {}
        for name in ACCOUNTS:
            info = AccountInfo(handle=f"{name}-handle", name=name.title())
            put_account(session, actor=system, site_id=site, account=name, info=info, now=now)
            accounts[name] = factories.account_id(session, site_id=site, account=name)
        owner = Actor.staff(people[OWNER[0]], name=OWNER[0], role=Role.MODERATOR)
        declare_own_account(session, actor=owner, account_id=accounts[OWNER[1]], now=now)
        tokens = {
            name: open_session(session, staff_id=number, now=now, hours=LONG)
            for name, number in people.items()
        }
    return Filled(key, tokens, people, accounts)


@contextlib.contextmanager
def made(
    dialect: str,
    folder: Path,
    vocabulary: Vocabulary,
    now: datetime,
    *,
    template: Path,
    server: postgres.Server | None,
) -> Iterator[World]:
    """A world on SQLite (from the empty `template`) or on PostgreSQL's `server`."""
    settings = settings_for(folder)
    first = write_mmdb(folder / "first.mmdb", _FIRST)
    other = write_mmdb(folder / "other.mmdb", _OTHER)
    locator = open_locator(f"first=mmdb:{first},other=mmdb:{other}", vocabulary)
    stores = _sqlite(folder, template) if server is None else _postgres(server)
    with stores as (url, copy):
        with contextlib.closing(_Opened(url)) as opened:
            filled = fill(opened.database, settings, now)
            console = create_app(settings, database=opened.database, vocabulary=vocabulary)
        console.testing = False  # errors become pages, as in life
        yield World(dialect, settings, vocabulary, locator, filled, copy, console, now)


_Copy = Callable[[], contextlib.AbstractContextManager[str]]


@contextlib.contextmanager
def _sqlite(folder: Path, template: Path) -> Iterator[tuple[str, _Copy]]:
    filled = folder / "filled.db"
    shutil.copyfile(template, filled)
    numbers = iter(range(1_000_000))

    @contextlib.contextmanager
    def copy() -> Iterator[str]:
        path = folder / f"story-{next(numbers)}.db"
        shutil.copyfile(filled, path)
        try:
            yield f"sqlite:///{path}"
        finally:
            for left in folder.glob(f"{path.name}*"):
                left.unlink()

    yield f"sqlite:///{filled}", copy


@contextlib.contextmanager
def _postgres(server: postgres.Server) -> Iterator[tuple[str, _Copy]]:
    with contextlib.contextmanager(server.database)() as filled:

        @contextlib.contextmanager
        def copy() -> Iterator[str]:
            with contextlib.contextmanager(server.copy)(filled) as urls:
                yield urls.app_url

        yield filled.app_url, copy


class Turnable:
    """The time as the product sees it."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()


@contextlib.contextmanager
def turned(start: datetime) -> Iterator[Turnable]:
    """A clock that the story turns."""
    with pytest.MonkeyPatch.context() as patch:
        time = Turnable(start)
        patch.setattr(clock, "now", time)
        patch.setattr(worker, "_TURN", 0)  # nobody else writes here who would want a turn
        # the short way counts requests by the machine's seconds, for speed
        patch.setattr(hot, "time", types.SimpleNamespace(time=time.seconds))
        yield time


MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
