"""The server as it is run: one process over a real socket."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from urllib.parse import quote

import pytest

from tests.extension_api.conftest import sighting
from tests.extension_api.test_labels import HAN


@pytest.fixture
def server(sqlite_database, sqlite_store, settings, now):
    """(port, key, process) of granian on the test's store."""
    from shudi.clients.actions import create_key
    from shudi.clients.rules import Scope
    from shudi.sites.actions import create_site
    from tests.extension_api.conftest import SETUP

    with sqlite_database.transaction() as session:
        create_site(
            session, actor=SETUP, key="teahouse", name="T", match=["https://e.org/*"], now=now
        )
        _, key = create_key(session, actor=SETUP, name="b", scopes=tuple(Scope), now=now)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    environ = os.environ | {"SHUDI_VAR": str(settings.var)}
    command = [sys.executable, "-m", "benchmarks.serve", "wsgi:app", str(port)]
    process = subprocess.Popen(command, env=environ)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port, key, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def talk(port, request):
    """(status, head, body) of one raw request."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(request)
        data = b""
        while chunk := line.recv(65536):
            data += chunk
            head, found, body = data.partition(b"\r\n\r\n")
            if found:
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
                if len(body) >= length:
                    return int(head[9:12]), head.lower(), body
    raise AssertionError(f"no answer, only {data[:200]!r}")


def test_the_server_as_it_is_run(server):
    port, key, process = server
    head = f"Host: localhost\r\nAuthorization: Bearer {key}\r\n"

    # a hundred names of twenty Han characters: 19 kB of URL
    query = "&".join(f"account={quote(name)}" for name in HAN)
    assert len(query) > 18_000
    status, _, body = talk(
        port, f"GET /api/v1/labels?site=teahouse&{query} HTTP/1.1\r\n{head}\r\n".encode()
    )
    assert status == 200
    assert [row["account"] for row in json.loads(body)["labels"]] == HAN

    # a chunked batch, then its label
    batch = json.dumps({"sightings": [sighting("ada")]}).encode()
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(batch), batch)
    kind = "Content-Type: application/json\r\n"
    status, _, body = talk(
        port,
        f"POST /api/v1/sightings HTTP/1.1\r\n{head}{kind}Transfer-Encoding: chunked\r\n\r\n".encode()
        + chunked,
    )
    assert (status, json.loads(body)["accepted"]) == (200, 1)
    status, _, body = talk(
        port, f"GET /api/v1/labels?site=teahouse&account=ada HTTP/1.1\r\n{head}\r\n".encode()
    )
    assert json.loads(body)["labels"][0]["region"] == "US"

    # bodies over the limit, with a length and without
    report = f"POST /api/v1/reports HTTP/1.1\r\nHost: localhost\r\n{kind}"
    status, _, body = talk(port, f"{report}Content-Length: 20000\r\n\r\n".encode() + b" " * 20_000)
    assert (status, json.loads(body)["code"]) == (413, "body-too-large")
    status, _, body = talk(
        port,
        f"{report}Transfer-Encoding: chunked\r\n\r\n".encode()
        + b"4e20\r\n"
        + b" " * 20_000
        + b"\r\n0\r\n\r\n",
    )
    assert (status, json.loads(body)["code"]) == (413, "body-too-large")

    # 100,001 accounts: more than a URL may hold, and a clear no in a body
    many = json.dumps({"site": "teahouse", "accounts": ["a"] * 100_001}).encode()
    status, _, body = talk(
        port,
        f"POST /api/v1/labels/query HTTP/1.1\r\n{head}{kind}Content-Length: {len(many)}\r\n\r\n".encode()
        + many,
    )
    assert (status, json.loads(body)["code"]) == (422, "too-many-accounts")

    # the console answers on the same port, the figures to this machine
    assert talk(port, b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")[0] == 200
    assert talk(port, b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n")[0] == 200

    # and it ends when told to
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 0
