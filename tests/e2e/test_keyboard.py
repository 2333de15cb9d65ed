"""The desk and the holder's page by keyboard alone: no mouse, no script's click, no address typed.

Each person opens one address, as from a bookmark or a link; from there on only keys are pressed,
and at every stop of the focus its ring is asked for (colour, width, contrast, not covered).
"""

import contextlib
import gettext
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from demo.places import ADAPTER
from tests.conftest import Store
from tests.e2e.desk import PASSWORD, ROOT, Installation, installation
from tests.e2e.keyboard import Keyboard

LANGUAGES = {"en-GB": "en", "zh-CN": "zh_Hans"}
SEATS = (("en-GB", 1280), ("zh-CN", 360))  # who sits there, and how wide
NAMES = ("ada", "bea", "cleo")  # two whom readers report, and one who objects
ADDRESS = "1.2.4.8"  # the bundled database places it in CN-BJ
WORDS = {
    "queue": "Queue",
    "held": "You hold this case.",
    "kept": "The label was kept and the case closed.",
    "waits": "Proposed. A senior other than you must approve before readers see it.",
    "approved": "Approved. Readers see the corrected label from now on.",
    "told": "Being looked at",
}


@pytest.fixture
def desk(sqlite_store: Store, tmp_path: Path) -> Iterator[Installation]:
    """An installation with three labelled accounts for each seat; readers report two of them."""
    with installation(sqlite_store, tmp_path) as made:
        (tmp_path / "adapter.json").write_text(json.dumps(ADAPTER), encoding="utf-8")
        made.shudi(
            "site", "create", "tea-house", "--name", "Tea House", "--match", f"{made.pages}/*",
            "--adapter", str(tmp_path / "adapter.json"),
        )  # fmt: skip
        key = made.shudi(
            "key", "create", "--name", "platform", "--site", "tea-house", "--scope",
            "accounts:write", "--scope", "sightings:write", "--scope", "holders:link",
        )  # fmt: skip
        made.environment["PLATFORM_KEY"] = key
        at = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
        for name in [f"{name}-{seat}" for seat in range(len(SEATS)) for name in NAMES]:
            made.call("PUT", f"/sites/tea-house/accounts/{name}", key, {"handle": name})
            seen = {"site": "tea-house", "account": name, "ip": ADDRESS, "at": at, "kind": "post"}
            made.call("POST", "/sightings", key, {"sightings": [seen]})
            if not name.startswith(NAMES[2]):
                wrong = {"site": "tea-house", "account": name, "kind": "wrong_label", "text": "No."}
                made.call("POST", "/reports", key, wrong)
        yield made


@contextlib.contextmanager
def person(browser: Browser, locale: str, width: int, address: str) -> Iterator[Keyboard]:
    """Somebody at a browser of their own, at this address; from here on only keys."""
    context = browser.new_context(locale=locale, viewport={"width": width, "height": 740})
    page = context.new_page()
    page.goto(address)
    yield Keyboard(page)
    context.close()


def words_in(language: str) -> dict[str, str]:
    """What the pages say in this language; each differs from the English where it is another."""
    folder = ROOT / "console" / "translations"
    spoken = gettext.translation("messages", folder, [language], fallback=language == "en")
    words = {name: spoken.gettext(text) for name, text in WORDS.items()}
    assert (language == "en") == (words == WORDS)
    return words


def enrol(keys: Keyboard) -> pyotp.TOTP:
    """Password and second factor, as tests.e2e.desk.enrol, by keyboard."""
    secret = "".join(keys.page.locator(".enrol-key code").all_inner_texts())
    app = pyotp.TOTP(secret.replace(" ", ""))
    keys.write("#password", PASSWORD)
    keys.write("#password_again", PASSWORD)
    keys.write("#code", app.at(time.time() - 30))
    keys.follow("main form button[type=submit]")
    keys.expect_path(r"/agreement\?to=overview\.index")
    keys.follow("main form[action^='/agreement'] button")
    keys.expect_path("/")
    return app


def sign_in_again(keys: Keyboard, name: str, app: pyotp.TOTP) -> None:
    """Leave, then password and code."""
    keys.follow("form[action$='/sign-out'] button")
    keys.expect_path("/sign-in")
    keys.write("#name", name)
    keys.write("#password", PASSWORD)
    keys.follow()
    keys.expect_path("/sign-in/code")
    keys.write("#code", app.now())
    keys.follow()
    keys.expect_path("/")


def keep_one(keys: Keyboard, words: dict[str, str]) -> None:
    """From the overview to the queue, its first case, claimed and kept."""
    keys.follow(".nav a[href='/queue']")
    expect(keys.page.get_by_role("heading", level=1)).to_have_text(words["queue"])
    keys.into_content()
    keys.follow("[data-row] a")
    keys.into_content()
    keys.follow("form[action$='/claim'] button")
    expect(keys.page.get_by_text(words["held"])).to_be_visible()
    keys.into_content()
    keys.pick("verdict", "keep")
    keys.choose("#keep_reason", "evidence_agrees")
    keys.write("#text", "Nothing speaks against it.")
    if keys.page.locator("#answer").count():  # a contest is answered in words
        keys.write("#answer", "The label shows where your latest post came from.")
    keys.follow("button[value=decide]")
    expect(keys.page.get_by_role("status").first).to_contain_text(words["kept"])


def propose_next(keys: Keyboard, words: dict[str, str]) -> None:
    """The next case, which opened by itself: another place with evidence, and no case after it."""
    keys.expect_path(r"/cases/\d+")
    expect(keys.page.get_by_text(words["held"])).to_be_visible()
    keys.into_content()
    keys.pick("verdict", "correct")
    keys.pick("kind", "replace")
    keys.choose("#region", "CN-GD")
    keys.choose("#reason", "travel")
    keys.write("#evidence", "The ferry ticket in internal file 17.")
    keys.tab("input[name=then]")
    keys.page.keyboard.press("Space")
    keys.tab("button[value=decide]", "Shift+Tab")
    keys.follow()
    keys.follow()  # what it does is said first; the button has the focus
    expect(keys.page.get_by_role("status").first).to_contain_text(words["waits"])


def shortcuts(keys: Keyboard) -> None:
    """Rows by j and k, the list of shortcuts by a question mark; the focus comes back."""
    keys.tab(".nav a[href='/queue']")
    keys.follow()
    for key in ("j", "j", "k"):
        keys.page.keyboard.press(key)
        keys.look()
    assert keys.at("[data-row][data-active] a")
    keys.page.keyboard.press("?")
    keys.look()
    assert keys.at("dialog[open] *")
    keys.page.keyboard.press("Escape")
    keys.look()
    assert keys.at("[data-row][data-active] a")
    with keys.page.expect_navigation():
        keys.page.keyboard.press("o")
    keys.expect_path(r"/cases/\d+")


def search(keys: Keyboard, name: str) -> None:
    """An account by its handle, through the search field's shortcut."""
    keys.follow(".nav a[href='/accounts']")
    keys.page.keyboard.press("/")
    keys.write("#q", name)
    keys.follow()
    keys.into_content()
    keys.follow("a[href*='/accounts/']")
    keys.expect_path(r"/accounts/\d+")
    expect(keys.page.get_by_role("heading", level=1)).to_contain_text(name)


def approve(keys: Keyboard, words: dict[str, str]) -> None:
    """The one proposal that waits."""
    keys.follow(".nav a[href='/approvals']")
    keys.into_content()
    keys.follow("[data-row] a")
    keys.into_content()
    keys.follow("form[action$='/approve'] button")
    expect(keys.page.get_by_role("status").first).to_contain_text(words["approved"])
    expect(keys.page.locator("[data-row]")).to_have_count(0)


def contest(keys: Keyboard, words: dict[str, str]) -> None:
    """The holder opens the link's page and objects."""
    keys.follow("main form button")
    keys.expect_path("/holder")
    keys.into_content()
    keys.write("#text", "I am at home, and home is elsewhere.")
    keys.follow("form[action$='/contest'] button")
    expect(keys.page.get_by_text(words["told"])).to_be_visible()


@pytest.mark.browser
@pytest.mark.timeout(900)
def test_the_whole_desk_by_keyboard_alone(desk: Installation, chromium_path: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        for seat, (locale, width) in enumerate(SEATS):
            words, names = words_in(LANGUAGES[locale]), (f"mo-{seat}", f"sen-{seat}")
            for name, role in zip(names, ("moderator", "senior"), strict=True):
                desk.shudi("user", "create", name, "--role", role)
            with person(browser, locale, width, desk.shudi("user", "link", names[0])) as keys:
                app = enrol(keys)
                sign_in_again(keys, names[0], app)
                keep_one(keys, words)
                propose_next(keys, words)
            with person(browser, locale, width, desk.shudi("user", "link", names[1])) as keys:
                enrol(keys)
                approve(keys, words)
                search(keys, f"{NAMES[2]}-{seat}")
                shortcuts(keys)
            wanted = {"site": "tea-house", "account": f"{NAMES[2]}-{seat}"}
            link = desk.call("POST", "/holder-links", desk.environment["PLATFORM_KEY"], wanted)
            with person(browser, locale, width, link["url"]) as keys:
                contest(keys, words)
        browser.close()


RINGLESS = "*:focus, *:focus-visible, *:has(:focus-visible) { outline: none !important; }"
COVER = "body::after { content: ''; position: fixed; inset: 0; background: red; z-index: 99; }"


@pytest.mark.browser
def test_control_a_ring_that_cannot_be_seen_is_noticed(
    desk: Installation, chromium_path: str
) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        for style, fault in ((RINGLESS, "no ring"), (COVER, "covered by")):
            with person(browser, "en-GB", 1280, f"{desk.url}/sign-in") as keys:
                keys.tab("#password")
                spoil(keys.page, style)
                with pytest.raises(AssertionError, match=fault):
                    keys.look()
                keys.page.evaluate("document.activeElement.blur()")
                with pytest.raises(AssertionError, match="the focus is lost"):
                    keys.look()
        browser.close()


def spoil(page: Page, style: str) -> None:
    """Put a rule where the page's policy allows one."""
    page.evaluate(
        """style => { const sheet = new CSSStyleSheet(); sheet.replaceSync(style);
        document.adoptedStyleSheets = [sheet]; }""",
        style,
    )
