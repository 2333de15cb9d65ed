"""The life of an inspection: proposed by one, approved by another, over with its time."""

import dataclasses
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi.audit import queries as audit
from shudi.audit.store import AuditRow
from shudi.cases.actions.erasure import delete_account
from shudi.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from shudi.oversight import actions as acts
from shudi.oversight.queries import inspections
from shudi.oversight.rules import InspectionState, Telling
from shudi.oversight.store import Inspection
from shudi.staff.actions import set_role, set_scope
from shudi.staff.rules import Role
from shudi.staff.rules.scopes import Scope
from shudi.staff.store import LinkPurpose, Staff, StaffLink
from tests import factories, inspecting, people
from tests.people import ALICE, AUDREY, BOB, CHARLIE, SAM

WEEK = timedelta(days=7)
DAY = timedelta(days=1)


@pytest.fixture
def place(database, settings, locator, vocabulary, site, now):
    """A store with a labelled account; returns it."""
    with database.transaction() as session:
        factories.make_labels(
            session, site_id=site, names=["user-1", "user-2"], region="CN-GD", now=now
        )
    return database


@pytest.fixture
def bea(place, now):
    """Another admin."""
    with place.transaction() as session:
        return inspecting.hire(session, "bea", Role.ADMIN, now)


@pytest.fixture
def waiting(place, site, now):
    """A proposal of Bob's."""
    return inspecting.propose(place, inspecting.request(now, site=site), now)


def do(place, act, actor, number, now, *, version=1, **more):
    with place.transaction() as session:
        act(session, actor=actor, inspection_id=number, version=version, now=now, **more)


def row(place, number):
    with place.read_session() as session:
        return session.get_one(Inspection, number)


def log(place, number):
    with place.read_session() as session:
        rows = audit.page(session, target=("inspection", str(number)))
    return [(one.actor_id, one.action) for one in reversed(rows)]


def test_one_proposes_another_approves_and_it_runs_for_its_days(place, waiting, bea, now):
    do(place, acts.approve, bea, waiting, now + DAY)
    found = row(place, waiting)
    assert found.state is InspectionState.APPROVED
    assert found.ends_at == now + 11 * DAY
    assert log(place, waiting) == [
        (BOB.id, "inspection.proposed"),
        (bea.id, "inspection.approved"),
    ]


@pytest.mark.parametrize("who", [BOB, ALICE, SAM, AUDREY, CHARLIE, people.SYSTEM])
def test_nobody_else_approves(place, waiting, who, now):
    with pytest.raises(NotAllowed):
        do(place, acts.approve, who, waiting, now)
    assert row(place, waiting).state is InspectionState.PROPOSED


@pytest.mark.parametrize("who", [ALICE, SAM, AUDREY, CHARLIE, people.SYSTEM])
def test_nobody_else_proposes(place, site, who, now):
    with pytest.raises(NotAllowed):
        inspecting.propose(place, inspecting.request(now, site=site), now, who)


def test_a_demoted_admin_approves_nothing_with_a_session_read_before(place, waiting, bea, now):
    with place.transaction() as session:
        set_role(session, actor=BOB, staff_id=bea.staff_id, role=Role.MODERATOR, now=now)
    with pytest.raises(NotAllowed):
        do(place, acts.approve, bea, waiting, now)


def test_whom_it_named_approves_nothing_as_an_admin_of_today(place, waiting, now):
    with place.transaction() as session:
        session.get_one(Staff, CHARLIE.staff_id).role = Role.ADMIN
    with pytest.raises(NotAllowed) as refusal:
        do(place, acts.approve, dataclasses.replace(CHARLIE, role=Role.ADMIN), waiting, now)
    assert refusal.value.code == "inspection-own"


@pytest.mark.parametrize("direction", [True, False])
def test_who_let_the_other_in_lately_is_no_second_person(place, waiting, bea, now, direction):
    let_in, maker = (bea, BOB) if direction else (BOB, bea)
    with place.transaction() as session:
        session.add(
            StaffLink(
                staff_id=let_in.staff_id, token_hash="x" * 64, purpose=LinkPurpose.ENROL,
                created_at=now, expires_at=now + DAY, used_at=now, made_by=maker.staff_id,
            )
        )  # fmt: skip
    with pytest.raises(NotAllowed) as refusal:
        do(place, acts.approve, bea, waiting, now + 6 * DAY)
    assert refusal.value.code == "let-in-lately"


def test_a_proposal_waits_a_week(place, waiting, bea, now):
    with pytest.raises(Stale):
        do(place, acts.approve, bea, waiting, now + WEEK)
    do(place, acts.approve, bea, waiting, now + WEEK - timedelta(microseconds=1))


@pytest.mark.parametrize("act", [acts.approve, acts.refuse, acts.withdraw])
def test_what_was_seen_before_a_change_is_stale(place, waiting, bea, act, now):
    more = {} if act is acts.approve else {"text": "No."}
    who = BOB if act is acts.withdraw else bea
    with pytest.raises(Stale):
        do(place, act, who, waiting, now, version=2, **more)
    do(place, act, who, waiting, now, **more)
    with pytest.raises(Stale):
        do(place, act, who, waiting, now, version=2, **more)


def test_refusing_and_withdrawing_need_a_reason_and_the_right_person(place, waiting, bea, now):
    for act, who in ((acts.refuse, bea), (acts.withdraw, BOB)):
        with pytest.raises(Invalid):
            do(place, act, who, waiting, now, text=" ")
    for act, who in ((acts.refuse, BOB), (acts.withdraw, bea)):
        with pytest.raises(NotAllowed):
            do(place, act, who, waiting, now, text="No.")
    do(place, acts.refuse, bea, waiting, now, text="The number is of another request.")
    found = row(place, waiting)
    assert (found.state, found.decided_by) == (InspectionState.REFUSED, bea.staff_id)
    assert found.decided_because == "The number is of another request."


def test_any_admin_stops_it_at_once(place, waiting, bea, now):
    do(place, acts.approve, bea, waiting, now)
    do(place, acts.stop, BOB, waiting, now + DAY, version=2, text="Withdrawn by the authority.")
    found = row(place, waiting)
    assert (found.state, found.ends_at) == (InspectionState.ENDED, now + DAY)
    with place.read_session() as session, pytest.raises(NotFound):
        acts.enter(session, actor=CHARLIE, inspection_id=waiting, now=now + DAY)
    with pytest.raises(Stale):
        do(place, acts.stop, BOB, waiting, now + DAY, version=3, text="Again.")


def test_a_later_end_takes_two_again(place, waiting, bea, now):
    do(place, acts.approve, bea, waiting, now)
    later = now + 9 * DAY
    do(place, acts.propose_longer, BOB, waiting, later, version=2, days=20, text="More to read.")
    assert row(place, waiting).ends_at == now + 10 * DAY
    with pytest.raises(NotAllowed):
        do(place, acts.approve_longer, BOB, waiting, later, version=3)
    with pytest.raises(Stale):
        do(place, acts.propose_longer, bea, waiting, later, version=3, days=9, text="I, too.")
    do(place, acts.approve_longer, bea, waiting, later, version=3)
    assert row(place, waiting).ends_at == later + 20 * DAY
    with pytest.raises(Stale):
        do(place, acts.approve_longer, bea, waiting, later, version=4)


def test_a_later_end_is_not_given_to_one_that_is_over(place, waiting, bea, now):
    do(place, acts.approve, bea, waiting, now)
    do(place, acts.propose_longer, BOB, waiting, now, version=2, days=20, text="More to read.")
    with pytest.raises(Stale):
        do(place, acts.approve_longer, bea, waiting, now + 10 * DAY, version=3)
    do(place, acts.drop_longer, bea, waiting, now + DAY, version=3)
    assert row(place, waiting).more_days is None


def test_holders_may_be_told_after_all_and_never_the_other_way(place, site, now):
    never = inspecting.request(
        now, site=site, telling=Telling.NEVER, untold_because="Order 12 of the court."
    )
    number = inspecting.propose(place, never, now)
    do(place, acts.tell, BOB, number, now)
    assert row(place, number).telling is Telling.AFTERWARDS
    with pytest.raises(Stale):
        do(place, acts.tell, BOB, number, now, version=2)


def test_time_that_is_over_goes_on_record_once(place, waiting, bea, site, now):
    do(place, acts.approve, bea, waiting, now)
    undecided = inspecting.propose(place, inspecting.request(now, site=site), now + DAY)

    def sweep(at):
        with place.transaction() as session:
            return acts.end_overdue(session, now=at)

    assert sweep(now + 8 * DAY - timedelta(seconds=1)) == 0
    assert [sweep(now + 8 * DAY), sweep(now + 10 * DAY), sweep(now + 99 * DAY)] == [1, 1, 0]
    assert row(place, undecided).state is InspectionState.LAPSED
    assert log(place, waiting)[-1] == ("system:worker", "inspection.ended")


# -- how far it reaches ---------------------------------------------------------------------------


def limit(place, who, now, *, sites=None, regions=None):
    scope = Scope(
        None if sites is None else frozenset(sites),
        None if regions is None else frozenset(regions),
    )
    with place.transaction() as session:
        set_scope(session, actor=BOB, staff_id=who.staff_id, scope=scope, now=now)


def test_unknown_accounts_are_named_back(place, site, now):
    names = ("user-1", *(f"nobody-{number}" for number in range(8)))
    with pytest.raises(Invalid) as refusal:
        inspecting.propose(place, inspecting.request(now, site=site, accounts=names), now)
    assert refusal.value.facts == {"ids": [f"nobody-{one}" for one in range(5)], "more": 3}
    with pytest.raises(Invalid):
        inspecting.propose(place, inspecting.request(now, site=99), now)


def test_only_supervisors_are_named(place, site, now):
    for who in (ALICE.staff_id, BOB.staff_id, AUDREY.staff_id, 99_999):
        wanted = inspecting.request(now, site=site, supervisors=frozenset({who}))
        with pytest.raises(Invalid) as refusal:
            inspecting.propose(place, wanted, now)
        assert refusal.value.code == "not-supervisor"


def test_nothing_beyond_the_supervisors_sites_and_regions(place, site, now):
    with place.transaction() as session:
        other = factories.make_site(session, key="north", now=now)
    limit(place, CHARLIE, now, sites=[other])
    with pytest.raises(Refused) as refusal:
        inspecting.propose(place, inspecting.request(now, site=site), now)
    assert refusal.value.code == "beyond-sites"
    limit(place, CHARLIE, now, regions=["CN-ZJ", "HK"])
    for wanted in (
        inspecting.request(now, site=site),  # user-1 is in CN-GD
        inspecting.by_regions(now, "CN-GD", site=site),
        inspecting.by_regions(now, "CN", site=site),
        inspecting.by_regions(now, "HK", "TW", site=site),
    ):
        with pytest.raises(Refused) as refusal:
            inspecting.propose(place, wanted, now)
        assert refusal.value.code == "beyond-regions"
    inspecting.propose(place, inspecting.by_regions(now, "CN-ZJ", "HK", site=site), now)
    limit(place, CHARLIE, now, regions=["CN"])
    inspecting.propose(place, inspecting.by_regions(now, "CN-ZJ", "CN", site=site), now)


def test_what_was_narrowed_meanwhile_is_not_approved(place, waiting, bea, now):
    limit(place, CHARLIE, now, regions=["HK"])
    with pytest.raises(Refused):
        do(place, acts.approve, bea, waiting, now)


def test_an_admin_of_other_sites_neither_proposes_nor_decides_nor_reads(
    place, waiting, bea, site, now
):
    with place.transaction() as session:
        other = factories.make_site(session, key="north", now=now)
    limit(place, bea, now, sites=[other])
    with pytest.raises(NotFound):
        do(place, acts.approve, bea, waiting, now)
    with pytest.raises(Invalid):
        inspecting.propose(place, inspecting.request(now, site=site), now, bea)
    with place.read_session() as session:
        assert inspections.inspections(session, staff_id=bea.staff_id) == []
        with pytest.raises(NotFound):
            inspections.inspection(session, staff_id=bea.staff_id, inspection_id=waiting)
        assert len(inspections.inspections(session, staff_id=BOB.staff_id)) == 1


def test_an_erased_account_leaves_an_inspection(place, waiting, bea, site, now):
    with place.transaction() as session:
        delete_account(session, actor=people.PLATFORM, site_id=site, account="user-1", now=now)
    do(place, acts.approve, bea, waiting, now)
    with place.read_session() as session:
        texts = session.scalars(
            sa.select(AuditRow.after).where(AuditRow.action == "inspection.proposed")
        ).all()
    assert not any("user-1" in text for text in texts)
