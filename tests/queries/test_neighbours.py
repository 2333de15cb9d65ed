"""The case before and after another one is the one that the queue's own list says."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi.cases.queries.neighbours import neighbour
from shudi.cases.queries.queue import Filter, page
from shudi.cases.rules import CaseKind, CaseState
from shudi.cases.rules.priority import Queue
from shudi.cases.store import Case
from shudi.errors import NotFound
from tests.people import ALICE


@pytest.fixture
def cases(database, site, now):
    """Twelve cases of three kinds, their severity and due instants crossed."""
    kinds = [CaseKind.REPORT, CaseKind.DISAGREEMENT, CaseKind.CONTEST]
    rows = [
        {
            "site_id": site,
            "kind": kinds[at % 3],
            "state": CaseState.OPEN,
            "severity": 1 + at % 4,
            "reports": 1,
            "opened_at": now,
            "due_at": now + timedelta(hours=at * 7 % 5),
            "updated_at": now,
            "version": 1,
        }
        for at in range(12)
    ]
    with database.transaction() as session:
        session.execute(sa.insert(Case), rows)


def test_neighbours_are_the_rows_beside(database, cases, now):
    with database.read_session() as session:
        for queue in (None, *Queue):
            wanted = Filter(staff_id=ALICE.staff_id, queue=queue)
            rows, _ = page(session, wanted=wanted, now=now, limit=100)
            ids = [row.id for row in rows]
            asked = {"session": session, "wanted": wanted, "now": now}
            after = [neighbour(case_id=one, **asked) for one in ids]
            before = [neighbour(case_id=one, back=True, **asked) for one in ids]
            assert after == [*ids, None][1:]
            assert before == [None, *ids][:-1]


def test_there_is_no_neighbour_of_nothing(database, now):
    with database.read_session() as session, pytest.raises(NotFound):
        neighbour(session, case_id=4_000_000, wanted=Filter(staff_id=1), now=now)
