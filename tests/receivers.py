"""The other side of notices: a platform's HTTP end and a mail server, both real and both rude.

The mail server is a minimal one of our own on asyncio: no SMTP server is among the locked
development packages.
"""

import asyncio
import base64
import datetime as dt
import hashlib
import hmac
import ipaddress
import json
import random
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

KEY = b"k" * 32
SECRET = "whsec_" + base64.b64encode(KEY).decode()


def verify(headers: dict[str, str], body: bytes, *keys: bytes) -> bool:
    """The Standard Webhooks check, written apart from the product: any `v1` signature of any key
    will do; a timestamp is required.
    """
    signed = b".".join(
        (headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body)
    )
    given = [
        base64.b64decode(part[3:])
        for part in headers["webhook-signature"].split(" ")
        if part.startswith("v1,")
    ]
    return any(
        hmac.compare_digest(one, hmac.digest(key, signed, hashlib.sha256))
        for key in keys
        for one in given
    )


class Platform:
    """Answers each call as `behaviour(number of the call)` says: a status, `hang` or `close`;
    what it takes (2xx), it files under the webhook-id, as a platform that knows its duty does.
    """

    def __init__(self, behaviour: Callable[[int], int | str] = lambda _: 204) -> None:
        self.behaviour = behaviour
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.taken: Counter[str] = Counter()
        self.lied: set[str] = set()  # taken, though the sender was told otherwise
        self.release = threading.Event()
        self.lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer._answer(self, body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hook?from=shudi"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def _answer(self, handler: Any, body: bytes) -> None:
        headers = {name.lower(): text for name, text in handler.headers.items()}
        with self.lock:
            self.calls.append((headers, body))
            say = self.behaviour(len(self.calls))
        if say == "hang":
            self.release.wait(60)
        if say == "taken-then-close":
            with self.lock:
                self.taken[headers["webhook-id"]] += 1
        if isinstance(say, str):
            handler.close_connection = True
            return
        if 200 <= say < 300:
            with self.lock:
                self.taken[headers["webhook-id"]] += 1
        handler.send_response(say)
        if 300 <= say < 400:
            handler.send_header("Location", self.url)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def data(self, at: int = 0) -> Any:
        """The body of call `at`."""
        return json.loads(self.calls[at][1])

    def secure(self, certificate: Path) -> str:
        """Speak TLS from now on; the URL."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        return f"https://localhost:{self.port}/hook"

    def close(self) -> None:
        self.release.set()
        self.server.shutdown()
        self.server.server_close()


def half(seed: int, *, hanging: bool = False) -> Callable[[int], int | str]:
    """A receiver that fails every other time or so, always in the same order."""
    rng = random.Random(seed)
    bad: list[int | str] = [500, 503, "close", "taken-then-close", *(["hang"] if hanging else [])]
    return lambda _: rng.choice(bad) if rng.random() < 0.5 else 200


def certificate(path: Path) -> Path:
    """A certificate with its key, good for this machine alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


class MailServer:
    """Takes mail by SMTP, with STARTTLS and AUTH PLAIN where it has a certificate and a login.

    `behaviour(number of the message)`: 250 to take it, a 4xx or 5xx to refuse it, 0 to hang up.
    """

    def __init__(
        self,
        behaviour: Callable[[int], int] = lambda _: 250,
        certificate: Path | None = None,
        login: str = "",
    ) -> None:
        self.behaviour, self.login = behaviour, login
        self.context: ssl.SSLContext | None = None
        if certificate is not None:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate)
        self.messages: list[bytes] = []
        self.tries = 0
        self.secured: list[bool] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop
        ).result(10)
        self.port: int = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        async def end() -> None:
            self._server.close()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        state = {"tls": False, "login": not self.login}
        try:
            await self._say(writer, "220 localhost")
            while line := (await reader.readline()).decode().strip():
                if not await self._obey(line, reader, writer, state):
                    break
        except (ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _obey(
        self,
        line: str,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        state: dict[str, bool],
    ) -> bool:
        word, _, rest = line.partition(" ")
        match word.upper():
            case "EHLO":
                offers = ["localhost"]
                offers += ["STARTTLS"] if self.context and not state["tls"] else []
                offers += ["AUTH PLAIN"] if self.login else []
                for one in offers[:-1]:
                    await self._say(writer, f"250-{one}")
                await self._say(writer, f"250 {offers[-1]}")
            case "STARTTLS":
                assert self.context is not None
                await self._say(writer, "220 go on")
                await writer.start_tls(self.context)
                state["tls"] = True
            case "AUTH":
                state["login"] = base64.b64decode(rest.split()[1]).decode() == self.login
                await self._say(writer, "235 yes" if state["login"] else "535 no")
            case "DATA":
                return await self._take(reader, writer, state)
            case "QUIT":
                await self._say(writer, "221 bye")
                return False
            case _:
                await self._say(writer, "250 yes" if state["login"] else "530 who are you")
        return True

    async def _take(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, state: dict[str, bool]
    ) -> bool:
        await self._say(writer, "354 go on")
        lines = []
        while (line := await reader.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.tries += 1
        say = self.behaviour(self.tries)
        if say == 0:
            return False
        if say == 250:
            self.messages.append(b"".join(lines))
            self.secured.append(state["tls"])
        await self._say(writer, f"{say} said")
        return True

    async def _say(self, writer: asyncio.StreamWriter, text: str) -> None:
        writer.write(f"{text}\r\n".encode())
        await writer.drain()
