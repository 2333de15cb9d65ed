"""How severe a case is, why it stands where it does, and what setting reports aside does to it."""

from datetime import UTC, datetime, timedelta

import pytest

from shudi.cases.rules import (
    REPORT_SEVERITY,
    SEVERITIES,
    SEVERITY,
    CaseKind,
    CaseState,
    SkipReason,
    check_receiver,
    check_skip,
)
from shudi.cases.rules.priority import (
    MANY_SENDERS,
    QUEUES,
    RAISED_MOST,
    Fate,
    Queue,
    Raise,
    Why,
    explain,
    fate,
    weigh,
)
from shudi.errors import Invalid, Refused

NOW = datetime(2026, 3, 14, 9, tzinfo=UTC)
PLAIN = {"reported": 0, "senders": 1, "protected": False, "contested": False}


@pytest.mark.parametrize("kind", CaseKind)
def test_a_case_weighs_what_its_kind_does(kind):
    weight = weigh(kind, **PLAIN)
    assert (weight.severity, weight.raised_by) == (SEVERITY[kind], ())


@pytest.mark.parametrize(
    ("changes", "severity", "raised"),
    [
        ({"reported": 1}, 1, ()),
        ({"reported": 3}, 3, ("harm",)),
        ({"reported": 2, "senders": MANY_SENDERS - 1}, 2, ()),
        ({"reported": 2, "senders": MANY_SENDERS}, 3, ("many",)),
        ({"reported": 1, "senders": MANY_SENDERS, "protected": True}, 3, ("protected", "many")),
        ({"reported": 3, "protected": True}, 3, ("harm", "protected")),
        ({"reported": 2, "contested": True}, 3, ("contested",)),
    ],
)
def test_what_raises_a_report(changes, severity, raised):
    weight = weigh(CaseKind.REPORT, **(PLAIN | changes))
    assert (weight.severity, weight.raised_by) == (severity, raised)


@pytest.mark.parametrize("kind", CaseKind)
def test_nothing_raises_a_case_to_urgent_nor_lowers_a_brake(kind):
    for reported in (0, *REPORT_SEVERITY.values()):
        weight = weigh(kind, reported=reported, senders=99, protected=True, contested=True)
        assert weight.severity in SEVERITIES
        assert weight.severity <= max(RAISED_MOST, SEVERITY[kind])
        assert weight.severity >= min(SEVERITY[kind], reported or 9)


def test_a_contest_is_not_raised_by_itself():
    weight = weigh(CaseKind.CONTEST, **(PLAIN | {"contested": True}))
    assert weight.raised_by == ()


def test_reasons_come_in_the_order_of_the_queue():
    def why(kind, severity, raised_by, hours):
        return explain(kind, severity, raised_by, due_at=NOW + timedelta(hours=hours), now=NOW)

    assert why(CaseKind.CONTEST, 3, "", 100) == (Why.KIND,)
    assert why(CaseKind.REPORT, 1, "", 100) == (Why.LOWERED,)
    assert why(CaseKind.REPORT, 3, "harm,many", -1) == (Raise.HARM, Raise.MANY, Why.OVERDUE)
    assert why(CaseKind.BRAKE, 4, "", 23) == (Why.KIND, Why.SOON)


def test_the_named_queues_hold_every_kind_and_severity():
    assert set(QUEUES) == set(Queue)
    for kind in CaseKind:
        held = [
            severity
            for rule in QUEUES.values()
            if rule.kind is kind
            for severity in rule.severities
        ]
        assert sorted(held) == sorted(SEVERITIES), kind  # each in exactly one queue of its own


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Fate.DISMISSED),
        ({"theirs": 1}, Fate.LESS),
        ({"state": CaseState.AWAITING}, Fate.LESS),
        ({"held": True}, Fate.HELD),
        ({"held": True, "barred": True}, Fate.BARRED),
    ],
)
def test_the_fate_of_a_case(changes, expected):
    facts = {"reports": 2, "theirs": 2, "state": CaseState.OPEN, "held": False, "barred": False}
    assert fate(**(facts | changes)) is expected


def test_skipping_needs_a_reason_and_sometimes_words():
    assert check_skip("language", "") is SkipReason.LANGUAGE
    assert check_skip("other", "I know them") is SkipReason.OTHER
    for reason, text, code in (
        ("", "", "reason-needed"),
        ("dull", "", "reason-needed"),
        ("other", " ", "text-needed"),
        ("language", "x" * 501, "text-too-long"),
    ):
        with pytest.raises(Invalid) as caught:
            check_skip(reason, text)
        assert caught.value.code == code


def test_who_can_be_given_a_case():
    check_receiver(decides=True, barred=False, holds=False)
    for facts, code in (
        ((False, True, True), "receiver-role"),
        ((True, True, False), "receiver-barred"),
        ((True, False, True), "receiver-holds"),
    ):
        with pytest.raises(Refused) as caught:
            check_receiver(decides=facts[0], barred=facts[1], holds=facts[2])
        assert caught.value.code == code
