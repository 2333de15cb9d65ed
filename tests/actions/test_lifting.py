"""How a correction ends: lifted early, at its expiry, renewed, or by another's taking its place."""

import pytest

from shudi.cases.actions import reverting, upkeep
from shudi.cases.rules import CaseKind
from shudi.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from shudi.labels.rules import CorrectionState
from tests.actions.desk import DAY, SECOND, Desk, requeue_in, revert_in
from tests.conftest import NOW
from tests.people import ALICE, AMIR, AUDREY, BOB, PLATFORM, SAM, SONJA, owning


def _expire(desk: Desk) -> int:
    return desk.act(upkeep.expire_corrections)


def _in_force(desk: Desk, kind: str, region: str | None = None, **changes):
    """A correction of ann's label, CN-GD, made by alice and, if need be, approved by sam."""
    desk.see(("ann", "CN-GD"))
    correction = desk.correct("ann", kind, region, **changes)
    return desk.approve(correction.id) if kind == "replace" else correction


@pytest.mark.parametrize("kind", ["coarsen", "mark_uncertain"])
def test_what_one_person_made_one_person_lifts(desk, kind):
    correction = _in_force(desk, kind)
    desk.see(("ann", "CN-ZJ"))
    with desk.refused(Invalid, "reason-needed"):
        desk.lift(correction.id, AMIR, text="  ")
    with desk.refused(Invalid, "reason-too-long"):
        desk.lift(correction.id, AMIR, text="x" * 501)
    for who in (AUDREY, BOB, PLATFORM):
        with desk.refused(NotAllowed, "role"):
            desk.lift(correction.id, who)
    with desk.refused(NotAllowed, "own-account"):
        desk.lift(correction.id, owning(AMIR, desk.id("ann")))
    with desk.refused(NotFound, "correction-unknown"):
        desk.act(_lift_nothing)
    with desk.logged(correction__lifted=1, case__reverted=1):
        desk.lift(correction.id, AMIR)
    done = desk.correction(correction.id)
    assert (done.state.value, done.ended_by, done.ended_at) == ("lifted", AMIR.staff_id, desk.now)
    assert desk.place("ann") == ("labelled", "CN-ZJ", "activity", False)  # what activity says
    with desk.refused(Stale, "correction-moved"):
        desk.lift(correction.id, AMIR)


def _lift_nothing(session, *, now):
    reverting.lift(
        session, actor=AMIR, correction_id=999, version=1, text="Gone?", settings=None, now=now
    )


def test_lifting_a_withheld_label_needs_a_senior(desk):
    correction = _in_force(desk, "withhold")
    with desk.refused(NotAllowed, "senior-needed"):
        desk.lift(correction.id, ALICE)
    with desk.logged(correction__lifted=1, case__reverted=1):
        desk.lift(correction.id, SAM)
    assert desk.place("ann")[:2] == ("labelled", "CN-GD")


def test_lifting_a_replacement_early_needs_a_second_person(desk):
    correction = _in_force(desk, "replace", "US")
    with desk.refused(Refused, "lift-not-proposed"):
        desk.correction_act("approve_lift", correction.id, SAM)
    with desk.refused(Invalid, "reason-too-long"):
        desk.lift(correction.id, SONJA, "x" * 501)
    with desk.logged(correction__lift_proposed=1):
        desk.lift(correction.id, SONJA, "The ticket was closed")
    assert desk.place("ann")[:2] == ("labelled", "US")
    with desk.refused(Stale, "lift-waiting"):
        desk.lift(correction.id, ALICE)
    for who, code in ((SONJA, "own-proposal"), (ALICE, "role"), (AUDREY, "role")):
        with desk.refused(NotAllowed, code):
            desk.correction_act("approve_lift", correction.id, who)
    for text, code in (
        ("", "reason-needed"),
        (" \n", "reason-needed"),
        ("x" * 501, "reason-too-long"),
    ):
        with desk.refused(Invalid, code):
            desk.correction_act("refuse_lift", correction.id, SAM, text=text)
    with desk.logged(correction__lift_refused=1):
        desk.correction_act("refuse_lift", correction.id, SAM, text="Still true.")
    desk.lift(correction.id, ALICE, f" {'It really was closed':<500}")
    with desk.logged(correction__lifted=1, case__reverted=1):
        desk.correction_act("approve_lift", correction.id, SAM)
    done = desk.correction(correction.id)
    assert (done.ended_by, done.end_reason) == (SAM.staff_id, "It really was closed")
    assert desk.place("ann")[:2] == ("labelled", "CN-GD")
    assert desk.verified()


# -- expiry ---------------------------------------------------------------------------------------


def test_ninety_days_unless_said_otherwise(desk):
    correction = _in_force(desk, "withhold")
    assert correction.expires_at == desk.now + 90 * DAY
    assert correction.at_expiry.value == "requeue"
    desk.now += 90 * DAY - SECOND
    assert _expire(desk) == 0
    desk.now += SECOND
    assert _expire(desk) == 1


@pytest.mark.parametrize("kind", ["coarsen", "withhold", "mark_uncertain", "replace"])
def test_at_expiry_it_returns_to_the_queue_and_stays(desk, kind):
    region = "US" if kind == "replace" else None
    correction = _in_force(desk, kind, region, **requeue_in(9))
    place, version = desk.place("ann"), desk.label("ann").version
    desk.now = NOW + 9 * DAY
    with desk.logged(correction__expired=1, case__opened=1):
        assert _expire(desk) == 1
    with desk.logged():
        assert _expire(desk) == 0  # once
    assert (desk.place("ann"), desk.label("ann").version) == (place, version)
    [case] = desk.cases(CaseKind.EXPIRY, "ann")
    assert case.correction_id == correction.id
    desk.see(("ann", "HK"))
    assert desk.place("ann") == place
    desk.claim(case.id, SAM)
    with desk.refused(Refused, "answer-needed"):
        desk.decide("dismiss", case.id, SAM)


@pytest.mark.parametrize(("kind", "region"), [("coarsen", None), ("replace", "US")])
def test_if_so_chosen_it_reverts(desk, kind, region):
    correction = _in_force(desk, kind, region, **revert_in(9))
    desk.see(("ann", "HK"))
    desk.now = NOW + 9 * DAY
    with desk.logged(correction__reverted=1):
        assert _expire(desk) == 1
    assert desk.place("ann") == ("labelled", "HK", "activity", False)
    assert desk.correction(correction.id).state is CorrectionState.REVERTED
    assert desk.cases(CaseKind.EXPIRY) == []


def _expired(desk: Desk, kind: str, region: str | None = None) -> tuple[int, int]:
    correction = _in_force(desk, kind, region, **requeue_in(9))
    desk.now = NOW + 9 * DAY
    _expire(desk)
    [case] = desk.cases(CaseKind.EXPIRY, "ann")
    return correction.id, case.id


def test_found_still_right_it_stands_for_another_term(desk):
    correction, case = _expired(desk, "coarsen")
    desk.claim(case, AMIR)
    with desk.logged(correction__extended=1, case__decided=1):
        desk.decide("keep", case, AMIR, reason="still_right")
    done = desk.correction(correction)
    assert (done.expires_at, done.expired_at) == (desk.now + 90 * DAY, None)
    desk.now += 90 * DAY
    assert _expire(desk) == 1
    assert len(desk.cases(CaseKind.EXPIRY, "ann")) == 2


def test_what_took_two_people_is_renewed_by_another_senior(desk):
    desk.see(("ann", "CN-GD"))
    proposal = desk.correct("ann", "replace", "US", by=SONJA, **requeue_in(9))
    desk.approve(proposal.id, SAM)
    desk.now = NOW + 9 * DAY
    _expire(desk)
    [case] = desk.cases(CaseKind.EXPIRY)
    for who in (ALICE, SONJA):
        desk.claim(case.id, who)
        with desk.refused(NotAllowed, "second-person-needed"):
            desk.decide("keep", case.id, who)
        desk.now += DAY  # the lease lapses
    desk.claim(case.id, SAM)
    desk.decide("keep", case.id, SAM)
    assert desk.correction(proposal.id).expired_at is None


def test_an_expired_one_is_lifted_by_whoever_decides(desk):
    """Early no more: one person is enough, but for a withheld label."""
    correction, case = _expired(desk, "replace", "US")
    desk.claim(case)
    with desk.refused(Invalid, "reason-needed"):
        desk.decide("lift_expired", case, text="")
    with desk.refused(Invalid, "reason-too-long"):
        desk.decide("lift_expired", case, text="x" * 501)
    with desk.logged(correction__lifted=1, case__decided=1):
        desk.decide("lift_expired", case)
    assert desk.correction(correction).state is CorrectionState.LIFTED
    assert desk.place("ann")[:2] == ("labelled", "CN-GD")


def test_an_expired_withheld_label_still_needs_a_senior(desk):
    _, case = _expired(desk, "withhold")
    desk.claim(case)
    with desk.refused(NotAllowed, "senior-needed"):
        desk.decide("lift_expired", case)
    desk.now += DAY
    desk.claim(case, SAM)
    desk.decide("lift_expired", case, SAM)
    assert desk.place("ann")[:2] == ("labelled", "CN-GD")


def test_no_expiry_case_outlives_its_correction(desk):
    """Lifted or replaced on another page, the correction leaves nothing to decide."""
    correction, case = _expired(desk, "coarsen")
    desk.claim(case, AMIR)
    with desk.logged(correction__lifted=1, case__reverted=1, case__closed=1):
        desk.lift(correction)
    assert desk.case(case).state.value == "closed"
    assert desk.events(case)[-1] == "closed"
    desk.now += DAY
    second = desk.correct("ann", "mark_uncertain", by=AMIR, expires_at=desk.now + DAY)
    desk.now += DAY
    _expire(desk)
    [_, case_of_second] = desk.cases(CaseKind.EXPIRY, "ann")
    third = desk.correct("ann", "withhold", expires_at=desk.now + DAY)
    assert desk.case(case_of_second.id).state.value == "closed"
    assert desk.correction(second.id).state is CorrectionState.SUPERSEDED
    desk.now += DAY
    _expire(desk)
    assert [one.correction_id for one in desk.cases(CaseKind.EXPIRY)][2:] == [third.id]


def test_an_expiry_case_whose_proposal_was_refused_can_be_dismissed(desk):
    """Its replacement waited while the correction itself was lifted elsewhere."""
    correction, case = _expired(desk, "coarsen")
    desk.claim(case)
    proposal = desk.correct("ann", "replace", "US", case=case)
    desk.lift(correction, AMIR)
    assert desk.case(case).state.value == "awaiting"
    desk.correction_act("refuse", proposal.id, SAM, text="No.")
    desk.claim(case)
    for act in ("keep", "lift_expired"):
        with desk.refused(NotFound, "correction-unknown"):
            desk.decide(act, case)
    desk.decide("dismiss", case)
    assert desk.case(case).state.value == "closed"
