"""What moves while somebody looks: in the queue and on a case's page, in a real browser.

The page's clock is turned by hand; the server's is the real one.
"""

from datetime import datetime

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from shudi import settings as settings_module
from shudi.cases.actions.claims import claim
from shudi.cases.actions.intake import take_report
from shudi.cases.store import Case, Claim
from shudi.clock import now
from shudi.db import Database, connect
from shudi.settings import Settings
from shudi.staff.queries import staff_by_name
from shudi.staff.rules import Actor
from tests.e2e.desk import Installation
from tests.e2e.test_pages import signed_in
from tests.people import READER

RENEWAL = 250_000  # more than the four minutes between two renewals
BEAT = 30_000  # more than either page waits between two questions


def _store(desk: Installation) -> tuple[Database, Settings]:
    settings = settings_module.load(desk.environment)
    return connect(settings.database_url), settings


def seat(browser: Browser, desk: Installation, name: str, path: str) -> Page:
    """Somebody signed in, at this page, whose clock stands still."""
    state = signed_in(browser, desk, name).storage_state()
    page = browser.new_context(locale="en-GB", storage_state=state).new_page()
    page.on("pageerror", lambda error: pytest.fail(f"script: {error}"))
    page.clock.install()
    page.goto(f"{desk.url}{path}")
    return page


def claimed(desk: Installation, name: str, case_id: int) -> None:
    """Somebody else takes this case."""
    database, settings = _store(desk)
    with database.transaction() as session:
        person = staff_by_name(session, name)
        assert person is not None
        actor = Actor.staff(person.id, name=person.name, role=person.role)
        claim(session, actor=actor, case_id=case_id, settings=settings, now=now())
    database.dispose()


def reported(desk: Installation, case_id: int) -> None:
    """Readers say once more what the case is about."""
    database, _ = _store(desk)
    with database.transaction() as session:
        account = session.execute(
            sa.text(
                "SELECT s.key, a.account FROM cases c JOIN accounts a ON a.id = c.account_id"
                " JOIN sites s ON s.id = a.site_id WHERE c.id = :id"
            ).bindparams(id=case_id)
        ).one()
        take_report(
            session,
            actor=READER,
            site_key=account.key,
            account=account.account,
            kind="other",
            text="Once more",
            now=now(),
        )
        assert session.get_one(Case, case_id).reports > 1
    database.dispose()


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_the_queue_says_what_moved_and_leaves_fields_and_the_focus_alone(
    desk: Installation, browser: Browser
) -> None:
    page = seat(browser, desk, "demo-moderator", "/queue?queue=reports&holder=unclaimed")
    rows = page.locator("tr[data-case]")
    first, second, third = (int(rows.nth(at).get_attribute("data-case") or 0) for at in range(3))
    page.get_by_text("Save this view").click()
    page.locator("#view-name").fill("half a na")
    reported(desk, second)
    claimed(desk, "demo-senior", third)
    page.clock.fast_forward(BEAT)
    status = page.locator("[data-pulse-words]")
    expect(status).to_contain_text("1 changed")
    expect(status).to_contain_text("1 gone")
    gone = page.locator(f"tr[data-case='{third}']")
    expect(gone).to_have_attribute("data-gone", "")
    expect(page.locator("#view-name")).to_be_focused()
    page.locator(f"tr[data-case='{first}'] a").focus()
    page.evaluate("document.querySelector('[data-pulse-show]').click()")
    expect(gone).to_have_count(0)
    expect(page.locator(f"tr[data-case='{first}'] a")).to_be_focused()
    expect(page.locator("#view-name")).to_have_value("half a na")
    expect(status).to_have_text("")


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_names_are_written_into_their_rows_but_not_into_the_focused_one(
    desk: Installation, browser: Browser
) -> None:
    page = seat(browser, desk, "demo-moderator", "/queue?queue=reports")
    free = page.locator("tr[data-case]").filter(has_text="Nobody")
    first, second = (int(free.nth(at).get_attribute("data-case") or 0) for at in range(2))
    page.locator(f"tr[data-case='{first}'] a").focus()
    for case_id in (first, second):
        claimed(desk, "demo-senior", case_id)
    page.clock.fast_forward(BEAT)
    held = "tr[data-case='{}'] [data-held]"
    expect(page.locator(held.format(second))).to_contain_text("demo-senior")
    expect(page.locator(held.format(first))).to_have_text("Nobody")
    expect(page.locator("[data-pulse-words]")).to_contain_text("2 changed")


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_two_on_one_case_see_each_other_and_that_it_moved(
    desk: Installation, browser: Browser
) -> None:
    queue = seat(browser, desk, "demo-moderator", "/queue?queue=reports&holder=unclaimed")
    case_id = int(queue.locator("tr[data-case]").first.get_attribute("data-case") or 0)
    page = seat(browser, desk, "demo-moderator", f"/cases/{case_id}")
    other = seat(browser, desk, "demo-senior", f"/cases/{case_id}")
    expect(other.locator("[data-here]")).to_have_text("Open just now: demo-moderator")
    page.clock.fast_forward(BEAT)
    expect(page.locator("[data-here]")).to_have_text("Open just now: demo-senior")
    queue.clock.fast_forward(BEAT)
    expect(queue.locator(f"tr[data-case='{case_id}']")).to_contain_text("demo-senior")
    moved = page.locator("[data-moved]")
    expect(moved).to_be_hidden()
    claimed(desk, "demo-senior", case_id)
    page.clock.fast_forward(BEAT)
    expect(moved).to_be_visible()
    other.close()
    other.context.close()
    page.clock.fast_forward(BEAT)
    expect(page.locator("[data-here]")).to_have_text("")


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_a_lease_is_renewed_while_somebody_works_and_only_then(
    desk: Installation, browser: Browser
) -> None:
    queue = seat(browser, desk, "demo-moderator", "/queue?queue=reports&holder=unclaimed")
    case_id = int(queue.locator("tr[data-case]").first.get_attribute("data-case") or 0)
    page = seat(browser, desk, "demo-moderator", f"/cases/{case_id}")
    page.get_by_role("button", name="Claim this case").click()
    expect(page.get_by_text("You hold this case.")).to_be_visible()
    until = lease_of(desk, case_id)
    heard: list[str] = []
    page.on("request", lambda request: heard.append(request.url))
    page.clock.fast_forward(RENEWAL)
    page.wait_for_timeout(500)
    assert not any(url.endswith("/renew") for url in heard)
    assert lease_of(desk, case_id) == until
    page.keyboard.press("Tab")
    with page.expect_response(lambda answer: answer.url.endswith("/renew")) as answer:
        page.clock.fast_forward(RENEWAL)
    assert answer.value.ok
    assert lease_of(desk, case_id) > until
    expect(page.locator("[data-lease] [data-left]")).to_contain_text("minute")


def lease_of(desk: Installation, case_id: int) -> datetime:
    """Until when the case is somebody's."""
    database, _ = _store(desk)
    with database.read_session() as session:
        active = sa.select(Claim.expires_at).where(
            Claim.case_id == case_id, Claim.ended_at.is_(None)
        )
        until = session.scalars(active).one()
    database.dispose()
    return until
