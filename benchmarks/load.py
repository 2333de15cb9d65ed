"""A load generator of our own: keep-alive connections, one process, raw sockets and epoll.

It parses no more of an answer than its status and Content-Length, so that the server is what is
measured. One request is under way on each connection at a time.
"""

import dataclasses
import itertools
import selectors
import socket
import time
from collections.abc import Sequence


@dataclasses.dataclass(slots=True)
class Result:
    """What one run saw. Latencies in milliseconds."""

    requests: int
    seconds: float
    failed: int
    latencies: list[float]

    @property
    def rate(self) -> float:
        """Answered requests a second."""
        return self.requests / self.seconds

    def percentile(self, share: float) -> float:
        """The latency that `share` of the requests did not exceed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class _Connection:
    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()
        self.missing = -1
        self.sent_at = 0.0
        self.status = b""

    def send(self, request: bytes) -> None:
        self.buffer.clear()
        self.missing = -1
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Whether the answer is complete."""
        data = self.socket.recv(262_144)
        if not data:
            raise ConnectionError("the server closed a connection")
        self.buffer += data
        if self.missing < 0:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return False
            head = bytes(self.buffer[:end]).lower()
            self.status = head[9:12]
            start = head.find(b"content-length:") + 15
            length = int(head[start : head.find(b"\r", start) if b"\r" in head[start:] else None])
            self.missing = end + 4 + length
        return len(self.buffer) >= self.missing


def run(
    port: int,
    requests: Sequence[bytes],
    *,
    connections: int,
    seconds: float,
    host: str = "127.0.0.1",
) -> Result:
    """Send `requests` in turn, round and round, for `seconds`."""
    supply = itertools.cycle(requests)
    selector = selectors.DefaultSelector()
    lines = [_Connection(host, port) for _ in range(connections)]
    for line in lines:
        selector.register(line.socket, selectors.EVENT_READ, line)
        line.send(next(supply))
    started = time.perf_counter()
    deadline = started + seconds
    latencies: list[float] = []
    failed = 0
    while time.perf_counter() < deadline:
        for key, _ in selector.select(1):
            line = key.data
            if not line.receive():
                continue
            latencies.append((time.perf_counter() - line.sent_at) * 1000)
            failed += line.status != b"200"
            line.send(next(supply))
    elapsed = time.perf_counter() - started
    for line in lines:
        line.socket.close()
    return Result(len(latencies), elapsed, failed, latencies)


def once(port: int, requests: Sequence[bytes], *, host: str = "127.0.0.1") -> list[bytes]:
    """Send each of `requests` once, on one connection; returns the bodies. 200 or RuntimeError."""
    line = _Connection(host, port)
    bodies = []
    for request in requests:
        line.send(request)
        while not line.receive():
            pass
        if line.status != b"200":
            raise RuntimeError("a request failed")
        bodies.append(bytes(line.buffer[line.buffer.find(b"\r\n\r\n") + 4 :]))
    line.socket.close()
    return bodies
