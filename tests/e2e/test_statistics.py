"""The statistics page in real Chromium: drawn under the strict policy, whole without any script."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from console import create_app
from shudi import clock
from shudi.cases.rules import CaseKind
from shudi.cases.rules.figures import PLACES, Figure
from shudi.cases.store.rollup import FigureDay, FigureRow, FigureRun
from shudi.db import Database
from shudi.settings import Settings
from shudi.staff.actions.sessions import open_session
from tests import people
from tests.e2e.desk import free_port
from tests.e2e.test_pages import LOCALES, check

DAYS = 28
REPORTS = """
  window.reports = [];
  document.addEventListener("securitypolicyviolation", (event) => {
    window.reports.push(`${event.violatedDirective} ${event.sourceFile}`);
  });
"""
COLOURS = """(canvas) => {
  const held = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return new Set(new Uint32Array(held.buffer)).size;
}"""


def _keep(database: Database) -> None:
    """Figures enough for every picture."""
    now = clock.now()
    with database.transaction() as session:
        people.hire_everybody(session)
        session.add_all(FigureRun(days=days, as_of=now) for days in (0, DAYS))
        kept = [
            (0, Figure.OPEN, "report", "1", 12), (0, Figure.OPEN, "report", "7", 5),
            (0, Figure.OVERDUE, "report", "", 3), (0, Figure.IN_FORCE, "withhold", "", 4),
            (0, Figure.ENDING, "", "0", 2), (DAYS, Figure.DECIDED, "report", "", 40),
            (DAYS, Figure.TIME_MEDIAN, "report", "", 7200),
            (DAYS, Figure.TIME_NINTH, "report", "", 36000),
            (DAYS, Figure.OVERTURNED, "", "", 20), (PLACES, Figure.OVERTURNED_REGION, "US", "", 8),
            (DAYS, Figure.OVERTURNED_SOURCE, "dbip", "", 20),
            (DAYS, Figure.CONFIRMED, "replace", "", 9), (DAYS, Figure.REFUSED, "replace", "", 2),
        ]  # fmt: skip
        session.add_all(
            FigureRow(days=days, figure=figure, part=part, slot=slot, value=value)
            for days, figure, part, slot, value in kept
        )
        for back in range(DAYS):
            day = now.date() - timedelta(days=back)
            for figure, part, value in (
                (Figure.OPENED, CaseKind.REPORT, 3 + back % 4),
                (Figure.CLOSED, CaseKind.REPORT, 4),
                (Figure.ANSWERED_IN_TIME, CaseKind.CONTEST, 2),
                (Figure.ANSWERED_LATE, CaseKind.CONTEST, back % 2),
                (Figure.SOURCE_DIFFERS, "dbip", 10 + back),
                (Figure.SOURCE_SILENT, "dbip", 5),
            ):
                session.add(FigureDay(day=day, figure=figure, part=part, value=value))


@pytest.fixture
def address(
    sqlite_database: Database, make_settings: Callable[..., Settings]
) -> Iterator[tuple[str, str]]:
    """A console over kept figures, and a senior's session."""
    _keep(sqlite_database)
    port = free_port()
    url = f"http://localhost:{port}"
    app = create_app(make_settings(base_url=url), database=sqlite_database)
    server = make_server("localhost", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sqlite_database.transaction() as session:
        token = open_session(session, staff_id=people.SAM.staff_id or 0, now=clock.now(), hours=12)
    yield url, token
    server.shutdown()
    server.server_close()


@pytest.fixture
def chromium(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield browser
        browser.close()


def desk(chromium: Browser, address: tuple[str, str], **options: object) -> BrowserContext:
    """A browser in which the senior is signed in."""
    context = chromium.new_context(**options)  # type: ignore[arg-type]
    secure = address[0].replace("http:", "https:")
    context.add_cookies([{"name": "__Host-shudi", "value": address[1], "url": secure}])
    context.add_init_script(REPORTS)
    return context


def opened(context: BrowserContext, address: tuple[str, str]) -> Page:
    page = context.new_page()
    page.goto(f"{address[0]}/statistics")
    return page


@pytest.mark.browser
def test_it_is_accessible_and_quiet_in_every_look(chromium: Browser, address: tuple[str, str]):
    wrong: list[str] = []
    for locale in LOCALES:
        context = desk(chromium, address, locale=locale)
        wrong += check(context, [f"{address[0]}/statistics", f"{address[0]}/"])
        page = opened(context, address)
        page.locator("canvas").first.wait_for()
        wrong += page.evaluate("window.reports")
    assert wrong == []


@pytest.mark.browser
def test_each_picture_is_drawn_from_its_table(chromium: Browser, address: tuple[str, str]):
    page = opened(desk(chromium, address, locale="en-GB"), address)
    pictures = page.locator("figure[data-drawing]")
    page.locator("canvas").first.wait_for()
    assert pictures.count() == page.locator("canvas").count() == 10
    assert page.locator("figure details[open]").count() == 0
    for at in range(pictures.count()):
        canvas = pictures.nth(at).locator("canvas")
        assert canvas.evaluate(COLOURS) > 20, "nothing was drawn"
        named = page.get_by_role("img", name=pictures.nth(at).locator("h3").inner_text())
        assert named.first.is_visible()
    before = page.locator("#flow canvas").evaluate("(canvas) => canvas.toDataURL()")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "before => document.querySelector('#flow canvas').toDataURL() !== before", arg=before
    )
    assert page.evaluate("window.reports") == []


@pytest.mark.browser
def test_arrow_keys_say_what_a_picture_shows(chromium: Browser, address: tuple[str, str]):
    page = opened(desk(chromium, address, locale="en-GB"), address)
    page.locator("#backlog canvas").focus()
    page.keyboard.press("ArrowDown")
    said = page.locator("#backlog [data-say]")
    assert said.inner_text().startswith("Report: under a day: 12, 1 to 3 days: 0, 3 to 7 days: 5")
    page.keyboard.press("ArrowDown")
    assert said.inner_text().startswith("Sources disagree")
    page.locator("#backlog summary").press("Enter")
    assert page.locator("#backlog table").is_visible()


@pytest.mark.browser
def test_without_script_every_table_stands_open(chromium: Browser, address: tuple[str, str]):
    page = opened(desk(chromium, address, java_script_enabled=False), address)
    assert page.locator("canvas").count() == 0
    tables = page.locator("figure table")
    assert tables.count() == 10
    assert all(tables.nth(at).is_visible() for at in range(10))


@pytest.mark.browser
def test_a_library_that_was_changed_is_not_run(chromium: Browser, address: tuple[str, str]):
    page = desk(chromium, address).new_page()
    page.route("**/chart.umd.min.js", lambda route: route.fulfill(body="window.Chart = class {};"))
    page.goto(f"{address[0]}/statistics")
    assert page.evaluate("typeof Chart") == "undefined"
    assert page.locator("#flow table").is_visible()


@pytest.mark.browser
def test_the_file_comes_by_the_button(chromium: Browser, address: tuple[str, str], tmp_path: Path):
    page = opened(desk(chromium, address, locale="en-GB"), address)
    with page.expect_download() as caught:
        page.get_by_role("button", name="Export as CSV").click()
    path = tmp_path / caught.value.suggested_filename
    caught.value.save_as(path)
    assert path.suffix == ".csv"
    assert "overturned-by-region,US,United States,Changed,8" in path.read_text(encoding="utf-8-sig")
