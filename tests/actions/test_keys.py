"""Keys that end, that are replaced with an overlap, with limits of their own, and their use."""

import threading
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi.audit.store import AuditRow
from shudi.clients import queries
from shudi.clients.actions import create_key, forget_old, revoke_key, rotate_key
from shudi.clients.actions.usage import Usage
from shudi.clients.rules import Scope
from shudi.clients.store import ApiKey
from shudi.errors import Invalid, NotAllowed, NotFound, Refused, Unavailable
from shudi.staff.rules import Actor
from tests import people

SETUP = Actor.system("test")
DAY = timedelta(days=1)


@pytest.fixture
def make(database, now):
    def made(**changes):
        values = {"actor": SETUP, "name": "back end", "scopes": [Scope.LABELS_READ], "now": now}
        with database.transaction() as session:
            return create_key(session, **(values | changes))

    return made


@pytest.fixture
def opens(database):
    def ask(key, at):
        with database.read_session() as session:
            return queries.authenticate(session, f"Bearer {key}", now=at) is not None

    return ask


def rotate(database, key_id, now, overlap=DAY, actor=SETUP):
    with database.transaction() as session:
        return rotate_key(session, actor=actor, key_id=key_id, overlap=overlap, now=now)


def test_a_key_opens_nothing_from_its_end_on(make, opens, now):
    _, key = make(expires_at=now + DAY)
    assert opens(key, now + DAY - timedelta(microseconds=1))
    assert not opens(key, now + DAY)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"expires_at": timedelta()}, "key-expiry"),
        ({"expires_at": -DAY}, "key-expiry"),
        ({"expires_at": 731 * DAY}, "key-expiry"),
        ({"minute_limit": 0}, "key-limit"),
        ({"minute_limit": 10_000_001}, "key-limit"),
    ],
)
def test_an_end_and_a_limit_have_their_bounds(make, now, changes, code):
    if "expires_at" in changes:
        changes = {"expires_at": now + changes["expires_at"]}
    with pytest.raises(Invalid) as refused:
        make(**changes)
    assert refused.value.code == code


def test_two_keys_open_the_door_until_the_overlap_is_over(database, make, opens, now):
    key_id, first = make()
    second = rotate(database, key_id, now)
    assert opens(first, now)
    assert opens(second, now)
    assert not opens(first, now + DAY)
    assert opens(second, now + DAY)
    third = rotate(database, key_id, now)
    assert [opens(key, now) for key in (first, second, third)] == [False, True, True]
    with database.transaction() as session:
        forget_old(session, now=now + DAY)
        assert session.scalar(sa.select(ApiKey.hash_before)) is None
        revoke_key(session, actor=SETUP, key_id=key_id, now=now)
    assert not any(opens(key, now) for key in (first, second, third))
    with database.read_session() as session:
        actions = session.scalars(sa.select(AuditRow.action).order_by(AuditRow.seq)).all()
    assert actions == ["key.created", "key.rotated", "key.rotated", "key.revoked"]


def test_without_overlap_the_old_key_is_over_at_once(database, make, opens, now):
    key_id, first = make()
    second = rotate(database, key_id, now, overlap=timedelta())
    assert (opens(first, now), opens(second, now)) == (False, True)


def test_the_end_of_a_key_is_the_end_of_both(database, make, opens, now):
    key_id, first = make(expires_at=now + timedelta(hours=1))
    second = rotate(database, key_id, now)
    assert not opens(first, now + timedelta(hours=1))
    assert not opens(second, now + timedelta(hours=1))


def test_who_may_not_and_what_cannot_be_replaced(database, make, now):
    key_id, _ = make(expires_at=now + DAY)
    with pytest.raises(NotAllowed):
        rotate(database, key_id, now, actor=people.SAM)
    with pytest.raises(NotFound):
        rotate(database, 99, now)
    with pytest.raises(Invalid):
        rotate(database, key_id, now, overlap=31 * DAY)
    with pytest.raises(Refused) as over:
        rotate(database, key_id, now + DAY)
    assert over.value.code == "key-expired"
    with database.transaction() as session:
        revoke_key(session, actor=SETUP, key_id=key_id, now=now)
    with pytest.raises(Refused):
        rotate(database, key_id, now)


def test_requests_are_counted_by_day_and_the_last_by_hour(database, make, now):
    key_id, _ = make()
    usage = Usage(database)
    for at, count in ((now, 3), (now, 2), (now + DAY, 1)):
        for _ in range(count):
            usage.note(key_id)
        assert usage.write(at) == count
    usage.close()
    days = [(now + n * DAY).date() for n in range(-1, 2)]
    with database.read_session() as session:
        assert queries.requests_by_day(session, key_id=key_id, days=days) == [0, 5, 1]
        used = queries.key_by_id(session, key_id).used_at
    assert used == (now + DAY).replace(minute=0, second=0, microsecond=0)
    with database.transaction() as session:
        forget_old(session, now=now + 91 * DAY)
    with database.read_session() as session:
        assert queries.requests_by_day(session, key_id=key_id, days=days) == [0, 0, 1]


def test_counting_waits_for_no_lock(database, make, now):
    """Acceptance test 46: 500 requests a second while somebody writes for long."""
    key_id, _ = make()
    usage, held, free = Usage(database, every=0.01), threading.Event(), threading.Event()

    def write_long():
        with database.transaction() as session:
            session.execute(sa.update(ApiKey).values(name="held"))
            held.set()
            free.wait(60)

    writer = threading.Thread(target=write_long)
    writer.start()
    held.wait(10)
    for _ in range(500):
        usage.note(key_id)
        time.sleep(0.001)
    assert writer.is_alive()  # the lock is held still: nothing waited for it
    free.set()
    writer.join()
    usage.close()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with database.read_session() as session:
            found = queries.requests_by_day(session, key_id=key_id, days=[now.date()])
            total = session.scalar(sa.text("SELECT sum(requests) FROM api_key_days"))
        if total == 500:
            break
        time.sleep(0.05)
    assert total == 500, found


def test_a_store_that_is_away_loses_no_count(database, make, now, monkeypatch):
    key_id, _ = make()
    usage = Usage(database)
    usage.note(key_id)

    def away():
        raise Unavailable("store-unavailable", "The store does not answer.")

    with monkeypatch.context() as patched:
        patched.setattr(type(database), "transaction", lambda self: away())
        with pytest.raises(Unavailable):
            usage.write(now)
    assert usage.write(now) == 1
    usage.close()
