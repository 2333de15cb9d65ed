"""`make run`: the console and API, their worker, and the community beside them.

Three processes, one terminal. All of them end when this one does.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import requests

from demo import places
from demo.links import print_links
from demo.seed import is_demo, new_key, seed_if_empty
from shudi import settings as settings_module
from shudi.db import connect
from shudi.db.migrate import migrate
from shudi.errors import ShudiError
from shudi.settings import Settings, SettingsError

ROOT = Path(__file__).resolve().parent.parent
_START_SECONDS = 60.0
_STOP_SECONDS = 12.0
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_SHUDI = (sys.executable, "-c", "from shudi.cli import main; main()")
COMMANDS = {
    "console and API": (
        *(*_SHUDI, "serve", "--host", "127.0.0.1"),
        *("--port", str(places.CONSOLE_PORT)),
    ),
    "worker": (*_SHUDI, "worker"),
    "community": (sys.executable, "-m", "demo.forum"),
}


def main() -> int:
    """Run the demo until it is interrupted; returns the exit code."""
    os.chdir(ROOT)
    os.environ.setdefault("SHUDI_BASE_URL", f"http://localhost:{places.CONSOLE_PORT}")
    stop = threading.Event()
    try:
        taken = [port for port in (places.CONSOLE_PORT, places.FORUM_PORT) if not _free(port)]
        if taken:
            names = "SHUDI_DEMO_PORT or SHUDI_DEMO_FORUM_PORT"
            print(f"Port {taken[0]} is in use: end what uses it, or set {names}.", file=sys.stderr)
            return 1
        settings = settings_module.load()
        _prepare(settings)
        _stop_on_signals(stop)
        with _children() as children:
            return _serve(settings, children, stop)
    except KeyboardInterrupt:
        print("\nStopped before anything was served.", file=sys.stderr)
        return 130
    except (ShudiError, SettingsError) as error:
        print(f"shudi: {error}", file=sys.stderr)
        return 1


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _prepare(settings: Settings) -> None:
    """A migrated store, seeded if it was empty, and a key for the community."""
    migrate(settings.migrate_database_url or settings.database_url, app_url=settings.database_url)
    database = connect(settings.database_url)
    try:
        seed_if_empty(settings, database)
        if is_demo(database):
            new_key(settings, database)
    finally:
        database.dispose()


def _stop_on_signals(stop: threading.Event) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())


def _ending_with_us() -> Callable[[], None] | None:
    """What a child calls first, so that it is asked to stop even when we are killed outright
    and can ask nobody any more. Only Linux knows how; elsewhere None.
    """
    if sys.platform != "linux":
        return None
    prctl, us = ctypes.CDLL(None).prctl, os.getpid()

    def follow() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != us:  # we ended before the line above
            os._exit(1)

    return follow


@contextlib.contextmanager
def _children() -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """The processes, in sessions of their own: an interrupt reaches them through us, once."""
    running: dict[str, subprocess.Popen[bytes]] = {}
    end_with_us = _ending_with_us()
    try:
        for name, command in COMMANDS.items():
            running[name] = subprocess.Popen(  # noqa: S603
                command,
                start_new_session=True,
                preexec_fn=end_with_us,  # noqa: PLW1509 -- there are no threads yet
            )
        yield running
    finally:
        for child in running.values():
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for child in running.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                # its session holds its workers too
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()


def _serve(
    settings: Settings, children: dict[str, subprocess.Popen[bytes]], stop: threading.Event
) -> int:
    told = False
    began = time.monotonic()
    while not stop.wait(0.25):
        gone = next((name for name, child in children.items() if child.poll() is not None), None)
        if gone is not None:
            print(f"The {gone} ended; stopping the rest.", file=sys.stderr)
            return 1
        if not told and _healthy():
            _tell(settings)
            told = True
        if not told and time.monotonic() - began > _START_SECONDS:
            print("The demo did not start within a minute; stopping.", file=sys.stderr)
            return 1
    print("\nStopping.", flush=True)
    return 0


def _healthy() -> bool:
    addresses = (
        f"http://127.0.0.1:{places.CONSOLE_PORT}/readyz",
        f"{places.FORUM_URL}/healthz",
    )
    with requests.Session() as session:
        session.trust_env = False
        try:
            return all(session.get(address, timeout=2).ok for address in addresses)
        except requests.RequestException:
            return False


def _tell(settings: Settings) -> None:
    base = settings.base_url.rstrip("/")
    print(f"\n  Console      {base}\n  API          {base}/api/v1/docs")
    print(f"  Community    {places.FORUM_URL}")
    database = connect(settings.database_url)
    try:
        if is_demo(database):
            print_links(settings, database)
            print("A brake holds Teahouse's label changes, new sightings too, until the senior")
            print("decides it in the queue. Labels in a browser: make viewer-demo.")
        else:
            print("\nThis store was not seeded by shudi demo: sign in as its people do.")
    finally:
        database.dispose()
    print("Ctrl-C stops everything.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
