"""Brakes: the difference of all that is held, a sample of it, and the decision."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi.labels.rules import State
from shudi.labels.store import HeldResult
from shudi.labels.store.samples import BrakeSample
from shudi.staff.actions import declare_own_account
from tests import factories
from tests.console.desk import check_html, counted, hidden, words_of
from tests.people import ALICE, AUDREY, BOB, SAM, SONJA

HELD = 42


@pytest.fixture
def held(desk, locator):
    """Accounts in CN-GD whose move to US the brake holds."""
    names = [f"held-{at:02}" for at in range(HELD)]
    with desk.database.transaction() as session:
        ids = [
            factories.make_account(session, site_id=desk.site, account=name, now=desk.now)
            for name in names
        ]
        session.execute(sa.text("UPDATE brakes SET state = 'rejected'"))
        places = [(name, "CN-GD") for name in names]
        factories.see(session, places=places, locator=locator, settings=desk.settings, now=desk.now)
        session.execute(sa.text("UPDATE brakes SET state = 'held'"))
        places = [(name, "US") for name in names]
        later = desk.now + timedelta(minutes=1)
        factories.see(session, places=places, locator=locator, settings=desk.settings, now=later)
    return ids


def _form(browser, **more):
    return hidden(browser, "version") | {"csrf_token": browser.token(), **more}


@pytest.mark.parametrize("act", ["accept", "reject"])
def test_a_senior_decides_once(desk, held, signed_in, act):
    browser = signed_in(SAM)
    assert browser.get(f"/brakes/{desk.brake}").status_code == 200
    check_html(browser.page)
    assert "Guangdong United States 42" in words_of(browser.page)
    assert "42 accounts held now" in browser.page
    form = _form(browser, waive_hours="1")
    path = f"/brakes/{desk.brake}/{act}"
    assert browser.post(path, form | {"waive_hours": "99"}).status_code == (422)
    assert browser.post(path, form).status_code == 303
    late = browser.post(path, form)
    assert late.status_code == 409
    check_html(browser.page)  # the brake as it stands now, with what happened
    assert "Somebody else has decided on this brake already." in browser.page
    assert "42 accounts held at the decision" in browser.page
    browser.get("/brakes")
    check_html(browser.page)
    assert ("Accepted" if act == "accept" else "Rejected") in browser.page


@pytest.mark.parametrize(("act", "region"), [("accept", "US"), ("reject", "CN-GD")])
def test_a_sample_first(desk, held, signed_in, act, region):
    browser, late = signed_in(SAM), signed_in(SONJA)
    for one in (browser, late):
        one.get(f"/brakes/{desk.brake}")
    assert "20 accounts, drawn by lot" in browser.page
    path = f"/brakes/{desk.brake}/sample"
    assert browser.post(path, _form(browser)).status_code == 303
    browser.get(f"/brakes/{desk.brake}")
    check_html(browser.page)
    assert "20 accounts drawn by lot" in browser.page
    assert "22 accounts held now" in browser.page
    assert "Sample let go" in browser.page
    with desk.database.read_session() as session:
        drawn = session.scalars(sa.select(BrakeSample.account_id)).all()
    assert all(f'/accounts/{account}"' in browser.page for account in drawn)
    row = words_of(browser.page).split("Shown now", 1)[1]
    assert "Guangdong test : Guangdong" in row
    assert "United States test : United States" in row
    assert late.post(f"/brakes/{desk.brake}/accept", _form(late)).status_code == 409
    assert "Somebody has let a sample go meanwhile" in late.page
    assert "Accept the rest, too" in late.page
    assert late.post(path, _form(late)).status_code == 409
    assert browser.post(f"/brakes/{desk.brake}/{act}", _form(browser)).status_code == 303
    with desk.database.read_session() as session:
        regions = session.execute(
            sa.text("SELECT DISTINCT region FROM labels WHERE account LIKE 'held-%'")
        )
        assert regions.scalars().all() == [region]
    browser.get(f"/brakes/{desk.brake}")
    check_html(browser.page)
    assert ("Changed, then put back" in browser.page) == (act == "reject")


def test_too_few_for_a_sample(desk, held, signed_in):
    browser = signed_in(SAM)
    with desk.database.transaction() as session:
        session.execute(sa.delete(HeldResult).where(HeldResult.account_id.in_(held[:5])))
    browser.get(f"/brakes/{desk.brake}")
    assert "Let a sample go first" not in browser.page
    assert browser.post(f"/brakes/{desk.brake}/sample", _form(browser)).status_code == 422
    check_html(browser.page)
    assert "So few accounts are held" in browser.page


def test_the_page_asks_little_of_the_store(desk, held, signed_in):
    browser = signed_in(SAM)
    browser.get(f"/brakes/{desk.brake}")
    browser.post(f"/brakes/{desk.brake}/sample", _form(browser))
    with counted(desk.database) as count:
        browser.get(f"/brakes/{desk.brake}")
    assert count() <= 8


@pytest.mark.parametrize("act", ["accept", "reject", "sample"])
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
    forged = {"csrf_token": "another", "version": "1"}
    assert senior.post(f"/brakes/{desk.brake}/{act}", forged).status_code == 403


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
    for act in ("accept", "reject", "sample"):
        assert browser.post(f"/brakes/{desk.brake}/{act}", form).status_code == 403
