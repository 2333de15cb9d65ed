"""An inspection from the proposal to the log, in real Chromium: one administrator proposes, another
approves, the supervisor looks and takes a file out, an auditor reads what was seen.
"""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect, sync_playwright

from shudi.clock import now
from shudi.db import connect
from shudi.labels.store import Label
from tests.e2e.desk import Installation
from tests.e2e.test_pages import signed_in, supervising

AUTHORITY = "Invented Office of the North"


def _accounts(desk: Installation) -> list[str]:
    """Two accounts with a label of some weeks' standing."""
    database = connect(desk.environment["SHUDI_DATABASE_URL"])
    with database.read_session() as session:
        old = Label.since < (now() - timedelta(days=7)).date()
        query = sa.select(Label.account).where(Label.region == "CN-GD", old)
        found = list(session.scalars(query.order_by(Label.account).limit(2)))
    database.dispose()
    return found


def propose(page: Page, desk: Installation, accounts: list[str]) -> str:
    """Fill in the form as a person does; the address of the proposal."""
    page.goto(f"{desk.url}/inspections")
    page.get_by_role("link", name="Propose an inspection").click()
    page.get_by_label("Authority").fill(AUTHORITY)
    page.get_by_label("Number of its request").fill("N-2026-7")
    page.get_by_label("Dated").fill((now() - timedelta(days=1)).date().isoformat())
    page.get_by_label("Legal basis").select_option("r21")
    page.get_by_label("Purpose").fill("Whether these labels were corrected with a reason.")
    page.get_by_label("demo-supervisor").check()
    expect(page.get_by_label("Regions", exact=True)).to_be_hidden()
    expect(page.get_by_label("Which law or order forbids it")).to_be_hidden()
    page.get_by_label("Account ids, one a line").fill("\n".join(accounts))
    page.get_by_label("Labels and their corrections").check()
    page.get_by_label("From", exact=True).fill((now() - timedelta(days=60)).date().isoformat())
    page.get_by_label("Until", exact=True).fill(now().date().isoformat())
    page.get_by_role("button", name="Propose").click()
    expect(page.get_by_text("so another administrator decides")).to_be_visible()
    return page.url


@pytest.mark.browser
def test_from_the_proposal_to_the_log(
    desk: Installation, chromium_path: str, tmp_path: Path
) -> None:
    accounts = _accounts(desk)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        first, second, auditor = (
            signed_in(browser, desk, f"demo-{name}").new_page()
            for name in ("admin", "admin-2", "auditor")
        )
        supervisor = supervising(browser, desk).new_page()
        address = propose(first, desk, accounts)
        supervisor.goto(f"{desk.url}/oversight")
        expect(supervisor.get_by_role("link", name=AUTHORITY)).to_have_count(0)
        second.goto(address)
        second.get_by_role("button", name="Approve").click()
        expect(second.get_by_text("Approved. It runs from now on.")).to_be_visible()

        supervisor.reload()
        supervisor.get_by_role("link", name=AUTHORITY).click()
        rows = supervisor.locator("tbody tr")
        expect(rows).to_have_count(2)
        supervisor.get_by_role("link", name=accounts[0]).click()
        expect(supervisor.get_by_role("heading", name="Label")).to_be_visible()
        expect(supervisor.get_by_text("Guangdong")).to_be_visible()
        supervisor.go_back()
        with supervisor.expect_download() as started:
            supervisor.get_by_role("button", name="Download").click()
        file = tmp_path / "taken.csv"
        started.value.save_as(file)
        assert started.value.suggested_filename.endswith("-accounts-2-rows.csv")
        lines = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
        assert sorted(line["account"] for line in lines) == accounts
        assert {line["label_region"] for line in lines} == {"CN-GD"}
        assert "name" not in lines[0]

        auditor.goto(address)
        expect(auditor.get_by_text("An account's page")).to_be_visible()
        expect(auditor.get_by_text("As a file (CSV): 2 rows")).to_be_visible()
        auditor.get_by_role("link", name="The audit log has the numbers").click()
        expect(auditor.get_by_role("rowheader", name="Exported in an inspection")).to_be_visible()

        second.get_by_label("Why it ends").fill("The authority took its request back.")
        second.get_by_role("button", name="Stop the inspection").click()
        supervisor.reload()
        expect(supervisor.get_by_role("heading", name="There is nothing here")).to_be_visible()
        browser.close()
