"""How far a scope reaches, and which scope lies within which."""

import itertools

import pytest

from shudi.staff.rules.scopes import EVERYWHERE, Scope


def sites(*ids: int) -> Scope:
    return Scope(frozenset(ids))


def regions(*codes: str) -> Scope:
    return Scope(None, frozenset(codes))


def test_no_limit_reaches_every_site_and_what_is_of_all_of_them():
    assert EVERYWHERE.unlimited
    assert all(EVERYWHERE.allows_site(one) for one in (1, 2, None))


def test_a_limit_reaches_its_sites_and_nothing_that_is_of_all_of_them():
    assert not sites(1).unlimited
    assert [sites(1).allows_site(one) for one in (1, 2, None)] == [True, False, False]


def test_a_country_covers_its_divisions_and_a_division_only_itself():
    asked = ("CN", "CN-GD", "CN-ZJ", "HK", "US")
    assert [regions("CN").allows_region(one) for one in asked] == [True, True, True, False, False]
    assert [regions("CN-GD").allows_region(one) for one in asked] == [False, True] + [False] * 3
    assert all(EVERYWHERE.allows_region(one) for one in asked)


@pytest.mark.parametrize(
    ("mine", "theirs", "covered"),
    [
        (EVERYWHERE, EVERYWHERE, True),
        (EVERYWHERE, sites(1, 2), True),
        (sites(1, 2), sites(1), True),
        (sites(1), sites(1, 2), False),
        (sites(1), EVERYWHERE, False),
        (regions("CN"), regions("CN-GD", "CN-ZJ"), True),
        (regions("CN-GD"), regions("CN"), False),
        (regions("CN-GD"), EVERYWHERE, False),
        (sites(1), regions("CN-GD"), False),
    ],
)
def test_who_covers_whom(mine, theirs, covered):
    assert mine.covers(theirs) is covered


def test_covering_is_what_reaching_says():
    """Over all scopes of three sites: it is covered if nothing is reached beyond."""
    some = [frozenset(each) for n in (1, 2, 3) for each in itertools.combinations((1, 2, 3), n)]
    for mine, theirs in itertools.product([None, *some], repeat=2):
        beyond = any(
            Scope(theirs).allows_site(one) and not Scope(mine).allows_site(one)
            for one in (1, 2, 3, None)
        )
        assert Scope(mine).covers(Scope(theirs)) is not beyond
