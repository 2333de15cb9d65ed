"""Shortcuts in a real browser: every command, two keys for a decision, nothing while somebody
types or composes, one's own keys, and jumping; in both languages.
"""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from tests.e2e.desk import Installation
from tests.e2e.test_pages import check, signed_in

# Counts over navigations, so that «two keys» is what the browser saw and not what the test meant.
_COUNT = """addEventListener('keydown', () => {
  sessionStorage.keydowns = Number(sessionStorage.keydowns ?? 0) + 1; }, true);"""
_CASE = re.compile(r"/cases/\d+")


def seat(browser: Browser, desk: Installation, locale: str, name: str = "demo-moderator") -> Page:
    """Somebody signed in, at the queue; what goes wrong in the page fails the test."""
    state = signed_in(browser, desk, name).storage_state()
    context = browser.new_context(locale=locale, storage_state=state)
    context.add_init_script(_COUNT)
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"script: {error}"))
    page.goto(f"{desk.url}/queue")
    return page


def press(page: Page, *keys: str) -> None:
    """Press them, once the page's scripts hear keys."""
    page.wait_for_load_state("domcontentloaded")
    for key in keys:
        page.keyboard.press(key)


def go(page: Page, *keys: str) -> str:
    """Press keys, the last of which leads to another page; its path."""
    press(page, *keys[:-1])
    with page.expect_navigation():
        page.keyboard.press(keys[-1])
    page.wait_for_load_state("domcontentloaded")
    return page.evaluate("location.pathname") or ""


def keydowns(page: Page) -> int:
    """How many keys were pressed since this was asked last."""
    return int(
        page.evaluate("() => { const n = Number(sessionStorage.keydowns ?? 0);"
                      " sessionStorage.keydowns = 0; return n; }")
    )  # fmt: skip


def take(page: Page, url: str, queue: str = "reports") -> str:
    """The first case of that queue, claimed by its key."""
    page.goto(f"{url}/queue?queue={queue}")
    path = go(page, "c")
    assert _CASE.fullmatch(path)
    expect(page.locator("form.decide")).to_be_visible()
    return path


@pytest.mark.browser
@pytest.mark.timeout(900)
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_two_keys_decide_and_the_next_case_opens(
    desk: Installation, browser: Browser, locale: str
) -> None:
    page = seat(browser, desk, locale)
    path = take(page, desk.url)
    flash = page.locator(".flash").first
    for first, second in (("k", "Enter"), ("k", "k"), ("w", "Enter"), ("w", "w")):
        keydowns(page)
        press(page, first)
        armed = page.locator("form.decide [data-armed]")
        expect(armed).to_be_visible()
        assert armed.inner_text() == page.locator("[data-said]").inner_text()
        assert page.evaluate("location.pathname") == path, "one key sends nothing"
        following = go(page, second)
        assert keydowns(page) == 2
        assert _CASE.fullmatch(following)
        assert following != path
        expect(flash.locator("a")).to_have_attribute("href", re.compile(f"^{path}#"))
        assert "queue=reports" in page.url
        expect(page.locator("form.decide")).to_be_visible()
        path = following


@pytest.mark.browser
@pytest.mark.timeout(900)
def test_one_key_alone_sends_nothing(desk: Installation, browser: Browser) -> None:
    page = seat(browser, desk, "en-GB")
    path = take(page, desk.url)
    for _ in range(5):  # a key that is held down repeats
        page.keyboard.down("k")
    page.keyboard.up("k")
    page.wait_for_timeout(300)
    assert page.evaluate("location.pathname") == path
    assert page.locator("#keep_reason").input_value() == "evidence_agrees"
    press(page, "Escape", "Enter")
    expect(page.locator("form.decide [data-armed]")).to_be_hidden()
    press(page, "d")  # no reason comes with this one
    assert page.evaluate("document.activeElement.id") == "keep_reason" or (
        page.locator("#keep_reason").input_value() != ""
    )
    page.wait_for_timeout(300)
    assert page.evaluate("location.pathname") == path
    page.goto(f"{desk.url}{path}")
    press(page, "2")
    expect(page.locator("input[name=verdict][value=correct]")).to_be_checked()
    press(page, "4")
    expect(page.locator("input[name=kind][value=coarsen]")).to_be_checked()
    press(page, "e")
    assert page.evaluate("document.activeElement.id") == "evidence"


@pytest.mark.browser
@pytest.mark.timeout(900)
def test_every_command_of_list_and_case(desk: Installation, browser: Browser) -> None:
    page = seat(browser, desk, "en-GB", "demo-senior")
    links = page.locator("[data-list] a.cell-main")
    press(page, "j")
    expect(links.nth(0)).to_be_focused()
    press(page, "j", "ArrowDown", "k")
    expect(links.nth(1)).to_be_focused()
    assert page.locator("[data-list] a.cell-main[tabindex='0']").count() == 1
    press(page, "End")
    expect(links.last).to_be_focused()
    press(page, "Home")
    href = links.nth(0).get_attribute("href")
    assert go(page, "Enter") == (href or "").partition("?")[0]
    assert go(page, "u") == "/queue"
    press(page, "j", "j")
    assert go(page, "o").startswith("/cases/")
    first = page.evaluate("location.pathname")
    assert go(page, "n") != first
    assert go(page, "p") == first
    press(page, "?")
    expect(page.locator("#keys")).to_be_visible()
    expect(page.locator("[data-bind='case.next']")).to_be_visible()
    expect(page.locator("[data-bind='list.next']")).to_be_hidden()
    press(page, "Escape")
    for keys, path in {
        "g h": "/", "g q": "/queue", "g p": "/approvals", "g a": "/accounts",
        "g c": "/corrections", "g b": "/brakes", "g l": "/audit", "g m": "/profile",
        "g s": "/statistics", "g t": "/batches", "g w": "/ready-words",
    }.items():  # fmt: skip
        assert go(page, *keys.split(" ")) == path
    assert go(page, "g", "a") == "/accounts"
    press(page, "/")
    expect(page.locator("main input[type=search]")).to_be_focused()


@pytest.mark.browser
@pytest.mark.timeout(900)
def test_every_other_command_of_list_and_case(desk: Installation, browser: Browser) -> None:
    page = seat(browser, desk, "en-GB", "demo-senior")
    page.goto(f"{desk.url}/queue?queue=reports")
    press(page, "f")
    expect(page.locator("#site")).to_be_focused()
    page.locator("h1").click()
    assert go(page, "r") == "/queue"
    assert go(page, "1") == "/queue"
    assert "queue=" not in page.url
    page.goto(f"{desk.url}/queue?queue=reports")
    assert go(page, "j", "x").endswith("/hand-over")
    page.goto(f"{desk.url}/queue?queue=reports&holder=unclaimed")
    assert go(page, "j", "c").startswith("/cases/")
    expect(page.locator("form.decide")).to_be_visible()
    assert "queue=reports" in page.url
    for key, there in {"m": "#note", "f": "#file", "x": "#skip-reason"}.items():
        press(page, key)
        expect(page.locator(there)).to_be_focused()
        page.locator("h1").click()
    path = page.evaluate("location.pathname")
    assert go(page, "r") == path
    assert go(page, "h").endswith("/hand-over")
    page.goto(f"{desk.url}{path}")
    assert go(page, "a").startswith("/accounts/")
    page.goto(f"{desk.url}{path}")
    assert go(page, "c") == "/queue"  # released
    page.goto(f"{desk.url}{path}")
    press(page, "k")
    assert page.locator("[data-said]").inner_text() == "Claim the case first."
    assert go(page, "Enter") == path
    expect(page.locator("form.decide")).to_be_visible()


def compose(page: Page, text: str) -> None:
    """An input method in the middle of a word."""
    session: CDPSession = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": text, "selectionStart": 1, "selectionEnd": 1})


@pytest.mark.browser
@pytest.mark.timeout(900)
def test_keys_rest_while_somebody_types(desk: Installation, browser: Browser) -> None:
    page = seat(browser, desk, "zh-CN")
    path = take(page, desk.url)
    page.locator("#note").focus()
    page.keyboard.type("kkww? gq n")
    compose(page, "属")
    assert page.locator("#note").input_value().startswith("kkww? gq n")
    page.locator("#canned, #starts, #site, select").first.focus()
    press(page, "n")
    page.locator("h1").click()
    for init in (
        "isComposing: true",
        "keyCode: 229",
        "ctrlKey: true",
        "altKey: true",
        "metaKey: true",
    ):
        page.evaluate(
            f"document.body.dispatchEvent(new KeyboardEvent('keydown',"
            f" {{key: 'w', bubbles: true, cancelable: true, {init}}}))"
        )
        expect(page.locator("form.decide [data-armed]")).to_be_hidden()
    page.evaluate(
        "const field = document.createElement('div'); field.contentEditable = 'true';"
        "field.id = 'written'; field.tabIndex = 0; field.append('-');"
        "document.querySelector('main').append(field)"
    )
    page.locator("#written").click()
    page.keyboard.type("kn")
    expect(page.locator("#written")).to_contain_text("kn")
    assert page.evaluate("location.pathname") == path
    assert page.locator("dialog[open]").count() == 0


@pytest.mark.browser
@pytest.mark.timeout(900)
def test_own_keys(desk: Installation, browser: Browser) -> None:
    page = seat(browser, desk, "en-GB")
    page.goto(f"{desk.url}/profile/keyboard")
    page.locator("[id='key-case.keep']").fill("y")
    page.locator("[id='key-case.next']").fill("w")
    page.get_by_role("button", name="Save").click()
    wrong = page.locator("[id='key-case.next-error']")
    expect(wrong).to_contain_text("has this key already")
    assert page.locator("[id='key-case.keep']").input_value() == "y", "what was typed is kept"
    page.locator("[id='key-case.next']").fill("g")  # others wait after it
    page.get_by_role("button", name="Save").click()
    expect(wrong).to_be_visible()
    page.locator("[id='key-case.next']").fill("tn")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".flash")).to_be_visible()
    path = take(page, desk.url)
    press(page, "k")
    expect(page.locator("form.decide [data-armed]")).to_be_hidden()
    press(page, "y")
    expect(page.locator("form.decide [data-armed]")).to_be_visible()
    press(page, "Escape", "?")
    expect(page.locator("[data-bind='case.keep'] kbd")).to_have_text("y")
    press(page, "Escape")
    assert go(page, "t", "n") != path
    page.goto(f"{desk.url}/profile/keyboard")
    page.get_by_label("Shortcuts of one or two plain keys").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".flash")).to_be_visible()
    press(page, "?")
    assert page.locator("dialog[open]").count() == 0
    press(page, "Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Back to the shipped keys").click()
    expect(page.locator("[id='key-case.keep']")).to_have_value("k")
    expect(page.get_by_label("Shortcuts of one or two plain keys")).to_be_checked()


# All letters at one instant: a busy machine must not make pauses between them.
_TYPE = """
(field, text) => [...text].forEach((letter) => {
  field.value += letter;
  field.dispatchEvent(new InputEvent("input", { bubbles: true, data: letter }));
})
"""


@pytest.mark.browser
@pytest.mark.timeout(900)
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_jumping(desk: Installation, browser: Browser, locale: str) -> None:
    page = seat(browser, desk, locale)
    case = (page.locator("[data-list] a.cell-main").first.get_attribute("href") or "").partition(
        "?"
    )[0]
    press(page, "Control+k")
    field = page.locator("#palette-q[role=combobox]")
    expect(field).to_be_focused()
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/find?" in one.url else None)
    field.evaluate(_TYPE, case.rpartition("/")[2])
    option = page.locator("#palette [role=option][aria-selected=true]")
    expect(option).to_have_attribute("data-url", case)
    assert field.get_attribute("aria-activedescendant") == option.get_attribute("id")
    assert len(asked) == 1, "it waits for the end of the typing"
    assert go(page, "Enter") == case
    press(page, "Meta+k", "ArrowDown", "ArrowDown")
    target = option.get_attribute("data-url") or ""
    assert go(page, "Enter") == target.removeprefix(desk.url)
    press(page, "Control+k")
    page.keyboard.type("zzzz-nothing")
    expect(page.locator("#palette [role=option]")).to_have_count(0)
    expect(page.locator("#palette [data-count]")).not_to_be_empty()
    assert go(page, "Enter") == "/find"
    page.goto(f"{desk.url}/queue")
    page.locator("[data-palette]").click()
    page.locator("#palette [role=option]").first.click()
    page.wait_for_url(f"{desk.url}/")


def opened(context: BrowserContext, address: str, keys: str, looks: list[str]) -> None:
    """With the dialog that `keys` open, axe finds nothing."""
    page = context.new_page()
    page.goto(address)
    page.keyboard.press(keys)
    from axe_playwright_python.base import AXE_SCRIPT

    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("axe.run('dialog[open]', {resultTypes: ['violations']})")
    looks += [f"{keys}: {one['id']} {one['nodes'][0]['html'][:90]}" for one in found["violations"]]
    page.close()


@pytest.mark.browser
@pytest.mark.timeout(900)
def test_the_dialogs_and_the_page_are_accessible(desk: Installation, browser: Browser) -> None:
    state = signed_in(browser, desk, "demo-senior").storage_state()
    wrong: list[str] = []
    for locale in ("en-GB", "zh-CN"):
        context = browser.new_context(locale=locale, storage_state=state)
        wrong += check(context, [f"{desk.url}/profile/keyboard", f"{desk.url}/queue"])
        for keys in ("?", "Control+k"):
            opened(context, f"{desk.url}/queue", keys, wrong)
    plain = browser.new_context(java_script_enabled=False, storage_state=state)
    page = plain.new_page()
    page.goto(f"{desk.url}/queue")
    page.locator("[data-palette]").click()
    page.wait_for_url(f"{desk.url}/find")
    assert wrong == []
