"""Single sign-on with a real provider, in real Chromium.

The desk is `localhost` and the provider `127.0.0.1`: two sites to a browser, as in life.
"""

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.conftest import Store
from tests.e2e.desk import (
    PASSWORD,
    Installation,
    accept,
    code_before,
    enrol,
    free_port,
    installation,
    sign_in,
    sign_out,
)
from tests.real_provider import PASSWORD as THERE
from tests.real_provider import RealProvider

pytestmark = pytest.mark.browser


class House:
    """A desk, its provider, and a page in which every complaint of the browser is heard."""

    def __init__(self, desk: Installation, provider: RealProvider, browser: Browser) -> None:
        self.desk, self.provider, self.browser = desk, provider, browser
        self.wrong: list[str] = []
        self.page = self.fresh_page()

    def fresh_page(self, locale: str = "en-GB") -> Page:
        page = self.browser.new_context(locale=locale).new_page()
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", self._hear)
        return page

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type == "error" and not said.text.startswith("Failed to load resource"):
            self.wrong.append(said.text)

    def go(self, subject: str, page: Page | None = None) -> None:
        """From the sign-in page to the provider, and through its page."""
        page = page or self.page
        page.goto(f"{self.desk.url}/sign-in")
        page.get_by_role("button", name="Continue with Tea House").click()
        self.prove(subject, page)

    def prove(self, subject: str, page: Page | None = None) -> None:
        page = page or self.page
        page.get_by_label("Subject").fill(subject)
        page.get_by_label("Password").fill(THERE)
        page.get_by_role("button", name="Sign in there").click()

    def set_up_app(self) -> pyotp.TOTP:
        """The first second factor, on the page for it."""
        page = self.page
        page.get_by_role("heading", level=1, name="Welcome").wait_for()
        secret = "".join(page.locator(".enrol-key code").all_inner_texts())
        app = pyotp.TOTP(secret.replace(" ", ""))
        page.get_by_label("Code").fill(code_before(app))
        page.get_by_role("button", name="Finish and sign in").click()
        page.get_by_role("link", name="I have kept them").click()
        accept(page)
        return app


@pytest.fixture
def house(sqlite_store: Store, tmp_path: Path, browser: Browser) -> Iterator[House]:
    made: list[RealProvider] = []

    def more(url: str):
        made.append(RealProvider(free_port(), tmp_path, url))
        made[0].start()
        return made[0].settings(
            roles="desk=moderator; desk leads=senior; desk admins=admin", factors="mfa"
        )

    with installation(sqlite_store, tmp_path, more) as desk:
        yield House(desk, made[0], browser)
    made[0].stop()


def test_an_invitation_is_accepted_and_the_role_follows_the_groups(house: House) -> None:
    page, desk, provider = house.page, house.desk, house.provider
    provider.know("dora-4711", "desk", "choir")
    desk.shudi("user", "create", "dora", "--role", "moderator")
    page.goto(desk.shudi("user", "link", "dora"))
    page.get_by_role("button", name="Continue with Tea House").click()
    house.prove("dora-4711")
    app = house.set_up_app()
    assert "Moderator" in page.locator(".me-who").inner_text()
    sign_out(page)
    provider.know("dora-4711", "desk leads")
    house.go("dora-4711")
    page.get_by_label("Code", exact=True).fill(app.now())
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", level=1, name="Overview").wait_for()
    assert "Senior" in page.locator(".me-who").inner_text()
    assert house.wrong == []
