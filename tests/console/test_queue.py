"""The queue: order, filters in the address, pages, taking the next."""

import sqlalchemy as sa

from shudi.cases.store import Case, Claim
from tests.console.desk import check_html, counted
from tests.people import ALICE, AMIR, AUDREY, BOB, CHARLIE


def test_the_most_severe_comes_first(desk, signed_in):
    browser = signed_in(ALICE)
    assert browser.get("/queue").status_code == 200
    check_html(browser.page)
    assert browser.page.index("Brake on Forum") < browser.page.index("Ann")


def test_filters_are_in_the_address_and_nonsense_in_it_is_ignored(desk, signed_in):
    browser = signed_in(ALICE)
    browser.get("/queue?queue=reports")
    assert "Brake on Forum" not in browser.page
    browser.get("/queue?queue=contests")
    assert "No case fits these filters" in browser.page
    desk.claim(AMIR, "ben")
    browser.get("/queue?holder=unclaimed")
    assert "Ben" not in browser.page
    browser.get("/queue?holder=mine")
    assert "Ann" not in browser.page
    for odd in ("kind=x", "state=%00", "after=1~2~3", "after=2~2026-01-01T00:00:00~1", "site=none"):
        assert browser.get(f"/queue?{odd}").status_code == 200
        assert "Ann" in browser.page


def test_pages_continue_without_gap_or_repetition(desk, signed_in, sqlite_database):
    with sqlite_database.transaction() as session:
        whole = session.execute(sa.select(Case.__table__).where(Case.account_id.is_not(None)))
        row = dict(whole.mappings().first()) | {"account_id": None}
        for at in range(70):
            del_id = {key: value for key, value in row.items() if key != "id"}
            session.execute(sa.insert(Case.__table__), del_id | {"severity": 1 + at % 3})
    browser, seen, path = signed_in(ALICE), [], "/queue"
    while path:
        browser.get(path)
        seen += browser.page.split('href="/cases/')[1:]
        found = browser.page.partition('rel="next" href="')[2]
        path = found.partition('"')[0].replace("&amp;", "&") if found else ""
    numbers = [int(one.partition('"')[0]) for one in seen]
    with sqlite_database.read_session() as session:
        order = sa.select(Case.id).order_by(Case.severity.desc(), Case.due_at, Case.id)
        assert numbers == list(session.scalars(order))


def test_take_next_claims_the_first_that_is_nobodys(desk, signed_in, sqlite_database):
    browser = signed_in(ALICE)
    browser.get("/queue")
    answer = browser.post("/queue/take")
    assert answer.status_code == 303
    with sqlite_database.read_session() as session:
        claim = session.scalars(sa.select(Claim)).one()
    assert claim.staff_id == ALICE.staff_id
    assert answer.location == f"/cases/{claim.case_id}"


def test_taking_twice_takes_two_and_then_says_that_nothing_waits(desk, signed_in):
    browser = signed_in(ALICE)
    places = set()
    for _ in range(4):
        browser.get("/queue")
        places.add(browser.post("/queue/take").location)
    assert len(places) == 4
    assert "/queue" in places
    browser.get("/queue")
    assert "Nothing is waiting" in browser.page


def test_who_may_look_and_who_may_take(desk, signed_in):
    for stranger in (BOB, CHARLIE):
        assert signed_in(stranger).get("/queue").status_code == 403
    auditor = signed_in(AUDREY)
    assert auditor.get("/queue").status_code == 200
    assert auditor.post("/queue/take", {"csrf_token": auditor.token()}).status_code == 403
    assert auditor.get("/queue/take").status_code == 405


def test_it_keeps_within_eight_queries(desk, signed_in, sqlite_database):
    browser = signed_in(ALICE)
    with counted(sqlite_database) as count:
        assert browser.get("/queue?site=forum&overdue=1").status_code == 200
        assert count() <= 8
