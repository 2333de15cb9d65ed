"""A case on account information: both values, what was found, and the two decisions."""

import pytest
import sqlalchemy as sa

from shudi.accounts.queries import account as account_view
from shudi.accounts.rules import AccountInfo
from shudi.cases.actions.intake import put_account
from shudi.cases.rules import CaseKind, CaseState
from shudi.cases.store import Case
from shudi.staff.actions import declare_own_account
from tests.console.desk import check_html, counted, hidden, words_of
from tests.people import ALICE, AMIR, AUDREY, BOB, PLATFORM

ACCEPT = {"verdict": "accept", "accept_reason": "no_claim", "text": "A joke."}
REFUSE = {"verdict": "refuse", "rule": "misleading", "text": "No such office."}


def submit(desk, name):
    with desk.database.transaction() as session:
        put_account(
            session,
            actor=PLATFORM,
            site_id=desk.site,
            account="ann",
            info=AccountInfo(name=name, handle="ann-handle"),
            now=desk.now,
        )
        return session.scalars(
            sa.select(Case.id).where(Case.kind == CaseKind.ACCOUNT_INFORMATION)
        ).one()


@pytest.fixture
def case_id(desk):
    return submit(desk, "Official <b>Ann</b>")


def claimed(case_id, signed_in, who=ALICE):
    browser, path = signed_in(who), f"/cases/{case_id}"
    browser.get(path)
    assert browser.post(f"{path}/claim").status_code == 303
    browser.get(path)
    return browser, path


def live(desk):
    with desk.database.read_session() as session:
        return account_view(session, account_id=desk.accounts["ann"]).name


def state(desk, case_id):
    with desk.database.read_session() as session:
        return session.get_one(Case, case_id).state


def test_the_page_shows_both_values_and_marks_what_was_found(desk, case_id, signed_in):
    browser, _ = claimed(case_id, signed_in)
    check_html(browser.page)
    text = words_of(browser.page)
    assert "<mark>Official</mark> &lt;b&gt;Ann&lt;/b&gt;" in browser.page
    assert "<b>Ann" not in browser.page
    assert "Claims to be official" in text
    assert "Names must not claim to speak for a body" in text
    assert "Account-information regulation of 2022: Article 8 (2)" in text
    assert 'value="keep"' not in browser.page
    browser.get("/queue?kind=account_information")
    check_html(browser.page)
    assert f'href="/cases/{case_id}"' in browser.page


def test_the_page_speaks_chinese(desk, case_id, signed_in):
    browser, path = claimed(case_id, signed_in)
    browser.get(path, Accept_Language="zh-CN")
    text = words_of(browser.page)
    assert "自称“官方”" in text
    assert "《互联网用户账号信息管理规定》（2022）第8条第2项" in text


def test_reading_takes_at_most_eight_queries(desk, case_id, signed_in, sqlite_database):
    browser, path = claimed(case_id, signed_in)
    with counted(sqlite_database) as count:
        browser.get(path)
        assert count() <= 8


def test_accepting_makes_the_values_live(desk, case_id, signed_in):
    browser, path = claimed(case_id, signed_in)
    answer = browser.post(f"{path}/decide-submission", ACCEPT | hidden(browser, "version"))
    assert answer.status_code == 303
    assert (live(desk), state(desk, case_id)) == ("Official <b>Ann</b>", CaseState.CLOSED)
    browser.get(path)
    check_html(browser.page)
    text = words_of(browser.page)
    assert "Decided : New values accepted" in text
    assert "Nobody could take it for a claim" in text
    assert "<mark>Official</mark>" in browser.page


def test_a_decision_on_values_is_taken_back_on_its_page(desk, case_id, signed_in, time):
    browser, path = claimed(case_id, signed_in)
    browser.post(f"{path}/decide-submission", ACCEPT | hidden(browser, "version"))
    browser.get(path)
    assert "Undo or revert" in browser.page
    browser.get("/decisions/1")
    check_html(browser.page)
    assert "the submitted values wait as before" in browser.page
    assert "As readers see it" not in browser.page
    assert browser.post("/decisions/1/undo", hidden(browser, "version")).status_code == 303
    assert (live(desk), state(desk, case_id)) == ("Ann", CaseState.OPEN)
    browser.get(path)
    assert "what it was before" in browser.page
    browser.post(f"{path}/decide-submission", ACCEPT | hidden(browser, "version"))
    time.turn(minutes=11)
    browser.get("/decisions/2")
    check_html(browser.page)
    assert "is reverted by somebody else" in browser.page
    other = signed_in(AMIR)
    other.get("/decisions/2")
    check_html(other.page)
    form = hidden(other, "version", "label_version") | {"text": "It claims too much."}
    assert other.post("/decisions/2/revert", form).status_code == 303
    assert live(desk) == "Ann"
    other.get("/decisions/2")
    assert "Another decision reverted this one." in other.page
    late = other.post("/decisions/2/revert", form | {"csrf_token": other.token()})
    assert late.status_code == 409
    check_html(other.page)


def test_refusing_keeps_the_live_values(desk, case_id, signed_in):
    browser, path = claimed(case_id, signed_in)
    answer = browser.post(f"{path}/decide-submission", REFUSE | hidden(browser, "version"))
    assert answer.status_code == 303
    assert (live(desk), state(desk, case_id)) == ("Ann", CaseState.CLOSED)
    browser.get(path)
    assert "Untrue or misleading" in words_of(browser.page)


@pytest.mark.parametrize(
    ("form", "status"),
    [
        (ACCEPT | {"accept_reason": ""}, 422),
        (REFUSE | {"rule": "travel"}, 422),
        (REFUSE | {"verdict": "keep"}, 422),
        (REFUSE | {"verdict": ""}, 422),
        (ACCEPT | {"version": "x"}, 422),
        (ACCEPT | {"version": "99"}, 409),
    ],
)
def test_what_was_typed_comes_back(desk, case_id, signed_in, form, status):
    browser, path = claimed(case_id, signed_in)
    sent = hidden(browser, "version") | form | {"text": "My <long> explanation"}
    answer = browser.post(f"{path}/decide-submission", sent)
    assert answer.status_code == status
    check_html(browser.page)
    assert "My &lt;long&gt; explanation" in browser.page
    assert live(desk) == "Ann"


def test_who_came_late_sees_the_newer_values(desk, case_id, signed_in):
    browser, path = claimed(case_id, signed_in)
    seen = hidden(browser, "version")
    with desk.database.transaction() as session:
        session.get_one(Case, case_id).updated_at = desk.now.replace(year=2025)
    submit(desk, "春茶新闻")
    assert browser.post(f"{path}/decide-submission", ACCEPT | seen).status_code == 409
    assert "春茶<mark>新闻</mark>" in browser.page
    assert "A joke." in browser.page
    assert live(desk) == "Ann"
    submit(desk, "Annie")  # and now nothing waits
    assert browser.post(f"{path}/decide-submission", ACCEPT | seen).status_code == 409
    check_html(browser.page)
    assert "A joke." in browser.page
    assert "Newer values were accepted" in words_of(browser.page)


def test_it_needs_the_right_the_method_the_token_and_the_claim(desk, case_id, signed_in):
    path = f"/cases/{case_id}/decide-submission"
    for who in (AUDREY, BOB):
        browser = signed_in(who)
        browser.get("/profile")
        assert browser.post(path, ACCEPT | {"version": "1"}).status_code == 403
        assert browser.get(path).status_code == 405
    browser = signed_in(ALICE)
    browser.get(f"/cases/{case_id}")
    assert browser.post(path, ACCEPT | {"version": "1", "csrf_token": "x"}).status_code == 403
    assert browser.post(path, ACCEPT | {"version": "1"}).status_code == 422  # not claimed
    browser.get("/queue")
    answer = browser.post("/cases/999/decide-submission", ACCEPT | {"version": "1"})
    assert answer.status_code == 404
    assert live(desk) == "Ann"


def test_an_own_account_is_for_somebody_else(desk, case_id, signed_in):
    with desk.database.transaction() as session:
        declare_own_account(session, actor=AMIR, account_id=desk.accounts["ann"], now=desk.now)
    browser = signed_in(AMIR)
    browser.get(f"/cases/{case_id}")
    assert "account of your own" in browser.page
    answer = browser.post(f"/cases/{case_id}/decide-submission", ACCEPT | {"version": "1"})
    assert answer.status_code == 403
    assert live(desk) == "Ann"


def test_label_decisions_do_not_fit_here_nor_these_elsewhere(desk, case_id, signed_in):
    browser, path = claimed(case_id, signed_in)
    form = {"verdict": "dismiss", "keep_reason": "duplicate", "label_version": "1"}
    answer = browser.post(f"{path}/decide", form | hidden(browser, "version"))
    assert answer.status_code == 422
    report = desk.claim(ALICE, "ben")
    answer = browser.post(f"/cases/{report}/decide-submission", ACCEPT | {"version": "1"})
    assert answer.status_code == 422
    check_html(browser.page)
    assert state(desk, case_id) is CaseState.OPEN
