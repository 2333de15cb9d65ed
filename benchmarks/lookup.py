"""Keyed lookup of 50 accounts among a million on SQLite, against a plain view of the same answer.

Both run on granian with one worker, on the same file, one after the other and round about, so
that a busy machine troubles both. `python -m benchmarks.lookup [--quick]`
"""

import argparse
import contextlib
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import load, stock

ACCOUNTS_ASKED = 50
CONNECTIONS = 8
REQUESTS = 40_000


def main() -> int:
    """Print the ratio; 1 if the answers differ or a request failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="200,000 accounts, short rounds")
    parser.add_argument("--accounts", type=int, default=0)
    arguments = parser.parse_args()
    accounts = arguments.accounts or (200_000 if arguments.quick else 1_000_000)
    rounds, seconds = (3, 3.0) if arguments.quick else (4, 4.0)
    with tempfile.TemporaryDirectory(prefix="shudi-bench-") as folder:
        var = Path(folder)
        key = stock.fill(var, accounts=accounts)
        return _compare(var, key, accounts, rounds, seconds)


def _compare(var: Path, key: str, accounts: int, rounds: int, seconds: float) -> int:
    requests = _requests(key, accounts)
    rates: dict[str, list[float]] = {"benchmarks.plain:app": [], "wsgi:app": []}
    tails: dict[str, list[float]] = {name: [] for name in rates}
    failed = 0
    with contextlib.ExitStack() as stack:
        ports = {name: stack.enter_context(serving(name, var)) for name in rates}
        same = _same_answers(ports, requests[:50])
        cold = load.run(ports["wsgi:app"], requests, connections=CONNECTIONS, seconds=1.0)
        _warm(ports["wsgi:app"], key, accounts)
        for _ in range(rounds):
            for name, port in ports.items():
                result = load.run(port, requests, connections=CONNECTIONS, seconds=seconds)
                rates[name].append(result.rate)
                tails[name].append(result.percentile(0.99))
                failed += result.failed
    plain, ours = (statistics.median(rates[name]) for name in rates)
    print(f"keyed lookup, {ACCOUNTS_ASKED} of {accounts:,} accounts, SQLite, 1 worker")
    for name, values in rates.items():
        print(
            f"  {name:22} {statistics.median(values):8,.0f} requests/s"
            f" ({min(values):,.0f} to {max(values):,.0f}),"
            f" p99 {statistics.median(tails[name]):.1f} ms"
        )
    print(f"  first second after start {cold.rate:8,.0f} requests/s")
    print(f"  ratio {ours / plain:.1f} (target 7); same answers: {same}; failed: {failed}")
    return 0 if same and not failed else 1


def _requests(key: str, accounts: int) -> list[bytes]:
    """Uniformly drawn accounts: nothing is asked more often than the rest."""
    drawn = random.Random(7)
    return [
        (
            f"GET /api/v1/labels?site={stock.SITE}&"
            + "&".join(
                f"account={stock.account(drawn.randrange(accounts))}" for _ in range(ACCOUNTS_ASKED)
            )
            + f" HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\r\n"
        ).encode()
        for _ in range(REQUESTS)
    ]


def _warm(port: int, key: str, accounts: int) -> None:
    """Ask for every account once, as a service that has run for a while has been asked."""
    requests = [
        (
            f"GET /api/v1/labels?site={stock.SITE}&"
            + "&".join(f"account={stock.account(one)}" for one in range(start, start + 100))
            + f" HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\r\n"
        ).encode()
        for start in range(0, accounts, 100)
    ]
    load.once(port, requests)


def _same_answers(ports: dict[str, int], requests: list[bytes]) -> bool:
    bodies = [[json.loads(body) for body in load.once(port, requests)] for port in ports.values()]
    return bodies[0] == bodies[1]


@contextlib.contextmanager
def serving(target: str, var: Path, **more: str) -> Iterator[int]:
    """A server of one worker on a free port, `more` in its environment; it logs into `var`."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    environ = os.environ | {"SHUDI_VAR": str(var), "SHUDI_LOOKUP_LIMIT": "1000000000"} | more
    command = [sys.executable, "-m", "benchmarks.serve", target, str(port)]
    if target != "wsgi:app":  # as many threads as run our app at a time
        command.append("4")
    with (var / f"{target}.log").open("wb") as log:
        process = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
        try:
            _wait(port, process)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError("the server did not start")


if __name__ == "__main__":
    sys.exit(main())
