"""A correction is an accountable act: who, when, why, on what evidence, until when."""

import json
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from shudi.audit.store import AuditRow, AuditText
from shudi.cases.actions import review
from shudi.cases.rules import CaseKind
from shudi.errors import Invalid, NotAllowed, Refused, Stale
from shudi.labels.rules import CorrectionState, Reason
from shudi.labels.store import Correction
from shudi.settings import Settings
from tests import factories
from tests.actions.desk import DAY, Desk, revert_in
from tests.conftest import NOW
from tests.factories import EVIDENCE
from tests.people import ALICE, AMIR, AUDREY, BOB, CHARLIE, PLATFORM, SAM, SONJA, owning

# How each shown state comes about: what was seen, then what was corrected by a senior.
SHOWN = {
    "CN-GD": (["CN-GD"], None),
    "US": (["US"], None),
    "HK": (["HK"], None),
    "uncertain CN": (["CN-GD?"], None),
    "uncertain": (["US?"], None),
    "none": ([], None),
    "withheld": (["CN-GD"], ("withhold", None)),
    "coarsened": (["CN-GD"], ("coarsen", None)),
    "marked": (["US"], ("mark_uncertain", None)),
}
# (shown, kind, region) -> (state, region) that results, or the code of the refusal
OUTCOMES = {
    ("CN-GD", "coarsen", None): ("labelled", "CN"),
    ("CN-GD", "withhold", None): ("withheld", None),
    ("CN-GD", "mark_uncertain", None): ("uncertain", "CN"),
    ("CN-GD", "replace", "CN-ZJ"): ("labelled", "CN-ZJ"),
    ("CN-GD", "replace", "CN"): ("labelled", "CN"),
    ("CN-GD", "replace", "CN-GD"): "no-change",
    ("CN-GD", "replace", "CN-XX"): "region-unknown",
    ("CN-GD", "replace", "Guangdong"): "region-unknown",
    ("CN-GD", "replace", None): "region-unknown",
    ("US", "coarsen", None): "nothing-coarser",
    ("US", "withhold", None): ("withheld", None),
    ("US", "mark_uncertain", None): ("uncertain", None),
    ("US", "replace", "TW"): ("labelled", "TW"),
    ("HK", "coarsen", None): "nothing-coarser",
    ("HK", "mark_uncertain", None): ("uncertain", None),
    ("uncertain CN", "coarsen", None): "nothing-coarser",
    ("uncertain CN", "withhold", None): ("withheld", None),
    ("uncertain CN", "mark_uncertain", None): ("uncertain", None),
    ("uncertain CN", "replace", "CN"): "no-change",
    ("uncertain CN", "replace", "CN-GD"): ("labelled", "CN-GD"),
    ("uncertain", "coarsen", None): "nothing-coarser",
    ("uncertain", "withhold", None): ("withheld", None),
    ("uncertain", "mark_uncertain", None): "no-change",
    ("uncertain", "replace", "US"): ("labelled", "US"),
    ("none", "coarsen", None): "nothing-coarser",
    ("none", "withhold", None): ("withheld", None),
    ("none", "mark_uncertain", None): ("uncertain", None),
    ("none", "replace", "US"): ("labelled", "US"),
    ("withheld", "withhold", None): "no-change",
    ("withheld", "coarsen", None): "nothing-coarser",
    ("withheld", "mark_uncertain", None): ("uncertain", None),
    ("withheld", "replace", "US"): ("labelled", "US"),
    ("coarsened", "coarsen", None): "nothing-coarser",
    ("coarsened", "withhold", None): ("withheld", None),
    ("coarsened", "mark_uncertain", None): ("uncertain", None),
    ("coarsened", "replace", "CN-GD"): ("labelled", "CN-GD"),
    ("coarsened", "replace", "CN"): "no-change",
    ("marked", "mark_uncertain", None): "no-change",
    ("marked", "withhold", None): ("withheld", None),
    ("marked", "coarsen", None): "nothing-coarser",
    ("marked", "replace", "US"): ("labelled", "US"),
}


def test_every_kind_from_every_shown_state(make_desk, doubting):
    desk = make_desk(doubting)
    step = 1 if desk.database.dialect == "sqlite" else 4  # the table is a rule's, not a store's
    for at, ((shown, kind, region), outcome) in enumerate(list(OUTCOMES.items())[::step]):
        account, (places, before) = f"user-{at}", SHOWN[shown]
        desk.put(account)
        desk.see(*[(account, place) for place in places])
        if before:
            desk.correct(account, before[0], before[1], by=AMIR)
        was = desk.place(account)
        case = desk.open_case(account, SAM)
        kept = desk.label(account) if places else None
        version = kept.version if kept else 0
        if isinstance(outcome, str):
            error = Refused if outcome in ("no-change", "nothing-coarser") else Invalid
            with desk.refused(error, outcome):
                desk.correct(account, kind, region, by=SAM, case=case, label_version=version) \
                    if places else _correct_unseen(desk, account, kind, region, case)  # fmt: skip
            continue
        correction = (
            desk.correct(account, kind, region, by=SAM, case=case)
            if places
            else _correct_unseen(desk, account, kind, region, case)
        )
        if kind == "replace":
            assert desk.place(account) == was, (shown, kind)  # waits for the second person
            correction = desk.approve(correction.id, SONJA)
        assert correction.state is CorrectionState.IN_FORCE
        assert desk.place(account) == (*outcome, "correction", True), (shown, kind)
        assert (correction.original_state.value, correction.original_region) == was[:2]
        assert correction.expires_at == desk.now + 90 * DAY
        assert desk.label(account).version == version + 1
    assert desk.verified()


def _correct_unseen(desk, account, kind, region, case):
    return desk.act(
        review.correct, actor=SAM, case_id=case, version=desk.case(case).version,
        wish=factories.wish(0, kind, region), vocabulary=desk.vocabulary, settings=desk.settings,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "error", "code"),
    [
        ({"reason": ""}, Invalid, "reason-needed"),
        ({"reason": "because"}, Invalid, "reason-needed"),
        ({"reason": "still_right"}, Invalid, "reason-needed"),
        ({"evidence": ""}, Invalid, "evidence-needed"),
        ({"evidence": "  see it  "}, Invalid, "evidence-needed"),
        ({"evidence": "x" * 2001}, Invalid, "text-too-long"),
        ({"evidence": "It says so\0 there"}, Invalid, "text-invalid"),
        ({"evidence": "It says so \ud800 there"}, Invalid, "text-invalid"),
        ({"expires_at": NOW}, Invalid, "expiry-past"),
        ({"expires_at": NOW - DAY}, Invalid, "expiry-past"),
        ({"expires_at": NOW + 731 * DAY}, Invalid, "expiry-too-far"),
        ({"expires_at": datetime.max.replace(tzinfo=UTC)}, Invalid, "expiry-too-far"),
        ({"label_version": 0}, Stale, "label-moved"),
        ({"label_version": 2}, Stale, "label-moved"),
        ({"kind": "withhold", "region": None, **revert_in(9)}, Refused, "withhold-reverts"),
    ],
)
def test_what_a_correction_must_bring(sqlite_database, vocabulary, locator, changes, error, code):
    _refused_wish(_small_desk(sqlite_database, vocabulary, locator), changes, error, code)


def test_what_a_correction_must_bring_on_both_stores(desk):
    for evidence, code in (("x" * 2001, "text-too-long"), ("Look at \0 this", "text-invalid")):
        _refused_wish(desk, {"evidence": evidence}, Invalid, code)


def _small_desk(database, vocabulary, locator):
    return Desk(
        database=database, settings=Settings(secret_key="x" * 32), locator=locator,
        vocabulary=vocabulary, site=factories.world(database, now=NOW),
    )  # fmt: skip


def _refused_wish(desk, changes, error, code):
    desk.see(("ann", "CN-GD"))
    case = desk.open_case("ann")
    kind, region = changes.get("kind", "replace"), changes.get("region", "CN-ZJ")
    changes = {name: value for name, value in changes.items() if name not in ("kind", "region")}
    with desk.refused(error, code):
        desk.correct("ann", kind, region, case=case, **changes)
    assert desk.count(Correction) == 0
    assert desk.case(case).state.value == "open"


def test_all_reasons_are_taken_and_words_are_kept_whole(desk):
    words = "  First line.\n\tSecond: 属地 \u202e\r\n" + "x" * 1900
    for at, reason in enumerate(Reason):
        account = f"user-{at}"
        desk.see((account, "CN-GD"))
        correction = desk.correct(account, "withhold", reason=reason.value, evidence=words)
        assert (correction.reason, correction.evidence) == (reason.value, words.strip())
        assert desk.correction(correction.id).evidence == words.strip()


def test_a_stale_hand_is_shown_what_stands_now(desk):
    desk.see(("ann", "CN-GD"))
    case, seen = desk.open_case("ann"), desk.label("ann").version
    desk.see(("ann", "US"))
    with desk.refused(Stale, "label-moved") as caught:
        desk.correct("ann", "coarsen", case=case, label_version=seen)
    assert caught.value.facts == {
        "shown": {"state": "labelled", "region": "US"},
        "version": seen + 1,
        "seen_version": seen,
    }


@pytest.mark.parametrize("granularity", ["country"])
def test_a_replacement_is_never_finer_than_the_granularity(make_desk, granularity):
    desk = make_desk(granularity=granularity)
    desk.see(("ann", "US"))
    case = desk.open_case("ann")
    with desk.refused(Invalid, "region-too-fine"):
        desk.correct("ann", "replace", "CN-GD", case=case)
    desk.correct("ann", "replace", "CN", case=case)


# -- the second person ----------------------------------------------------------------------------


def test_a_replacement_waits_for_another_senior(desk):
    desk.see(("ann", "CN-GD"))
    with desk.logged(case__opened=1, case__claimed=1, correction__proposed=1, case__awaiting=1):
        proposal = desk.correct("ann", "replace", "US", by=SAM)
    assert desk.place("ann")[:2] == ("labelled", "CN-GD")
    for other, code in (
        (SAM, "own-proposal"),
        (ALICE, "role"),
        (AMIR, "role"),
        (BOB, "role"),
        (AUDREY, "role"),
        (CHARLIE, "role"),
        (PLATFORM, "role"),
        (owning(SONJA, desk.id("ann")), "own-account"),
    ):
        with desk.refused(NotAllowed, code):
            desk.approve(proposal.id, other)
        with desk.refused(NotAllowed, code):
            desk.correction_act("refuse", proposal.id, other, text="No.")
    with desk.refused(Stale, "correction-moved"):
        desk.approve(proposal.id, SONJA, version=proposal.version + 1)
    with desk.refused(Stale, "label-moved"):
        desk.approve(proposal.id, SONJA, label_version=9)
    with desk.logged(correction__approved=1, case__decided=1):
        desk.approve(proposal.id, SONJA)
    done = desk.correction(proposal.id)
    assert (done.proposed_by, done.approved_by, done.approved_at) == (
        SAM.staff_id,
        SONJA.staff_id,
        desk.now,
    )
    assert desk.place("ann") == ("labelled", "US", "correction", True)
    assert desk.case(done.case_id).state.value == "closed"
    with desk.refused(Stale, "correction-moved"):
        desk.approve(proposal.id, SONJA)


@pytest.mark.parametrize("who", [BOB, AUDREY, CHARLIE, PLATFORM])
def test_who_may_not_correct(sqlite_database, vocabulary, locator, who):
    desk = _small_desk(sqlite_database, vocabulary, locator)
    desk.see(("ann", "CN-GD"))
    desk.report("ann")
    [case] = desk.cases(CaseKind.REPORT)
    with desk.refused(NotAllowed, "role"):
        desk.claim(case.id, who)
    with desk.refused(NotAllowed, "role"):
        desk.correct("ann", "withhold", by=who, case=case.id)


def test_refusing_and_withdrawing_reopen_the_case(desk):
    desk.see(("ann", "CN-GD"))
    proposal = desk.correct("ann", "replace", "US")
    case = proposal.case_id
    with desk.refused(Invalid, "reason-needed"):
        desk.correction_act("refuse", proposal.id, SAM, text=" \n ")
    with desk.refused(Invalid, "reason-too-long"):
        desk.correction_act("refuse", proposal.id, SAM, text="x" * 501)
    with desk.refused(NotAllowed, "not-proposer"):
        desk.correction_act("withdraw", proposal.id, AMIR)
    with desk.logged(correction__refused=1, case__reopened=1):
        desk.correction_act("refuse", proposal.id, SAM, text="The ticket says otherwise.")
    refused = desk.correction(proposal.id)
    assert (refused.state.value, refused.ended_by) == ("refused", SAM.staff_id)
    assert refused.end_reason == "The ticket says otherwise."
    with desk.refused(Refused, "not-claimed"):  # it went back to the queue
        desk.correct("ann", "replace", "US", case=case)
    desk.claim(case)
    again = desk.correct("ann", "replace", "US", case=case)
    with desk.logged(correction__withdrawn=1, case__reopened=1):
        desk.correction_act("withdraw", again.id, ALICE)
    assert desk.case(case).state.value == "open"
    assert desk.place("ann") == ("labelled", "CN-GD", "activity", False)
    for act, who, more in (("approve", SAM, {"label_version": 1}), ("withdraw", ALICE, {})):
        with desk.refused(Stale, "correction-moved"):
            desk.correction_act(act, again.id, who, **more)


def test_one_proposal_at_a_time(desk):
    desk.see(("ann", "CN-GD"))
    desk.correct("ann", "replace", "US")
    case = desk.contest("ann")
    desk.claim(case, AMIR)
    for kind, region in (("replace", "GB"), ("coarsen", None), ("mark_uncertain", None)):
        with desk.refused(Stale, "correction-waiting"):
            desk.correct("ann", kind, region, by=AMIR, case=case)


def test_a_replacement_can_be_agreed_to_after_activity_moved(desk):
    """The second person decides on what is shown now, and says so by its version."""
    desk.see(("ann", "CN-GD"))
    proposal = desk.correct("ann", "replace", "US")
    desk.see(("ann", "HK"))
    with desk.refused(Stale, "label-moved") as caught:
        desk.approve(proposal.id, label_version=1)
    assert caught.value.facts["shown"] == {"state": "labelled", "region": "HK"}
    desk.approve(proposal.id)
    assert desk.place("ann")[:2] == ("labelled", "US")


def test_a_coarser_place_is_not_put_on_another_one(desk):
    """Coarsening CN-ZJ waited for a second person when what is shown went back to US."""
    desk.see(("ann", "US"))
    replaced = desk.approve(desk.correct("ann", "replace", "CN-ZJ").id)
    waiting = desk.correct("ann", "coarsen")
    assert waiting.state is CorrectionState.PROPOSED
    desk.lift(replaced.id)
    desk.correction_act("approve_lift", replaced.id, SAM)
    assert desk.place("ann")[:2] == ("labelled", "US")
    with desk.refused(Stale, "label-moved"):
        desk.approve(waiting.id)
    desk.correction_act("refuse", waiting.id, SAM, text="It moved.")
    assert desk.place("ann")[:2] == ("labelled", "US")


# -- one in place of another ----------------------------------------------------------------------


def test_one_correction_takes_anothers_place(desk):
    desk.see(("ann", "CN-GD"))
    first = desk.correct("ann", "coarsen")
    rows = {"correction__proposed": 1, "correction__in_force": 1, "correction__superseded": 1}
    case = desk.open_case("ann", AMIR)
    with desk.logged(case__decided=1, **rows):
        second = desk.correct("ann", "withhold", by=AMIR, case=case)
    assert second.original_region == "CN"
    ended = desk.correction(first.id)
    assert (ended.state, ended.ended_by) == (CorrectionState.SUPERSEDED, AMIR.staff_id)
    case = desk.open_case("ann")
    with desk.refused(NotAllowed, "senior-needed"):
        desk.correct("ann", "mark_uncertain", case=case)
    with desk.refused(NotAllowed, "senior-needed"):
        desk.correct("ann", "replace", "US", case=case)
    desk.decide("dismiss", case)
    desk.correct("ann", "mark_uncertain", by=SAM)
    assert desk.place("ann") == ("uncertain", None, "correction", True)
    in_force = sa.select(Correction.kind).where(Correction.state == CorrectionState.IN_FORCE)
    assert [kind.value for kind in desk.rows(in_force)] == ["mark_uncertain"]


def test_taking_a_replacements_place_needs_a_second_person_too(desk):
    desk.see(("ann", "US"))
    replaced = desk.approve(desk.correct("ann", "replace", "CN-ZJ").id)
    waiting = desk.correct("ann", "coarsen", by=SAM)
    assert (waiting.state, waiting.risks) == (CorrectionState.PROPOSED, "two_made")
    assert desk.place("ann")[:2] == ("labelled", "CN-ZJ")
    desk.correction_act("withdraw", waiting.id, SAM)
    desk.claim(waiting.case_id, SAM)
    desk.decide("dismiss", waiting.case_id, SAM)
    approved = desk.approve(desk.correct("ann", "coarsen").id)
    assert desk.place("ann")[:2] == ("labelled", "CN")
    assert desk.correction(replaced.id).state is CorrectionState.SUPERSEDED
    assert approved.original_region == "CN-ZJ"


# -- what is logged -------------------------------------------------------------------------------


def test_rows_hold_ids_and_codes_and_no_words(desk):
    desk.put("ann", name="Ann Example", handle="ann-e", bio="Lives by the sea")
    desk.see(("ann", "CN-GD"))
    proposal = desk.correct("ann", "replace", "US", evidence="Unrepeatable words 36.1.2.3")
    desk.correction_act("refuse", proposal.id, SAM, text="Unrepeatable words of Sam's")
    desk.claim(proposal.case_id)
    desk.decide("keep", proposal.case_id, text="Unrepeatable words to keep")
    desk.contest("ann", text="Unrepeatable words of the holder")
    desk.report("ann", text="Unrepeatable words of a reader")
    rows = desk.rows(sa.select(AuditRow))
    for row in rows:
        line = " ".join(str(getattr(row, name.key)) for name in AuditRow.__table__.columns)
        assert "Unrepeatable" not in line
        assert not any(word in line for word in ("36.1.2.3", "Ann Example", "ann-e", "by the sea"))
        assert all(part.isdigit() for part in row.target_id.split(",")), row.action
    texts = desk.rows(sa.select(AuditText.text))
    assert sum("Unrepeatable" in text for text in texts) >= 5
    [proposed] = [row for row in rows if row.action == "correction.proposed"]
    assert json.loads(proposed.before) == {"region": "CN-GD", "state": "labelled"}
    assert json.loads(proposed.after) == {
        "account": desk.id("ann"),
        "kind": "replace",
        "reason": "travel",
        "region": "US",
        "second_person": "replace,cross_border",
        "state": "proposed",
    }
    assert (proposed.actor_id, proposed.request_id) == (ALICE.id, ALICE.request_id)
    assert EVIDENCE not in str(rows)
    assert desk.verified()
