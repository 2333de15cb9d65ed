"""One's own pace: off until one turns it on, for oneself alone, gone when one's day is over."""

import pytest

from shudi.audit import queries as audit
from shudi.staff.actions import purge
from tests.console.desk import check_html, words_of
from tests.people import ALICE, AUDREY, BOB, SAM

COUNTED = "Cases opened today"


@pytest.fixture
def kept(sqlite_database):
    def count():
        with sqlite_database.read_session() as session:
            rows = session.connection().exec_driver_sql("SELECT count(*) FROM staff_exposures")
            return rows.scalar_one()

    return count


def choose(browser, minutes="0", **more):
    browser.get("/profile")
    return browser.post("/profile/care", {"break_minutes": minutes, **more})


def today(browser):
    text = words_of(browser.get("/profile").text)
    part = text.partition(COUNTED)[2].split()
    return int(part[0]), int(part[3])  # «3 Decided today 1»


def test_it_is_off_until_turned_on(desk, signed_in, kept):
    browser = signed_in(ALICE)
    assert "data-break" not in browser.get("/cases/1").text
    assert COUNTED not in browser.get("/profile").text
    assert kept() == 0


def test_the_reminder_is_in_every_page_of_who_wants_it(desk, signed_in):
    browser = signed_in(ALICE)
    for minutes in ("25", "50", "90"):
        assert choose(browser, minutes).status_code == 303
        page = browser.get("/queue").text
        check_html(page)
        assert f'data-break="{minutes}"' in page
    assert "data-break" not in signed_in(SAM).get("/queue").text
    assert choose(browser, "7").status_code == 422
    choose(browser, "0")
    assert "data-break" not in browser.get("/queue").text


def test_cases_are_counted_once_and_decisions_too(desk, signed_in):
    browser = signed_in(ALICE)
    choose(browser, counts="y")
    desk.correct(ALICE, "ann", "withhold")
    for name in ("ann", "ben", "ann"):
        browser.get(f"/cases/{desk.cases[name]}")
    assert today(browser) == (2, 1)
    check_html(browser.page)


def test_the_day_is_ones_own_and_what_was_counted_goes_with_it(
    desk, signed_in, kept, time, sqlite_database
):
    browser = signed_in(ALICE)  # it is 9:26 UTC, 17:26 in Shanghai
    browser.get("/profile")
    form = {"language": "", "timezone": "Asia/Shanghai", "scheme": ""}
    assert browser.post("/profile/preferences", form).status_code == 303
    choose(browser, counts="y")
    browser.get("/cases/1")
    time.turn(hours=6, minutes=33)  # 15:59 UTC
    browser = signed_in(ALICE)
    assert today(browser)[0] == 1
    time.turn(minutes=1)  # midnight there
    browser = signed_in(ALICE)
    assert today(browser)[0] == 0
    assert kept() == 1
    with sqlite_database.transaction() as session:
        assert purge(session, now=time.now) >= 1
    assert kept() == 0


def test_turning_it_off_forgets_at_once(desk, signed_in, kept):
    browser = signed_in(ALICE)
    choose(browser, counts="y")
    browser.get("/cases/1")
    assert kept() == 1
    choose(browser)
    assert kept() == 0


def test_nobody_else_is_told_and_the_log_neither(desk, signed_in, sqlite_database):
    browser = signed_in(ALICE)
    with sqlite_database.read_session() as session:
        before = [row.seq for row in audit.page(session, limit=500)]
    choose(browser, "50", counts="y")
    browser.get("/cases/1")
    with sqlite_database.read_session() as session:
        assert [row.seq for row in audit.page(session, limit=500)] == before
    for who in (SAM, BOB, AUDREY):
        other = signed_in(who)
        for path in ("/profile", "/statistics", "/audit", "/system", "/"):
            text = words_of(other.get(path).text)
            assert COUNTED not in text, (who.name, path)


def test_a_busy_store_is_no_reason_to_fail(desk, signed_in, kept, sqlite_database):
    browser = signed_in(ALICE)
    choose(browser, counts="y")
    with sqlite_database.write_engine.begin():
        assert browser.get("/cases/1").status_code == 200
    assert kept() == 0
