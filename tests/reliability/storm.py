"""A server that is killed again and again, and clients who write down what it told them."""

import contextlib
import dataclasses
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.e2e.desk import ROOT, free_port
from tests.postgres import Cluster

SITE = "forum"
ACCOUNTS, EDITS = 50, 20  # of each client; 4 clients edit 200 labels
# Addresses of public resolvers, and where the bundled database places them.
PLACES = (("1.2.4.8", "CN-BJ"), ("8.8.8.8", "US"))
PRODUCT = ("-m", "shudi.cli", "serve", "--workers", "2", "--port")
KINDS = ("worker", "group", "at a commit")
TORN = ("-m", "benchmarks.serve", "tests.reliability.torn:app")


class Server:
    """Real server processes in a group of their own, with every brake released."""

    def __init__(self, url: str, folder: Path, command: Sequence[str] = PRODUCT) -> None:
        self.port = free_port()
        self.environment = os.environ | {
            "SHUDI_VAR": str(folder / "var"),
            "SHUDI_DATABASE_URL": url,
            "SHUDI_BASE_URL": f"http://127.0.0.1:{self.port}",
            "SHUDI_BRAKE_MINIMUM": "1000000000",
            "SHUDI_BRAKE_REGION": "1000000000",
        }
        self.log = folder / "server.log"
        self._command = [sys.executable, *command, str(self.port)]
        self._process: subprocess.Popen[bytes] | None = None

    def ensure(self) -> None:
        """Start it if it does not run, as a supervisor does."""
        if self._process is None or self._process.poll() is not None:
            self.kill_group()  # a worker may outlive its master
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    self._command,
                    env=self.environment,
                    stdout=log,
                    stderr=log,
                    cwd=ROOT,
                    start_new_session=True,
                )

    @property
    def running(self) -> bool:
        """Whether it was started since it was last killed."""
        return self._process is not None

    def workers(self) -> list[int]:
        """The processes that answer requests."""
        if self._process is None:
            return []
        try:
            text = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text()
            return [pid for pid in map(int, text.split()) if _is_worker(pid)]
        except OSError:  # it has just ended
            return []

    def kill_group(self) -> None:
        """`kill -9` of every process of the server."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


def _is_worker(pid: int) -> bool:
    return b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()


@dataclasses.dataclass(frozen=True, slots=True)
class Batch:
    """One request: its API key, its Idempotency-Key and its body."""

    key: str
    repeat: str
    body: bytes


class Client(threading.Thread):
    """Moves its accounts between two places, batch by batch; repeats what was not answered.

    `acked` counts batches, `told` holds each one, `expected` what the store must say of each
    account: how often its label changed, and its place. API keys take turns, because a process
    that is killed takes a twentieth of a key's allowance of the minute with it.
    """

    def __init__(
        self, number: int, server: Server, keys: Sequence[str], *, keyed: bool = True
    ) -> None:
        super().__init__(daemon=True)
        self.stop = threading.Event()
        self.acked = self.ambiguous = self.refused = self.unavailable = 0
        self.told: list[Batch] = []
        self.expected = {f"c{number}-{at}": (0, "") for at in range(ACCOUNTS)}
        self.problem = ""
        self._names = list(self.expected)
        self._server, self._keys, self._keyed = server, keys, keyed
        self._line: http.client.HTTPConnection | None = None
        self._clock = datetime.now(UTC) - timedelta(hours=2)

    def run(self) -> None:
        """Until told to stop; the batch on its way is still brought to its end."""
        try:
            while not self.stop.is_set():
                self._carry()
        except Exception as error:  # noqa: BLE001 -- the test reads it
            self.problem = repr(error)
        finally:
            self.close()

    def close(self) -> None:
        """Hang up."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def _carry(self) -> None:
        names = [self._names[(self.acked * EDITS + at) % ACCOUNTS] for at in range(EDITS)]
        moves = {name: PLACES[self.expected[name][0] % 2] for name in names}
        self._clock += timedelta(milliseconds=1)
        at = self._clock.isoformat()
        lines = [
            {"site": SITE, "account": name, "ip": ip, "at": at, "kind": "post"}
            for name, (ip, _) in moves.items()
        ]
        key = self._keys[self.acked % len(self._keys)]
        batch = Batch(key, uuid.uuid4().hex, json.dumps({"sightings": lines}).encode())
        deadline = time.monotonic() + 120
        while (answer := self.send(batch)) is None:
            assert time.monotonic() < deadline, "no answer for two minutes"
            time.sleep(0.02)
        assert answer == {"accepted": EDITS, "rejected": 0, "errors": []}, answer
        for name, (_, place) in moves.items():
            self.expected[name] = (self.expected[name][0] + 1, place)
        self.told.append(batch)
        self.acked += 1

    def send(self, batch: Batch) -> dict[str, object] | None:
        """The answer, or None where there was none; 503 must say when to come back."""
        status, after, answer = self.post(batch)
        if status == 0:
            return None
        if status == 503:
            assert after, "503 without Retry-After"
            self.unavailable += 1
            return None
        assert status == 200, (status, answer)
        return answer

    def post(self, batch: Batch) -> tuple[int, str | None, dict[str, object]]:
        """(status, Retry-After, body); status 0 where nothing came back."""
        headers = {"Authorization": f"Bearer {batch.key}", "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": batch.repeat} if self._keyed else {}
        try:
            if self._line is None:
                self._line = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=30)
                self._line.connect()
        except OSError:
            self.close()
            self.refused += 1
            return 0, None, {}
        try:
            self._line.request("POST", "/api/v1/sightings", batch.body, headers)
            answer = self._line.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            self.ambiguous += 1
            return 0, None, {}
        return answer.status, answer.getheader("Retry-After"), json.loads(text)


@dataclasses.dataclass
class Report:
    """What the storm was, and what it left.

    `recoveries`: seconds from a kill to the next answer. `unheard`: batches that were committed
    when the server died, before their client was told.
    """

    seed: int
    kills: dict[str, int] = dataclasses.field(default_factory=dict)
    recoveries: list[float] = dataclasses.field(default_factory=list)
    acked: int = 0
    ambiguous: int = 0
    unheard: int = 0
    refused: int = 0
    unavailable: int = 0
    lost: int = 0
    doubled: int = 0
    half_applied: int = 0
    damaged: int = 0

    def __str__(self) -> str:
        kills = " + ".join(f"{count} {how}" for how, count in sorted(self.kills.items()))
        slowest = max(self.recoveries, default=0)
        return (
            f"{sum(self.kills.values())} kills ({kills}), {self.acked * EDITS} acknowledged edits "
            f"in {self.acked} requests, {self.ambiguous} ambiguous ({self.unheard} of them committed), {self.unavailable} unavailable,"
            f" {self.lost} lost, {self.doubled} doubled, {self.half_applied} half-applied, "
            f"{self.damaged} damaged, next answer after at most {slowest:.1f} s, seed {self.seed}"
        )


class Killer:
    """Kills one worker, the whole server or PostgreSQL, 20 to 250 ms after work goes on.

    `commits` changes with every commit. A kill «at a commit» waits for that, and so often comes
    before the answer: this is where a client cannot know what became of its request.
    """

    def __init__(
        self,
        server: Server,
        clients: Sequence[Client],
        report: Report,
        cluster: Cluster | None,
        commits: Callable[[], int],
        kinds: Sequence[str] = KINDS,
    ) -> None:
        self.report = report
        self._server, self._clients, self._cluster = server, clients, cluster
        self._commits, self._kinds = commits, kinds
        self._random = random.Random(report.seed)

    def wait_for_answer(self, since: float) -> None:
        """Until a batch is acknowledged; the server is started anew where it is gone."""
        before = self.acked
        deadline = time.monotonic() + 90
        while self.acked == before:
            self._server.ensure()
            problems = [client.problem for client in self._clients if client.problem]
            assert not problems, problems
            assert time.monotonic() < deadline, self._server.log.read_text()[-2000:]
            time.sleep(0.005)
        self.report.recoveries.append(time.monotonic() - since)

    @property
    def acked(self) -> int:
        """Batches acknowledged so far."""
        return sum(client.acked for client in self._clients)

    def strike(self, how: str) -> None:
        """Wait a little, then kill; a server that is gone has been noticed by every client."""
        time.sleep(self._random.uniform(0.02, 0.25))
        workers = self._server.workers()
        if how == "worker" and workers:
            os.kill(self._random.choice(workers), signal.SIGKILL)
        elif how == "postgres" and self._cluster:
            self._cluster.kill()
            self._cluster.start()
        else:
            how = "group" if how != "at a commit" else how
            before, end = self._commits(), time.monotonic() + 1
            while how == "at a commit" and self._commits() == before and time.monotonic() < end:
                pass
            self._kill_group()
        self.report.kills[how] = self.report.kills.get(how, 0) + 1

    def _kill_group(self) -> None:
        self._server.kill_group()
        before = [client.refused for client in self._clients]
        end = time.monotonic() + 10
        while time.monotonic() < end and any(
            client.refused == count for client, count in zip(self._clients, before, strict=True)
        ):
            time.sleep(0.002)

    def choose(self) -> str:
        """What to kill next: where there is PostgreSQL, it is one in six."""
        if self._cluster and self._kinds == KINDS and sum(self.report.kills.values()) % 6 == 1:
            return "postgres"
        return self._random.choice(self._kinds)
