"""Decisions on account information: undone for ten minutes, reverted by another decision."""

import sqlalchemy as sa

from shudi.accounts.store import Submission
from shudi.cases.actions import undoing, values_back
from shudi.cases.actions.erasure import delete_account
from shudi.cases.actions.undoing import Target
from shudi.cases.rules import CaseState
from shudi.cases.rules.decisions import Stands
from shudi.cases.store import Claim, Decision
from shudi.cases.store.decisions import Standing
from shudi.errors import NotAllowed, NotFound, Refused, Stale
from shudi.labels.store import Label
from tests.actions.desk import DAY, MINUTE
from tests.actions.test_submissions import (
    FLAGGED,
    case_of,
    decide,
    pending,
    show_handles,
    view,
    waits,
    webhooks,
)
from tests.people import ALICE, AMIR, AUDREY, PLATFORM, SAM

SENT = {"name": FLAGGED, "handle": "ann-e", "bio": "More tea"}


def last(desk):
    return desk.rows(sa.select(sa.func.max(Decision.id)))[0]


def undo(desk, by=ALICE):
    target = Target(last(desk), desk.read(Standing, last(desk)).version)
    desk.act(undoing.undo, actor=by, targets=[target], text="", settings=desk.settings)


def revert(desk, by=AMIR, decision=None):
    decision = decision or last(desk)
    version = desk.read(Standing, decision).version
    return desk.act(
        values_back.revert, actor=by, decision_id=decision, version=version, text="It was wrong"
    )


def decided(desk, act, **more):
    case = pending(desk, **more)
    before = view(desk), waits(desk)
    decide(desk, act, case)
    desk.now += 9 * MINUTE
    return case, before


def test_undoing_an_acceptance_brings_back_what_was_live_and_what_waited(desk):
    show_handles(desk)
    desk.see(("ann", "CN-GD"))
    case, before = decided(desk, "accept", handle="ann-new")
    seq = desk.read(Label, desk.id("ann")).seq
    with desk.logged(case__undone=1):
        undo(desk)
    after = view(desk)
    assert (after.name, after.handle, after.bio) == ("Ann", "ann-e", "Tea")
    assert waits(desk) == before[1]
    assert desk.read(Label, desk.id("ann")).seq > seq  # filed under its former handle again
    row = desk.case(case)
    assert row.state is CaseState.OPEN
    [claim] = desk.rows(sa.select(Claim).where(Claim.ended_at.is_(None)))
    assert (claim.case_id, claim.staff_id) == (case, ALICE.staff_id)
    assert [one["verdict"] for one in webhooks(desk)] == ["accept", "pending"]
    decide(desk, "refuse", case)  # and it can be decided anew
    assert desk.verified()


def test_undoing_a_refusal_lets_the_values_wait_as_before(desk):
    case, before = decided(desk, "refuse")
    undo(desk, SAM)  # a senior may, in the decider's place
    assert (view(desk), waits(desk)) == before
    assert desk.case(case).state is CaseState.OPEN
    assert desk.put("ann", **SENT) == "pending"  # no longer refused at once


def test_what_moved_since_is_not_brought_back(desk):
    decided(desk, "accept")
    desk.put("ann", name="Anna", handle="ann-e")
    with desk.refused(Stale, "values-moved"):
        undo(desk)
    with desk.refused(Stale, "values-moved"):
        revert(desk)
    assert view(desk).name == "Anna"


def test_newer_values_that_wait_are_not_brought_down(desk):
    decided(desk, "refuse")
    desk.put("ann", name="Ann 新闻")
    with desk.refused(Stale, "case-again"):
        undo(desk)
    with desk.refused(Stale, "values-moved"):
        revert(desk)
    assert waits(desk).pairs[0].submitted == "Ann 新闻"


def test_a_handle_that_passed_on_is_not_taken_back(desk):
    show_handles(desk)
    decided(desk, "accept", handle="ann-new")
    desk.put("eve", name="Eve", handle="ann-e")
    with desk.refused(Refused, "handle-passed-on"):
        undo(desk)
    assert view(desk, "eve").handle == "ann-e"


def test_an_erased_account_stays_erased(desk):
    decided(desk, "accept")
    desk.act(delete_account, actor=PLATFORM, site_id=desk.site, account="ann")
    with desk.refused(NotFound, "account-unknown"):
        undo(desk)
    with desk.refused(Stale, "values-moved"):
        revert(desk)
    assert desk.count(Submission) == 0


def test_ten_minutes_and_who(desk):
    decided(desk, "accept")
    with desk.refused(NotAllowed, "role"):
        undo(desk, AUDREY)
    with desk.refused(NotAllowed, "not-decider"):
        undo(desk, AMIR)
    desk.now += MINUTE
    with desk.refused(Refused, "undo-over"):
        undo(desk)
    with desk.refused(NotAllowed, "own-earlier"):
        revert(desk, ALICE)


def test_reverting_an_acceptance_is_a_decision_that_refuses(desk):
    case, _ = decided(desk, "accept")
    first = last(desk)
    desk.now += DAY
    with desk.logged(case__reverted=1):
        revert(desk)
    assert (view(desk).name, waits(desk)) == ("Ann", None)
    made = desk.read(Decision, last(desk))
    assert (made.verdict.value, made.reason, made.case_id) == ("refuse", "strict_word", case)
    standing = desk.read(Standing, first)
    assert (standing.state, standing.reverted_by) == (Stands.REVERTED, made.id)
    assert desk.case(case).state is CaseState.CLOSED
    assert desk.put("ann", **SENT) == "refused"  # the next night's import changes nothing
    assert [one["verdict"] for one in webhooks(desk)] == ["accept", "refuse"]
    with desk.refused(Stale, "decision-moved"):
        revert(desk, decision=first)
    assert desk.verified()


def test_reverting_a_refusal_makes_the_values_live_while_it_counts(desk):
    decided(desk, "refuse")
    revert(desk)
    assert (view(desk).name, desk.count(Submission)) == (FLAGGED, 0)
    assert desk.put("ann", **SENT) == "accepted"
    revert(desk, SAM)  # that one can be reverted, too
    assert view(desk).name == "Ann"
    assert desk.put("ann", **SENT) == "refused"


def test_undoing_a_revert_lets_the_former_decision_stand_again(desk):
    for act, name, again in (("accept", FLAGGED, "accepted"), ("refuse", "Ann", "refused")):
        decided(desk, act)
        first = last(desk)
        revert(desk)
        undo(desk, AMIR)
        assert view(desk).name == name
        assert desk.put("ann", **SENT) == again
        assert desk.read(Standing, first).state is Stands.STANDS
        assert case_of(desk).state is CaseState.CLOSED
        desk.put("ann", name="Ann", handle="ann-e", bio="Tea")
    assert desk.verified()
