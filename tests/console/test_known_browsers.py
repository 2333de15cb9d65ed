"""The cookie by which a browser is known, and passkeys as far as pages go."""

import re

import pytest
import sqlalchemy as sa

from shudi.staff.codec import passwords, totp
from shudi.staff.codec.keyring import token_hash
from shudi.staff.store import Staff
from shudi.staff.store.factors import Challenge, KnownDevice
from tests.console.browser import Browser
from tests.console.desk import check_html
from tests.people import ALICE

PASSWORD = "three small boats at dusk"
COOKIE = "__Host-shudi-device"


@pytest.fixture
def secret(app, sqlite_database):
    """Of Alice's authenticator; her password is PASSWORD."""
    secret = totp.new_secret()
    values = {
        "password_hash": passwords.hash_new(PASSWORD),
        "totp_secret": app.extensions["keyring"].seal(secret),
    }
    with sqlite_database.transaction() as session:
        session.execute(sa.update(Staff).where(Staff.id == ALICE.staff_id).values(**values))
    return secret


def sign_in(browser, secret, now):
    browser.get("/sign-in")
    browser.post("/sign-in", {"name": "alice", "password": PASSWORD})
    browser.get("/sign-in/code")
    return browser.post("/sign-in/code", {"code": totp.code_at(secret, now)})


def test_a_browser_is_known_after_both_factors_and_not_before(app, secret, time, sqlite_database):
    browser = Browser(app)
    browser.get("/sign-in")
    browser.post("/sign-in", {"name": "alice", "password": PASSWORD})
    assert browser.cookie(COOKIE) is None
    browser.get("/sign-in/code")
    answer = browser.post("/sign-in/code", {"code": totp.code_at(secret, time.now)})
    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith(COOKIE))
    for part in ("; Secure", "; HttpOnly", "; SameSite=Strict", "; Path=/", "Max-Age=7776000"):
        assert part in cookie
    assert "Domain" not in cookie
    with sqlite_database.read_session() as session:
        kept = session.scalars(sa.select(KnownDevice.token_hash)).all()
    assert kept == [token_hash(browser.cookie(COOKIE))]


def test_it_stays_known_when_signing_out_and_opens_nothing(app, secret, time):
    browser = Browser(app)
    sign_in(browser, secret, time.now)
    token = browser.cookie(COOKIE)
    browser.get("/profile")
    browser.post("/sign-out")
    assert browser.cookie(COOKIE) == token
    assert browser.get("/profile").status_code == 303


def test_another_browser_is_told_of_and_each_can_be_forgotten(app, secret, time):
    first, second = Browser(app), Browser(app, "198.51.100.7")
    sign_in(first, secret, time.now)
    time.turn(minutes=1)
    sign_in(second, secret, time.now)
    second.get("/profile/security")
    check_html(second.page)
    assert "in a browser that was not known" in second.page
    ids = re.findall(r"/profile/security/browsers/(\d+)/forget", second.page)
    assert len(ids) == 2
    assert second.post(f"/profile/security/browsers/{ids[1]}/forget").status_code == 303
    second.get("/profile/security")
    assert len(re.findall(r"/profile/security/browsers/(\d+)/forget", second.page)) == 1
    assert second.post(f"/profile/security/browsers/{ids[1]}/forget").status_code == 404


def test_who_was_refused_several_times_is_told_at_the_next_sign_in(app, secret, time):
    browser = Browser(app)
    for _ in range(3):
        browser.get("/sign-in")
        browser.post("/sign-in", {"name": "alice", "password": "wrong"})
    sign_in(browser, secret, time.now)
    browser.get("/profile/security")
    assert "3 attempts to sign in as you were refused." in browser.page


def test_a_passkey_that_is_none_is_refused_on_the_page(app, browser):
    browser.get("/sign-in")
    check_html(browser.page)
    for typed in ({"passkey": "{}"}, {"passkey": ""}, {}):
        assert browser.post("/sign-in/passkey", typed).status_code == 422
        check_html(browser.page)
    assert browser.post("/sign-in/passkey", {"passkey": "[" * 10_000}).status_code == 422
    assert "was not accepted" in browser.page


def test_a_challenge_is_given_to_a_form_of_ours_only(app, browser, sqlite_database):
    browser.get("/sign-in")
    assert browser.post("/passkeys/challenge", {"csrf_token": "x"}).status_code == 403
    assert browser.post("/passkeys/challenge", Sec_Fetch_Site="cross-site").status_code == 403
    browser.get("/sign-in")
    answer = browser.post("/passkeys/challenge")
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_json()["rpId"] == "labels.example.org"
    assert answer.get_json()["userVerification"] == "required"
    assert answer.get_json()["allowCredentials"] == []
    with sqlite_database.read_session() as session:
        assert session.scalar(sa.select(Challenge.holder)).startswith("visitor:")


def test_an_address_without_a_name_offers_no_passkeys(app, browser, signed_in, monkeypatch):
    import dataclasses

    numbered = dataclasses.replace(app.extensions["settings"], base_url="https://203.0.113.1")
    app.extensions["settings"] = numbered
    browser.get("/sign-in")
    assert "data-passkey" not in browser.page
    alice = signed_in(ALICE)
    alice.get("/profile/security")
    assert "data-passkey" not in alice.page
