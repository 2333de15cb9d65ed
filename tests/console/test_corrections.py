"""Corrections in force, and ending one early."""

import dataclasses
from datetime import timedelta

from shudi.cases.actions.review import correct
from shudi.cases.store import Case
from shudi.labels.queries import corrections
from shudi.labels.store import Label
from tests import factories
from tests.console.desk import check_html, hidden, words_of
from tests.people import ALICE, AMIR, AUDREY, BOB, SAM


def test_the_list_shows_those_in_force_the_next_to_end_first(desk, signed_in):
    browser = signed_in(ALICE)
    browser.get("/corrections")
    check_html(browser.page)
    assert "No correction is in force" in browser.page
    desk.correct(ALICE, "ann", "mark_uncertain")
    desk.correct(ALICE, "ben", "withhold")
    assert browser.get("/corrections?site=forum&after=nonsense").status_code == 200
    check_html(browser.page)
    assert "Ann" in browser.page
    assert "Withhold" in browser.page


def plan(desk, name, days):
    """Alice decides that the label of `name` is coarsened in so many days."""
    case = desk.claim(ALICE, name)
    with desk.database.transaction() as session:
        wish = factories.wish(session.get_one(Label, desk.accounts[name]).version, "coarsen")
        return correct(
            session, actor=ALICE, case_id=case, version=session.get_one(Case, case).version,
            wish=dataclasses.replace(wish, starts_at=desk.now + timedelta(days=days)),
            vocabulary=desk.vocabulary, settings=desk.settings, now=desk.now,
        ).id  # fmt: skip


def test_each_list_says_which_it_is_and_plans_stand_in_the_order_of_their_days(desk, signed_in):
    browser = signed_in(ALICE)
    for show, title in (
        ("", "Corrections in force"),
        ("week", "Corrections that end within 7 days"),
        ("planned", "Planned corrections"),
    ):
        browser.get(f"/corrections?show={show}")
        check_html(browser.page)
        assert f"<h1>{title}</h1>" in browser.page
    later, sooner = plan(desk, "ann", 9), plan(desk, "ben", 2)
    browser.get("/corrections?show=planned")
    check_html(browser.page)
    page = browser.page
    assert page.index(f"/corrections/{sooner}") < page.index(f"/corrections/{later}")
    with desk.database.read_session() as session:
        [first], cursor = corrections.scheduled(session, limit=1)
        [second], end = corrections.scheduled(session, limit=1, after=cursor)
    assert (first.id, second.id, end) == (sooner, later, None)


def test_lifting_shows_what_activity_says_and_works_once(desk, signed_in):
    correction = desk.correct(ALICE, "ann", "mark_uncertain")
    browser = signed_in(ALICE)
    browser.get(f"/corrections/{correction}")
    assert "It changes what the same person decided before." in browser.page
    browser = signed_in(AMIR)
    assert browser.get(f"/corrections/{correction}").status_code == 200
    check_html(browser.page)
    assert "IP location: Guangdong" in words_of(browser.page)
    seen, token = hidden(browser, "version"), {"csrf_token": browser.token()}
    path = f"/corrections/{correction}/lift"
    assert browser.post(path, seen | {"text": " "}).status_code == 422
    assert browser.post(path, seen | {"text": "Agrees again."} | token).status_code == 303
    assert desk.label("ann")[:2] == ("labelled", "CN-GD")
    assert browser.post(path, seen | {"text": "Again."} | token).status_code == 409


def test_withholding_is_lifted_by_a_senior_only(desk, signed_in):
    correction = desk.correct(ALICE, "ann", "withhold")
    browser = signed_in(ALICE)
    browser.get(f"/corrections/{correction}")
    assert "only a senior can show it again" in browser.page
    form = {"csrf_token": browser.token(), "version": "1", "text": "x"}
    assert browser.post(f"/corrections/{correction}/lift", form).status_code in (403, 409)
    assert desk.label("ann")[0] == "withheld"
    senior = signed_in(SAM)
    senior.get(f"/corrections/{correction}")
    form = hidden(senior, "version") | {"text": "No danger any more."}
    assert senior.post(f"/corrections/{correction}/lift", form).status_code == 303
    assert desk.label("ann")[0] == "labelled"


def test_rights_method_and_object(desk, signed_in):
    correction = desk.correct(ALICE, "ann", "mark_uncertain")
    auditor = signed_in(AUDREY)
    assert auditor.get(f"/corrections/{correction}").status_code == 200
    form = {"csrf_token": auditor.token(), "version": "1", "text": "x"}
    assert auditor.post(f"/corrections/{correction}/lift", form).status_code == 403
    assert auditor.get(f"/corrections/{correction}/lift").status_code == 405
    assert auditor.get("/corrections/999").status_code == 404
    assert signed_in(BOB).get("/corrections").status_code == 403
