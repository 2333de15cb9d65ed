"""A brake in a real browser: a sample first, looked at, and then stopped."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.desk import Installation
from tests.e2e.test_pages import signed_in

pytestmark = pytest.mark.browser


def test_a_sample_is_looked_at_and_taken_back(desk: Installation, browser: Browser) -> None:
    page = signed_in(browser, desk, "demo-senior").new_page()
    page.goto(desk.url)
    page.get_by_role("link", name="Look at what would change").click()
    held = page.get_by_text(re.compile(r"^\s*\d+ accounts held now"))
    before = int(held.inner_text().split()[0])
    page.get_by_role("button", name="Let a sample go first").click()
    expect(page.get_by_text("20 accounts went first.")).to_be_visible()
    assert int(held.inner_text().split()[0]) == before - 20
    sample = page.get_by_role("region", name="The sample")
    rows = sample.locator("tbody tr")
    expect(rows).to_have_count(20)
    expect(rows.first).to_contain_text("Singapore")
    expect(page.get_by_role("button", name="Let a sample go first")).to_have_count(0)
    sample.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Evidence")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Singapore")
    page.go_back()
    page.get_by_role("button", name="Reject the change").click()
    expect(page.get_by_text("20 labels of the sample went back")).to_be_visible()
    expect(sample.get_by_text("Changed, then put back")).to_have_count(20)
    expect(page.get_by_role("button", name="Reject the change")).to_have_count(0)
