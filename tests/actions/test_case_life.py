"""What the model of the case life found (tests/model): one small story for each."""

import pytest

from shudi.cases.actions import erasure, looks, upkeep
from shudi.cases.rules import CaseKind, CaseState
from shudi.cases.store import Decision
from shudi.cases.store.appeals import Appeal
from shudi.cases.store.decisions import Standing
from shudi.errors import NotAllowed, NotFound, Stale
from shudi.labels.rules import CorrectionState
from tests.actions.desk import DAY
from tests.actions.test_undoing import MINUTES, last, revert, start, undo
from tests.people import ALICE, AMIR, PLATFORM, SAM, SONJA


@pytest.fixture
def expired(desk):
    """A coarsened label whose correction is at its end; its id and that of the case."""
    desk.see(("ann", "CN-GD"))
    correction = desk.correct("ann", "coarsen", expires_at=desk.now + DAY)
    desk.now += DAY
    desk.act(upkeep.expire_corrections)
    [case] = desk.cases(CaseKind.EXPIRY)
    return correction.id, case.id


def test_a_draw_takes_no_version_from_who_reads_the_decision(desk):
    desk.see(("ann", "CN-GD"))
    desk.correct("ann", "coarsen")
    desk.now += 10 * MINUTES
    desk.act(looks.draw, key=b"k" * 32, share=0.0)
    standing = desk.read(Standing, last(desk))
    assert (standing.sampled, standing.version) == (False, 1)


def test_an_account_that_was_never_seen_is_looked_at_again_like_one_without_a_place(desk):
    desk.put("ann")
    desk.decide("keep", desk.open_case("ann"))
    assert desk.read(Decision, last(desk)).frozen["state"] == "none"
    desk.now += 10 * MINUTES
    desk.act(looks.draw, key=b"k" * 32, share=1.0)
    assert len(desk.cases(CaseKind.SECOND_LOOK)) == 1


def test_no_version_at_all_is_not_the_present_one(desk):
    desk.see(("ann", "CN-GD"))
    desk.correct("ann", "coarsen")
    with desk.refused(Stale, "decision-moved"):
        undo(desk, version=0)


def test_a_decision_taken_back_bars_nobody_and_the_one_before_does(desk):
    desk.see(("ann", "CN-GD"))
    desk.decide("keep", desk.open_case("ann"))
    desk.decide("keep", desk.open_case("ann", AMIR), AMIR)
    undo(desk, AMIR)
    case = desk.contest("ann")
    with desk.refused(NotAllowed, "own-decision"):
        desk.claim(case, ALICE)
    desk.claim(case, AMIR)


def test_ones_own_plan_that_began_is_changed_by_two(desk):
    desk.see(("ann", "CN-GD"))
    desk.correct("ann", "coarsen", starts_at=desk.now + DAY)
    desk.now += DAY
    start(desk)
    again = desk.correct("ann", "mark_uncertain")
    assert (again.state, again.risks) == (CorrectionState.PROPOSED, "own_decision")


def test_lifted_at_its_end_a_contest_that_proposed_it_is_open_again(desk):
    desk.see(("ann", "CN-GD"))
    correction = desk.correct("ann", "coarsen", expires_at=desk.now + DAY)
    contest = desk.contest("ann")
    desk.claim(contest, SAM)
    desk.restore(contest, SAM)
    assert desk.case(contest).state is CaseState.AWAITING
    desk.now += DAY
    desk.act(upkeep.expire_corrections)
    [expiry] = desk.cases(CaseKind.EXPIRY)
    desk.claim(expiry.id, SONJA)
    desk.decide("lift_expired", expiry.id, SONJA)
    assert desk.correction(correction.id).state is CorrectionState.LIFTED
    assert desk.case(contest).state is CaseState.OPEN


def test_undone_a_contest_that_proposed_its_end_is_open_again(desk):
    desk.see(("ann", "CN-GD"))
    desk.correct("ann", "coarsen")
    contest = desk.contest("ann")
    desk.claim(contest, SAM)
    desk.restore(contest, SAM)
    undo(desk, SONJA)
    assert desk.case(contest).state is CaseState.OPEN


def test_a_proposal_to_end_does_not_outlive_another_end(desk):
    desk.see(("ann", "CN-GD"))
    correction = desk.correct("ann", "coarsen")
    desk.lift(correction.id)
    assert desk.correction(correction.id).lift_proposed_by == ALICE.staff_id
    desk.correct("ann", "mark_uncertain", by=SAM)
    undo(desk, SAM)
    row = desk.correction(correction.id)
    assert (row.state, row.lift_proposed_by) == (CorrectionState.IN_FORCE, None)


def test_a_term_that_was_renewed_is_not_taken_back_from_what_no_longer_stands(desk, expired):
    _, case = expired
    desk.claim(case, AMIR)
    desk.decide("keep", case, AMIR, reason="still_right")
    kept = last(desk)
    desk.correct("ann", "mark_uncertain", by=SAM)
    with desk.refused(Stale, "correction-moved"):
        undo(desk, AMIR, decision=kept)


def test_nothing_is_undone_about_an_erased_account(desk):
    desk.see(("ann", "CN-GD"))
    desk.decide("keep", desk.open_case("ann"))
    desk.act(erasure.delete_account, actor=PLATFORM, site_id=desk.site, account="ann")
    with desk.refused(NotFound, "account-unknown"):
        undo(desk)


def test_an_answer_taken_back_is_owed_again(desk):
    desk.see(("ann", "CN-GD"))
    contest = desk.contest("ann")
    desk.claim(contest)
    desk.decide("keep", contest)
    undo(desk)
    appeal = desk.read(Appeal, contest)
    assert (appeal.answered_at, appeal.answered_version, appeal.decision_id) == (None, None, None)


def test_what_waited_at_its_end_comes_back_and_is_asked_about_again(desk, expired):
    correction, case = expired
    desk.claim(case, AMIR)
    desk.correct("ann", "mark_uncertain", by=AMIR, case=case)
    undo(desk, AMIR)
    assert desk.correction(correction).state is CorrectionState.IN_FORCE
    assert desk.place("ann")[:2] == ("labelled", "CN")
    desk.act(upkeep.expire_corrections)
    assert desk.correction(correction).expired_at is not None


def test_lifted_on_its_page_and_undone_it_is_at_its_end_again(desk, expired):
    correction, case = expired
    desk.lift(correction, AMIR)
    assert desk.case(case).state is CaseState.CLOSED
    undo(desk, AMIR)
    desk.act(upkeep.expire_corrections)
    assert [one.state for one in desk.cases(CaseKind.EXPIRY)] == ["closed", "open"]


def test_a_decision_that_another_overtook_is_not_reverted(desk):
    desk.see(("ann", "CN-GD"))
    desk.correct("ann", "coarsen")
    first = last(desk)
    desk.correct("ann", "mark_uncertain", by=SAM)
    with desk.refused(Stale, "correction-moved"):
        revert(desk, "ann", decision=first)


def test_reverting_a_plan_puts_nothing_in_force(desk):
    desk.see(("ann", "CN-GD"))
    desk.correct("ann", "withhold", starts_at=desk.now + DAY)
    with desk.refused(Stale, "correction-moved"):
        revert(desk, "ann", SAM)


def test_what_was_made_once_more_is_put_back_too(desk):
    desk.see(("ann", "CN-GD"))
    desk.correct("ann", "coarsen")
    revert(desk, "ann", AMIR)
    again = revert(desk, "ann", SAM)
    desk.lift(again.correction_id, SONJA)
    assert desk.place("ann")[1] == "CN-GD"
    undo(desk, SONJA)
    assert desk.correction(again.correction_id).state is CorrectionState.IN_FORCE
    assert desk.place("ann")[1] == "CN"


def test_no_plan_shows_what_was_withheld_since(desk):
    desk.see(("ann", "US"))
    planned = desk.correct("ann", "mark_uncertain", starts_at=desk.now + DAY)
    desk.correct("ann", "withhold", by=AMIR)
    desk.now += DAY
    start(desk)
    row = desk.correction(planned.id)
    assert (row.state, row.end_reason) == (CorrectionState.RETURNED, "withheld-since")
    assert desk.place("ann")[0] == "withheld"
    assert len(desk.cases(CaseKind.SCHEDULED)) == 1
