"""Deciding a case: a reason each time, evidence as it stood, one audit row, one message."""

import pytest
import sqlalchemy as sa

from shudi.cases.actions import notes, review
from shudi.cases.rules import CaseKind, KeepReason
from shudi.cases.store import CaseEvent, Claim, Decision
from shudi.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from shudi.labels.store import Correction
from shudi.outbox.store import Message
from tests import factories
from tests.people import ALICE, AMIR, AUDREY, BOB, PLATFORM, STAFF, owning


@pytest.fixture
def case(desk) -> int:
    """A claimed report of ann, who is shown in CN-GD."""
    desk.see(("ann", "CN-GD"))
    desk.report("ann")
    [opened] = desk.cases(CaseKind.REPORT)
    desk.claim(opened.id)
    return opened.id


def test_keeping_and_dismissing(desk, case):
    for at, (act, verdict) in enumerate((("keep", "keep"), ("dismiss", "dismiss"))):
        if at:
            desk.report("ann")
            case = desk.cases(CaseKind.REPORT)[-1].id
            desk.claim(case)
        for reason in ("", "because", "travel"):
            with desk.refused(Invalid, "reason-needed"):
                desk.decide(act, case, reason=reason)
        reason = list(KeepReason)[at].value
        with desk.logged(case__decided=1):
            desk.decide(act, case, reason=reason, text=" Both sources say so. ")
        decision = desk.rows(sa.select(Decision).order_by(Decision.id))[-1]
        assert (decision.verdict.value, decision.reason) == (verdict, reason)
        assert (decision.staff_id, decision.text) == (ALICE.staff_id, "Both sources say so.")
        frozen = decision.frozen
        assert (frozen["state"], frozen["region"], frozen["version"]) == ("labelled", "CN-GD", 1)
        assert "test" in frozen["evidence"]
        assert (desk.case(case).state.value, desk.case(case).closed_at) == ("closed", desk.now)
        with desk.refused(Stale, "case-closed"):
            desk.decide(act, case)
    assert desk.shown("ann").version == 1
    assert desk.count(Claim, Claim.ended_at.is_(None)) == 0


def test_what_moved_is_told(desk, case):
    seen = desk.case(case).version
    proposal = desk.correct("ann", "replace", "US", case=case)
    desk.correction_act("withdraw", proposal.id, ALICE)
    desk.claim(case)
    with desk.refused(Stale, "case-moved") as caught:
        desk.decide("keep", case, version=seen)
    assert caught.value.facts == {"state": "open", "version": seen + 2, "seen_version": seen}
    desk.report("ann", "More of it")  # this moves nothing
    desk.see(("ann", "US"))
    with desk.refused(Stale, "label-moved") as caught:
        desk.decide("keep", case, label_version=1)
    assert caught.value.facts["shown"] == {"state": "labelled", "region": "US"}
    desk.decide("keep", case)


def test_no_label_is_seen_too(desk):
    desk.put("ann", handle="ann-handle", name="Ann")  # of whom nothing else is known yet
    desk.report("ann")
    [opened] = desk.cases(CaseKind.REPORT)
    desk.claim(opened.id)
    for seen in (1, -1):
        with desk.refused(Stale, "label-moved") as caught:
            desk.decide("keep", opened.id, label_version=seen)
        assert caught.value.facts["shown"] == {"state": "none", "region": None}
    desk.decide("keep", opened.id, label_version=0)


def test_only_who_holds_the_claim_decides(desk, case):
    for act in ("keep", "dismiss"):
        with desk.refused(Stale, "claimed-by-other"):
            desk.decide(act, case, AMIR)
        for who in (AUDREY, BOB, PLATFORM):
            with desk.refused(NotAllowed, "role"):
                desk.decide(act, case, who)
        with desk.refused(NotAllowed, "own-account"):
            desk.decide(act, case, owning(ALICE, desk.id("ann")))
        with desk.refused(Invalid, "text-too-long"):
            desk.decide(act, case, text="x" * 2001)
        with desk.refused(Invalid, "text-invalid"):
            desk.decide(act, case, text="nul \0")
    with desk.refused(NotFound, "case-unknown"):
        desk.act(notes.note, actor=ALICE, case_id=999, text="Hm")
    with desk.refused(NotFound, "correction-unknown"):
        desk.decide("lift_expired", case)


def test_correcting_closes_the_case(desk, case):
    with desk.logged(correction__proposed=1, correction__in_force=1, case__decided=1):
        correction = desk.correct("ann", "coarsen", case=case)
    [decision] = desk.rows(sa.select(Decision))
    assert (decision.verdict.value, decision.correction_id) == ("correct", correction.id)
    assert decision.reason == "travel"
    assert desk.events(case) == ["opened", "claimed", "decided"]


def test_notes_stay_inside(desk, case):
    with desk.logged(case__noted=1):
        desk.act(notes.note, actor=AMIR, case_id=case, text=" Ask the operator. ")
    assert desk.rows(sa.select(CaseEvent.text))[-1] == "Ask the operator."
    for text, code in (
        (" ", "text-needed"),
        ("x" * 2001, "text-too-long"),
        ("\x1b[2J", "text-invalid"),
    ):
        with desk.refused(Invalid, code):
            desk.act(notes.note, actor=AMIR, case_id=case, text=text)
    with desk.refused(NotAllowed, "role"):
        desk.act(notes.note, actor=AUDREY, case_id=case, text="I was here")


def test_the_platform_hears_what_was_decided_and_not_by_whom(desk, case):
    desk.decide("keep", case, text="Said by alice")
    desk.see(("bert", "CN-GD"))
    desk.approve(desk.correct("bert", "replace", "US").id)
    decided = sa.select(Message).where(Message.topic == "case.decided").order_by(Message.id)
    messages = desk.rows(decided)
    assert [(one.topic, one.payload["verdict"]) for one in messages] == [
        ("case.decided", "keep"),
        ("case.decided", "correct"),
    ]
    for message in messages:
        assert set(message.payload) == {
            "account", "case", "kind", "label_version", "site", "verdict",
        }  # fmt: skip
        words = str(message.payload).lower()
        assert not any(person.name in words for person in STAFF)
        assert "staff" not in words
        assert "Said" not in str(message.payload)


def test_a_decision_that_fails_later_did_not_happen(desk, case):
    def decide_and_fail(session, *, now):
        review.correct(
            session,
            actor=ALICE,
            case_id=case,
            version=1,
            wish=factories.wish(1, "coarsen"),
            vocabulary=desk.vocabulary,
            settings=desk.settings,
            now=now,
        )
        raise Refused("later", "Something else in the same transaction.")

    with desk.refused(Refused, "later"):
        desk.act(decide_and_fail)
    assert (desk.count(Message), desk.count(Decision), desk.count(Correction)) == (0, 0, 0)
    assert desk.case(case).state.value == "open"
