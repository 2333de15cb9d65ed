"""`make viewer-demo`: a browser with the shipped viewer on the demo community.

The manifest stays as shipped. A throw-away profile says, in Chromium's own preferences, that its
reader has granted the community's origin before; the server is then added and pinned, and the
site turned on, through the options page as a reader would. `--picture FILE` needs no display: it
saves what the browser shows and ends.
"""

import argparse
import contextlib
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import requests
from playwright.sync_api import BrowserContext, Error, Page, Playwright, sync_playwright

from demo import places
from demo.activity import SITE

EXTENSION = Path(__file__).resolve().parent.parent / "viewer"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_NO_CHROMIUM = "No Chromium is here: install one, or run .venv/bin/playwright install chromium."


def main() -> int:
    """Open the browser; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make viewer-demo")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="save a picture and end")
    picture: Path | None = parser.parse_args().picture
    server = os.environ.get("SHUDI_BASE_URL", f"http://localhost:{places.CONSOLE_PORT}")
    problem = _missing(server, headless=picture is not None)
    if problem:
        print(problem, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="shudi-viewer-") as folder:
        try:
            with sync_playwright() as playwright:
                _show(playwright, Path(folder), server, picture)
        except Error as error:
            lost = "Target page, context or browser has been closed"
            if lost not in error.message:
                print(f"The browser did not do as asked: {error.message}", file=sys.stderr)
                return 1
        except KeyboardInterrupt:
            pass
    return 0


def _missing(server: str, *, headless: bool) -> str:
    """What keeps us from starting, in a sentence; "" where nothing does."""
    for address in (f"{server.rstrip('/')}/readyz", f"{places.FORUM_URL}/healthz"):
        try:
            requests.get(address, timeout=3, proxies={"http": "", "https": ""})
        except requests.RequestException:
            return f"Nothing answers at {address}: run `make run` in another terminal first."
    display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if not headless and not display and sys.platform.startswith("linux"):
        return (
            "There is no display to open a browser on. For a picture instead: "
            ".venv/bin/python -m demo.viewer --picture FILE"
        )
    return ""


def _show(playwright: Playwright, folder: Path, server: str, picture: Path | None) -> None:
    with _browser(playwright, folder, headless=picture is not None) as (context, options):
        _add_server(options, server)
        page = context.new_page()
        page.goto(f"{places.FORUM_URL}/t/1")
        page.locator("a[data-account]").first.wait_for()
        if picture is not None:
            page.wait_for_timeout(2500)  # the badges come after the page, by the viewer's own pace
            page.screenshot(path=picture)
            print(f"Saved {picture}.")
            return
        print("The browser is open on the community. Close it, or press Ctrl-C, to end.")
        context.wait_for_event("close", timeout=0)


@contextlib.contextmanager
def _browser(
    playwright: Playwright, folder: Path, *, headless: bool
) -> Iterator[tuple[BrowserContext, Page]]:
    """A browser with the viewer, and the viewer's options page in it."""
    _grant(folder, f"{places.FORUM_URL}/*")
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None and not Path(playwright.chromium.executable_path).exists():
        raise Error(_NO_CHROMIUM)
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    context = playwright.chromium.launch_persistent_context(
        str(folder),
        executable_path=found,
        headless=False,  # Playwright's own headless switch means a shell without extensions
        ignore_default_args=["--disable-extensions"],
        no_viewport=not headless,
        args=[
            f"--disable-extensions-except={EXTENSION}",
            f"--load-extension={EXTENSION}",
            *(["--headless=new", "--window-size=1000,800"] if headless else []),
            *(["--no-sandbox"] if root else []),  # Chromium has no sandbox for root
        ],
    )
    try:
        workers = context.service_workers
        worker = workers[0] if workers else context.wait_for_event("serviceworker")
        options = f"chrome-extension://{worker.url.split('/')[2]}/options/options.html"
        page = next((one for one in context.pages if one.url == options), None)
        if page is None:
            page = context.new_page()
            page.goto(options)
        yield context, page
    finally:
        with contextlib.suppress(Error):  # closed by hand already
            context.close()


def _grant(folder: Path, origin: str) -> None:
    """Write a profile in which the reader has granted the viewer this origin before."""
    digest = hashlib.sha256(str(EXTENSION).encode()).hexdigest()[:32]
    name = "".join(chr(ord("a") + int(digit, 16)) for digit in digest)
    grant = {
        "api": [],
        "explicit_host": [origin],
        "manifest_permissions": [],
        "scriptable_host": [],
    }
    extension = {"granted_permissions": grant, "runtime_granted_permissions": grant}
    target = folder / "Default" / "Preferences"
    target.parent.mkdir(parents=True)
    target.write_text(json.dumps({"extensions": {"settings": {name: extension}}}), encoding="utf-8")


def _add_server(options: Page, server: str) -> None:
    """Look at the server, pin its key, turn the site on."""
    options.locator("#server > *").first.wait_for()
    options.fill("#address", server)
    options.click("#look")
    options.click("#add-server")
    options.locator("#remove-server").wait_for()
    options.click(f"#on-{SITE}")
    options.locator(f"#off-{SITE}").wait_for()


if __name__ == "__main__":
    sys.exit(main())
