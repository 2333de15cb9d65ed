"""The queue's reads, on both stores."""

import dataclasses
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi.cases.actions import claims
from shudi.cases.queries import queue, tabs
from shudi.cases.queries.case import case_row, of_account
from shudi.cases.queries.queue import Filter
from shudi.cases.queries.timeline import timeline
from shudi.cases.rules import CaseKind, CaseState, EventKind
from shudi.cases.rules.priority import Queue
from shudi.cases.store import Case
from shudi.errors import NotFound
from tests import factories, people

EVERYTHING = Filter(staff_id=people.ALICE.staff_id)


@pytest.fixture
def cases(database, site, now):
    """Twelve cases of three kinds, their severity and due instants crossed."""
    rows = []
    for at in range(12):
        kind = [CaseKind.REPORT, CaseKind.DISAGREEMENT, CaseKind.CONTEST][at % 3]
        rows.append(
            {
                "site_id": site,
                "kind": kind,
                "state": CaseState.OPEN,
                "severity": 1 + at % 4,
                "reports": 1,
                "opened_at": now,
                "due_at": now + timedelta(hours=at * 7 % 12 - 3),
                "updated_at": now,
                "version": 1,
            }
        )
    with database.transaction() as session:
        account = factories.make_account(session, site_id=site, account="ann", now=now)
        session.execute(sa.insert(Case), rows)
        first = session.scalars(sa.select(Case).order_by(Case.id)).first()
        first.account_id = account
    return account


def walk(session, wanted, now, limit=5):
    rows, after = queue.page(session, wanted=wanted, now=now, limit=limit)
    while after is not None:
        more, after = queue.page(session, wanted=wanted, now=now, after=after, limit=limit)
        rows += more
    return rows


@pytest.mark.parametrize("limit", [1, 3, 5, 12, 50])
def test_pages_join_into_the_whole_in_order(database, cases, now, limit):
    with database.read_session() as session:
        rows = walk(session, EVERYTHING, now, limit)
        order = sa.select(Case.id).order_by(Case.severity.desc(), Case.due_at, Case.id)
        assert [row.id for row in rows] == list(session.scalars(order))


def test_filters(database, cases, settings, now):
    with database.transaction() as session:
        mine = session.scalars(sa.select(Case.id).where(Case.kind == CaseKind.REPORT)).first()
        claims.claim(session, actor=people.ALICE, case_id=mine, settings=settings, now=now)
    with database.read_session() as session:

        def found(**changes):
            return walk(session, dataclasses.replace(EVERYTHING, **changes), now)

        assert {row.kind for row in found(kind=CaseKind.CONTEST)} == {CaseKind.CONTEST}
        assert [row.id for row in found(holder="mine")] == [mine]
        assert mine not in [row.id for row in found(holder="unclaimed")]
        assert all(row.due_at < now for row in found(overdue=True))
        assert len(found(overdue=True)) == 3
        assert not found(site_id=999)
        assert not found(state=CaseState.CLOSED)
        assert [row.id for row in queue.mine(session, staff_id=1, now=now)] == [mine]
        later = now + timedelta(minutes=settings.lease_minutes + 1)
        assert mine in [row.id for row in walk(session, EVERYTHING, later)]
        assert not queue.mine(session, staff_id=1, now=later)


def test_counts_are_by_queue_and_by_due_instant(database, cases, now):
    with database.read_session() as session:
        found = tabs.counts(session, wanted=EVERYTHING, now=now)
        backlog = {line.kind: line for line in queue.backlog(session, now=now)}
    assert found.queues[Queue.REPORTS] + found.queues[Queue.HARM] == 4
    assert found.queues[Queue.CONTESTS] == 4
    assert found.queues[Queue.BRAKES] == 0
    assert found.queues[Queue.URGENT] == 6
    assert (found.every, found.skipped) == (12, 0)
    assert sum(line.overdue for line in backlog.values()) == 3
    assert sum(line.soon for line in backlog.values()) == 9


def test_one_case(database, cases, settings, now):
    with database.transaction() as session:
        case_id = of_account(session, account_id=cases)[0].id
        claims.claim(session, actor=people.ALICE, case_id=case_id, settings=settings, now=now)
    with database.read_session() as session:
        row = case_row(session, case_id=case_id, staff_id=1)
        assert (row.account, row.holder, row.excluded) == ("ann", "alice", False)
        lines = timeline(session, case_id=case_id, account_id=None).entries
        assert [one.kind for one in lines] == [EventKind.CLAIMED]
        with pytest.raises(NotFound):
            case_row(session, case_id=999, staff_id=1)
