"""What an inspection is, and who decides on it: every refusal, in bulk."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from shudi.errors import Invalid, NotAllowed, Refused
from shudi.oversight import rules
from shudi.oversight.rules import InspectionState, Kind, Reach, Telling
from shudi.regions.codec import load_vocabulary
from tests.inspecting import by_regions, request

NOW = datetime(2026, 3, 14, 9, tzinfo=UTC)
CODES = load_vocabulary().codes
DAY = timedelta(days=1)


def check(wanted: rules.Request) -> None:
    rules.check(wanted, today=NOW.date(), regions=CODES)


def test_a_whole_request_is_one():
    check(request(NOW))
    check(by_regions(NOW, "CN-GD", "HK", "CN"))


WRONG = [
    ("authority-needed", {"authority": " "}),
    ("request-needed", {"number": ""}),
    ("request-needed", {"number": " \n"}),
    ("request-ahead", {"dated": (NOW + DAY).date()}),
    ("purpose-needed", {"purpose": " "}),
    ("untold-why", {"telling": Telling.NEVER}),
    ("supervisors-needed", {"supervisors": frozenset()}),
    ("supervisors-needed", {"supervisors": frozenset(range(11))}),
    ("sites-needed", {"sites": frozenset()}),
    ("kinds-needed", {"kinds": frozenset()}),
    ("period-wrong", {"since": NOW.date(), "until": (NOW - DAY).date()}),
    ("period-wrong", {"until": (NOW + DAY).date()}),
    ("one-site", {"sites": frozenset({1, 2})}),
    ("accounts-needed", {"accounts": ()}),
    ("accounts-needed", {"accounts": ("a",) * 201}),
    ("regions-needed", {"reach": Reach.REGIONS}),
    ("region-unknown", {"reach": Reach.REGIONS, "regions": frozenset({"CN-XX"})}),
    (
        "regions-are-labels",
        {"reach": Reach.REGIONS, "regions": frozenset({"CN"}), "kinds": frozenset({Kind.CASES})},
    ),
    *(("inspection-long", {"days": days}) for days in (-1, 0, 31, 10_000)),
]


@pytest.mark.parametrize(("code", "changes"), WRONG)
def test_what_is_no_request_is_refused(code, changes):
    with pytest.raises((Invalid, Refused)) as refusal:
        check(request(NOW, **changes))
    assert refusal.value.code == code


@pytest.mark.parametrize("days", range(1, 31))
def test_up_to_thirty_days(days):
    check(request(NOW, days=days))


def test_the_second_person_is_neither_the_proposer_nor_named():
    for proposer, decider, named in itertools.product(range(1, 6), range(6), range(1, 6)):
        allowed = decider not in (0, proposer, named)
        who = decider or None
        try:
            rules.check_second(proposed_by=proposer, decided_by=who, supervisors=[named])
        except NotAllowed:
            assert not allowed
        else:
            assert allowed


def test_only_an_approved_one_runs_and_only_until_its_end():
    end = NOW + DAY
    for state in InspectionState:
        for now in (NOW, end - timedelta(microseconds=1), end, end + DAY):
            expected = state is InspectionState.APPROVED and now < end
            assert rules.runs(state, end, now) is expected
        assert not rules.runs(state, None, NOW)


def test_when_holders_are_told():
    end = NOW + DAY
    told = rules.may_tell
    assert told(Telling.AT_ONCE, InspectionState.APPROVED, end, NOW)
    assert not told(Telling.AFTERWARDS, InspectionState.APPROVED, end, NOW)
    assert told(Telling.AFTERWARDS, InspectionState.APPROVED, end, end)
    assert told(Telling.AFTERWARDS, InspectionState.ENDED, NOW, NOW)
    for state in InspectionState:
        assert not told(Telling.NEVER, state, end, end + 1000 * DAY)


def test_a_later_end_is_later_and_within_thirty_days():
    end = NOW + 5 * DAY
    rules.check_longer(days=6, ends_at=end, now=NOW)
    rules.check_longer(days=30, ends_at=end, now=NOW)
    for days, code in ((5, "not-longer"), (1, "not-longer"), (31, "inspection-long")):
        with pytest.raises(Refused) as refusal:
            rules.check_longer(days=days, ends_at=end, now=NOW)
        assert refusal.value.code == code


def test_a_region_holds_its_divisions_and_nothing_else():
    holds = rules.lies_in
    for code in CODES:
        assert holds(code, {"CN"}) is (code == "CN" or code.startswith("CN-"))
        assert holds(code, {"CN-GD"}) is (code == "CN-GD")
        assert holds(code, {code})
        assert not holds(code, set())
    assert not holds(None, set(CODES))


def test_pseudonyms_are_stable_apart_and_of_one_inspection():
    ours = [rules.pseudonym("a" * 32, number) for number in range(2000)]
    assert ours == [rules.pseudonym("a" * 32, number) for number in range(2000)]
    assert len(set(ours)) == len(ours)
    theirs = {rules.pseudonym("b" * 32, number) for number in range(2000)}
    assert len(theirs & set(ours)) < 20
    assert all(len(one) == 5 and one.isalnum() for one in ours)
