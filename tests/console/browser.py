"""A browser as far as the server sees it: cookies, forms with their token, Origin."""

import html
import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

BASE = "https://labels.example.org"
HOME = "203.0.113.9"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_INPUT = re.compile(r'<input[^>]*\bname="{}"[^>]*>')


class Browser:
    """Follows nothing by itself; `page` is the last page's text."""

    def __init__(self, app: Flask, address: str = HOME) -> None:
        self.client = app.test_client()
        self.address = address
        self.page = ""

    def get(self, path: str, **headers: str) -> TestResponse:
        return self._keep(
            self.client.get(path, base_url=BASE, headers=_headers(headers), **self._from())
        )

    def post(self, path: str, data: dict[str, Any] | None = None, **headers: str) -> TestResponse:
        """Send a form of the last page: with its token, from our own origin."""
        sent = {"csrf_token": self.token(), **(data or {})}
        own = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}
        answer = self.client.post(
            path, base_url=BASE, data=sent, headers={**own, **_headers(headers)}, **self._from()
        )
        return self._keep(answer)

    def raw(self, path: str, **options: Any) -> TestResponse:
        return self._keep(self.client.open(path, base_url=BASE, **self._from(), **options))

    def token(self) -> str:
        found = _TOKEN.search(self.page)
        return found[1] if found else ""

    def field(self, name: str) -> str:
        """The value of an input of the last page."""
        found = re.search(_INPUT.pattern.format(re.escape(name)), self.page)
        value = re.search(r'\bvalue="([^"]*)"', found[0]) if found else None
        return html.unescape(value[1]) if value else ""

    def cookie(self, name: str) -> str | None:
        found = self.client.get_cookie(name, domain="labels.example.org")
        return found.value if found else None

    def hold(self, token: str) -> None:
        """Have this session cookie."""
        self.client.set_cookie(
            "__Host-shudi", token, domain="labels.example.org", secure=True, httponly=True
        )

    def _from(self) -> dict[str, Any]:
        return {"environ_overrides": {"REMOTE_ADDR": self.address}}

    def _keep(self, answer: TestResponse) -> TestResponse:
        self.page = answer.get_data(as_text=True)
        return answer


def _headers(given: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in given.items()}
