"""Undo against another undo, an approval, an expiry: one wins, the other hears what stands now."""

import dataclasses
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi.audit.queries import verify
from shudi.audit.store import AuditRow
from shudi.cases.actions.claims import claim
from shudi.cases.actions.review import correct
from shudi.labels.actions import corrections
from shudi.labels.rules import AtExpiry
from shudi.labels.store import Correction
from tests import factories, people
from tests.conftest import NOW
from tests.reliability import decisions, desk
from tests.reliability.harness import at_once

PAIRS = 12


@pytest.fixture
def decided(database, site, locator, settings, vocabulary):
    """Accounts in CN-GD that Alice has coarsened, each for as many seconds as its number."""

    def make(*, proposed: bool = False) -> list[tuple[int, int]]:
        cases = []
        for at in range(1, PAIRS + 1):
            name = f"user-{at}"
            with database.transaction() as session:
                factories.make_account(session, site_id=site, account=name, now=NOW)
                factories.see(
                    session, places=[(name, "CN-GD")], locator=locator, settings=settings, now=NOW
                )
                case = factories.make_case(session, account=name, now=NOW)
                claim(session, actor=people.ALICE, case_id=case, settings=settings, now=NOW)
            with database.transaction() as session:
                wish = {"expires_at": NOW + timedelta(seconds=at), "at_expiry": AtExpiry.REVERT}
                row = correct(
                    session, actor=people.ALICE, case_id=case, version=1,
                    wish=dataclasses.replace(factories.wish(1, "coarsen"), **({} if proposed else wish)),
                    vocabulary=vocabulary, settings=settings, now=NOW,
                )  # fmt: skip
                if proposed:
                    corrections.propose(
                        session, actor=people.AMIR, account_id=row.account_id, case_id=None,
                        wish=factories.wish(2, "replace", "US"), vocabulary=vocabulary,
                        settings=settings, now=NOW,
                    )  # fmt: skip
            cases.append((case, at))
        return cases

    return make


def _race(store, cases, one, other):
    arguments = [(task, (store.url, "product", who, cases)) for task, who in (one, other)]
    return at_once(desk.call, arguments, seconds=120)


def _count(session, action: str) -> int:
    query = sa.select(sa.func.count()).select_from(AuditRow).where(AuditRow.action == action)
    return session.scalar(query) or 0


def test_of_two_who_undo_one_does(database, store, decided):
    cases = decided()
    first, second = _race(
        store, cases, (decisions.undos, people.ALICE), (decisions.undos, people.SAM)
    )
    for one, other in zip(first, second, strict=True):
        assert sorted((one["code"], other["code"])) == ["decision-moved", "done"]
        late = one if one["kind"] else other
        assert late["kind"] == "Stale"
        assert late["facts"]["state"] == "undone"
    with database.read_session() as session:
        assert decisions.labels(session) == {("labelled", "CN-GD", 3)}
        assert _count(session, "case.undone") == PAIRS
        assert verify(session).ok


def test_undo_or_approval_never_both(database, store, decided):
    cases = decided(proposed=True)
    undone, approved = _race(
        store, cases, (decisions.undos, people.ALICE), (decisions.approvals, people.SAM)
    )
    for one, other in zip(undone, approved, strict=True):
        codes = (one["code"], other["code"])
        assert codes in {("done", "label-moved"), ("correction-moved", "done")}
        late = one if one["kind"] else other
        assert late["kind"] == "Stale"
    with database.read_session() as session:
        assert decisions.labels(session) <= {("labelled", "CN-GD", 3), ("labelled", "US", 3)}
        assert verify(session).ok


def test_undo_or_expiry_ends_it_once(database, store, decided):
    cases = decided()
    undone, expired = _race(
        store, cases, (decisions.undos, people.ALICE), (decisions.expiries, people.SYSTEM)
    )
    assert {one["code"] for one in expired} == {"done"}
    assert {one["code"] for one in undone} <= {"done", "correction-moved"}
    with database.read_session() as session:
        assert decisions.labels(session) == {("labelled", "CN-GD", 3)}
        ended = session.scalars(sa.select(Correction.state)).all()
        wins = sum(one["code"] == "done" for one in undone)
        assert [state.value for state in ended].count("undone") == wins
        assert _count(session, "correction.reverted") == PAIRS - wins
        assert verify(session).ok
