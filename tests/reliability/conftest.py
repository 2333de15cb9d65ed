"""What the fault tests share."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from shudi.db import Database
from shudi.db.migrate import owner_engine
from shudi.sites.actions import create_site
from shudi.staff.rules import Actor
from tests.conftest import NOW, Store


@pytest.fixture
def site_id(database: Database) -> int:
    """A site to edit. Its creation is the first row of the log, and its first «edit»."""
    with database.transaction() as session:
        made = create_site(
            session,
            actor=Actor.system("test"),
            key="forum",
            name="Forum",
            match=["https://forum.example/*"],
            now=NOW,
        )
        session.execute(sa.text("UPDATE sites SET account_count = 1"))
    return made


@pytest.fixture
def unguarded(store: Store, site_id: int) -> str:
    """The store's address as its owner, the log stripped of keys and triggers: for controls."""
    del site_id
    engine = owner_engine(make_url(store.owner_url))
    with engine.begin() as connection:
        for statement in (
            "CREATE TABLE bare AS SELECT * FROM audit",
            "DROP TABLE audit",
            "ALTER TABLE bare RENAME TO audit",
        ):
            connection.exec_driver_sql(statement)
    engine.dispose()
    return store.owner_url


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What each storm of kills was and left, whether or not it passed."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, text in getattr(report, "user_properties", []):
                if name == "storm" and report.when == "call":
                    terminalreporter.write_line(text)
