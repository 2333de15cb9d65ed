"""Acceptance test 25 for the viewer: what a label server or a page calls somebody, a place, a site
or a source is shown as words, on the badge, on the card and in the options.
"""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.console.stored import ADDRESSES, PAYLOADS
from tests.viewer.label_server import value
from tests.viewer.test_viewer import reading

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
WORDS = [*PAYLOADS, *ADDRESSES]
REGIONS = [f"XX-{number}" for number in range(len(WORDS))]
# Elements in the roots of badges and cards that code of ours did not make, wherever they came from.
_STRANGE = """() => [...document.querySelectorAll("shudi-badge")].flatMap(
  (host) => [...host.shadowRoot.querySelectorAll(
    "[data-xss], script, iframe, img, object, math, base, meta, details, "
    + "[onload], [onerror], [onmouseover], [onfocus], [href^='javascript' i], [href^='data' i]"
  )].map((one) => one.outerHTML))"""
_SHOWN = """(number) => {
  const root = document.querySelectorAll("shudi-badge")[number].shadowRoot;
  return [root.querySelector(".badge").textContent, root.querySelector(".card").textContent];
}"""


@pytest.fixture
def named() -> dict[str, Any]:
    """What the server says: one place a payload, all of them elsewhere, too."""
    return {
        "names": {region: {"en": words} for region, words in zip(REGIONS, WORDS, strict=True)},
        "site_name": "".join(WORDS)[:200],
        "attribution": WORDS,
    }


def test_badge_card_and_options_make_nothing_of_it_but_words(
    tmp_path: Path, chromium_path: str, named: dict[str, Any]
) -> None:
    labels = {
        words: value("labelled", region) for words, region in zip(WORDS, REGIONS, strict=True)
    }
    with reading(tmp_path, labels, **named) as (server, viewer, options):
        page = viewer.context.new_page()
        asked: list[str] = []
        viewer.context.on("dialog", lambda one: (asked.append(one.message), one.dismiss()))
        page.goto(f"{server.pages}/")
        page.evaluate("(names) => add(...names)", WORDS)
        _scrolled(page, len(WORDS))
        for number, words in enumerate(WORDS):
            page.locator("shudi-badge .badge").nth(number).click()
            badge, card = page.evaluate(_SHOWN, number)
            assert words in badge
            assert card.count(words) >= 2, words  # who it is about, and the place
            page.keyboard.press("Escape")
        assert page.evaluate(_STRANGE) == []
        options.reload()
        options.locator("#attribution").get_by_text("data-xss").first.wait_for()
        assert options.locator("[data-xss]").count() == 0
        assert options.locator("#attribution").inner_text().count("data-xss") > len(PAYLOADS) / 2
        assert asked == []


def _scrolled(page: Page, count: int) -> None:
    """Badges come where they are looked at: look at all of them."""
    for _ in range(200):
        if page.locator("shudi-badge").count() == count:
            return
        page.mouse.wheel(0, 400)
        page.wait_for_timeout(50)
    raise AssertionError(f"{page.locator('shudi-badge').count()} badges of {count}")


def test_control_markup_that_is_parsed_is_noticed(
    tmp_path: Path, chromium_path: str, named: dict[str, Any]
) -> None:
    with reading(tmp_path, {"lin": value("labelled", "XX-0", "subdivision")}, **named) as (
        server,
        viewer,
        _,
    ):
        page = viewer.context.new_page()
        page.goto(f"{server.pages}/?n=lin")
        page.locator("shudi-badge .badge").wait_for()
        assert page.evaluate(_STRANGE) == []
        page.evaluate(
            "(words) => { document.querySelector('shudi-badge').shadowRoot"
            ".querySelector('.badge').innerHTML = words; }",
            PAYLOADS[4],
        )
        assert len(page.evaluate(_STRANGE)) == 1
