"""What every answer says to the browser."""

import re

import pytest

from console import access
from console.headers import HEADERS, policy
from shudi.errors import Invalid, NotAllowed, NotFound, Refused, Stale, Unavailable
from tests.people import ALICE

LOADED = re.compile(r"<script[^>]*>|<link[^>]*stylesheet[^>]*>|<style[^>]*>")
REFUSALS = {
    403: NotAllowed("role", "x"),
    404: NotFound("case-unknown", "x"),
    409: Stale("conflict", "x"),
    422: Invalid("shape", "x"),
    503: Unavailable("store-unavailable", "x"),
    500: RuntimeError("x"),
}


@pytest.fixture
def failing(app):
    @app.get("/fails/<int:status>", endpoint="fails")
    @access.public
    def fails(status):
        raise REFUSALS[status]

    return app


@pytest.mark.parametrize("status", REFUSALS)
def test_a_refusal_is_a_page_of_its_status(failing, signed_in, status):
    browser = signed_in(ALICE)
    answer = browser.get(f"/fails/{status}")
    assert answer.status_code == status
    assert "<h1" in browser.page
    assert answer.mimetype == "text/html"
    assert (answer.headers.get("Retry-After") is not None) == (status == 503)
    complete(answer)


def nonce_of(answer):
    """The nonce that the header names, and that everything the page loads carries."""
    said = answer.headers["Content-Security-Policy"]
    (nonce,) = set(re.findall(r"'nonce-([\w-]{22})'", said))
    if answer.mimetype == "text/html":
        loaded = LOADED.findall(answer.text)
        assert all(f'nonce="{nonce}"' in tag for tag in loaded), loaded
    return nonce


def complete(answer):
    for name, value in HEADERS.items():
        assert answer.headers[name] == value, name
    said = answer.headers["Content-Security-Policy"]
    assert said == policy(nonce_of(answer))
    assert "unsafe" not in said
    assert "*" not in said
    assert answer.headers["X-Request-ID"]
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_every_page_has_them(app, signed_in):
    browser = signed_in(ALICE)
    for rule in app.url_map.iter_rules():
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<int:{name}>", "1").replace(f"<path:{name}>", "shudi.css")
            path = path.replace(f"<{name}>", "x")
        answer = browser.get(path)
        complete(answer)
        if rule.endpoint != "static":
            assert answer.headers["Cache-Control"] == "no-store", path
        answer.close()


def test_so_have_errors_before_any_view(browser, app):
    complete(browser.get("/nothing"))
    complete(browser.raw("/sign-in", method="TRACE"))
    complete(browser.raw("/sign-in", headers={"Host": "evil.example"}))
    complete(browser.raw("/static/nothing.css"))


def test_static_files_may_be_kept_and_errors_may_not(browser):
    kept = browser.raw("/static/shudi.css")
    assert kept.status_code == 200
    assert "no-store" not in kept.headers["Cache-Control"]
    assert kept.headers["ETag"]
    kept.close()
    assert browser.raw("/static/nothing.css").headers["Cache-Control"] == "no-store"


def test_each_request_has_its_name(browser):
    names = {browser.get("/sign-in").headers["X-Request-ID"] for _ in range(20)}
    assert len(names) == 20


@pytest.mark.parametrize("answers", [300, pytest.param(10_000, marks=pytest.mark.long)])
def test_no_two_answers_have_the_same_nonce(browser, answers):
    asked = ("/sign-in", "/nothing", "/static/shudi.css", "/cases")
    nonces = set()
    for turn in range(answers):
        answer = browser.raw(asked[turn % len(asked)])
        nonces.add(nonce_of(answer))
        answer.close()
    assert len(nonces) == answers


def test_a_refused_rule_of_the_domain_is_422(app, browser):
    @app.get("/refused", endpoint="refused")
    @access.public
    def refused():
        raise Refused("case-closed", "This case is closed.")

    assert browser.get("/refused").status_code == 422
    assert "This case is closed." in browser.page
