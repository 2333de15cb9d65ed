"""Forged requests change nothing."""

import html
import re

import pytest
from flask import request

from console import access, csrf
from tests.console.browser import BASE, Browser
from tests.people import ALICE, SAM


def unsafe_routes(app):
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods - csrf.SAFE):
            values = dict.fromkeys(rule.arguments, 1)
            with app.test_request_context(base_url=BASE):
                yield method, app.url_for(rule.endpoint, **values)


FORGED = {
    "no token": {"data": {}},
    "another's token": {"data": {"csrf_token": "f" * 43}},
    "text/plain": {"data": "csrf_token=x", "content_type": "text/plain"},
    "json": {"json": {"csrf_token": "x"}},
}


@pytest.mark.parametrize("how", FORGED)
def test_every_unsafe_route_wants_the_token(app, signed_in, how):
    browser = signed_in(SAM)
    routes = list(unsafe_routes(app))
    assert len(routes) > 5
    for method, path in routes:
        answer = browser.raw(path, method=method, headers={"Origin": BASE}, **FORGED[how])
        assert answer.status_code == 403, path


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://labels.example.org"},
        {"Origin": "https://labels.example.org.evil.example"},
        {"Origin": BASE, "Sec-Fetch-Site": "cross-site"},
        {"Origin": BASE, "Sec-Fetch-Site": "same-site"},
    ],
)
def test_the_right_token_from_elsewhere_is_refused(app, signed_in, headers):
    browser = signed_in(SAM)
    browser.get("/profile")
    token = browser.token()
    for method, path in unsafe_routes(app):
        answer = browser.raw(path, method=method, headers=headers, data={"csrf_token": token})
        assert answer.status_code == 403, path
        assert "Send again" not in browser.page


def test_the_token_of_another_session_is_refused(signed_in):
    alice, sam = signed_in(ALICE), signed_in(SAM)
    alice.get("/profile")
    sam.get("/profile")
    assert alice.token() != sam.token()
    answer = sam.post("/profile/sign-out-elsewhere", {"csrf_token": alice.token()})
    assert answer.status_code == 403


def test_a_visitors_token_belongs_to_their_cookie(app):
    one, other = Browser(app), Browser(app)
    one.get("/sign-in")
    other.get("/sign-in")
    answer = other.post("/sign-in", {"name": "x", "password": "y", "csrf_token": one.token()})
    assert answer.status_code == 403
    without = Browser(app).post("/sign-in", {"name": "x", "csrf_token": one.token()})
    assert without.status_code == 403


def test_a_method_cannot_be_smuggled(signed_in):
    browser = signed_in(ALICE)
    browser.get("/profile")
    for header in ("X-HTTP-Method-Override", "X-Method-Override"):
        assert browser.get("/sign-out", **{header: "POST"}).status_code == 405
    assert browser.get("/sign-out?_method=POST").status_code == 405
    assert browser.get("/profile").status_code == 200


def test_the_token_may_come_as_a_header(signed_in):
    browser = signed_in(ALICE)
    browser.get("/profile")
    headers = {"X-CSRF-Token": browser.token(), "Origin": BASE}
    answer = browser.raw("/profile/sign-out-elsewhere", method="POST", headers=headers)
    assert answer.status_code == 303


def test_an_out_of_date_form_keeps_the_words_and_can_be_sent_again(app, signed_in, time):
    seen = []

    @app.post("/long-text/<int:case_id>", endpoint="long_text")
    @access.signed_in
    def long_text(case_id):
        seen.append((case_id, request.form["text"], request.args.get("tab")))
        return "kept"

    words = "A long reason that somebody typed for ten minutes.\n<script>alert(1)</script>"
    browser = signed_in(ALICE)
    browser.get("/profile")
    answer = browser.post(
        "/long-text/7?tab=a&_scheme=javascript&_external=1",
        {"csrf_token": "old", "text": words, "version": "3", "password": "never back"},
    )
    assert answer.status_code == 403
    assert words.replace("\n", "\r\n") in html.unescape(browser.page) or words in html.unescape(
        browser.page
    )
    assert "<script>alert" not in browser.page
    assert "never back" not in browser.page
    assert browser.field("version") == "3"
    action = html.unescape(re.search(r'<form method="post" action="(/long[^"]*)"', browser.page)[1])
    assert action.startswith("/long-text/7?tab=a")
    assert not seen
    assert browser.post(action, {"text": words, "version": "3"}).status_code == 200
    assert seen == [(7, words, "a")]


def test_after_the_session_ended_the_words_are_kept_until_signed_in_again(app, signed_in, time):
    browser = signed_in(ALICE)
    browser.get("/profile")
    time.turn(hours=1)
    answer = browser.post("/profile/own-accounts", {"site": "forum", "account": "typed" * 20})
    assert answer.status_code == 403
    assert "typed" * 20 in browser.page
    assert "Sign in in a new tab" in browser.page
    browser.client.set_cookie(
        "__Host-shudi", signed_in(ALICE).cookie("__Host-shudi"), domain="labels.example.org"
    )
    answer = browser.post("/profile/own-accounts", {"site": "forum", "account": "typed" * 20})
    assert answer.status_code == 403  # the token of the time before
    answer = browser.post("/profile/own-accounts", {"site": "forum", "account": "typed" * 20})
    assert answer.status_code == 422  # now it is read: there is no such account


def test_looking_writes_nothing(app, signed_in, sqlite_store, sqlite_database):
    browser = signed_in(SAM)
    browser.get("/profile")
    with sqlite_database.read_engine.connect() as connection:
        before = connection.exec_driver_sql("PRAGMA data_version").scalar()
        for path in ("/profile", "/sign-in", "/sign-in/code", "/enrol/x", "/demo-sign-in/x"):
            browser.get(path)
        assert connection.exec_driver_sql("PRAGMA data_version").scalar() == before
