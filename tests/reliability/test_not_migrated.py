"""A store that is older than the code: both doors say «later», the log says what to do."""

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from shudi.db.migrate import owner_engine
from tests import people
from tests.architecture.doors import Doors

CHANGES = {
    "table": "ALTER TABLE {table} RENAME TO {table}_gone",
    "column": "ALTER TABLE {table} RENAME COLUMN site_id TO site_id_gone",
}


@pytest.mark.parametrize("missing", CHANGES)
def test_what_is_not_migrated_is_unavailable_and_the_log_says_so(
    store, database, settings, locator, vocabulary, caplog, missing
):
    doors = Doors(database, settings, locator, vocabulary)
    _change(store.owner_url, CHANGES[missing], "cases", "labels", "accounts")
    put = {"json": {"name": "Ann"}}
    answers = [
        doors.person(people.ALICE, "GET", "/queue"),
        doors.program("GET", "/api/v1/labels?site=forum&account=user-1"),
        doors.program("PUT", "/api/v1/sites/forum/accounts/user-1", **put),
    ]
    assert [answer.status_code for answer in answers] == [503] * 3
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
    assert "run `shudi migrate`" in caplog.text


def _change(url: str, statement: str, *tables: str) -> None:
    engine = owner_engine(make_url(url))
    with engine.begin() as connection:
        for table in tables:
            connection.execute(sa.text(statement.format(table=table)))
    engine.dispose()
