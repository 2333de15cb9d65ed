"""Bodies that come slowly, kept from holding up everybody else.

Granian runs one thread a request, and a body that does not come holds its thread. So there are
many threads, of which few run the app (`at_once`): who waits for a body steps aside. And a
connection that has sent nothing for `idle` seconds while its body is waited for is shut down,
which lets the thread go. Decision record 0020.
"""

import contextlib
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
WSGI = Callable[[Environ, StartResponse], Iterable[bytes]]

THREADS = 256  # in each process; as many connections may wait for bodies
_LAST_RECEIVED = struct.Struct("=52xI")  # tcpi_last_data_recv, in milliseconds (linux/tcp.h)


class Patient:
    """`app`, run by at most `at_once` threads at a time; they wait for bodies outside."""

    def __init__(self, app: WSGI, *, at_once: int = 4, idle: float = 20) -> None:
        self._app = app
        self._idle = idle
        self._slots = threading.BoundedSemaphore(at_once)
        self._waiting: dict[int, tuple[str, float]] = {}  # thread: whose body, since when
        self._watch: threading.Thread | None = None
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Run the app, with a body that steps aside while it is read."""
        with self._slots:
            environ["wsgi.input"] = _Body(environ["wsgi.input"], self, environ["REMOTE_ADDR"])
            return self._app(environ, start_response)

    @contextlib.contextmanager
    def aside(self, peer: str) -> Iterator[None]:
        """Give the slot back while `peer` is waited for."""
        me = threading.get_ident()
        self._slots.release()
        self._waiting[me] = (peer, time.monotonic())
        if self._watch is None:
            self._start()
        try:
            yield
        finally:
            self._waiting.pop(me, None)
            self._slots.acquire()

    def _start(self) -> None:
        with self._lock:
            if self._watch is None:
                self._watch = threading.Thread(target=self._look, name="patience", daemon=True)
                self._watch.start()

    def _look(self) -> None:
        while True:
            time.sleep(self._idle / 4)
            since = time.monotonic() - self._idle
            late = {peer for peer, start in list(self._waiting.values()) if start < since}
            if late:
                shut_down(late, self._idle)


def shut_down(peers: set[str], idle: float) -> int:
    """End connections of `peers` to this server that received nothing for `idle` seconds.

    Among them may be one that is kept alive without a request; it would have ended soon. The
    store's connections are ours to others, and left alone.
    """
    ended = 0
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(line) for line in _own_sockets()]
        doors = {line.getsockname()[1] for line in lines if _flag(line, socket.SO_ACCEPTCONN)}
        for line in lines:
            with contextlib.suppress(OSError):  # it ended meanwhile
                ours = line.getsockname()[1] in doors and line.getpeername()[0] in peers
                if ours and _silence(line) > idle:
                    line.shutdown(socket.SHUT_RDWR)
                    ended += 1
    return ended


def _own_sockets() -> Iterator[socket.socket]:
    """A copy of each TCP socket of this process."""
    for one in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            if not str(one.readlink()).startswith("socket:"):
                continue
            line = socket.socket(fileno=os.dup(int(one.name)))
            if line.family in (socket.AF_INET, socket.AF_INET6) and line.type == socket.SOCK_STREAM:
                yield line
            else:
                line.close()


def _flag(line: socket.socket, option: int) -> bool:
    return line.getsockopt(socket.SOL_SOCKET, option) != 0


def _silence(line: socket.socket) -> float:
    """Seconds since the other side sent something."""
    data = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LAST_RECEIVED.size)
    return float(_LAST_RECEIVED.unpack(data)[0]) / 1000


class _Body:
    """The server's `wsgi.input`."""

    def __init__(self, body: Any, patient: Patient, peer: str) -> None:
        self._body = body
        self._patient = patient
        self._peer = peer

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, or all."""
        with self._patient.aside(self._peer):
            return bytes(self._body.read() if size < 0 else self._body.read(size))
