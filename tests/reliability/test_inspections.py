"""Who approves, withdraws, lets lapse, stops or prolongs an inspection at the same instant: one of
them does, and the log says which.
"""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi.audit.queries import verify
from shudi.audit.store import AuditRow
from shudi.oversight import actions as acts
from shudi.oversight.store import Inspection
from shudi.staff.rules import Role
from tests import factories, inspecting
from tests.people import BOB
from tests.reliability import inspectors
from tests.reliability.harness import at_once
from tests.reliability.inspectors import ROUNDS, WEEK
from tests.reliability.work import NOW

LONG = (pytest.mark.long, pytest.mark.timeout(1800))
COUNTS = [18, pytest.param(210, marks=LONG)]
LATE = timedelta(days=1000)  # behind every round that lapses


@pytest.fixture
def admins(database):
    """Who approves, and who proposed; returns their ids."""
    site = factories.world(database, now=NOW)
    with database.transaction() as session:
        factories.make_account(session, site_id=site, account="user-1", now=NOW)
        approver = inspecting.hire(session, "approver", Role.ADMIN, NOW)
    return approver, BOB


def _rounds(database, admins, count):
    """An inspection for each round, and the instant at which both act."""
    found = []
    for number in range(count):
        act = ROUNDS[number % len(ROUNDS)][1]
        at = NOW + (timedelta(hours=number) if act == "lapse" else LATE + WEEK)
        wanted = inspecting.request(NOW)
        inspection = inspecting.propose(database, wanted, at, admins[1])
        if act == "stop":
            common = {"inspection_id": inspection, "now": at}
            with database.transaction() as session:
                acts.approve(session, actor=admins[0], version=1, **common)
            with database.transaction() as session:
                acts.propose_longer(
                    session, actor=admins[1], version=2, days=30, text="More.", **common
                )
        found.append((inspection, at + WEEK - timedelta(microseconds=1) if act == "lapse" else at))
    return found


def _race(store, admins, rounds, *, asked=True):
    ids = (admins[0].staff_id, admins[1].staff_id)
    arguments = [(store.url, ids, side, asked, rounds) for side in (0, 1)]
    one, other = at_once(inspectors.turn, arguments, seconds=60 + len(rounds))
    return list(zip(one, other, strict=True))


@pytest.mark.parametrize("count", COUNTS)
def test_one_of_two_has_the_word(database, store, admins, count):
    rounds = _rounds(database, admins, count)
    told = _race(store, admins, rounds)
    assert {sum(code == "done" for code in pair) for pair in told} == {1}, told
    with database.read_session() as session:
        states = dict(session.execute(sa.select(Inspection.id, Inspection.state)).all())
        log = sa.select(AuditRow.action).where(AuditRow.target_type == "inspection")
        for number, ((inspection, _), pair) in enumerate(zip(rounds, told, strict=True)):
            first = pair[0] == "done"
            act = ROUNDS[number % len(ROUNDS)][1]
            other = {"withdraw": "withdrawn", "lapse": "lapsed", "stop": "ended"}[act]
            assert states[inspection] == ("approved" if first else other)
            last = log.where(AuditRow.target_id == str(inspection)).order_by(AuditRow.seq.desc())
            expected = {
                ("withdraw", True): "approved", ("withdraw", False): "withdrawn",
                ("lapse", True): "approved", ("lapse", False): "lapsed",
                ("stop", True): "longer_approved", ("stop", False): "stopped",
            }[act, first]  # fmt: skip
            assert session.scalars(last.limit(1)).one() == f"inspection.{expected}"
        assert verify(session).ok


def test_control_without_asking_how_it_stands_both_have_it(database, store, admins):
    rounds = _rounds(database, admins, 3)
    assert _race(store, admins, rounds, asked=False)[0] == ("done", "done")
