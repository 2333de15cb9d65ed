"""A passkey is registered and used in real Chromium, with a virtual authenticator."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, CDPSession, Page, expect

from shudi.db import connect
from shudi.staff.store import StaffSession
from tests.e2e.desk import PASSWORD, Installation, enrol, sign_out

pytestmark = pytest.mark.browser

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@contextlib.contextmanager
def authenticator(page: Page) -> Iterator[tuple[CDPSession, str]]:
    """A device with a platform authenticator, whose owner always agrees."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    yield session, made["authenticatorId"]
    session.send(
        "WebAuthn.removeVirtualAuthenticator", {"authenticatorId": made["authenticatorId"]}
    )


def verified(device: tuple[CDPSession, str], *, is_verified: bool) -> None:
    session, name = device
    what = {"authenticatorId": name, "isUserVerified": is_verified}
    session.send("WebAuthn.setUserVerified", what)


def first_factor(page: Page, desk: Installation) -> None:
    page.goto(f"{desk.url}/sign-in")
    page.get_by_label("Name").fill("dora")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


def in_as_dora(page: Page) -> None:
    page.get_by_role("heading", level=1, name="Overview").wait_for()
    assert "dora" in page.locator(".me-who").inner_text()


def age_the_factor(desk: Installation) -> None:
    """As if eleven minutes had passed since it was given."""
    database = connect(desk.environment["SHUDI_DATABASE_URL"])
    with database.transaction() as session:
        for row in session.scalars(sa.select(StaffSession).where(StaffSession.full)):
            if row.factor_at is not None:
                row.factor_at -= timedelta(minutes=11)
    database.dispose()


def test_a_passkey_is_registered_and_signs_in_alone_and_beside_the_password(
    desk: Installation, browser: Browser
) -> None:
    desk.shudi("user", "create", "dora", "--role", "moderator")
    page = browser.new_context(locale="en-GB").new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    with authenticator(page) as device:
        enrol(page, desk.shudi("user", "link", "dora"))
        page.goto(f"{desk.url}/profile/security")
        page.get_by_label("Name of the passkey").fill("Laptop")
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.get_by_role("status").first).to_contain_text("The passkey is added")
        expect(page.get_by_text("Laptop", exact=True)).to_be_visible()
        assert len(_credentials(device)) == 1

        sign_out(page)  # alone, as both factors
        page.get_by_role("button", name="Sign in with a passkey").click()
        in_as_dora(page)

        sign_out(page)  # whoever is not verified has one factor only
        verified(device, is_verified=False)
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_text("Your device gave no passkey")).to_be_visible()
        verified(device, is_verified=True)

        first_factor(page, desk)  # beside the password
        page.get_by_role("button", name="Use a passkey").click()
        in_as_dora(page)

        age_the_factor(desk)  # asked for again, with nothing lost
        page.goto(f"{desk.url}/profile/security")
        page.get_by_role("button", name="Make new codes").click()
        page.get_by_role("heading", name="Confirm that it is you").wait_for()
        page.get_by_role("button", name="Use a passkey").click()
        page.get_by_role("heading", name="Your recovery codes").wait_for()

        page.goto(f"{desk.url}/profile/security")  # removed, it is no use any more
        page.get_by_role("button", name="Remove the passkey Laptop").click()
        expect(page.get_by_role("status").first).to_contain_text("The passkey is removed")
        sign_out(page)
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_text("This passkey was not accepted")).to_be_visible()
    assert wrong == []


def _credentials(device: tuple[CDPSession, str]) -> list[object]:
    session, name = device
    return list(session.send("WebAuthn.getCredentials", {"authenticatorId": name})["credentials"])
