"""The queue as Chromium lays it out: a place stands beside its pin, never under it."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import sync_playwright

from shudi.labels.store import Label
from tests.people import ALICE

STYLES = Path(__file__).resolve().parents[2] / "static" / "shudi.css"
WIDTHS = (1440, 1280, 1100, 900, 768, 360)
# The pieces of text in label cells that begin below their icon and left of its end, and those
# that reach out of their cell.
ASTRAY = """() => [...document.querySelectorAll("td .placed")].flatMap((placed) => {
  const icon = placed.querySelector(".icon").getBoundingClientRect();
  const cell = placed.closest("td").getBoundingClientRect();
  const range = document.createRange();
  range.selectNodeContents(placed);
  const parts = [...range.getClientRects()].filter((part) => part.width > 2);
  return parts.filter((part) => part.right > cell.right + 1
    || (part.top > icon.bottom - 2 && part.left < icon.right)).map(() => placed.innerText);
})"""


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_a_name_of_several_words_breaks_beside_its_pin(
    desk, signed_in, sqlite_database, chromium_path, language
):
    with sqlite_database.transaction() as session:
        session.execute(sa.update(Label).values(region="AE"))
    browser = signed_in(ALICE)
    assert browser.get(f"/queue?lang={language}").status_code == 200
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        page = chromium.new_page()
        page.set_content(browser.page, wait_until="domcontentloaded")
        page.add_style_tag(content=STYLES.read_text(encoding="utf-8"))
        assert page.locator("td .placed").count() > 0
        astray = {}
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            astray[width] = page.evaluate(ASTRAY)
        chromium.close()
    assert not any(astray.values()), astray
