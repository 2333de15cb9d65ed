"""Whole shifts by keyboard alone: no mouse, no script's click, no address typed.

Each person opens one address, as from a bookmark or a link; from there on only keys are pressed,
until they have left. At every stop of the focus its ring is asked for (colour, width, contrast,
not covered). Each language is worked in the light by one person and in the dark by another, and
each scheme by a moderator as well as by a senior.
"""

import contextlib
import gettext
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from demo.places import ADAPTER
from tests.conftest import Store
from tests.e2e import shift
from tests.e2e.desk import ROOT, Installation, installation
from tests.e2e.keyboard import Keyboard
from tests.e2e.test_pages import GROUNDS, Scheme

# Who sits there: language, width, and the schemes of the moderator (and holder) and the senior.
SEATS: tuple[tuple[str, str, int, Scheme, Scheme], ...] = (
    ("en-GB", "en", 1280, "light", "dark"),
    ("zh-CN", "zh_Hans", 360, "dark", "light"),
)
REPORTED = ("ada", "bea", "dora", "emil", "fay")
LISTED = ["hua", "ivy"]
CONTESTED, RENAMED = "cleo", "gao"
ADDRESS = "1.2.4.8"  # the bundled database places it in CN-BJ


@pytest.fixture
def desk(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Installation]:
    """A community of labelled accounts: readers report some, one takes a name that is stopped."""
    monkeypatch.setenv("SHUDI_BATCH_SECOND", "1")
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
        for name in (*REPORTED, *LISTED, CONTESTED, RENAMED):
            made.call("PUT", f"/sites/tea-house/accounts/{name}", key, {"handle": name})
            seen = {"site": "tea-house", "account": name, "ip": ADDRESS, "at": at, "kind": "post"}
            made.call("POST", "/sightings", key, {"sightings": [seen]})
        for name in REPORTED:
            wrong = {"site": "tea-house", "account": name, "kind": "wrong_label", "text": "No."}
            made.call("POST", "/reports", key, wrong)
        named = {"handle": RENAMED, "name": "gao@example.org"}
        made.call("PUT", f"/sites/tea-house/accounts/{RENAMED}", key, named)
        yield made


def holder_link(desk: Installation) -> str:
    """A link to the page of whoever objects."""
    wanted = {"site": "tea-house", "account": CONTESTED}
    return str(desk.call("POST", "/holder-links", desk.environment["PLATFORM_KEY"], wanted)["url"])


@contextlib.contextmanager
def person(
    browser: Browser, address: str, locale: str = "en-GB", width: int = 1280,
    scheme: Scheme = "light",
) -> Iterator[Keyboard]:  # fmt: skip
    """Somebody at a browser of their own, at this address; from here on only keys. No error may
    reach the console, no page may be moved by a pointer, and the scheme is asked, not assumed.
    """
    wrong: list[str] = []
    context = browser.new_context(
        locale=locale, color_scheme=scheme, viewport={"width": width, "height": 740}
    )
    context.expose_binding("pointed", lambda source: wrong.append(f"pointer: {source['page'].url}"))
    context.add_init_script("addEventListener('pointerdown', () => pointed(), true)")
    page = context.new_page()
    page.on("console", lambda one: wrong.extend(_error(one)))
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    page.goto(address)
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == GROUNDS[scheme]
    yield Keyboard(page)
    context.close()
    assert wrong == []


def _error(one: ConsoleMessage) -> list[str]:
    return [f"console: {one.text}"] if one.type == "error" else []


def words_in(language: str) -> dict[str, str]:
    """What the pages say in this language; each differs from the English where it is another."""
    folder = ROOT / "console" / "translations"
    spoken = gettext.translation("messages", folder, [language], fallback=language == "en")
    words = {name: spoken.gettext(text) for name, text in shift.WORDS.items()}
    assert (language == "en") == (words == shift.WORDS)
    return words


def work_through(keys: Keyboard, words: dict[str, str]) -> None:
    """Take the next case and decide it, until nothing waits: after each the next one opens."""
    deeds: dict[str, Callable[[], None]] = {
        CONTESTED: lambda: shift.answer(keys, words),
        RENAMED: lambda: shift.accept(keys, words),
        "ada": lambda: shift.decide_by_two_keys(keys, "k", words["kept"]),
        "bea": lambda: shift.decide_by_two_keys(keys, "w", words["corrected"]),
        "dora": lambda: shift.correct(keys, words["corrected"], "coarsen", "carrier_egress"),
        "emil": lambda: shift.skip(keys, words),
        "fay": lambda: shift.correct(keys, words["waits"], "replace", "travel"),
    }
    keys.follow("form[action='/queue/take'] button")
    while deeds:
        account = shift.case_at(keys, words)
        deeds.pop(account)()
    keys.expect_path("/queue")
    shift.said(keys, words["nothing"])


@pytest.mark.browser
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seat", SEATS, ids=lambda seat: str(seat[0]))
def test_whole_shifts_by_keyboard_alone(
    desk: Installation, browser: Browser, seat: tuple[str, str, int, Scheme, Scheme]
) -> None:
    locale, language, width, scheme, other = seat
    words = words_in(language)
    for name, role in (("mo", "moderator"), ("sen", "senior")):
        desk.shudi("user", "create", name, "--role", role)
    with person(browser, holder_link(desk), locale, width, scheme) as keys:
        shift.contest(keys, words)
    with person(browser, desk.shudi("user", "link", "mo"), locale, width, scheme) as keys:
        shift.sign_in(keys, "mo", shift.enrol_and_leave(keys))
        shift.look_at_the_queue(keys, words)
        work_through(keys, words)
        shift.undo(keys, words, "bea")
        assert shift.case_at(keys, words) == "bea"
        shift.correct(keys, words["corrected"], "mark_uncertain", "network_shared")
        shift.list_accounts(keys, words, LISTED)
        shift.leave(keys)
    with person(browser, desk.shudi("user", "link", "sen"), locale, width, other) as keys:
        shift.sign_in(keys, "sen", shift.enrol_and_leave(keys))
        shift.approve(keys, words)
        shift.let_the_batch_run(keys, words, LISTED)
        shift.search(keys, LISTED[0])
        shift.leave(keys)
    with person(browser, holder_link(desk), locale, width, scheme) as keys:
        shift.read_the_answer(keys, words)


RINGLESS = "*:focus, *:focus-visible, *:has(:focus-visible) { outline: none !important; }"
COVER = "body::after { content: ''; position: fixed; inset: 0; background: red; z-index: 99; }"


@pytest.mark.browser
def test_control_what_must_not_happen_is_noticed(desk: Installation, browser: Browser) -> None:
    for style, fault in ((RINGLESS, "no ring"), (COVER, "covered by")):
        with person(browser, f"{desk.url}/sign-in") as keys:
            keys.tab("#password")
            spoil(keys.page, style)
            with pytest.raises(AssertionError, match=fault):
                keys.look()
            keys.page.evaluate("document.activeElement.blur()")
            with pytest.raises(AssertionError, match="the focus is lost"):
                keys.look()
    with pytest.raises(AssertionError, match="pointer"), person(browser, desk.url) as keys:
        keys.page.locator("#name").click()
    with pytest.raises(AssertionError, match="console"), person(browser, desk.url) as keys:
        keys.page.evaluate("console.error('no such thing')")


def spoil(page: Page, style: str) -> None:
    """Put a rule where the page's policy allows one."""
    page.evaluate(
        """style => { const sheet = new CSSStyleSheet(); sheet.replaceSync(style);
        document.adoptedStyleSheets = [sheet]; }""",
        style,
    )
