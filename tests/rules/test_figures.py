"""Shares, roundings and what stands alone."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shudi.cases.rules.figures import (
    AGES,
    FEWEST,
    Figure,
    per_mille,
    rounded,
    share,
    stands_alone,
)


@given(st.integers(1, 10_000), st.data())
def test_a_share_is_the_nearest_per_cent_or_nothing(of: int, data: st.DataObject):
    some = data.draw(st.integers(0, of))
    found = share(some, of)
    if of < FEWEST:
        assert found is None
        return
    assert found is not None
    assert abs(found - Fraction(100 * some, of)) <= Fraction(1, 2)
    assert abs(per_mille(some, of) - Fraction(1000 * some, of)) <= Fraction(1, 2)


@pytest.mark.parametrize(("some", "of", "per_cent"), [(1, 200, 1), (1, 201, 0), (20, 20, 100)])
def test_half_a_per_cent_is_rounded_up(some: int, of: int, per_cent: int):
    assert share(some, of) == per_cent


def test_tenths_are_rounded():
    assert [rounded(tenths) for tenths in (0, 4, 5, 14, 15)] == [0, 0, 1, 1, 2]


@pytest.mark.parametrize(
    ("answers", "alone"),
    [
        (["CN-GD"], [False]),
        (["CN-GD", None], [False, False]),
        (["CN-GD", "CN-ZJ"], [True, True]),
        (["CN-GD", "CN-GD", "US"], [False, False, True]),
        ([None, None], [False, False]),
    ],
)
def test_a_source_stands_alone_where_no_other_gives_its_answer(answers, alone):
    assert [stands_alone(answers, at) for at in range(len(answers))] == alone


def test_ages_rise_and_the_last_has_no_end():
    bounds = [most for _, most in AGES[:-1]]
    assert bounds == sorted(bounds)
    assert AGES[-1][1] is None


def test_no_figure_is_of_a_person():
    assert not [one for one in Figure if any(word in one for word in ("staff", "person", "who"))]
