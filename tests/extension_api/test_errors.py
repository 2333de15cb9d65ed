"""Every error is a problem that repeats nothing; a store in trouble is 503, soon."""

import time

import pytest
import sqlalchemy as sa

from shudi.db import connect
from tests.extension_api.conftest import Program, made, sighting

MARK = "zzyzx-echo"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"/api/v1/{MARK}", 404),
        ("GET", f"/{MARK}", 404),
        ("DELETE", "/api/v1/labels", 405),
        ("POST", "/api/v1/regions", 405),
        ("POST", "/api/v1/reports", 415),
        ("GET", f"/api/v1/labels?site={MARK}&account={MARK}", 401),
        ("GET", f"/api/v1/problems/{MARK}", 404),
        ("PUT", f"/api/v1/sites/{MARK}/accounts/{MARK}", 401),
    ],
)
def test_every_refusal_is_a_problem_without_echo(public, method, path, status):
    answer = public.open(path, method=method, headers={"X-Mark": MARK})
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert MARK not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers


def test_an_unexpected_error_says_nothing_of_itself(api, public, monkeypatch, caplog):
    def explode(**given):
        raise RuntimeError(MARK)

    monkeypatch.setitem(api.view_functions, "get_regions", explode)
    api.config["PROPAGATE_EXCEPTIONS"] = False
    answer = public.get("/api/v1/regions")
    assert (answer.status_code, answer.json["code"]) == (500, "internal-error")
    assert MARK not in answer.text


@pytest.fixture
def quick(sqlite_database, make_settings, vocabulary, locator, monkeypatch, now):
    """An API that waits 200 ms for a lock, and a key to it."""
    from shudi.clients.actions import create_key
    from shudi.clients.rules import Scope
    from shudi.db import sqlite
    from shudi.sites.actions import create_site
    from tests.extension_api.conftest import SETUP

    monkeypatch.setattr(sqlite, "BUSY_MS", 200)
    with sqlite_database.transaction() as session:
        create_site(
            session, actor=SETUP, key="teahouse", name="T", match=["https://e.org/*"], now=now
        )
        _, key = create_key(session, actor=SETUP, name="b", scopes=tuple(Scope), now=now)
    sqlite_database.dispose()  # the last to close folds the log back into the file
    settings = make_settings()
    database = connect(settings.database_url)
    with made(settings, database, vocabulary, locator) as app:
        yield app, Program(app.test_client(), key), settings
    database.dispose()


def test_a_locked_store_refuses_writes_soon_and_still_reads(quick, sqlite_database):
    _, program, _ = quick
    with sqlite_database.transaction() as session:
        session.execute(sa.text("SELECT 1"))
        started = time.monotonic()
        answer = program.sighted(sighting("ada"))
        assert time.monotonic() - started < 3
        assert (answer.status_code, answer.json["code"]) == (503, "store-unavailable")
        assert int(answer.headers["Retry-After"]) >= 1
        assert program.labels("ada")[0]["state"] == "none"
        answer = program.client.post(
            "/api/v1/reports", json={"site": "teahouse", "account": "a", "kind": "other"}
        )
        assert answer.status_code == 503
    assert program.sighted(sighting("ada")).json["accepted"] == 1


def test_a_full_store_refuses_writes_whole_and_recovers(quick):
    app, program, _ = quick
    engine = app.extensions["shudi"].database.write_engine
    pages = []

    def full(connection, record, proxy):
        (count,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {count}")
        pages.append(count)

    sa.event.listen(engine, "checkout", full)
    lines = [sighting(f"a{n}") for n in range(3000)]
    answer = program.sighted(*lines)
    assert answer.status_code == 503
    assert pages
    assert program.labels("a1")[0]["state"] == "none"
    sa.event.remove(engine, "checkout", full)

    def room(connection, record, proxy):
        connection.execute("PRAGMA max_page_count = 1000000")

    sa.event.listen(engine, "checkout", room)
    assert program.sighted(*lines).json["accepted"] == 3000


def test_a_store_that_is_gone_is_said_at_once(quick):
    app, program, settings = quick
    path = settings.var / "shudi.db"
    app.extensions["shudi"].database.dispose()
    kept = path.with_suffix(".away")
    path.rename(kept)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.mkdir()
    started = time.monotonic()
    for answer in (
        program.get("/labels?site=teahouse&account=a"),
        program.sighted(sighting("ada")),
        program.client.get("/api/v1/dataset/manifest"),
    ):
        assert (answer.status_code, answer.json["code"]) == (503, "store-unavailable")
    ready = program.client.get("/readyz")
    assert (ready.status_code, ready.json["checks"]["store"]) == (503, "unavailable")
    assert program.client.get("/healthz").status_code == 200
    assert time.monotonic() - started < 3
    path.rmdir()
    kept.rename(path)
    assert program.get("/labels?site=teahouse&account=a").status_code == 200


def test_the_short_way_says_503_too(quick):
    from werkzeug.test import Client

    from extension_api import with_short_way

    app, program, settings = quick
    path = settings.var / "shudi.db"
    app.extensions["shudi"].database.dispose()
    path.rename(path.with_suffix(".away"))
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.mkdir()
    answer = Client(with_short_way(app)).get(
        "/api/v1/labels?site=teahouse&account=a", headers=program.headers
    )
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


def test_no_cookie_is_ever_set(public):
    for path in ("/api/v1/regions", "/api/v1/docs", "/healthz"):
        assert "Set-Cookie" not in public.get(path).headers
