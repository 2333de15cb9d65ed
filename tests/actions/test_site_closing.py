"""The end of a site: two admins' word, and nothing of it is served from then on."""

from datetime import timedelta

import sqlalchemy as sa

from shudi.accounts.store import Account
from shudi.cases.actions import attachments, holders, looks
from shudi.cases.actions.batches import life
from shudi.cases.rules import CaseKind, CaseState, CloseReason, EventKind
from shudi.cases.rules.batches import BatchAct, BatchState, Listed, Terms
from shudi.cases.store import Case, CaseEvent, Claim, HolderLink, HolderSession
from shudi.cases.store.batches import Batch
from shudi.clients.actions import create_key
from shudi.clients.queries import authenticate
from shudi.errors import Invalid, NotAllowed, NotFound, Stale
from shudi.labels.queries.served import NOT_COVERED, lookup
from shudi.labels.store import Brake, Correction, HeldResult
from shudi.outbox.actions import put
from shudi.outbox.rules import Topic
from shudi.outbox.store import Message, MessageState
from shudi.sites.actions import closing, create_site
from shudi.sites.actions.receivers import set_receiver
from shudi.sites.queries import all_sites, closings, site_by_id, site_by_key
from shudi.sites.store import Site, SiteClosing, SiteReceiver
from shudi.staff.actions import disable, make_link, set_role
from shudi.staff.actions.scopes import set_scope
from shudi.staff.codec import totp
from shudi.staff.codec.keyring import Keyring
from shudi.staff.rules import PROPOSAL_LIFE, Role
from shudi.staff.rules.scopes import Scope
from shudi.staff.store import LinkPurpose, ProposalState
from tests import factories
from tests.actions.closing_desk import (
    SECOND,
    WHY,
    WORDS,
    close,
    erase,
    lived,
    propose,
    withhold_some,
)
from tests.actions.staff_door import use_link
from tests.people import ALICE, AUDREY, BOB, SAM, SONJA, SYSTEM

# -- two people ----------------------------------------------------------------------------------


def test_another_admin_confirms(house):
    with house.logged(site__closing_proposed=1):
        number = propose(house)
    with house.database.read_session() as session:
        [row] = closings(session, now=house.now)
    assert (row.site_id, row.reason, row.proposer) == (house.site, WHY, "bob")
    assert row.expires_at == house.now + PROPOSAL_LIFE
    with house.refused(NotAllowed, "own-proposal"):
        close(house, by=BOB, number=number)
    with house.logged(site__closed=1):
        assert close(house, number=number) == house.site
    with house.refused(Stale, "closing-over"):
        close(house, number=number)
    with house.refused(Stale, "site-closed-already"):
        propose(house)
    row = house.read(SiteClosing, number)
    assert (row.state, row.decided_by) == (ProposalState.CONFIRMED, SONJA.staff_id)
    assert house.verified()


def test_the_key_is_typed_once_more_and_a_reason_given(house):
    for key in ("", "shop", "Forum", "forum "):
        with house.refused(Invalid, "site-key-differs"):
            propose(house, key=key)
    for reason, code in (
        (" ", "closing-reason"),
        ("x" * 501, "closing-reason-long"),
        ("a\0b", "text-invalid"),
    ):
        with house.refused(Invalid, code):
            propose(house, reason=reason)
    with house.refused(NotFound, "site-unknown"):
        propose(house, site_id=99)


def test_only_admins_and_only_people(house):
    for by in (ALICE, SAM, AUDREY):
        with house.refused(NotAllowed, "role"):
            propose(house, by=by)
    with house.refused(NotAllowed, "staff-only"):
        propose(house, by=SYSTEM)  # the terminal is one person, whoever sits there
    number = propose(house)
    for by in (ALICE, SAM, AUDREY):
        with house.refused(NotAllowed, "role"):
            close(house, by=by, number=number)
        with house.refused(NotAllowed, "role"):
            house.act(closing.refuse, actor=by, closing_id=number)
    with house.refused(NotAllowed, "staff-only"):
        close(house, by=SYSTEM, number=number)
    with house.refused(NotFound, "closing-unknown"):
        close(house, number=number + 1)


def test_whoever_let_the_other_in_is_no_second_person(house):
    number = propose(house)
    token = house.act(make_link, actor=BOB, staff_id=SONJA.staff_id, purpose=LinkPurpose.ENROL)
    use_link(house.database, token, totp.new_secret(), house.now)
    with house.refused(NotAllowed, "let-in-lately"):
        close(house, number=number)


def test_one_proposal_waits_for_a_site_and_it_can_be_refused_or_withdrawn(house):
    number = propose(house)
    for by in (BOB, SECOND):
        with house.refused(Stale, "closing-waits"):
            propose(house, by=by)
    with house.logged(site__closing_withdrawn=1):
        assert house.act(closing.refuse, actor=BOB, closing_id=number) == house.site
    with house.refused(Stale, "closing-over"):
        close(house, number=number)
    number = propose(house)
    with house.logged(site__closing_refused=1):
        house.act(closing.refuse, actor=SECOND, closing_id=number)
    assert house.read(SiteClosing, number).state is ProposalState.REFUSED
    with house.database.read_session() as session:
        assert closings(session, now=house.now) == []
    assert house.read(Site, house.site).closed_at is None


def test_a_proposal_falls_after_a_week_and_with_the_standing_of_who_made_it(house):
    number = propose(house)
    house.now += PROPOSAL_LIFE
    with house.refused(Stale, "closing-over"):
        close(house, number=number)
    again = propose(house, by=SECOND)
    assert house.read(SiteClosing, number).state is ProposalState.DROPPED
    house.act(disable, actor=BOB, staff_id=SONJA.staff_id)
    with house.database.read_session() as session:
        assert closings(session, now=house.now) == []
    with house.refused(Stale, "closing-over"):
        house.act(closing.refuse, actor=BOB, closing_id=again)
    assert propose(house) > again


def test_whoever_is_limited_to_some_sites_ends_none(house):
    shop = next(one.id for one in house.rows(sa.select(Site)) if one.key == "shop")
    number, another = propose(house), propose(house, by=SECOND, site_id=shop, key="shop")
    scope = Scope(frozenset({shop}))
    house.act(set_scope, actor=SYSTEM, staff_id=SONJA.staff_id, scope=scope)
    with house.refused(NotAllowed, "scope"):
        close(house, number=number)
    with house.refused(NotAllowed, "scope"):
        propose(house, by=SECOND, site_id=shop, key="shop")
    with house.refused(Stale, "closing-over"):  # hers fell
        house.act(closing.refuse, actor=BOB, closing_id=another)


# -- from the commit on --------------------------------------------------------------------------


def test_nothing_of_it_is_served_any_more(house):
    house.see(("ann", "CN-GD"))
    assert house.place("ann")[1] == "CN-GD"
    close(house)
    with house.database.read_session() as session:
        assert lookup(session, site_key="forum", accounts=["ann"]).labels == [("ann", NOT_COVERED)]
        assert site_by_key(session, "forum") is None
        assert site_by_id(session, house.site) is None
        assert [one.key for one in all_sites(session)] == ["shop"]


def test_it_takes_nothing_in_any_more(house):
    house.see(("ann", "CN-GD"))
    close(house)
    taken = house.take(("ann", "US"))
    assert [error.code for error in taken.errors] == ["site-unknown"]
    with house.refused(NotFound, "site-unknown"):
        house.put("ann", name="Ann")
    with house.logged():
        house.report("ann")  # says nothing, as for any account that is not known
    assert house.count(Case) == 0


def test_keys_receivers_and_notices_of_it_end(house):
    made = [
        house.act(create_key, actor=BOB, name=name, scopes=["labels:read"], site_id=site)[1]
        for name, site in (("its", house.site), ("every", None))
    ]
    keyring = Keyring("k" * 32)
    where = {"version": 0, "url": "https://platform.example/hook", "keyring": keyring}
    house.act(set_receiver, actor=BOB, site_id=house.site, **where)
    house.act(put, topic=Topic.CASE_DECIDED, site_id=house.site, payload={"case": 1})
    with house.logged(site__closing_proposed=1, site__closed=1, key__revoked=1):
        close(house)
    assert house.count(SiteReceiver) == 0
    assert house.count(Message, Message.state == MessageState.WAITING) == 0
    with house.database.read_session() as session:
        found = [authenticate(session, f"Bearer {key}", now=house.now) for key in made]
    assert [one is not None for one in found] == [False, True]


def test_cases_end_and_say_why_and_no_work_goes_on(house):
    lived(house, "ann")
    batch = withhold_some(house, "ann")
    waiting = house.rows(sa.select(Case).where(Case.state != CaseState.CLOSED))
    assert {one.kind for one in waiting} >= {CaseKind.CONTEST, CaseKind.REPORT}
    close(house)
    assert house.count(Case, Case.state != CaseState.CLOSED) == 0
    for case in waiting:
        query = sa.select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(CaseEvent.id)
        last = house.rows(query)[-1]
        assert last.kind is EventKind.CLOSED
        assert last.data == {"reason": CloseReason.SITE_CLOSED.value}
        assert last.staff_id == SONJA.staff_id
    assert house.count(Claim, Claim.ended_at.is_(None)) == 0
    live = Correction.state.in_(("in_force", "proposed", "scheduled"))
    assert house.count(Correction, live) == 0
    assert house.read(Batch, batch.id).state is BatchState.CANCELLED
    assert house.count(HolderLink) == house.count(HolderSession) == 0


def test_every_act_on_what_it_held_is_refused(house):
    house.see(("ann", "CN-GD"), ("bert", "US"))
    case = house.open_case("ann")
    house.decide("dismiss", case)
    correction = house.correct("bert", "withhold")
    batch = withhold_some(house, "ann")
    ann, link = house.id("ann"), house.link("ann")
    close(house)
    with house.refused(NotFound, "site-closed"):
        house.open_case("ann")
    with house.refused(NotFound, "site-closed"):
        house.claim(case)
    with house.refused(NotFound, "site-closed"):
        house.lift(correction.id, SAM)
    with house.refused(NotFound, "site-closed"):
        house.correct("bert", "coarsen", case=case)
    with house.refused(NotFound, "site-closed"):
        house.act(life.cancel, actor=ALICE, batch_id=batch.id, version=batch.version)
    with house.refused(NotFound, "site-unknown"):
        _batch_on(house, "other")
    with house.refused(NotFound, "link-spent"):
        house.act(holders.open_link, token=link)
    with house.refused(NotFound, "site-closed"):
        house.act(
            attachments.attach, actor=ALICE, case_id=case, name="a.txt", content=None,
            file="f", settings=house.settings,
        )  # fmt: skip
    house.now += timedelta(days=400)
    assert house.act(looks.draw, key=b"k" * 32, share=1.0) > 0
    assert house.count(Case, Case.kind == CaseKind.SECOND_LOOK) == 0
    assert house.read(Account, ann).deleted_at is None  # that comes next


def _batch_on(desk, uid):
    desk.act(
        life.create, actor=ALICE, uid=uid, site_id=desk.site, listed=[Listed("ann")],
        terms=Terms(act=BatchAct.WITHHOLD, reason="protection", text=WORDS),
        settings=desk.settings,
    )  # fmt: skip


def test_what_a_brake_of_it_holds_is_not_let_go(make_desk):
    desk = make_desk(brake_minimum=1, brake_share=0.1)
    desk.act(set_role, actor=SYSTEM, staff_id=SONJA.staff_id, role=Role.ADMIN)
    desk.see(("ann", "CN-GD"), ("bert", "CN-GD"))
    desk.see(("ann", "US"), ("bert", "US"))
    [brake] = desk.rows(sa.select(Brake).where(Brake.state == "held"))
    close(desk)
    assert desk.read(Brake, brake.id).state == "rejected"
    erase(desk)
    assert desk.count(HeldResult) == 0
    assert desk.read(Brake, brake.id).diff == {}


def test_new_geo_databases_wait_on_under_another_site(make_desk):
    desk = make_desk()
    desk.act(set_role, actor=SYSTEM, staff_id=SONJA.staff_id, role=Role.ADMIN)
    with desk.database.transaction() as session:
        names = [f"a{number}" for number in range(30)]
        factories.make_labels(session, site_id=desk.site, names=names, region="CN-GD", now=desk.now)
        update = factories.make_update(
            session, settings=factories.tight(desk.settings), now=desk.now
        )
    other = desk.act(
        create_site, actor=SYSTEM, key="shop", name="Shop", match=["https://shop.example/*"]
    )
    close(desk)
    [case] = desk.rows(sa.select(Case).where(Case.update_id == update))
    assert (case.state, case.site_id) == (CaseState.OPEN, other)
