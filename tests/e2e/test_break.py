"""The reminder of a break in a real browser: calm, out of the way, and gone when dismissed."""

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.desk import Installation
from tests.e2e.test_pages import check, signed_in

MINUTE = 60_000


@pytest.mark.browser
@pytest.mark.parametrize(
    ("locale", "words"), [("en-GB", "Time for a break?"), ("zh-CN", "休息一下吧？")]
)
def test_it_comes_after_so_long_and_takes_nothing_from_who_types(
    desk: Installation, browser: Browser, locale: str, words: str
) -> None:
    state = signed_in(browser, desk, "demo-moderator").storage_state()
    context = browser.new_context(locale=locale, storage_state=state)
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"script: {error}"))
    page.on("console", lambda said: said.type == "error" and pytest.fail(said.text))
    page.goto(f"{desk.url}/profile")
    page.locator("#break_minutes").select_option("25")
    page.locator("form[action='/profile/care'] button").click()
    page.clock.install()
    page.goto(f"{desk.url}/queue")
    reminder = page.locator("[data-break]")
    page.locator("[data-palette]").first.click()
    field = page.locator("dialog[open] input").first
    for _ in range(12):  # two minutes at a time, never five without a key
        page.clock.run_for(2 * MINUTE)
        page.keyboard.type("a")
    expect(reminder).to_be_empty()
    page.clock.run_for(2 * MINUTE)
    expect(reminder).to_contain_text(words)
    expect(reminder).to_have_attribute("role", "status")
    page.keyboard.type("b")
    expect(field).to_have_value("a" * 12 + "b")
    page.keyboard.press("Escape")
    page.keyboard.press("g")  # keys go where they went
    page.keyboard.press("h")
    page.wait_for_url(f"{desk.url}/")
    expect(reminder).to_contain_text(words)
    assert check(browser.new_context(locale=locale, storage_state=context.storage_state()), [
        f"{desk.url}/queue"
    ]) == []  # fmt: skip
    reminder.get_by_role("button").click()
    page.clock.run_for(MINUTE)
    expect(reminder).to_be_empty()


@pytest.mark.browser
def test_who_rested_is_not_reminded(desk: Installation, browser: Browser) -> None:
    context = signed_in(browser, desk, "demo-moderator")
    page = context.new_page()
    page.goto(f"{desk.url}/profile")
    page.locator("#break_minutes").select_option("25")
    page.locator("form[action='/profile/care'] button").click()
    page.clock.install()
    page.goto(f"{desk.url}/queue")
    for _ in range(4):
        page.clock.run_for(4 * MINUTE)
        page.keyboard.press("Shift")
    page.clock.run_for(6 * MINUTE)
    page.keyboard.press("Shift")
    page.clock.run_for(4 * MINUTE)
    expect(page.locator("[data-break]")).to_be_empty()
