"""Two contests, an answer and a contest, a contest and a deletion: one wins, the other is told."""

import pytest
import sqlalchemy as sa

from shudi.audit.queries import verify
from shudi.cases.actions import appeals as acts
from shudi.cases.actions.claims import claim
from shudi.cases.actions.review import correct
from shudi.cases.rules import CaseKind, CaseState
from shudi.cases.store import Case, Decision
from shudi.cases.store.appeals import Appeal
from tests import factories, people
from tests.conftest import NOW
from tests.reliability import appeals, desk
from tests.reliability.harness import at_once

PAIRS = 8
TOLD = {"", "Stale", "Refused", "NotFound"}


@pytest.fixture
def labels(database, site, locator, settings):
    """Accounts that are labelled CN-GD: [(account, label version)]."""
    names = [f"user-{at}" for at in range(PAIRS)]
    with database.transaction() as session:
        ids = [
            factories.make_account(session, site_id=site, account=name, now=NOW) for name in names
        ]
        places = [(name, "CN-GD") for name in names]
        factories.see(session, places=places, locator=locator, settings=settings, now=NOW)
    with database.read_session() as session:
        return appeals.versions(session, ids)


@pytest.fixture
def corrected(database, labels, settings, vocabulary):
    """The same, coarsened by Alice."""
    with database.transaction() as session:
        for at, _ in enumerate(labels):
            case = factories.make_case(session, account=f"user-{at}", now=NOW)
            claim(session, actor=people.ALICE, case_id=case, settings=settings, now=NOW)
            correct(
                session, actor=people.ALICE, case_id=case, version=1,
                wish=factories.wish(1, "coarsen"), vocabulary=vocabulary, settings=settings,
                now=NOW,
            )  # fmt: skip
    with database.read_session() as session:
        return appeals.versions(session, [account for account, _ in labels])


@pytest.fixture
def contested(database, settings):
    """Contest each label; Amir holds the cases: [(case, label version)]."""

    def make(labels):
        cases = []
        with database.transaction() as session:
            for account, version in labels:
                case = acts.contest(
                    session, account_id=account, label_version=version, text="No.",
                    settings=settings, now=NOW,
                )  # fmt: skip
                claim(session, actor=people.AMIR, case_id=case, settings=settings, now=NOW)
                cases.append((case, version))
        return cases

    return make


def _race(store, pairs, one, other, discipline="product"):
    arguments = [(task, (store.url, discipline, who, pairs)) for task, who in (one, other)]
    return list(zip(*at_once(desk.call, arguments, seconds=120), strict=True))


def _contests(session, *where):
    query = sa.select(sa.func.count()).select_from(Case).where(Case.kind == CaseKind.CONTEST)
    return session.scalar(query.where(*where))


def test_of_two_contests_at_once_one_is_taken(database, store, labels):
    holder = (appeals.contests, people.READER)
    for pair in _race(store, labels, holder, holder):
        assert [one["code"] for one in pair].count("done") == 1, pair
        assert {one["code"] for one in pair} <= {"done", "contest-open", "label-moved"}
    with database.read_session() as session:
        assert _contests(session) == PAIRS
        assert session.scalar(sa.select(sa.func.count()).select_from(Appeal)) == PAIRS
        assert verify(session).ok


def test_control_without_the_lock_nobody_is_told_that_a_contest_is_open(database, store, labels):
    """Both read that nothing is open. The unique index saves the store, not the holder: what
    comes out is an error of the database and no answer.
    """
    holder = (appeals.blind_contests, people.READER)
    for pair in _race(store, labels[:3], holder, holder, "driver"):
        kinds = {one["kind"] for one in pair}
        assert kinds - TOLD, "the second was told properly: this race proves nothing"
    with database.read_session() as session:
        assert _contests(session) <= len(labels)


def test_a_contest_and_the_accounts_deletion_leave_nothing_open(database, store, labels):
    pairs = _race(
        store, labels, (appeals.contests, people.READER), (appeals.deletions, people.PLATFORM)
    )
    for contested, deleted in pairs:
        assert deleted["code"] == "done"
        assert contested["kind"] in TOLD
    with database.read_session() as session:
        assert _contests(session, Case.state != CaseState.CLOSED) == 0
        assert verify(session).ok


def test_the_answer_and_another_contest_at_once(database, store, labels, contested):
    cases = contested(labels)
    with database.read_session() as session:  # the mark moved the version that is seen
        now = dict(appeals.versions(session, [account for account, _ in labels]))
    cases = [(case, now[account]) for (case, _), (account, _) in zip(cases, labels, strict=True)]
    pairs = _race(
        store, cases, (appeals.answers, people.AMIR), (appeals.contests_of_cases, people.READER)
    )
    for answered, again in pairs:
        assert answered["code"] == "done", answered
        assert again["code"] in {"contest-open", "label-moved"}
    with database.read_session() as session:
        assert _contests(session) == _contests(session, Case.state == CaseState.CLOSED) == PAIRS
        assert verify(session).ok


def test_of_two_who_uphold_at_once_one_does(database, store, corrected, labels, contested):
    cases = contested(corrected)
    with database.read_session() as session:
        now = dict(appeals.versions(session, [account for account, _ in labels]))
    cases = [(case, now[account]) for (case, _), (account, _) in zip(cases, corrected, strict=True)]
    amir = (appeals.upholdings, people.AMIR)  # in two windows
    for pair in _race(store, cases, amir, amir):
        assert [one["code"] for one in pair].count("done") == 1, pair
        late = next(one for one in pair if one["kind"])
        assert late["kind"] in {"Stale", "Refused"}
    with database.read_session() as session:
        assert _contests(session, Case.state == CaseState.AWAITING) == PAIRS
        assert session.scalar(sa.select(sa.func.count()).select_from(Decision)) == PAIRS
        assert verify(session).ok
