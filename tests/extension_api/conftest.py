"""An API over a fresh store, and programs that hold keys to it."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

import extension_api
from extension_api import wire
from extension_api.openapi import document
from shudi import clock
from shudi.clients.actions import create_key
from shudi.clients.rules import Scope
from shudi.db import Database
from shudi.geo.actions import Locator, open_locator
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.sites.actions import create_site
from shudi.staff.rules import Actor

SETUP = Actor.system("test")
# Addresses of the bundled source: public resolvers, nobody's home.
GUANGDONG, AMERICA = "202.96.128.86", "8.8.8.8"


class CheckedClient(FlaskClient):
    """Compares every answer with what OpenAPI says of it."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("buffered", True)
        answer = super().open(*args, **kwargs)
        check_documented(self.application, answer)
        return answer


def check_documented(app: Flask, answer: TestResponse) -> None:
    """Status, media type and shape are documented; a problem repeats nothing but codes."""
    if answer.status_code >= 400 and answer.status_code != 503:
        assert answer.mimetype == "application/problem+json"
    if answer.mimetype == "application/problem+json":
        shown = msgspec.json.decode(answer.data, type=wire.Problem)
        assert shown.status == answer.status_code
        assert shown.type == f"/api/v1/problems/{shown.code}"
    adapter = app.url_map.bind_to_environ(answer.request.environ)
    try:
        name, _ = adapter.match()
    except HTTPException:
        return
    operation = app.extensions["shudi"].operations[name]
    if answer.request.method in ("OPTIONS", "HEAD"):
        return
    described = document([operation], server="")["paths"]
    (methods,) = described.values()
    responses = methods[operation.method.lower()]["responses"]
    assert str(answer.status_code) in responses, f"{name}: {answer.status_code} is undocumented"
    documented = operation.answers.get(answer.status_code)
    if documented is None or documented.shape is None:
        return
    assert answer.mimetype == documented.media
    value = msgspec.json.decode(answer.data, type=documented.shape)
    assert msgspec.json.decode(msgspec.json.encode(value)) == answer.json, "fields of no shape"


class Program:
    """A back end with a key."""

    def __init__(self, client: FlaskClient, key: str) -> None:
        self.client = client
        self.key = key
        self.headers = {"Authorization": f"Bearer {key}"}

    def ask(self, method: str, path: str, **sent: Any) -> TestResponse:
        headers = self.headers | sent.pop("headers", {})
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **sent)

    def get(self, path: str, **sent: Any) -> TestResponse:
        return self.ask("GET", path, **sent)

    def post(self, path: str, **sent: Any) -> TestResponse:
        return self.ask("POST", path, **sent)

    def sighted(self, *lines: dict[str, Any], **sent: Any) -> TestResponse:
        return self.post("/sightings", json={"sightings": list(lines)}, **sent)

    def labels(self, *accounts: str, site: str = "teahouse") -> list[dict[str, Any]]:
        answer = self.get("/labels", query_string={"site": site, "account": list(accounts)})
        assert answer.status_code == 200, answer.json
        return answer.json["labels"]


def sighting(account: str, ip: str = AMERICA, **changes: Any) -> dict[str, Any]:
    values = {
        "site": "teahouse",
        "account": account,
        "ip": ip,
        "at": (clock.now() - timedelta(minutes=1)).isoformat(),
        "kind": "post",
    }
    return values | changes


@pytest.fixture(scope="session")
def locator(vocabulary: Vocabulary) -> Locator:
    return open_locator("bundled", vocabulary, "subdivision", 0, 100_000)


@pytest.fixture
def api(
    settings: Settings, database: Database, vocabulary: Vocabulary, locator: Locator
) -> Iterator[Flask]:
    with made(settings, database, vocabulary, locator) as app:
        yield app


@contextlib.contextmanager
def made(
    settings: Settings, database: Database, vocabulary: Vocabulary, locator: Locator
) -> Iterator[Flask]:
    app = extension_api.create_app(
        settings, database=database, vocabulary=vocabulary, locator=locator
    )
    app.test_client_class = CheckedClient
    try:
        yield app
    finally:
        parts = app.extensions["shudi"]
        parts.limiter.close()
        parts.usage.close()
        parts.shelf.close()


@pytest.fixture
def sites(database: Database, now: datetime) -> list[int]:
    with database.transaction() as session:
        return [
            create_site(
                session,
                actor=SETUP,
                key=key,
                name=key.title(),
                match=["https://example.org/*"],
                now=now,
            )
            for key in ("teahouse", "library")
        ]


@pytest.fixture
def make_key(database: Database, now: datetime) -> Callable[..., str]:
    def make(*scopes: str, site_id: int | None = None) -> str:
        with database.transaction() as session:
            return create_key(
                session,
                actor=SETUP,
                name="back end",
                scopes=scopes or tuple(Scope),
                site_id=site_id,
                now=now,
            )[1]

    return make


@pytest.fixture
def program(api: Flask, sites: list[int], make_key: Callable[..., str]) -> Program:
    """A program with every scope, on every site."""
    return Program(api.test_client(), make_key())


@pytest.fixture
def public(api: Flask, sites: list[int]) -> FlaskClient:
    return api.test_client()
