"""Taking decisions back, on the pages."""

from datetime import timedelta

import pytest

from shudi.cases.actions import looks
from shudi.cases.rules import CaseState
from shudi.cases.store import Case, Decision
from tests.console.desk import check_html, counted, hidden, words_of
from tests.people import ALICE, AMIR, AUDREY, SAM, SONJA


def decided(desk, who=ALICE, name="ann", kind="coarsen"):
    desk.correct(who, name, kind)
    with desk.database.read_session() as session:
        return session.query(Decision).order_by(Decision.id.desc()).first().id


def test_undo_is_offered_where_it_was_decided_and_works_once(desk, signed_in):
    decided(desk)
    browser = signed_in(ALICE)
    browser.get(f"/cases/{desk.cases['ann']}")
    check_html(browser.page)
    assert "Undo or revert" in browser.page
    browser.get("/decisions")
    check_html(browser.page)
    seen, token = hidden(browser, "version"), {"csrf_token": browser.token()}
    answer = browser.post("/decisions/1/undo", seen)
    assert answer.status_code == 303
    assert desk.label("ann")[:2] == ("labelled", "CN-GD")
    with desk.database.read_session() as session:
        assert session.get_one(Case, desk.cases["ann"]).state is CaseState.OPEN
    late = browser.post("/decisions/1/undo", seen | token | {"text": "My typed reason"})
    assert late.status_code == 409
    check_html(browser.page)
    assert "taken this decision back already" in browser.page
    assert "My typed reason" in browser.page


def test_after_ten_minutes_it_is_reverted_by_another_decision(desk, signed_in, time):
    number = decided(desk)
    time.turn(minutes=10)
    browser = signed_in(ALICE)
    browser.get(f"/decisions/{number}")
    check_html(browser.page)
    assert "Undo the decision" not in browser.page
    assert "It changes what the same person decided before." in browser.page
    browser = signed_in(AMIR)
    browser.get(f"/decisions/{number}")
    form = hidden(browser, "version", "label_version")
    assert browser.post(f"/decisions/{number}/undo", form).status_code == 403
    browser.get(f"/decisions/{number}")
    assert browser.post(f"/decisions/{number}/revert", form | {"text": ""}).status_code == 422
    moved = form | {"label_version": "99", "text": "Typed"}
    assert browser.post(f"/decisions/{number}/revert", moved).status_code == 409
    assert "Typed" in browser.page
    done = browser.post(f"/decisions/{number}/revert", form | {"text": "It was wrong"})
    assert done.status_code == 303
    browser.get(f"/decisions/{number}")
    assert "Another decision reverted this one." in words_of(browser.page)
    assert desk.label("ann")[:2] == ("labelled", "CN-GD")


def test_pages_take_few_queries(desk, signed_in, sqlite_database):
    number = decided(desk)
    browser = signed_in(ALICE)
    for path in (f"/decisions/{number}", "/decisions", "/corrections?show=week"):
        with counted(sqlite_database) as count:
            assert browser.get(path).status_code == 200
            assert count() <= 8


@pytest.mark.parametrize("act", ["undo", "revert"])
def test_who_may_not_decide_takes_nothing_back(desk, signed_in, act):
    number = decided(desk)
    auditor = signed_in(AUDREY)
    assert auditor.get(f"/decisions/{number}").status_code == 200
    assert "Undo" not in words_of(auditor.page)
    form = {"csrf_token": auditor.token(), "version": "1", "text": "x"}
    assert auditor.post(f"/decisions/{number}/{act}", form).status_code == 403
    assert auditor.get(f"/decisions/{number}/{act}").status_code == 405
    assert signed_in(SAM).get("/decisions/999").status_code == 404


def test_a_second_look_is_blind_until_it_is_given(desk, signed_in, time):
    decided(desk)
    later = desk.now + timedelta(minutes=10)
    with desk.database.transaction() as session:
        looks.draw(session, key=b"k" * 32, share=1.0, now=later)
    with desk.database.read_session() as session:
        case = session.query(Case).order_by(Case.id.desc()).first().id
    browser = signed_in(AMIR)
    assert browser.get(f"/cases/{case}").status_code == 303
    browser.get(f"/second-looks/{case}")
    check_html(browser.page)
    text = words_of(browser.page)
    assert "IP location: Guangdong" in text  # as readers saw it before the decision
    assert "Label corrected" not in text
    assert "alice" not in text
    browser.post(f"/cases/{case}/claim")
    browser.get(f"/second-looks/{case}")
    check_html(browser.page)
    form = {"verdict": "keep", "text": "Looks right"} | hidden(browser, "version")
    assert browser.post(f"/second-looks/{case}/look", form).status_code == 422
    assert "Looks right" in browser.page
    answer = browser.post(f"/second-looks/{case}/look", form | {"keep_reason": "evidence_agrees"})
    assert answer.status_code == 303
    browser.get(f"/second-looks/{case}")
    assert "The verdicts differ." in browser.page
    senior = signed_in(SAM)
    senior.get(f"/second-looks/{case}")
    check_html(senior.page)
    settle = {"settled": "second", "text": "The second"} | hidden(senior, "version")
    assert senior.post(f"/second-looks/{case}/settle", settle).status_code == 303
    assert desk.label("ann")[1] == "CN"  # nothing changes but by an ordinary case


def test_a_word_that_comes_too_early_or_too_late_is_answered_in_words(desk, signed_in):
    decided(desk)
    later = desk.now + timedelta(minutes=10)
    with desk.database.transaction() as session:
        looks.draw(session, key=b"k" * 32, share=1.0, now=later)
    with desk.database.read_session() as session:
        case = session.query(Case).order_by(Case.id.desc()).first().id
    senior = signed_in(SAM)
    senior.get(f"/second-looks/{case}")
    senior.post(f"/cases/{case}/claim")
    senior.get(f"/second-looks/{case}")
    early = {"settled": "second", "text": "Settled early"} | hidden(senior, "version")
    assert senior.post(f"/second-looks/{case}/settle", early).status_code == 422
    assert "The second verdict is not given yet." in words_of(senior.page)
    assert "Settled early" in senior.page
    look = {"verdict": "keep", "keep_reason": "evidence_agrees", "text": "Looked late"}
    look |= hidden(senior, "version")
    assert senior.post(f"/second-looks/{case}/look", look).status_code == 303
    other = signed_in(SONJA)
    other.get(f"/second-looks/{case}")
    late = look | {"version": hidden(other, "version")["version"]}
    assert other.post(f"/second-looks/{case}/look", late).status_code in (409, 422)
    check_html(other.page)
    assert "Looked late" in other.page
