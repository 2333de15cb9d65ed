"""What people at the desk do in a shift, by keys: each act begins where the one before ended."""

import pyotp
from playwright.sync_api import expect

from tests.e2e.desk import PASSWORD, code_before
from tests.e2e.keyboard import Keyboard

# What the pages say; the tests look it up in the language of the seat.
WORDS = {
    "queue": "Queue",
    "held": "You hold this case.",
    "kept": "The label was kept and the case closed.",
    "corrected": "The label was corrected and the case closed.",
    "accepted": "Accepted. The new values are live and the platform is told.",
    "skipped": "Skipped for a day. Others still see the case.",
    "waits": "Proposed. A senior other than you must approve before readers see it.",
    "nothing": "Nothing is waiting that you could take.",
    "undone": "Undone. The case is open again, and the label is what it was.",
    "listed": "Made. It runs once a senior other than you agrees.",
    "approved": "Approved. Readers see the corrected label from now on.",
    "finished": "Finished",
    "told": "Being looked at",
}
WORDS_FOR_THE_HOLDER = "The label shows where your latest post came from."


def said(keys: Keyboard, text: str) -> None:
    """The page says what came of it."""
    expect(keys.page.get_by_role("status").first).to_contain_text(text)


def press(keys: Keyboard, *pressed: str) -> None:
    """Shortcuts, the last of which leads to another page."""
    for key in pressed[:-1]:
        keys.page.keyboard.press(key)
    with keys.page.expect_navigation():
        keys.page.keyboard.press(pressed[-1])
    keys.page.wait_for_load_state("load")


def enrol(keys: Keyboard) -> pyotp.TOTP:
    """Password and second factor, as tests.e2e.desk.enrol, by keyboard."""
    secret = "".join(keys.page.locator(".enrol-key code").all_inner_texts())
    app = pyotp.TOTP(secret.replace(" ", ""))
    keys.write("#password", PASSWORD)
    keys.write("#password_again", PASSWORD)
    keys.write("#code", code_before(app, margin=15))
    keys.follow("main form button[type=submit]")
    keys.expect_path(r"/enrol/.+")  # the recovery codes
    keys.follow("main a.btn-primary")
    keys.expect_path(r"/agreement\?to=overview\.index")
    keys.follow("main form[action^='/agreement'] button")
    keys.expect_path("/")
    return app


def leave(keys: Keyboard) -> None:
    """Sign out."""
    keys.follow("form[action$='/sign-out'] button")
    keys.expect_path("/sign-in")


def enrol_and_leave(keys: Keyboard) -> pyotp.TOTP:
    """The first day: enrolled, and left again."""
    app = enrol(keys)
    leave(keys)
    return app


def sign_in(keys: Keyboard, name: str, app: pyotp.TOTP) -> None:
    """Password, then a code of this moment."""
    keys.write("#name", name)
    keys.write("#password", PASSWORD)
    keys.follow()
    keys.expect_path("/sign-in/code")
    keys.write("#code", app.now())
    keys.follow()
    keys.expect_path("/")


def look_at_the_queue(keys: Keyboard, words: dict[str, str]) -> None:
    """Its rows by j and k, the list of shortcuts by a question mark; the focus comes back."""
    keys.follow(".nav a[href='/queue']")
    expect(keys.page.get_by_role("heading", level=1)).to_have_text(words["queue"])
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
    press(keys, "g", "h")
    keys.expect_path("/")


def case_at(keys: Keyboard, words: dict[str, str]) -> str:
    """The account whose case is open, and this person's."""
    keys.expect_path(r"/cases/\d+")
    expect(keys.page.get_by_text(words["held"])).to_be_visible()
    return keys.page.get_by_role("heading", level=1).inner_text().strip()


def answer(keys: Keyboard, words: dict[str, str]) -> None:
    """A contest: the label stays, and its holder is told why."""
    keys.into_content()
    keys.pick("verdict", "keep")
    keys.choose("#keep_reason", "evidence_agrees")
    keys.write("#text", "Nothing speaks against it.")
    keys.write("#answer", WORDS_FOR_THE_HOLDER)
    keys.follow("button[value=decide]")
    said(keys, words["kept"])


def decide_by_two_keys(keys: Keyboard, key: str, word: str) -> None:
    """The decision and its usual reason by one key, its confirmation by the same."""
    keys.page.keyboard.press(key)
    expect(keys.page.locator("form.decide [data-armed]")).to_be_visible()
    keys.look()
    press(keys, key)
    said(keys, word)


def accept(keys: Keyboard, words: dict[str, str]) -> None:
    """A name that was stopped: the key brings no reason along, so it leads to the list of them."""
    keys.page.keyboard.press("k")
    assert keys.at("#accept_reason")
    keys.choose("#accept_reason", "harmless_contact")
    keys.follow("form.decide button[type=submit]")
    said(keys, words["accepted"])


def correct(keys: Keyboard, word: str, kind: str, reason: str) -> None:
    """A correction by the form, with its evidence."""
    keys.into_content()
    keys.pick("verdict", "correct")
    keys.pick("kind", kind)
    if kind == "replace":
        keys.choose("#region", "CN-GD")
    keys.choose("#reason", reason)
    keys.write("#evidence", "The ferry ticket in internal file 17.")
    keys.follow("button[value=decide]")
    if kind == "replace":
        keys.look()
        keys.follow()  # what it does is said first; the button has the focus
    said(keys, word)


def skip(keys: Keyboard, words: dict[str, str]) -> None:
    """Pass the case over, with a reason, and take the next."""
    keys.page.keyboard.press("x")
    assert keys.at("#skip-reason")
    keys.choose("#skip-reason", "distressing")
    keys.follow("form[action$='/skip'] button[value=next]")
    said(keys, words["skipped"])


def undo(keys: Keyboard, words: dict[str, str], account: str) -> None:
    """Take one's own decision on that account back, from the list of them."""
    press(keys, "g", "h")
    keys.into_content()
    keys.follow("main a[href='/decisions']")
    row = keys.page.locator("main tr", has_text=account).locator("a.cell-main")
    keys.into_content()
    keys.follow(f"a[href='{row.get_attribute('href')}']")
    keys.into_content()
    keys.follow("form[action$='/undo'] button")
    said(keys, words["undone"])


def list_accounts(keys: Keyboard, words: dict[str, str], accounts: list[str]) -> None:
    """A batch over these accounts: listed, previewed, proposed."""
    keys.follow(".nav a[href='/batches']")
    keys.into_content()
    keys.follow("main a[href='/batches/new']")
    keys.into_content()
    keys.write("#accounts", "\n".join([*accounts, "nobody"]))
    keys.pick("act", "withhold")
    keys.choose("#reason", "protection")
    keys.write("#text", "The letter in internal file 18.")
    keys.follow("main form .btn-primary")
    expect(keys.page.locator("section[aria-labelledby=go] [data-row]")).to_have_count(len(accounts))
    expect(keys.page.locator("section[aria-labelledby=stay] [data-row]")).to_have_count(1)
    keys.into_content()
    keys.follow("form[action='/batches'] button")
    keys.expect_path(r"/batches/\d+")
    said(keys, words["listed"])


def approve(keys: Keyboard, words: dict[str, str]) -> None:
    """The one correction that waits."""
    keys.follow(".nav a[href='/approvals']")
    keys.into_content()
    keys.follow("[data-row] a[href^='/approvals/']")
    keys.into_content()
    keys.follow("form[action$='/approve'] button")
    said(keys, words["approved"])
    expect(keys.page.locator("[data-row] a[href^='/approvals/']")).to_have_count(0)


def let_the_batch_run(keys: Keyboard, words: dict[str, str], accounts: list[str]) -> None:
    """The one batch that waits: looked at, agreed to, and followed to its end."""
    press(keys, "g", "p")
    keys.into_content()
    keys.follow("[data-row] a[href^='/batches/']")
    keys.into_content()
    keys.follow("main a[href$='/approve']")
    keys.into_content()
    keys.follow("form[action$='/approve'] button")
    keys.expect_path(r"/batches/\d+")
    # the page says by itself when the worker is through
    expect(keys.page.locator("[data-state]")).to_contain_text(words["finished"], timeout=60_000)
    keys.into_content()
    for account in accounts:
        keys.tab("[data-row] a.cell-main")
        assert keys.page.evaluate("document.activeElement.textContent").strip() == account


def search(keys: Keyboard, name: str) -> None:
    """An account by its handle, through the search field's shortcut."""
    press(keys, "g", "a")
    keys.page.keyboard.press("/")
    keys.write("#q", name)
    keys.follow()
    keys.into_content()
    keys.follow("a[href*='/accounts/']")
    keys.expect_path(r"/accounts/\d+")
    expect(keys.page.get_by_role("heading", level=1)).to_contain_text(name)


def contest(keys: Keyboard, words: dict[str, str]) -> None:
    """The holder opens the link's page and objects."""
    keys.follow("main form button")
    keys.expect_path("/holder")
    keys.into_content()
    keys.write("#text", "I am at home, and home is elsewhere.")
    keys.follow("form[action$='/contest'] button")
    expect(keys.page.get_by_text(words["told"])).to_be_visible()


def read_the_answer(keys: Keyboard, words: dict[str, str]) -> None:
    """The holder opens a link once more: what was decided, in the desk's words."""
    keys.follow("main form button")
    keys.expect_path("/holder")
    expect(keys.page.get_by_text(words["told"])).to_have_count(0)
    expect(keys.page.locator("blockquote")).to_have_text(WORDS_FOR_THE_HOLDER)
