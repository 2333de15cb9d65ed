"""The migrations lead to what the models say, there and back, and keep the guards."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import make_url

from migrations.tables import compared_on, metadata
from shudi.audit.actions import append
from shudi.audit.queries import verify
from shudi.db import Database, bulk
from shudi.db.migrate import head, migrate, owner_engine, revision_of
from shudi.db.sqlite import APPEND_ONLY
from shudi.labels.store import Evidence, Label, LatestActivity
from tests.conftest import NOW, Store
from tests.reliability.work import entry


@pytest.fixture
def owner(store: Store) -> Iterator[sa.Engine]:
    engine = owner_engine(make_url(store.owner_url))
    yield engine
    engine.dispose()


def _schema(owner: sa.Engine) -> dict[str, object]:
    """Every table, column, index, key and trigger, in a form that compares."""
    with owner.connect() as connection:
        inspector = sa.inspect(connection)
        tables = {
            name: (
                [(column["name"], str(column["type"])) for column in inspector.get_columns(name)],
                sorted(_index(index) for index in inspector.get_indexes(name)),
                sorted(str(key["constrained_columns"]) for key in inspector.get_foreign_keys(name)),
            )
            for name in inspector.get_table_names()
        }
        return tables | {"": _triggers(connection)}


def _index(index: Any) -> str:
    where = [str(text) for text in index.get("dialect_options", {}).values()]
    return f"{index['name']} {index['column_names']} {index['unique']} {where}"


def _triggers(connection: sa.Connection) -> list[str]:
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    return sorted(connection.scalars(sa.text(query)))


def test_head_is_what_the_models_say(owner: sa.Engine):
    with owner.connect() as connection:
        include = compared_on(connection.dialect.name)
        opts = {"compare_type": True, "include_object": include}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, metadata) == []
        assert revision_of(connection) == head()


def test_up_down_up_leaves_the_same_schema(owner: sa.Engine, store: Store):
    before = _schema(owner)
    migrate(store.owner_url, revision="base")
    with owner.connect() as connection:
        left = set(sa.inspect(connection).get_table_names()) - {"alembic_version"}
        assert left == set()
    migrate(store.owner_url, app_url=store.url)
    assert _schema(owner) == before


def test_the_latest_activity_moves_with_its_evidence(owner: sa.Engine, store: Store):
    """0002 takes the instant and the evidence out of the label rows, and nothing is lost."""
    migrate(store.owner_url, revision="base")
    migrate(store.owner_url, revision="0001")
    rows = [
        (1, "2026-03-14 09:26:53.589793", '{"sources":[["a","CN-GD","2023-04-01"]]}'),
        (2, "2026-03-14 09:26:53.000000", '{"sources":[["a","CN-GD","2023-04-01"]]}'),
        (3, None, ""),
    ]
    with owner.begin() as connection:
        _store_0001(connection, rows)
    migrate(store.owner_url, app_url=store.url)
    with owner.connect() as connection:
        moved = connection.execute(
            sa.select(LatestActivity.account_id, LatestActivity.at, Evidence.text)
            .join(Evidence, Evidence.id == LatestActivity.evidence_id)
            .order_by(LatestActivity.account_id)
        ).all()
        assert [(one.account_id, bulk.instant(one.at), one.text) for one in moved] == rows[:2]
        assert connection.scalar(sa.select(sa.func.count()).select_from(Evidence)) == 1
        deleted = sa.select(Label.account_id).where(Label.deleted)
        assert connection.scalars(deleted).all() == [2]


def _store_0001(connection: sa.Connection, rows: list[tuple[int, str | None, str]]) -> None:
    run, stamp = connection.execute, "2026-03-14 09:00:00.000000"
    site = {"at": stamp, "match": "[]", "adapter": "{}"}
    run(
        sa.text(
            "INSERT INTO sites (id, key, name, match, page_key, fold, adapter, seq, as_of,"
            " account_count, created_at, version) VALUES (1, 'alpha', 'Alpha', :match, 'id',"
            " 'exact', :adapter, 0, :at, 3, :at, 1)"
        ),
        site,
    )
    for account_id, at, evidence in rows:
        values = {"id": account_id, "name": f"a{account_id}", "at": at, "evidence": evidence}
        values |= {"stamp": stamp, "deleted": stamp if account_id == 2 else None}
        run(
            sa.text(
                "INSERT INTO accounts (id, site_id, account, name, name_folded, avatar_url, bio,"
                " protection, created_at, updated_at, deleted_at, version) VALUES (:id, 1, :name,"
                " '', '', '', '', 'none', :stamp, :stamp, :deleted, 1)"
            ),
            values,
        )
        run(
            sa.text(
                "INSERT INTO labels (account_id, site_id, account, latest_at, resolved_state,"
                " evidence, state, basis, corrected, disputed, hidden, since, version, seq) VALUES"
                " (:id, 1, :name, :at, 'none', :evidence, 'none', 'none', false, false, false,"
                " '2026-03-14', 0, 0)"
            ),
            values,
        )


def test_every_append_only_table_keeps_its_triggers(owner: sa.Engine):
    with owner.connect() as connection:
        triggers = _triggers(connection)
    assert len(triggers) == 2 * len(APPEND_ONLY)
    assert all(any(name.startswith(table) for name in triggers) for table in APPEND_ONLY)


def test_migrating_again_changes_nothing(database: Database, owner: sa.Engine, store: Store):
    with database.transaction() as session:
        append(session, entry(1, text="why"), now=NOW)
    before = _schema(owner)
    migrate(store.owner_url, app_url=store.url)
    assert _schema(owner) == before
    with database.transaction() as session:
        append(session, entry(2), now=NOW)
    with database.read_session() as session:
        assert verify(session).rows == 2


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_row_that_refers_to_nothing_stops_the_migration(owner: sa.Engine, store: Store):
    with owner.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO case_excluded (case_id, staff_id) VALUES (4711, 4711)"
        )
    with pytest.raises(RuntimeError, match="refers to nothing"):
        migrate(store.owner_url)


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_the_apps_role_owns_nothing_and_only_appends(owner: sa.Engine, store: Store):
    role = make_url(store.url).username
    with owner.connect() as connection:
        rights = {
            (table, right)
            for table, right in connection.execute(
                sa.text(
                    "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
                    " WHERE grantee = :role"
                ),
                {"role": role},
            )
        }
        owned = connection.scalar(
            sa.text("SELECT count(*) FROM pg_tables WHERE tableowner = :role"), {"role": role}
        )
    assert owned == 0
    for table in APPEND_ONLY:
        assert {right for name, right in rights if name == table} == {"SELECT", "INSERT"}
    assert {right for name, right in rights if name == "alembic_version"} == {"SELECT"}
    everything = set(metadata.tables) | {"alembic_version"}
    assert {name for name, _ in rights} == everything
