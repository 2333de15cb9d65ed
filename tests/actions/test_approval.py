"""The second person's word, and what it does to the case beside it."""

import sqlalchemy as sa

from shudi.cases.actions import review
from shudi.cases.actions.erasure import delete_account
from shudi.cases.rules import CaseKind
from shudi.cases.store import Decision
from shudi.errors import NotFound, Refused, Stale
from shudi.labels.actions import corrections
from shudi.labels.rules import CorrectionKind, CorrectionState
from shudi.labels.store import Correction, Label
from shudi.outbox.store import Message
from tests import factories
from tests.people import ALICE, AMIR, PLATFORM, SAM, SONJA


def test_the_case_waits_and_is_closed_with_the_proposers_decision(desk):
    desk.see(("ann", "CN-GD"))
    proposal = desk.correct("ann", "replace", "US")
    case = proposal.case_id
    assert (desk.case(case).state.value, desk.count(Decision)) == ("awaiting", 0)
    for act in ("keep", "dismiss"):
        with desk.refused(Refused, "case-awaiting"):
            desk.decide(act, case)
    desk.report("ann", "Another word")  # joins the case that waits
    assert desk.case(case).reports == 2
    desk.approve(proposal.id)
    [decision] = desk.rows(sa.select(Decision))
    assert (decision.staff_id, decision.correction_id) == (ALICE.staff_id, proposal.id)
    assert decision.frozen["region"] == "US"
    assert desk.events(case) == ["opened", "claimed", "proposed", "reported", "approved"]
    assert {one.topic for one in desk.rows(sa.select(Message))} == {
        "case.decided",
        "correction.in_force",
    }


def test_what_there_is_not_cannot_be_agreed_to(desk):
    for act, more in (
        ("approve", {"label_version": 1}),
        ("refuse", {"text": "No."}),
        ("withdraw", {}),
        ("approve_lift", {}),
        ("refuse_lift", {"text": "No."}),
    ):
        with desk.refused(NotFound, "correction-unknown"):
            desk.correction_act(act, 999, SAM, version=1, **more)


def test_a_proposal_from_the_accounts_page_has_no_case(desk):
    desk.see(("ann", "CN-GD"))
    proposal = desk.act(
        corrections.propose,
        actor=ALICE,
        account_id=desk.id("ann"),
        case_id=None,
        wish=factories.wish(1, "replace", "US"),
        vocabulary=desk.vocabulary,
        settings=desk.settings,
    )
    with desk.logged(correction__approved=1):
        desk.approve(proposal.id)
    assert desk.cases(CaseKind.REPORT) == []
    assert desk.place("ann")[:2] == ("labelled", "US")


def test_nothing_is_agreed_to_for_an_account_that_was_hidden_or_deleted(desk):
    desk.see(("ann", "CN-GD"), ("bert", "CN-GD"))
    hidden = desk.correct("ann", "replace", "US")
    deleted = desk.correct("bert", "replace", "US")
    desk.put("ann", protection="minor")
    with desk.refused(Refused, "account-protected"):
        desk.approve(hidden.id)
    desk.act(delete_account, actor=PLATFORM, site_id=desk.site, account="bert")
    with desk.refused(Stale, "correction-moved"):
        desk.approve(deleted.id)
    desk.correction_act("refuse", hidden.id, SAM, text="It shows nothing now.")
    states = desk.rows(sa.select(Correction.state).order_by(Correction.id))
    assert [state.value for state in states] == ["refused", "lifted"]


def test_withholding_waits_for_no_proposal(desk):
    """It protects somebody; what was proposed before cannot show the label again by itself."""
    desk.see(("ann", "CN-GD"))
    proposal = desk.correct("ann", "replace", "US")
    withheld = desk.correct("ann", "withhold", by=AMIR, case=_claimed_contest(desk))
    assert withheld.state is CorrectionState.IN_FORCE
    assert (withheld.unconfirmed, withheld.risks) == (True, "appeal_upheld")
    assert desk.place("ann") == ("withheld", None, "correction", True)
    with desk.refused(Refused, "withheld-since"):
        desk.approve(proposal.id)
    desk.correction_act("refuse", proposal.id, SAM, text="It is withheld now.")
    anew = desk.correct("ann", "replace", "US", by=SAM, case=desk.open_case("ann", SAM))
    assert desk.approve(anew.id, SONJA).state is CorrectionState.IN_FORCE
    assert desk.correction(withheld.id).state is CorrectionState.SUPERSEDED
    waiting = desk.correct("ann", "mark_uncertain", by=SONJA)
    case = _claimed_contest(desk)
    again = desk.correct("ann", "withhold", by=AMIR, case=case)  # even in a replacement's place
    assert (again.state, again.unconfirmed) == (CorrectionState.IN_FORCE, True)
    assert again.risks == "appeal_upheld,two_made"
    assert desk.case(case).state.value == "awaiting"
    assert desk.correction(waiting.id).state is CorrectionState.PROPOSED
    assert desk.verified()


def _claimed_contest(desk):
    """A new one, or the one whose answer another correction has overtaken: it is open again."""
    before = [one.id for one in desk.cases(CaseKind.CONTEST, "ann") if one.closed_at is None]
    case = before[0] if before else desk.contest("ann")
    desk.claim(case, AMIR)
    return case


def test_why_it_takes_two_is_kept_where_nothing_was_known_of_the_place(desk):
    desk.put("ann")
    case = desk.open_case("ann")
    assert desk.count(Label) == 0
    wish = corrections.Wish(
        label_version=0,
        kind=CorrectionKind.REPLACE,
        reason="travel",
        region="HK",
        evidence="The operator confirms it: ticket 4711.",
    )
    proposal = desk.act(
        review.correct,
        actor=ALICE,
        case_id=case,
        version=desk.case(case).version,
        wish=wish,
        vocabulary=desk.vocabulary,
        settings=desk.settings,
    )
    assert (proposal.state, proposal.risks) == (CorrectionState.PROPOSED, "replace")
