"""Proposals that nobody who is at work may approve are found, and no others."""

import pytest

from shudi.cases.queries import takers
from shudi.cases.queries.watch import watch
from shudi.errors import NotAllowed
from shudi.staff.store import OwnAccount, Staff, StaffState
from tests.actions.batch_desk import Batches
from tests.people import ALICE, AMIR, SAM, SONJA, owning


def stuck(desk) -> tuple[list[int], list[int], list[int]]:
    with desk.database.read_session() as session:
        found = takers.stuck(session)
        assert watch(session).stuck == len(found)
    return sorted(found.corrections), sorted(found.lifts), sorted(found.batches)


def leaves(desk, who) -> None:
    def go(session, now):
        session.get(Staff, who.staff_id).state = StaffState.DISABLED

    desk.act(go)


def owns(desk, who, account: str) -> None:
    row = OwnAccount(staff_id=who.staff_id, account_id=desk.id(account), declared_at=desk.now)
    desk.act(lambda session, now: session.add(row))


@pytest.fixture
def filled(make_desk):
    """A correction, a lift and a batch by Sam; the same by Alice, on other accounts."""
    desk = make_desk(batch_second=1)
    batches = Batches(desk)
    batches.see(9)
    rows = {}
    for who, at in ((SAM, 1), (ALICE, 4)):
        ended = desk.correct(f"user-{at}", "replace", "US", by=who)
        desk.approve(ended.id, SONJA)
        desk.lift(ended.id, who)
        proposed = desk.correct(f"user-{at + 1}", "replace", "US", by=who)
        listed = batches.make([f"user-{at + 2}", f"user-{at + 3}"], by=who)
        rows[who.name] = proposed.id, ended.id, listed
    return desk, batches, rows


def test_with_two_seniors_somebody_is_always_left(filled):
    desk, _, _ = filled
    assert stuck(desk) == ([], [], [])


def test_a_senior_who_is_alone_approves_nothing_of_their_own(filled):
    desk, batches, rows = filled
    leaves(desk, SONJA)
    correction, lift, batch = rows["sam"]
    assert stuck(desk) == ([correction], [lift], [batch])
    # as the acts say: of the others Sam is the second person
    with desk.refused(NotAllowed, "own-proposal"):
        desk.approve(correction, SAM)
    desk.approve(rows["alice"][0], SAM)
    desk.correction_act("approve_lift", rows["alice"][1], SAM)
    batches.answer("approve", rows["alice"][2], SAM)
    assert stuck(desk) == ([correction], [lift], [batch])
    desk.correction_act("withdraw", correction, SAM)
    batches.answer("cancel", batch, SAM)
    assert stuck(desk) == ([], [lift], [])


def test_with_no_senior_at_work_all_of_it_waits_for_nobody(filled):
    desk, _, rows = filled
    leaves(desk, SONJA)
    leaves(desk, SAM)
    assert stuck(desk) == tuple([mine, theirs] for mine, theirs in zip(*rows.values(), strict=True))


def test_an_account_of_ones_own_ties_on_its_own_and_on_a_list(filled):
    desk, batches, rows = filled
    leaves(desk, SONJA)
    for at in (4, 5, 7):  # the lift, the correction, the second of the list
        owns(desk, SAM, f"user-{at}")
    assert stuck(desk) == tuple([mine, theirs] for mine, theirs in zip(*rows.values(), strict=True))
    with desk.refused(NotAllowed, "own-account-listed"):
        batches.answer("approve", rows["alice"][2], owning(SAM, desk.id("user-7")))


def test_a_contested_decision_ties_until_it_is_answered(make_desk):
    desk = make_desk(batch_second=1)
    batches = Batches(desk)
    batches.see(2)
    desk.correct("user-1", "coarsen", by=SAM)
    case = desk.contest("user-1")
    batch = batches.make(["user-1", "user-2"])
    assert stuck(desk) == ([], [], [])
    leaves(desk, SONJA)
    assert stuck(desk) == ([], [], [batch])
    with desk.refused(NotAllowed, "own-decision-listed"):
        batches.answer("approve", batch, SAM)
    desk.claim(case, AMIR)
    desk.decide("keep", case, AMIR)
    assert stuck(desk) == ([], [], [])


def test_what_is_in_force_and_waits_to_be_confirmed_is_a_proposal_too(make_desk):
    desk = make_desk()
    desk.see(("ann", "CN-GD"))
    desk.correct("ann", "coarsen", by=SAM)
    withheld = desk.correct("ann", "withhold", by=SAM)  # over his own earlier result
    assert withheld.unconfirmed
    assert stuck(desk) == ([], [], [])
    leaves(desk, SONJA)
    assert stuck(desk) == ([withheld.id], [], [])
