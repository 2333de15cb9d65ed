"""A small provider over real HTTP that tells lies: what it signs, and how, each test says.

It stands in for what a real one (tests/real_provider.py) never does; what that one does is tested
with that one.
"""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwk, jwt

CLIENT, SECRET = "shudi-desk", "s" * 40
Claims = dict[str, Any]


class Forger:
    """`claims` and `header` are changed before each signing, `signer` signs, `metadata` and
    `answers` (path to a function that writes the answer itself) replace what it says.
    """

    def __init__(self) -> None:
        self.key = jwk.RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
        self.published = [self.key]
        self.metadata: dict[str, Any] = {}
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.spoil: Callable[[Claims], None] = lambda claims: None
        self.sign: Callable[[Claims], str] = self.honestly
        self.asked: list[str] = []
        self.subject, self.groups = "somebody", ["desk"]
        self.nonce = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def settings(self, **more: Any) -> dict[str, Any]:
        """What a desk is set to, to believe this one."""
        return {
            "oidc_issuer": self.issuer,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": SECRET,
            **{f"oidc_{name}": value for name, value in more.items()},
        }

    def visit(self, address: str, **more: str) -> dict[str, str]:
        """A browser was sent to `address` and signs in: what it comes back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.nonce = asked.get("nonce", "")
        self.last = asked
        return {"code": "a-code", "state": asked["state"], "iss": self.issuer, **more}

    def claims(self) -> Claims:
        """What an honest one would say now."""
        now = int(time.time())
        return {
            "iss": self.issuer, "sub": self.subject, "aud": CLIENT, "nonce": self.nonce,
            "iat": now, "exp": now + 300, "auth_time": now, "groups": self.groups,
            "preferred_username": self.subject,
        }  # fmt: skip

    def honestly(self, claims: Claims) -> str:
        return jwt.encode({"alg": "RS256", "kid": "first"}, claims, self.key)

    def token(self) -> str:
        claims = self.claims()
        self.spoil(claims)
        return self.sign(claims)

    def _says(self, path: str) -> Any:
        return {
            "/.well-known/openid-configuration": {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                **self.metadata,
            },
            "/keys": {"keys": [one.as_dict(private=False) for one in self.published]},
            "/userinfo": {"sub": self.subject, "groups": self.groups},
        }.get(path)

    def _handler(forger) -> type[BaseHTTPRequestHandler]:  # noqa: N805 -- `self` is the handler's
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                forger.asked.append(path)
                if path in forger.answers:
                    return forger.answers[path](self)
                said = forger._says(path)
                return answer(self, 200 if said else 404, said or {})

            def do_POST(self) -> None:
                size = int(self.headers.get("Content-Length", 0))
                self.form = parse_qs(self.rfile.read(size).decode())
                forger.form, forger.sent = self.form, self.headers
                forger.asked.append(self.path)
                if self.path in forger.answers:
                    return forger.answers[self.path](self)
                said = {"id_token": forger.token(), "access_token": "a", "token_type": "Bearer"}
                return answer(self, 200, said)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


def answer(handler: BaseHTTPRequestHandler, status: int, said: Any, **headers: str) -> None:
    """Write one answer."""
    text = said if isinstance(said, bytes) else json.dumps(said).encode()
    handler.send_response(status)
    for name, value in {"Content-Type": "application/json", **headers}.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(text)))
    handler.end_headers()
    handler.wfile.write(text)
