"""The account holder's page: one link, one account, no moderator."""

import pytest

from shudi.cases.actions.holders import make_link
from tests.console.desk import check_html, hidden, words_of
from tests.people import ALICE, PLATFORM


@pytest.fixture
def link(desk):
    def make(account="ann"):
        with desk.database.transaction() as session:
            token = make_link(
                session, actor=PLATFORM, site_id=desk.site, account=account, now=desk.now
            )
        return f"/holder/{token}"

    return make


def entered(browser, path):
    assert browser.get(path).status_code == 200
    check_html(browser.page)
    assert browser.post(path).status_code == 303
    assert browser.get("/holder").status_code == 200
    return browser


def test_the_link_opens_the_own_label_once(desk, link, browser):
    path = link()
    entered(browser, path)
    check_html(browser.page)
    text = words_of(browser.page)
    assert "IP location: Guangdong" in text
    assert "latest public activity" in text
    assert "whoever has a list of names" in text
    browser.get(path)
    assert browser.post(path).status_code == 404
    check_html(browser.page)


def test_looking_at_the_link_does_not_use_it_up(desk, link, browser):
    path = link()
    for _ in range(3):
        assert browser.get(path).status_code == 200
    assert browser.post(path).status_code == 303


def test_without_a_session_there_is_nothing(desk, browser):
    assert browser.get("/holder").status_code == 404
    browser.get("/sign-in")
    assert browser.post("/holder/contest", {"text": "x", "label_version": "1"}).status_code == 404
    assert browser.raw("/holder/contest", method="PUT").status_code == 405


def test_half_an_hour_later_the_page_is_closed(desk, link, browser, time):
    entered(browser, link())
    time.turn(minutes=31)
    assert browser.get("/holder").status_code == 404


def test_contesting_opens_a_case_and_says_how_it_stands(desk, link, browser, signed_in):
    desk.correct(ALICE, "ann", "mark_uncertain")
    entered(browser, link())
    assert "Corrected" in browser.page
    seen = hidden(browser, "label_version", "holder_token")
    assert browser.post("/holder/contest", seen | {"text": " "}).status_code == 422
    check_html(browser.page)
    token = {"csrf_token": browser.token()}
    form = seen | token | {"text": "I live in Guangdong."}
    assert browser.post("/holder/contest", form).status_code == 303
    browser.get("/holder")
    check_html(browser.page)
    assert "Being looked at" in browser.page
    assert browser.post("/holder/contest", form).status_code == 409
    browser.get("/holder")
    for secret in ("alice", "dbip", "test", "staff:"):
        assert secret not in words_of(browser.page).lower()
    desk_browser = signed_in(ALICE)
    desk_browser.get("/queue?kind=contest")
    assert "Ann" in desk_browser.page


def test_another_holders_token_does_not_fit(desk, link, browser):
    entered(browser, link())
    form = hidden(browser, "label_version") | {"text": "x", "holder_token": "not-mine"}
    assert browser.post("/holder/contest", form).status_code == 403


def test_leaving_forgets_the_session(desk, link, browser):
    entered(browser, link())
    kept = browser.cookie("__Host-shudi-holder")
    assert browser.post("/holder/leave").status_code == 303
    assert browser.get("/holder").status_code == 404
    browser.client.set_cookie(
        "__Host-shudi-holder", kept, domain="labels.example.org", secure=True, httponly=True
    )
    assert browser.get("/holder").status_code == 404
    assert browser.get("/holder/left").status_code == 200
    check_html(browser.page)


def test_it_speaks_the_language_that_was_chosen(desk, link, browser):
    browser.get(f"{link()}?lang=zh_Hans")
    check_html(browser.page)
    assert "打开我的页面" in browser.page
