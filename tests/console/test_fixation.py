"""Acceptance test 19: the session's id changes with every change of standing; the old one is dead."""

import pytest
import sqlalchemy as sa

from shudi.staff.codec import passwords, totp
from shudi.staff.store import Staff
from tests.console.browser import Browser
from tests.people import ALICE

PASSWORD = "three small boats at dusk"
OTHER = "seven quiet herons wait"
COOKIE = "__Host-shudi"
CHANGE = {"present": PASSWORD, "password": OTHER, "password_again": OTHER}


@pytest.fixture
def secret(app, sqlite_database):
    secret = totp.new_secret()
    values = {
        "password_hash": passwords.hash_new(PASSWORD),
        "totp_secret": app.extensions["keyring"].seal(secret),
    }
    with sqlite_database.transaction() as session:
        session.execute(sa.update(Staff).where(Staff.id == ALICE.staff_id).values(**values))
    return secret


def opens(app, token):
    """What a thief's browser with that token sees: the profile, the code page, or neither."""
    thief = Browser(app)
    thief.hold(token)
    return [path for path in ("/profile", "/sign-in/code") if thief.get(path).status_code == 200]


def test_each_change_of_standing_brings_a_new_id_and_ends_the_old_one(app, secret, time):
    browser = Browser(app)
    browser.hold("A" * 43)  # planted
    ids = ["A" * 43]

    def now_has(*pages):
        ids.append(browser.cookie(COOKIE))
        assert opens(app, ids[-1]) == list(pages)
        assert [opens(app, one) for one in ids[:-1]] == [[]] * (len(ids) - 1)

    browser.get("/sign-in")
    browser.post("/sign-in", {"name": "alice", "password": PASSWORD})
    now_has("/sign-in/code")
    browser.get("/sign-in/code")
    browser.post("/sign-in/code", {"code": totp.code_at(secret, time.now)})
    now_has("/profile")
    time.turn(minutes=11)
    browser.get("/profile/security")
    path = "/profile/security/password"
    browser.post(path, CHANGE | {"present": "not this one at all"})
    kept = {"kept": browser.field("kept")}
    browser.post(path, kept | {"code": totp.code_at(secret, time.now)})
    now_has("/profile")  # the factor was given again, the change was refused
    browser.post(path, CHANGE)
    now_has("/profile")
    browser.get("/profile/security")
    browser.post("/profile/security/recovery-codes")
    now_has("/profile")
    assert len(set(ids)) == 6
