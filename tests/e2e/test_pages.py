"""Every page of the desk in real Chromium: both languages, both schemes, wide and narrow.

All eight looks run each time: a page is loaded once a language, and its scheme and width change
under it, which only the style sheet answers. This file takes 56 s of processor time so; four
looks, each loaded for itself, took 47 s.
"""

import re
from collections.abc import Sequence
from typing import Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from shudi.cases.actions.holders import make_link as make_holder_link
from shudi.clock import now
from shudi.db import connect
from shudi.staff.actions import make_link
from shudi.staff.codec.keyring import link_path
from shudi.staff.queries import staff_by_name
from shudi.staff.rules import Actor
from shudi.staff.store import LinkPurpose
from tests.e2e.desk import Installation, accept, enrol

Scheme = Literal["light", "dark"]
Look = tuple[Scheme, int]
LISTS = ("/", "/queue", "/approvals", "/accounts?q=a", "/corrections", "/brakes", "/audit",
         "/find?q=a", "/senders", "/statistics", "/system", "/profile",
         "/agreement")  # fmt: skip
LOCALES = ("en-GB", "zh-CN")
LOOKS: tuple[Look, ...] = (("light", 1440), ("dark", 1440), ("dark", 360), ("light", 360))
GROUNDS = {"light": "rgb(246, 247, 246)", "dark": "rgb(18, 22, 21)"}  # --canvas
_LINK = re.compile(r"/(cases|approvals|accounts|corrections|brakes)/\d+$")


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


def one_of_each(page: Page, url: str) -> list[str]:
    """The first page behind each list."""
    found: dict[str, str] = {}
    for path in LISTS:
        page.goto(url + path)
        for href in page.eval_on_selector_all("main a[href]", "all => all.map((a) => a.pathname)"):
            match = _LINK.match(href)
            if match:
                found.setdefault(match[1], href)
    assert set(found) == {"cases", "approvals", "accounts", "corrections", "brakes"}
    return sorted(found.values())


def check(
    context: BrowserContext, addresses: list[str], looks: Sequence[Look] = LOOKS
) -> list[str]:
    """What is wrong with these pages, in words; each is opened once and then changes its look."""
    wrong: list[str] = []
    page = context.new_page()
    page.on("console", lambda said: said.type == "error" and wrong.append(f"console: {said.text}"))
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    for address in addresses:
        page.goto(address)
        page.evaluate(AXE_SCRIPT)
        for scheme, width in looks:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            wrong += [f"{address} {scheme} {width}: {one}" for one in faults(page, scheme)]
    page.close()
    return wrong


def faults(page: Page, scheme: Scheme) -> list[str]:
    """What is wrong with the page as it looks now; the look itself is asked, not assumed."""
    page.evaluate("document.getAnimations().forEach((one) => one.finish())")  # colours that fade
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    found = [] if ground == GROUNDS[scheme] else [f"the ground is {ground}"]
    for violation in page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]:
        nodes = [node["html"][:90] for node in violation["nodes"][:2]]
        found.append(f"{violation['id']} {nodes}")
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("wider than the window")
    return found


@pytest.mark.browser
@pytest.mark.timeout(900)
def test_every_page_is_accessible_and_quiet(desk: Installation, chromium_path: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        person = signed_in(browser, desk, "demo-senior")
        state = person.storage_state()
        pages = [desk.url + path for path in LISTS]
        pages += [desk.url + path for path in one_of_each(person.new_page(), desk.url)]
        wrong: list[str] = []
        for locale in LOCALES:
            context = browser.new_context(locale=locale, storage_state=state)
            wrong += check(context, pages)
            stranger = browser.new_context(locale=locale)
            strangers = [f"{desk.url}/sign-in", f"{desk.url}/holder/no-such-link"]
            wrong += [line for line in check(stranger, strangers) if "404" not in line]
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
