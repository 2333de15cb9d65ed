"""Who limits whom to which sites and regions."""

import json

import pytest
import sqlalchemy as sa

from shudi.audit import queries as audit
from shudi.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from shudi.staff.actions import (
    disable,
    enable,
    end_all_sessions,
    invite,
    make_link,
    propose,
    reset,
    set_role,
    set_scope,
)
from shudi.staff.actions.sessions import open_session
from shudi.staff.queries import people, resolve_session
from shudi.staff.queries.scopes import scope_of
from shudi.staff.rules import Actor, Role
from shudi.staff.rules.scopes import EVERYWHERE, Scope
from shudi.staff.store import LinkPurpose, Staff
from shudi.staff.store.scopes import StaffSite
from tests.people import ALICE, AUDREY, BOB, CHARLIE, SAM, SYSTEM, hire_everybody

ONE = Scope(frozenset({1}))
TWO = Scope(frozenset({2}))
BOTH = Scope(frozenset({1, 2}))


@pytest.fixture
def cast(database):
    with database.transaction() as session:
        hire_everybody(session)
    return database


@pytest.fixture
def lena(cast, now) -> Actor:
    """An admin of site 1."""
    with cast.transaction() as session:
        made = invite(session, actor=SYSTEM, name="lena", role=Role.ADMIN, now=now, scope=ONE)[0]
        session.execute(sa.update(Staff).where(Staff.id == made).values(state="active"))
    return Actor.staff(made, name="lena", role=Role.ADMIN)


def limited(cast, staff_id: int, scope: Scope, now) -> None:
    with cast.transaction() as session:
        set_scope(session, actor=BOB, staff_id=staff_id, scope=scope, now=now)


def reach(cast, staff_id: int) -> Scope:
    with cast.read_session() as session:
        return scope_of(session, staff_id)


def test_no_rows_are_no_limit_and_a_limit_can_be_lifted(cast, now):
    assert reach(cast, ALICE.staff_id) == EVERYWHERE
    limited(cast, ALICE.staff_id, BOTH, now)
    assert reach(cast, ALICE.staff_id) == BOTH
    limited(cast, ALICE.staff_id, EVERYWHERE, now)
    assert reach(cast, ALICE.staff_id) == EVERYWHERE


def test_it_is_on_record_with_what_was_before(cast, now):
    limited(cast, CHARLIE.staff_id, Scope(frozenset({2, 1}), frozenset({"CN-GD"})), now)
    with cast.read_session() as session:
        line = audit.page(session, action="staff.scope_set")[0]
    assert json.loads(line.before) == {"sites": "all", "regions": "all"}
    assert json.loads(line.after) == {"sites": [1, 2], "regions": ["CN-GD"]}
    assert (line.actor_id, line.target_id) == (BOB.id, str(CHARLIE.staff_id))


def test_an_open_session_goes_on_with_the_new_scope(cast, now, settings):
    with cast.transaction() as session:
        token = open_session(session, staff_id=ALICE.staff_id, now=now, hours=12)
    limited(cast, ALICE.staff_id, ONE, now)
    with cast.read_session() as session:
        found = resolve_session(session, token=token, now=now, settings=settings)
    assert found.scope == ONE
    assert found.actor().scope == ONE


@pytest.mark.parametrize("actor", [ALICE, SAM, AUDREY, CHARLIE])
def test_only_admins_limit_anybody(cast, now, actor):
    with pytest.raises(NotAllowed, match="role"), cast.transaction() as session:
        set_scope(session, actor=actor, staff_id=6, scope=ONE, now=now)


def test_nobody_changes_their_own(cast, lena, now):
    for actor in (BOB, lena):
        with pytest.raises(NotAllowed, match="own standing"), cast.transaction() as session:
            set_scope(session, actor=actor, staff_id=actor.staff_id, scope=ONE, now=now)


def test_who_is_limited_gives_of_their_own_sites(cast, lena, now):
    limited(cast, ALICE.staff_id, ONE, now)
    for scope in (TWO, BOTH, EVERYWHERE):
        with pytest.raises(NotAllowed, match="do not have"), cast.transaction() as session:
            set_scope(session, actor=lena, staff_id=ALICE.staff_id, scope=scope, now=now)
        with pytest.raises(NotAllowed, match="do not have"), cast.transaction() as session:
            invite(session, actor=lena, name="Dora", role=Role.SENIOR, now=now, scope=scope)
    with cast.transaction() as session:
        dora, _ = invite(session, actor=lena, name="Dora", role=Role.SENIOR, now=now, scope=ONE)
    assert reach(cast, dora) == ONE
    with cast.read_session() as session:
        line = audit.page(session, action="staff.created")[0]
    told = {"sites": [1], "regions": "all"}
    assert json.loads(line.after) == {"role": "senior", "scope": told}


@pytest.mark.parametrize("theirs", [TWO, BOTH, EVERYWHERE])
def test_who_reaches_further_is_not_there_for_an_admin_who_does_not(cast, lena, now, theirs):
    if theirs != EVERYWHERE:
        limited(cast, ALICE.staff_id, theirs, now)
    at = {"actor": lena, "staff_id": ALICE.staff_id, "now": now}
    acts = (
        lambda s: disable(s, **at),
        lambda s: enable(s, role=Role.SENIOR, **at),
        lambda s: end_all_sessions(s, **at),
        lambda s: make_link(s, purpose=LinkPurpose.ENROL, **at),
        lambda s: propose(s, role=Role.ADMIN, **at),
        lambda s: reset(s, **at),
        lambda s: set_role(s, role=Role.SENIOR, **at),
        lambda s: set_scope(s, scope=ONE, **at),
    )
    for act in acts:
        with pytest.raises(NotFound, match="no such person"), cast.transaction() as session:
            act(session)
    with cast.transaction() as session:
        session.execute(sa.delete(StaffSite).where(StaffSite.staff_id == ALICE.staff_id))
    limited(cast, ALICE.staff_id, ONE, now)
    with cast.transaction() as session:
        set_role(session, role=Role.SENIOR, **at)  # the control: within her own site she may


def test_the_actors_scope_counts_as_it_is_now_not_as_their_request_read_it(cast, lena, now):
    """Lena's request was let in with site 1; meanwhile she was moved to site 2."""
    limited(cast, ALICE.staff_id, ONE, now)
    limited(cast, lena.staff_id, TWO, now)
    with pytest.raises(NotFound), cast.transaction() as session:
        disable(session, actor=lena, staff_id=ALICE.staff_id, now=now)


def test_regions_are_for_supervisors_and_an_empty_choice_is_none(cast, now):
    for scope, code in (
        (Scope(None, frozenset({"CN-GD"})), "scope-regions"),
        (Scope(frozenset()), "scope-empty"),
    ):
        with pytest.raises(Invalid) as refused, cast.transaction() as session:
            set_scope(session, actor=BOB, staff_id=ALICE.staff_id, scope=scope, now=now)
        assert refused.value.code == code
    none = Scope(None, frozenset())
    with pytest.raises(Invalid), cast.transaction() as session:
        set_scope(session, actor=BOB, staff_id=CHARLIE.staff_id, scope=none, now=now)


def test_whoever_saw_an_older_state_is_told(cast, now):
    with cast.read_session() as session:
        seen = people.person(session, actor=BOB, staff_id=ALICE.staff_id, now=now).version
    limited(cast, ALICE.staff_id, ONE, now)
    at = {"actor": BOB, "staff_id": ALICE.staff_id, "now": now}
    with pytest.raises(Stale), cast.transaction() as session:
        set_scope(session, scope=TWO, seen=seen, **at)
    with pytest.raises(Refused), cast.transaction() as session:
        set_scope(session, scope=ONE, **at)
