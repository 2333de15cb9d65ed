"""Acceptance test 6: no act without its row, no row without its act; denials are on record."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from migrations.tables import metadata
from shudi.audit.queries import page, verify
from shudi.db import Database
from shudi.db.migrate import owner_engine
from tests import people
from tests.architecture import deeds
from tests.architecture.doors import Doors
from tests.architecture.test_routes import UNSAFE, rules
from tests.architecture.tree import ROOT
from tests.conftest import Store

DEEDS = {"console": deeds.CONSOLE, "api": deeds.API}
ACTLESS = {"console": deeds.NO_ACT | deeds.ELSEWHERE, "api": deeds.API_NO_ACT}
# What a request may leave behind although its act failed: traffic, not acts.
TRAFFIC = {"staff_sessions", "staff_attempts", "allowances"}


def _rows(database: Database) -> int:
    with database.read_session() as session:
        return session.scalar(sa.text("SELECT count(*) FROM audit")) or 0


def _contents(owner: sa.Engine) -> dict[str, list[str]]:
    with owner.connect() as connection:
        return {
            name: sorted(str(row) for row in connection.execute(sa.select(table)))
            for name, table in metadata.tables.items()
            if name not in TRAFFIC | {"audit"}
        }


@pytest.mark.parametrize("door", DEEDS)
def test_every_unsafe_route_has_a_deed(still_doors: Doors, door: str):
    routes = {
        rule.endpoint for rule in rules(still_doors, door) if rule.methods and rule.methods & UNSAFE
    }
    told = {name.split()[0] for name in DEEDS[door]} | ACTLESS[door].keys()
    assert routes - told == set(), "say in tests/architecture/deeds.py what a good request is"
    assert told - routes == set(), "these routes are gone"


def test_what_is_proved_elsewhere_is_proved_there():
    for route, name in deeds.ELSEWHERE.items():
        assert re.search("audit", (ROOT / name).read_text()), (
            f"{route}: {name} says nothing of audit"
        )


@pytest.mark.parametrize("door", DEEDS)
def test_an_act_without_its_row_does_not_happen_and_with_it_it_does(
    doors: Doors, store: Store, door: str
):
    prepared = {name: deed.prepare(doors) for name, deed in DEEDS[door].items()}
    owner = owner_engine(make_url(store.owner_url))
    done = _while_the_log_is_closed(doors, owner, door, prepared)
    assert done == []
    silent = []
    for name, deed in DEEDS[door].items():
        before = _rows(doors.database)
        answer = deeds.send(doors, door, deed, prepared[name])
        rows = _rows(doors.database) - before
        if answer.status_code >= 400 or not rows:
            silent.append(f"{name}: {answer.status_code}, {rows} rows: {answer.text[-300:]}")
    owner.dispose()
    assert silent == []
    with doors.database.read_session() as session:
        assert verify(session).ok


def _while_the_log_is_closed(
    doors: Doors, owner: sa.Engine, door: str, prepared: dict[str, Any]
) -> list[str]:
    """Try every deed with the log out of reach; returns those that changed something anyway."""
    with owner.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE audit RENAME TO audit_gone")
    before = _contents(owner)
    done = []
    for name, deed in DEEDS[door].items():
        answer = deeds.send(doors, door, deed, prepared[name])
        after = _contents(owner)
        if answer.status_code < 500 or after != before:
            moved = [table for table in after if after[table] != before[table]]
            done.append(f"{name}: {answer.status_code}, changed {moved}")
            before = after
    with owner.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE audit_gone RENAME TO audit")
    return done


def test_every_denial_to_somebody_known_is_one_row(doors: Doors):
    wrong = []
    for name, deed in deeds.CONSOLE.items():
        if not deed.permitted:
            continue
        asked = deed.prepare(doors)
        before = _rows(doors.database)
        who = people.ALICE if deed.who is people.CHARLIE else people.CHARLIE
        answer = deeds.send(doors, "console", deed, asked, who=who)
        with doors.database.read_session() as session:
            last = page(session, limit=1)[0]
        rows = _rows(doors.database) - before
        if (answer.status_code, rows, last.actor_id) != (403, 1, who.id):
            wrong.append(f"{name}: {answer.status_code}, {rows} rows, last by {last.actor_name}")
    assert wrong == []


def test_the_log_holds_no_words_and_no_addresses(doors: Doors):
    for door, table in DEEDS.items():
        for deed in table.values():
            deeds.send(doors, door, deed, deed.prepare(doors))
    with doors.database.read_session() as session:
        rows = [
            " ".join(str(value) for value in row)
            for row in session.execute(sa.text("SELECT * FROM audit"))
        ]
    for words in ("closer look", "I live elsewhere", "No longer needed", "ticket 4711", "36.1.2.3"):
        assert not any(words in row for row in rows), words
