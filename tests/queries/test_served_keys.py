"""Keys, their limits and their repeated calls, without a door."""

import concurrent.futures
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi.audit.store import AuditRow
from shudi.clients import queries, rules
from shudi.clients.actions import create_key, forget_old, revoke_key
from shudi.clients.actions.idempotency import Answer, Call, recall, remember
from shudi.clients.actions.limits import Limiter
from shudi.clients.rules import Policy, Scope, pseudonym
from shudi.clients.store import Allowance, ApiKey
from shudi.errors import Invalid, NotAllowed, NotFound, Refused, Unavailable
from shudi.staff.rules import Actor, ActorKind, Role

SETUP = Actor.system("test")
POLICY = Policy("key", 100, 60)


def person(role):
    return Actor(kind=ActorKind.STAFF, id="staff:1", name="Alice", role=role, staff_id=1)


def make(database, now, **changes):
    values = {"actor": SETUP, "name": "back end", "scopes": [Scope.LABELS_READ], "now": now}
    with database.transaction() as session:
        return create_key(session, **(values | changes))


def test_only_the_hash_of_a_key_is_kept(database, now):
    _, key = make(database, now)
    assert len(key) == len("shudi_") + 43
    with database.read_session() as session:
        assert key not in str(session.execute(sa.select(ApiKey.__table__)).all())
        assert key not in str(session.execute(sa.select(AuditRow.__table__)).all())
        found = queries.authenticate(session, f"Bearer {key}", now=now)
        assert found.scopes == {"labels:read"}
        assert queries.authenticate(session, f"Bearer {key}x", now=now) is None
        assert queries.authenticate(session, key, now=now) is None


def test_making_and_revoking_are_for_admins_and_audited(database, now):
    with pytest.raises(NotAllowed):
        make(database, now, actor=person(Role.MODERATOR))
    key_id, key = make(database, now, actor=person(Role.ADMIN))
    with database.transaction() as session, pytest.raises(NotAllowed):
        revoke_key(session, actor=person(Role.SENIOR), key_id=key_id, now=now)
    with database.transaction() as session:
        revoke_key(session, actor=person(Role.ADMIN), key_id=key_id, now=now)
        assert queries.authenticate(session, f"Bearer {key}", now=now) is None
    with database.transaction() as session, pytest.raises(Refused):
        revoke_key(session, actor=SETUP, key_id=key_id, now=now)
    with database.transaction() as session, pytest.raises(NotFound):
        revoke_key(session, actor=SETUP, key_id=99, now=now)
    with database.read_session() as session:
        assert session.scalars(sa.select(AuditRow.action).order_by(AuditRow.seq)).all() == [
            "key.created",
            "key.revoked",
        ]
        (row,) = queries.list_keys(session)
        assert row.revoked_at == now
        assert key.startswith(row.hint)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"scopes": []}, "scope-needed"),
        ({"scopes": ["everything"]}, "scope-unknown"),
        ({"name": " "}, "key-name"),
        ({"name": "a\nb"}, "key-name"),
    ],
)
def test_a_key_needs_a_name_and_scopes(database, now, changes, code):
    with pytest.raises(Invalid) as caught:
        make(database, now, **changes)
    assert caught.value.code == code


def test_processes_together_never_pass_the_limit(database, now):
    limiters = [Limiter(database) for _ in range(4)]

    def spend(limiter):
        return sum(limiter.take("key:1", POLICY, now=now).allowed for _ in range(60))

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(spend, limiters)) == POLICY.limit
    denied = limiters[0].take("key:1", POLICY, now=now)
    assert (denied.allowed, denied.remaining) == (False, 0)
    assert 1 <= denied.reset <= 60
    assert limiters[0].take("key:2", POLICY, now=now).allowed
    assert limiters[0].take("key:1", POLICY, now=now + timedelta(minutes=1)).allowed


def test_reading_waits_for_no_lease_and_is_bounded_all_the_same(database, now):
    limiters = [Limiter(database) for _ in range(2)]
    stamp = int(now.timestamp())
    allowed = 0
    for _ in range(200):
        for limiter in limiters:
            allowed += limiter.take_reading("key:1", POLICY, stamp).allowed
            if limiter._clerk:  # let each lease settle, as it does between requests
                limiter._clerk.submit(int).result()
    for limiter in limiters:
        limiter.close()
    block = POLICY.limit // 20
    assert POLICY.limit <= allowed <= POLICY.limit + len(limiters) * block


def test_a_store_that_does_not_answer_closes_writing_and_leaves_reading_open(now, monkeypatch):
    class Gone:
        def transaction(self):
            raise Unavailable("store-unavailable", "gone")

    limiter = Limiter(Gone())
    with pytest.raises(Unavailable):
        limiter.take("key:1", POLICY, now=now)
    for _ in range(50):
        assert limiter.take_reading("key:1", POLICY, int(now.timestamp())).allowed
    limiter.close()


def test_pseudonyms_are_keyed_daily_and_by_household(now):
    import ipaddress

    today = now.date()

    def name(text, key=b"s", day=today):
        return pseudonym(key, ipaddress.ip_address(text), purpose="report", day=day)

    assert name("2001:db8:1:1::1") == name("2001:db8:1:1:ffff::9")
    assert name("2001:db8:1:1::1") != name("2001:db8:1:2::1")
    assert name("203.0.113.1") != name("203.0.113.2")
    assert name("203.0.113.1") != name("203.0.113.1", day=today + timedelta(days=1))
    assert name("203.0.113.1") != name("203.0.113.1", key=b"t")
    assert "203" not in name("203.0.113.1").replace(name("203.0.113.1").partition(":")[2], "")
    assert len(name("203.0.113.1")) <= 64


def test_an_answer_is_recalled_for_a_day(database, now):
    macs = rules.body_macs(("present", "before"), "sightings", b"body")
    call = Call(client_id=1, route="sightings", key="k", macs=macs)
    with database.transaction() as session:
        assert recall(session, call, now=now) is None
        remember(session, call, Answer(200, "{}"), now=now)
    with database.transaction() as session:
        assert recall(session, call, now=now + timedelta(hours=23)) == Answer(200, "{}")
        assert recall(session, call, now=now + timedelta(hours=25)) is None
        rotated = rules.body_macs(("newer", "present"), "sightings", b"body")
        again = Call(client_id=1, route="sightings", key="k", macs=rotated)
        assert recall(session, again, now=now) == Answer(200, "{}")
        other = rules.body_macs(("present",), "sightings", b"other")
        with pytest.raises(Invalid):
            recall(session, Call(client_id=1, route="sightings", key="k", macs=other), now=now)


def test_what_has_served_its_time_is_forgotten(database, now):
    call = Call(client_id=1, route="r", key="k", macs=["m"])
    limiter = Limiter(database)
    limiter.take("key:1", POLICY, now=now)
    with database.transaction() as session:
        remember(session, call, Answer(200, "{}"), now=now)
    with database.transaction() as session:
        assert forget_old(session, now=now + timedelta(hours=1)) == 0
        assert forget_old(session, now=now + timedelta(hours=25)) == 2
        assert session.scalar(sa.select(sa.func.count()).select_from(Allowance)) == 0
