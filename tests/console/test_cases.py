"""A case's page: reading, claiming, deciding, coming late."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi.cases.rules import CaseState
from shudi.cases.store import Case, Claim, Excluded
from shudi.labels.store import Correction
from shudi.staff.actions import declare_own_account
from tests import factories
from tests.console.desk import check_html, counted, hidden, words_of
from tests.people import ALICE, AMIR, AUDREY, BOB, SAM

REPLACE = {
    "verdict": "correct",
    "kind": "replace",
    "region": "CN-SH",
    "reason": "verified_elsewhere",
    "evidence": "The operator confirmed it, ticket 4711.",
    "days": "30",
    "at_expiry": "requeue",
    "step": "decide",
    "confirmed": "1",
}
KEEP = {"verdict": "keep", "keep_reason": "evidence_agrees", "text": "Looks right."}


def opened(desk, signed_in, who=ALICE, name="ann"):
    case_id = desk.claim(who, name)
    browser = signed_in(who)
    assert browser.get(f"/cases/{case_id}").status_code == 200
    return browser, f"/cases/{case_id}"


def state(desk, name="ann"):
    with desk.database.read_session() as session:
        return session.get_one(Case, desk.cases[name]).state


def test_the_page_shows_evidence_reports_and_the_badge_as_readers_see_it(desk, signed_in):
    browser, _ = opened(desk, signed_in)
    check_html(browser.page)
    text = words_of(browser.page)
    assert "ann is elsewhere" in text
    assert "1 of 1 source agrees" in text
    assert "IP location: Guangdong" in text
    assert "IP属地：广东" in text
    assert "IP屬地：廣東" in text
    assert "36.1.2.3" not in browser.page


def test_reading_takes_at_most_eight_queries(desk, signed_in, sqlite_database):
    browser, path = opened(desk, signed_in)
    with counted(sqlite_database) as count:
        browser.get(path)
        assert count() <= 8


def test_keeping_closes_the_case(desk, signed_in):
    browser, path = opened(desk, signed_in)
    answer = browser.post(f"{path}/decide", KEEP | hidden(browser, "version", "label_version"))
    assert answer.status_code == 303
    assert state(desk) is CaseState.CLOSED
    browser.get(path)
    assert "Label kept" in words_of(browser.page)


def test_a_reason_is_asked_for_and_what_was_typed_comes_back(desk, signed_in):
    browser, path = opened(desk, signed_in)
    form = KEEP | {"keep_reason": "", "text": "My <long> explanation"}
    answer = browser.post(f"{path}/decide", form | hidden(browser, "version", "label_version"))
    assert answer.status_code == 422
    check_html(browser.page)
    assert "My &lt;long&gt; explanation" in browser.page
    assert "Choose or write a reason." in browser.page


def test_replacing_needs_evidence_and_waits_for_a_second_person(desk, signed_in):
    browser, path = opened(desk, signed_in)
    seen = hidden(browser, "version", "label_version")
    assert browser.post(f"{path}/decide", REPLACE | seen | {"evidence": ""}).status_code == 422
    assert browser.post(f"{path}/decide", REPLACE | seen).status_code == 303
    assert state(desk) is CaseState.AWAITING
    assert desk.label("ann")[:2] == ("labelled", "CN-GD")


def test_what_takes_two_is_confirmed_knowing_what_it_does(desk, signed_in):
    browser, path = opened(desk, signed_in)
    form = REPLACE | {"confirmed": ""} | hidden(browser, "version", "label_version")
    assert browser.post(f"{path}/decide", form).status_code == 200
    check_html(browser.page)
    text = words_of(browser.page)
    for said in ("IP location: Guangdong", "IP location: Shanghai", "A senior other than you must"):
        assert said in text
    assert state(desk) is CaseState.OPEN
    again = hidden(browser, "version", "label_version", "verdict", "kind", "region", "reason")
    again |= hidden(browser, "evidence", "days", "at_expiry", "confirmed")
    assert browser.post(f"{path}/decide", again).status_code == 303
    assert state(desk) is CaseState.AWAITING


def test_a_correction_that_begins_later_is_planned(desk, signed_in, time):
    browser, path = opened(desk, signed_in)
    day = (time.now + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    form = {"verdict": "correct", "kind": "coarsen", "reason": "travel", "starts": day}
    form |= hidden(browser, "version", "label_version")
    assert browser.post(f"{path}/decide", form | {"starts": "soon"}).status_code == 422
    browser.get(path)
    assert browser.post(f"{path}/decide", form).status_code == 200
    assert "Nothing changes until" in browser.page
    assert browser.post(f"{path}/decide", form | {"confirmed": "1"}).status_code == 303
    assert desk.label("ann")[:2] == ("labelled", "CN-GD")
    browser.get("/corrections?show=planned")
    check_html(browser.page)
    assert "ann" in words_of(browser.page)


def test_withholding_is_in_force_at_once(desk, signed_in):
    browser, path = opened(desk, signed_in)
    form = {"verdict": "correct", "kind": "withhold", "reason": "protection", "days": "90"}
    form |= hidden(browser, "version", "label_version")
    assert browser.post(f"{path}/decide", form | {"days": "731"}).status_code == 422
    assert "at most two years" in browser.page
    browser.post(f"{path}/decide", form)
    assert desk.label("ann")[0] == "withheld"


def withholding_again(desk, signed_in):
    """Alice, whose decision the label of Ann is, at another case about it; the form to withhold."""
    desk.correct(ALICE, "ann", "coarsen")
    with desk.database.transaction() as session:
        desk.cases["ann"] = factories.make_case(session, account="ann", now=desk.now, text="Again")
    browser, path = opened(desk, signed_in)
    form = {"verdict": "correct", "kind": "withhold", "reason": "protection"}
    return browser, path, form | hidden(browser, "version", "label_version")


def test_what_stood_beside_the_form_is_enough_to_withhold(desk, signed_in):
    browser, path, form = withholding_again(desk, signed_in)
    token = browser.token()
    browser.get(f"{path}/preview?verdict=correct&kind=withhold")
    assert "In force at once; a senior other than you must confirm it." in browser.page
    shown = hidden(browser, "shown") | {"csrf_token": token}
    assert shown["shown"] == "own_decision"
    for said in ("", "batch"):  # not shown, or another: it is said on a page of its own
        answer = browser.post(f"{path}/decide", form | shown | {"shown": said})
        assert answer.status_code == 200
        check_html(browser.page)
        assert "Before you confirm" in browser.page
    later = {"starts": (desk.now + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")}
    assert browser.post(f"{path}/decide", form | shown | later).status_code == 200
    assert state(desk) is CaseState.OPEN
    assert browser.post(f"{path}/decide", form | shown).status_code == 303
    assert desk.label("ann")[0] == "withheld"
    assert state(desk) is CaseState.AWAITING
    browser.get(path)
    assert "a second person has yet to confirm it" in browser.page


def test_what_only_waits_is_confirmed_on_its_page_whatever_stood_beside(desk, signed_in):
    browser, path = opened(desk, signed_in)
    form = REPLACE | {"confirmed": "", "shown": "replace"}
    form |= hidden(browser, "version", "label_version")
    assert browser.post(f"{path}/decide", form).status_code == 200
    assert state(desk) is CaseState.OPEN


def test_a_preview_decides_nothing(desk, signed_in):
    browser, path = opened(desk, signed_in)
    seen = hidden(browser, "version", "label_version")
    answer = browser.post(f"{path}/decide", REPLACE | seen | {"step": "preview"})
    assert answer.status_code == 200
    assert "IP location: Shanghai" in words_of(browser.page)
    assert "4711" in browser.page
    assert state(desk) is CaseState.OPEN
    fragment = browser.get(f"{path}/preview?verdict=correct&kind=coarsen")
    assert "IP location: China" in words_of(fragment.text)
    assert browser.get(f"{path}/preview?verdict=correct&kind=replace&region=XX").status_code == 200


def test_who_came_late_sees_both_values_and_keeps_the_text(desk, signed_in):
    browser, path = opened(desk, signed_in)
    seen = hidden(browser, "version", "label_version")
    with desk.database.transaction() as session:
        session.execute(
            sa.text(
                "UPDATE labels SET region = 'CN-ZJ', version = version + 1 WHERE account_id = :id"
            ),
            {"id": desk.accounts["ann"]},
        )
    answer = browser.post(f"{path}/decide", REPLACE | seen)
    assert answer.status_code == 409
    check_html(browser.page)
    text = words_of(browser.page)
    assert "IP location: Zhejiang" in text
    assert "IP location: Shanghai" in text
    assert "ticket 4711" in browser.page
    on_top = hidden(browser, "version", "label_version", "verdict", "kind", "region", "reason")
    on_top |= {"evidence": REPLACE["evidence"]}
    answer = browser.post(f"{path}/decide", on_top)
    assert answer.status_code == 200  # the label is another now, so what it does is said anew
    check_html(browser.page)
    assert "Another place is shown than activity says." in browser.page
    assert state(desk) is CaseState.OPEN
    answer = browser.post(f"{path}/decide", on_top | hidden(browser, "confirmed"))
    assert answer.status_code == 303
    assert state(desk) is CaseState.AWAITING


def test_deciding_twice_is_a_conflict_and_one_event(desk, signed_in):
    browser, path = opened(desk, signed_in)
    form = KEEP | hidden(browser, "version", "label_version")
    token = browser.token()
    assert browser.post(f"{path}/decide", form).status_code == 303
    assert browser.post(f"{path}/decide", form | {"csrf_token": token}).status_code == 409


@pytest.mark.parametrize("act", ["claim", "renew", "release", "note", "decide"])
def test_acts_need_the_right_and_the_method(desk, signed_in, act):
    path = f"/cases/{desk.cases['ann']}"
    auditor = signed_in(AUDREY)
    assert auditor.get(path).status_code == 200
    assert "Claim this case" not in auditor.page
    data = {"csrf_token": auditor.token(), "text": "x"}
    assert auditor.post(f"{path}/{act}", data).status_code == 403
    assert auditor.get(f"{path}/{act}").status_code == 405
    assert signed_in(BOB).get(path).status_code == 403


@pytest.mark.parametrize("act", ["claim", "renew", "release", "note", "decide"])
def test_there_is_no_such_case(desk, signed_in, act):
    browser = signed_in(ALICE)
    assert browser.get("/cases/999").status_code == 404
    browser.get("/queue")
    form = KEEP | {"version": "1", "label_version": "1"}
    expected = 409 if act == "renew" else 404
    assert browser.post(f"/cases/999/{act}", form).status_code == expected


def test_claim_renew_release_and_somebody_elses_claim(desk, signed_in):
    path = f"/cases/{desk.cases['ann']}"
    alice, amir = signed_in(ALICE), signed_in(AMIR)
    alice.get(path)
    amir.get(path)
    assert alice.post(f"{path}/claim").status_code == 303
    assert amir.post(f"{path}/claim").status_code == 409
    amir.get(path)
    assert "alice is working on this case." in words_of(amir.page)
    alice.get(path)
    assert "You hold this case." in alice.page
    renewed = alice.post(f"{path}/renew", Accept="application/json")
    assert renewed.json["until"]
    alice.get(path)
    assert alice.post(f"{path}/renew").status_code == 303
    alice.get(path)
    assert alice.post(f"{path}/release").status_code == 303
    with desk.database.read_session() as session:
        assert session.scalars(sa.select(Claim)).one().ended_at is not None


def test_deciding_without_the_claim_is_refused(desk, signed_in):
    browser, path = opened(desk, signed_in)
    form = KEEP | hidden(browser, "version", "label_version")
    other = signed_in(AMIR)
    other.get(path)
    assert "Confirm the decision" not in other.page
    assert other.post(f"{path}/decide", form).status_code == 409
    assert "Looks right." in other.page
    assert state(desk) is CaseState.OPEN


def test_an_own_account_and_an_own_decision_are_for_somebody_else(desk, signed_in):
    case_id = desk.cases["ann"]
    with desk.database.transaction() as session:
        session.add(Excluded(case_id=desk.cases["ben"], staff_id=ALICE.staff_id))
        declare_own_account(session, actor=ALICE, account_id=desk.accounts["ann"], now=desk.now)
    browser = signed_in(ALICE)
    browser.get(f"/cases/{case_id}")
    assert "account of your own" in browser.page
    assert (
        browser.post(f"/cases/{case_id}/claim", {"csrf_token": browser.token()}).status_code == 403
    )
    browser.get(f"/cases/{desk.cases['ben']}")
    assert "somebody else must answer" in browser.page
    answer = browser.post(f"/cases/{desk.cases['ben']}/claim", {"csrf_token": browser.token()})
    assert answer.status_code == 403


def test_a_note_is_added_and_an_empty_one_is_not(desk, signed_in):
    browser, path = opened(desk, signed_in)
    assert browser.post(f"{path}/note", {"text": " "}).status_code == 422
    check_html(browser.page)
    assert browser.post(f"{path}/note", {"text": "Asked the operator."}).status_code == 303
    browser.get(path)
    assert "Asked the operator." in browser.page


def test_a_brakes_case_points_to_the_brake(desk, signed_in):
    with desk.database.read_session() as session:
        case_id = session.scalars(sa.select(Case.id).where(Case.brake_id.is_not(None))).one()
    browser = signed_in(SAM)
    assert browser.get(f"/cases/{case_id}").status_code == 200
    check_html(browser.page)
    assert f'href="/brakes/{desk.brake}"' in browser.page


def test_an_expired_correction_can_be_lifted_from_its_case(desk, signed_in):
    correction_id = desk.correct(ALICE, "ben", "mark_uncertain")
    with desk.database.transaction() as session:
        row = session.get_one(Correction, correction_id)
        case = session.get_one(Case, desk.cases["ann"])
        case.kind, case.account_id = "expiry", row.account_id
        case.correction_id, row.expired_at = row.id, desk.now
    browser, path = opened(desk, signed_in)
    assert 'value="lift"' in browser.page
    assert 'value="dismiss"' not in browser.page
    form = {"verdict": "lift", "text": "Databases agree again."}
    answer = browser.post(f"{path}/decide", form | hidden(browser, "version", "label_version"))
    assert answer.status_code == 303
    assert desk.label("ben")[:2] == ("labelled", "CN-ZJ")
