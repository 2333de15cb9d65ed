"""A batch taken back: undone within ten minutes, reverted at any time, account by account."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi.audit.store import AuditRow
from shudi.cases.actions import upkeep
from shudi.cases.actions.batches import preview
from shudi.cases.rules import CaseKind
from shudi.cases.rules.batches import BatchAct
from shudi.cases.store.batches import Batch
from shudi.cases.store.decisions import Standing
from shudi.errors import NotAllowed, Refused, Stale
from shudi.labels.rules import AtExpiry, CorrectionState
from shudi.labels.store import Correction
from tests.actions.batch_desk import Batches, said
from tests.actions.desk import DAY, SECOND
from tests.people import ALICE, AMIR, SAM, SONJA

MINUTES = timedelta(minutes=1)


@pytest.fixture
def batches(desk) -> Batches:
    return Batches(desk)


@pytest.fixture
def few(make_desk) -> Batches:
    """Where a batch of more than two accounts takes a second person."""
    return Batches(make_desk(batch_second=2))


def places(desk, names) -> list[tuple[str, str | None, str, bool]]:
    return [desk.place(name) for name in names]


# -- undo -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["coarsen", "withhold", "mark_uncertain"])
def test_undone_the_labels_are_as_they_were(desk, batches, act):
    names = batches.see(3)
    before = places(desk, names)
    batch = batches.done(names, act)
    desk.now += 9 * MINUTES
    with desk.logged(batch__created=1):
        back = batches.back(batch, "undo", ALICE, text="")
    with desk.logged(batch__started=1, batch__ended=1, correction__undone=3):
        batches.work()
    assert batches.outcomes(back) == ["done"] * 3
    assert batches.of(back).reverts_id == batch
    assert places(desk, names) == before
    assert {*desk.rows(sa.select(Correction.state))} == {CorrectionState.UNDONE}
    assert desk.verified()


def test_what_a_batch_had_replaced_is_in_force_again(desk, batches):
    [name] = batches.see(1)
    desk.correct(name, "coarsen", by=AMIR)
    batch = batches.done([name], "withhold")
    batches.back(batch, "undo", ALICE)
    batches.work()
    assert desk.place(name) == ("labelled", "CN", "correction", True)


def test_a_lift_is_undone_with_the_decision_that_it_was(desk, batches):
    names = batches.see(2)
    desk.correct("user-1", "coarsen")
    batches.done(["user-2"], by=ALICE)
    batch = batches.done(names, "lift", by=AMIR)
    desk.now += MINUTES
    back = batches.back(batch, "undo", AMIR, text="")
    batches.work()
    assert batches.outcomes(back) == ["done", "done"]
    assert [desk.place(name)[1] for name in names] == ["CN", "CN"]
    states = [row.state for row in desk.rows(sa.select(Standing).order_by(Standing.decision_id))]
    assert states == ["stands", "undone"]


def test_an_expired_correction_that_comes_back_is_put_before_people_again(desk, batches):
    desk.see(("ann", "CN-GD"))
    desk.correct("ann", "coarsen", expires_at=desk.now + DAY)
    desk.now += 2 * DAY
    desk.act(upkeep.expire_corrections)
    batch = batches.done(["ann"], "lift", by=AMIR)
    batches.back(batch, "undo", AMIR, text="")
    batches.work()
    desk.act(upkeep.expire_corrections)
    assert [case.state for case in desk.cases(CaseKind.EXPIRY)] == ["closed", "open"]


def test_ten_minutes_after_the_end_it_is_too_late_to_undo(desk, batches):
    batch = batches.done(batches.see(2))
    desk.now += 10 * MINUTES
    with desk.refused(Refused, "undo-over"):
        batches.back(batch, "undo", ALICE)


def test_who_may_undo(few):
    desk = few.desk
    batch = few.done(few.see(2))
    with desk.refused(NotAllowed, "not-decider"):
        few.back(batch, "undo", AMIR)
    two = few.done(few.see(3, begin="more"))
    with desk.refused(Refused, "undo-two"):
        few.back(two, "undo", ALICE)
    few.back(batch, "undo", SONJA)


def test_one_takes_it_back_at_a_time(desk, batches):
    batch = batches.done(batches.see(2))
    batches.back(batch, "undo", ALICE)
    with desk.refused(Stale, "conflict"):
        batches.back(batch, "revert", AMIR)


# -- revert ---------------------------------------------------------------------------------------


def test_reverted_at_any_time_by_a_linked_batch(desk, batches):
    names = batches.see(3)
    batch = batches.done(names)
    desk.now += 30 * DAY
    back = batches.back(batch, "revert", AMIR)
    with desk.logged(batch__started=1, batch__ended=1, correction__lifted=3):
        batches.work()
    assert batches.outcomes(back) == ["done"] * 3
    assert [place[:2] for place in places(desk, names)] == [("labelled", "CN-GD")] * 3
    row = desk.rows(sa.select(AuditRow).where(AuditRow.action == "batch.created"))[-1]
    assert f'"takes_back":{batch}' in row.after
    assert desk.rows(sa.select(Correction.end_reason)) == ["It was wrong"] * 3


def test_reverting_ones_own_takes_a_second_person(desk, batches):
    batch = batches.done(batches.see(2))
    back = batches.back(batch, "revert", ALICE)
    assert batches.of(back).state == "waiting"
    batches.answer("approve", back, SAM)
    batches.work()
    assert batches.outcomes(back) == ["done"] * 2


def test_what_two_made_takes_two_to_revert(few):
    desk, names = few.desk, few.see(3)
    batch = few.done(names)
    back = few.back(batch, "revert", AMIR)
    assert few.of(back).state == "waiting"
    few.answer("approve", back, SONJA)
    few.work()
    assert few.outcomes(back) == ["done"] * 3
    assert [desk.place(name)[1] for name in names] == ["CN-GD"] * 3


def test_a_withheld_label_is_shown_again_by_a_senior(desk, batches):
    names = batches.see(2)
    batch = batches.done(names, "withhold")
    back = batches.back(batch, "revert", AMIR)
    batches.work()
    assert batches.outcomes(back) == ["refused: senior-needed"] * 2
    again = batches.back(batch, "revert", SAM)
    batches.work()
    assert batches.outcomes(again) == ["done"] * 2


def test_a_reverted_lift_is_another_correction(desk, batches):
    names = batches.see(2)
    case = desk.correct("user-1", "coarsen").case_id
    batches.done(["user-2"], by=ALICE)
    batch = batches.done(names, "lift", by=AMIR)
    desk.now += DAY
    back = batches.back(batch, "revert", SAM)
    batches.work()
    assert batches.outcomes(back) == ["done"] * 2
    assert [desk.place(name)[1] for name in names] == ["CN", "CN"]
    assert desk.events(case)[-1] == "reverted"
    assert desk.count(Correction) == 4


def test_what_cannot_be_taken_back_is_said_account_by_account(desk, batches):
    names = batches.see(5)
    batch = batches.done(names, days=3, at_expiry=AtExpiry.REQUEUE)
    desk.correct("user-1", "withhold", by=AMIR)  # something later
    batches.done(["user-2"], "lift", by=AMIR)  # it counts no longer
    desk.contest("user-3")
    expected = [
        "refused: superseded",
        "nothing_to_do: taken-back",
        "refused: contested",
        "done",
        "done",
    ]
    with desk.database.read_session() as session:
        found = preview.preview_back(
            session, actor=SAM, batch_id=batch, act=BatchAct.REVERT, vocabulary=desk.vocabulary,
            settings=desk.settings, now=desk.now,
        )  # fmt: skip
    assert [said(one.outcome, one.code) for one in found.items] == expected
    assert [one.after.region for one in found.items if one.after] == ["CN-GD", "CN-GD"]
    back = batches.back(batch, "revert", SAM, seen={one.position: one.seen for one in found.items})
    batches.work()
    assert batches.outcomes(back) == expected


def test_reverted_twice_nothing_more_happens(desk, batches):
    batch = batches.done(batches.see(2))
    batches.back(batch, "revert", SAM)
    batches.work()
    again = batches.back(batch, "revert", SAM)
    with desk.logged(batch__started=1, batch__ended=1):
        batches.work()
    assert batches.outcomes(again) == ["nothing_to_do: taken-back"] * 2


def test_what_takes_back_is_not_taken_back(desk, batches):
    batch = batches.done(batches.see(2))
    with desk.refused(Stale, "batch-moved"):
        batches.back(batch, "revert", SAM, version=batches.of(batch).version - 1)
    back = batches.back(batch, "revert", SAM)
    with desk.refused(Stale, "batch-moved"):  # it has not ended
        batches.back(back, "revert", SAM)
    batches.work()
    with desk.refused(Refused, "batch-takes-back"):
        batches.back(back, "revert", SAM)


def test_a_batch_that_changed_nothing_is_not_reverted(desk, batches):
    batch = batches.done(["nobody"])
    with desk.refused(Refused, "nothing-to-revert"):
        batches.back(batch, "revert", SAM)
    assert desk.count(Batch) == 1


def test_a_label_that_moved_since_it_was_shown_is_stale(desk, batches):
    [name] = batches.see(1)
    batch = batches.done([name])
    seen = {1: desk.label(name).version}
    back = batches.back(batch, "revert", SAM, seen={1: seen[1] - 1})
    batches.work()
    assert batches.outcomes(back) == ["stale: label-moved"]
    desk.now += SECOND
    assert batches.answer("try_again", back, SAM, seen=seen) == 1
    batches.work()
    assert batches.outcomes(back) == ["done"]


def test_a_contest_that_waited_on_what_is_undone_is_asked_again(desk, batches):
    """Nobody could agree any more to end what has been undone, and its holder is owed an answer."""
    [name] = batches.see(1)
    batch = batches.done([name])
    case = desk.contest(name)
    desk.claim(case, AMIR)
    desk.restore(case, AMIR)
    assert desk.case(case).state == "awaiting"
    back = batches.back(batch, "undo", SONJA, text="")
    batches.work()
    assert batches.outcomes(back) == ["done"]
    assert desk.case(case).state == "open"
    assert desk.place(name)[1] == "CN-GD"


@pytest.mark.parametrize(("act", "by"), [("undo", ALICE), ("revert", SAM)])
def test_an_end_that_was_somebody_elses_is_not_taken_back(desk, batches, act, by):
    """A batch ended it, that was undone, and then somebody ended it by itself."""
    [name] = batches.see(1)
    batches.done([name], by=AMIR)
    batch = batches.done([name], "lift", by=ALICE)
    batches.back(batch, "undo", ALICE, text="")
    batches.work()
    assert desk.place(name)[1] == "CN"
    [correction] = desk.rows(sa.select(Correction.id))
    desk.now += SECOND
    desk.lift(correction, SAM)
    again = batches.back(batch, act, by)
    batches.work()
    assert batches.outcomes(again) == ["nothing_to_do: taken-back"]
    assert desk.place(name)[1] == "CN-GD"


def test_what_was_undone_in_time_is_undone_however_late_its_turn_comes(desk, batches):
    """Ten minutes from the batch's end; lists before it, or a long one, are nobody's fault."""
    [name] = batches.see(1)
    desk.correct(name, "coarsen", by=AMIR)
    batch = batches.done([name], "lift", by=ALICE)
    desk.now += 9 * MINUTES
    back = batches.back(batch, "undo", ALICE, text="")
    desk.now += 2 * MINUTES
    batches.work()
    assert batches.outcomes(back) == ["done"]
    assert desk.place(name)[1] == "CN"
