"""Acceptance tests 28, 29 and 47 on every route: bodies, hosts and origins that are refused."""

import itertools
import json
from typing import Any

import pytest

from tests.architecture.doors import BASE, Doors
from tests.architecture.walk import ask, routes

EVIL = "evil.example"

# -- 28: what is too large or too deep ------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        {"data": b"a=" + b"x" * 64 * 1024, "content_type": "application/x-www-form-urlencoded"},
        {"data": b"{" + b" " * 64 * 1024, "content_type": "application/json"},
        {"data": {"a": "x" * (64 * 1024 + 1)}, "content_type": "multipart/form-data"},
        {"data": "&".join(f"f{n}=1" for n in range(10_000))},
        {"data": {f"f{n}": "1" for n in range(1000)}, "content_type": "multipart/form-data"},
        {"data": "&".join(f"f{n}=1" for n in range(201)),
         "content_type": "application/x-www-form-urlencoded"},
    ],
)  # fmt: skip
def test_the_console_takes_no_body_over_its_limits(still_doors: Doors, sent: dict[str, Any]):
    sent.setdefault("content_type", "application/x-www-form-urlencoded")
    for _, method, path in routes(still_doors, "console", "POST"):
        answer = ask(still_doors, "console", method, path, **sent, headers={"Origin": BASE})
        assert answer.status_code in (400, 403, 413), (path, answer.status_code)
        if path == "/sign-in":
            assert answer.status_code == 413


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[" * 1000 + b"]" * 1000, (400, 415, 422)),
        (b'{"a":' * 1000 + b"1" + b"}" * 1000, (400, 415, 422)),
        (b"[" * 1_000_000, (400, 413, 415, 422)),
        (b'{"site":"' + b"x" * 16 * 1024 + b'"}', (400, 413, 415, 422)),
        (b" " * (8 * 1024 * 1024 + 1), (413, 415)),
    ],
)
def test_the_api_takes_no_body_over_its_limits(
    still_doors: Doors, body: bytes, status: tuple[int, ...]
):
    for name, method, path in routes(still_doors, "api", "POST", "PUT"):
        for kind in ("application/json", "application/x-ndjson"):
            answer = still_doors.program(method, path, data=body, content_type=kind)
            lines = kind.endswith("ndjson") and name in ("post_accounts", "post_sightings")
            # a line that is nonsense costs only itself
            rejected = lines and answer.status_code == 200 and answer.json["rejected"] == 1
            assert rejected or answer.status_code in status, (name, answer.status_code)


# -- 29: under another name -----------------------------------------------------------------------

HOSTS = (
    EVIL,
    f"labels.example.org.{EVIL}",
    f"{EVIL}:443",
    f"labels.example.org@{EVIL}",
    f"labels.example.org,{EVIL}",
    "labels.example.org:abc",
    "xlabels.example.org",
    "127.0.0.2",
    "[::1]",
    "localhost.",
)


@pytest.mark.parametrize("door", ["console", "api"])
def test_another_host_is_refused_on_every_route(still_doors: Doors, door: str):
    for host in HOSTS:
        for _, method, path in routes(still_doors, door):
            answer = ask(still_doors, door, method, path, headers={"Host": host})
            assert answer.status_code == 400, (host, method, path)
            assert EVIL not in answer.text
            assert EVIL not in str(answer.headers)


def test_links_that_are_sent_name_the_configured_host(still_doors: Doors):
    sent = {"site": "forum", "account": "user-2"}
    answer = still_doors.program("POST", "/api/v1/holder-links", json=sent,
                                 headers={"Host": "localhost"})  # fmt: skip
    assert answer.json["url"].startswith(f"{BASE}/holder/")


# -- 47: other origins ----------------------------------------------------------------------------

ORIGINS = [
    "null", "https://evil.example", "http://evil.example", "https://evil.example:8443",
    "https://labels.example.org.evil.example", "https://evillabels.example.org",
    "https://labels.example.org@evil.example", "http://labels.example.org",
    "https://labels.example.org:8443", "https://sub.labels.example.org", "https://example.org",
    "https://LABELS.example.org", "https://labels.example.org.", "https://labels.example.org/",
    "https://labels.example.org\\.evil.example", "https://labels.example.org%00.evil.example",
    "https://labels_example.org", "https://localhost", "http://localhost:8000",
    "http://127.0.0.1:8001", "http://[::1]", "file://", "chrome-extension://abcdefghijklmnop",
    "moz-extension://0000-1111", "data:", "javascript:", "https://xn--e1awd7f.example", "*",
    "https://labels.example.org https://evil.example", "",
]  # fmt: skip


def test_other_origins_read_the_public_api_only_and_never_with_credentials(still_doors: Doors):
    assert len(ORIGINS) == 30
    operations = still_doors.api.extensions["shudi"].operations
    for origin, door in itertools.product(ORIGINS, ("console", "api")):
        for endpoint, method, path in routes(still_doors, door):
            for asked in (method, "OPTIONS") if door == "api" else (method,):
                answer = ask(still_doors, door, asked, path, headers={
                    "Origin": origin, "Access-Control-Request-Method": method,
                    "Access-Control-Request-Headers": "authorization",
                })  # fmt: skip
                told = {name for name, _ in answer.headers if name.startswith("Access-Control")}
                allowed = answer.headers.get("Access-Control-Allow-Origin")
                assert "Access-Control-Allow-Credentials" not in told
                if door == "api" and operations[endpoint].cors:
                    assert allowed == "*"
                    assert "authorization" not in json.dumps(dict(answer.headers)).lower()
                else:
                    assert not told, (origin, asked, path)
                answer.close()
