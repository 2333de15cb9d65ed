"""The second person: approving, refusing, withdrawing; never one's own."""

import pytest
import sqlalchemy as sa

from shudi.cases.actions import claims
from shudi.cases.actions.opening import Opening, open_case
from shudi.cases.rules import CaseKind
from shudi.staff.store import Staff
from tests.console.desk import check_html, counted, hidden, words_of
from tests.console.test_batches import made
from tests.people import ALICE, AMIR, AUDREY, BOB, SAM, SONJA, SYSTEM


@pytest.fixture
def proposal(desk):
    return desk.correct(ALICE, "ann", "replace", "CN-SH")


def opened(signed_in, who, proposal):
    browser = signed_in(who)
    assert browser.get(f"/approvals/{proposal}").status_code == 200
    return browser, hidden(browser, "version", "label_version")


def test_the_list_shows_what_waits(proposal, signed_in):
    browser = signed_in(SAM)
    assert browser.get("/approvals").status_code == 200
    check_html(browser.page)
    assert f'href="/approvals/{proposal}"' in browser.page
    assert "Shanghai" in browser.page


def test_an_empty_list_says_so(desk, signed_in):
    browser = signed_in(SAM)
    browser.get("/approvals")
    check_html(browser.page)
    assert "Nothing waits for a second person" in browser.page


def test_a_senior_approves_once(desk, proposal, signed_in):
    browser, seen = opened(signed_in, SAM, proposal)
    check_html(browser.page)
    assert "IP location: Shanghai" in words_of(browser.page)
    token = browser.token()
    assert browser.post(f"/approvals/{proposal}/approve", seen).status_code == 303
    assert desk.label("ann")[:2] == ("labelled", "CN-SH")
    again = browser.post(f"/approvals/{proposal}/approve", seen | {"csrf_token": token})
    assert again.status_code == 409


def test_the_proposer_must_leave_it_to_somebody_else(desk, signed_in):
    proposal = desk.correct(SAM, "ann", "replace", "CN-SH")
    browser, _ = opened(signed_in, SAM, proposal)
    assert "Somebody else must decide: this is your own proposal." in browser.page
    assert "/approve" not in browser.page
    version = hidden(browser, "version")
    for act in ("approve", "refuse"):
        browser.get(f"/approvals/{proposal}")
        form = version | {"label_version": "1", "text": "no"}
        assert browser.post(f"/approvals/{proposal}/{act}", form).status_code == 403
    assert desk.label("ann")[1] == "CN-GD"


def test_refusing_needs_a_reason_and_puts_the_case_back(desk, proposal, signed_in):
    browser, seen = opened(signed_in, SAM, proposal)
    assert browser.post(f"/approvals/{proposal}/refuse", seen).status_code == 422
    check_html(browser.page)
    assert (
        browser.post(f"/approvals/{proposal}/refuse", seen | {"text": "y" * 501}).status_code == 422
    )
    assert "A reason has at most 500 characters." in browser.page
    assert "y" * 501 in browser.page
    form = seen | {"text": "The ticket says otherwise."}
    assert browser.post(f"/approvals/{proposal}/refuse", form).status_code == 303
    browser.get(f"/cases/{desk.cases['ann']}")
    assert "The ticket says otherwise." in browser.page


def test_only_the_proposer_withdraws(proposal, signed_in):
    other, seen = opened(signed_in, AMIR, proposal)
    token = {"csrf_token": other.token()}
    assert (
        other.post(f"/approvals/{proposal}/withdraw", {"version": "1"} | token).status_code == 403
    )
    browser, seen = opened(signed_in, ALICE, proposal)
    assert browser.post(f"/approvals/{proposal}/withdraw", seen).status_code == 303


@pytest.mark.parametrize("act", ["approve", "refuse", "approve-lift", "refuse-lift"])
def test_acts_need_the_right_the_method_and_the_object(proposal, signed_in, act):
    for who in (ALICE, AUDREY):
        browser, _ = opened(signed_in, who, proposal)
        form = {"csrf_token": browser.token(), "version": "1", "text": "x"}
        assert browser.post(f"/approvals/{proposal}/{act}", form).status_code == 403
    assert signed_in(BOB).get("/approvals").status_code == 403
    senior, _ = opened(signed_in, SAM, proposal)
    token = senior.token()
    assert senior.get(f"/approvals/{proposal}/{act}").status_code == 405
    form = {"csrf_token": token, "version": "1", "label_version": "1", "text": "x"}
    assert senior.post(f"/approvals/999/{act}", form).status_code == 404
    assert senior.get("/approvals/999").status_code == 404


def test_lifting_early_takes_two_as_well(desk, proposal, signed_in):
    senior, seen = opened(signed_in, SAM, proposal)
    senior.post(f"/approvals/{proposal}/approve", seen)
    alice = signed_in(ALICE)
    alice.get(f"/corrections/{proposal}")
    form = hidden(alice, "version") | {"text": "The holder moved back."}
    assert alice.post(f"/corrections/{proposal}/lift", form).status_code == 303
    senior.get("/approvals")
    check_html(senior.page)
    assert "Corrections to lift early" in senior.page
    sonja, seen = opened(signed_in, SONJA, proposal)
    check_html(sonja.page)
    assert "IP location: Guangdong" in words_of(sonja.page)
    assert sonja.post(f"/approvals/{proposal}/refuse-lift", seen).status_code == 422
    assert "Choose or write a reason." in sonja.page
    assert sonja.post(f"/approvals/{proposal}/approve-lift", seen).status_code == 303
    assert desk.label("ann")[1] == "CN-GD"


def test_a_waiting_proposal_is_said_where_the_next_one_is_decided(desk, proposal, signed_in):
    with desk.database.transaction() as session:
        opening = Opening(
            kind=CaseKind.DISAGREEMENT, site_id=desk.site, account_id=desk.accounts["ann"]
        )
        case_id = open_case(session, actor=SYSTEM, opening=opening, now=desk.now).id
        claims.claim(session, actor=AMIR, case_id=case_id, settings=desk.settings, now=desk.now)
    browser = signed_in(AMIR)
    for path in (f"/accounts/{desk.accounts['ann']}", f"/cases/{case_id}"):
        browser.get(path)
        check_html(browser.page)
        assert "the label can be withheld, but not corrected otherwise" in browser.page
        assert f'href="/approvals/{proposal}"' in browser.page
    form = hidden(browser, "version", "label_version") | {"verdict": "correct", "days": "90"}
    form |= {"reason": "protection", "evidence": "A threat was reported.", "kind": "coarsen"}
    assert browser.post(f"/cases/{case_id}/decide", form).status_code == 409
    assert "the label can be withheld" in browser.page
    assert browser.post(f"/cases/{case_id}/decide", form | {"kind": "withhold"}).status_code == 303
    assert desk.label("ann")[0] == "withheld"
    senior, seen = opened(signed_in, SAM, proposal)
    check_html(senior.page)
    assert "withheld after this was proposed" in senior.page
    assert "/approve" not in senior.page
    seen["label_version"] = str(desk.label("ann")[2])
    assert senior.post(f"/approvals/{proposal}/approve", seen).status_code == 422
    assert desk.label("ann")[0] == "withheld"


def left_alone(desk, who):
    """Nobody else who may approve is at work."""
    with desk.database.transaction() as session:
        session.execute(sa.update(Staff).where(Staff.name == who.name).values(state="disabled"))


def test_where_nobody_may_approve_everybody_is_told(desk, signed_in, many):
    """On the overview, administrators included; on the list; on the proposal; on the batch."""
    batch = made(signed_in(SAM), many, site="tea")
    proposal = desk.correct(SAM, "ann", "replace", "CN-SH")
    paths = ("/", "/approvals", f"/approvals/{proposal}", f"/batches/{batch}")
    said = "proposals can be approved by nobody here", "Nobody here may approve"
    for who in (SAM, ALICE):
        for path in paths:
            page = words_of(signed_in(who).get(path).get_data(as_text=True))
            assert not any(one in page for one in said), "Sonja may"
    left_alone(desk, SONJA)
    for who in (SAM, ALICE, AUDREY):
        for path in paths:
            browser = signed_in(who)
            page = browser.get(path).get_data(as_text=True)
            check_html(page)
            assert "2 " + said[0] in words_of(page) or said[1] in words_of(page), (who, path)
    page = signed_in(SAM).get("/approvals").get_data(as_text=True)
    assert words_of(page).count(said[1]) == 2
    admin = signed_in(BOB).get("/").get_data(as_text=True)
    check_html(admin)
    assert "2 " + said[0] in words_of(admin)
    assert "Show them" not in admin, "they may not look at proposals"


def test_it_is_said_in_chinese(desk, signed_in):
    desk.correct(SAM, "ann", "replace", "CN-SH")
    left_alone(desk, SONJA)
    for who, path in ((BOB, "/"), (SAM, "/"), (SAM, "/approvals")):
        page = signed_in(who).get(path, Accept_Language="zh-CN").get_data(as_text=True)
        assert "有 1 项提议，目前无人可以复核。" in page


def test_the_pages_keep_within_eight_queries_then_too(desk, signed_in, many):
    batch = made(signed_in(SAM), many, site="tea")
    proposal = desk.correct(SAM, "ann", "replace", "CN-SH")
    left_alone(desk, SONJA)
    sam = signed_in(SAM)
    for path in ("/", "/approvals", f"/approvals/{proposal}", f"/batches/{batch}"):
        with counted(desk.database) as queries:
            assert sam.get(path).status_code == 200
        assert queries() <= 8, path
