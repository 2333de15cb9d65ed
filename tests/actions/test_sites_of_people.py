"""Who gets work: only those whose scope reaches the site."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi.cases.actions import claims, handover, notes, upkeep
from shudi.cases.actions.batches import life
from shudi.cases.queries import find, queue, takers
from shudi.cases.rules import CaseKind
from shudi.cases.rules.batches import BatchAct, Listed, Terms
from shudi.cases.store import Claim
from shudi.clients.actions import create_key, revoke_key, rotate_key
from shudi.errors import NotAllowed, NotFound
from shudi.sites.actions.receivers import set_receiver
from shudi.staff.actions import set_scope
from shudi.staff.queries import acting, people_with
from shudi.staff.rules import Actor, Permission
from shudi.staff.rules.scopes import Scope
from tests.people import ALICE, AMIR, BOB, SAM, SONJA, SYSTEM

AWAY = frozenset({99})


def moved(desk, *who: Actor, sites=AWAY) -> None:
    """They work on another site from now on."""
    for one in who:
        scope = Scope(sites)
        desk.act(set_scope, actor=SYSTEM, staff_id=one.staff_id, scope=scope)


def of_away(who: Actor) -> Actor:
    return Actor.staff(who.staff_id, name=who.name, role=who.role, scope=Scope(AWAY))


@pytest.fixture
def case(desk) -> int:
    desk.see(("ann", "CN-GD"))
    desk.report("ann")
    return desk.cases(CaseKind.REPORT, "ann")[-1].id


def test_a_case_is_given_to_nobody_of_another_site(desk, case):
    moved(desk, AMIR)
    desk.claim(case)
    with desk.refused(NotFound, "staff-unknown"):
        desk.act(
            handover.assign, actor=SAM, case_id=case, to=AMIR.staff_id,
            seen_claim=desk.rows(sa.select(Claim))[0].id, text="",
        )  # fmt: skip
    with desk.database.read_session() as session:
        names = [
            one.name for one in people_with(session, Permission.CASE_DECIDE, site_id=desk.site)
        ]
        assert names == ["alice", "sam", "sonja"]
        names = [one.name for one in people_with(session, Permission.CASE_DECIDE, site_id=99)]
        assert names == ["alice", "amir", "sam", "sonja"]


def test_a_note_calls_nobody_of_another_site(desk, case):
    moved(desk, AMIR)
    called = desk.act(notes.note, actor=ALICE, case_id=case, text="@amir and @sam, please look")
    assert called == ["sam"]


def test_a_person_of_another_site_is_not_found_by_name(desk):
    moved(desk, AMIR)
    with desk.database.read_session() as session:
        for actor, names in ((SAM, ["alice", "amir"]), (of_away(ALICE), ["alice", "amir"])):
            hits = find.find(session, actor=actor, text="a", sites=[]).people
            assert [one.name for one in hits if one.name != "audrey"] == names
        here = Actor.staff(1, name="x", role=SAM.role, scope=Scope(frozenset({desk.site})))
        hits = find.find(session, actor=here, text="a", sites=[]).people
        assert [one.name for one in hits if one.name != "audrey"] == ["alice"]


def test_a_proposal_that_only_seniors_of_another_site_could_approve_is_stuck(desk):
    desk.see(("ann", "CN-GD"))
    row = desk.correct("ann", "replace", "US", by=ALICE)
    with desk.database.read_session() as session:
        assert takers.stuck(session).corrections == frozenset()
    moved(desk, SAM, SONJA)
    with desk.database.read_session() as session:
        assert takers.stuck(session).corrections == {row.id}
    moved(desk, SONJA, sites=frozenset({desk.site}))
    with desk.database.read_session() as session:
        assert takers.stuck(session).corrections == frozenset()


def test_a_claim_of_somebody_who_left_the_site_goes_back_to_the_queue(desk, case):
    desk.claim(case)
    moved(desk, ALICE, sites=frozenset({desk.site, 99}))
    assert desk.act(upkeep.release_leases) == 0
    moved(desk, ALICE)
    assert desk.act(upkeep.release_leases) == 1
    with desk.database.read_session() as session:
        assert queue.mine(session, staff_id=ALICE.staff_id, now=desk.now) == []


def test_what_goes_on_in_somebodys_name_ends_with_their_site(desk):
    def go(site: int) -> Actor:
        with desk.database.read_session() as session:
            return acting(session, SAM.staff_id, site_id=site, request_id="batch:1")

    assert go(desk.site).may(Permission.CASE_DECIDE)
    moved(desk, SAM)
    assert not go(desk.site).may(Permission.CASE_DECIDE)
    assert go(99).may(Permission.CASE_DECIDE)


def test_acts_ask_about_the_site_themselves(desk, case):
    """Without a limited session, as a program has it that goes on in somebody's name."""
    admin, senior = of_away(BOB), of_away(SAM)
    key, _ = desk.act(create_key, actor=BOB, name="all", scopes=["labels:read"])
    terms = Terms(act=BatchAct.WITHHOLD, reason="carrier_egress", text="ticket 4711")
    acts = (
        (claims.claim, senior, {"case_id": case, "settings": desk.settings}),
        (notes.note, senior, {"case_id": case, "text": "x"}),
        (
            life.create,
            senior,
            {"uid": "1", "site_id": desk.site, "terms": terms, "listed": [Listed("ann")],
             "settings": desk.settings},
        ),
        (create_key, admin, {"name": "key", "scopes": ["labels:read"], "site_id": desk.site}),
        (create_key, admin, {"name": "key", "scopes": ["labels:read"]}),
        (rotate_key, admin, {"key_id": key, "overlap": timedelta()}),
        (revoke_key, admin, {"key_id": key}),
        (set_receiver, admin, {"site_id": desk.site, "version": 0, "url": "", "keyring": None}),
    )  # fmt: skip
    codes = ["case", "case", "site", "site", "site", "key", "key", "site"]
    for (act, actor, given), code in zip(acts, codes, strict=True):
        with desk.refused(NotFound, f"{code}-unknown"):
            desk.act(act, actor=actor, **given)


def test_new_databases_and_ready_words_are_for_those_who_are_limited_to_none(desk):
    for permission in (Permission.SOURCE_DECIDE, Permission.REASON_WRITE):
        with pytest.raises(NotAllowed) as refused:
            of_away(SAM).require(permission)
        assert refused.value.code == "scope"
