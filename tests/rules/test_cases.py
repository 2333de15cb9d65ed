"""The life of a case, spelled out."""

from datetime import timedelta

import pytest

from shudi.cases import rules
from shudi.cases.rules import CaseKind, CaseState, KeepReason
from shudi.errors import Invalid, Refused, Stale
from tests.conftest import NOW


@pytest.mark.parametrize(
    ("state", "code"), [(CaseState.CLOSED, "case-closed"), (CaseState.AWAITING, "case-awaiting")]
)
def test_only_an_open_case_is_decided(state, code):
    rules.check_open(CaseState.OPEN)
    with pytest.raises(Refused) as caught:
        rules.check_open(state)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("holder", "refusal", "code"),
    [(None, Refused, "not-claimed"), (2, Stale, "claimed-by-other")],
)
def test_who_decides_holds_the_claim(holder, refusal, code):
    rules.check_claimed(1, 1)
    with pytest.raises(refusal) as caught:
        rules.check_claimed(holder, 1)
    assert caught.value.code == code


@pytest.mark.parametrize("reason", KeepReason)
def test_a_reason_to_keep_is_one_of_the_list(reason):
    assert rules.check_keep_reason(reason.value) is reason


@pytest.mark.parametrize("reason", ["", "because", "TRAVEL", "evidence_agrees ", "carrier_egress"])
def test_no_other_reason_will_do(reason):
    with pytest.raises(Invalid) as caught:
        rules.check_keep_reason(reason)
    assert caught.value.code == "reason-needed"


def test_every_kind_has_its_severity_and_its_time():
    assert set(rules.SEVERITY) == set(rules.ANSWER_WITHIN) == set(CaseKind)
    assert set(rules.REPORT_SEVERITY) == set(rules.ReportKind)
    assert all(1 <= severity <= 4 for severity in rules.SEVERITY.values())
    assert all(1 <= severity <= 4 for severity in rules.REPORT_SEVERITY.values())


def test_a_more_severe_case_is_answered_no_later():
    kinds = sorted(CaseKind, key=lambda kind: -rules.SEVERITY[kind])
    waits = [rules.ANSWER_WITHIN[kind] for kind in kinds]
    assert waits == sorted(waits)
    assert NOW + waits[-1] <= NOW + timedelta(days=14)
