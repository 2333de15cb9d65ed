"""Two keys decide also where a second person must confirm; what a decision does is said before."""

import re
import time

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect

from shudi import settings as settings_module
from shudi.cases.actions import claims, review
from shudi.cases.rules import CaseKind, CaseState
from shudi.cases.store import Case
from shudi.clock import now
from shudi.db import connect
from shudi.labels.store import Label
from shudi.regions.codec import load_vocabulary
from shudi.sites.store import Site
from shudi.staff.queries import staff_by_name
from shudi.staff.rules import Actor
from tests import factories
from tests.e2e.desk import Installation
from tests.e2e.test_keys import go, keydowns, press, seat


def looked_at_again(desk: Installation) -> str:
    """A case about a label that demo-moderator's own decision made what it is; its path."""
    settings = settings_module.load(desk.environment)
    database = connect(settings.database_url)
    with database.transaction() as session:
        person = staff_by_name(session, "demo-moderator")
        assert person is not None
        actor = Actor.staff(person.id, name=person.name, role=person.role)
        report = (Case.kind == CaseKind.REPORT, Case.state == CaseState.OPEN)
        case = session.scalars(sa.select(Case).where(*report).order_by(Case.id.desc())).first()
        assert case is not None
        label = session.get_one(Label, case.account_id)
        claims.claim(session, actor=actor, case_id=case.id, settings=settings, now=now())
        review.correct(
            session, actor=actor, case_id=case.id, version=case.version,
            wish=factories.wish(label.version, "mark_uncertain"), vocabulary=load_vocabulary(),
            settings=settings, now=now(),
        )  # fmt: skip
        site = session.get_one(Site, case.site_id).key
        again = factories.make_case(session, account=label.account, now=now(), site=site)
    database.dispose()
    return f"/cases/{again}"


@pytest.mark.browser
@pytest.mark.timeout(900)
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_two_keys_withhold_where_a_second_person_must_confirm(
    desk: Installation, browser: Browser, locale: str
) -> None:
    page = seat(browser, desk, locale)
    path = looked_at_again(desk)
    page.goto(f"{desk.url}{path}")
    go(page, "c")
    page.route("**/preview?*", lambda route: (time.sleep(0.4), route.continue_()))
    keydowns(page)
    press(page, "w", "w")  # as fast as fingers go: it waits for what it does
    page.wait_for_url(re.compile(rf"/cases/(?!{path.rpartition('/')[2]}\b)\d+"))
    assert keydowns(page) == 2
    page.goto(f"{desk.url}{path}")
    expect(page.locator("main a[href*='/approvals/']").first).to_be_visible()


@pytest.mark.browser
def test_what_a_decision_does_is_said_where_it_is_confirmed(
    desk: Installation, browser: Browser
) -> None:
    page = seat(browser, desk, "en-GB")
    page.goto(f"{desk.url}{looked_at_again(desk)}")
    go(page, "c")
    press(page, "w")
    armed = page.locator("form.decide [data-armed]")
    expect(armed).to_contain_text("a senior other than you must confirm it")
    assert armed.inner_text() == page.locator("[data-said]").inner_text()
    page.goto(f"{desk.url}/queue?queue=contests&holder=unclaimed")
    go(page, "j", "c")
    path = page.evaluate("location.pathname")
    press(page, "k")
    expect(page.locator("#answer")).to_be_focused()
    expect(armed).to_have_text("Write the words for the holder, then confirm.")
    page.keyboard.type("We looked at it again.")
    press(page, "Tab")
    assert go(page, "Enter") != path
