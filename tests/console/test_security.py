"""One's own ways in: the security page, and the second factor asked for again."""

import html
import re

import pytest
import sqlalchemy as sa

from shudi.staff.actions.recovery import issue_codes
from shudi.staff.codec import passwords, totp
from shudi.staff.queries.security import notices_of
from shudi.staff.store import Staff, StaffSession
from tests.console.browser import Browser
from tests.console.desk import check_html
from tests.people import ALICE, AMIR

PASSWORD = "three small boats at dusk"
OTHER = "seven quiet herons wait"
CHANGE = {"present": PASSWORD, "password": OTHER, "password_again": OTHER}


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


@pytest.fixture
def codes(sqlite_database):
    with sqlite_database.transaction() as session:
        return issue_codes(session, staff_id=ALICE.staff_id)


@pytest.fixture
def alice(signed_in, secret):
    browser = signed_in(ALICE)
    browser.get("/profile/security")
    return browser


def confirm(browser, path, **typed):
    """Answer the page that asks for the second factor again."""
    return browser.post(path, {"kept": browser.field("kept"), **typed})


def stranger_with(browser, token):
    other = Browser(browser.client.application)
    other.hold(token)
    return other


def test_the_password_is_changed_and_the_browser_stays_signed_in(alice, signed_in):
    elsewhere, before = signed_in(ALICE), alice.cookie("__Host-shudi")
    assert alice.post("/profile/security/password", CHANGE).location == "/profile/security"
    assert alice.get("/profile/security").status_code == 200
    check_html(alice.page)
    assert "Your password was changed." in alice.page
    assert alice.cookie("__Host-shudi") != before
    assert elsewhere.get("/profile").status_code == 303
    assert stranger_with(alice, before).get("/profile").status_code == 303


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"present": "not this one at all"}, "not your present password"),
        ({"password_again": "something else again"}, "differ"),
        ({"password": PASSWORD, "password_again": PASSWORD}, "the password that you have"),
        ({"password": "labels.example.org", "password_again": "labels.example.org"}, "another"),
    ],
)
def test_a_mistake_changes_nothing_and_shows_no_password(alice, changes, says):
    assert alice.post("/profile/security/password", CHANGE | changes).status_code == 422
    text = html.unescape(alice.page)
    assert says in text
    assert PASSWORD not in text
    assert OTHER not in text


def test_another_app_is_set_up(alice, time, sqlite_database):
    alice.get("/profile/security/app")
    fresh = "".join(re.findall(r"<code>([A-Z2-7]{4})</code>", alice.page))
    form = {"sealed": alice.field("sealed"), "code": "000000"}
    assert alice.post("/profile/security/app", form).status_code == 422
    form = {"sealed": alice.field("sealed"), "code": totp.code_at(fresh, time.now)}
    assert alice.post("/profile/security/app", form).location == "/profile/security"
    with sqlite_database.read_session() as session:
        sealed = session.get_one(Staff, ALICE.staff_id).totp_secret
    assert alice.client.application.extensions["keyring"].unseal(sealed) == fresh


def test_the_secret_shown_to_somebody_else_is_not_taken(alice, signed_in, time):
    amir = signed_in(AMIR)
    amir.get("/profile/security/app")
    fresh = "".join(re.findall(r"<code>([A-Z2-7]{4})</code>", amir.page))
    alice.get("/profile/security/app")
    form = {"sealed": amir.field("sealed"), "code": totp.code_at(fresh, time.now)}
    assert alice.post("/profile/security/app", form).status_code == 422


def test_new_recovery_codes_are_shown_once(alice, codes):
    assert alice.post("/profile/security/recovery-codes").status_code == 200
    check_html(alice.page)
    shown = re.findall(r"<code>((?:[0-9A-Z]{4}-){6}[0-9A-Z]{4})</code>", alice.page)
    assert len(set(shown)) == 10
    assert not set(shown) & set(codes)
    alice.get("/profile/security")
    assert not [code for code in shown if code in alice.page]


def test_a_recovery_code_leads_in_and_is_shown_as_used(app, secret, codes):
    browser = Browser(app)
    browser.get("/sign-in")
    browser.post("/sign-in", {"name": "alice", "password": PASSWORD})
    browser.get("/sign-in/code")
    check_html(browser.page)
    assert browser.post("/sign-in/code", {"recovery": "AAAA"}).status_code == 422
    assert browser.post("/sign-in/code", {"recovery": codes[0]}).status_code == 303
    browser.get("/profile")
    assert "Something about how you sign in has changed." in browser.page
    browser.get("/profile/security")
    assert "A recovery code was used; 9 are left." in browser.page
    assert "9 codes are left" in browser.page
    assert "Used on" in browser.page


def test_notices_are_on_every_page_until_they_are_seen(alice, sqlite_database):
    alice.post("/profile/security/recovery-codes")
    alice.get("/")
    assert "Something about how you sign in has changed." in alice.page
    alice.get("/profile/security")
    last = alice.field("last")
    assert alice.post("/profile/security/seen", {"last": last}).status_code == 303
    alice.get("/")
    assert "Something about how you sign in has changed." not in alice.page
    for odd in ("", "x", "9" * 30, "-1"):
        alice.get("/profile/security")
        assert alice.post("/profile/security/seen", {"last": odd}).status_code == 303


@pytest.mark.parametrize("path", ["password", "app", "recovery-codes"])
def test_what_is_dangerous_asks_for_the_second_factor_again(alice, time, path):
    time.turn(minutes=10)
    alice.get("/profile/security")
    assert alice.post(f"/profile/security/{path}", CHANGE).status_code == 403
    check_html(alice.page)
    assert "Confirm that it is you" in alice.page
    assert PASSWORD not in alice.page


def test_what_was_typed_goes_on_once_it_is_confirmed(alice, secret, time, sqlite_database):
    time.turn(minutes=10)
    path, before = "/profile/security/password", alice.cookie("__Host-shudi")
    alice.get("/profile/security")
    alice.post(path, CHANGE)
    assert confirm(alice, path, code="000000").status_code == 422
    assert alice.cookie("__Host-shudi") == before
    answer = confirm(alice, path, code=totp.code_at(secret, time.now))
    assert answer.location == "/profile/security"
    assert alice.cookie("__Host-shudi") != before
    assert stranger_with(alice, before).get("/profile").status_code == 303
    with sqlite_database.read_session() as session:
        assert [one.kind for one in notices_of(session, staff_id=ALICE.staff_id)] == [
            "password_changed"
        ]
        assert session.scalar(sa.select(sa.func.count()).select_from(StaffSession)) == 1
    alice.get("/profile/security")
    assert alice.post("/profile/security/recovery-codes").status_code == 200  # not asked again


def test_a_mistake_after_confirming_keeps_the_new_session(alice, secret, time):
    """The step up is done, the form is refused: the page that says so works on."""
    time.turn(minutes=10)
    path = "/profile/security/password"
    alice.get("/profile/security")
    alice.post(path, CHANGE | {"present": "not this one at all"})
    assert confirm(alice, path, code=totp.code_at(secret, time.now)).status_code == 422
    assert "not your present password" in alice.page
    assert alice.post(path, CHANGE).status_code == 303


def test_what_was_kept_is_no_use_elsewhere(alice, signed_in, secret, time):
    time.turn(minutes=10)
    alice.get("/profile/security")
    alice.post("/profile/security/password", CHANGE)
    kept, code = alice.field("kept"), totp.code_at(secret, time.now)
    form = {"kept": kept, "code": code}
    assert alice.post("/profile/security/app", form).status_code == 422
    amir = signed_in(AMIR)
    amir.get("/profile/security")
    assert amir.post("/profile/security/password", form).status_code == 422
    assert alice.post("/profile/security/password", form | {"kept": "x"}).status_code == 422


def test_confirming_is_limited_and_loses_nothing(alice, secret, time):
    time.turn(minutes=10)
    path = "/profile/security/password"
    alice.get("/profile/security")
    alice.post(path, CHANGE)
    for _ in range(5):
        assert confirm(alice, path, code="000000").status_code == 422
    assert confirm(alice, path, code=totp.code_at(secret, time.now)).status_code == 429
    time.turn(minutes=6)
    assert confirm(alice, path, code=totp.code_at(secret, time.now)).status_code == 303


def test_a_form_that_is_out_of_date_gives_no_secret_back(alice):
    typed = CHANGE | {"csrf_token": "x", "recovery": "AAAA-BBBB", "passkey": "{}", "last": "17"}
    assert alice.post("/profile/security/password", typed).status_code == 403
    assert "Passwords and codes are not kept" in alice.page
    assert alice.field("last") == "17"
    for secret in (PASSWORD, OTHER, "AAAA-BBBB", "{}"):
        assert secret not in html.unescape(alice.page)
