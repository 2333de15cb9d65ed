"""Links that set both factors, and demo links."""

import html
import re

import pytest

from shudi.audit.actions import Entry, append
from shudi.staff.actions import create_staff, make_link
from shudi.staff.codec import totp
from shudi.staff.rules import Role
from shudi.staff.store import LinkPurpose
from tests.console.browser import Browser
from tests.console.desk import check_html
from tests.people import SYSTEM

PASSWORD = "three small boats at dusk"


@pytest.fixture
def link(app, sqlite_database, now):
    with sqlite_database.transaction() as session:
        staff_id = create_staff(session, actor=SYSTEM, name="Dora", role=Role.SENIOR, now=now)
        return make_link(
            session, actor=SYSTEM, staff_id=staff_id, purpose=LinkPurpose.ENROL, now=now
        )


def secret_of(browser):
    groups = re.findall(r"<code>([A-Z2-7]{4})</code>", browser.page)
    return "".join(groups)


def codes_of(browser):
    return re.findall(r"<code>((?:[0-9A-Z]{4}-){6}[0-9A-Z]{4})</code>", browser.page)


def fill(browser, secret, at, **changes):
    values = {
        "password": PASSWORD,
        "password_again": PASSWORD,
        "code": totp.code_at(secret, at),
        "sealed": browser.field("sealed"),
    }
    return values | changes


def test_a_link_leads_in(browser, link, time):
    assert browser.get(f"/enrol/{link}").status_code == 200
    assert "Dora" in browser.page
    assert 'src="data:image/svg+xml' in browser.page
    secret = secret_of(browser)
    assert len(secret) == 32
    answer = browser.post(f"/enrol/{link}", fill(browser, secret, time.now))
    assert answer.status_code == 200
    check_html(browser.page)
    codes = codes_of(browser)
    assert len(set(codes)) == 10
    assert 'href="/"' in browser.page
    assert browser.get("/profile/security").status_code == 200
    assert "10 codes are left" in browser.page
    assert not [code for code in codes if code in browser.page]
    assert Browser(browser.client.application).get(f"/enrol/{link}").status_code == 404


def test_looking_ten_times_uses_nothing(browser, link, time):
    for _ in range(10):
        browser.get(f"/enrol/{link}")
    head = browser.raw(f"/enrol/{link}", method="HEAD")
    assert head.status_code == 200
    browser.get(f"/enrol/{link}")
    answer = browser.post(f"/enrol/{link}", fill(browser, secret_of(browser), time.now))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"password": "short", "password_again": "short"}, "too short"),
        ({"password_again": "another long password"}, "differ"),
        ({"code": "000000"}, "not right"),
        ({"password": "passwordpassword", "password_again": "passwordpassword"}, "Choose another"),
        ({"code": ""}, "fill this in"),
    ],
)
def test_a_mistake_keeps_the_secret_and_drops_the_password(browser, link, time, changes, says):
    browser.get(f"/enrol/{link}")
    secret = secret_of(browser)
    answer = browser.post(f"/enrol/{link}", fill(browser, secret, time.now, **changes))
    assert answer.status_code == 422
    assert says in html.unescape(browser.page)
    assert secret_of(browser) == secret
    assert PASSWORD not in browser.page
    answer = browser.post(f"/enrol/{link}", fill(browser, secret, time.now))
    assert answer.status_code == 200


def test_the_secret_of_another_link_or_of_the_store_is_not_taken(app, browser, link, time):
    secret = totp.new_secret()
    sealed = app.extensions["keyring"].seal(secret)
    browser.get(f"/enrol/{link}")
    answer = browser.post(f"/enrol/{link}", fill(browser, secret, time.now, sealed=sealed))
    assert answer.status_code == 422
    assert secret_of(browser) != secret
    answer = browser.post(f"/enrol/{link}", fill(browser, secret, time.now, sealed="garbage"))
    assert answer.status_code == 422


def test_links_that_do_not_work_are_one_page(browser, link, time):
    browser.get(f"/enrol/{link}")
    browser.post(f"/enrol/{link}", fill(browser, secret_of(browser), time.now))
    stranger = Browser(browser.client.application)
    pages = []
    for token in (link, "nothing", "A" * 43, "%00", "%F0%9F%98%80"):
        answer = stranger.get(f"/enrol/{token}")
        same = re.sub(r'(?:href="/enrol/|nonce=")[^"]*"', "", stranger.page)
        pages.append((answer.status_code, same))
    assert {status for status, _ in pages} == {404}
    assert len({text for _, text in pages}) == 1


@pytest.fixture
def demo(app, sqlite_database, now):
    def make(*, seeded=True):
        with sqlite_database.transaction() as session:
            if seeded:
                entry = Entry(
                    actor_id="system:demo", actor_name="demo", action="demo.seeded",
                    target_type="store", target_id="",
                )  # fmt: skip
                append(session, entry, now=now)
            staff_id = create_staff(
                session, actor=SYSTEM, name="Moderator", role=Role.MODERATOR, now=now
            )
            return make_link(
                session, actor=SYSTEM, staff_id=staff_id, purpose=LinkPurpose.DEMO, now=now
            )

    return make


def test_a_demo_link_signs_in_once_by_its_button(app, demo):
    token = demo()
    browser = Browser(app, "127.0.0.1")
    browser.get(f"/demo-sign-in/{token}")
    assert "Sign in as Moderator (demo)" in browser.page
    assert browser.post(f"/demo-sign-in/{token}").status_code == 303
    assert browser.get("/profile").status_code == 200
    assert Browser(app, "127.0.0.1").get(f"/demo-sign-in/{token}").status_code == 404


def test_a_demo_link_is_nothing_behind_a_proxy_that_nobody_named(app, demo):
    token = demo()
    browser = Browser(app, "127.0.0.1")
    path = f"/demo-sign-in/{token}"
    assert browser.get(path, **{"X-Forwarded-For": "203.0.113.9"}).status_code == 404
    assert browser.get(path).status_code == 200
    assert browser.post(path, **{"X-Forwarded-For": "203.0.113.9"}).status_code == 404


def test_a_demo_link_is_nothing_from_elsewhere_or_in_a_real_store(app, demo):
    token = demo(seeded=False)
    browser = Browser(app, "127.0.0.1")
    browser.get("/sign-in")
    assert browser.post(f"/demo-sign-in/{token}").status_code == 404
    assert browser.get(f"/demo-sign-in/{token}").status_code == 404


def test_a_demo_link_from_another_machine_is_nothing(app, demo):
    token = demo()
    browser = Browser(app, "203.0.113.9")
    browser.get("/sign-in")
    assert browser.post(f"/demo-sign-in/{token}", X_Forwarded_For="127.0.0.1").status_code == 404
    assert browser.get(f"/demo-sign-in/{token}").status_code == 404
