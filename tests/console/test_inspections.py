"""Inspections by their pages: proposed, approved, looked at, taken out, told to holders."""

import csv
import io
import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi import clock
from shudi.accounts.store import Account
from shudi.audit.store import AuditRow, AuditText
from shudi.cases.actions import holders
from shudi.cli.exporting import inspections_of
from shudi.oversight.rules import Kind, Telling, pseudonym
from shudi.oversight.store import Inspection, InspectionSeen
from shudi.staff.rules import Role
from tests import inspecting
from tests.console.browser import Browser
from tests.console.desk import check_html
from tests.people import ALICE, AUDREY, BOB, CHARLIE, PLATFORM, SAM

DAY = timedelta(days=1)


@pytest.fixture
def bea(desk, now):
    """Another admin."""
    with desk.database.transaction() as session:
        return inspecting.hire(session, "bea", Role.ADMIN, now)


@pytest.fixture
def named(desk):
    """The name of an account that was corrected."""
    desk.correct(ALICE, "ann", "coarsen")
    return "ann"


@pytest.fixture
def running(desk, named, now):
    """One about that account."""
    wanted = inspecting.request(now, site=desk.site, accounts=(named,))
    return inspecting.run(desk.database, wanted, now)


def form(desk, now, **changes):
    changes = {"accounts": ("ann",)} | changes
    return inspecting.form(inspecting.request(now, site=desk.site, **changes))


def rows(desk, *actions):
    query = sa.select(AuditRow.action, AuditRow.after, AuditText.text, AuditRow.target_id)
    query = query.outerjoin(AuditText, AuditText.seq == AuditRow.seq).order_by(AuditRow.seq)
    with desk.database.read_session() as session:
        found = session.execute(query.where(AuditRow.action.in_(actions))).all()
    return [(one.action, json.loads(one.after or "null"), one.text or "") for one in found]


def state(desk, number):
    with desk.database.read_session() as session:
        return session.get_one(Inspection, number).state.value


def assert_said(browser, words, *, yes):
    """What waits stands on the overview and above the list, and on neither once it is decided."""
    for page in ("/", "/inspections"):
        browser.get(page)
        check_html(browser.page)
        assert (words in browser.page) is yes, page


# -- two people -----------------------------------------------------------------------------------


def test_from_the_proposal_to_its_end(desk, signed_in, bea, named, now, time):
    first, second, supervisor = signed_in(BOB), signed_in(bea), signed_in(CHARLIE)
    first.get("/inspections/new")
    answer = first.post("/inspections/new", form(desk, now, accounts=(named,)))
    assert answer.status_code == 303
    page = answer.location
    first.get(page)
    assert "so another administrator decides." in first.page
    assert first.post(f"{page}/approve", {"version": "1"}).status_code == 403
    assert supervisor.get("/oversight").status_code == 200
    assert "2026-4711" not in supervisor.page
    announced = "waits for a second person."
    assert_said(second, announced, yes=True)
    second.get(page)
    assert second.post(f"{page}/approve", {"version": "1"}).status_code == 303
    assert_said(second, announced, yes=False)
    supervisor.get("/oversight")
    assert "2026-4711" in supervisor.page
    mine = page.replace("inspections", "oversight")
    assert supervisor.get(mine).status_code == 200
    assert named in supervisor.page
    time.turn(days=10)
    assert signed_in(CHARLIE).get(mine).status_code == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": ""}, "Please fill this in."),
        ({"number": "  "}, "Please fill this in."),
        ({"days": 31}, "1 to 30 days"),
        ({"kinds": frozenset()}, "Choose what may be seen."),
        ({"supervisors": frozenset()}, "Name between 1 and 10 supervisors."),
        ({"supervisors": frozenset({ALICE.staff_id})}, "must be an active supervisor"),
        (
            {"accounts": ("ann", "no-such<b>")},
            "The site has no such accounts: no-such&lt;b&gt;.",
        ),
        ({"telling": Telling.NEVER}, "which law or order"),
    ],
)
def test_a_refused_form_says_why_and_keeps_what_was_typed(desk, signed_in, now, changes, words):
    browser = signed_in(BOB)
    browser.get("/inspections/new")
    answer = browser.post("/inspections/new", form(desk, now, **changes))
    assert answer.status_code == 422
    assert words in browser.page
    assert "Invented Cyberspace Office" in browser.page
    with desk.database.read_session() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Inspection)) == 0


def test_without_a_token_nothing_is_proposed_approved_or_taken_out(
    desk, signed_in, running, bea, now
):
    waiting = inspecting.propose(
        desk.database, inspecting.request(now, site=desk.site, accounts=("ann",)), now
    )
    for who, path, sent in (
        (BOB, "/inspections/new", form(desk, now)),
        (bea, f"/inspections/{waiting}/approve", {"version": "1"}),
        (bea, f"/inspections/{running}/stop", {"version": "2", "text": "x"}),
        (CHARLIE, f"/oversight/{running}/export", {"table": "accounts", "file": "csv"}),
    ):
        browser = signed_in(who)
        browser.get("/profile")
        assert browser.post(path, {**sent, "csrf_token": "x"}).status_code == 403
    assert (state(desk, waiting), state(desk, running)) == ("proposed", "approved")
    assert rows(desk, "inspection.exported") == []


def test_a_stale_page_gets_409_and_keeps_the_reason(desk, signed_in, running, bea):
    browser = signed_in(bea)
    browser.get(f"/inspections/{running}")
    answer = browser.post(
        f"/inspections/{running}/stop", {"version": "1", "text": "They took it back."}
    )
    assert answer.status_code == 409
    assert "They took it back." in browser.page
    assert state(desk, running) == "approved"


def test_stopping_holds_from_the_supervisors_next_request(desk, signed_in, running, bea):
    supervisor, admin = signed_in(CHARLIE), signed_in(bea)
    pages = [f"/oversight/{running}", f"/oversight/{running}/cases"]
    assert [supervisor.get(path).status_code for path in pages] == [200, 200]
    admin.get(f"/inspections/{running}")
    sent = {"version": "2", "text": "They took it back."}
    assert admin.post(f"/inspections/{running}/stop", sent).status_code == 303
    assert [supervisor.get(path).status_code for path in pages] == [404, 404]
    sent = {"table": "accounts", "file": "csv"}
    supervisor.get("/oversight")
    assert supervisor.post(f"/oversight/{running}/export", sent).status_code == 404


def test_a_later_end_by_its_buttons(desk, signed_in, running, bea):
    first, second = signed_in(BOB), signed_in(bea)
    path = f"/inspections/{running}"
    first.get(path)
    sent = {"version": "2", "days": "30", "text": "There is more."}
    assert first.post(f"{path}/longer", {**sent, "days": ""}).status_code == 422
    assert first.post(f"{path}/longer", {**sent, "days": "9"}).status_code == 422
    assert first.post(f"{path}/longer", sent).status_code == 303
    assert_said(second, "A later end of the inspection of", yes=True)
    first.get(path)
    assert first.post(f"{path}/longer/approve", {"version": "3"}).status_code == 403
    second.get(path)
    assert "There is more." in second.page
    assert second.post(f"{path}/longer/approve", {"version": "3"}).status_code == 303
    assert_said(second, "A later end of the inspection of", yes=False)


# -- what a supervisor sees -----------------------------------------------------------------------


def test_a_supervisor_lands_on_what_they_inspect_and_sees_no_other_page(
    desk, signed_in, running, app
):
    browser = signed_in(CHARLIE)
    browser.get("/oversight")
    assert 'href="/oversight"' in browser.page
    allowed = {"/oversight", "/profile", "/profile/security", "/profile/keyboard"}
    assert browser.get("/").location == "/oversight"
    for path in ("/queue", "/accounts", "/audit", "/inspections", "/statistics", "/people",
                 f"/accounts/{desk.accounts['ann']}"):  # fmt: skip
        assert browser.get(path).status_code == 403, path
    for path in allowed:
        assert browser.get(path).status_code == 200, path


@pytest.mark.parametrize("kinds", [*([kind] for kind in Kind), list(Kind)], ids=str)
def test_only_the_kinds_that_were_asked_for_are_shown(desk, signed_in, named, now, kinds):
    wanted = inspecting.request(now, site=desk.site, accounts=(named,), kinds=frozenset(kinds))
    number = inspecting.run(desk.database, wanted, now)
    browser, base = signed_in(CHARLIE), f"/oversight/{number}"
    browser.get(f"{base}/accounts/{desk.accounts[named]}")
    headings = {
        Kind.LABELS: ">Label<", Kind.CASES: ">Cases and decisions<",
        Kind.INFORMATION: ">Account information<",
    }  # fmt: skip
    for kind, heading in headings.items():
        assert (heading in browser.page) is (kind in kinds), kind
    assert ("Ann" in browser.page) is (Kind.INFORMATION in kinds)  # the account's name
    assert (browser.get(f"{base}/cases").status_code == 200) is (Kind.CASES in kinds)
    for table, kind in (("corrections", Kind.LABELS), ("cases", Kind.CASES)):
        browser.get(base)
        answer = browser.post(f"{base}/export", {"table": table, "file": "csv"})
        assert (answer.status_code == 200) is (kind in kinds)


def test_nobody_of_the_desk_is_named_and_one_is_the_same_all_through(
    desk, signed_in, running, named
):
    browser, base = signed_in(CHARLIE), f"/oversight/{running}"
    read = ""
    for path in (base, f"{base}/cases", f"{base}/accounts/{desk.accounts[named]}"):
        browser.get(path)
        read += browser.page
    for table in ("accounts", "corrections", "cases"):
        browser.get(base)
        for file in ("csv", "ndjson"):
            read += browser.post(f"{base}/export", {"table": table, "file": file}).text
    for name in ("alice", "sam", "bob"):
        assert name not in read.casefold()
    with desk.database.read_session() as session:
        salt = session.get_one(Inspection, running).salt
    assert read.count(pseudonym(salt, ALICE.staff_id)) >= 4


# -- the files ------------------------------------------------------------------------------------


def exported(browser, number, table, file):
    browser.get(f"/oversight/{number}")
    return browser.post(f"/oversight/{number}/export", {"table": table, "file": file})


def test_a_file_says_how_many_rows_it_has_and_runs_in_no_spreadsheet(
    desk, signed_in, running, named
):
    with desk.database.transaction() as session:
        session.get_one(Account, desk.accounts[named]).name = '=HYPERLINK("//evil.example")'
    answer = exported(signed_in(CHARLIE), running, "accounts", "csv")
    assert f"inspection-{running}-accounts-1-rows.csv" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"\xef\xbb\xbf")
    [line] = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert line["account"] == named
    assert line["name"] == '\'=HYPERLINK("//evil.example")'
    assert line["label_region"] == "CN"
    answer = exported(signed_in(CHARLIE), running, "accounts", "ndjson")
    [line] = [json.loads(one) for one in answer.text.splitlines()]
    assert (line["account"], line["label_region"], line["label_corrected"]) == (named, "CN", True)
    exports = rows(desk, "inspection.exported")
    assert [one[1] for one in exports] == [
        {"table": "accounts", "file": file, "rows": 1, "accounts": 1} for file in ("csv", "ndjson")
    ]
    assert {one[2] for one in exports} == {str(desk.accounts[named])}


def test_corrections_and_cases_as_files(desk, signed_in, running, named):
    browser = signed_in(CHARLIE)
    [made] = map(json.loads, exported(browser, running, "corrections", "ndjson").text.splitlines())
    assert (made["account"], made["kind"], made["region"]) == (named, "coarsen", "CN")
    assert made["proposed_by"].startswith("moderator ")
    [case] = map(json.loads, exported(browser, running, "cases", "ndjson").text.splitlines())
    assert (case["account"], case["verdict"], case["reason"]) == (named, "correct", "travel")
    assert "text" not in case


def test_a_file_is_not_larger_than_said(desk, signed_in, running, monkeypatch):
    monkeypatch.setattr("console.views.oversight.EXPORT_MOST", 0)
    monkeypatch.setattr("shudi.oversight.actions.looking.EXPORT_MOST", 0)
    answer = exported(signed_in(CHARLIE), running, "accounts", "csv")
    assert answer.status_code == 422
    assert "narrower" in answer.text
    assert rows(desk, "inspection.exported") == []


# -- what is on record ----------------------------------------------------------------------------


def test_admins_and_auditors_read_what_was_seen(desk, signed_in, running, named):
    supervisor = signed_in(CHARLIE)
    supervisor.get(f"/oversight/{running}/accounts/{desk.accounts[named]}")
    exported(supervisor, running, "cases", "csv")
    for who in (BOB, AUDREY):
        browser = signed_in(who)
        assert browser.get(f"/inspections/{running}").status_code == 200
        assert "An account&#39;s page" in browser.page
        assert "As a file (CSV): 1 rows" in browser.page
        assert browser.get(f"/audit?type=inspection&id={running}").status_code == 200
    assert "Approve" not in browser.page  # an auditor changes nothing
    for who in (ALICE, SAM, CHARLIE):
        assert signed_in(who).get(f"/inspections/{running}").status_code == 403


@pytest.mark.parametrize("telling", list(Telling))
def test_a_holder_is_told_when_the_time_has_come(desk, signed_in, named, now, time, telling, app):
    wanted = inspecting.request(
        now, site=desk.site, accounts=(named,), telling=telling, untold_because="Order 12."
    )
    number = inspecting.run(desk.database, wanted, now)
    assert not told(desk, app, named)  # nobody looked yet
    signed_in(CHARLIE).get(f"/oversight/{number}")
    assert told(desk, app, named) is (telling is Telling.AT_ONCE)
    time.turn(days=10)
    assert told(desk, app, named) is (telling is not Telling.NEVER)
    if telling is Telling.NEVER:
        browser = signed_in(BOB)
        browser.get(f"/inspections/{number}")
        assert browser.post(f"/inspections/{number}/tell", {"version": "2"}).status_code == 303
        assert told(desk, app, named)


def told(desk, app, name):
    """Whether the holder's page and their export say that the authority looked."""
    with desk.database.transaction() as session:
        token = holders.make_link(
            session, actor=PLATFORM, site_id=desk.site, account=name, now=clock.now()
        )
    browser = Browser(app)
    browser.get(f"/holder/{token}")
    browser.post(f"/holder/{token}")
    browser.get("/holder")
    shown = "Invented Cyberspace Office" in browser.page
    answer = browser.post("/holder/export", {"holder_token": browser.field("holder_token")})
    found = [one["authority"] for one in answer.json["inspections"]]
    with desk.database.read_session() as session:
        copied = inspections_of(session, desk.accounts[name])
    assert [one["authority"] for one in copied] == found
    assert bool(found) is shown
    return shown


def test_an_account_that_was_not_looked_at_is_told_nothing(desk, signed_in, now, app, running):
    signed_in(CHARLIE).get(f"/oversight/{running}")
    with desk.database.read_session() as session:
        seen = set(session.scalars(sa.select(InspectionSeen.account_id)))
    assert seen == {desk.accounts["ann"]}
