"""The whole story, told once on each store, in real Chromium with the shipped viewer."""

import json
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from demo.forum import talk
from demo.places import ADAPTER
from tests.conftest import Store
from tests.e2e.desk import Installation, enrol, installation, sign_in, sign_out
from tests.viewer.profile import launch_with_viewer

THREAD = talk.threads()[0]
# Who speaks first in the forum's first thread, and somebody who has been nowhere yet.
SPEAKER = THREAD.posts[0].author
NAME, ACCOUNT = SPEAKER.handle, SPEAKER.account
QUIET = next(post.author for post in THREAD.posts if post.author != SPEAKER)
BADGE = f".post-by a[data-account='{NAME}'] + shudi-badge .badge"
# An address of a documented public resolver; the bundled database places it in CN-BJ.
ADDRESS = "1.2.4.8"
EVIDENCE = "The holder's post of today shows the ferry to Osaka; link in the internal file 17."


@pytest.mark.browser
def test_a_wrong_label_is_reported_reviewed_corrected_and_read(
    store: Store, tmp_path: Path, chromium_path: str
) -> None:
    with installation(store, tmp_path) as desk, sync_playwright() as playwright:
        (tmp_path / "adapter.json").write_text(json.dumps(ADAPTER), encoding="utf-8")
        links = staff_and_site(desk, tmp_path / "adapter.json")
        activity(desk)
        origins = [f"{desk.pages}/*"]
        browser = playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox", "--disable-gpu"]
        )
        with launch_with_viewer(tmp_path / "profile", origins, playwright=playwright) as reader:
            options = reader.options()
            reader.add_server(options, desk.url)
            reader.turn_on(options, "tea-house")
            page = reader.context.new_page()
            page.goto(f"{desk.pages}/t/{THREAD.id}")
            badge = page.locator(BADGE).first
            expect(badge).to_contain_text("Beijing")
            report(page)

            review(browser, desk, links)

            expect_corrected(desk)
            deadline = time.monotonic() + 60
            while "corrected" not in badge.inner_text() and time.monotonic() < deadline:
                reader.ring_alarm()  # the timer's own path, sooner
                page.wait_for_timeout(4000)
            expect(badge).to_contain_text("Japan")
            expect(badge).to_contain_text("corrected")
        browser.close()
        every_act_left_a_row(desk)


def staff_and_site(desk: Installation, adapter: Path) -> dict[str, str]:
    """The site, and everybody's single-use link."""
    desk.shudi(
        "site", "create", "tea-house", "--name", "Tea House", "--match", f"{desk.pages}/*",
        "--page-key", "handle", "--fold", "casefold", "--adapter", str(adapter),
    )  # fmt: skip
    links = {}
    for name, role in (("mo", "senior"), ("sen", "senior")):
        desk.shudi("user", "create", name, "--role", role)
        links[name] = desk.shudi("user", "link", name)
    return links


def activity(desk: Installation) -> None:
    """The platform describes its accounts and says what they did."""
    key = desk.shudi(
        "key", "create", "--name", "platform", "--site", "tea-house",
        "--scope", "accounts:write", "--scope", "sightings:write", "--scope", "labels:read",
    )  # fmt: skip
    desk.environment["PLATFORM_KEY"] = key
    for account, handle in ((ACCOUNT, NAME), (QUIET.account, QUIET.handle)):
        told = desk.call(
            "PUT", f"/sites/tea-house/accounts/{account}", key, {"handle": handle, "name": handle}
        )
        assert told["verdict"] == "accepted"
    at = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
    sighting = {"site": "tea-house", "account": ACCOUNT, "ip": ADDRESS, "at": at, "kind": "post"}
    taken = desk.call("POST", "/sightings", key, {"sightings": [sighting]})
    assert (taken["accepted"], taken["rejected"]) == (1, 0)
    desk.shudi("publish")


def report(page: Page) -> None:
    """A reader says, from the badge's card, that the label is wrong."""
    page.locator(BADGE).first.click()
    card = page.get_by_role("dialog")
    card.get_by_role("button", name="Report as wrong").click()
    card.get_by_role("textbox").fill("She has moved.")
    card.get_by_role("button", name="Send").click()
    expect(card).to_contain_text("Report sent")
    page.keyboard.press("Escape")


def review(browser: Browser, desk: Installation, links: dict[str, str]) -> None:
    """A moderator proposes, is no second person of their own; a senior approves.

    The moderator is a senior by role, so that only the rule on one's own proposal stands between.
    """
    moderator = browser.new_context(locale="en-GB").new_page()
    app = enrol(moderator, links["mo"])  # and the agreement on personal data
    sign_out(moderator)
    sign_in(moderator, desk.url, "mo", app)
    moderator.goto(f"{desk.url}/queue")
    moderator.get_by_role("link", name=NAME).first.click()
    moderator.get_by_role("button", name="Claim this case").click()
    expect(moderator.get_by_text("You hold this case.")).to_be_visible()
    propose(moderator)
    moderator.get_by_role("link", name="Open the proposal").click()
    expect(moderator.get_by_text("this is your own proposal")).to_be_visible()
    expect(moderator.get_by_role("button", name="Approve")).to_have_count(0)
    assert refused(moderator) == (403, True)

    senior = browser.new_context(locale="en-GB").new_page()
    enrol(senior, links["sen"])
    senior.goto(moderator.url)
    expect(senior.get_by_text("Japan").first).to_be_visible()
    senior.get_by_role("button", name="Approve").click()
    expect(senior.get_by_role("button", name="Approve")).to_have_count(0)


def propose(page: Page) -> None:
    """Another place, with evidence."""
    page.get_by_text("Correct", exact=True).click()
    page.get_by_role("radio", name="Replace").check()
    page.get_by_label("Place to show").select_option("JP")
    page.locator("#reason").select_option("travel")
    page.get_by_role("textbox", name="Evidence").fill(EVIDENCE)
    page.get_by_label("Then open the next case").uncheck()
    page.get_by_role("button", name="Confirm the decision").click()
    expect(page.get_by_text("Nothing has happened yet.")).to_be_visible()
    page.get_by_role("button", name="Propose it").click()


def refused(page: Page) -> tuple[int, bool]:
    """What approving one's own proposal past the missing button gives: status, and whether the
    page says that a second person must decide.
    """
    status, text = page.evaluate(
        """async () => {
          const token = document.querySelector('[name=csrf_token]').value;
          const body = new URLSearchParams({csrf_token: token, version: 1, label_version: 1});
          const answer = await fetch(location.pathname + '/approve', {method: 'POST', body});
          return [answer.status, await answer.text()];
        }"""
    )
    return status, "your own proposal" in text


def expect_corrected(desk: Installation) -> None:
    """The keyed answer is corrected at once."""
    key = desk.environment["PLATFORM_KEY"]
    (label,) = desk.call("GET", f"/labels?site=tea-house&account={ACCOUNT}", key)["labels"]
    assert (label["region"], label["corrected"], label["basis"]) == ("JP", True, "correction")


def every_act_left_a_row(desk: Installation) -> None:
    """The chain holds, and each act of the story is in it."""
    assert json.loads(desk.shudi("audit", "verify", "--json"))["ok"] is True
    from shudi.audit.queries import page
    from shudi.db import connect

    database = connect(desk.environment["SHUDI_DATABASE_URL"])
    with database.read_session() as session:
        actions = [line.action for line in page(session, limit=500)]
    database.dispose()
    for action, count in {
        "site.created": 1,
        "staff.created": 2,
        "staff.linked": 2,
        "key.created": 1,
        "account.put": 2,
        "sightings.taken": 1,
        "case.opened": 1,
        "staff.enrolled": 2,
        "staff.agreed": 2,
        "staff.signed_out": 1,
        "case.claimed": 1,
        "correction.proposed": 1,
        "case.awaiting": 1,
        "correction.approved": 1,
        "case.decided": 1,
    }.items():
        assert actions.count(action) == count, action
    assert "staff.signed_in" in actions
