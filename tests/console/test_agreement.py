"""The agreement on personal data: asked once a version, then on to the page that was wanted."""

import gettext
import hashlib

import pytest
import sqlalchemy as sa

from console.agreement import POINTS
from shudi.audit import queries as audit
from shudi.staff.rules import AGREEMENT
from shudi.staff.store import Staff
from tests.architecture.tree import ROOT
from tests.people import ALICE, BOB, CHARLIE

# Another text is another version, and whoever accepted the old one is asked anew: change
# shudi.staff.rules.AGREEMENT together with this line.
READS = ("2026-11", "ffe344a6c1877a5d")


@pytest.fixture
def nobody_agreed(app, sqlite_database):
    with sqlite_database.transaction() as session:
        session.execute(sa.update(Staff).values(agreement="", agreed_at=None))


def accept(browser, page):
    target = page.text.split('action="/agreement')[1].split('"')[0].replace("&amp;", "&")
    return browser.post("/agreement" + target, {"version": browser.field("version")})


def test_the_text_belongs_to_its_version():
    folder = ROOT / "console" / "translations"
    digest = hashlib.sha256()
    for language in ("en", "zh_Hans"):
        spoken = gettext.translation("messages", folder, [language], fallback=language == "en")
        for _, *said in POINTS:
            for one in said:
                digest.update(spoken.gettext(str(one)).encode() + b"\0")
    assert (AGREEMENT, digest.hexdigest()[:16]) == READS


def test_first_the_agreement_then_the_page_that_was_wanted(
    desk, nobody_agreed, signed_in, sqlite_database, time
):
    browser = signed_in(ALICE)
    asked = browser.get("/queue")
    assert (asked.status_code, asked.location) == (303, "/agreement?to=queue.index")
    page = browser.get(asked.location)
    assert "Before you see personal data" in page.text
    assert 'href="/queue"' not in page.text, "what is not open yet is not offered"
    done = accept(browser, page)
    assert (done.status_code, done.location) == (303, "/queue")
    assert browser.get("/queue").status_code == 200
    with sqlite_database.read_session() as session:
        row = audit.page(session, action="staff.agreed", limit=5)
        kept = session.execute(
            sa.select(Staff.agreement, Staff.agreed_at).where(Staff.id == ALICE.staff_id)
        ).one()
    assert [one.actor_id for one in row] == [ALICE.id]
    assert (kept.agreement, kept.agreed_at) == (AGREEMENT, time.now)


def test_only_a_page_of_the_desk_can_follow(nobody_agreed, signed_in):
    for to in ("https://evil.example", "//evil.example", "holder.index", "cases.claim", "no.such"):
        browser = signed_in(ALICE)
        browser.get("/agreement")
        done = browser.post(f"/agreement?to={to}&case_id=1", {"version": AGREEMENT})
        assert (done.status_code, done.location) == (303, "/"), to


def test_a_case_by_its_number_is_found_again(desk, nobody_agreed, signed_in):
    browser = signed_in(ALICE)
    page = browser.get(browser.get("/cases/1").location)
    assert accept(browser, page).location == "/cases/1"


def test_a_new_version_asks_anew_and_says_so(nobody_agreed, signed_in, sqlite_database):
    with sqlite_database.transaction() as session:
        session.execute(sa.update(Staff).values(agreement="2020-01"))
    browser = signed_in(BOB)
    page = browser.get(browser.get("/audit").location)
    assert "has changed" in page.text
    assert accept(browser, page).location == "/audit"
    with sqlite_database.read_session() as session:
        row = audit.page(session, action="staff.agreed", limit=1)[0]
    assert (row.before, row.after) == ('{"agreement":"2020-01"}', f'{{"agreement":"{AGREEMENT}"}}')


def test_another_text_than_the_one_asked_for_is_not_accepted(nobody_agreed, signed_in):
    browser = signed_in(ALICE)
    browser.get("/agreement")
    assert browser.post("/agreement", {"version": "2020-01"}).status_code == 409
    assert browser.get("/queue").status_code == 303


def test_an_act_meanwhile_is_refused_and_the_page_leads_to_the_text(desk, nobody_agreed, signed_in):
    browser = signed_in(ALICE)
    browser.get("/profile")
    answer = browser.post("/queue/take")
    assert answer.status_code == 403
    assert 'href="/agreement"' in answer.text


def test_what_is_about_oneself_or_nobody_stays_open(nobody_agreed, signed_in):
    for path in ("/profile", "/profile/keyboard", "/statistics", "/system"):
        assert signed_in(BOB).get(path).status_code == 200, path
    assert signed_in(CHARLIE).get("/agreement").status_code == 200


def test_it_can_be_read_again(signed_in):
    page = signed_in(ALICE).get("/agreement").text
    assert "You accepted this on" in page
    assert 'name="version"' not in page
    assert 'href="/agreement"' in signed_in(ALICE).get("/profile").text
