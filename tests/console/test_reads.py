"""An auditor's looks in the log: one row a day for each thing, in words, at no cost in queries."""

import pytest

from shudi.audit import queries as audit
from shudi.staff.actions import purge
from tests.console.desk import check_html, counted, words_of
from tests.people import ALICE, AUDREY, SAM

PAGES = (
    "/", "/queue", "/cases/1", "/accounts/1", "/accounts?q=ann", "/find?q=ann", "/approvals",
    "/corrections", "/brakes", "/audit", "/senders", "/notices",
)  # fmt: skip


@pytest.fixture
def rows(desk, sqlite_database):
    def of(action="data.read"):
        with sqlite_database.read_session() as session:
            found = audit.page(session, action=action, limit=200)
        return [(row.actor_id, row.target_type, row.target_id, row.after) for row in found]

    return of


def test_the_same_thing_again_within_a_day_is_the_same_look(signed_in, rows, time):
    for _ in range(3):
        browser = signed_in(AUDREY)
        assert browser.get("/accounts/1").status_code == 200
        assert browser.get("/cases/1").status_code == 200
        time.turn(hours=7)
    browser = signed_in(AUDREY)
    browser.get("/cases/1?show=notes")
    assert sorted(rows()) == [(AUDREY.id, "account", "1", ""), (AUDREY.id, "case", "1", "")]
    time.turn(hours=3, seconds=1)
    signed_in(AUDREY).get("/accounts/1")
    assert rows().count((AUDREY.id, "account", "1", "")) == 2


def test_what_moderators_read_is_not_counted_one_by_one(signed_in, rows):
    for who in (ALICE, SAM):
        browser = signed_in(who)
        for path in ("/cases/1", "/accounts/1", "/find?q=ann", "/accounts?q=ann"):
            browser.get(path)
    assert rows() + rows("data.found") == []


def test_a_search_is_on_record_by_what_it_showed(signed_in, rows, desk):
    browser = signed_in(AUDREY)
    account = {name: f'{{"account":[{number}]' for name, number in desk.accounts.items()}
    browser.get("/accounts?q=ann")
    browser.get("/accounts?q=ann")
    assert rows("data.found") == [(AUDREY.id, "page", "accounts", account["ann"] + "}")]
    browser.get("/find?q=ann", Accept="application/json")  # the account is the same look
    newest = rows("data.found")[0]
    assert newest[:3] == (AUDREY.id, "page", "find")
    assert "account" not in newest[3]
    browser.get("/find?q=nobody-of-that-name")
    assert len(rows("data.found")) == 2, "nothing shown, nothing seen"


def test_the_log_says_it_in_words_and_filters_it(signed_in, desk):
    browser = signed_in(AUDREY)
    browser.get("/cases/1")
    browser.get("/find?q=ann")
    browser.get("/queue")
    browser.get("/audit")
    check_html(browser.page)
    text = words_of(browser.page)
    assert "Personal data looked at Case 1" in text
    assert "Personal data looked at Queue" in text
    assert f"Shown among the hits of a search Find Account {desk.accounts['ann']}" in text
    text = words_of(browser.get("/audit?action=data.read&type=case&id=1").text)
    assert "Case 1" in text
    assert "Case claimed" not in text.partition("Details")[2]


def test_looks_are_forgotten_once_nothing_merges_with_them(signed_in, desk, sqlite_database, time):
    signed_in(AUDREY).get("/cases/1")
    time.turn(hours=24)
    with sqlite_database.transaction() as session:
        assert purge(session, now=time.now) >= 1
        count = session.connection().exec_driver_sql("SELECT count(*) FROM staff_looks")
        assert count.scalar_one() == 0


def test_a_page_takes_eight_queries_at_most_for_auditors_too(signed_in, desk, sqlite_database):
    browser = signed_in(AUDREY)
    for again in (False, True):
        for path in PAGES:
            with counted(sqlite_database) as count:
                assert browser.get(path).status_code == 200, path
            assert count() <= 8, (path, again)


def test_while_somebody_else_holds_the_store_nothing_is_shown(signed_in, desk, sqlite_database):
    browser = signed_in(AUDREY)
    with sqlite_database.write_engine.begin():
        answer = browser.get("/accounts/1")
    assert (answer.status_code, "ann" in words_of(answer.text).split()) == (503, False)
    assert int(answer.headers["Retry-After"]) > 0
    assert browser.get("/accounts/1").status_code == 200
