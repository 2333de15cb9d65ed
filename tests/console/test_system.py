"""The system's page."""

from tests.console.desk import check_html, words_of
from tests.people import ALICE, BOB, CHARLIE


def test_it_shows_databases_store_and_sites(desk, signed_in):
    browser = signed_in(BOB)
    assert browser.get("/system").status_code == 200
    check_html(browser.page)
    text = words_of(browser.page)
    assert "Out of date" in text
    assert "SQLite 3" in text
    assert "Not published yet" in text


def test_rights_and_method(desk, signed_in):
    assert signed_in(ALICE).get("/system").status_code == 200
    assert signed_in(CHARLIE).get("/system").status_code == 403
    browser = signed_in(BOB)
    browser.get("/system")
    assert browser.post("/system").status_code == 405
