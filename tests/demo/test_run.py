"""The whole demo as people start it, and how it ends."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from demo import seed
from demo.people import members
from demo.run import ROOT
from tests.demo.conftest import Demo

START_SECONDS = 90


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def var(demo: Demo, tmp_path: Path) -> Path:
    """The seeded store and the forum's key, in a state folder of this test's own."""
    folder = tmp_path / "var"
    folder.mkdir(mode=0o700)
    demo.database.truncate_log()
    for path in (demo.path, seed.key_path(demo.settings)):
        shutil.copy(path, folder / path.name)
    return folder


def _environment(var: Path, console: int, forum: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHUDI_")}
    return kept | {
        "SHUDI_VAR": str(var),
        "SHUDI_DEMO_PORT": str(console),
        "SHUDI_DEMO_FORUM_PORT": str(forum),
        "PYTHONUNBUFFERED": "1",
    }


def _alive(port: int) -> list[int]:
    """Processes that were started with this port in their environment."""
    mark = f"SHUDI_DEMO_PORT={port}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


@pytest.fixture
def ports() -> Iterator[tuple[int, int]]:
    """Two free ports; whatever still knows them afterwards is ended."""
    pair = (_free_port(), _free_port())
    yield pair
    for pid in _alive(pair[0]):
        os.kill(pid, signal.SIGKILL)


def _wait_for_links(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while "Ctrl-C stops everything" not in (said := log.read_text()):
        assert process.poll() is None, said
        assert time.monotonic() < deadline, said
        time.sleep(0.1)
    return said


in_proc = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="looks processes up in /proc"
)


def _start(var: Path, ports: tuple[int, int], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "demo.run"],
            cwd=ROOT,
            env=_environment(var, *ports),
            stdout=out,
            stderr=subprocess.STDOUT,
        )


def profiles_show_the_keyed_label(forum: str, console: int, var: Path) -> None:
    """Nothing stands in for anything: the forum asks the API with its own key, and so do we."""
    shown = {}
    for person in members()[:40]:
        answer = requests.get(
            f"http://127.0.0.1:{console}/api/v1/labels",
            params={"site": "teahouse", "account": person.account},
            headers={"Authorization": f"Bearer {(var / seed.KEY_FILE).read_text()}"},
            timeout=5,
        )
        [label] = answer.json()["labels"]
        page = requests.get(f"{forum}/u/{person.handle}", timeout=5).text
        assert f'data-location="{label["state"]}"' in page
        if label["state"] == "labelled":
            assert label["names"]["en"] in page
        shown[label["state"]] = person
    assert "labelled" in shown
    own = requests.post(
        f"{forum}/u/{shown['labelled'].handle}/own-page", allow_redirects=False, timeout=5
    )
    assert own.status_code == 303
    assert own.headers["Location"].startswith(f"http://localhost:{console}/holder/")


@in_proc
def test_the_demo_serves_prints_links_and_leaves_nothing_running(
    var: Path, ports: tuple[int, int], tmp_path: Path
):
    console, forum = ports
    log = tmp_path / "log"
    process = _start(var, ports, log)
    try:
        said = _wait_for_links(process, log)
        assert said.count(f"http://localhost:{console}/demo-sign-in/") == 7
        assert requests.get(f"http://127.0.0.1:{console}/readyz", timeout=5).ok
        home = requests.get(f"http://127.0.0.1:{forum}/", timeout=5)
        assert home.ok
        assert "Teahouse" in home.text
        profiles_show_the_keyed_label(f"http://127.0.0.1:{forum}", console, var)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    assert process.returncode == 0
    assert _alive(console) == []


@in_proc
def test_nothing_outlives_a_demo_that_is_killed(var: Path, ports: tuple[int, int], tmp_path: Path):
    log = tmp_path / "log"
    process = _start(var, ports, log)
    _wait_for_links(process, log)
    assert len(_alive(ports[0])) > 3
    process.kill()
    process.wait()
    deadline = time.monotonic() + START_SECONDS
    while left := _alive(ports[0]):
        assert time.monotonic() < deadline, f"still running: {left}"
        time.sleep(0.2)


def test_a_port_in_use_is_said_before_anything_is_started(var: Path, ports: tuple[int, int]):
    with socket.socket() as other:
        other.bind(("127.0.0.1", ports[0]))
        other.listen()
        done = subprocess.run(
            [sys.executable, "-m", "demo.run"],
            cwd=ROOT,
            env=_environment(var, *ports),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert f"Port {ports[0]} is in use" in done.stderr
