"""The shipped viewer on the demo community itself: badges, also on names that scrolling brings."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from demo.activity import SITE
from demo.run import ROOT
from tests.demo.test_run import (  # noqa: F401 -- `var` and `ports` are fixtures
    _environment,
    _wait_for_links,
    ports,
    var,
)
from tests.viewer.profile import launch_with_viewer


@pytest.mark.browser
def test_names_on_the_demo_community_get_badges_as_they_scroll_in(
    var: Path,  # noqa: F811
    ports: tuple[int, int],  # noqa: F811
    chromium_path: str,
    tmp_path: Path,
) -> None:
    assert chromium_path
    console, forum = ports
    pages = f"http://127.0.0.1:{forum}"
    with sqlite3.connect(var / "shudi.db") as store:  # seeded for another port
        store.execute("UPDATE sites SET match = ?", (f'["{pages}/*"]',))
    store.close()
    log = tmp_path / "demo.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "demo.run"],
            env=_environment(var, console, forum),
            stdout=out,
            stderr=out,
            cwd=ROOT,
        )
    try:
        _wait_for_links(process, log)
        with (
            sync_playwright() as playwright,
            launch_with_viewer(
                tmp_path / "profile", [f"{pages}/*"], playwright=playwright
            ) as viewer,
        ):
            options = viewer.options()
            viewer.add_server(options, f"http://localhost:{console}")
            viewer.turn_on(options, SITE)
            page = viewer.context.new_page()
            page.goto(f"{pages}/t/1")
            names, badges = page.locator("a[data-account]"), page.locator("shudi-badge")
            expect(badges.first).to_be_visible()
            first = names.count()
            page.keyboard.press("End")
            expect(names.nth(first)).to_be_attached()
            names.last.scroll_into_view_if_needed()
            expect(page.locator("article shudi-badge").last).to_be_visible()
            assert badges.count() > 5
            options.bring_to_front()
            options.reload()
            expect(options.locator(f"[data-site={SITE}]")).to_contain_text(" of ")
    finally:
        process.terminate()
        process.wait(timeout=30)
