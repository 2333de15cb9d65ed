"""New geo databases that wait for a word: what they move, a trial, and the decision."""

import pytest
import sqlalchemy as sa

from shudi.cases.store import Case
from shudi.geo.store import SourceUpdate
from shudi.labels.store.trials import SourceTrial
from shudi.staff.actions import declare_own_account
from tests import factories
from tests.console.desk import check_html, counted, hidden, words_of
from tests.people import ALICE, AUDREY, BOB, SAM, SONJA


@pytest.fixture
def update(desk) -> int:
    """Half of Guangdong's networks go to Hunan; on a desk with one label there, that is much."""
    with desk.database.transaction() as session:
        names = [f"more-{at}" for at in range(9)]
        factories.make_labels(session, site_id=desk.site, names=names, region="CN-GD", now=desk.now)
        tight = factories.tight(desk.settings)
        return factories.make_update(session, settings=tight, now=desk.now)


def _form(browser, **more):
    return hidden(browser, "version") | {"csrf_token": browser.token(), **more}


def test_the_page_says_what_would_move(desk, update, signed_in):
    browser = signed_in(SAM)
    with counted(desk.database) as count:
        assert browser.get(f"/source-updates/{update}").status_code == 200
    assert count() <= 8
    check_html(browser.page)
    said = words_of(browser.page)
    assert "5 of 13 accounts" in said
    assert "Too many" in said
    assert "Guangdong Hunan 5" in said
    assert "Guangdong Hunan 128 50.0%" in said
    assert "Macao, China Hong Kong, China Uncertain" in said
    assert "Places that vanish" in said
    assert "2026-01-01 Test-City" in said
    assert "2026-03-01" in said
    browser.get("/brakes")
    check_html(browser.page)
    assert "test 2026-03-01" in words_of(browser.page)
    browser.get("/")
    check_html(browser.page)
    assert "New geo databases wait for a word." in browser.page
    browser.get("/queue?queue=brakes")
    assert "New geo databases" in browser.page
    with desk.database.read_session() as session:
        case = session.scalars(sa.select(Case.id).where(Case.update_id == update)).one()
    browser.get(f"/cases/{case}")
    check_html(browser.page)
    assert f'href="/source-updates/{update}"' in browser.page
    browser.get("/system")
    check_html(browser.page)
    assert 'href="/brakes#updates"' in browser.page


@pytest.mark.parametrize(("act", "word"), [("accept", "Accepted"), ("stop", "Stopped")])
def test_a_senior_decides_once(desk, update, signed_in, act, word):
    browser = signed_in(SAM)
    browser.get(f"/source-updates/{update}")
    form = _form(browser)
    path = f"/source-updates/{update}/{act}"
    assert browser.post(path, form | {"version": ""}).status_code == 422
    assert browser.post(path, form).status_code == 303
    assert browser.post(path, form).status_code == 409
    check_html(browser.page)
    assert "This is decided already, or newer files have come." in browser.page
    assert word in browser.page
    assert ("Waits for the worker" in browser.page) == (act == "accept")
    with desk.database.read_session() as session:
        assert session.get_one(SourceUpdate, update).decided_by == SAM.staff_id
    browser.get(f"/brakes/{desk.brake}")
    assert "were taken into use" not in browser.page
    with desk.database.transaction() as session:
        session.execute(sa.update(SourceUpdate).values(taken_at=desk.now))
    browser.get(f"/brakes/{desk.brake}")
    check_html(browser.page)
    assert "were taken into use" in browser.page


def test_a_trial_is_shown_as_it_goes(desk, update, signed_in):
    browser, late = signed_in(SAM), signed_in(SONJA)
    for one in (browser, late):
        one.get(f"/source-updates/{update}")
    path = f"/source-updates/{update}"
    assert browser.post(f"{path}/sample", _form(browser)).status_code == 303
    assert late.post(f"{path}/accept", _form(late)).status_code == 409
    assert "Somebody has begun a trial meanwhile" in late.page
    browser.get(path)
    check_html(browser.page)
    assert "No account has been seen since the trial began." in browser.page
    moved = {"ann": ("CN-GD", "CN-HN"), "ben": ("CN-ZJ", "CN-ZJ"), "cat": ("US", "")}
    with desk.database.transaction() as session:
        for name, (before, after) in moved.items():
            session.add(
                SourceTrial(
                    update_id=update, account_id=desk.accounts[name], site_id=desk.site,
                    at=desk.now, before=before, after=after,
                )
            )  # fmt: skip
    browser.get(path)
    check_html(browser.page)
    assert "1 of 3 accounts would move" in browser.page
    assert f'href="/accounts/{desk.accounts["ann"]}"' in browser.page
    assert f'href="/accounts/{desk.accounts["ben"]}"' not in browser.page
    with desk.database.transaction() as session:
        declare_own_account(session, actor=SAM, account_id=desk.accounts["ann"], now=desk.now)
    browser.get(path)
    check_html(browser.page)
    assert "somebody else must decide" in browser.page
    form = {"csrf_token": browser.token(), "version": "2"}
    assert browser.post(f"{path}/accept", form).status_code == 403


@pytest.mark.parametrize("act", ["accept", "sample", "stop"])
def test_rights_method_and_object(desk, update, signed_in, act):
    for who in (ALICE, AUDREY):
        browser = signed_in(who)
        assert browser.get(f"/source-updates/{update}").status_code == 200
        assert "A senior decides on new geo databases." in browser.page
        form = {"csrf_token": browser.token(), "version": "1"}
        assert browser.post(f"/source-updates/{update}/{act}", form).status_code == 403
    assert signed_in(BOB).get(f"/source-updates/{update}").status_code == 403
    senior = signed_in(SAM)
    senior.get("/brakes")
    assert senior.post(f"/source-updates/999/{act}", {"version": "1"}).status_code == 404
    assert senior.get("/source-updates/999").status_code == 404
    assert senior.get(f"/source-updates/{update}/{act}").status_code == 405
    forged = {"csrf_token": "another", "version": "1"}
    assert senior.post(f"/source-updates/{update}/{act}", forged).status_code == 403
