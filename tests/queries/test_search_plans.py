"""What people look up is found by an index, on each store by its own."""

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from shudi.accounts.queries import search
from shudi.cases.queries.beside import beside
from shudi.cases.queries.case import case_row
from shudi.db import Database
from shudi.db.migrate import owner_engine
from shudi.labels.queries.corrections import lift_proposals
from tests import factories
from tests.conftest import NOW


def _plan(database: Database, ask) -> str:
    """How the store would answer the first statement that `ask(session)` sends."""
    asked = []

    def note(_c, _cursor, statement, parameters, *_):
        asked.append((statement, parameters))

    sa.event.listen(database.read_engine, "before_cursor_execute", note)
    with database.read_session() as session:
        ask(session)
    sa.event.remove(database.read_engine, "before_cursor_execute", note)
    statement, parameters = next(one for one in asked if one[0].startswith("SELECT"))
    sqlite = database.dialect == "sqlite"
    with database.read_session() as session:
        connection = session.connection()
        if not sqlite:  # small tables are read whole, however they are indexed
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
        rows = connection.exec_driver_sql(explain + statement, parameters)
        return "\n".join(str(row[-1]) for row in rows)


def test_lifts_that_wait_are_found_by_an_index(database):
    assert "ix_corrections_lift_proposed" in _plan(database, lift_proposals)


def test_what_stands_beside_a_case_is_found_by_indexes(database, site):
    with database.transaction() as session:
        factories.make_account(session, site_id=site, account="user-1", now=NOW)
        case_id = factories.make_case(session, account="user-1", now=NOW)
    with database.read_session() as session:
        case = case_row(session, case_id=case_id, staff_id=1)
    plan = _plan(
        database, lambda session: beside(session, case=case, staff_id=1, with_canned=False)
    )
    assert "ix_cases_brake" in plan, plan
    assert "SCAN cases" not in plan, plan


MANY = """
INSERT INTO accounts (site_id, account, page_key, handle, name, name_folded, avatar_url, bio,
    protection, created_at, updated_at, version)
SELECT :site, 'user-' || n, 'user-' || n, 'handle-' || n, 'Name ' || n, 'name ' || n, '', '',
    'none', now(), now(), 1 FROM generate_series(1, 5000) AS n
"""


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_beginnings_are_found_by_an_index_where_the_order_follows_a_language(database, store, site):
    owner = owner_engine(make_url(store.owner_url))
    with owner.begin() as connection:
        connection.execute(sa.text(MANY), {"site": site})
        connection.execute(sa.text("ANALYZE accounts"))
    owner.dispose()
    plan = _plan(database, lambda session: search(session, site_id=site, text="name 12"))
    for index in ("account_prefix", "handle", "name_folded"):
        assert f"ix_accounts_{index}" in plan, plan
    assert plan.count("~>=~") == 3, plan  # ranges of the index, not filters over all of it
