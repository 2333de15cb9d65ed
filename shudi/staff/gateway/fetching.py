"""Asking the provider: within a deadline, so much and no more, and never led elsewhere."""

import dataclasses
import http.client
import json
import socket
import ssl
import threading
from typing import Any, Final
from urllib.parse import urlsplit

from shudi.errors import Unavailable
from shudi.outbox.gateway import cut_off
from shudi.settings.single_sign_on import is_safe_url

CONNECT: Final = 3.05  # seconds to connect
DEADLINE: Final = 5.0  # seconds for all that follows
MOST: Final = 512 * 1024  # bytes of an answer
_AT_ONCE = threading.BoundedSemaphore(2)  # of a process: a slow provider must not stop the desk


@dataclasses.dataclass(frozen=True, slots=True)
class Reply:
    """What the provider answered; `said` is empty where that was no JSON object."""

    status: int
    said: dict[str, Any]


def down() -> Unavailable:
    """The provider does not answer, or with nonsense."""
    return Unavailable("provider-down", "The sign-in service does not answer just now.")


def ask(url: str, *, body: str | None = None, headers: dict[str, str] | None = None) -> Reply:
    """GET `url`, or POST a form to it. Raises Unavailable where no whole answer comes in time."""
    if not is_safe_url(url) or not _AT_ONCE.acquire(blocking=False):
        raise down()
    sent = {"Accept": "application/json", "User-Agent": "shudi", **(headers or {})}
    if body is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        status, text = _ask(url, body, sent)
    except (http.client.HTTPException, OSError, ValueError) as error:
        raise down() from error
    finally:
        _AT_ONCE.release()
    return Reply(status, _object(text))


def _ask(url: str, body: str | None, headers: dict[str, str]) -> tuple[int, bytes]:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if secure else 80)
    connection = socket.create_connection((host, port), timeout=CONNECT)
    connection.settimeout(DEADLINE)
    if secure:
        # the handshake waits until the deadline runs
        connection = ssl.create_default_context().wrap_socket(
            connection, server_hostname=host, do_handshake_on_connect=False
        )
    with connection, cut_off(lambda: connection, DEADLINE) as late:
        if isinstance(connection, ssl.SSLSocket):
            connection.do_handshake()
        speaking = http.client.HTTPConnection(host, parts.port)
        speaking.sock = connection
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        speaking.request("GET" if body is None else "POST", target, body, headers)
        reply = speaking.getresponse()
        text = reply.read(MOST + 1)
        if late.is_set() or len(text) > MOST:
            raise TimeoutError
        return reply.status, text


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
