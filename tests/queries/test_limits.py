"""Sessions limited to sites: what is added to a statement, and which tables belong to a site."""

from datetime import timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from migrations.tables import metadata
from shudi import clock
from shudi.accounts.store import Account
from shudi.cases.actions.claims import claim_next
from shudi.cases.queries import queue
from shudi.cases.queries.neighbours import neighbour
from shudi.cases.queries.queue import Filter
from shudi.cases.rules import CaseKind, CaseState
from shudi.cases.store import Case, Claim
from shudi.db import limits
from shudi.sites.store import Site
from tests import factories
from tests.people import ALICE

# Of people, of programs as a whole, or of all sites at once. Every other table belongs to a site by
# its columns; a new one is put into neither by chance: it fails here until somebody decides.
OF_NO_SITE = {
    "allowances", "audit", "audit_checkpoints", "audit_texts", "canned_reasons", "evidence",
    "figure_days", "figure_runs", "figures", "idempotent_answers", "inspection_regions",
    "inspection_sites", "inspection_supervisors", "inspections", "saved_views", "source_updates",
    "staff", "staff_attempts", "staff_challenges", "staff_devices", "staff_exposures",
    "staff_identities", "staff_links", "staff_looks", "staff_notices", "staff_own_accounts",
    "staff_passkeys", "staff_proposals", "staff_recovery_codes", "staff_regions", "staff_sessions",
    "staff_sign_ins", "staff_sites", "staff_trips",
}  # fmt: skip


def test_every_table_belongs_to_a_site_or_is_said_to_belong_to_none():
    sites = sa.bindparam("sites", [1], expanding=True)
    loose = {name for name, one in metadata.tables.items() if limits.belongs(one, sites) is None}
    assert loose == OF_NO_SITE


@pytest.fixture
def two(database):
    """A case on each of two sites, both claimed; returns (database, site of the first, cases)."""
    now = clock.now()
    home = factories.world(database, now=now)
    cases = []
    with database.transaction() as session:
        away = factories.make_site(session, now=now, key="away", name="Away")
        for site, key in ((home, "forum"), (away, "away")):
            name = f"user-{key}"
            factories.make_account(session, site_id=site, account=name, now=now)
            cases.append(factories.make_case(session, account=name, site=key, now=now))
            session.add(
                Claim(case_id=cases[-1], staff_id=ALICE.staff_id, claimed_at=now, expires_at=now)
            )
    return database, home, cases


_OTHER = orm.aliased(Case)
READS = {
    "columns": sa.select(Case.id),
    "count": sa.select(sa.func.count()).select_from(Case),
    "of what belongs to it": sa.select(Claim.case_id),
    "named in a condition only": sa.select(Claim.case_id).where(Claim.case_id == Case.id),
    "exists": sa.select(Site.id).where(sa.exists().where(Case.site_id == Site.id)),
    "subquery": sa.select(sa.select(Case.id).subquery().c.id),
    "common table": sa.select(sa.select(Case.id).cte().c.id),
    "in": sa.select(Claim.case_id).where(Claim.case_id.in_(sa.select(Case.id))),
    "union": sa.union_all(sa.select(Case.id), sa.select(Case.id).where(Case.id < 0)),
    "alias": sa.select(_OTHER.id),
    "alias joined": sa.select(_OTHER.id).join(Claim, Claim.case_id == _OTHER.id),
    "whole rows": sa.select(Case),
    "entity and join": sa.select(Account.id).join(Case, Case.account_id == Account.id),
}


@pytest.mark.parametrize("walks", [False, True])
@pytest.mark.parametrize("name", READS)
def test_a_limited_session_finds_half_of_what_a_free_one_finds(two, name, walks):
    database, home, _ = two
    found = []
    for sites in (None, frozenset({home}), frozenset({home + 1}), frozenset({9})):
        with database.limited_to(sites).read_session() as session:
            options = {limits.WALKS: walks}
            rows = session.execute(READS[name], execution_options=options).all()
            found.append(rows[0][0] if name == "count" else len(rows))
    assert found == [2, 1, 1, 0]


def test_a_joined_alias_is_limited_where_it_is_joined(two):
    database, home, cases = two
    query = sa.select(Site.id, _OTHER.id).outerjoin(_OTHER, _OTHER.id.in_(cases))
    with database.limited_to(frozenset({home})).read_session() as session:
        assert session.execute(query).all() == [(home, cases[0])]


def test_what_is_loaded_by_its_number_changed_or_deleted_is_limited_too(two):
    database, home, cases = two
    with database.limited_to(frozenset({home})).transaction() as session:
        assert session.get(Case, cases[1]) is None
        assert session.get(Case, cases[0]) is not None
        for change in (sa.update(Claim).values(staff_id=2), sa.delete(Claim)):
            assert session.execute(change).rowcount == 1
    with database.read_session() as session:
        assert session.execute(sa.select(Claim.case_id, Claim.staff_id)).all() == [
            (cases[1], ALICE.staff_id)
        ]


def test_tables_are_not_read_past_their_classes(two):
    database, home, _ = two
    past = (sa.select(Case.__table__.c.id), sa.text("SELECT id FROM cases"))
    with database.limited_to(frozenset({home})).read_session() as session:
        for statement in past:
            with pytest.raises(TypeError):
                session.execute(statement)


def test_the_limit_of_one_session_is_not_anothers(two):
    """The compiled statement is shared, what it is bound to is not; and it ends with the session."""
    database, home, cases = two
    for _ in range(2):
        for site, case in ((home, cases[0]), (home + 1, cases[1])):
            with database.limited_to(frozenset({site})).read_session() as session:
                assert session.scalars(sa.select(Case.id)).all() == [case]
        with database.read_session() as session:
            assert len(session.scalars(sa.select(Case.id)).all()) == 2


@pytest.mark.parametrize("own", [1, 3, 9])
def test_a_queue_of_some_sites_is_the_whole_queue_without_the_others(two, own, settings):
    """However many sites: its pages, its neighbours and its first free case."""
    database, now = two[0], clock.now()
    with database.transaction() as session:
        sites = [factories.make_site(session, now=now, key=f"s-{at}") for at in range(9)]
        session.add_all(
            Case(
                site_id=sites[at % 9], kind=CaseKind.REPORT, state=CaseState.OPEN,
                severity=1 + at % 4, opened_at=now, updated_at=now, raised_by="test",
                due_at=now + timedelta(hours=at % 7),
            )
            for at in range(60)
        )  # fmt: skip
    mine = frozenset(sites[:own])
    wanted = Filter(staff_id=ALICE.staff_id)
    with database.read_session() as session:
        rows, _ = queue.page(session, wanted=wanted, now=now, limit=99)
        whole = [row.id for row in rows if session.get_one(Case, row.id).site_id in mine]
    with database.limited_to(mine).read_session() as session:
        rows, after = queue.page(session, wanted=wanted, now=now, limit=5)
        more, _ = queue.page(session, wanted=wanted, now=now, after=after, limit=99)
        assert [row.id for row in rows + (more if after else [])] == whole
        for case, following in pairwise(whole):
            asked = {"wanted": wanted, "now": now}
            assert neighbour(session, case_id=case, **asked) == following
            assert neighbour(session, case_id=following, back=True, **asked) == case
    with database.limited_to(mine).transaction() as session:
        found = claim_next(session, actor=ALICE, settings=settings, now=now)
    assert found == whole[0]
