"""The same thing looked at twice in one moment is one row, and none is lost."""

from collections import Counter

import sqlalchemy as sa

from shudi.audit.queries import verify
from shudi.audit.store import AuditRow
from tests import people
from tests.reliability.harness import at_once
from tests.reliability.looks import hasty_looks, looks

CASES = 20


def _rows(database, store, task):
    with database.transaction() as session:
        people.hire_everybody(session)
    who = [people.AUDREY, people.AUDREY, people.CHARLIE]
    assert at_once(task, [(store.url, one, CASES) for one in who]) == [CASES] * 3
    with database.read_session() as session:
        rows = session.execute(
            sa.select(AuditRow.actor_id, AuditRow.target_id).where(AuditRow.action == "data.read")
        ).all()
        assert verify(session).ok
    return Counter(tuple(row) for row in rows)


def test_two_looks_at_once_are_one_row(database, store):
    rows = _rows(database, store, looks)
    assert set(rows.values()) == {1}
    assert len(rows) == 2 * CASES


def test_control_who_asks_first_and_writes_later_writes_twice(database, store):
    assert max(_rows(database, store, hasty_looks).values()) == 2
