"""The policy of a page in a real browser: a file of ours that the page did not name stays out.

That no page asks for what its policy forbids is asserted after each test with a browser
(tests/conftest.py); what is refused here shows that it would be noticed.
"""

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.desk import Installation

pytestmark = pytest.mark.browser
_LOAD = """
([carries]) => new Promise((settled) => {
  const known = document.querySelector("script[nonce]").nonce;
  const script = document.createElement("script");
  script.src = "/static/shudi.js?once-more";
  if (carries) script.nonce = known;
  script.onload = () => settled("loaded");
  script.onerror = () => settled("refused");
  document.head.append(script);
})
"""
_STYLE = """
() => {
  const element = document.createElement("div");
  element.setAttribute("style", "color: rgb(1, 2, 3)");
  document.body.append(element);
  return getComputedStyle(element).color;
}
"""


@pytest.fixture
def page(desk: Installation, browser: Browser) -> Page:
    page = browser.new_page()
    page.goto(f"{desk.url}/sign-in")
    return page


def heard(refused: list[str], words: str) -> bool:
    """Whether the browser said so, and every other test would have failed; it is forgotten here."""
    found = [words in one for one in refused]
    refused.clear()
    return any(found)


def test_markup_that_slipped_in_loads_no_file_of_ours(page: Page, refused: list[str]):
    """Under `script-src 'self'` it would; with the page's nonce, which it cannot know, it does."""
    assert page.evaluate(_LOAD, [False]) == "refused"
    assert heard(refused, "script-src")
    assert page.evaluate(_LOAD, [True]) == "loaded"


def test_a_style_attribute_does_nothing(page: Page, refused: list[str]):
    assert page.evaluate(_STYLE) != "rgb(1, 2, 3)"
    assert heard(refused, "style-src")
