"""Acceptance test 35: no secret in any log, and one event is one line."""

import logging
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from shudi import clock, logs
from shudi.db.migrate import owner_engine
from shudi.staff.actions import create_staff, make_link
from shudi.staff.rules import Role
from shudi.staff.store import LinkPurpose
from tests.architecture.doors import BASE, Doors
from tests.conftest import Store
from tests.people import SYSTEM
from tests.reliability.test_no_raw_address import _closed_log as closed_log

PASSWORD = "canary three small boats at dusk"
FORGED = "eve\r\nERROR console all is well\x1b[2J\u2028ERROR shudi all is well"
_TOTP_GROUP = re.compile(r"<code>([A-Z2-7]{4})</code>")  # as the enrolment page shows it
LINE = re.compile(r"(DEBUG|INFO|WARNING|ERROR|CRITICAL) [\w.]+ ")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """Everything that any logger says, at its most talkative, as the product writes it."""
    path = tmp_path / "all.log"
    handler, root = logging.FileHandler(path, encoding="utf-8"), logging.getLogger()
    handler.setFormatter(logs.OneLine("%(levelname)s %(name)s %(message)s"))
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield path
    root.setLevel(before)
    root.removeHandler(handler)
    handler.close()


@pytest.fixture
def doors(database, settings, locator, vocabulary) -> Doors:
    return Doors(database, settings, locator, vocabulary)


class Secrets:
    """What goes through the doors and must not stay at them."""

    def __init__(self, doors: Doors) -> None:
        self.doors, self.said = doors, {PASSWORD}
        self.client = doors.console.test_client()
        self.link = self._invited()

    def everything(self) -> None:
        self._enrol()
        self._sign_in()
        self._program()
        self._holder()

    def _form(self, path: str, **fields: str) -> None:
        page = self.client.get(path, base_url=BASE, follow_redirects=True).text
        token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        self.said |= {token} - {""}
        groups = _TOTP_GROUP.findall(page)
        self.said |= {"".join(groups), " ".join(groups)} - {""}
        answer = self.client.post(
            path,
            base_url=BASE,
            data={"csrf_token": token, **fields},
            headers={"Referer": f"{BASE}/{fields.get('name', '')!r}", "Origin": BASE},
        )
        self._cookies(answer.headers.getlist("Set-Cookie"))

    def _cookies(self, lines: list[str]) -> None:
        values = [line.partition("=")[2].partition(";")[0] for line in lines]
        self.said |= {value for value in values if len(value) > 8}

    def _invited(self) -> str:
        with self.doors.database.transaction() as session:
            staff_id = create_staff(
                session, actor=SYSTEM, name="dora", role=Role.MODERATOR, now=clock.now()
            )
            purpose, now = LinkPurpose.ENROL, clock.now()
            return make_link(session, actor=SYSTEM, staff_id=staff_id, purpose=purpose, now=now)

    def _enrol(self) -> None:
        self.said.add(self.link)
        self._form(f"/enrol/{self.link}", password=PASSWORD, repeat=PASSWORD, code="000000")

    def _sign_in(self) -> None:
        for name in ("alice", "nobody", FORGED):
            self._form("/sign-in", name=name, password=PASSWORD)
        self._form("/sign-in/code", code="123456")
        browser = self.doors.console.test_client()
        browser.set_cookie("__Host-shudi", "canary-session-token-0123456789", secure=True)
        self.said.add("canary-session-token-0123456789")
        browser.get(f"/find?q={FORGED!r}", base_url=BASE)
        browser.get("/queue", base_url=BASE, headers={"User-Agent": repr(FORGED)})

    def _program(self) -> None:
        key = "shudi_" + "canary-key-" * 3 + "0123456789"
        self.said |= {key, self.doors.found.key}
        client = self.doors.api.test_client()
        for headers in (
            {"Authorization": f"Bearer {key}"},
            {"Authorization": f"Bearer {self.doors.found.key}"},
            {"Authorization": key, "Idempotency-Key": key},
        ):
            for path in ("/api/v1/labels?site=forum&account=user-1", f"/api/v1/labels?key={key}"):
                client.get(path, base_url=BASE, headers=headers)
            client.post(
                "/api/v1/sightings",
                base_url=BASE,
                headers=headers,
                json={"sightings": [{"site": FORGED, "account": FORGED, "kind": key}]},
            )
            client.post("/api/v1/reports", base_url=BASE, headers=headers, json={"site": FORGED})

    def _holder(self) -> None:
        self.said |= {self.doors.found.holder_link} - {""}
        self.client.get(f"/holder/{self.doors.found.holder_link}", base_url=BASE)


def found_in(path: Path, words: set[str]) -> list[str]:
    """Those of `words` that stand in the file."""
    text = path.read_text(encoding="utf-8")
    return [word for word in sorted(words) if word in text]


def test_no_secret_is_in_the_log_and_each_event_is_one_line(doors, log, store: Store):
    secrets = Secrets(doors)
    secrets.everything()
    with closed_log(store):  # every act fails inside the store, errors, tracebacks and all
        secrets.everything()
    assert len(secrets.said) >= 8
    assert any(re.fullmatch("[A-Z2-7]{32}", word) for word in secrets.said)
    assert found_in(log, secrets.said) == []
    lines = log.read_text(encoding="utf-8").splitlines()
    assert any("Traceback" in line for line in lines), "nothing failed: this proves little"
    assert [line for line in lines if not LINE.match(line)] == []
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", log.read_text(encoding="utf-8"))


def test_control_a_careless_line_is_found(doors, log):
    secrets = Secrets(doors)
    secrets.everything()
    logging.getLogger("careless").info("signed in with %s", PASSWORD)
    assert found_in(log, secrets.said) == [PASSWORD]


def test_control_as_pythons_own_formatter_writes_it_a_stranger_adds_lines(tmp_path):
    record = logging.LogRecord("shudi", logging.ERROR, __file__, 1, "no such: %s", (FORGED,), None)
    plain = logging.Formatter("%(levelname)s %(name)s %(message)s").format(record)
    ours = logs.OneLine("%(levelname)s %(name)s %(message)s").format(record)
    assert len(plain.splitlines()) == 3
    assert ours.splitlines() == [ours]
    assert "\\r\\nERROR console all is well\\x1b[2J\\u2028" in ours
    assert "属地" in logs.OneLine("%(message)s").format(
        logging.LogRecord("shudi", logging.INFO, __file__, 1, "属地", None, None)
    )


@pytest.fixture
def served(sqlite_store: Store, settings, tmp_path) -> Iterator[tuple[int, Path]]:
    """(port, log) of `shudi serve`, as it is run."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    said = tmp_path / "served.log"
    environ = os.environ | {"SHUDI_VAR": str(settings.var), "SHUDI_DATABASE_URL": sqlite_store.url}
    command = [sys.executable, "-m", "shudi.cli", "serve", "--port", str(port), "--workers", "1"]
    with said.open("wb") as file:
        process = subprocess.Popen(command, env=environ, stdout=file, stderr=file)
    try:
        ask(port, "/healthz", tries=300)
        yield port, said
    finally:
        process.terminate()
        process.wait(30)


def ask(port: int, path: str, *, tries: int = 1) -> int:
    """The status that the server answers with."""
    for _ in range(tries):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
                line.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost:8000\r\n\r\n".encode())
                return int(line.recv(64).split()[1])
        except ConnectionError:
            time.sleep(0.1)
    raise ConnectionError(path)


def test_the_server_writes_one_line_an_event(served: tuple[int, Path], sqlite_store: Store):
    port, said = served
    owner = owner_engine(sa.make_url(sqlite_store.owner_url))
    with owner.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE sites RENAME TO sites_gone")
    owner.dispose()
    assert ask(port, "/api/v1/sites?key=shudi_canary") in (400, 422, 500, 503)
    assert ask(port, "/api/v1/sites") in (500, 503)
    deadline = clock.now() + timedelta(seconds=20)
    while "Traceback" not in said.read_text("utf-8") and clock.now() < deadline:
        time.sleep(0.1)
    lines = said.read_text("utf-8").splitlines()
    assert any("Traceback" in line for line in lines)
    assert [line for line in lines if not LINE.match(line)] == []
    assert "shudi_canary" not in said.read_text("utf-8")
