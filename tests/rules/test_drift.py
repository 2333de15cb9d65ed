"""What new geo databases would move, estimated from how much of each place's space goes where."""

import pytest

from shudi.labels.rules.brakes import Limits
from shudi.labels.rules.drift import expected, shares

LIMITS = Limits(share=0.05, region=500, minimum=20)


def _expected(labels, v4, v6, accounts=1000):
    return expected(labels, shares(v4), shares(v6), accounts=accounts, limits=LIMITS)


def test_shares_are_of_the_old_places_space():
    units = {("CN-GD", "CN-GD"): 75, ("CN-GD", "CN-HN"): 20, ("CN-GD", ""): 5, ("", "US"): 9}
    assert shares(units) == {"CN-GD": {"CN-HN": 0.2}}  # no label moves to nowhere, or from there


def test_labels_move_as_their_places_space_does():
    v4 = {("CN-GD", "CN-GD"): 90, ("CN-GD", "CN-HN"): 10, ("US", "US"): 100}
    v6 = {("CN-GD", "CN-GD"): 98, ("CN-GD", "CN-HN"): 2}
    found = _expected({"CN-GD": 300, "US": 500}, v4, v6)
    assert (found.low, found.high) == (6, 30)
    assert found.moves == [("CN-GD", "CN-HN", 6, 30)]
    assert found.rule is None


def test_where_one_family_is_silent_the_other_speaks():
    v4 = {("US", "US"): 50, ("US", "CA"): 50}
    found = _expected({"US": 100, "GB": 7}, v4, {})
    assert (found.low, found.high, found.moves) == (50, 50, [("US", "CA", 50, 50)])


@pytest.mark.parametrize(
    ("labels", "accounts", "rule"),
    [(19, 100, None), (20, 400, None), (21, 400, "share"), (501, 100_000, "region")],
)
def test_the_brakes_limits_hold_for_the_higher_figure(labels, accounts, rule):
    all_of_it = {("CN-GD", "CN-HN"): 8}
    assert _expected({"CN-GD": labels}, {}, all_of_it, accounts).rule == rule


def test_many_places_into_one_add_up():
    v6 = {(f"{at}", "SG"): 1 for at in "abc"}
    found = _expected({"a": 200, "b": 200, "c": 101}, {}, v6, accounts=1_000_000)
    assert found.rule == "region"
