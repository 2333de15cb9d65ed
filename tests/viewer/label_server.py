"""A label server of a few lines: the dataset contract as the viewer sees it, written anew."""

import base64
import hashlib
import json
import struct
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

MAGIC = b"SHUDI\x01"
PREFIX = b"shudi-manifest/1\n"
NAMES = {
    "CN-GD": {"en": "Guangdong", "zh-Hans": "广东", "zh-Hant": "廣東"},
    "CN": {"en": "China", "zh-Hans": "中国", "zh-Hant": "中國"},
    "US": {"en": "United States", "zh-Hans": "美国", "zh-Hant": "美國"},
    "GS": {
        "en": "South Georgia and the South Sandwich Islands",
        "zh-Hans": "南乔治亚和南桑威奇群岛",
        "zh-Hant": "南喬治亞與南三明治群島",
    },
}


def value(
    state: str = "labelled",
    region: str | None = "CN-GD",
    precision: str = "subdivision",
    *,
    corrected: bool = False,
    disputed: bool = False,
) -> dict[str, Any]:
    return {
        "state": state,
        "region": region,
        "precision": precision,
        "corrected": corrected,
        "disputed": disputed,
    }


def tag(salt: bytes, key: str, fold: str) -> bytes:
    text = unicodedata.normalize("NFC", key)
    text = text.casefold() if fold == "casefold" else text
    return hashlib.sha256(salt + b"\0" + text.encode()).digest()[:8]


def dataset(labels: dict[str, dict[str, Any]], salt: bytes, fold: str) -> bytes:
    """The binary file of the contract."""
    table: list[dict[str, Any]] = []
    rows = []
    for key, label in labels.items():
        if label not in table:
            table.append(label)
        rows.append((tag(salt, key, fold), table.index(label)))
    rows.sort()
    values = json.dumps(table).encode()
    width = "<H" if len(table) > 256 else "<B"
    head = MAGIC + struct.pack("<HII", len(table), len(rows), len(values))
    return (
        head
        + values
        + b"".join(row[0] for row in rows)
        + b"".join(struct.pack(width, row[1]) for row in rows)
    )


@dataclass
class LabelServer:
    """What it serves, and every request it heard."""

    address: str = ""
    pages: str = ""
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    labels: dict[str, dict[str, Any]] = field(default_factory=dict)
    number: int = 1
    as_of: str = "2026-11-22T02:00:00Z"
    key_rule: dict[str, str] = field(
        default_factory=lambda: {"from": "attribute", "name": "data-account"}
    )
    place: str = "after"
    names: dict[str, dict[str, str]] = field(default_factory=lambda: NAMES)
    site_name: str = "Teahouse"
    attribution: list[str] = field(
        default_factory=lambda: ["IP geolocation by DB-IP (https://db-ip.com), CC BY 4.0"]
    )
    salt: bytes = bytes(range(16))
    broken_file: bool = False
    report_status: int = 202
    heard: list[tuple[str, str]] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    def file(self) -> bytes:
        return dataset(self.labels, self.salt, "casefold")

    def manifest(self) -> bytes:
        payload = json.dumps(self.payload(), ensure_ascii=False).encode()
        return json.dumps(
            {
                "payload": base64.b64encode(payload).decode(),
                "signature": base64.b64encode(self.key.sign(PREFIX + payload)).decode(),
                "key": {
                    "id": hashlib.sha256(self.public).hexdigest()[:16],
                    "public": base64.b64encode(self.public).decode(),
                },
            }
        ).encode()

    def payload(self) -> dict[str, Any]:
        digest = hashlib.sha256(self.file()).hexdigest()
        return {
            "format": 1,
            "server": self.address,
            "as_of": self.as_of,
            "vocabulary": "1",
            "attribution": self.attribution,
            "names": self.names,
            "sites": [
                {
                    "site": "teahouse",
                    "name": self.site_name,
                    "match": [f"{self.pages}/*"],
                    "page_key": {"kind": "handle", "fold": "casefold"},
                    "adapter": {
                        "version": 1,
                        "account": [
                            {
                                "element": "a[data-account]",
                                "key": self.key_rule,
                                "place": self.place,
                            }
                        ],
                    },
                    "release": {
                        "number": self.number,
                        "cut": self.as_of,
                        "salt": base64.b64encode(self.salt).decode(),
                        "count": len(self.labels),
                        "url": f"/api/v1/dataset/teahouse/{self.number}-{digest[:16]}.bin",
                        "size": len(self.file()),
                        "sha256": digest,
                    },
                }
            ],
        }


def serve(handler: type[BaseHTTPRequestHandler]) -> tuple[ThreadingHTTPServer, str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}"


@contextmanager
def running(labels: dict[str, dict[str, Any]], page: str) -> Iterator[LabelServer]:
    """Serve the labels on one port and the community's page, under a strict policy, on another."""
    state = LabelServer(labels=labels)

    class Labels(BaseHTTPRequestHandler):
        def answer(self, status: int, body: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Access-Control-Allow-Headers", "Content-Type")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            state.heard.append(("GET", self.path))
            if self.path == "/api/v1/dataset/manifest":
                self.answer(200, state.manifest())
            elif self.path.startswith("/api/v1/dataset/teahouse/"):
                self.answer(200, state.file()[::-1] if state.broken_file else state.file())
            else:
                self.answer(404)

        def do_OPTIONS(self) -> None:
            state.heard.append(("OPTIONS", self.path))
            self.answer(204)

        def do_POST(self) -> None:
            state.heard.append(("POST", self.path))
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if state.report_status == 202:
                state.reports.append(json.loads(body))
            self.answer(state.report_status)

        def log_message(self, *_: Any) -> None:
            pass

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = page.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header(
                "Content-Security-Policy",
                "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'",
            )
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    labels_server, state.address = serve(Labels)
    pages_server, state.pages = serve(Pages)
    try:
        yield state
    finally:
        for server in (labels_server, pages_server):
            server.shutdown()
            server.server_close()
