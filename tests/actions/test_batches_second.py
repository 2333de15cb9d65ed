"""A batch that takes two people: who agrees, what waits, what withholding by a list means."""

import dataclasses

import pytest

from shudi.cases.actions.batches import items, running
from shudi.errors import Invalid, NotAllowed, Refused, Stale
from shudi.labels.rules import AtExpiry
from tests.actions.batch_desk import Batches
from tests.people import ALICE, AMIR, AUDREY, BOB, SAM, SONJA, owning


@pytest.fixture
def batches(desk) -> Batches:
    return Batches(desk)


@pytest.fixture
def few(make_desk) -> Batches:
    """Where a batch of more than two accounts takes a second person."""
    return Batches(make_desk(batch_second=2))


def test_a_large_batch_waits_for_a_senior(few):
    desk, names = few.desk, few.see(3)
    batch = few.make(names)
    assert few.of(batch).state == "waiting"
    assert few.work() == 0
    with desk.refused(NotAllowed, "role"):
        few.answer("approve", batch, AMIR)
    with desk.refused(Stale, "batch-moved"):
        few.answer("approve", batch, SAM, version=7)
    with desk.logged(batch__approved=1):
        few.answer("approve", batch, SAM)
    few.work()
    assert few.outcomes(batch) == ["done"] * 3
    correction = desk.correction(few.items(batch)[0].correction_id)
    assert (correction.risks, correction.approved_by) == ("batch", SAM.staff_id)
    with desk.refused(Stale, "batch-moved"):
        few.answer("approve", batch, SONJA)


def test_nobody_agrees_to_their_own_list_or_account(few):
    desk = few.desk
    batch = few.make(few.see(3), by=SAM)
    with desk.refused(NotAllowed, "own-proposal"):
        few.answer("approve", batch, SAM)
    with desk.refused(NotAllowed, "own-account-listed"):
        few.answer("approve", batch, owning(SONJA, desk.id("user-2")))
    for who in (ALICE, AMIR, AUDREY, BOB):  # the right to approve is a senior's
        with desk.refused(NotAllowed, "role"):
            few.answer("approve", batch, who)
    few.answer("approve", batch, SONJA)


def test_whoever_a_holder_contests_does_not_agree(few):
    """The holder on the list contests what Sam decided: Sam has no word on the list either."""
    desk, names = few.desk, few.see(4)
    desk.correct("user-1", "coarsen", by=SAM)
    batch = few.make(names)
    case = desk.contest("user-1")
    for act, more in (("approve", {}), ("refuse", {"text": "No"})):
        with desk.refused(NotAllowed, "own-decision-listed"):
            few.answer(act, batch, SAM, **more)
    other = few.make(names[1:])
    few.answer("approve", other, SAM)  # the control: the same list without that account
    desk.claim(case, SONJA)
    desk.decide("keep", case, SONJA)  # answered: Sam is tied to nothing any more
    few.answer("approve", batch, SAM)


def test_refused_nothing_is_done(few):
    batch = few.make(few.see(3))
    with few.desk.refused(Invalid, "reason-needed"):
        few.answer("refuse", batch, SAM, text="")
    with few.desk.logged(batch__refused=1):
        few.answer("refuse", batch, SAM, text="Too many at once")
    assert few.work() == 0
    assert (few.of(batch).state, few.of(batch).answer) == ("refused", "Too many at once")
    assert few.desk.place("user-1")[1] == "CN-GD"


def test_what_is_tried_again_is_agreed_to_again(few):
    desk, names = few.desk, few.see(3)
    seen = [(name, desk.label(name).version) for name in names]
    desk.see(("user-2", "CN-ZJ"))
    batch = few.done(seen)
    assert few.outcomes(batch) == ["done", "stale: label-moved", "done"]
    few.answer("try_again", batch, ALICE, seen={2: desk.label("user-2").version})
    assert few.of(batch).state == "waiting"
    assert few.work() == 0
    few.answer("approve", batch, SONJA)
    few.work()
    assert few.outcomes(batch) == ["done"] * 3


def test_refused_when_tried_again_what_was_done_can_be_taken_back(few):
    desk, names = few.desk, few.see(3)
    seen = [(name, desk.label(name).version) for name in names]
    desk.see(("user-2", "CN-ZJ"))
    batch = few.done(seen)
    few.answer("try_again", batch, ALICE, seen={2: desk.label("user-2").version})
    few.answer("refuse", batch, SAM, text="Leave that one")
    with desk.refused(Stale, "batch-moved"):
        few.answer("try_again", batch, ALICE, seen={2: 9})
    back = few.back(batch, by=SONJA)
    few.answer("approve", back, SAM)
    few.work()
    assert few.outcomes(back) == ["done", "done"]
    assert [desk.place(name)[1] for name in names] == ["CN-GD", "CN-ZJ", "CN-GD"]


# -- the rule changes between proposal and run ----------------------------------------------------


def ruled(batches: Batches, most: int) -> None:
    """The desk is started again with another SHUDI_BATCH_SECOND."""
    batches.desk.settings = dataclasses.replace(batches.desk.settings, batch_second=most)


def test_a_rule_that_was_loosened_does_not_let_go_what_was_proposed(few):
    batch = few.make(few.see(3))
    ruled(few, 20)
    assert few.work() == 0
    assert few.of(batch).state == "waiting"
    few.answer("approve", batch, SAM)
    few.work()
    assert few.outcomes(batch) == ["done"] * 3


@pytest.mark.parametrize("done", [0, 2])
def test_a_rule_that_was_tightened_holds_what_is_not_done_yet(batches, done):
    desk, names = batches.desk, batches.see(4)
    batch = batches.make(names)
    if done:
        batches.some(limit=done)
    ruled(batches, 2)
    with desk.logged(batch__held=1):
        batches.work()
    row = batches.of(batch)
    assert (row.state, row.second, row.worked) == ("waiting", True, done)
    assert [desk.place(name)[1] for name in names] == ["CN"] * done + ["CN-GD"] * (4 - done)
    other = batches.make(names[3:], by=AMIR)  # one account: within the rule, and not held up
    batches.work()
    assert batches.outcomes(other) == ["done"]
    batches.answer("approve", batch, SAM)
    batches.work()
    assert batches.outcomes(batch)[:3] == ["done"] * 3
    made = [desk.correction(item.correction_id) for item in batches.items(batch)[:3]]
    assert [one.approved_by for one in made] == [None] * done + [SAM.staff_id] * (3 - done)
    assert desk.verified()


@pytest.mark.parametrize(("floor", "outcome"), [(True, "refused: second-person"), (False, "done")])
def test_what_holds_where_the_worker_forgets_to_ask(batches, monkeypatch, floor, outcome):
    """Each account asks for itself; without that, too, one person would have been enough."""
    batch = batches.make(batches.see(4))
    ruled(batches, 2)
    monkeypatch.setattr(running, "lacks_second", lambda *_: False)
    if not floor:
        monkeypatch.setattr(items, "check_risks", lambda *_, **__: None)
    batches.work()
    assert batches.outcomes(batch) == [outcome] * 4


# -- withholding by a list is withholding (decision 10) -------------------------------------------


def test_what_a_list_withheld_is_shown_again_by_a_senior_only(desk, batches):
    names = batches.see(3)
    batch = batches.done(names, "withhold")
    assert batches.outcomes(batches.done(names, "lift", by=AMIR)) == ["refused: senior-needed"] * 3
    other = batches.done(names, "mark_uncertain", by=AMIR)
    assert batches.outcomes(other) == ["refused: senior-needed"] * 3
    back = batches.back(batch, by=AMIR)
    batches.work()
    assert batches.outcomes(back) == ["refused: senior-needed"] * 3
    with desk.refused(NotAllowed, "senior-needed"):
        desk.lift(batches.items(batch)[0].correction_id, AMIR)
    assert [desk.place(name)[0] for name in names] == ["withheld"] * 3
    # the control: a senior may
    assert batches.outcomes(batches.done(names, "lift", by=SAM)) == ["done"] * 3


def test_a_long_list_is_withheld_once_a_second_person_agrees(few):
    """Unlike one account, which is withheld at once where it has a risk: 0015 says why."""
    desk, names = few.desk, few.see(3)
    batch = few.make(names, "withhold")
    few.work()
    assert {desk.place(name)[1] for name in names} == {"CN-GD"}
    few.answer("approve", batch, SAM)
    few.work()
    for item in few.items(batch):
        made = desk.correction(item.correction_id)
        assert (made.approved_by, made.unconfirmed) == (SAM.staff_id, False)
    # two made it: a senior's word alone does not end it
    assert few.outcomes(few.done(["user-1"], "lift", by=SONJA)) == ["refused: second-person"]


def test_what_waits_for_its_confirmation_is_left_to_whoever_is_asked(desk, batches):
    """Withheld at once with a risk of its own: no list lifts it, nor puts another in its place."""
    [name] = batches.see(1)
    batches.done([name], "coarsen")
    desk.correct(name, "withhold", by=ALICE)  # her own earlier result: a second person confirms
    assert batches.outcomes(batches.done([name], "lift", by=SAM)) == ["refused: unconfirmed"]
    outcome = batches.outcomes(batches.done([name], "mark_uncertain", by=SAM))
    assert outcome == ["refused: unconfirmed"]
    assert desk.place(name)[0] == "withheld"


def test_no_clock_shows_what_a_list_withheld(desk, batches):
    names = batches.see(2)
    with desk.refused(Refused, "withhold-reverts"):
        batches.make(names, "withhold", at_expiry=AtExpiry.REVERT)
    batch = batches.done(names, "withhold")
    made = [desk.correction(item.correction_id) for item in batches.items(batch)]
    assert {one.at_expiry for one in made} == {AtExpiry.REQUEUE}
