"""The pages about the keys of programs."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi.audit.store import AuditRow
from shudi.clients import queries
from shudi.clients.actions import create_key
from shudi.clients.actions.usage import Usage
from tests.people import ALICE, BOB

GOOD = {"name": "import", "scopes": ["labels:read"], "site": "0", "days": "90", "limit": "500"}
_KEY = re.compile(r"shudi_[A-Za-z0-9_-]{43}")


@pytest.fixture
def bob(signed_in):
    return signed_in(BOB)


@pytest.fixture
def key(app, sqlite_database, time):
    with sqlite_database.transaction() as session:
        return create_key(
            session, actor=BOB, name="a <b>key</b>", scopes=["labels:read"], now=time.now
        )


def opens(database, key, now):
    with database.read_session() as session:
        return queries.authenticate(session, f"Bearer {key}", now=now)


def test_a_key_is_made_and_shown_once(bob, sqlite_database, time):
    bob.get("/api-keys/new")
    answer = bob.post("/api-keys/new", GOOD)
    assert answer.status_code == 200
    (made,) = set(_KEY.findall(bob.page))
    assert answer.headers["Cache-Control"] == "no-store"
    client = opens(sqlite_database, made, time.now)
    assert (client.name, client.limit, client.scopes) == ("import", 500, {"labels:read"})
    assert client.until == time.now + timedelta(days=90)
    bob.get("/api-keys/1")
    assert not _KEY.search(bob.page)
    bob.get("/api-keys")
    assert "import" in bob.page
    assert not _KEY.search(bob.page)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 121},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"site": "77"},
        {"days": "91"},
        {"limit": "0"},
        {"limit": "many"},
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_kept(bob, wrong, sqlite_database):
    bob.get("/api-keys/new")
    assert bob.post("/api-keys/new", GOOD | wrong).status_code == 422
    assert 'class="error"' in bob.page
    assert bob.field("name") == (GOOD | wrong)["name"]
    with sqlite_database.read_session() as session:
        assert not queries.list_keys(session)


def test_a_key_is_replaced_and_both_work(bob, key, sqlite_database, time):
    key_id, first = key
    bob.get(f"/api-keys/{key_id}")
    assert "<b>key</b>" not in bob.page
    assert bob.post(f"/api-keys/{key_id}/rotate", {"overlap": "24"}).status_code == 200
    (second,) = set(_KEY.findall(bob.page))
    assert opens(sqlite_database, first, time.now)
    assert opens(sqlite_database, second, time.now)
    time.turn(hours=24)
    assert not opens(sqlite_database, first, time.now)
    assert opens(sqlite_database, second, time.now)


def test_a_key_is_revoked_for_good(bob, key, sqlite_database, time):
    key_id, made = key
    bob.get(f"/api-keys/{key_id}")
    assert bob.post(f"/api-keys/{key_id}/revoke").status_code == 303
    assert opens(sqlite_database, made, time.now) is None
    bob.get("/api-keys/new")
    assert bob.post(f"/api-keys/{key_id}/revoke").status_code == 422
    bob.get(f"/api-keys/{key_id}")
    assert "/rotate" not in bob.page
    assert bob.get("/api-keys/99").status_code == 404
    with sqlite_database.read_session() as session:
        actions = session.scalars(sa.select(AuditRow.action)).all()
    assert actions.count("key.revoked") == 1


def test_the_picture_has_its_table(bob, key, sqlite_database, time):
    bob.get(f"/api-keys/{key[0]}")
    assert "No request in these days." in bob.page
    usage = Usage(sqlite_database)
    for _ in range(12):
        usage.note(key[0])
    usage.write(time.now)
    bob.get(f"/api-keys/{key[0]}")
    assert 'data-drawing="columns"' in bob.page
    assert 'data-value="12"' in bob.page
    assert "12 requests" in bob.page


def test_nobody_else_sees_the_pages(signed_in, key):
    alice = signed_in(ALICE)
    for path in ("/api-keys", "/api-keys/new", f"/api-keys/{key[0]}"):
        assert alice.get(path).status_code == 403
