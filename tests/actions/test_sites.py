"""Adding a community."""

import pytest
import sqlalchemy as sa

from shudi.errors import Invalid, NotAllowed, Stale
from shudi.sites.actions import create_site
from shudi.sites.queries import all_sites, site_by_id, site_by_key
from shudi.sites.rules import check_key, check_match, check_name
from shudi.sites.store import Fold, PageKeyKind, Site
from tests.people import ALICE, AUDREY, BOB, PLATFORM, SAM, SYSTEM


def _create(desk, by=BOB, **changes):
    values = {"key": "tea-house", "name": "Tea House", "match": ["https://tea.example/*"]} | changes
    return desk.act(create_site, actor=by, **values)


def test_a_site_is_what_was_said(desk):
    with desk.logged(site__created=1):
        made = _create(desk, page_key=PageKeyKind.HANDLE, fold=Fold.CASEFOLD)
    with desk.database.read_session() as session:
        site = site_by_id(session, made)
        assert site == site_by_key(session, "tea-house")
        assert [one.key for one in all_sites(session)] == ["forum", "tea-house"]
        assert site_by_key(session, "TEA-HOUSE") is None
    assert (site.name, site.match) == ("Tea House", ["https://tea.example/*"])
    assert (site.page_key, site.fold) == (PageKeyKind.HANDLE, Fold.CASEFOLD)
    assert (site.seq, site.account_count, site.as_of) == (0, 0, desk.now)
    assert site.adapter["account"][0]["place"] == "after"


def test_who_adds_sites_and_which(desk):
    for who in (ALICE, SAM, AUDREY, PLATFORM):
        with desk.refused(NotAllowed, "role"):
            _create(desk, who)
    with desk.refused(Stale, "site-exists"):
        _create(desk, key="forum")
    for name in ("", "  ", "x" * 121, "two\nlines", "nul\0"):
        with desk.refused(Invalid, "site-name"):
            _create(desk, name=name)
    with desk.refused(Invalid, "site-match"):
        _create(desk, match=[])
    assert desk.rows(sa.select(Site.key)) == ["forum"]
    _create(desk, SYSTEM)


@pytest.mark.parametrize("key", ["a", "tea-house", "a1-2-b", "x" * 64])
def test_a_key_is_kebab_case(key):
    assert check_key(key) == key


@pytest.mark.parametrize(
    "key",
    ["", "-a", "a-", "a--b", "A", "tea_house", "1a", "a b", "a\n", "é", "x" * 65, "a/b", "a\0"],
)
def test_no_other_key_will_do(key):
    with pytest.raises(Invalid) as caught:
        check_key(key)
    assert caught.value.code == "site-key"


@pytest.mark.parametrize(
    ("pattern", "right"),
    [
        ("https://forum.example.org/*", True),
        ("http://127.0.0.1:8001/*", True),
        ("*://*.example.org/t/*", True),
        ("https://*/*", True),
        ("https://forum.example.org", False),
        ("ftp://forum.example.org/*", False),
        ("javascript:alert(1)", False),
        ("https://a b/*", False),
        ("https://a.example/*\n", False),
        ("<all_urls>", False),
        ("", False),
    ],
)
def test_match_patterns(pattern, right):
    if right:
        assert check_match([pattern]) == [pattern]
    else:
        with pytest.raises(Invalid):
            check_match(["https://a.example/*", pattern])


def test_names_are_of_any_script():
    assert check_name("茶館 Tea") == "茶館 Tea"
