"""Acceptance test 5: two people, one row. One wins, the other is told what stands now."""

import pytest
import sqlalchemy as sa

from shudi.audit.queries import verify
from shudi.cases.actions.claims import claim
from shudi.cases.store import Case, Claim
from shudi.db import Database
from shudi.labels.store import Correction, Label
from tests import factories, people
from tests.conftest import NOW, Store
from tests.reliability import desk
from tests.reliability.harness import at_once

LONG = (pytest.mark.long, pytest.mark.timeout(1800))
PAIRS = [15, pytest.param(1000, marks=LONG)]


@pytest.fixture
def make_cases(database: Database, site: int, locator, settings):
    """Cases on as many labelled accounts; returns [(case, label version)]."""

    def make(count: int) -> list[tuple[int, int]]:
        names = [f"user-{at}" for at in range(count)]
        with database.transaction() as session:
            for name in names:
                factories.make_account(session, site_id=site, account=name, now=NOW)
            places = [(name, "CN-GD" if at % 2 else "US") for at, name in enumerate(names)]
            factories.see(session, places=places, locator=locator, settings=settings, now=NOW)
            cases = [factories.make_case(session, account=name, now=NOW) for name in names]
            versions = [factories.label_of(session, name).version for name in names]
        return list(zip(cases, versions, strict=True))

    return make


def _race(store: Store, task, cases, discipline: str = "product") -> list[tuple[dict, dict]]:
    arguments = [(store.url, discipline, who, cases) for who in (people.ALICE, people.AMIR)]
    first, second = at_once(task, arguments, seconds=60 + len(cases))
    return list(zip(first, second, strict=True))


@pytest.mark.parametrize("pairs", PAIRS)
def test_of_two_who_claim_a_case_one_gets_it(database, store, make_cases, pairs):
    cases = make_cases(pairs)
    for one, other in _race(store, desk.claims, cases):
        assert sorted((one["code"], other["code"])) == ["claimed-by-other", "done"]
        winner, late = (one, other) if one["code"] == "done" else (other, one)
        assert late["kind"] == "Stale"
        assert late["facts"]["staff_id"] == winner["staff_id"]
    with database.read_session() as session:
        claims = session.scalar(sa.select(sa.func.count()).select_from(Claim))
        assert claims == pairs
        assert verify(session).ok


@pytest.mark.parametrize("pairs", PAIRS)
def test_of_two_who_correct_one_label_one_wins_and_the_other_sees_it(
    database, store, make_cases, pairs
):
    """Both hold the label's version 1: one on the case, one from the account's page."""
    cases = make_cases(pairs)
    for one, other in _race(store, desk.corrections, cases):
        kinds = sorted((one["kind"], other["kind"]))
        assert kinds == ["", "Stale"], (one, other)
        late = one if one["kind"] else other
        assert late["facts"]["shown"] == {"state": "withheld", "region": None}
        assert late["facts"]["version"] == late["facts"]["seen_version"] + 1
    with database.read_session() as session:
        changes = session.execute(
            sa.select(sa.func.sum(Label.version - 1), sa.func.count()).select_from(Label)
        ).one()
        in_force = session.scalar(sa.select(sa.func.count()).select_from(Correction))
        assert (changes[0], in_force) == (pairs, pairs)  # versions moved once for each winner
        assert verify(session).ok


@pytest.mark.parametrize("pairs", PAIRS)
def test_two_who_give_a_case_away_make_one_holder(database, store, make_cases, pairs):
    cases = make_cases(pairs)
    arguments = [(store.url, "product", who, cases) for who in (people.SAM, people.SONJA)]
    results = at_once(desk.assignments, arguments, seconds=60 + pairs)
    holders = _holders(database)
    for (case_id, _), one, other in zip(cases, *results, strict=True):
        assert sorted((one["code"], other["code"])) == ["claim-moved", "done"], (one, other)
        winner = people.AMIR if one["code"] == "done" else people.ALICE
        assert holders[case_id] == [winner.staff_id]
    with database.read_session() as session:
        assert verify(session).ok


@pytest.mark.parametrize("pairs", PAIRS)
def test_one_who_takes_a_case_and_one_who_gives_it_away_make_one_holder(
    database, store, make_cases, pairs
):
    cases = make_cases(pairs)
    tasks = {people.ALICE: desk.claims, people.SAM: desk.assignments}
    arguments = [(task, (store.url, "product", who, cases)) for who, task in tasks.items()]
    results = at_once(desk.call, arguments, seconds=60 + pairs)
    holders = _holders(database)
    for (case_id, _), took, gave in zip(cases, *results, strict=True):
        codes = (took["code"], gave["code"])
        assert codes in (("done", "claim-moved"), ("claimed-by-other", "done"))
        winner = people.ALICE if took["code"] == "done" else people.AMIR
        assert holders[case_id] == [winner.staff_id]
        late = gave if took["code"] == "done" else took
        assert late["kind"] == "Stale"
    with database.read_session() as session:
        assert verify(session).ok


def _holders(database: Database) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    with database.read_session() as session:
        active = sa.select(Claim.case_id, Claim.staff_id).where(Claim.ended_at.is_(None))
        for case_id, staff_id in session.execute(active):
            found.setdefault(case_id, []).append(staff_id)
    return found


@pytest.mark.parametrize("pairs", PAIRS)
def test_reports_that_come_in_meanwhile_keep_no_decision_out(
    database, store, make_cases, settings, pairs
):
    cases = [(case, 1) for case, _ in make_cases(pairs)]
    with database.transaction() as session:
        for case, _ in cases:
            claim(session, actor=people.ALICE, case_id=case, settings=settings, now=NOW)
    tasks = {people.ALICE: desk.dismissals, people.READER: desk.reports}
    arguments = [(task, (store.url, "product", who, cases)) for who, task in tasks.items()]
    decided, reported = at_once(desk.call, arguments, seconds=60 + pairs)
    assert {one["code"] for one in (*decided, *reported)} == {"done"}
    with database.read_session() as session:
        rows = session.execute(sa.select(Case.id, Case.reports, Case.state)).all()
        assert sum(row.reports for row in rows) == 2 * pairs
        assert {row.state.value for row in rows if row.id <= cases[-1][0]} == {"closed"}
        assert verify(session).ok


def test_control_without_the_discipline_both_win(database, store, make_cases):
    """The same race with reads before the lock and no version asked for."""
    cases = make_cases(20)
    results = _race(store, desk.blind_edits, cases, "driver")
    wins = sum(result["code"] == "done" for pair in results for result in pair)
    with database.read_session() as session:
        moved = session.scalar(sa.select(sa.func.sum(Case.version - 1))) or 0
    assert wins > moved, "every edit was seen: this race proves nothing"
