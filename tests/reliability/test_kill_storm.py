"""Acceptance tests 1 and 2: SIGKILL at any moment loses nothing, doubles nothing, halves nothing."""

import contextlib
import dataclasses
import gc
import json
import os
import signal
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from shudi.audit.queries import verify
from shudi.audit.store import AuditRow
from shudi.clients.actions import create_key
from shudi.clients.rules import ANSWERS_KEPT, Scope
from shudi.clients.store import IdempotentAnswer
from shudi.clock import now
from shudi.db import Database, connect, sqlite
from shudi.db.migrate import migrate
from shudi.labels.store import Label
from shudi.sites.actions import create_site
from shudi.staff.rules import Actor
from tests import postgres
from tests.reliability.storm import (
    EDITS,
    KINDS,
    PRODUCT,
    SITE,
    TORN,
    Batch,
    Client,
    Killer,
    Report,
    Server,
)

SEED = 20261
CLIENTS, KEYS = 4, 12
LONG = (pytest.mark.long, pytest.mark.timeout(3600))
SIZES = [
    pytest.param((3, 200, 8), id="short"),
    pytest.param((360, 30_000, 0), id="full", marks=LONG),
]


class Ground:
    """A migrated store that a server can be started on."""

    def __init__(self, url: str, folder: Path, cluster: postgres.Cluster | None) -> None:
        self.url, self.folder, self.cluster = url, folder, cluster

    @contextlib.contextmanager
    def server(self, command: Sequence[str] = PRODUCT) -> Iterator[Server]:
        """Started anew as often as it is killed; gone afterwards."""
        server = Server(self.url, self.folder, command)
        try:
            yield server
        finally:
            server.kill_group()

    @contextlib.contextmanager
    def commits(self) -> Iterator[Callable[[], int]]:
        """Something cheap that changes with every commit of somebody else."""
        if self.cluster is None:
            module = sqlite.driver()
            with contextlib.closing(module.connect(sa.make_url(self.url).database)) as line:
                yield lambda: int(line.execute("PRAGMA data_version").fetchone()[0])
            return
        rows = Counter(self.url)
        try:
            yield rows.count
        finally:
            rows.close()

    def clients(self, server: Server, *, keyed: bool = True) -> list[Client]:
        """A site, and four clients, each with a purse of keys."""
        who, scopes, database = Actor.system("test"), [Scope.SIGHTINGS_WRITE], connect(self.url)
        with database.transaction() as session:
            create_site(
                session, actor=who, key=SITE, name="F", match=["https://f.example/*"], now=now()
            )
            keys = [
                create_key(session, actor=who, name=f"storm-{at}", scopes=scopes, now=now())[1]
                for at in range(CLIENTS * KEYS)
            ]
        database.dispose()
        return [Client(at, server, keys[at::CLIENTS], keyed=keyed) for at in range(CLIENTS)]


@pytest.fixture(params=["sqlite", "postgresql"])
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ground]:
    """A file, or a cluster of this test's own that may be killed too."""
    (tmp_path / "var").mkdir(mode=0o700)
    cluster: postgres.Cluster | None = None
    if request.param == "postgresql":
        cluster = request.getfixturevalue("postgres_cluster")
    url = cluster.url() if cluster else f"sqlite:///{tmp_path}/var/shudi.db"
    migrate(url)
    yield Ground(url, tmp_path, cluster)
    # A PostgreSQL that is killed while a connection is being set up leaves one that nobody holds:
    # it goes here, not in the middle of whichever test runs next.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


class Counter:
    """Counts the log's rows over a connection that may be cut."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._line: psycopg.Connection[tuple[int]] | None = None

    def count(self) -> int:
        """The last row's number, or -1 where nothing answers."""
        try:
            if self._line is None or self._line.closed:
                self._line = psycopg.connect(self._url, autocommit=True)
            row = self._line.execute("SELECT max(seq) FROM audit").fetchone()
        except psycopg.OperationalError:
            self.close()
            return -1
        return row[0] if row else 0

    def close(self) -> None:
        """Hang up."""
        if self._line is not None:
            self._line.close()
            self._line = None


class Ledger:
    """Compares labels with the log: each counts the displayed changes, in its own way."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._last = self._changed = self.batches = 0

    def differ(self) -> int:
        """Changes of labels without audit, or audit without change, in one snapshot."""
        with self._database.read_session() as session:
            rows = session.execute(
                sa.select(AuditRow.seq, AuditRow.after)
                .where(AuditRow.seq > self._last, AuditRow.action == "sightings.taken")
                .order_by(AuditRow.seq)
            ).all()
            versions = session.scalar(sa.select(sa.func.sum(Label.version))) or 0
        for seq, after in rows:
            values = json.loads(after) if isinstance(after, str) else after
            self._last, self._changed = seq, self._changed + int(values["changed"])
        self.batches += len(rows)
        return abs(self._changed - int(versions))

    def damaged(self) -> bool:
        """Whether SQLite finds its file in disorder."""
        if self._database.dialect != "sqlite":
            return False
        with self._database.read_session() as session:
            return session.scalar(sa.text("PRAGMA quick_check")) != "ok"


def storm(
    ground: Ground,
    server: Server,
    clients: Sequence[Client],
    enough: Callable[[Report], bool],
    kinds: Sequence[str] = KINDS,
) -> Report:
    """Kill until it is enough, then let every batch come to its end and count."""
    database, report = connect(ground.url), Report(SEED)
    ledger = Ledger(database)
    with ground.commits() as commits:
        killer = Killer(server, clients, report, ground.cluster, commits, kinds)
        server.ensure()
        for client in clients:
            client.start()
        killer.wait_for_answer(time.monotonic())
        report.recoveries.clear()  # the first start is no recovery
        while not enough(report):
            killer.strike(killer.choose())
            since = time.monotonic()
            look(server, report, ledger, killer)
            killer.wait_for_answer(since)
            report.acked = killer.acked
    settle(server, clients)
    count(report, database, ledger, clients)
    database.dispose()
    return report


def look(server: Server, report: Report, ledger: Ledger, killer: Killer) -> None:
    """What the kill left, before anything is started anew."""
    report.half_applied += ledger.differ() > 0
    report.damaged += ledger.damaged()
    if not server.running:  # nothing is on its way, so nothing is counted too early
        report.unheard += max(0, ledger.batches - killer.acked)


def settle(server: Server, clients: Sequence[Client]) -> None:
    """Every client's last batch is answered."""
    for client in clients:
        client.stop.set()
    while any(client.is_alive() for client in clients):
        server.ensure()
        time.sleep(0.05)
    assert [client.problem for client in clients if client.problem] == []


def count(report: Report, database: Database, ledger: Ledger, clients: Sequence[Client]) -> None:
    """Compare what was acknowledged with what is there."""
    report.half_applied += ledger.differ() > 0
    report.acked = sum(client.acked for client in clients)
    report.doubled = ledger.batches - report.acked
    for name in ("ambiguous", "refused", "unavailable"):
        setattr(report, name, sum(getattr(client, name) for client in clients))
    with database.read_session() as session:
        verdict = verify(session)
        rows = session.execute(sa.select(Label.account, Label.version, Label.region)).all()
    assert verdict.ok, verdict
    there = {account: (version, region) for account, version, region in rows}
    for client in clients:
        for account, (version, place) in client.expected.items():
            found = there.get(account, (0, ""))
            report.lost += max(0, version - found[0]) or (version > 0 and found[1] != place)


@pytest.mark.parametrize("size", SIZES)
def test_a_storm_of_kills_loses_doubles_and_halves_nothing(ground: Ground, size, record_property):
    kills, edits, seconds = size
    begun = time.monotonic()

    def enough(report: Report) -> bool:
        done = sum(report.kills.values()) >= kills and report.acked * EDITS >= edits
        return done and time.monotonic() - begun >= seconds

    with ground.server() as server:
        clients = ground.clients(server)
        report = storm(ground, server, clients, enough)
        record_property("storm", f"{'PostgreSQL' if ground.cluster else 'SQLite'}: {report}")
        again(server, clients, ground)
    assert (report.lost, report.doubled, report.half_applied, report.damaged) == (0, 0, 0, 0), str(
        report
    )
    assert report.ambiguous >= (100 if kills >= 360 else 1), str(report)
    assert report.unheard or kills < 360, str(report)
    if kills >= 360:  # a short run on a busy machine says nothing about seconds
        assert max(report.recoveries) <= 5, str(report)
        if ground.cluster:
            assert report.kills["postgres"] >= 60, str(report)


def again(server: Server, clients: Sequence[Client], ground: Ground) -> None:
    """Every acknowledged key still has its answer: the same body gets it, another is refused."""
    assert timedelta(hours=24) <= ANSWERS_KEPT
    database = connect(ground.url)
    before = _batches(database)
    server.ensure()
    for client in clients:
        for batch in client.told[:: max(1, len(client.told) // 25)]:
            same = retried(client, batch)
            assert (same[0], same[2]["accepted"]) == (200, EDITS)
            changed = batch.body.replace(b'"post"', b'"vote"')
            other = retried(client, dataclasses.replace(batch, body=changed))
            assert (other[0], other[2]["code"]) == (422, "idempotency-mismatch")
        client.close()
    with database.read_session() as session:
        kept = session.scalar(sa.select(sa.func.count()).select_from(IdempotentAnswer))
    assert kept == sum(client.acked for client in clients)
    assert _batches(database) == before
    database.dispose()


def retried(client: Client, batch: Batch) -> tuple[int, str | None, dict[str, object]]:
    """The server's answer, once it is there to give one."""
    for _ in range(600):
        answer = client.post(batch)
        if answer[0] not in (0, 503):
            return answer
        time.sleep(0.1)
    raise AssertionError("the server did not come back")


def _batches(database: Database) -> int:
    with database.read_session() as session:
        query = sa.select(sa.func.count()).where(AuditRow.action == "sightings.taken")
        return session.scalar(query) or 0


def test_a_killed_worker_is_replaced_while_the_other_answers(ground: Ground):
    with ground.server() as server:
        (client, *_) = ground.clients(server)
        server.ensure()
        client.start()
        wait_until(lambda: client.acked > 2)
        first = set(server.workers())
        assert len(first) == 2
        os.kill(first.pop(), signal.SIGKILL)
        acked = client.acked
        wait_until(lambda: client.acked > acked + 2 and len(server.workers()) == 2)
        assert first < set(server.workers()), "the other was taken down, too"
        settle(server, [client])


def wait_until(done: Callable[[], bool], seconds: float = 60) -> None:
    """Until it is so."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_control_without_an_idempotency_key_a_repeated_batch_counts_twice(ground: Ground):
    with ground.server() as server:
        clients = ground.clients(server, keyed=False)
        report = storm(
            ground,
            server,
            clients,
            lambda report: report.unheard > 0 or sum(report.kills.values()) >= 40,
            ("at a commit",),
        )
    assert report.doubled > 0, str(report)


def test_control_without_one_transaction_labels_and_log_part(ground: Ground):
    with ground.server(TORN) as server:
        report = storm(
            ground,
            server,
            ground.clients(server),
            lambda report: report.half_applied > 0 or sum(report.kills.values()) >= 40,
        )
    assert report.half_applied > 0, str(report)
