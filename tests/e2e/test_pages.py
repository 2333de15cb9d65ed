"""Every page of the desk in real Chromium: both languages, both schemes, wide and narrow.

Which pages there are stands in tests/console/pages.py, which fails for a route that is missing.
All eight looks run each time: a page is loaded once a language, and its scheme and width change
under it, which only the style sheet answers. In the dark only colours are asked anew: the rest of
the page is what it was in the light at that width.
"""

from collections.abc import Sequence
from typing import Literal

import pytest
import sqlalchemy as sa
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from sqlalchemy.orm import Session

from shudi import settings as settings_module
from shudi.accounts.store import Account
from shudi.cases.actions import brakes
from shudi.cases.actions.claims import claim
from shudi.cases.actions.holders import make_link as make_holder_link
from shudi.cases.store import Case
from shudi.clock import now
from shudi.db import connect
from shudi.labels.store import Brake, Label
from shudi.regions.codec import load_vocabulary
from shudi.staff.actions import make_link
from shudi.staff.codec.keyring import link_path
from shudi.staff.queries import staff_by_name
from shudi.staff.rules import Actor
from shudi.staff.store import LinkPurpose
from tests.console.furnish import NEEDED, Furnisher
from tests.console.pages import ADMINISTRATORS, SUPERVISORS, addresses, numbers
from tests.e2e.desk import Installation, accept, enrol
from tests.e2e.posts import Post, of_a_senior, of_an_admin

Scheme = Literal["light", "dark"]
Look = tuple[Scheme, int]
# Beside the pages themselves: what they show where there is nothing, or what was asked is none.
STATES = ("/accounts?q=nobody-of-that-name", "/queue?holder=mine&state=awaiting",
          "/find?q=nothing-of-that-name", "/notices?state=failed&site=nowhere",
          "/corrections?show=week&site=quiet", "/second-looks/999999", "/cases/999999")  # fmt: skip
STRANGERS = (
    "/sign-in",
    "/holder/no-such-link",
    Post("/sign-in", "/sign-in", 422, {"name": "demo-senior"}),
)
LONG = "很长的名字" * 12 + "W" * 60
LOCALES = ("en-GB", "zh-CN")
LOOKS: tuple[Look, ...] = (("light", 1440), ("dark", 1440), ("dark", 360), ("light", 360))
_COLOURS = "runOnly: {type: 'rule', values: ['color-contrast', 'link-in-text-block']}"
AXE_RUN = {
    "light": "axe.run({resultTypes: ['violations']})",
    "dark": f"axe.run({{resultTypes: ['violations'], {_COLOURS}}})",
}
NARROWEST_DESK = 1280  # from here on tables do not scroll by themselves
OVER = """[...document.querySelectorAll(".table-wrap")].filter(
    (box) => getComputedStyle(box).overflowX === "visible" && box.scrollWidth > box.clientWidth
).length"""
GROUNDS = {"light": "rgb(246, 247, 246)", "dark": "rgb(18, 22, 21)"}  # --canvas


def link(desk: Installation, name: str, purpose: LinkPurpose) -> str:
    """A fresh link for this person."""
    database = connect(desk.environment["SHUDI_DATABASE_URL"])
    with database.transaction() as session:
        person = staff_by_name(session, name)
        assert person is not None
        token = make_link(
            session, actor=Actor.system("test"), staff_id=person.id, purpose=purpose, now=now()
        )
    database.dispose()
    return desk.url + link_path(purpose, token)


def signed_in(
    browser: Browser, desk: Installation, name: str, *, agreed: bool = True
) -> BrowserContext:
    """A browser in which this person is signed in and, if `agreed`, may see personal data."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(link(desk, name, LinkPurpose.DEMO))
    page.get_by_role("button", name="Sign in as").click()
    if agreed:
        accept(page)
    else:
        page.get_by_role("heading", level=1, name="Before you see personal data").wait_for()
    return context


def supervising(browser: Browser, desk: Installation) -> BrowserContext:
    """A browser in which the demo's supervisor is signed in and may see personal data."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(link(desk, "demo-supervisor", LinkPurpose.DEMO))
    page.get_by_role("button", name="Sign in as").click()
    page.locator("a.cell-main").first.click()
    page.get_by_role("button", name="I have read this and accept it").click()
    page.get_by_role("heading", name="Take it out as a file").wait_for()
    return context


def furnish(desk: Installation) -> tuple[list[str], list[str | Post], list[str], list[Post]]:
    """Something of every kind, one account with a long name, cases that demo-senior holds: the
    addresses of a senior's pages, of an administrator's and a supervisor's, and what the senior's
    forms send.
    """
    settings = settings_module.load(desk.environment)
    database = connect(settings.database_url)
    with database.transaction() as session:
        moderator, senior = (_actor(session, f"demo-{role}") for role in ("moderator", "senior"))
        busy = sa.select(Case.account_id).where(Case.account_id.is_not(None))
        quiet = (Label.region == "CN-GD", Label.corrected.is_(False))
        query = sa.select(Label.account_id).where(*quiet, Label.account_id.not_in(busy))
        accounts = session.scalars(query.limit(NEEDED)).all()
        session.get_one(Account, accounts[-1]).name = LONG
    Furnisher(database, settings, load_vocabulary(), moderator, senior, now()).furnish(accounts)
    with database.transaction() as session:
        known = numbers(session)
        for name in ("report", "contest"):
            claim(session, actor=senior, case_id=known[name], settings=settings, now=now())
    with database.read_session() as session:
        found = addresses(session)
        posts = of_a_senior(session)
    database.dispose()
    others = ADMINISTRATORS | SUPERVISORS
    pages = [one for name, paths in found.items() if name not in others for one in paths]
    admin, supervisor = (
        [one for name in sorted(some) for one in found[name]]
        for some in (ADMINISTRATORS, SUPERVISORS)
    )
    return pages, [*admin, *of_an_admin(known)], supervisor, posts


def _actor(session: Session, name: str) -> Actor:
    person = staff_by_name(session, name)
    assert person is not None
    return Actor.staff(person.id, name=person.name, role=person.role)


def check(
    context: BrowserContext,
    addresses: Sequence[str | Post],
    looks: Sequence[Look] = LOOKS,
    base: str = "",
) -> list[str]:
    """What is wrong with these pages, in words; each is opened once and then changes its look."""
    wrong: list[str] = []
    page = context.new_page()

    def hear(said: ConsoleMessage) -> None:
        # a page that says «not found» or «somebody else was first» is an error to the browser alone
        ours = said.text.startswith("Failed to load resource") and said.location["url"] == page.url
        if said.type == "error" and not ours:
            wrong.append(f"console: {said.text} {said.location['url']}")

    page.on("console", hear)
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    for address in addresses:
        if isinstance(address, Post):
            address.send(page, base)
        else:
            page.goto(base + address)
        wrong += looked_over(page, str(address), looks)
    page.close()
    return wrong


def looked_over(page: Page, name: str, looks: Sequence[Look] = LOOKS) -> list[str]:
    """What is wrong with the page that is open, in each look."""
    wrong: list[str] = []
    page.evaluate(AXE_SCRIPT)
    for scheme, width in looks:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        wrong += [f"{name} {scheme} {width}: {one}" for one in faults(page, scheme)]
    page.set_viewport_size({"width": NARROWEST_DESK, "height": 900})
    wrong += [f"{name}: a table reaches over its card"] * page.evaluate(OVER)
    return wrong


def faults(page: Page, scheme: Scheme) -> list[str]:
    """What is wrong with the page as it looks now; the look itself is asked, not assumed."""
    page.evaluate("document.getAnimations().forEach((one) => one.finish())")  # colours that fade
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    found = [] if ground == GROUNDS[scheme] else [f"the ground is {ground}"]
    for violation in page.evaluate(AXE_RUN[scheme])["violations"]:
        nodes = [node["html"][:90] for node in violation["nodes"][:2]]
        found.append(f"{violation['id']} {nodes}")
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("wider than the window")
    return found


def sampled(desk: Installation) -> None:
    """The demo's brake has let a sample go first."""
    database = connect(desk.environment["SHUDI_DATABASE_URL"])
    with database.transaction() as session:
        brake = session.scalars(sa.select(Brake).where(Brake.state == "held")).one()
        who = Actor.system("test")
        brakes.sample(
            session, actor=who, brake_id=brake.id, version=brake.version, key=b"k" * 32, now=now()
        )
    database.dispose()


@pytest.mark.browser
@pytest.mark.timeout(1800)
def test_every_page_is_accessible_and_quiet(desk: Installation, chromium_path: str) -> None:
    sampled(desk)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        states = [
            signed_in(browser, desk, f"demo-{role}").storage_state() for role in ("senior", "admin")
        ]
        states.append(supervising(browser, desk).storage_state())
        senior, admin, supervisor, posts = furnish(desk)
        wrong: list[str] = []
        for locale in LOCALES:
            asked = ([*senior, *STATES, *posts], admin, supervisor)
            for state, paths in zip(states, asked, strict=True):
                context = browser.new_context(locale=locale, storage_state=state)
                wrong += check(context, paths, base=desk.url)
            stranger = browser.new_context(locale=locale)
            wrong += check(stranger, STRANGERS, base=desk.url)
        browser.close()
    assert wrong == []


@pytest.mark.browser
def test_the_holders_page_enrolment_and_the_agreement_are_accessible(
    desk: Installation, chromium_path: str
) -> None:
    database = connect(desk.environment["SHUDI_DATABASE_URL"])
    with database.transaction() as session:
        from demo.people import members

        account = members(500)[0].account
        token = make_holder_link(
            session, actor=Actor.system("test"), site_id=1, account=account, now=now()
        )
    database.dispose()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{desk.url}/holder/{token}")
        page.get_by_role("button").last.click()
        page.wait_for_url(f"{desk.url}/holder")
        state = context.storage_state()
        newcomer = signed_in(browser, desk, "demo-auditor", agreed=False).storage_state()
        desk.shudi("user", "create", "neu", "--role", "moderator")
        address = desk.shudi("user", "link", "neu")
        wrong: list[str] = []
        for locale in LOCALES:
            holder = browser.new_context(locale=locale, storage_state=state)
            wrong += check(holder, [f"{desk.url}/holder"])
            wrong += check(browser.new_context(locale=locale), [address])
            new = browser.new_context(locale=locale, storage_state=newcomer)
            wrong += check(new, [f"{desk.url}/agreement?to=queue.index"])
        enrol(browser.new_context(locale="en-GB").new_page(), address)
        browser.close()
    assert wrong == []
