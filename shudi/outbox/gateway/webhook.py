"""Calling the platform's webhook."""

import contextlib
import dataclasses
import http.client
import socket
import ssl
from datetime import datetime
from typing import Final
from urllib.parse import SplitResult

from shudi.errors import Invalid
from shudi.outbox.gateway import addresses, cut_off
from shudi.outbox.rules import signature

CONNECT: Final = 3.05  # seconds to connect to one address
DEADLINE: Final = 15.0  # seconds for all that follows
_OK: Final = range(200, 300)
_REDIRECT: Final = range(300, 400)
_GONE: Final = 410
_WORDS: Final[dict[type[Exception], str]] = {
    addresses.OutOfBounds: "address-refused",
    Invalid: "url-refused",
    socket.gaierror: "name-unknown",
    ssl.SSLError: "tls",
    TimeoutError: "timeout",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Receiver:
    """Where to, and the secrets to sign with: the present one first. `private`, `loopback`:
    which addresses beyond the public ones it may have.
    """

    url: str
    secrets: tuple[str, ...] = dataclasses.field(repr=False)
    private: bool = False
    loopback: bool = False


def post(receiver: Receiver, *, uid: str, body: bytes, now: datetime) -> str:
    """POST a signed body; returns an empty string, or a word for what went wrong. What the
    receiver answers is neither read nor kept, and it cannot send us elsewhere.
    """
    timestamp = int(now.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "shudi",
        "webhook-id": uid,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(receiver.secrets, uid=uid, timestamp=timestamp, body=body),
    }
    try:
        return _outcome(_send(receiver, headers, body))
    except (Invalid, http.client.HTTPException, OSError) as error:
        return next(
            (word for kind, word in _WORDS.items() if isinstance(error, kind)), "unreachable"
        )


def _outcome(status: int) -> str:
    if status in _OK:
        return ""
    if status == _GONE:
        return "gone"
    return "redirect" if status in _REDIRECT else f"status-{status // 100}xx"


def _send(receiver: Receiver, headers: dict[str, str], body: bytes) -> int:
    parts = addresses.check_url(receiver.url)
    host, port = parts.hostname or "", addresses.port_of(parts)
    found = addresses.reachable(host, port, private=receiver.private, loopback=receiver.loopback)
    connection = _connect(found, port)
    if parts.scheme == "https":
        # the handshake waits until the deadline runs
        connection = ssl.create_default_context().wrap_socket(
            connection, server_hostname=host, do_handshake_on_connect=False
        )
    with connection, cut_off(lambda: connection, DEADLINE) as late:
        try:
            return _ask(connection, parts, headers, body)
        except (http.client.HTTPException, OSError):
            if late.is_set():
                raise TimeoutError from None
            raise


def _ask(
    connection: socket.socket, parts: SplitResult, headers: dict[str, str], body: bytes
) -> int:
    if isinstance(connection, ssl.SSLSocket):
        connection.do_handshake()
    # the name and port go into the Host header; the socket is ours
    speaking = http.client.HTTPConnection(parts.hostname or "", parts.port)
    speaking.sock = connection
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    speaking.request("POST", target, body, headers)
    return speaking.getresponse().status


def _connect(found: list[str], port: int) -> socket.socket:
    """A connection to the first of these addresses that takes one."""
    *others, last = found
    for address in others:
        with contextlib.suppress(OSError):
            return _open(address, port)
    return _open(last, port)


def _open(address: str, port: int) -> socket.socket:
    connection = socket.create_connection((address, port), timeout=CONNECT)
    connection.settimeout(DEADLINE)
    return connection
