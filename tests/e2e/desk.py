"""A whole installation of real processes, and the acts of the people in it."""

import contextlib
import dataclasses
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyotp
from playwright.sync_api import Page

from tests.conftest import Store

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "four invented words here"


def free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclasses.dataclass
class Installation:
    """`shudi serve` and `shudi worker` on one store, and the demo community beside them."""

    url: str
    pages: str
    environment: dict[str, str]

    def shudi(self, *arguments: str) -> str:
        """Run a command; its output. Fails on a refusal."""
        command = [sys.executable, "-m", "shudi.cli", *arguments]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False, cwd=ROOT
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def call(self, method: str, path: str, key: str, body: object = None) -> dict[str, Any]:
        """Call the API as a platform does."""
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}/api/v1{path}", data=data, headers=headers, method=method
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            text = answer.read()
        return json.loads(text) if text else {}


@contextlib.contextmanager
def installation(
    store: Store, folder: Path, more: Callable[[str], Mapping[str, str]] = lambda _: {}
) -> Iterator[Installation]:
    """Start everything; stop everything. `more`: what else is set, given the desk's address."""
    port, forum_port = free_port(), free_port()
    url, pages = f"http://localhost:{port}", f"http://127.0.0.1:{forum_port}"
    environment = os.environ | {
        "SHUDI_VAR": str(folder / "var"),
        "SHUDI_DATABASE_URL": store.url,
        "SHUDI_MIGRATE_DATABASE_URL": store.owner_url,
        "SHUDI_BASE_URL": url,
        "SHUDI_PUBLISH_SECONDS": "0.5",
        "SHUDI_DEMO_FORUM_PORT": str(forum_port),
        **more(url),
    }
    with contextlib.ExitStack() as stack:
        log = stack.enter_context((folder / "processes.log").open("wb"))
        made = Installation(url, pages, environment)
        made.shudi("migrate")
        for arguments in (
            ["shudi.cli", "serve", "--port", str(port), "--workers", "2"],
            ["shudi.cli", "worker"],
            ["demo.forum"],
        ):
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                env=environment,
                stdout=log,
                stderr=log,
                cwd=ROOT,
            )
            stack.callback(stop, process)
        wait_for(f"{url}/readyz")
        wait_for(f"{pages}/healthz")
        yield made


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process; kill it if it does not listen."""
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(url: str, seconds: float = 60) -> None:
    """Until `url` answers 200."""
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def enrol(page: Page, link: str) -> pyotp.TOTP:
    """Set password and second factor through a single-use link; the person's app.

    The code of the step before is given (it is still good), so that signing in can use this one.
    """
    page.goto(link)
    secret = "".join(page.locator(".enrol-key code").all_inner_texts())
    app = pyotp.TOTP(secret.replace(" ", ""))
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_label("Code").fill(code_before(app))
    page.get_by_role("button", name="Finish and sign in").click()
    page.get_by_role("link", name="I have kept them").click()
    accept(page)
    return app


def code_before(app: pyotp.TOTP, margin: float = 10) -> str:
    """The code of the step before this one, good for `margin` seconds at least."""
    if (left := 30 - time.time() % 30) < margin:
        time.sleep(left)
    return app.at(time.time() - 30)


def accept(page: Page) -> None:
    """Read and accept the agreement on personal data, if it is asked for; then the overview."""
    page.wait_for_url(re.compile(r"//[^/]+/(agreement\?.*)?$"))
    if "/agreement" in page.url:
        page.get_by_role("button", name="I have read this and accept it").click()
    page.get_by_role("heading", level=1, name="Overview").wait_for()


def sign_out(page: Page) -> None:
    """Leave."""
    page.get_by_role("button", name="Sign out").first.click()
    page.get_by_role("heading", name="Sign in").wait_for()


def sign_in(page: Page, url: str, name: str, app: pyotp.TOTP) -> None:
    """Password, then a code of this moment."""
    page.goto(f"{url}/sign-in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Code", exact=True).fill(app.now())
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Sign in").wait_for(state="detached")
