"""Acceptance test 33: nobody finds a group smaller than k in what is released by place.

The attacker knows more than any release says: how many accounts stand behind each named place and
behind each sum over all places, at every instant, and how it is decided what is left out.
"""

import itertools
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from shudi.cases.rules.figures import FEWEST, PERIOD, SETTLED, last_period, nameable

LONG = (pytest.mark.long, pytest.mark.timeout(1800))
SETS = [300, pytest.param(10_000, marks=LONG)]
SLOTS = 2  # parts of a period that a sliding sum can tell apart
Population = Sequence[Mapping[str, Sequence[int]]]  # by period, place and slot: accounts judged


def _population(chance: random.Random) -> Population:
    """Two periods; as many places as a small desk has, most of them near the limit."""
    places = [f"P{at}" for at in range(chance.randint(1, 6))]

    def size() -> int:
        most = chance.choice((1, FEWEST // 2, FEWEST, 2 * FEWEST, 3 * FEWEST))
        return chance.choice((0, chance.randint(0, most)))

    return [{place: [size() for _ in range(SLOTS)] for place in places} for _ in range(2)]


def _whole(period: Mapping[str, Sequence[int]]) -> dict[str, int]:
    return {place: sum(slots) for place, slots in period.items()}


# -- what the attacker knows ---------------------------------------------------------------------


def _equations(population: Population, named, windows=()) -> list[dict[tuple[int, str, int], int]]:
    """Each sum of accounts that is known, as the cells it is of: named places of each period, all
    places of each slot (sums over all places slide, so their differences are known), and whatever
    else is released (`windows`: cells of a place over several periods).
    """
    known = []
    for number, period in enumerate(population):
        known += [{(number, place, at): 1 for at in range(SLOTS)} for place in named[number]]
        if sum(_whole(period).values()) >= FEWEST:  # else that share is kept back, too
            known += [{(number, place, at): 1 for place in period} for at in range(SLOTS)]
    return [*known, *windows]


def _derivable(cells: Sequence, known: Sequence[Mapping], wanted: Mapping) -> bool:
    """Whether `wanted` is a combination of what is known: exact elimination."""
    rows = [[Fraction(row.get(cell, 0)) for cell in cells] for row in known]
    target = [Fraction(wanted.get(cell, 0)) for cell in cells]
    for at in range(len(cells)):
        pivot = next((row for row in rows if row[at] and not any(row[:at])), None)
        if pivot is None:
            continue
        rows = [row if row is pivot else _less(row, pivot, at) for row in rows]
        target = _less(target, pivot, at)
    return not any(target)


def _less(row: list[Fraction], pivot: list[Fraction], at: int) -> list[Fraction]:
    if not row[at]:
        return row
    times = row[at] / pivot[at]
    return [mine - times * theirs for mine, theirs in zip(row, pivot, strict=True)]


def _possible(
    whole: Mapping[str, int], named: set[str], leave_out, turn: str
) -> dict[str, set[int]]:
    """What each place that is left out may have, given the sum and how it is decided: every
    distribution that would have been released alike.
    """
    hidden = sorted(place for place in whole if place not in named)
    rest = sum(whole[place] for place in hidden)
    beside = {place: whole[place] for place in named}
    found: dict[str, set[int]] = {place: set() for place in hidden}
    for some in itertools.product(range(rest + 1), repeat=len(hidden) - 1):
        tried = dict(zip(hidden, (*some, rest - sum(some)), strict=True))
        if min(tried.values()) >= 0 and leave_out(beside | tried, turn) == named:
            for place, n in tried.items():
                found[place].add(n)
    return found


def _found(population: Population, leave_out) -> list[tuple[int, str]]:
    """The groups smaller than k that the attacker finds, or is told."""
    named = [leave_out(_whole(period), str(number)) for number, period in enumerate(population)]
    cells = [
        (number, place, at)
        for number, period in enumerate(population)
        for place in period
        for at in range(SLOTS)
    ]
    known = _equations(population, named)
    found = []
    for number, period in enumerate(population):
        whole = _whole(period)
        small = [place for place, n in whole.items() if 0 < n < FEWEST]
        hidden = len(whole) - len(named[number])
        possible = {}
        if small and hidden <= 3 and sum(whole.values()) >= FEWEST:
            possible = _possible(whole, named[number], leave_out, str(number))
        for place in small:
            wanted = {(number, place, at): 1 for at in range(SLOTS)}
            told = place in named[number] or _derivable(cells, known, wanted)
            if told or len(possible.get(place, "..")) == 1:
                found.append((number, place))
    return found


# -- what is found -------------------------------------------------------------------------------


@pytest.mark.parametrize("sets", SETS)
def test_no_small_group_is_released_or_can_be_found(sets):
    chance = random.Random(33)
    for _ in range(sets):
        population = _population(chance)
        assert _found(population, nameable) == [], population


def test_control_without_leaving_out_more_small_groups_are_found():
    chance, found = random.Random(33), 0

    def only_small(accounts, turn):
        del turn
        return {place for place, n in accounts.items() if n >= FEWEST}

    for _ in range(300):
        found += len(_found(_population(chance), only_small))
    assert found > 20


def test_control_leaving_out_the_smallest_tells_how_small_the_other_is():
    chance, found = random.Random(33), 0

    def smallest(accounts, turn):
        del turn
        named = {place for place, n in accounts.items() if n >= FEWEST}
        hidden = [n for place, n in accounts.items() if n and place not in named]
        for place in sorted(named, key=lambda place: (accounts[place], place)):
            if not hidden or (len(hidden) > 1 and sum(hidden) >= FEWEST):
                break
            named.remove(place)
            hidden.append(accounts[place])
        return named

    for _ in range(2000):
        found += len(_found(_population(chance), smallest))
    assert found > 0


def test_control_places_over_windows_that_slide_give_small_groups_away():
    """One period, and both together: their difference is the other period, which is left out."""
    population = [{"P0": [30, 0], "P1": [30, 5]}, {"P0": [2, 1], "P1": [9, 0]}]
    named = [nameable(_whole(period), "a turn") for period in population]
    assert named == [{"P0", "P1"}, set()]
    cells = [(number, place, at) for number in (0, 1) for place in ("P0", "P1") for at in (0, 1)]
    both = [{(number, "P0", at): 1 for number in (0, 1) for at in (0, 1)}]
    wanted = {(1, "P0", at): 1 for at in (0, 1)}
    assert not _derivable(cells, _equations(population, named), wanted)
    assert _derivable(cells, _equations(population, named, both), wanted)


def test_periods_follow_each_other_and_wait_until_nothing_can_be_undone():
    chance, at = random.Random(7), datetime(2026, 3, 1, tzinfo=UTC)
    since, until = last_period(at)
    for _ in range(2000):
        at += timedelta(hours=chance.randint(1, 30))
        before, (since, until) = (since, until), last_period(at)
        assert until - since == PERIOD
        assert (since, until) == before or since == before[1]
        assert SETTLED <= at - until < PERIOD + SETTLED
