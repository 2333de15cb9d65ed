"""Cookies, and what they stand for."""

import pytest
import sqlalchemy as sa

from console import sessions
from shudi.staff.store import StaffSession
from tests.console.browser import HOME
from tests.people import ALICE


def cookies_of(answer):
    return answer.headers.getlist("Set-Cookie")


def test_every_cookie_is_a_host_cookie(signed_in, browser):
    answers = [browser.get("/sign-in"), browser.get("/sign-in?lang=zh_Hans")]
    person = signed_in(ALICE)
    person.get("/profile")
    form = {"language": "", "timezone": "", "scheme": ""}
    answers += [person.post("/profile/preferences", form), person.get("/profile")]
    person.get("/profile")
    answers.append(person.post("/sign-out"))
    found = [cookie for answer in answers for cookie in cookies_of(answer)]
    assert {cookie.split("=")[0] for cookie in found} == {
        "__Host-shudi",
        "__Host-shudi-csrf",
        "__Host-shudi-flash",
        "__Host-shudi-lang",
    }
    for cookie in found:
        assert "; Secure" in cookie
        assert "; HttpOnly" in cookie
        assert "; SameSite=Strict" in cookie
        assert "; Path=/" in cookie
        assert "Domain" not in cookie
        assert len(cookie) < 4096
        assert HOME not in cookie


def test_a_page_reads_no_remember_cookie(signed_in):
    browser = signed_in(ALICE)
    browser.client.set_cookie("remember_token", "1|abc", domain="labels.example.org")
    assert browser.get("/profile").status_code == 200
    assert browser.cookie("remember_token") == "1|abc"


def test_the_session_is_noted_at_most_once_a_minute(signed_in, time, sqlite_database):
    browser = signed_in(ALICE)

    def seen():
        with sqlite_database.read_session() as session:
            return session.scalar(sa.select(StaffSession.seen_at))

    start = seen()
    time.turn(seconds=50)
    browser.get("/profile")
    assert seen() == start
    time.turn(seconds=11)
    browser.get("/profile")
    assert seen() == time.now


def test_a_request_in_flight_does_not_revive_a_killed_session(
    app, signed_in, time, sqlite_database, monkeypatch
):
    browser = signed_in(ALICE)
    time.turn(minutes=5)
    keep_alive = sessions.keep_alive

    def killed_in_between():
        with sqlite_database.transaction() as session:
            session.execute(sa.delete(StaffSession))
        keep_alive()

    monkeypatch.setattr(sessions, "keep_alive", killed_in_between)
    browser.get("/profile")
    monkeypatch.undo()
    with sqlite_database.read_session() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(StaffSession)) == 0


def test_a_store_that_only_reads_still_shows_pages(signed_in, time, monkeypatch):
    from shudi.db import Database
    from shudi.errors import Unavailable

    browser = signed_in(ALICE)
    time.turn(minutes=5)

    def locked(self):
        raise Unavailable("store-unavailable", "The store does not answer.")

    monkeypatch.setattr(Database, "transaction", locked)
    assert browser.get("/profile").status_code == 200


@pytest.mark.parametrize("token", ["", "x", "A" * 4000, "'; drop table staff;--", "\x7f"])
def test_a_cookie_that_means_nothing_is_nobody(browser, token):
    browser.hold(token)
    assert browser.get("/profile").status_code == 303
