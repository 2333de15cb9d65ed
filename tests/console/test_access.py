"""Silence is refusal."""

import pytest

from console import access
from shudi.audit import queries as audit
from shudi.staff.actions import disable, set_role
from shudi.staff.rules import Permission, Role
from tests.console.browser import BASE, HOME, Browser
from tests.people import ALICE, BOB, CHARLIE, SAM, SYSTEM

PUBLIC_ENDPOINTS_ARE_THE_DOOR = (
    "sign_in.", "passkeys.challenge", "enrol.", "holder.", "static", "well_known.security",
)  # fmt: skip


@pytest.fixture
def pages(app):
    """Two pages of the kind that others write."""

    @app.get("/for-seniors/<int:case_id>", endpoint="for_seniors")
    @access.requires(Permission.CORRECTION_APPROVE)
    def for_seniors(case_id):
        return f"case {case_id}"

    @app.get("/silent", endpoint="silent")
    def silent():
        return "nobody asked"

    @app.get("/by-name/<name>", endpoint="by_name")
    @access.signed_in
    def by_name(name):
        return name

    return app


def test_every_route_says_who_may_open_it(app):
    with app.app_context():
        silent = [
            rule.endpoint
            for rule in app.url_map.iter_rules()
            if access.declared(rule.endpoint) is None
        ]
    assert silent == [], "mark the view with @requires(...), @signed_in or @public"


def test_only_the_door_is_public(app):
    with app.app_context():
        public = {
            rule.endpoint
            for rule in app.url_map.iter_rules()
            if access.declared(rule.endpoint).public
        }
    assert all(one.startswith(PUBLIC_ENDPOINTS_ARE_THE_DOOR) for one in public), public


@pytest.mark.parametrize(
    "page", ["accounts", "approvals", "brakes", "cases", "corrections", "cases/{}/preview"]
)
def test_a_number_that_no_store_takes_names_nothing(signed_in, page):
    browser = signed_in(SAM)
    for number in ("9" * 18, "9" * 19, "9" * 30):
        path = "/" + (page if "{}" in page else page + "/{}").format(number)
        assert browser.get(path).status_code == 404, path
    assert browser.post(f"/cases/{'9' * 30}/claim").status_code in {403, 404}


def test_a_page_that_says_nothing_is_refused_even_to_admins(pages, signed_in):
    assert signed_in(BOB).get("/silent").status_code == 403
    assert Browser(pages).get("/silent").status_code == 403


def test_the_role_decides(pages, signed_in):
    assert signed_in(SAM).get("/for-seniors/7").status_code == 200
    for who in (ALICE, BOB, CHARLIE):
        browser = signed_in(who)
        assert browser.get("/for-seniors/7").status_code == 403
        assert "case 7" not in browser.page


def test_a_denial_is_recorded_once_and_a_strangers_is_not(pages, signed_in, sqlite_database):
    signed_in(ALICE).get("/for-seniors/7")
    Browser(pages).get("/for-seniors/7")
    Browser(pages).get("/silent")
    with sqlite_database.read_session() as session:
        rows = audit.page(session, action="access.denied")
    assert [(row.actor_id, row.target_id, row.after) for row in rows] == [
        ("staff:1", "for_seniors", '{"code":"role"}')
    ]


def test_the_bare_address_leads_a_supervisor_to_their_inspections(app, signed_in, sqlite_database):
    browser = signed_in(CHARLIE)
    assert browser.get("/").location == "/oversight"
    assert signed_in(ALICE).get("/").status_code == 200
    with sqlite_database.read_session() as session:
        assert audit.page(session, action="access.denied") == []


def test_a_stranger_is_sent_to_the_door_with_a_name_and_ids(pages, browser):
    assert browser.get("/for-seniors/7?x=//evil").location == ("/sign-in?to=for_seniors&case_id=7")
    assert browser.get("/by-name/somebody").location == "/sign-in"


def test_ids_come_back_as_numbers_or_not_at_all(pages, signed_in):
    browser = signed_in(SAM)
    assert browser.get("/sign-in?to=for_seniors&case_id=7").location == "/for-seniors/7"
    for bad in ("", "-1", "7/../..", "٣", "9" * 13, "7 ", "0x7"):
        answer = browser.get(f"/sign-in?to=for_seniors&case_id={bad}")
        assert answer.location != "/for-seniors/7"
        assert answer.location.startswith("/")


def test_a_role_taken_away_closes_on_the_next_request(pages, signed_in, sqlite_database, now):
    browser = signed_in(SAM)
    assert browser.get("/for-seniors/7").status_code == 200
    with sqlite_database.transaction() as session:
        set_role(session, actor=SYSTEM, staff_id=SAM.staff_id, role=Role.MODERATOR, now=now)
    assert browser.get("/for-seniors/7").status_code == 303
    assert signed_in(SAM).get("/for-seniors/7").status_code == 403


def test_a_disabled_person_is_out_on_the_next_request(pages, signed_in, sqlite_database, now):
    browser = signed_in(SAM)
    with sqlite_database.transaction() as session:
        disable(session, actor=SYSTEM, staff_id=SAM.staff_id, now=now)
    assert browser.get("/for-seniors/7").status_code == 303
    assert signed_in(SAM).get("/profile").status_code == 303  # even with a fresh row


def test_undeclared_methods_are_405_and_unknown_pages_404(browser):
    for method in ("OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"):
        assert browser.raw("/sign-in", method=method).status_code == 405
    assert browser.get("/nothing").status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "labels.example.org.evil.example", "a b", ""])
def test_another_host_is_refused_on_every_route(app, host):
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        path = rule.rule.replace("<int:", "<").replace("<", "").replace(">", "")
        answer = client.get(path, base_url=BASE, headers={"Host": host})
        assert answer.status_code == 400, path
        assert "evil" not in answer.get_data(as_text=True)


def test_the_hosts_of_the_settings_are_served(app):
    client = app.test_client()
    for host in ("labels.example.org", "localhost:8000", "127.0.0.1:8000"):
        assert client.get("/sign-in", base_url=f"https://{host}").status_code == 200


def test_an_error_tells_nothing_of_the_inside(app, signed_in):
    @app.get("/broken", endpoint="broken")
    @access.public
    def broken():
        raise RuntimeError("secret of the inside")

    browser = signed_in(ALICE)
    answer = browser.get("/broken")
    assert answer.status_code == 500
    assert "secret" not in browser.page
    assert "Traceback" not in browser.page
    assert HOME not in browser.page


@pytest.mark.parametrize("size", [65 * 1024, 2_000_000])
def test_a_body_over_the_limit_is_413(browser, size):
    browser.get("/sign-in")
    answer = browser.post("/sign-in", {"name": "x" * size, "password": "y"})
    assert answer.status_code == 413


def test_ten_thousand_fields_are_413(browser):
    browser.get("/sign-in")
    fields = "&".join(f"a{number}=" for number in range(5000))
    answer = browser.raw(
        "/sign-in",
        method="POST",
        data=fields,
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 413
