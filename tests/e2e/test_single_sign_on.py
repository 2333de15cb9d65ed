"""Single sign-on with a real provider, in real Chromium.

The desk is `localhost` and the provider `127.0.0.1`: two sites to a browser, as in life.
"""

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from shudi.db import connect
from shudi.staff.store import Staff
from tests.conftest import Store
from tests.e2e.desk import (
    Installation,
    accept,
    code_before,
    enrol,
    free_port,
    installation,
    sign_in,
    sign_out,
)
from tests.e2e.test_pages import LOCALES, looked_over
from tests.e2e.test_passkeys import age_the_factor
from tests.real_provider import CLIENT, RealProvider
from tests.real_provider import PASSWORD as THERE

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

    def go(self, page: Page | None = None) -> None:
        """From the sign-in page to the provider, which lets in whom it knows already."""
        page = page or self.page
        page.goto(f"{self.desk.url}/sign-in")
        page.get_by_role("button", name="Sign in with Tea House").click()

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


def give_code(page: Page, app: pyotp.TOTP) -> None:
    """A code that was not used: of this step, or else of the next."""
    page.get_by_label("Code", exact=True).fill(app.now())
    page.get_by_role("button", name="Sign in").click()


def forget_steps(desk: Installation) -> None:
    """As if it were a while since the last code."""
    database = connect(desk.environment["SHUDI_DATABASE_URL"])
    with database.transaction() as session:
        session.execute(sa.update(Staff).values(totp_last_step=0))
    database.dispose()


def role(page: Page) -> str:
    page.get_by_role("heading", level=1, name="Overview").wait_for()
    return page.locator(".me-who").inner_text()


def test_an_invitation_is_accepted_and_the_groups_decide_from_then_on(house: House) -> None:
    page, desk, provider = house.page, house.desk, house.provider
    provider.know("dora-4711", "desk", "choir")
    desk.shudi("user", "create", "dora", "--role", "moderator")
    link = desk.shudi("user", "link", "dora")
    page.goto(link)
    page.get_by_role("button", name="Continue with Tea House").click()
    house.prove("dora-4711")
    app = house.set_up_app()
    assert "Moderator" in role(page)
    other = house.fresh_page("zh-CN")
    assert other.goto(link).status == 404  # used
    sign_out(page)

    provider.know("dora-4711", "desk leads")
    house.go()
    give_code(page, app)
    assert "Senior" in role(page)

    provider.know("dora-4711", "choir")
    other.goto(f"{desk.url}/sign-in")
    other.get_by_role("button", name="通过 Tea House 登录").click()
    house.prove("dora-4711", other)
    expect(other.get_by_role("heading", level=1)).to_have_text("单点登录未成功")
    page.goto(f"{desk.url}/queue")  # this session is over, too
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")

    provider.know("stranger", "desk")  # in the right group, and nobody here
    stranger = house.fresh_page()
    house.go(stranger)
    house.prove("stranger", stranger)
    said = "Your organisation's account opens nothing at this desk."
    expect(stranger.get_by_text(said)).to_be_visible()
    house.go()  # and to whose groups give nothing the same is said
    expect(page.get_by_text(said)).to_be_visible()
    assert house.wrong == []


def test_somebody_with_a_password_links_proves_themselves_there_and_unlinks(house: House) -> None:
    page, desk, provider = house.page, house.desk, house.provider
    provider.know("erin-1", "desk", amr=["pwd", "mfa"])
    desk.shudi("user", "create", "erin", "--role", "moderator")
    app = enrol(page, desk.shudi("user", "link", "erin"))
    page.goto(f"{desk.url}/profile/security")
    page.get_by_role("button", name="Continue with Tea House").click()
    house.prove("erin-1")
    expect(page.get_by_role("status").first).to_contain_text("Single sign-on is on.")
    expect(page.get_by_text("Single sign-on was turned on.")).to_be_visible()
    sign_out(page)

    house.go()  # by two factors there, so none is asked here
    assert "erin" in role(page)
    page.goto(f"{desk.url}/profile")
    expect(page.get_by_text("single sign-on", exact=True).first).to_be_visible()

    age_the_factor(desk)
    page.goto(f"{desk.url}/profile/security")
    page.get_by_role("button", name="Make new codes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm that it is you")
    page.get_by_role("button", name="Continue with Tea House").click()
    house.prove("erin-1")  # asked again, though it knows her
    page.get_by_role("button", name="Go on with it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")

    page.goto(f"{desk.url}/profile/security")
    page.get_by_role("button", name="Turn single sign-on off").click()
    expect(page.get_by_role("status").first).to_contain_text("Single sign-on is off.")
    sign_out(page)
    house.go()
    expect(page.get_by_text("opens nothing at this desk")).to_be_visible()
    forget_steps(desk)
    sign_in(page, desk.url, "erin", app)
    assert house.wrong == []


def test_who_leaves_there_and_whose_provider_is_lost(house: House) -> None:
    page, desk, provider = house.page, house.desk, house.provider
    provider.know("fritz-1", "desk", amr=["pwd", "mfa"])
    desk.shudi("user", "create", "fritz", "--role", "moderator")
    page.goto(desk.shudi("user", "link", "fritz"))
    page.get_by_role("button", name="Continue with Tea House").click()
    page.get_by_role("button", name="Leave").click()
    expect(page.get_by_text("You did not sign in at that service")).to_be_visible()
    assert "left" not in page.content()  # what the provider says of it is not shown

    page.goto(desk.shudi("user", "link", "fritz"))
    page.get_by_role("button", name="Continue with Tea House").click()
    house.prove("fritz-1")
    accept(page)
    answers: list[str] = []
    page.on("response", lambda one: answers.append(one.url) if "/return?" in one.url else None)
    page.goto(f"{desk.url}/profile")
    sign_out(page)
    house.go()
    role(page)
    other = house.fresh_page()
    for one in (page, other):  # used here already, and begun elsewhere
        one.goto(answers[-1])
        expect(one.get_by_text("begun in another browser")).to_be_visible()

    page.goto(f"{desk.url}/profile")
    there = page.context.new_page()
    there.goto(f"{provider.issuer}/session/end?client_id={CLIENT}")
    there.get_by_role("button", name="Yes, sign me out").click()
    there.wait_for_load_state()
    page.goto(f"{desk.url}/profile")  # the provider told the desk behind the browser's back
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")

    desk.shudi("user", "create", "gerda", "--role", "moderator")
    app = enrol(page, desk.shudi("user", "link", "gerda"))
    sign_out(page)
    provider.stop()
    house.go(other)
    # what it says of itself is known for a while, so the browser meets the silence first
    assert other.url.startswith((provider.issuer, "chrome-error:", desk.url))
    forget_steps(desk)
    sign_in(page, desk.url, "gerda", app)
    assert house.wrong == []


def test_a_provider_that_never_answered(house: House) -> None:
    house.provider.stop()
    for locale, button, heading in (
        ("en-GB", "Sign in with Tea House", "Single sign-on does not answer"),
        ("zh-CN", "通过 Tea House 登录", "单点登录服务没有响应"),
    ):
        page = house.fresh_page(locale)
        page.goto(f"{house.desk.url}/sign-in")
        with page.expect_navigation() as gone:
            page.get_by_role("button", name=button).click()
        assert gone.value.status == 503
        assert looked_over(page, "down") == []
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    assert house.wrong == []


@pytest.mark.parametrize("locale", LOCALES)
def test_its_pages_are_accessible_in_every_look(house: House, locale: str) -> None:
    desk, provider = house.desk, house.provider
    page = house.page = house.fresh_page(locale)
    out = page.locator("form[action*=sso] button")
    provider.know("hugo-1", "desk")
    provider.know("ina-1", "choir")
    desk.shudi("user", "create", "hugo", "--role", "moderator")
    page.goto(f"{desk.url}/sign-in")
    wrong = looked_over(page, "sign-in")
    page.goto(desk.shudi("user", "link", "hugo"))
    wrong += looked_over(page, "enrol")
    out.click()
    house.prove("hugo-1")
    page.wait_for_url("**/factor")
    wrong += looked_over(page, "factor")
    secret = "".join(page.locator(".enrol-key code").all_inner_texts())
    page.locator("[name=code]").fill(code_before(pyotp.TOTP(secret.replace(" ", ""))))
    page.locator("form .btn-primary").first.click()
    page.locator("a.btn-primary").wait_for()
    wrong += looked_over(page, "recovery codes")
    page.goto(f"{desk.url}/profile/security")
    wrong += looked_over(page, "security")
    page.goto(f"{desk.url}/profile")
    wrong += looked_over(page, "profile")
    age_the_factor(desk)
    page.goto(f"{desk.url}/profile/security")
    page.locator("form[action$=recovery-codes] button").click()
    wrong += looked_over(page, "step-up")
    provider.know("hugo-1", "desk", amr=["pwd", "mfa"])
    out.click()
    house.prove("hugo-1")
    page.wait_for_url("**/finish")
    wrong += looked_over(page, "proved")
    stranger = house.fresh_page(locale)
    stranger.goto(f"{desk.url}/sign-in")
    stranger.locator("form[action*=sso] button").click()
    house.prove("ina-1", stranger)
    stranger.wait_for_url("**/finish")
    wrong += looked_over(stranger, "refused")
    assert [*wrong, *house.wrong] == []
