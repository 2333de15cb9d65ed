"""A desk, an empty place to restore into, and a look into what was restored."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from shudi import clock
from shudi.audit.codec import audit_key, checkpoint_notes
from shudi.audit.queries import verify
from shudi.backups.actions import making, restoring
from shudi.backups.codec import journal
from shudi.db import Database, connect
from shudi.settings import Settings
from shudi.staff.rules import Actor
from tests import factories
from tests.actions.desk import Desk
from tests.conftest import Store

OPERATOR = Actor.system("cli:test")
CANARY = "canary-leaf-4711"


@pytest.fixture
def desk(database, settings, locator, vocabulary, site) -> Desk:
    made = Desk(
        database=database, settings=settings, locator=locator, vocabulary=vocabulary, site=site
    )
    made.now = clock.now() - timedelta(hours=3)
    return made


@pytest.fixture
def here(sqlite_database, sqlite_store, make_settings, locator, vocabulary) -> Desk:
    """For what cannot differ between the stores."""
    now = clock.now() - timedelta(hours=3)
    return Desk(
        database=sqlite_database,
        settings=make_settings(),
        locator=locator,
        vocabulary=vocabulary,
        site=factories.world(sqlite_database, now=now),
        now=now,
    )


def elsewhere(tmp_path: Path, **changes) -> Settings:
    """A store that is not there yet, in a state folder of its own."""
    var = tmp_path / f"other-{len(list(tmp_path.iterdir()))}"
    var.mkdir(mode=0o700)
    url = f"sqlite:///{var / 'shudi.db'}"
    values = {"var": var, "database_url": url, "migrate_database_url": url}
    return Settings(**({"secret_key": "not-a-secret-" * 4} | values | changes))


@pytest.fixture
def empty(request, store: Store, tmp_path: Path) -> Iterator[Callable[[], Settings]]:
    """Makes settings of a store that is not there yet, in a state folder of its own."""
    with contextlib.ExitStack() as stack:

        def make() -> Settings:
            if store.dialect == "sqlite":
                return elsewhere(tmp_path)
            server = request.getfixturevalue("postgres_server")
            made = stack.enter_context(contextlib.contextmanager(server.empty)())
            return elsewhere(
                tmp_path, database_url=made.app_url, migrate_database_url=made.owner_url
            )

        yield make


def backup(desk: Desk, name: str = "a.zip") -> Path:
    path = desk.settings.var.parent / name
    making.make(desk.settings, desk.database, path=path, actor=OPERATOR, now=desk.now)
    return path


def moved(desk: Desk, into: Settings) -> None:
    """The keys and the journal come along, as an operator brings them."""
    for one in (journal.path_of(desk.settings), desk.settings.var / "audit-key"):
        if one.exists():
            shutil.copyfile(one, into.var / one.name)


def restored(into: Settings, path: Path, **more) -> restoring.Restored:
    return restoring.restore(into, path=path, actor=OPERATOR, now=clock.now(), **more)


@contextlib.contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    database = connect(settings.database_url)
    yield database
    database.dispose()


def whole(settings: Settings) -> int:
    """Rows of the log of a store whose every link and page is sound."""
    with opened(settings) as database, database.read_session() as session:
        verdict = verify(
            session,
            public_key=audit_key(settings).public_key(),
            notes=checkpoint_notes(settings),
        )
        assert verdict.ok, verdict
        if database.dialect == "sqlite":
            assert session.scalar(sa.text("PRAGMA integrity_check")) == "ok"
            assert session.execute(sa.text("PRAGMA foreign_key_check")).first() is None
        return verdict.rows
