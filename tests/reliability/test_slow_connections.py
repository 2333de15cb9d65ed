"""Acceptance test 28: who sends slowly holds up nobody else, and is not waited for for ever."""

import contextlib
import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.desk import ROOT, free_port, stop, wait_for
from tests.reliability.hasty import IDLE

SLOW = {
    "headers": b"GET /healthz HTTP/1.1\r\nHost: local",
    "body": b"POST /api/v1/reports HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nContent-Length: 10000\r\n\r\n{",
    "chunks": b"POST /api/v1/reports HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
    "form": b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 10000\r\n\r\na=",
}
CONNECTIONS = 200
ASKED = 300


@contextlib.contextmanager
def serving(settings, target, *threads, **more):
    """(port, process) of a server as `shudi serve` runs it."""
    port = free_port()
    environment = (
        os.environ
        | {
            "SHUDI_VAR": str(settings.var),
            "SHUDI_BASE_URL": f"http://127.0.0.1:{port}",
            "SHUDI_REPORT_LIMIT": "1000000",
        }
        | more
    )
    command = [sys.executable, "-m", "benchmarks.serve", target, str(port), *threads]
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        yield port, process
    finally:
        process.kill() if threads else stop(process)
        process.wait()


@contextlib.contextmanager
def slow(port, count):
    """`count` connections that begin and do not go on."""
    with contextlib.ExitStack() as stack:
        lines = []
        for number in range(count):
            line = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            line.sendall(list(SLOW.values())[number % len(SLOW)])
            lines.append(line)
        time.sleep(0.5)
        yield lines


def ask(port, request, timeout=20):
    """Seconds until the answer is there; it must be one."""
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as line:
        line.sendall(request)
        data = b""
        while chunk := line.recv(65536):
            data += chunk
    assert data[9:12] in (b"200", b"401", b"422"), data[:200]
    return time.monotonic() - start


def others(port):
    """The 99th percentile of what others wait, for pages and for bodies."""
    head = "HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    requests = [
        f"GET /api/v1/regions {head}\r\n".encode(),
        f"POST /api/v1/reports {head}Content-Type: application/json\r\n"
        "Content-Length: 2\r\n\r\n{}".encode(),
    ]
    waits = [ask(port, requests[number % 2]) for number in range(ASKED)]
    return statistics.quantiles(waits, n=100)[98]


def memory(process):
    """MiB that the server and its workers hold."""
    family, found = {process.pid}, 0
    for path in sorted(Path("/proc").glob("[0-9]*/status"), key=lambda one: int(one.parts[2])):
        with contextlib.suppress(OSError):
            fields = dict(
                line.split(":\t", 1) for line in path.read_text().splitlines() if ":\t" in line
            )
            if int(fields["PPid"]) in family or int(fields["Pid"]) in family:
                family.add(int(fields["Pid"]))
                found += int(fields.get("VmRSS", "0 kB").split()[0])
    return found / 1024


def test_slow_connections_hold_up_nobody(settings):
    with serving(settings, "tests.reliability.hasty:app") as (port, process):
        others(port)
        ratios = []
        for _ in range(3):  # a machine that others use too: the best of three says what we add
            before, held = others(port), memory(process)
            with slow(port, CONNECTIONS):
                ratios.append(others(port) / before)
                assert memory(process) - held <= 50
            if ratios[-1] <= 2:
                break
        assert min(ratios) <= 2, ratios


def test_who_sends_nothing_is_let_go(settings):
    with serving(settings, "tests.reliability.hasty:app") as (port, _), slow(port, 40) as lines:
        bodies = [line for number, line in enumerate(lines) if number % len(SLOW)]
        for line in bodies:
            line.settimeout(IDLE * 5)
            line.recv(4096)  # an answer or the end; a timeout would raise
        ask(port, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")


def test_control_without_patience_eight_of_them_stop_everything(settings):
    with (
        serving(settings, "tests.reliability.hasty:bare", "4") as (port, _),
        slow(port, 8),
        pytest.raises(TimeoutError),
    ):
        ask(port, b"GET /api/v1/regions HTTP/1.1\r\nHost: localhost\r\n\r\n", timeout=3)
