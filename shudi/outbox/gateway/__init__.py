"""Reaching the other side: the platform's program, or a mail server."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def cut_off(
    connection: Callable[[], socket.socket | None], seconds: float
) -> Iterator[threading.Event]:
    """End what `connection` returns after `seconds`, whatever it is at; the event says whether
    it came to that.

    A time-out of each read alone would let somebody who sends a byte now and then hold us.
    """
    late = threading.Event()

    def end() -> None:
        late.set()
        current = connection()
        with contextlib.suppress(OSError):
            # not the method of a TLS socket, which takes its state away from the reading thread
            if current is not None:
                socket.socket.shutdown(current, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()
