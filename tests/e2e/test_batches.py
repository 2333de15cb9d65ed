"""A list of accounts by hand: previewed, run before one's eyes, taken back; in both languages."""

import re

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect

from demo.people import members
from tests.e2e.desk import Installation
from tests.e2e.test_pages import LOOKS, faults, signed_in

WORDS = {
    "en-GB": ("Preview", "Run the batch", "Finished", "Undo the batch"),
    "zh-CN": ("预览", "执行批次", "已结束", "撤销批次"),
}


def well(page: Page) -> None:
    """The page is accessible and fits, in each scheme and width."""
    page.evaluate(AXE_SCRIPT)
    wrong = []
    for scheme, width in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        wrong += [f"{page.url} {scheme} {width}: {one}" for one in faults(page, scheme)]
    assert wrong == []


@pytest.mark.browser
@pytest.mark.timeout(300)
@pytest.mark.parametrize("locale", WORDS)
def test_a_list_runs_and_is_taken_back(desk: Installation, browser: Browser, locale: str) -> None:
    preview, run, finished, undo = WORDS[locale]
    state = signed_in(browser, desk, "demo-moderator").storage_state()
    page = browser.new_context(locale=locale, storage_state=state).new_page()
    page.on("pageerror", lambda error: pytest.fail(f"script: {error}"))
    page.goto(f"{desk.url}/batches/new")
    page.locator("[name=accounts]").fill(
        "\n".join([*[one.account for one in members(500)[:18]], "nobody"])
    )
    page.locator("[name=act][value=withhold]").check()
    expect(page.locator("[name=at_expiry]").first).to_be_hidden()
    page.locator("[name=reason]").select_option("protection")
    page.locator("[name=text]").fill("ticket 4711")
    page.get_by_role("button", name=preview).click()
    well(page)
    page.get_by_role("button", name=run).click()
    page.wait_for_url(re.compile(r"/batches/\d+$"))
    # the page says by itself when the worker is through
    expect(page.locator("[data-state]")).to_contain_text(finished, timeout=60_000)
    expect(page.locator("progress")).to_have_attribute("value", "19")
    well(page)
    batch = page.url
    page.locator("a[href$='act=undo']").click()
    well(page)
    page.get_by_role("button", name=undo).click()
    page.wait_for_url(re.compile(r"/batches/\d+$"))
    assert page.url != batch
    expect(page.locator("[data-state]")).to_contain_text(finished, timeout=60_000)
    page.goto(batch)
    well(page)
