"""The queue's other pages: named queues, kept views, what moves, handing over, skipping, senders."""

import enum
from datetime import timedelta

import pytest
import sqlalchemy as sa

from console import queue_words
from shudi.cases.actions import handover, presence
from shudi.cases.actions.intake import take_report
from shudi.cases.rules import SkipReason
from shudi.cases.rules.priority import Fate, Queue, Raise, Why
from shudi.cases.store import Case, CaseEvent, Claim
from shudi.cases.store.queue import CaseReport, SavedView
from shudi.staff.store import StaffSession
from tests.console.desk import check_html, counted, hidden, words_of
from tests.people import ALICE, AMIR, AUDREY, BOB, CHARLIE, READER, SAM

TABLES = [
    (queue_words.QUEUE, Queue),
    (queue_words.QUEUE_MEANS, Queue),
    (queue_words.SKIP, SkipReason),
    (queue_words.FATE, Fate),
]
FLOOD = "sender:" + "f" * 40


@pytest.mark.parametrize(("table", "kind"), TABLES)
def test_every_code_of_the_queue_has_words(table, kind: type[enum.StrEnum]):
    assert set(table) == set(kind)


def test_every_reason_has_words():
    assert set(queue_words.WHY) == {*Why, *Raise}


def report(desk, account, kind="wrong_label", sender=FLOOD):
    with desk.database.transaction() as session:
        take_report(
            session,
            actor=READER,
            site_key="forum",
            account=account,
            kind=kind,
            text="again and again",
            now=desk.now,
            sender=sender,
        )


def given(desk, name="ann", to=AMIR):
    desk.claim(ALICE, name)
    with desk.database.transaction() as session:
        active = session.scalars(sa.select(Claim.id).where(Claim.ended_at.is_(None))).one()
        handover.assign(
            session,
            actor=ALICE,
            case_id=desk.cases[name],
            to=to.staff_id,
            seen_claim=active,
            text="",
            now=desk.now,
        )


# -- the queue ------------------------------------------------------------------------------------


def test_named_queues_are_tabs_with_counts(desk, signed_in):
    browser = signed_in(ALICE)
    report(desk, "ann", "harmful_label")
    browser.get("/queue?queue=harm")
    check_html(browser.page)
    assert "Ann" in browser.page
    assert "Ben" not in browser.page
    assert "raised: somebody may be at risk" in browser.page
    text = words_of(browser.page)
    assert "Reports 2" in text
    assert "Brakes 1" in text
    assert "High and urgent 2" in text


def test_the_page_says_why_the_first_is_first(desk, signed_in):
    browser = signed_in(ALICE)
    browser.get("/queue")
    assert "Why is this first?" in browser.page
    assert "Severity urgent, the severity of its kind; due within a day." in words_of(browser.page)


def test_clocks_are_text(desk, signed_in, time):
    desk.claim(AMIR, "ann")
    time.turn(minutes=5)
    browser = signed_in(ALICE)
    browser.get("/queue?holder=" + str(AMIR.staff_id))
    text = words_of(browser.page)
    assert "claimed 5 minutes ago" in text
    assert "opened 5 minutes ago" in text
    assert "10 minutes left" in text
    assert "in 7 days" in text or "in 1 week" in text
    assert "selected>amir<" in browser.page


def test_what_was_handed_over_stands_on_top(desk, signed_in):
    given(desk)
    browser = signed_in(AMIR)
    browser.get("/queue")
    assert "handed over by alice" in words_of(browser.page)
    check_html(browser.page)


def test_every_page_of_the_queue_keeps_within_eight_queries(desk, signed_in, sqlite_database):
    given(desk)
    report(desk, "ann")
    browser = signed_in(AMIR)
    pages = (
        "/queue?queue=reports&site=forum&holder=1&overdue=1",
        "/queue/pulse?queue=reports",
        "/find?q=ann",
        "/senders",
        "/senders/1",
        f"/cases/{desk.cases['ann']}/senders",
        f"/cases/{desk.cases['ann']}/hand-over",
    )
    for path in pages:
        with counted(sqlite_database) as count:
            answer = browser.get(path)
            assert answer.status_code in (200, 404), path
            assert count() <= 8, path


# -- kept views -----------------------------------------------------------------------------------


def test_a_view_is_an_address_that_others_can_open(desk, signed_in, sqlite_database):
    browser = signed_in(ALICE)
    browser.get("/queue?holder=unclaimed&queue=reports&site=forum&nonsense=1")
    query = hidden(browser, "query")["query"]
    assert query == "queue=reports&site=forum&holder=unclaimed"
    answer = browser.post("/queue/views", {"name": "Free reports", "query": query})
    assert answer.location == f"/queue?{query}"
    browser.get(answer.location)
    check_html(browser.page)
    assert "Free reports" in browser.page
    other = signed_in(AMIR)
    other.get(answer.location)
    assert "Ann" in other.page
    assert "Free reports" not in other.page
    with sqlite_database.read_session() as session:
        view = session.scalars(sa.select(SavedView)).one()
    assert other.post(f"/queue/views/{view.id}/remove").status_code == 404
    assert browser.post(f"/queue/views/{view.id}/remove").status_code == 303


def test_a_view_keeps_nothing_but_the_filter(desk, signed_in, sqlite_database):
    browser = signed_in(ALICE)
    browser.get("/queue")
    for query in ("//evil.example", "queue=none&after=1~2~3&lang=zh_Hans", "holder=mine&" * 15):
        browser.post("/queue/views", {"name": "Odd", "query": query})
    with sqlite_database.read_session() as session:
        assert session.scalars(sa.select(SavedView.query)).one() == "holder=mine"
    browser.get("/queue")
    assert browser.post("/queue/views", {"name": " ", "query": ""}).status_code == 422
    assert "between 1 and 60" in browser.page


# -- what moves -----------------------------------------------------------------------------------


def test_the_pulse_names_holders_and_who_is_there(desk, signed_in):
    desk.claim(AMIR, "ann")
    browser = signed_in(ALICE)
    with desk.database.transaction() as session:
        for who in (SAM, ALICE):
            presence.arrive(session, actor=who, case_id=desk.cases["ben"], now=desk.now)
    browser.get("/queue")
    before = browser.page
    rows = {one["id"]: one for one in browser.get("/queue/pulse").json["rows"]}
    assert rows[desk.cases["ann"]]["held"].startswith("amir · ")
    assert rows[desk.cases["ben"]] | {"mark": ""} == {
        "id": desk.cases["ben"],
        "mark": "",
        "held": "Nobody",
        "here": "Open just now: sam",
    }
    assert "Open just now: sam" in words_of(before)
    for one in rows.values():
        assert f'data-case="{one["id"]}" data-mark="{one["mark"]}"' in before
    desk.claim(SAM, "ben")
    again = {one["id"]: one for one in browser.get("/queue/pulse").json["rows"]}
    assert again[desk.cases["ben"]]["mark"] != rows[desk.cases["ben"]]["mark"]
    assert again[desk.cases["ann"]]["mark"] == rows[desk.cases["ann"]]["mark"]


def test_pages_that_ask_by_themselves_keep_no_session_alive(desk, signed_in, time, sqlite_database):
    browser = signed_in(ALICE)
    browser.get("/queue")

    def seen_at():
        with sqlite_database.read_session() as session:
            return session.scalars(sa.select(StaffSession.seen_at)).one()

    start = seen_at()
    time.turn(minutes=5)
    assert browser.get("/queue/pulse").status_code == 200
    browser.page = f'name="csrf_token" value="{_token(sqlite_database)}"'
    assert browser.post(f"/cases/{desk.cases['ann']}/presence").status_code == 200
    assert seen_at() == start
    browser.get("/queue")
    assert seen_at() == start + timedelta(minutes=5)


def _token(database):
    with database.read_session() as session:
        return session.scalars(sa.select(StaffSession.csrf)).one()


def test_presence_says_who_is_there_and_whether_the_case_moved(desk, signed_in):
    path = f"/cases/{desk.cases['ann']}"
    alice, amir = signed_in(ALICE), signed_in(AMIR)
    alice.get(path)
    page, token = alice.page, alice.token()
    amir.get(path)
    assert amir.post(f"{path}/presence").json["here"] == ""
    first = alice.post(f"{path}/presence", {"csrf_token": token}).json
    assert first["here"] == "Open just now: amir"
    assert f'data-mark="{first["mark"]}"' in page
    desk.claim(AMIR, "ann")
    moved = alice.post(f"{path}/presence", {"csrf_token": token}).json
    assert moved["mark"] != first["mark"]
    assert moved["held"].startswith("amir · ")
    amir.get(path)
    assert amir.post(f"{path}/presence/leave").status_code == 204
    assert alice.post(f"{path}/presence", {"csrf_token": token}).json["here"] == ""
    bob = signed_in(BOB)
    bob.get("/profile")
    assert bob.post(f"{path}/presence").status_code == 403


# -- handing over and skipping --------------------------------------------------------------------


def test_handing_over_by_the_page(desk, signed_in, sqlite_database):
    case = desk.claim(ALICE, "ann")
    browser = signed_in(ALICE)
    browser.get(f"/cases/{case}")
    assert f"/cases/{case}/hand-over" in browser.page
    browser.get(f"/cases/{case}/hand-over")
    check_html(browser.page)
    form = hidden(browser, "claim") | {"to": str(AMIR.staff_id), "text": "You know them"}
    assert browser.post(f"/cases/{case}/assign", form).location == "/queue"
    with sqlite_database.read_session() as session:
        active = session.scalars(sa.select(Claim).where(Claim.ended_at.is_(None))).one()
        line = session.scalars(sa.select(CaseEvent).order_by(CaseEvent.id.desc())).first()
    assert active.staff_id == AMIR.staff_id
    assert (line.kind.value, line.text) == ("assigned", "You know them")


def test_what_was_typed_is_kept_where_handing_over_fails(desk, signed_in):
    case = desk.claim(ALICE, "ann")
    browser = signed_in(ALICE)
    browser.get(f"/cases/{case}/hand-over")
    stale = {"claim": "0", "to": str(AMIR.staff_id), "text": "You know them"}
    assert browser.post(f"/cases/{case}/assign", stale).status_code == 409
    assert "You know them" in browser.page
    assert f'value="{AMIR.staff_id}" selected' in browser.page
    check_html(browser.page)
    again = {"to": str(AMIR.staff_id), "text": "You know them"} | hidden(browser, "claim")
    assert browser.post(f"/cases/{case}/assign", again).status_code == 303
    browser.get(f"/cases/{case}/hand-over")
    assert "Claim it first, or ask a senior" in browser.page
    assert browser.post(f"/cases/{case}/assign", {"claim": "0"}).status_code == 422


def test_who_holds_the_case_no_longer_is_told_so_where_the_form_is_gone(desk, signed_in):
    case = desk.cases["ann"]
    browser = signed_in(ALICE)
    browser.get(f"/cases/{case}/hand-over")
    late = {"claim": "7", "to": str(AMIR.staff_id), "text": "You know them"}
    assert browser.post(f"/cases/{case}/assign", late).status_code == 409
    assert "Somebody else took or handed over this case meanwhile" in browser.page
    assert "You know them" in browser.page
    check_html(browser.page)


def test_skipping_goes_on_to_the_next(desk, signed_in):
    browser = signed_in(ALICE)
    browser.get("/queue")
    first = browser.post("/queue/take").location
    browser.get(first)
    form = {"reason": "language", "then": "next"}
    following = browser.post(f"{first}/skip", form).location
    assert following not in (first, "/queue")
    browser.get("/queue")
    assert "1 case that you skipped is not listed" in words_of(browser.page)
    browser.get("/queue?skipped=1")
    assert f'href="{first}"' in browser.page
    browser.get(following)
    assert browser.post(f"{following}/skip", {"reason": "other", "text": ""}).status_code == 422
    assert "Write something first" in browser.page
    check_html(browser.page)
    assert browser.post(f"{following}/skip", {"reason": "language"}).location == "/queue"


# -- one sender's reports -------------------------------------------------------------------------


def test_a_flood_is_looked_at_set_aside_and_brought_back(desk, signed_in, sqlite_database):
    with sqlite_database.transaction() as session:  # the desk's own reports have no sender
        session.execute(sa.update(CaseReport).values(sender=FLOOD))
        session.execute(sa.update(Case).where(Case.id == desk.cases["cat"]).values(reports=2))
    for _ in range(3):
        report(desk, "ann")
    browser = signed_in(ALICE)
    browser.get("/senders")
    check_html(browser.page)
    path = browser.page.partition('href="/senders/')[2].partition('"')[0]
    browser.get(f"/senders/{path}")
    check_html(browser.page)
    text = words_of(browser.page)
    assert "again and again" in text
    assert text.count("Dismissed: nothing else speaks for it") == 2
    assert text.count("Stays open, without these reports") == 1
    assert FLOOD not in browser.page
    form = hidden(browser, "seen") | {"case": list(desk.cases.values()), "text": "One campaign"}
    answer = browser.post(f"/senders/{path}/set-aside", form)
    assert answer.location == "/senders"
    browser.get("/senders")
    check_html(browser.page)
    assert "Set aside in 3 cases" in browser.page
    undo = browser.page.partition('action="/senders/set-asides/')[2].partition('"')[0]
    assert browser.post(f"/senders/set-asides/{undo}").status_code == 303
    browser.get("/senders")
    assert "Undone" in browser.page
    with sqlite_database.read_session() as session:
        states = set(session.scalars(sa.select(Case.state)))
    assert {one.value for one in states} == {"open"}


def test_setting_aside_nothing_is_refused_and_keeps_the_words(desk, signed_in):
    report(desk, "ann")
    browser = signed_in(ALICE)
    case = desk.cases["ann"]
    browser.get(f"/cases/{case}/senders")
    path = browser.page.partition('href="/senders/')[2].partition('"')[0]
    browser.get(f"/senders/{path}")
    form = hidden(browser, "seen") | {"text": "One campaign"}
    assert browser.post(f"/senders/{path}/set-aside", form).status_code == 422
    assert "One campaign" in browser.page
    assert browser.get("/senders/999").status_code == 404
    auditor = signed_in(AUDREY)
    auditor.get(f"/senders/{path}")
    assert "Set the ticked ones aside" not in auditor.page
    check_html(auditor.page)


# -- finding --------------------------------------------------------------------------------------


def test_finding_accounts_cases_people_and_corrections(desk, signed_in):
    correction = desk.correct(ALICE, "ben", "withhold")
    browser = signed_in(ALICE)
    asked = {"Accept": "application/json"}

    def hits(text):
        found = browser.get(f"/find?q={text}", **asked).json["hits"]
        return [(one["kind"], one["url"]) for one in found]

    account, case = desk.accounts["ann"], desk.cases["ann"]
    assert hits("Ann") == [("account", f"/accounts/{account}"), ("case", f"/cases/{case}")]
    assert hits("@ann-h")[0] == ("account", f"/accounts/{account}")
    assert hits("ben")[1] == ("correction", f"/corrections/{correction}")
    assert ("case", f"/cases/{case}") in hits(f"%23{case}")
    assert ("correction", f"/corrections/{correction}") in hits(str(correction))
    assert hits("AMI") == [("person", f"/queue?holder={AMIR.staff_id}")]
    assert hits("") == hits("zzz") == hits("%00") == hits("9" * 30) == hits("%25") == []
    browser.get("/find?q=ann")
    check_html(browser.page)
    assert f"/cases/{case}" in browser.page
    browser.get("/find?q=nobody-at-all")
    assert "Nothing was found" in browser.page
    assert "Accept" in browser.get("/find?q=a").headers["Vary"]


def test_who_may_find(desk, signed_in):
    for who in (BOB, CHARLIE):
        assert signed_in(who).get("/find?q=ann").status_code == 403
    assert signed_in(AUDREY).get("/find?q=ann").status_code == 200
