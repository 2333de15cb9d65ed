"""The shipped viewer in real Chromium, against a small label server and a community's page."""

import shutil
import subprocess
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Page, expect, sync_playwright

from tests.viewer.label_server import LabelServer, running, value
from tests.viewer.profile import EXTENSION, Viewer, launch_with_viewer

LABELS = {
    "lin": value(),
    "ada": value("uncertain", "CN", "country"),
    "bo": value("uncertain", None, "none"),
    "cy": value("withheld", None, "none"),
    "dee": value("labelled", "US", "country", corrected=True),
    "Straße": value("labelled", "US", "country", disputed=True),
}
TEXTS = {
    "lin": "IP location: Guangdong",
    "ada": "IP location: China (uncertain)",
    "bo": "IP location: uncertain",
    "cy": "IP location: not shown",
    "dee": "IP location: United States corrected",
    "STRASSE": "IP location: United States disputed",
}
PAGE = """<!doctype html><html lang=en><meta charset=utf-8><title>Teahouse</title><main id=list></main>
<script>
  const row = (name) => { const p = document.createElement('p'); const a = document.createElement('a');
    a.dataset.account = name; a.href = '/u/' + encodeURIComponent(name); a.textContent = name;
    p.append(a, ' likes tea'); return p; };
  const add = (...names) => list.append(...names.map(row));
  const link = (name) => [...document.querySelectorAll('a')].find((a) => a.dataset.account === name);
  add(...new URLSearchParams(location.search).getAll('n'));
</script>"""


@contextmanager
def reading(
    folder: Path, labels: dict[str, dict[str, Any]] = LABELS, **change: Any
) -> Iterator[tuple[LabelServer, Viewer, Page]]:
    with sync_playwright() as playwright, running(labels, PAGE) as server:
        for name, setting in change.items():
            setattr(server, name, setting)
        with launch_with_viewer(folder, [f"{server.pages}/*"], playwright=playwright) as viewer:
            options = viewer.options()
            viewer.add_server(options, server.address)
            viewer.turn_on(options, "teahouse")
            yield server, viewer, options


def visit(viewer: Viewer, server: LabelServer, *names: str) -> Page:
    page = viewer.context.new_page()
    page.goto(f"{server.pages}/?" + "&".join(f"n={name}" for name in names))
    return page


def badge_of(page: Page, name: str) -> Any:
    return page.locator(f"a[data-account='{name}'] + shudi-badge .badge")


@pytest.mark.browser
def test_each_name_gets_its_own_badge_and_pages_cause_no_request(tmp_path: Path) -> None:
    with reading(tmp_path) as (server, viewer, _):
        heard = list(server.heard)
        page = visit(viewer, server, *TEXTS, "nobody")
        for name, text in TEXTS.items():
            expect(badge_of(page, name)).to_have_text(
                text.replace(" corrected", "corrected").replace(" disputed", "disputed")
            )
            assert name in (badge_of(page, name).get_attribute("aria-label") or "")
        expect(badge_of(page, "nobody")).to_have_count(0)
        page.evaluate("add(...Array.from({length: 60}, (_, i) => 'stranger' + i), 'lin')")
        page.mouse.wheel(0, 20000)
        expect(page.locator("shudi-badge")).to_have_count(len(TEXTS) + 1)
        visit(viewer, server, "lin")
        assert server.heard == heard
        # The page can neither see the viewer's files nor find them in its timings.
        seen = page.evaluate(
            "performance.getEntries().map((e) => e.name).filter((n) => n.includes('extension'))"
        )
        assert seen == []
        probe = (
            f"fetch('chrome-extension://{viewer.id}/src/content.js').then(() => true, () => false)"
        )
        assert page.evaluate(probe) is False


@pytest.mark.browser
def test_no_name_ever_keeps_another_accounts_badge(tmp_path: Path) -> None:
    with reading(tmp_path) as (server, viewer, _):
        page = visit(viewer, server, "lin", "dee")
        expect(badge_of(page, "dee")).to_contain_text("United States")
        # In the very next frame, a recycled row must not show what it showed before.
        stale = page.evaluate(
            """async () => { const a = link('lin'); a.dataset.account = 'nobody'; a.textContent = 'nobody';
            await new Promise(requestAnimationFrame);
            return a.nextSibling?.nodeName === 'SHUDI-BADGE'; }"""
        )
        assert stale is False
        page.evaluate("link('nobody').dataset.account = 'ada'")
        expect(badge_of(page, "ada")).to_contain_text("China")
        # Two rows swap accounts, as virtual lists do.
        page.evaluate(
            "[link('ada'), link('dee')].map((a, i) => [a, ['dee', 'ada'][i]]).forEach(([a, n]) => a.dataset.account = n)"
        )
        expect(badge_of(page, "ada")).to_contain_text("China")
        expect(badge_of(page, "dee")).to_contain_text("United States")
        expect(page.locator("shudi-badge")).to_have_count(2)


@pytest.mark.browser
def test_badges_follow_what_single_page_sites_do_to_rows(tmp_path: Path) -> None:
    with reading(tmp_path) as (server, viewer, _):
        page = visit(viewer, server, "lin", "dee")
        expect(badge_of(page, "dee")).to_be_visible()
        # A name replaced while its badge's neighbourhood stays.
        page.evaluate("link('lin').replaceWith(row('nobody').firstChild)")
        expect(page.locator("shudi-badge")).to_have_count(1)
        # A new name squeezed between a name and its badge.
        page.evaluate("link('dee').after(row('cy').firstChild)")
        expect(badge_of(page, "cy")).to_contain_text("not shown")
        expect(badge_of(page, "dee")).to_contain_text("United States")
        # A row copied with its badge's shell.
        page.evaluate("list.append(link('dee').parentElement.cloneNode(true))")
        expect(badge_of(page, "dee")).to_have_count(2)
        expect(page.locator("shudi-badge")).to_have_count(4)
        # Everything replaced under another address, without a load.
        page.evaluate(
            "history.pushState({}, '', '/t/2'); list.replaceChildren(row('bo'), row('lin'))"
        )
        expect(page.locator("shudi-badge")).to_have_count(2)
        expect(badge_of(page, "bo")).to_contain_text("uncertain")


@pytest.mark.browser
def test_an_answer_that_comes_late_is_not_shown_on_a_recycled_row(tmp_path: Path) -> None:
    with reading(tmp_path, key_rule={"from": "text"}, place="inside") as (server, viewer, _):
        page = visit(viewer, server, "lin")
        expect(page.locator("a shudi-badge .badge")).to_contain_text("Guangdong")
        # Change the text over and over while lookups are on their way.
        wrong = page.evaluate(
            """async () => { const names = ['dee', 'nobody', 'cy', 'lin', 'nobody']; const wrong = [];
            const place = {dee: 'United States', cy: 'not shown', lin: 'Guangdong', nobody: '-'};
            for (let turn = 0; turn < 100; turn += 1) {
              const a = document.querySelector('a'); const name = names[turn % 5];
              a.firstChild.data = name;
              await new Promise((done) => setTimeout(done, 20 + turn));
              const shown = a.querySelector('shudi-badge')?.shadowRoot.textContent;
              if (shown && !shown.includes(place[name])) wrong.push([name, shown]); }
            return wrong; }"""
        )
        assert wrong == []


@pytest.mark.browser
def test_the_card_opens_and_closes_by_keyboard_and_gives_the_focus_back(tmp_path: Path) -> None:
    with reading(tmp_path) as (server, viewer, _):
        page = visit(viewer, server, "lin", "dee")
        badge = badge_of(page, "dee")
        badge.focus()
        page.keyboard.press("Enter")
        card = page.get_by_role("dialog")
        expect(card).to_be_visible()
        expect(badge).to_have_attribute("aria-expanded", "true")
        for text in (
            "United States",
            "November 22, 2026",
            "VPN",
            "A moderator has corrected",
            "DB-IP",
            "dee",
        ):
            expect(card).to_contain_text(text)
        page.keyboard.press("Escape")
        expect(card).to_be_hidden()
        expect(badge).to_be_focused()
        expect(badge).to_have_attribute("aria-expanded", "false")
        badge.click()
        expect(card).to_be_visible()
        badge.click()
        expect(card).to_be_hidden()
        badge.click()
        page.mouse.click(900, 700)
        expect(card).to_be_hidden()


@pytest.mark.browser
def test_a_report_is_sent_only_after_the_reader_confirms(tmp_path: Path) -> None:
    with reading(tmp_path) as (server, viewer, _):
        page = visit(viewer, server, "lin")
        heard = list(server.heard)
        badge_of(page, "lin").click()
        page.get_by_role("button", name="Report as wrong").click()
        expect(page.get_by_role("dialog")).to_contain_text(
            f"sends the name “lin” and your note to {server.address[7:]}"
        )
        page.get_by_role("button", name="Cancel").click()
        page.get_by_role("button", name="Report as wrong").click()
        # A page's script may find the buttons, but its clicks are not the reader's.
        page.evaluate(
            "document.querySelector('shudi-badge').shadowRoot.querySelectorAll('button').forEach((b) => b.click())"
        )
        expect(page.get_by_role("dialog")).to_be_hidden()
        page.wait_for_timeout(300)
        assert server.heard == heard
        badge_of(page, "lin").click()
        page.get_by_role("button", name="Report as wrong").click()
        page.get_by_label("Note").fill("She moved")
        server.report_status = 503
        page.get_by_role("button", name="Send report").click()
        expect(page.get_by_role("status")).to_contain_text("was not sent")
        expect(page.get_by_label("Note")).to_have_value("She moved")
        server.report_status = 202
        page.get_by_role("button", name="Send report").click()
        expect(page.get_by_role("status")).to_contain_text("Report sent")
        assert server.reports == [
            {"site": "teahouse", "account": "lin", "kind": "wrong_label", "text": "She moved"}
        ]


@pytest.mark.browser
def test_a_correction_arrives_with_the_next_timed_fetch_without_a_reload(tmp_path: Path) -> None:
    with reading(tmp_path) as (server, viewer, options):
        page = visit(viewer, server, "lin")
        expect(badge_of(page, "lin")).to_have_text("IP location: Guangdong")
        server.labels = {**LABELS, "lin": value("labelled", "US", "country", corrected=True)}
        server.number, server.as_of, server.salt = 2, "2026-11-22T03:00:00Z", bytes(16)
        viewer.ring_alarm()
        expect(badge_of(page, "lin")).to_have_text("IP location: United Statescorrected")
        expect(options.locator("[data-site=teahouse]")).to_contain_text("1 of 1 names found")
        expect(options.locator("#attribution")).to_contain_text("DB-IP")
        options.select_option("#language", "zh_CN")
        expect(badge_of(page, "lin")).to_have_text("IP属地：美国已更正")
        viewer.set_period(options, 30)
        due = viewer.worker.evaluate(
            "chrome.alarms.get('update').then((a) => a.scheduledTime - Date.now())"
        )
        assert 20_000 < due <= 40_000
        # Turning the site off gives the permission back and takes the badges away.
        options.click("#off-teahouse")
        expect(options.locator("#on-teahouse")).to_be_visible()
        expect(page.locator("shudi-badge")).to_have_count(0)
        origins = viewer.worker.evaluate("chrome.permissions.getAll().then((all) => all.origins)")
        assert origins == []


@pytest.mark.browser
def test_a_changed_key_is_refused_until_the_reader_consents(tmp_path: Path) -> None:
    with reading(tmp_path) as (server, viewer, options):
        server.key = Ed25519PrivateKey.generate()
        server.labels = {"lin": value("labelled", "US", "country")}
        server.number, server.as_of = 9, "2026-11-22T04:00:00Z"
        viewer.ring_alarm()
        expect(options.locator("#problem")).to_have_attribute("data-problem", "changed_key")
        page = visit(viewer, server, "lin")
        expect(badge_of(page, "lin")).to_contain_text("Guangdong")
        options.click("#trust-key")
        expect(badge_of(page, "lin")).to_contain_text("Guangdong")
        options.click("#trust-key")
        expect(options.locator("#problem")).to_have_count(0)
        expect(badge_of(page, "lin")).to_contain_text("United States")


@pytest.mark.browser
def test_older_broken_or_missing_data_is_refused_and_the_old_labels_stay(tmp_path: Path) -> None:
    with reading(tmp_path) as (server, viewer, options):
        problem = options.locator("#problem")
        server.as_of = "2026-11-22T01:00:00Z"
        options.click("#update")
        expect(problem).to_have_attribute("data-problem", "rollback")
        server.as_of, server.number, server.broken_file = "2026-11-22T03:00:00Z", 2, True
        server.salt = bytes(16)
        options.click("#update")
        expect(problem).to_have_attribute("data-problem", "bad_dataset")
        page = visit(viewer, server, "lin")
        expect(badge_of(page, "lin")).to_contain_text("Guangdong")
        server.broken_file = False
        options.click("#update")
        expect(problem).to_have_count(0)


@pytest.mark.browser
def test_a_page_whose_layout_changed_says_so(tmp_path: Path) -> None:
    with reading(tmp_path, key_rule={"from": "attribute", "name": "data-gone"}) as (
        server,
        viewer,
        options,
    ):
        visit(viewer, server, "lin", "dee")
        line = options.locator("[data-site=teahouse]")
        expect(line).to_contain_text("0 of 2 names found: the page layout may have changed")


def test_the_viewers_own_tests_pass() -> None:
    """Run the viewer's tests of pure parts with Node's runner."""
    node = shutil.which("node")
    if node is None:
        pytest.fail("Node 20 or newer is needed for the viewer's tests")
    done = subprocess.run(
        [node, "--test", "test/"],
        cwd=EXTENSION,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_both_ends_fold_names_alike() -> None:
    """Every character Python knows folds to the same in the viewer."""
    node = shutil.which("node")
    if node is None:
        pytest.fail("Node 20 or newer is needed for the viewer's tests")
    known = [
        chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) not in {"Cn", "Cs"}
    ]
    script = (
        "import { canonicalKey } from './src/lookup.js'; import { readFileSync } from 'node:fs';"
        "const lines = readFileSync(0, 'utf8').split('\\u0000');"
        "process.stdout.write(lines.map((line) => canonicalKey(line, 'casefold')).join('\\u0000'));"
    )
    shifted = [f"a{character}b" for character in known if character != "\0"]
    done = subprocess.run(
        [node, "--input-type=module", "-e", script],
        input="\0".join(shifted).encode(),
        cwd=EXTENSION,
        capture_output=True,
        check=True,
        timeout=120,
    )
    folded = done.stdout.decode().split("\0")
    expected = [unicodedata.normalize("NFC", text).casefold() for text in shifted]
    assert folded == expected
