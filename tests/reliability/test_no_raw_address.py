"""Acceptance test 8: no address, in no spelling, in no file; and the search would have found it."""

import contextlib
import itertools
import json
import logging
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from shudi import clock
from shudi.accounts.store import Account
from shudi.backups.actions import making
from shudi.cases.queries.held import held_about
from shudi.db import connect
from shudi.db.migrate import migrate, owner_engine
from shudi.settings import Settings
from shudi.staff.rules import Actor
from shudi.worker import Worker
from tests import postgres
from tests.architecture.doors import BASE, Doors
from tests.conftest import Store, left_out
from tests.reliability import canaries

LONG = (pytest.mark.long, pytest.mark.timeout(1800))
COUNTS = [16, pytest.param(1000, marks=LONG)]
PROXY = "203.0.113.9"
HEADERS = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "CF-Connecting-IP", "True-Client-IP")


class Traffic:
    """Everything a careless client, proxy or attacker sends that holds an address."""

    def __init__(self, doors: Doors, answers: Path) -> None:
        self.doors, self.answers = doors, answers

    def send(self, addresses: list[str]) -> None:
        for start in range(0, len(addresses), 10):
            self._sightings(addresses[start : start + 10])
        for at, ip in enumerate(addresses):
            self._bad_bodies(ip)
            self._as_client(ip, at)
            self._as_person(ip)

    def _line(self, account: str, ip: str, **more: str) -> dict[str, str]:
        at = (clock.now() - timedelta(seconds=1)).isoformat()
        return {"site": "forum", "account": account, "ip": ip, "at": at, "kind": "post"} | more

    def _sightings(self, ips: list[str]) -> None:
        good = [self._line(f"user-{at % 20}", ip) for at, ip in enumerate(ips)]
        wrong = [
            self._line("user-1", spoilt)
            for ip in ips
            for spoilt in (f"{ip}:443", f"[{ip}]:443", f"{ip}%eth0", f" {ip}", f"{ip}/24", f"{ip}.")
        ]
        wrong += [
            self._line("user-1", "11.2.3.4", **{name: ips[0]}) for name in ("site", "at", "kind")
        ]
        key = {"Idempotency-Key": f"batch-{ips[0].replace(':', '-').replace('.', '-')}"}
        for body in (good + wrong, good + wrong, good):  # again, and again with another body
            self._program("POST", "/sightings", headers=key, json={"sightings": body})
        lines = "\n".join(json.dumps(line) for line in good)
        self._program("POST", "/sightings", data=lines, content_type="application/x-ndjson")

    def _bad_bodies(self, ip: str) -> None:
        for body, kind in (
            (f'{{"sightings": [{{"ip": "{ip}"', "application/json"),
            (f'{{"sightings": "{ip}"}}', "application/json"),
            (f'{{"{ip}": 1}}', "application/json"),
            (f'{{"ip": "{ip}"}}\n{ip}\n', "application/x-ndjson"),
            (ip, "text/plain"),
            (ip, "multipart/form-data"),
        ):
            self._program("POST", "/sightings", data=body, content_type=kind)
        self._program("GET", f"/labels?site=forum&account=user-1&ip={ip}")
        self._program("GET", "/labels", headers={"Idempotency-Key": ip, "If-None-Match": ip})

    def _as_client(self, ip: str, at: int) -> None:
        """The address of whoever asks: direct, and as a proxy says it."""
        report = {"site": "forum", "account": f"user-{at % 20}", "kind": "other", "text": "?"}
        told = {name: f"for={ip}" if name == "Forwarded" else ip for name in HEADERS}
        for peer, headers in ((ip, {}), (PROXY, told)):
            self._program("POST", "/reports", peer=peer, headers=headers, json=report)
            self._program("GET", "/nowhere", peer=peer, headers=headers)

    def _as_person(self, ip: str) -> None:
        """Failed sign-ins, forged forms, wrong hosts and pages that do not exist."""
        told = dict.fromkeys(HEADERS, ip)
        client = self.doors.console.test_client()
        page = client.get("/sign-in", base_url=BASE, headers=told).text
        token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        for form in (
            {"csrf_token": token, "name": "alice", "password": "wrong"},
            {"csrf_token": ip, "name": "alice", "password": "wrong"},
        ):
            for peer, headers in ((ip, {}), (PROXY, told)):
                answer = client.post(
                    "/sign-in",
                    base_url=BASE,
                    data=form,
                    headers=headers | {"User-Agent": canaries.AGENT},
                    environ_overrides={"REMOTE_ADDR": peer, "REMOTE_PORT": canaries.PORT},
                )
                self._keep(answer.headers.getlist("Set-Cookie"))
        client.get(f"/cases/{ip}?from={ip}", base_url=BASE, environ_overrides={"REMOTE_ADDR": ip})
        client.get("/", base_url=f"https://[{ip}]" if ":" in ip else f"https://{ip}")

    def _program(self, method: str, path: str, *, peer: str = PROXY, **sent: object) -> None:
        headers = {"User-Agent": canaries.AGENT} | (sent.pop("headers", None) or {})
        if path != "/reports":
            headers["Authorization"] = f"Bearer {self.doors.found.key}"
        answer = self.doors.api.test_client().open(
            f"/api/v1{path}",
            method=method,
            headers=headers,
            base_url=BASE,
            environ_overrides={"REMOTE_ADDR": peer, "REMOTE_PORT": canaries.PORT},
            **sent,
        )
        self._keep([str(answer.headers), answer.text])

    def _keep(self, texts: list[str]) -> None:
        with self.answers.open("a", encoding="utf-8") as file:
            file.writelines(f"{text}\n" for text in texts)


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[Path]:
    """Everything that any logger says, at its most talkative."""
    path = tmp_path / "logs" / "all.log"
    path.parent.mkdir()
    handler, root = logging.FileHandler(path, encoding="utf-8"), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield path
    root.setLevel(before)
    root.removeHandler(handler)
    handler.close()


@contextlib.contextmanager
def _closed_log(store: Store) -> Iterator[None]:
    """Every act fails inside the store, errors and all."""
    owner = owner_engine(sa.make_url(store.owner_url))
    for before, after in (("audit", "audit_gone"), ("audit_gone", "audit")):
        with owner.begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {before} RENAME TO {after}")
        if after == "audit_gone":
            yield
    owner.dispose()


@contextlib.contextmanager
def _doors(url: str, var: Path, locator, vocabulary) -> Iterator[Doors]:
    settings = Settings(
        var=var,
        database_url=url,
        secret_key="not-a-secret" * 4,
        trusted_proxies=(ip_network("203.0.113.0/24"),),
        report_limit=5,
    )
    database = connect(url)
    try:
        yield Doors(database, settings, locator, vocabulary)
    finally:
        database.dispose()


def _live(store: Store, var: Path, logs: Path, addresses: list[str], locator, vocabulary) -> None:
    """A day with these addresses, failures included, and the worker's round after it."""
    with _doors(store.url, var, locator, vocabulary) as doors:
        traffic = Traffic(doors, logs.with_name("answers.log"))
        traffic.send(addresses)
        with _closed_log(store):
            traffic.send(addresses[:5])
        worker = Worker(doors.settings, doors.database, vocabulary)
        worker.tick(clock.now(), [*worker.jobs, *worker.sending])
        for sender in worker.senders:
            sender.wait()
        worker.close()
        assert [job.name for job in worker.jobs if job.failed] == []
        _copy(doors, var)
        with doors.database.read_session() as session:
            seen = session.scalar(sa.text("SELECT count(*) FROM tallies WHERE region = 'NL'"))
        assert seen, "no sighting was accepted: this proves nothing"


def _copy(doors: Doors, var: Path) -> None:
    """A backup, unpacked so that it can be searched, and all that is held about one account."""
    kept, copies = var / "backup.zip", var / "copies"
    making.make(
        doors.settings, doors.database, path=kept, actor=Actor.system("test"), now=clock.now()
    )
    with zipfile.ZipFile(kept) as bundle:
        bundle.extractall(copies)
    if doors.database.dialect == "postgresql":  # its own packing would hide what is in it
        subprocess.run(["pg_restore", "--file", copies / "store.sql", copies / "store"], check=True)
    with doors.database.read_session() as session:
        account = session.scalar(sa.select(Account.id).where(Account.account == "user-1"))
        held = held_about(session, account_id=account or 0)
    assert held["days_seen"]
    (copies / "held.json").write_text(json.dumps(held), encoding="utf-8")


def _search(addresses: list[str], places: list[Path], scratch: Path) -> dict[bytes, str]:
    needles = {needle for ip in addresses for needle in canaries.spellings(ip)}
    return canaries.find(needles, places, scratch)


@pytest.mark.parametrize("count", COUNTS)
def test_no_address_stays_with_sqlite(sqlite_template, logs, tmp_path, locator, vocabulary, count):
    days = itertools.count()

    def live(addresses: list[str]) -> dict[bytes, str]:
        var = tmp_path / f"var-{next(days)}"
        var.mkdir()
        path = shutil.copyfile(sqlite_template, var / "shudi.db")
        store = Store("sqlite", f"sqlite:///{path}", f"sqlite:///{path}", path)
        keep_open = connect(store.url)  # so that the last connection does not fold the WAL away
        with keep_open.read_session() as session:
            session.execute(sa.text("SELECT 1"))
            _live(store, var, logs, addresses, locator, vocabulary)
        assert Path(f"{path}-wal").exists()
        found = _search(addresses, [var, logs.parent], tmp_path)
        keep_open.dispose()
        return found

    assert canaries.lasting(live, canaries.draw(count, seed=8)) == {}


@pytest.mark.parametrize("count", COUNTS)
def test_no_address_stays_with_postgresql(
    postgres_cluster, logs, tmp_path, locator, vocabulary, count
):
    clusters = itertools.chain([postgres_cluster], iter(_another_cluster, None))
    days = itertools.count()

    def live(addresses: list[str]) -> dict[bytes, str]:
        cluster, var = next(clusters), tmp_path / f"var-{next(days)}"
        var.mkdir()
        store = Store("postgresql", cluster.url(), cluster.url())
        migrate(store.owner_url)
        _live(store, var, logs, addresses, locator, vocabulary)
        cluster.stop()  # everything is written out
        found = _search(addresses, [var, logs.parent, cluster.home], tmp_path)
        cluster.close()
        return found

    assert canaries.lasting(live, canaries.draw(count, seed=8)) == {}


def _another_cluster() -> postgres.Cluster:
    return postgres.Cluster(postgres.binaries() or left_out(postgres.MISSING))


def test_control_what_is_kept_is_found_again_and_chance_is_not(tmp_path):
    addresses = canaries.draw(40, seed=9)
    kept, chance = tmp_path / "kept", tmp_path / "chance"
    kept.mkdir()
    chance.mkdir()
    lives = []

    def live_and_keep(sent: list[str]) -> dict[bytes, str]:
        lives.append(sent)
        packed = [ip_address(ip).packed for ip in sent if ":" not in ip]
        (kept / str(len(lives))).write_bytes(b"|".join(packed))
        return _search(sent, [kept], tmp_path)

    def live_and_meet(sent: list[str]) -> dict[bytes, str]:
        once = chance / "once"
        if once.exists():
            once.unlink()
        else:
            once.write_bytes(ip_address(sent[0]).packed)
        return _search(sent, [chance], tmp_path)

    assert len(canaries.lasting(live_and_keep, addresses)) == 30
    assert [len(sent) for sent in lives] == [40, 30]
    assert canaries.lasting(live_and_meet, addresses) == {}
    assert not (chance / "once").exists()


def test_control_whatever_is_planted_is_found(tmp_path):
    addresses = canaries.draw(20, seed=9)
    needles = sorted({needle for ip in addresses for needle in canaries.spellings(ip)})
    with contextlib.closing(sqlite3.connect(tmp_path / "planted.db")) as database:
        database.execute("CREATE TABLE planted (at INTEGER PRIMARY KEY, value BLOB)")
        database.executemany(
            "INSERT INTO planted (value) VALUES (?)", [(each,) for each in needles]
        )
        database.commit()
    found = canaries.find(needles, [tmp_path / "planted.db"], tmp_path)
    assert set(needles) - found.keys() == set()
    assert len(needles) > 20 * 40


def test_control_whatever_postgresql_keeps_is_found(postgres_cluster, tmp_path):
    needles = sorted({each for ip in canaries.draw(20, seed=9) for each in canaries.spellings(ip)})
    with psycopg.connect(postgres_cluster.url()) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE planted (value bytea)")
        cursor.executemany("INSERT INTO planted VALUES (%s)", [(each,) for each in needles])
    postgres_cluster.stop()
    found = canaries.find(needles, [postgres_cluster.home], tmp_path)
    assert set(needles) - found.keys() == set()


def test_control_one_careless_line_is_found(tmp_path):
    [ip] = canaries.draw(1, seed=10)
    log = tmp_path / "access.log"
    log.write_text(f'{ip} - - "GET / HTTP/1.1" 200\n')
    assert canaries.find(canaries.spellings(ip), [log], tmp_path) == {ip.encode(): str(log)}
    assert subprocess.run(["grep", "--version"], check=True, capture_output=True).stdout
