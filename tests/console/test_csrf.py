"""Forged requests change nothing."""

import contextlib
import html
import json
import re

import pytest
import sqlalchemy as sa
from flask import request

from console import access, csrf
from shudi.audit.store import AuditRow
from shudi.db import Base
from tests.console.browser import BASE, Browser
from tests.people import ALICE, SAM


def unsafe_routes(app):
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods - csrf.SAFE):
            values = dict.fromkeys(rule.arguments, 1)
            with app.test_request_context(base_url=BASE):
                yield method, app.url_for(rule.endpoint, **values)


def forged(token):
    """What a page of somebody else could send; `token` is another session's."""
    return {
        "no token": {"data": {}},
        "a token that nobody has": {"data": {"csrf_token": "f" * 43}},
        "another session's token": {"data": {"csrf_token": token}},
        "another session's token as a header": {"data": {}, "headers": {"X-CSRF-Token": token}},
        "text/plain": {"data": f"csrf_token={token}", "content_type": "text/plain"},
        "JSON as text/plain": {
            "data": json.dumps({"csrf_token": token}),
            "content_type": "text/plain",
        },
        "JSON": {"json": {"csrf_token": token}},
        "another method said in a field": {"data": {"_method": "GET", "csrf_token": ""}},
        "another method said in a header": {
            "data": {},
            "headers": {"X-HTTP-Method-Override": "GET", "X-Method-Override": "GET"},
        },
    }


@contextlib.contextmanager
def nothing_written(database):
    """All that is stored is what it was."""

    def stored():
        with database.read_session() as session:
            return {
                table.name: session.execute(sa.select(sa.func.count()).select_from(table)).scalar()
                for table in Base.metadata.sorted_tables
                if table.name != "audit"
            }, session.scalar(sa.select(sa.func.count()).where(AuditRow.action != "access.denied"))

    before = stored()
    yield
    assert stored() == before


@pytest.mark.parametrize("how", list(forged("")))
def test_every_unsafe_route_wants_the_token_and_writes_nothing(
    app, signed_in, desk, sqlite_database, how
):
    browser, other = signed_in(SAM), signed_in(ALICE)
    other.get("/profile")
    sent = forged(other.token())[how]
    headers = {"Origin": BASE} | sent.pop("headers", {})
    routes = list(unsafe_routes(app))
    assert len(routes) > 60
    with nothing_written(sqlite_database):
        for method, path in routes:
            answer = browser.raw(path, method=method, headers=headers, **sent)
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
def test_the_right_token_from_elsewhere_is_refused(app, signed_in, desk, sqlite_database, headers):
    browser = signed_in(SAM)
    browser.get("/profile")
    token = browser.token()
    with nothing_written(sqlite_database):
        for method, path in unsafe_routes(app):
            answer = browser.raw(path, method=method, headers=headers, data={"csrf_token": token})
            assert answer.status_code == 403, path
            assert "Send again" not in browser.page


def test_control_with_the_token_it_is_written(signed_in, desk, sqlite_database):
    browser = signed_in(SAM)
    browser.get("/profile")
    with pytest.raises(AssertionError), nothing_written(sqlite_database):
        browser.post(f"/cases/{desk.cases['ann']}/claim", {})


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
