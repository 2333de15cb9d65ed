"""The moderator's guide shows the desk as it is: its pictures are taken here, its words are ours.

`make pictures` keeps what is taken; every other run compares it with what is kept.
"""

import io
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Browser, Page

from demo.people import members
from tests.e2e.conftest import ACCOUNTS
from tests.e2e.desk import ROOT, Installation
from tests.e2e.test_pages import signed_in

GUIDES = {"en": "moderators-guide.md", "zh": "moderators-guide.zh.md"}
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
KEPT = ROOT / "docs" / "pictures" / "guide"
CATALOGUE = ROOT / "console" / "translations" / "zh_Hans" / "LC_MESSAGES" / "messages.po"
KEEP = "SHUDI_KEEP_PICTURES"
WINDOW = {"width": 1280, "height": 840}
_LATIN = re.compile(r"^\s*[A-Z][a-z]+ [A-Z][a-z]+\s*$")  # a name that every reader can read
_DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
# How far two pictures of one page may lie apart, of 255: names, times and numbers differ.
APART = 6


def _case(page: Page) -> None:
    """A reader's report, claimed, with a decision chosen."""
    page.goto("/queue?queue=reports")
    page.locator("[data-row] a", has_text=_LATIN).first.click()
    if page.locator("form[action$='/claim']").count():  # claimed once for all pictures
        page.locator("form[action$='/claim'] button").first.click()
    page.locator("input[name=verdict][value=correct]").check()
    page.locator("input[name=kind][value=withhold]").check()
    page.locator("[data-preview] h3").nth(1).wait_for()  # what readers would see
    page.locator("main h1").scroll_into_view_if_needed()


def _keys(page: Page) -> None:
    page.goto("/queue")
    page.keyboard.press("?")
    page.locator("dialog[open]").wait_for()


def _first_of(path: str) -> Callable[[Page], None]:
    def open_it(page: Page) -> None:
        page.goto(path)
        page.locator("main tbody a").first.click()
        page.locator("main h1").wait_for()

    return open_it


def _statistics(page: Page) -> None:
    page.goto("/statistics")
    page.locator("canvas").first.wait_for()


def _batch(page: Page) -> None:
    """A list with some that change, one that nobody knows and one seen in another version."""
    listed = [one.account for one in members(ACCOUNTS)[:24]]
    page.goto("/batches/new")
    page.locator("[name=accounts]").fill("\n".join([*listed[:-1], f"{listed[-1]},99", "nobody"]))
    page.locator("[name=act][value=withhold]").check()
    page.locator("[name=reason]").select_option("carrier_egress")
    page.locator("[name=text]").fill("File 4711")
    page.locator("main form .btn-primary").click()
    page.locator("[aria-labelledby=go]").wait_for()


def _at(path: str) -> Callable[[Page], None]:
    def open_it(page: Page) -> None:
        page.goto(path)

    return open_it


SHOWN: dict[str, Callable[[Page], None]] = {
    "overview": _at("/"),
    "queue": _at("/queue"),
    "case": _case,
    "keys": _keys,
    "approvals": _first_of("/approvals"),
    "batch": _batch,
    "brake": _first_of("/brakes"),
    "statistics": _statistics,
}


def _taken(page: Page) -> Image.Image:
    """The window as it looks now, in few colours: the files stay small."""
    page.evaluate("document.fonts.ready")
    page.evaluate("document.getAnimations().forEach((one) => one.finish())")
    page.evaluate(_DRAWN)  # what scrolling moved is drawn anew
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    return picture.quantize(colors=128, dither=Image.Dither.NONE)


def _apart(one: Image.Image, other: Image.Image) -> float:
    """How far two pictures differ in what is seen from a step back, 0 to 255."""
    small = [picture.convert("L").resize((96, 63)) for picture in (one, other)]
    return float(ImageStat.Stat(ImageChops.difference(*small)).mean[0])


def _pictures(desk: Installation, browser: Browser) -> dict[str, Image.Image]:
    state = signed_in(browser, desk, "demo-senior").storage_state()
    taken = {}
    for language, locale in LOCALES.items():
        context = browser.new_context(
            base_url=desk.url, locale=locale, storage_state=state, viewport=WINDOW
        )
        page = context.new_page()
        _case(page)  # so that the overview shows a case that one holds
        for name, show in SHOWN.items():
            show(page)
            taken[f"{name}.{language}.png"] = _taken(page)
        context.close()
    return taken


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_the_pictures_show_the_desk_as_it_is(desk: Installation, browser: Browser) -> None:
    taken = _pictures(desk, browser)
    if os.environ.get(KEEP):
        KEPT.mkdir(parents=True, exist_ok=True)
        for name, picture in taken.items():
            picture.save(KEPT / name, optimize=True)
    kept = {path.name: Image.open(path) for path in KEPT.glob("*.png")}
    assert kept.keys() == taken.keys()
    apart = {name: _apart(kept[name], taken[name]) for name in kept}
    assert {name for name in kept if kept[name].size != taken[name].size} == set()
    assert {name: far for name, far in apart.items() if far > APART} == {}, "run `make pictures`"


def test_control_another_page_is_not_taken_for_the_same() -> None:
    pictures = {path.name: Image.open(path) for path in sorted(KEPT.glob("*.en.png"))}
    pairs = [(a, b) for a in pictures for b in pictures if a < b]
    assert pairs
    assert [pair for pair in pairs if _apart(*(pictures[name] for name in pair)) <= APART] == []


@pytest.mark.parametrize("language", GUIDES)
def test_the_guide_names_things_as_the_pages_do(language: str) -> None:
    text = (ROOT / "docs" / GUIDES[language]).read_text(encoding="utf-8")
    with CATALOGUE.open("rb") as file:
        messages = [message for message in read_po(file, locale="zh_Hans") if message.id]
    words: set[object] = set()
    for message in messages:
        found = message.id if language == "en" else message.string
        words |= set(found) if isinstance(found, tuple | list) else {found}
    named = re.findall(r"\*\*(.+?)\*\*", text)
    own = [name for name in named if name.endswith((".", "。"))]  # sentences, not names
    assert [name for name in named if name not in words and name not in own] == []
    assert len(named) - len(own) > 30


@pytest.mark.parametrize("language", GUIDES)
def test_the_guide_shows_every_picture_in_its_language(language: str) -> None:
    text = (ROOT / "docs" / GUIDES[language]).read_text(encoding="utf-8")
    shown = re.findall(r"!\[[^\]]+\]\(pictures/guide/([^)]+)\)", text)
    assert shown == [f"{name}.{language}.png" for name in SHOWN]


def test_both_guides_have_the_same_shape() -> None:
    shapes = []
    for name in GUIDES.values():
        lines = Path(ROOT / "docs" / name).read_text(encoding="utf-8").splitlines()
        shapes.append([re.match(r"#+|\||- |!|", line)[0] for line in lines if line])
    assert shapes[0] == shapes[1]
