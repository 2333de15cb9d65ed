"""What one administrator proposed and another has to decide, in one question."""

from datetime import timedelta

import pytest

from shudi.oversight import actions as acts
from shudi.oversight.queries.waiting import Matter, Waiting, waiting
from shudi.sites.actions import closing, create_site
from shudi.staff.actions import propose as propose_role
from shudi.staff.actions import set_scope
from shudi.staff.rules import Actor, Role
from shudi.staff.rules.scopes import Scope
from tests import factories, inspecting
from tests.people import ALICE, AUDREY, BOB, CHARLIE, SAM, SYSTEM

DAY = timedelta(days=1)


@pytest.fixture
def bea(database, site, now):
    """Another admin, at a desk with two sites and a labelled account."""
    with database.transaction() as session:
        create_site(
            session,
            actor=SYSTEM,
            key="shop",
            name="Shop",
            match=["https://shop.example/*"],
            now=now,
        )
        factories.make_labels(session, site_id=site, names=["user-1"], region="CN-GD", now=now)
        return inspecting.hire(session, "bea", Role.ADMIN, now)


def waits(database, now, actor=BOB):
    with database.read_session() as session:
        return waiting(session, actor=actor, now=now)


def everything(database, site, now):
    """One of each; returns the numbers of the two inspections."""
    running = inspecting.run(database, inspecting.request(now, site=site), now)
    later = inspecting.propose(database, inspecting.request(now, site=site, number="2"), now)
    with database.transaction() as session:
        acts.propose_longer(
            session, actor=BOB, inspection_id=running, version=2, days=20, text="More.", now=now
        )
        closing.propose(session, actor=BOB, site_id=site, key="forum", reason="It moved.", now=now)
        propose_role(session, actor=BOB, staff_id=ALICE.staff_id, role=Role.ADMIN, now=now)
    return running, later


def test_each_is_there_with_who_asks_for_it(database, bea, site, now):
    running, later = everything(database, site, now)
    authority = "Invented Cyberspace Office"
    assert waits(database, now) == [
        Waiting(Matter.PERSON, ALICE.staff_id, "alice", "bob"),
        Waiting(Matter.SITE, site, "Forum", "bob"),
        Waiting(Matter.INSPECTION, later, authority, "bob"),
        Waiting(Matter.LONGER, running, authority, "bob"),
    ]


def test_who_decides_nothing_sees_nothing(database, bea, site, now):
    everything(database, site, now)
    for actor in (ALICE, SAM, AUDREY, CHARLIE):
        assert waits(database, now, actor) == []


def test_what_lapsed_or_is_over_waits_no_more(database, bea, site, now):
    everything(database, site, now)
    assert waits(database, now + 8 * DAY) == [
        one for one in waits(database, now) if one.matter is Matter.LONGER
    ]
    assert waits(database, now + 31 * DAY) == []


def test_who_works_on_other_sites_sees_nothing_of_it(database, bea, site, now):
    everything(database, site, now)
    with database.transaction() as session:
        scope = Scope(frozenset({site + 1}))
        set_scope(session, actor=SYSTEM, staff_id=bea.staff_id, scope=scope, now=now)
    limited = Actor.staff(bea.staff_id, name="bea", role=Role.ADMIN, scope=scope)
    assert waits(database, now, limited) == []
