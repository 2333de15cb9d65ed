"""Undo for ten minutes, revert for ever; plans; second looks."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi.cases.actions import looks, plans, reverting, undoing, upkeep
from shudi.cases.actions.undoing import Target
from shudi.cases.rules import CaseKind, CaseState, Verdict
from shudi.cases.rules.decisions import Finding, Settled
from shudi.cases.store import Claim, Decision
from shudi.cases.store.decisions import SecondLook, Standing
from shudi.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from shudi.labels.rules import CorrectionKind, CorrectionState
from shudi.outbox.store import Message
from tests.actions.desk import DAY, HOUR, SECOND
from tests.people import ALICE, AMIR, AUDREY, SAM, SONJA

MINUTES = timedelta(minutes=1)


def last(desk) -> int:
    return desk.rows(sa.select(sa.func.max(Decision.id)))[0]


def undo(desk, by=ALICE, *, decision=None, version=1, text="Wrong button"):
    target = Target(decision or last(desk), version)
    return desk.act(undoing.undo, actor=by, targets=[target], text=text, settings=desk.settings)


def revert(desk, account, by=AMIR, *, decision=None, text="It was wrong"):
    decision = decision or last(desk)
    standing = desk.read(Standing, decision)
    seen = reverting.Seen(decision, standing.version, desk.label(account).version)
    return desk.act(
        reverting.revert, actor=by, targets=[seen], text=text, vocabulary=desk.vocabulary,
        settings=desk.settings,
    )[0]  # fmt: skip


# -- undo -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["coarsen", "withhold", "mark_uncertain"])
def test_undone_the_label_and_the_case_are_as_they_were(desk, kind):
    desk.see(("ann", "CN-GD"))
    correction = desk.correct("ann", kind)
    case = correction.case_id
    desk.now += 9 * MINUTES
    with desk.logged(correction__undone=1, case__undone=1):
        undo(desk)
    assert desk.place("ann") == ("labelled", "CN-GD", "activity", False)
    assert desk.correction(correction.id).state is CorrectionState.UNDONE
    assert desk.case(case).state is CaseState.OPEN
    [claim] = desk.rows(sa.select(Claim).where(Claim.ended_at.is_(None)))
    assert (claim.case_id, claim.staff_id) == (case, ALICE.staff_id)
    assert desk.events(case)[-1] == "undone"
    topics = [one.topic for one in desk.rows(sa.select(Message).order_by(Message.id))]
    assert "case.reopened" in topics
    assert "correction.lifted" in topics
    desk.decide("keep", case)  # and it can be decided anew, by the same person
    assert desk.verified()


def test_ten_minutes_then_never(desk):
    desk.see(("ann", "CN-GD"))
    desk.correct("ann", "coarsen")
    desk.now += 10 * MINUTES
    with desk.refused(Refused, "undo-over"):
        undo(desk)


def test_who_undoes_and_what(desk):
    desk.see(("ann", "CN-GD"))
    correction = desk.correct("ann", "coarsen")
    with desk.refused(NotAllowed, "role"):
        undo(desk, AUDREY)
    with desk.refused(NotAllowed, "not-decider"):
        undo(desk, AMIR)
    with desk.refused(Stale, "decision-moved"):
        undo(desk, version=7)
    with desk.refused(NotFound, "decision-unknown"):
        undo(desk, decision=999)
    undo(desk, SAM)  # a senior may, in the decider's place
    [claim] = desk.rows(sa.select(Claim).where(Claim.ended_at.is_(None)))
    assert claim.staff_id == ALICE.staff_id
    with desk.refused(Stale, "decision-moved"):
        undo(desk, decision=last(desk))
    assert desk.correction(correction.id).ended_by == SAM.staff_id


def test_what_two_decided_is_not_undone(desk):
    desk.see(("ann", "CN-GD"))
    desk.approve(desk.correct("ann", "replace", "CN-ZJ").id)
    with desk.refused(Refused, "undo-two"):
        undo(desk)


def test_what_was_replaced_comes_back(desk):
    desk.see(("ann", "CN-GD"))
    first = desk.correct("ann", "withhold")
    desk.correct("ann", "mark_uncertain", by=SAM)
    undo(desk, SAM)
    assert desk.place("ann")[0] == "withheld"
    assert desk.correction(first.id).state is CorrectionState.IN_FORCE


def test_kept_for_another_term_and_undone_it_is_at_its_end_again(desk):
    desk.see(("ann", "CN-GD"))
    correction = desk.correct("ann", "coarsen", expires_at=desk.now + DAY)
    desk.now += DAY
    desk.act(upkeep.expire_corrections)
    [case] = desk.cases(CaseKind.EXPIRY)
    ended = desk.correction(correction.id)
    desk.claim(case.id, AMIR)
    desk.decide("keep", case.id, AMIR, reason="still_right")
    assert desk.correction(correction.id).expired_at is None
    undo(desk, AMIR)
    again = desk.correction(correction.id)
    assert (again.expires_at, again.expired_at) == (ended.expires_at, ended.expired_at)
    desk.decide("lift_expired", case.id, AMIR)
    undo(desk, AMIR)
    assert desk.correction(correction.id).state is CorrectionState.IN_FORCE
    assert desk.place("ann")[:2] == ("labelled", "CN")


def test_the_same_question_asked_again_meanwhile_keeps_a_decision(desk):
    desk.see(("ann", "CN-GD"))
    desk.correct("ann", "coarsen")
    desk.report("ann")
    with desk.refused(Stale, "case-again"):
        undo(desk)


def test_an_upheld_contest_is_in_force_at_once_and_confirmed_by_somebody_else(desk):
    desk.see(("ann", "CN-GD"))
    case = desk.contest("ann")
    desk.claim(case, ALICE)
    correction = desk.correct("ann", "withhold", case=case)
    assert (correction.unconfirmed, correction.risks) == (True, "appeal_upheld")
    assert desk.place("ann")[0] == "withheld"
    with desk.refused(NotAllowed, "own-proposal"):
        desk.correction_act("approve", correction.id, ALICE, label_version=3)
    with desk.refused(Refused, "unconfirmed"):
        desk.lift(correction.id, SAM)
    with desk.logged(correction__not_confirmed=1, case__reopened=1):
        desk.correction_act("refuse", correction.id, SAM, text="There is no ground for it.")
    assert desk.place("ann")[:2] == ("labelled", "CN-GD")
    assert desk.case(case).state is CaseState.OPEN
    desk.claim(case, ALICE)
    again = desk.correct("ann", "withhold", case=case)
    with desk.logged(correction__confirmed=1, case__decided=1):
        desk.approve(again.id, SONJA)
    assert not desk.correction(again.id).unconfirmed
    assert desk.case(case).state is CaseState.CLOSED


# -- revert ---------------------------------------------------------------------------------------


def test_a_revert_is_a_linked_decision(desk):
    desk.see(("ann", "CN-GD"))
    correction = desk.correct("ann", "coarsen")
    first = last(desk)
    desk.now += 30 * DAY
    done = revert(desk, "ann")
    assert not done.waits
    second = desk.read(Decision, last(desk))
    assert (second.verdict, second.case_id) == (Verdict.REVERT, correction.case_id)
    assert desk.read(Standing, first).reverted_by == second.id
    assert desk.place("ann")[:2] == ("labelled", "CN-GD")
    assert desk.events(correction.case_id)[-1] == "reverted"
    assert desk.case(correction.case_id).state is CaseState.CLOSED
    with desk.refused(Stale, "decision-moved"):
        revert(desk, "ann", decision=first)
    again = revert(desk, "ann", ALICE)  # and the revert can be reverted
    assert desk.correction(again.correction_id).state is CorrectionState.IN_FORCE
    assert desk.place("ann")[:2] == ("labelled", "CN")
    assert desk.verified()


def test_a_revert_is_undone_and_the_first_stands_again(desk):
    desk.see(("ann", "CN-GD"))
    desk.correct("ann", "coarsen")
    first = last(desk)
    revert(desk, "ann")
    undo(desk, AMIR)
    assert desk.place("ann")[:2] == ("labelled", "CN")
    standing = desk.read(Standing, first)
    assert (standing.state.value, standing.reverted_by) == ("stands", None)


def test_reverting_what_needed_two_needs_two(desk):
    desk.see(("ann", "CN-GD"))
    correction = desk.approve(desk.correct("ann", "replace", "CN-ZJ").id)
    first = last(desk)
    done = revert(desk, "ann")
    assert done.waits
    row = desk.correction(correction.id)
    assert (row.lift_risks, row.lift_restores) == ("two_made", True)
    assert desk.read(Standing, first).state.value == "stands"
    desk.correction_act("approve_lift", correction.id, SAM)
    assert desk.read(Standing, first).state.value == "reverted"
    assert desk.place("ann")[:2] == ("labelled", "CN-GD")
    done = revert(desk, "ann", ALICE)
    assert done.waits
    desk.approve(done.correction_id, SONJA)
    assert desk.place("ann")[:2] == ("labelled", "CN-ZJ")
    assert desk.read(Decision, last(desk)).verdict is Verdict.REVERT


def test_ones_own_decision_is_changed_by_two(desk):
    desk.see(("ann", "CN-GD"))
    desk.correct("ann", "coarsen")
    again = desk.correct("ann", "mark_uncertain")
    assert (again.state, again.risks) == (CorrectionState.PROPOSED, "own_decision")


def test_all_of_a_list_or_none(desk):
    desk.see(("ann", "CN-GD"), ("bert", "CN-GD"))
    desk.correct("ann", "coarsen")
    one = last(desk)
    desk.correct("bert", "coarsen")
    two = last(desk)
    with desk.refused(Stale, "decision-moved"):
        desk.act(
            undoing.undo, actor=ALICE, targets=[Target(one, 1), Target(two, 9)], text="",
            settings=desk.settings,
        )  # fmt: skip
    desk.act(
        undoing.undo, actor=ALICE, targets=[Target(one, 1), Target(two, 1)], text="",
        settings=desk.settings,
    )  # fmt: skip
    assert {desk.place("ann")[1], desk.place("bert")[1]} == {"CN-GD"}


def test_what_changed_nothing_is_not_reverted(desk):
    desk.see(("ann", "CN-GD"))
    desk.decide("keep", desk.open_case("ann"))
    with desk.refused(Refused, "nothing-to-revert"):
        revert(desk, "ann")


# -- plans ----------------------------------------------------------------------------------------


def start(desk) -> int:
    return desk.act(plans.start_due, vocabulary=desk.vocabulary, settings=desk.settings)


def test_a_planned_correction_begins_on_its_day(desk):
    desk.see(("ann", "CN-GD"))
    case = desk.open_case("ann")
    with desk.refused(Invalid, "start-range"):
        desk.correct("ann", "coarsen", case=case, starts_at=desk.now)
    with desk.refused(Invalid, "start-range"):
        desk.correct("ann", "coarsen", case=case, starts_at=desk.now + 91 * DAY)
    planned = desk.correct("ann", "coarsen", case=case, starts_at=desk.now + DAY)
    assert planned.state is CorrectionState.SCHEDULED
    assert planned.expires_at == planned.starts_at + 90 * DAY
    assert desk.place("ann")[:2] == ("labelled", "CN-GD")
    desk.now += DAY - SECOND
    assert start(desk) == 0
    desk.now += SECOND
    with desk.logged(correction__in_force=1):
        assert start(desk) == 1
    assert desk.place("ann")[:2] == ("labelled", "CN")
    assert start(desk) == 0


def test_what_no_longer_fits_goes_back_to_the_queue(desk):
    desk.see(("ann", "CN-GD"))
    planned = desk.correct("ann", "coarsen", starts_at=desk.now + DAY)
    desk.see(("ann", "US"))
    desk.now += DAY
    assert start(desk) == 1
    row = desk.correction(planned.id)
    assert (row.state, row.end_reason) == (CorrectionState.RETURNED, "nothing-coarser")
    [case] = desk.cases(CaseKind.SCHEDULED)
    assert case.correction_id == planned.id
    desk.claim(case.id, AMIR)
    desk.decide("keep", case.id, AMIR)
    assert desk.place("ann")[:2] == ("labelled", "US")


def test_a_planned_replacement_needs_its_second_person_first(desk):
    desk.see(("ann", "CN-GD"))
    proposal = desk.correct("ann", "replace", "CN-ZJ", starts_at=desk.now + DAY)
    assert proposal.state is CorrectionState.PROPOSED
    assert desk.approve(proposal.id).state is CorrectionState.SCHEDULED
    assert desk.place("ann")[1] == "CN-GD"
    desk.now += DAY
    start(desk)
    assert desk.place("ann")[1] == "CN-ZJ"


def test_a_plan_is_cancelled_with_a_reason_by_its_author_or_a_senior(desk):
    desk.see(("ann", "CN-GD"))
    planned = desk.correct("ann", "coarsen", starts_at=desk.now + DAY)
    values = {"correction_id": planned.id, "version": desk.correction(planned.id).version}
    with desk.refused(NotAllowed, "not-proposer"):
        desk.act(plans.cancel, actor=AMIR, text="No.", **values)
    with desk.refused(Invalid, "reason-needed"):
        desk.act(plans.cancel, actor=SAM, text=" ", **values)
    with desk.logged(correction__cancelled=1):
        desk.act(plans.cancel, actor=SAM, text="The trip is off", **values)
    with desk.refused(Stale, "correction-moved"):
        desk.act(plans.cancel, actor=ALICE, text="Again", **values)
    desk.now += DAY
    assert start(desk) == 0
    assert desk.events(planned.case_id)[-1] == "cancelled"


# -- second looks ---------------------------------------------------------------------------------


def draw(desk, share=1.0) -> int:
    return desk.act(looks.draw, key=b"k" * 32, share=share)


def looked(desk, case, by=AMIR, *, verdict="keep", kind=None, reason="evidence_agrees"):
    finding = Finding(Verdict(verdict), CorrectionKind(kind) if kind else None)
    return desk.act(
        looks.look, actor=by, case_id=case, version=desk.case(case).version, finding=finding,
        reason=reason, text="",
    )  # fmt: skip


def test_a_share_is_drawn_once_nobody_can_undo_it(desk):
    desk.see(("ann", "CN-GD"), ("bert", "CN-GD"))
    desk.decide("keep", desk.open_case("ann"))
    assert draw(desk) == 0
    desk.now += 10 * MINUTES
    assert draw(desk, share=0.0) == 1
    assert desk.cases(CaseKind.SECOND_LOOK) == []
    desk.decide("keep", desk.open_case("bert"))
    contest = desk.contest("ann")
    desk.claim(contest, AMIR)
    desk.decide("keep", contest, AMIR)
    desk.now += 10 * MINUTES
    assert draw(desk) == 2
    [case] = desk.cases(CaseKind.SECOND_LOOK)  # contests are excluded
    assert case.account_id == desk.id("bert")
    with desk.refused(NotAllowed, "own-look"):
        desk.claim(case.id, ALICE)
    assert draw(desk) == 0


def test_two_who_agree_close_it_and_are_counted(desk):
    desk.see(("ann", "CN-GD"))
    desk.decide("keep", desk.open_case("ann"))
    desk.now += HOUR
    draw(desk)
    [case] = desk.cases(CaseKind.SECOND_LOOK)
    desk.claim(case.id, AMIR)
    with desk.refused(Refused, "look-case"):
        desk.decide("keep", case.id, AMIR)
    with desk.refused(Invalid, "reason-needed"):
        looked(desk, case.id, reason="")
    with desk.logged(case__looked=1):
        assert looked(desk, case.id)
    assert desk.case(case.id).state is CaseState.CLOSED


def test_who_disagree_are_settled_by_a_senior_who_is_neither(desk):
    desk.see(("ann", "CN-GD"))
    desk.decide("keep", desk.open_case("ann", SONJA), SONJA)
    desk.now += HOUR
    draw(desk)
    [case] = desk.cases(CaseKind.SECOND_LOOK)
    desk.claim(case.id, AMIR)
    assert not looked(desk, case.id, verdict="correct", kind="coarsen", reason="travel")
    assert desk.place("ann")[1] == "CN-GD"  # a second look shows readers nothing
    row = desk.case(case.id)
    assert (row.state, row.severity) == (CaseState.AWAITING, 3)
    values = {"case_id": case.id, "version": row.version, "settled": Settled.SECOND}
    for who, code in ((AMIR, "role"), (SONJA, "own-look")):
        with desk.refused(NotAllowed, code):
            desk.act(looks.settle, actor=who, text="The second", **values)
    opened = desk.act(looks.settle, actor=SAM, text="The second", **values)
    assert desk.case(opened).kind is CaseKind.REPORT
    assert desk.case(case.id).state is CaseState.CLOSED
    with desk.refused(Stale, "case-moved"):
        desk.act(looks.settle, actor=SAM, text="Again", **values)
    assert desk.read(SecondLook, case.id).settled is Settled.SECOND
    assert desk.verified()
