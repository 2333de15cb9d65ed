"""Real Chromium with the shipped viewer loaded, its host access granted through the profile.

The manifest stays as shipped: all sites are optional and asked for one by one. A fresh profile
says, in Chromium's own preferences, that the person at this browser has granted some origins to
the viewer before, so that `permissions.request` from the options page answers yes without the
dialog that no headless browser can show. Everything else is the reader's way: add the server,
see its key, pin it, turn the site on.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import BrowserContext, Page, Playwright, Worker, sync_playwright

EXTENSION = Path(__file__).resolve().parents[2] / "viewer"


def find_chromium() -> str | None:
    """Path of the browser to test with, or none for the one Playwright brings."""
    given = os.environ.get("SHUDI_TEST_CHROMIUM")
    if given:
        return given
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def extension_id(folder: Path) -> str:
    """The id Chromium derives from an unpacked extension's path: its hash, 0-f written as a-p."""
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:32]
    return "".join(chr(ord("a") + int(digit, 16)) for digit in digest)


def write_profile(folder: Path, origins: list[str]) -> bool:
    """Make a profile that grants the viewer `origins` (match patterns) when it asks.

    Answers whether it made one: a folder that holds a profile is left as it is.
    """
    grant = {
        "api": [],
        "explicit_host": origins,
        "manifest_permissions": [],
        "scriptable_host": [],
    }
    extension = {"granted_permissions": grant, "runtime_granted_permissions": grant}
    preferences = {"extensions": {"settings": {extension_id(EXTENSION): extension}}}
    target = folder / "Default" / "Preferences"
    if target.exists():
        return False
    target.parent.mkdir(parents=True)
    target.write_text(json.dumps(preferences), encoding="utf-8")
    return True


@dataclass(frozen=True)
class Viewer:
    """The running browser and the reader's acts in it."""

    context: BrowserContext
    worker: Worker
    id: str

    def options(self) -> Page:
        """The options page, which the viewer itself opens when it is new to a profile."""
        address = f"chrome-extension://{self.id}/options/options.html"
        page = next((page for page in self.context.pages if page.url == address), None)
        if page is None:
            page = self.context.new_page()
            page.goto(address)
        page.locator("#server > *").first.wait_for()
        return page

    def add_server(self, options: Page, address: str) -> str:
        """Add and pin a server as a reader does; answers the id of the pinned key."""
        options.fill("#address", address)
        options.click("#look")
        key = options.locator(".panel code").get_attribute("data-key-id")
        options.click("#add-server")
        options.locator("#remove-server").wait_for()
        assert key is not None
        return key

    def turn_on(self, options: Page, site: str) -> None:
        """Turn a site on; pages opened from now on show labels."""
        options.click(f"#on-{site}")
        options.locator(f"#off-{site}").wait_for()

    def set_period(self, options: Page, seconds: int) -> None:
        """Pick how often the viewer fetches: 30, 300, 1800, 7200 or 43200 seconds."""
        options.select_option("#period", str(seconds))
        self.worker.evaluate(
            """async (most) => { for (;;) {
                const alarm = await chrome.alarms.get('update');
                if (alarm && alarm.scheduledTime - Date.now() <= most) return;
                await new Promise((done) => setTimeout(done, 50)); } }""",
            seconds * 1250,
        )

    def ring_alarm(self) -> None:
        """Let the timer come now instead of in half an hour. Same path as a timed fetch."""
        self.worker.evaluate("chrome.alarms.create('update', {when: Date.now()})")


@contextmanager
def launch_with_viewer(
    folder: Path,
    origins: list[str],
    *,
    playwright: Playwright | None = None,
    headless: bool = True,
    color_scheme: Literal["light", "dark"] = "light",
) -> Iterator[Viewer]:
    """Start Chromium on a profile in `folder`, with the viewer, granting `origins` when asked.

    `origins` are match patterns exactly as the sites' `match` gives them, for example
    `http://127.0.0.1:8001/*`. Pass `playwright` from inside a running `sync_playwright()`.
    """
    fresh = write_profile(folder, origins)
    arguments = [
        "--no-sandbox",
        f"--disable-extensions-except={EXTENSION}",
        f"--load-extension={EXTENSION}",
        *(["--headless=new"] if headless else []),
    ]
    with ExitStack() as stack:
        runner = playwright or stack.enter_context(sync_playwright())
        context = runner.chromium.launch_persistent_context(
            str(folder),
            executable_path=find_chromium(),
            # Playwright's own headless switch means a shell without extensions.
            headless=False,
            args=arguments,
            ignore_default_args=["--disable-extensions"],
            color_scheme=color_scheme,
            viewport={"width": 1000, "height": 720},
        )
        stack.callback(context.close)
        workers = context.service_workers
        worker = workers[0] if workers else context.wait_for_event("serviceworker")
        viewer = Viewer(context=context, worker=worker, id=worker.url.split("/")[2])
        if fresh:
            wait_for_welcome(viewer)
        yield viewer


def wait_for_welcome(viewer: Viewer) -> None:
    """Let the options page that a newly installed viewer opens take its tab first.

    It takes over whichever empty tab there is, which may be one a test has just opened.
    """
    for _ in range(100):
        if any(page.url.startswith("chrome-extension:") for page in viewer.context.pages):
            return
        viewer.context.pages[0].wait_for_timeout(100)
