"""What a person chose for themselves."""

import pytest

from shudi.staff.store import OwnAccount, Staff
from tests import factories
from tests.people import ALICE, SAM


def choose(browser, **changes):
    browser.get("/profile")
    values = {"language": "", "timezone": "", "scheme": ""} | changes
    return browser.post("/profile/preferences", values)


def test_preferences_are_kept_and_used(signed_in, sqlite_database):
    browser = signed_in(ALICE)
    answer = choose(browser, language="zh_Hans", timezone="Asia/Shanghai", scheme="dark")
    assert answer.location == "/profile"
    browser.get("/profile", Accept_Language="en")
    assert '<html lang="zh-Hans" data-scheme="dark">' in browser.page
    with sqlite_database.read_session() as session:
        row = session.get(Staff, ALICE.staff_id)
    assert (row.language, row.timezone, row.scheme) == ("zh_Hans", "Asia/Shanghai", "dark")


@pytest.mark.parametrize(
    "wrong", [{"language": "fr"}, {"timezone": "Mars/Olympus"}, {"scheme": "pink"}]
)
def test_other_choices_are_refused(signed_in, wrong):
    assert choose(signed_in(ALICE), **wrong).status_code == 422


def test_the_browsers_language_counts_without_a_preference(browser):
    browser.get("/sign-in", Accept_Language="zh-CN,zh;q=0.9,en;q=0.5")
    assert '<html lang="zh-Hans"' in browser.page
    browser.get("/sign-in", Accept_Language="fr,en;q=0.5")
    assert '<html lang="en"' in browser.page
    browser.get("/sign-in?lang=zh_Hans", Accept_Language="en")
    assert '<html lang="zh-Hans"' in browser.page
    browser.get("/sign-in", Accept_Language="en")
    assert '<html lang="zh-Hans"' in browser.page
    browser.get("/sign-in?lang=%0d%0a", Accept_Language="en")
    assert '<html lang="zh-Hans"' in browser.page


def test_an_own_account_is_declared_by_its_id(signed_in, sqlite_database, now):
    with sqlite_database.transaction() as session:
        site_id = factories.make_site(session, now=now)
        factories.make_account(session, site_id=site_id, account="u-1", now=now)
    browser = signed_in(ALICE)
    browser.get("/profile")
    answer = browser.post("/profile/own-accounts", {"site": "forum", "account": "u-1"})
    assert answer.status_code == 303
    with sqlite_database.read_session() as session:
        assert session.query(OwnAccount).one().staff_id == ALICE.staff_id
    browser.get("/profile")
    assert "u-1" in browser.page
    for account in ("u-1", "u-", "nobody"):
        answer = browser.post("/profile/own-accounts", {"site": "forum", "account": account})
        assert answer.status_code == 422
    answer = browser.post("/profile/own-accounts", {"site": "elsewhere", "account": "u-1"})
    assert answer.status_code == 422


def test_other_sessions_can_be_ended(signed_in):
    here, there, other = signed_in(ALICE), signed_in(ALICE), signed_in(SAM)
    here.get("/profile")
    assert "Sign out everywhere else" in here.page
    assert here.post("/profile/sign-out-elsewhere").status_code == 303
    assert here.get("/profile").status_code == 200
    assert there.get("/profile").status_code == 303
    assert other.get("/profile").status_code == 200


def test_nobody_elses_preferences_can_be_set(signed_in, sqlite_database):
    browser = signed_in(ALICE)
    answer = choose(browser, scheme="dark", staff_id=str(SAM.staff_id), id="2", role="admin")
    assert answer.status_code == 303
    with sqlite_database.read_session() as session:
        assert session.get(Staff, SAM.staff_id).scheme == ""
        assert session.get(Staff, ALICE.staff_id).role == ALICE.role
