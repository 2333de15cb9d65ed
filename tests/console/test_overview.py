"""The overview: what is mine, what waits, what is wrong."""

from tests.console.desk import check_html, words_of
from tests.people import ALICE, BOB


def test_it_shows_my_claims_the_backlog_and_what_is_wrong(desk, signed_in):
    desk.claim(ALICE, "ann")
    browser = signed_in(ALICE)
    answer = browser.get("/")
    assert answer.status_code == 200
    check_html(browser.page)
    text = words_of(browser.page)
    assert "Ann" in text
    assert "minutes left" in text
    assert "A brake holds changes on Forum." in text
    assert "days old" in text, "the bundled database is from 2023"
    assert "IP Geolocation by DB-IP" in text


def test_an_administrator_sees_figures_but_no_button_to_take_cases(desk, signed_in):
    browser = signed_in(BOB)
    assert browser.get("/").status_code == 200
    assert "Take the next case" not in browser.page


def test_it_is_read_only(desk, signed_in):
    browser = signed_in(ALICE)
    browser.get("/")
    assert browser.post("/").status_code == 405


def test_it_speaks_chinese(desk, signed_in):
    browser = signed_in(ALICE)
    browser.get("/", Accept_Language="zh-CN")
    check_html(browser.page)
    assert 'lang="zh-Hans"' in browser.page
    assert "领取下一件" in browser.page
