"""The end of a site: of two words at once one counts, and erasing outlives being killed."""

import random

import pytest
import sqlalchemy as sa

from shudi.accounts.store import Account
from shudi.audit.queries import verify
from shudi.audit.store import AuditRow
from shudi.cases.actions.site_closing import close_site
from shudi.sites.actions import closing
from shudi.sites.store import Site, SiteClosing
from shudi.staff.actions import set_role
from shudi.staff.rules import Actor, Role
from shudi.staff.store import ProposalState
from tests import factories
from tests.people import BOB, SAM, SONJA, SYSTEM
from tests.reliability import closings
from tests.reliability.harness import at_once, killed_once
from tests.reliability.work import NOW

LONG = (pytest.mark.long, pytest.mark.timeout(1800))
ROUNDS = [12, pytest.param(200, marks=LONG)]
SECOND = Actor.staff(SONJA.staff_id, name="sonja", role=Role.ADMIN)


@pytest.fixture
def house(database, site):
    """Three admins: Bob, who proposes, Sam and Sonja."""
    del site
    with database.transaction() as session:
        for one in (SAM, SONJA):
            set_role(session, actor=SYSTEM, staff_id=one.staff_id, role=Role.ADMIN, now=NOW)
    return database


def _proposed(database, rounds):
    """As many sites, each proposed to be closed."""
    with database.transaction() as session:
        return [
            closing.propose(
                session,
                actor=BOB,
                site_id=factories.make_site(session, now=NOW, key=f"site-{at}"),
                key=f"site-{at}",
                reason="It moved.",
                now=NOW,
            )
            for at in range(rounds)
        ]


def _race(store, numbers, one, other, *, checked=True):
    calls = [(store.url, who.staff_id, act, checked, numbers) for who, act in (one, other)]
    found = at_once(closings.word, calls, seconds=60 + len(numbers))
    return [tuple(codes) for codes in zip(*found, strict=True)]


def _closed(database):
    """Which proposals' sites are closed, and how each proposal ended."""
    with database.read_session() as session:
        rows = session.execute(
            sa.select(SiteClosing.id, SiteClosing.state, Site.closed_at.is_not(None)).join(
                Site, Site.id == SiteClosing.site_id
            )
        ).all()
        assert verify(session).ok
    return {number: (state, closed) for number, state, closed in rows}


@pytest.mark.parametrize("rounds", ROUNDS)
def test_of_two_who_confirm_at_once_one_closes_the_site(house, store, rounds):
    numbers = _proposed(house, rounds)
    found = _race(store, numbers, (SAM, "confirm"), (SONJA, "confirm"))
    assert {tuple(sorted(codes)) for codes in found} == {("closing-over", "done")}
    assert set(_closed(house).values()) == {(ProposalState.CONFIRMED, True)}
    with house.read_session() as session:
        said = sa.select(sa.func.count()).where(AuditRow.action == "site.closed")
        assert session.scalar(said) == rounds


@pytest.mark.parametrize("rounds", ROUNDS)
def test_a_site_is_closed_or_its_proposal_withdrawn_never_both(house, store, rounds):
    numbers = _proposed(house, rounds)
    found = _race(store, numbers, (SAM, "confirm"), (BOB, "refuse"))
    for number, codes in zip(numbers, found, strict=True):
        assert sorted(codes) == ["closing-over", "done"]
        closed = codes[0] == "done"
        state = ProposalState.CONFIRMED if closed else ProposalState.WITHDRAWN
        assert _closed(house)[number] == (state, closed)


def test_control_who_does_not_ask_whether_it_waits_closes_what_was_withdrawn(house, store):
    numbers = _proposed(house, 6)
    found = _race(store, numbers, (SAM, "confirm"), (BOB, "refuse"), checked=False)
    assert found == [("done", "done")] * 6
    assert all(closed for _, closed in _closed(house).values())


# -- killed half way ---------------------------------------------------------------------------------


def _full_site(database, accounts):
    """A closed site with accounts of which some are deleted already."""
    with database.transaction() as session:
        site = factories.make_site(session, now=NOW, key="full")
        names = [f"a{at}" for at in range(accounts)]
        factories.make_labels(session, site_id=site, names=names, region="CN-GD", now=NOW)
        number = closing.propose(
            session, actor=BOB, site_id=site, key="full", reason="It moved.", now=NOW
        )
    with database.transaction() as session:
        close_site(session, actor=SECOND, closing_id=number, now=NOW)
    return number


def _storm(database, store, number, *, ahead=False):
    """Kill the worker each time it has come further, until nothing is left; returns how often."""
    chance, kills = random.Random(7), 0
    while (row := _row(database, number)).erased_at is None:
        was = row.erased_to

        def further(was=was):
            now = _row(database, number)
            return now.erased_to > was or now.erased_at is not None

        arguments = (store.url, ahead)
        kills += killed_once(closings.erase, arguments, further, chance.uniform(0, 0.05))
    return kills


def _row(database, number):
    with database.read_session() as session:
        return session.get_one(SiteClosing, number)


def _left(database):
    with database.read_session() as session:
        return session.scalar(
            sa.select(sa.func.count()).select_from(Account).where(Account.deleted_at.is_(None))
        )


@pytest.mark.parametrize("accounts", [200, pytest.param(4000, marks=LONG)])
def test_a_killed_worker_goes_on_where_it_stopped(house, store, accounts):
    number = _full_site(house, accounts)
    kills = _storm(house, store, number)
    assert kills >= 2
    assert _left(house) == 0
    with house.read_session() as session:
        deleted = sa.select(sa.func.count()).where(AuditRow.action == "account.deleted")
        assert session.scalar(deleted) == accounts  # each once
        assert _row(house, number).erased == accounts
        assert verify(session).ok


def test_control_progress_that_is_written_ahead_leaves_accounts_behind(house, store):
    number = _full_site(house, 200)
    _storm(house, store, number, ahead=True)
    assert _left(house) > 0
