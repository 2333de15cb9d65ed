"""The door."""

import re

import pytest
import sqlalchemy as sa

from shudi import db as store
from shudi.audit import queries as audit
from shudi.errors import Unavailable
from shudi.staff.codec import passwords, totp
from shudi.staff.codec.keyring import Keyring
from shudi.staff.store import Staff
from tests.console.browser import Browser
from tests.people import ALICE, CHARLIE, SAM

PASSWORD = "three small boats at dusk"


@pytest.fixture
def alice(app, sqlite_database):
    """Alice's authenticator; her password is PASSWORD."""
    secret = totp.new_secret()
    values = {
        "password_hash": passwords.hash_new(PASSWORD),
        "totp_secret": app.extensions["keyring"].seal(secret),
    }
    with sqlite_database.transaction() as session:
        session.execute(sa.update(Staff).where(Staff.id == ALICE.staff_id).values(**values))
    return secret


def first_factor(browser, name="alice", password=PASSWORD, to=""):
    browser.get(f"/sign-in{to}")
    return browser.post(f"/sign-in{to}", {"name": name, "password": password})


def second_factor(browser, code, to=""):
    browser.get(f"/sign-in/code{to}")
    return browser.post(f"/sign-in/code{to}", {"code": code})


def test_password_then_code_lead_in(browser, alice, time):
    answer = first_factor(browser)
    assert (answer.status_code, answer.location) == (303, "/sign-in/code")
    pending = browser.cookie("__Host-shudi")
    assert browser.get("/profile").status_code == 303  # half a sign-in opens nothing
    answer = second_factor(browser, totp.code_at(alice, time.now))
    assert answer.status_code == 303
    assert browser.cookie("__Host-shudi") != pending
    assert browser.get("/profile").status_code == 200
    assert "alice" in browser.page


def test_a_wrong_code_can_be_typed_again(browser, alice, time):
    first_factor(browser)
    assert second_factor(browser, "000000").status_code == 422
    assert second_factor(browser, totp.code_at(alice, time.now)).status_code == 303


def test_a_code_without_password_leads_back(browser, alice, time):
    assert browser.get("/sign-in/code").location == "/sign-in"
    browser.get("/sign-in")
    answer = browser.post("/sign-in/code", {"code": totp.code_at(alice, time.now)})
    assert answer.location == "/sign-in"


def test_unknown_and_wrong_are_the_same_page(app, browser, alice):
    pages = []
    for name in ("alice", "nobody", "sam"):
        answer = first_factor(browser, name, "wrong wrong wrong wrong")
        text = re.sub(r'(?:name="csrf_token" value|nonce)="[^"]*"', "", browser.page)
        pages.append(
            (answer.status_code, text.replace(name, "NAME"), sorted(answer.headers.keys()))
        )
    assert pages[0] == pages[1] == pages[2]
    assert pages[0][0] == 422


def test_the_password_never_comes_back(browser, alice):
    first_factor(browser, password="a wrong but secret password")
    assert "a wrong but secret password" not in browser.page
    assert browser.field("name") == "alice"


def test_too_many_attempts_are_told_when_to_return(browser, alice):
    for _ in range(10):
        assert first_factor(browser, password="wrong").status_code == 422
    answer = first_factor(browser)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 360
    assert Browser(browser.client.application, "198.51.100.7").get("/sign-in").status_code == 200


def test_a_thousand_forged_addresses_are_one_client(app, alice):
    browser = Browser(app)
    browser.get("/sign-in")
    answers = [
        browser.post(
            "/sign-in",
            {"name": f"name{number}", "password": "wrong"},
            X_Forwarded_For=f"10.1.{number}.1",
        ).status_code
        for number in range(14)
        if browser.get("/sign-in")
    ]
    assert answers == [422] * 10 + [429] * 4


def test_a_second_sign_in_ends_the_first_session(app, browser, alice, time, sqlite_database):
    first_factor(browser)
    second_factor(browser, totp.code_at(alice, time.now))
    old = browser.cookie("__Host-shudi")
    assert browser.get("/sign-in").status_code == 303  # signed in already
    browser.get("/profile")
    time.turn(minutes=1)
    browser.post("/sign-in", {"name": "alice", "password": PASSWORD})
    stranger = Browser(app)
    stranger.hold(old)
    assert stranger.get("/profile").status_code == 303


def test_a_password_typed_twice_signs_nobody_out(browser, alice, time, sqlite_database):
    first_factor(browser)
    pending = browser.cookie("__Host-shudi")
    first_factor(browser)
    assert browser.cookie("__Host-shudi") != pending
    second_factor(browser, totp.code_at(alice, time.now))
    assert _actions(sqlite_database) == ["staff.signed_in"]
    browser.get("/profile")
    browser.post("/sign-out")
    assert _actions(sqlite_database) == ["staff.signed_out", "staff.signed_in"]


def _actions(database):
    with database.read_session() as session:
        return [row.action for row in audit.page(session, limit=9) if "staff.sign" in row.action]


def test_a_planted_cookie_gets_nobody_in(app, browser, alice, time):
    planted = "A" * 43
    browser.hold(planted)
    first_factor(browser)
    assert browser.cookie("__Host-shudi") != planted
    second_factor(browser, totp.code_at(alice, time.now))
    thief = Browser(app)
    thief.hold(planted)
    assert thief.get("/profile").status_code == 303


def test_signing_out_is_a_post_and_ends_the_session(app, signed_in):
    browser = signed_in(ALICE)
    token = browser.cookie("__Host-shudi")
    assert browser.get("/sign-out").status_code == 405
    browser.get("/profile")
    assert browser.post("/sign-out").location == "/sign-in"
    assert browser.cookie("__Host-shudi") is None
    thief = Browser(app)
    thief.hold(token)
    assert thief.get("/profile").status_code == 303


def test_the_page_that_was_wanted_comes_after(browser, alice, time):
    wanted = browser.get("/profile").location
    assert wanted == "/sign-in?to=profile.index"
    answer = first_factor(browser, to="?to=profile.index")
    assert answer.location == "/sign-in/code?to=profile.index"
    answer = second_factor(browser, totp.code_at(alice, time.now), to="?to=profile.index")
    assert answer.location == "/profile"


ELSEWHERE = (
    "https://evil.example", "//evil.example", "////evil.example", "/%09/evil.example",
    "/\t/evil.example", "\\\\evil.example", "/\\evil.example", "/%0a/evil.example", "/.//evil.example",
    "https:evil.example", "https:/evil.example", "http:///evil.example", "javascript:alert(1)",
    "data:text/html,x", "labels.example.org@evil.example", "／／evil.example", "/。/evil.example",
    "profile.index/../..", "static", "sign_in.sign_out", "enrol.show", "nothing.here", "", " ",
    "profile.index\x00", "profile.index\r\nSet-Cookie: a=b", "None", "__class__", "cases.show",
)  # fmt: skip


@pytest.mark.parametrize("to", ELSEWHERE)
@pytest.mark.parametrize("parameter", ["to", "next", "url", "return_to"])
def test_nothing_in_the_address_leads_elsewhere(signed_in, to, parameter):
    browser = signed_in(CHARLIE)
    answer = browser.client.get(
        "/sign-in",
        base_url="https://labels.example.org",
        query_string={
            parameter: to,
            "case_id": "1 or 1",
            "_external": "1",
            "_scheme": "javascript",
        },
    )
    assert answer.status_code == 303
    assert answer.location == "/oversight"


def test_a_link_from_elsewhere_offers_to_continue(browser):
    browser.get("/sign-in?to=profile.index", Sec_Fetch_Site="cross-site")
    assert 'href="/profile"' in browser.page
    browser.get("/sign-in?to=profile.index", Sec_Fetch_Site="same-origin")
    assert 'href="/profile"' not in browser.page


def test_without_a_store_the_door_stays_shut(browser, alice, app, monkeypatch):
    browser.get("/sign-in")

    def gone(*args):
        raise Unavailable("store-unavailable", "The store does not answer.")

    monkeypatch.setattr(store.Database, "transaction", gone)
    monkeypatch.setattr(store.Database, "read_session", gone)
    answer = browser.post("/sign-in", {"name": "alice", "password": PASSWORD})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    browser.hold("A" * 43)
    for path in ("/profile", "/sign-in", "/enrol/x"):
        answer = browser.get(path)
        assert answer.status_code == 503
        assert "<h1>" in browser.page


def test_attempts_and_refusals_hold_no_address_or_name(
    browser, alice, sqlite_store, sqlite_database
):
    first_factor(browser, name="typed-my-secret-here", password="wrong-but-mine")
    with sqlite_database.read_session() as session:
        assert audit.page(session)[0].action == "staff.sign_in_refused"
    sqlite_database.dispose()
    for path in sqlite_store.path.parent.glob("shudi.db*"):
        data = path.read_bytes()
        for word in (
            b"203.0.113.9",
            b"typed-my-secret-here",
            b"wrong-but-mine",
            b"\xcb\x00\x71\x09",
        ):
            assert word not in data


@pytest.mark.parametrize("bad", ["a\x00b", "\x1b[31m", "x" * 65, "", " "])
def test_what_is_no_name_is_said_on_the_field(browser, bad):
    assert first_factor(browser, bad).status_code == 422


def test_a_retired_key_signs_nobody_in_and_a_fallback_does(browser, alice, app, time):
    old = app.extensions["keyring"]
    app.extensions["keyring"] = Keyring("new" * 20, (old.secret_key,), old.days)
    first_factor(browser)
    assert second_factor(browser, totp.code_at(alice, time.now)).status_code == 303


def test_landing_is_where_the_role_may_be(signed_in):
    assert signed_in(CHARLIE).get("/sign-in").location == "/oversight"
    assert signed_in(SAM).get("/sign-in").location in ("/", "/overview", "/profile")


def test_idle_ends_on_the_next_request(signed_in, time):
    browser = signed_in(ALICE)
    assert browser.get("/profile").status_code == 200
    time.turn(minutes=29)
    assert browser.get("/profile").status_code == 200
    time.turn(minutes=29)
    assert browser.get("/profile").status_code == 200
    time.turn(minutes=31)
    assert browser.get("/profile").status_code == 303
