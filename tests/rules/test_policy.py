"""What takes two people, and who has no say: every rule as a row."""

from datetime import timedelta

import pytest

from shudi.cases.rules import Verdict, policy
from shudi.cases.rules.decisions import Finding, agree
from shudi.cases.rules.policy import Act, Facts, Matter, Risk, Tie
from shudi.errors import NotAllowed, Refused
from shudi.labels.rules import CorrectionKind
from tests.conftest import NOW
from tests.people import ALICE, AMIR, SAM, SONJA, SYSTEM, owning

KIND = CorrectionKind


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (Facts(kind=KIND.COARSEN, before="CN-GD", after="CN"), ()),
        (Facts(kind=KIND.WITHHOLD, before="CN-GD"), ()),
        (Facts(kind=KIND.MARK_UNCERTAIN, before="US"), ()),
        (Facts(kind=KIND.REPLACE, before="CN-GD", after="CN-ZJ"), ("replace",)),
        (Facts(kind=KIND.REPLACE, before="CN-GD", after="US"), ("replace", "cross_border")),
        (Facts(kind=KIND.REPLACE, before="CN-GD", after="HK"), ("replace", "cross_border")),
        (Facts(kind=KIND.REPLACE, before="TW", after="CN"), ("replace", "cross_border")),
        (Facts(kind=KIND.REPLACE, before=None, after="US"), ("replace",)),
        (Facts(before="CN", after="MO"), ("cross_border",)),
        (Facts(before="CN", after="CN-GD"), ()),
        (Facts(before="US", after=None), ()),
        (Facts(kind=KIND.COARSEN, batch=20), ()),
        (Facts(kind=KIND.COARSEN, batch=21), ("batch",)),
        (Facts(kind=KIND.COARSEN, own_result=True), ("own_decision",)),
        (Facts(kind=KIND.WITHHOLD, appeal=True), ("appeal_upheld",)),
        (Facts(protected=True), ("protected",)),
        (Facts(two_made=True), ("two_made",)),
        (Facts(changes=False, protected=True, own_result=True, batch=99), ()),
    ],
)
def test_what_takes_a_second_person(facts, found):
    assert tuple(one.value for one in policy.risks(facts)) == found


def test_risks_come_in_one_order():
    every = Facts(
        kind=KIND.REPLACE, before="CN", after="US", protected=True, own_result=True, appeal=True,
        two_made=True, batch=99,
    )  # fmt: skip
    assert policy.risks(every) == tuple(Risk)


ID = {"alice": ALICE.staff_id, "amir": AMIR.staff_id, "sam": SAM.staff_id, "sonja": SONJA.staff_id}
MINE = owning(ALICE, 7)


@pytest.mark.parametrize("act", Act)
def test_nobody_has_a_say_on_an_account_of_their_own(act):
    assert policy.barred(act, MINE, Matter(account_id=7)) is Tie.OWN_ACCOUNT


@pytest.mark.parametrize(
    ("act", "who", "matter", "tie"),
    [
        # whoever decided what the holder contests
        (Act.DECIDE, ALICE, Matter(contested=frozenset({ID["alice"]})), Tie.OWN_DECISION),
        (Act.DECIDE, AMIR, Matter(contested=frozenset({ID["alice"]})), None),
        (Act.APPROVE, SAM, Matter(contested=frozenset({ID["sam"]})), Tie.OWN_DECISION),
        (Act.LIFT, SAM, Matter(contested=frozenset({ID["sam"]})), Tie.OWN_DECISION),
        (Act.UNDO, SAM, Matter(contested=frozenset({ID["sam"]})), Tie.OWN_DECISION),
        (Act.REVERT, SAM, Matter(contested=frozenset({ID["sam"]})), Tie.OWN_DECISION),
        (Act.CANCEL, SAM, Matter(contested=frozenset({ID["sam"]})), Tie.OWN_DECISION),
        # the second person is another person
        (Act.APPROVE, SAM, Matter(proposer=ID["sam"]), Tie.OWN_PROPOSAL),
        (Act.APPROVE, SONJA, Matter(proposer=ID["sam"]), None),
        (Act.WITHDRAW, SAM, Matter(proposer=ID["sam"]), None),
        (Act.WITHDRAW, SONJA, Matter(proposer=ID["sam"]), Tie.NOT_PROPOSER),
        (Act.RENEW, SAM, Matter(proposer=ID["sam"], two_made=True), Tie.NOT_SECOND),
        (Act.RENEW, SONJA, Matter(proposer=ID["sam"], two_made=True), None),
        (Act.RENEW, AMIR, Matter(proposer=ID["sam"], two_made=True), Tie.NOT_SECOND),
        (Act.RENEW, AMIR, Matter(proposer=ID["alice"]), None),
        # a withheld label protects somebody
        (Act.TAKE_PLACE, AMIR, Matter(withheld=True), Tie.NOT_SENIOR_WITHHELD),
        (Act.TAKE_PLACE, SAM, Matter(withheld=True), None),
        (Act.LIFT, AMIR, Matter(withheld=True), Tie.NOT_SENIOR_WITHHELD),
        (Act.REVERT, AMIR, Matter(withheld=True), Tie.NOT_SENIOR_WITHHELD),
        # one's own, or a senior's
        (Act.UNDO, ALICE, Matter(decider=ID["alice"]), None),
        (Act.UNDO, AMIR, Matter(decider=ID["alice"]), Tie.NOT_DECIDER),
        (Act.UNDO, SAM, Matter(decider=ID["alice"]), None),
        (Act.CANCEL, ALICE, Matter(proposer=ID["alice"]), None),
        (Act.CANCEL, AMIR, Matter(proposer=ID["alice"]), Tie.NOT_PROPOSER),
        (Act.CANCEL, SAM, Matter(proposer=ID["alice"]), None),
        # a second look is somebody else's, and so is the third
        (Act.LOOK, ALICE, Matter(decider=ID["alice"]), Tie.OWN_LOOK),
        (Act.LOOK, AMIR, Matter(decider=ID["alice"]), None),
        (Act.SETTLE, SAM, Matter(decider=ID["alice"], looked=ID["sam"]), Tie.OWN_LOOK),
        (Act.SETTLE, SAM, Matter(decider=ID["sam"], looked=ID["amir"]), Tie.OWN_LOOK),
        (Act.SETTLE, SONJA, Matter(decider=ID["alice"], looked=ID["amir"]), None),
        # a list is one matter of many accounts
        (Act.APPROVE_LIST, SAM, Matter(listed=frozenset({7, 8})), None),
        (Act.APPROVE_LIST, MINE, Matter(listed=frozenset({8, 9})), None),
        (Act.APPROVE_LIST, MINE, Matter(listed=frozenset({7, 8})), Tie.OWN_LISTED),
        (Act.APPROVE_LIST, SAM, Matter(proposer=ID["sam"]), Tie.OWN_PROPOSAL),
        (Act.APPROVE_LIST, SAM, Matter(contested=frozenset({ID["sam"]})), Tie.DECISION_LISTED),
        (Act.APPROVE_LIST, SONJA, Matter(contested=frozenset({ID["sam"]})), None),
        (Act.UNDO, SYSTEM, Matter(account_id=7, decider=ID["alice"]), None),
    ],
)
def test_who_is_too_close(act, who, matter, tie):
    assert policy.barred(act, who, matter) is tie
    if tie is None:
        policy.check(act, who, matter)
    else:
        with pytest.raises(NotAllowed) as caught:
            policy.check(act, who, matter)
        assert caught.value.code == tie.value


def test_every_act_says_what_bars_it():
    assert set(policy.BARS) == set(Act)
    assert all(Tie.OWN_ACCOUNT in bars for bars in policy.BARS.values())


def test_a_decision_is_undone_within_ten_minutes_and_never_where_two_took_it():
    late = NOW + timedelta(minutes=10)
    policy.check_undo(at=NOW, now=late - timedelta(microseconds=1), two_made=False)
    for now, two, code in ((late, False, "undo-over"), (NOW, True, "undo-two")):
        with pytest.raises(Refused) as caught:
            policy.check_undo(at=NOW, now=now, two_made=two)
        assert caught.value.code == code
        assert not policy.can_undo(at=NOW, now=now, two_made=two)
    assert policy.can_undo(at=NOW, now=NOW, two_made=False)


def test_the_draw_takes_its_share_of_even_digests():
    digests = [(at << 56).to_bytes(8, "big") for at in range(256)]
    assert sum(policy.sampled(one, 0.25) for one in digests) == 64
    assert not any(policy.sampled(one, 0.0) for one in digests)
    assert all(policy.sampled(one, 1.0) for one in digests)


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        (Finding(Verdict.KEEP), Finding(Verdict.DISMISS), True),
        (Finding(Verdict.KEEP), Finding(Verdict.CORRECT, KIND.COARSEN), False),
        (
            Finding(Verdict.CORRECT, KIND.COARSEN, "CN"),
            Finding(Verdict.CORRECT, KIND.COARSEN),
            True,
        ),
        (
            Finding(Verdict.CORRECT, KIND.REPLACE, "US"),
            Finding(Verdict.CORRECT, KIND.REPLACE, "GB"),
            False,
        ),
        (Finding(Verdict.LIFT), Finding(Verdict.KEEP), False),
    ],
)
def test_two_agree_where_readers_would_see_the_same(first, second, alike):
    assert agree(first, second) is alike
