"""Brakes: the recorded difference, and the decision."""

import pytest

from shudi.labels.rules import State
from shudi.labels.store import HeldResult
from shudi.staff.actions import declare_own_account
from tests.console.desk import check_html, hidden, words_of
from tests.people import ALICE, AUDREY, BOB, SAM


@pytest.mark.parametrize("act", ["accept", "reject"])
def test_a_senior_decides_once(desk, signed_in, act):
    browser = signed_in(SAM)
    assert browser.get(f"/brakes/{desk.brake}").status_code == 200
    check_html(browser.page)
    assert "Guangdong United States 40" in words_of(browser.page)
    form = hidden(browser, "version") | {"waive_hours": "1", "csrf_token": browser.token()}
    path = f"/brakes/{desk.brake}/{act}"
    assert browser.post(path, form | {"waive_hours": "99"}).status_code == (422)
    assert browser.post(path, form).status_code == 303
    assert browser.post(path, form).status_code == 409
    browser.get("/brakes")
    check_html(browser.page)
    assert ("Accepted" if act == "accept" else "Rejected") in browser.page


@pytest.mark.parametrize("act", ["accept", "reject"])
def test_rights_method_and_object(desk, signed_in, act):
    for who in (ALICE, AUDREY):
        browser = signed_in(who)
        assert browser.get(f"/brakes/{desk.brake}").status_code == 200
        assert "A senior decides on brakes." in browser.page
        form = {"csrf_token": browser.token(), "version": "1"}
        assert browser.post(f"/brakes/{desk.brake}/{act}", form).status_code == 403
    assert signed_in(BOB).get("/brakes").status_code == 403
    senior = signed_in(SAM)
    senior.get("/brakes")
    assert senior.post(f"/brakes/999/{act}", {"version": "1"}).status_code == 404
    assert senior.get("/brakes/999").status_code == 404
    assert senior.get(f"/brakes/{desk.brake}/{act}").status_code == 405


def test_a_brake_on_an_own_account_is_for_somebody_else(desk, signed_in):
    own = desk.accounts["ann"]
    values = {"at": desk.now, "state": State.LABELLED, "region": "US", "evidence": ""}
    with desk.database.transaction() as session:
        session.add(HeldResult(brake_id=desk.brake, account_id=own, **values))
        declare_own_account(session, actor=SAM, account_id=own, now=desk.now)
    browser = signed_in(SAM)
    browser.get(f"/brakes/{desk.brake}")
    check_html(browser.page)
    assert "somebody else must decide" in browser.page
    assert "Accept the change" not in browser.page
    form = {"csrf_token": browser.token(), "version": "1", "waive_hours": "1"}
    for act in ("accept", "reject"):
        assert browser.post(f"/brakes/{desk.brake}/{act}", form).status_code == 403
