"""Knocking at the door of real workers: one browser of an attacker, or of the owner."""

import contextlib
import dataclasses
import http.client
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

from tests.actions.staff_door import KEYRING
from tests.conftest import Store
from tests.e2e.desk import wait_for
from tests.reliability.storm import Server

WORKERS = 4
_SERVE = ("serve", "--workers", str(WORKERS), "--port")
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
WRONG, THROTTLED, IN, DOWN = 422, 429, 303, 503


@contextlib.contextmanager
def serving(
    store: Store, folder: Path, *, altered: bool = False, **environment: str
) -> Iterator[Server]:
    """The console in four real workers; `altered`: as `altered.py` changes it."""
    module = "tests.reliability.altered" if altered else "shudi.cli"
    server = Server(store.url, folder, ("-m", module, *_SERVE))
    server.environment |= {
        "SHUDI_MIGRATE_DATABASE_URL": store.owner_url,
        "SHUDI_SECRET_KEY": KEYRING.secret_key,
        **environment,
    }
    try:
        start(server)
        yield server
    finally:
        server.kill_group()


def start(server: Server) -> None:
    """Start it, or start it again, and wait until it answers."""
    server.kill_group()
    server.ensure()
    wait_for(f"http://127.0.0.1:{server.port}/healthz")


@dataclasses.dataclass
class Knocker:
    """A browser: its cookies, and a token for its forms."""

    port: int
    cookies: dict[str, str] = dataclasses.field(default_factory=dict)
    token: str = ""
    headers: set[str] = dataclasses.field(default_factory=set)  # names, of the last answer

    def open(self, path: str) -> int:
        """Open a page; its forms' token is kept."""
        status, text = self._ask("GET", path, "", "")
        found = _TOKEN.search(text)
        self.token = found[1] if found else self.token
        return status

    def send(self, path: str, client: str = "", **fields: str) -> int:
        """Send a form, as from the address `client` says."""
        body = urlencode({"csrf_token": self.token, **fields})
        return self._ask("POST", path, body, client)[0]

    def password(self, text: str, *, name: str = "Dora", client: str = "") -> int:
        """Try a password."""
        return self.send("/sign-in", client, name=name, password=text)

    def exchange(
        self, method: str, path: str, client: str, fields: dict[str, str]
    ) -> tuple[int, set[str], str]:
        """Status, names of headers and text of one request; `fields` go with a POST."""
        body = urlencode({"csrf_token": self.token, **fields}) if method == "POST" else ""
        status, text = self._ask(method, path, body, client)
        return status, self.headers, text

    def _ask(self, method: str, path: str, body: str, client: str) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if client:
            headers["X-Forwarded-For"] = client
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            line.request(method, path, body or None, headers)
            answer = line.getresponse()
            self.headers = {name.lower() for name in answer.headers}
            for cookie in answer.headers.get_all("Set-Cookie") or ():
                name, _, rest = cookie.partition("=")
                self.cookies[name] = rest.partition(";")[0]
            return answer.status, answer.read().decode()
        finally:
            line.close()


def hammer(count: int, knock: Callable[[int], int], at_once: int = 8) -> list[tuple[float, int]]:
    """When each of `count` knocks was answered, and how."""

    def one(number: int) -> tuple[float, int]:
        status = knock(number)
        return time.monotonic(), status

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(one, range(count)))


def judged(answers: list[tuple[float, int]], minutes: float) -> int:
    """The most knocks that were looked at within any `minutes`, whole minutes being counted."""
    assert {status for _, status in answers} <= {WRONG, THROTTLED, IN}
    times = sorted(at for at, status in answers if status != THROTTLED)
    window = minutes * 60
    return max((sum(at <= one < at + window for one in times) for at in times), default=0)


def address(number: int) -> str:
    """A different block for each number."""
    return f"10.{number // 250 % 250}.{number % 250}.1"
