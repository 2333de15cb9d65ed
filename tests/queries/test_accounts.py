"""Finding accounts by a beginning, on both stores alike."""

import pytest

from shudi.accounts import queries
from shudi.errors import NotFound
from tests import factories


@pytest.fixture
def found(database, site, now):
    people = {
        "u-1": ("Tea_House", "茶馆 Ａｎｎ"),
        "u-2": ("teahouse", "茶馆 Ben"),
        "U-1": (None, "José"),
        "100%": ("x", "Zoë"),
    }
    with database.transaction() as session:
        for account, (handle, name) in people.items():
            factories.make_account(
                session, site_id=site, account=account, now=now, handle=handle, name=name
            )

    def search(text):
        with database.read_session() as session:
            return [row.account for row in queries.search(session, site_id=site, text=text)]

    return search


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("u-", {"u-1", "u-2"}),
        ("U-1", {"U-1"}),
        ("@tea", {"u-2"}),
        ("Tea_", {"u-1"}),
        ("茶馆", {"u-1", "u-2"}),
        ("茶馆 ann", {"u-1"}),
        ("JOSÉ", {"U-1"}),
        ("%", set()),
        ("_", set()),
        ("100%", {"100%"}),
        ("", set()),
        ("house", set()),
    ],
)
def test_search(found, text, expected):
    assert set(found(text)) == expected


def test_the_exact_id_comes_first(found, database, site, now):
    with database.transaction() as session:
        factories.make_account(session, site_id=site, account="u", now=now, name="Aaa")
        factories.make_account(session, site_id=site, account="b", now=now, name="u")
    assert found("u")[0] == "u"


def test_one_account(database, site, now):
    with database.transaction() as session:
        account_id = factories.make_account(session, site_id=site, account="ann", now=now)
    with database.read_session() as session:
        assert queries.account(session, account_id=account_id).site_key == "forum"
        with pytest.raises(NotFound):
            queries.account(session, account_id=999)
